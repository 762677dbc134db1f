#include "config/system_schema.hpp"
#include "tests/config/system_text.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <random>

using namespace intarsia;
using namespace intarsia::config;
using intarsia::tests::two_dies;

namespace {

/// The text without the origins, which change when it is read again.
std::string values_of(const std::string& toml) {
    std::string text;
    for (std::size_t start = 0; start < toml.size();) {
        const std::size_t end = toml.find('\n', start);
        const std::string line = toml.substr(start, end - start);
        text += line.substr(0, line.find(" # ")) + "\n";
        start = end + 1;
    }
    return text;
}

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

} // namespace

TEST_CASE("Every value in effective.toml names its origin") {
    const tests::ScratchFolder folder;
    const std::string top = folder.write("top.toml", "base = \"dual_die_cowos\"\n[core]\nsram = \"8 MiB\"\n");
    const std::string text = load_system(top, {"die.die1.core.clock=1.5 GHz"}).effective_toml;
    CHECK(has_line(text, "sram = \"8 MiB\" # " + top + ":3"));
    CHECK(has_line(text, "clock = \"1.5 GHz\" # --set die.die1.core.clock"));
    CHECK(has_line(text, "stream_read_fraction = 0.6666666666666666 # default"));
    CHECK(text.find("array_rows = 128 # preset dual_die_cowos:") != std::string::npos);
    CHECK(has_line(text, "dies = [\"die0\", \"die1\"] # default"));
}

TEST_CASE("effective.toml reads back to the same system") {
    for (const std::string& preset : preset_names()) {
        const LoadedSystem first = load_system(preset);
        const LoadedSystem again = parse_system(first.effective_toml, "effective.toml");
        INFO(preset);
        CHECK(values_of(again.effective_toml) == values_of(first.effective_toml));
        CHECK(again.config.links.size() == first.config.links.size());
        CHECK(again.config.dies.back().position.x == first.config.dies.back().position.x);
    }
}

TEST_CASE("Random systems survive effective.toml") {
    std::mt19937_64 random(42);
    for (int i = 0; i < 200; ++i) {
        const auto pick = [&](std::uint64_t least, std::uint64_t most) {
            return least + random() % (most - least + 1);
        };
        const std::uint64_t hertz = pick(1'000'000, 20'000'000'000);
        const std::uint64_t mesh = pick(2, 6);
        const double fraction = static_cast<double>(random() % 1'000'001) / 1e6;
        const std::uint64_t latency = random() % 1'000'000;
        const LoadedSystem first = parse_system(
            two_dies(), "random.toml",
            {fmt::format("network.clock={} Hz", hertz), fmt::format("network.columns={}", mesh),
             fmt::format("network.rows={}", mesh), fmt::format("core.stream_read_fraction={:.6f}", fraction),
             fmt::format("d2d.ab.tx_latency={} ps", latency), fmt::format("d2d.ab.links={}", pick(1, mesh)),
             fmt::format("die.a.core.sram={} B", pick(1U << 20U, 1U << 30U)),
             fmt::format("hbm.timing={{ nRCDRD = {}, data_rate_Gbps = {:.3f} }}", pick(1, 99), fraction + 1),
             fmt::format("simulation.seed={}", random() >> 1U)});
        const LoadedSystem again = parse_system(first.effective_toml, "effective.toml");
        REQUIRE(values_of(again.effective_toml) == values_of(first.effective_toml));
        REQUIRE(again.config.dies[0].network.clock == Hertz(hertz));
        REQUIRE(again.config.dies[0].core.sram == first.config.dies[0].core.sram);
        REQUIRE(again.config.dies[1].core.stream_read_fraction == first.config.dies[1].core.stream_read_fraction);
        REQUIRE(again.config.links.front().tx_latency == Picoseconds(latency));
        REQUIRE(again.config.stacks[1].timing == first.config.stacks[1].timing);
        REQUIRE(again.config.simulation.seed == first.config.simulation.seed);
    }
}

TEST_CASE("Awkward text is written so that it reads back") {
    const std::string awkward = "quote \" backslash \\ tab \t line \n del \x7f umlaut \xc3\xa4 # no comment";
    const LoadedSystem first = parse_system("name = " + text_toml(awkward) + "\n" + two_dies(), "t.toml");
    CHECK(first.config.name == awkward);
    CHECK(parse_system(first.effective_toml, "effective.toml").config.name == awkward);
    const LoadedSystem odd_file = parse_system(two_dies(), "odd\nname\x01.toml");
    CHECK(parse_system(odd_file.effective_toml, "effective.toml").config.dies.size() == 2);
}
