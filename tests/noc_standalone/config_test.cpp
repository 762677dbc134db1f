#include "noc/standalone/load_setup.hpp"
#include "tests/noc_standalone/scratch.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::noc::standalone;

namespace {

NetworkSetup load(const std::string& toml, bool with_traffic = true) {
    const tests::Scratch scratch;
    return load_network(scratch.write("net.toml", toml), {}, with_traffic).setup;
}

std::string faults(const std::string& toml, bool with_traffic = true) {
    const tests::Scratch scratch;
    const std::string file = scratch.write("net.toml", toml);
    try {
        (void)load_network(file, {}, with_traffic);
    } catch (const InputError& error) {
        std::string all = error.what();
        for (std::size_t at = all.find(file); at != std::string::npos; at = all.find(file)) {
            all.replace(at, file.size(), "net.toml");
        }
        return all;
    }
    return "";
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

const std::string mesh4 = "[noc]\ntopology = \"mesh\"\ndims = [4, 4]\n";

} // namespace

TEST_CASE("Traffic is read with its short and long forms") {
    const TrafficConfig one = load(mesh4 + "[traffic]\nload = 0.25\npacket_flits = 8\n").traffic;
    CHECK(one.load.values == std::vector<double>{0.25});
    CHECK(one.packet_flits.mean() == 8);
    const TrafficConfig many = load(mesh4 + "[traffic]\nload = [0.1, 0.2]\npattern = \"hotspot\"\nnodes = [0, 15]\n"
                                            "share = 0.5\npacket_flits = [{ flits = 1, share = 3 }, { flits = 5, share "
                                            "= 1 }]\n")
                                   .traffic;
    CHECK(many.load.values.size() == 2);
    CHECK(many.packet_flits.mean() == 2);
    CHECK(many.nodes == std::vector<std::uint32_t>{0, 15});
}

TEST_CASE("All faults of traffic are told at once, with their places") {
    const std::string text = faults(mesh4 + "[traffic]\npattern = \"hotspot\"\nnodes = [3, 16, 3]\nload = [0.1, 0]\n"
                                            "injection = \"bursty\"\nburst_load = 0.05\n");
    INFO(text);
    CHECK(has(text, "net.toml:6:13: error: there is no node 16; the last one is 15"));
    CHECK(has(text, "net.toml:6:17: error: node 3 is named twice"));
    CHECK(has(text, "net.toml:7:9: error: 'load' = 0.1 is more than a burst carries"));
    CHECK(has(text, "net.toml:7:14: error: 'load' = 0 creates no packets"));
}

TEST_CASE("Values of the wrong kind are refused with what would be right") {
    CHECK(has(faults(mesh4 + "[traffic]\nlod = 1\n"), "did you mean 'load'?"));
    CHECK(has(faults(mesh4 + "[traffic]\nload = 1.5\n"), "out of range"));
    CHECK(has(faults(mesh4 + "[traffic]\npattern = \"tornedo\"\n"), "did you mean 'tornado'?"));
    CHECK(has(faults(mesh4 + "[traffic]\npacket_flits = 0\n"), "too small"));
    CHECK(has(faults(mesh4 + "[traffic]\npacket_flits = []\n"), "has 0 elements"));
    CHECK(has(faults(mesh4 + "[traffic]\npacket_flits = [4]\n"), "must be a table"));
    CHECK(has(faults(mesh4 + "[traffic]\npacket_flits = [{ flits = 4 }]\n"), "has no 'share'"));
    CHECK(has(faults(mesh4 + "[traffic]\npacket_flits = [{ flits = 4, share = 0 }]\n"), "sum to 0"));
    CHECK(has(faults(mesh4 + "[traffic]\nload = []\n"), "has 0 elements"));
    CHECK(has(faults(mesh4 + "[traffic]\nnodes = [1]\n"), "no meaning for pattern 'uniform'"));
    CHECK(has(faults("[noc]\ntopology = \"mesh\"\ndims = [4, 2]\n[traffic]\npattern = \"transpose\"\n"), "4 x 2"));
    CHECK(
        has(faults("[noc]\ntopology = \"mesh\"\ndims = [3, 3]\n[traffic]\npattern = \"bitrev\"\n"), "no power of two"));
    CHECK(has(faults("[noc]\ntopology = \"mesh\"\ndims = [1, 1]\n[traffic]\ninclude_self = false\n"),
              "nobody else to send to"));
}

TEST_CASE("With packets of a file, the traffic's pattern need not suit") {
    const std::string toml = "[noc]\ntopology = \"mesh\"\ndims = [4, 2]\n[traffic]\npattern = \"transpose\"\n";
    CHECK(load(toml, false).grid.nodes == 8);
}

TEST_CASE("Nodes of grids have their coordinates, others lie in a line") {
    CHECK(load("[noc]\ntopology = \"torus\"\ndims = [4, 2, 3]\n").grid.extents == std::vector<std::uint32_t>{4, 2, 3});
    CHECK(load("[noc]\ntopology = \"cmesh\"\ndims = [4, 4]\nconcentration = 4\n").grid.extents ==
          std::vector<std::uint32_t>{8, 8});
    CHECK(load("[noc]\ntopology = \"crossbar\"\ndims = [6]\n").grid.extents == std::vector<std::uint32_t>{6});
    CHECK(load("[noc]\ntopology = \"mesh\"\ndims = [4, 4]\nconcentration = 2\n").grid.extents ==
          std::vector<std::uint32_t>{32});
}

TEST_CASE("Networks that can deadlock are refused with the cycle") {
    const std::string torus = faults("[noc]\ntopology = \"torus\"\ndims = [4, 4]\ndateline = false\n");
    INFO(torus);
    CHECK(has(torus, "net.toml:"));
    CHECK(has(torus, "->"));
    const std::string shared = faults(mesh4 + "[traffic]\nrequest_reply = true\n");
    INFO(shared);
    CHECK(has(shared, "class"));
    CHECK(faults(mesh4 + "message_classes = 2\n[traffic]\nrequest_reply = true\n").empty());
}

TEST_CASE("effective.toml loads to itself") {
    const tests::Scratch scratch;
    const std::string file =
        scratch.write("net.toml", mesh4 + "[traffic]\nload = [0.5, 0.25]\npacket_flits = [{ flits = "
                                          "1, share = 0.5 }, { flits = 3, share = 1 }]\n");
    const std::string first = load_network(file, {"traffic.seed=7"}, true).effective_toml;
    const std::string again = load_network(scratch.write("again.toml", first), {}, true).effective_toml;
    const auto values = [](const std::string& toml) {
        std::string kept;
        for (std::size_t at = 0; at < toml.size();) {
            const std::size_t end = std::min(toml.find('\n', at), toml.size());
            const std::string line = toml.substr(at, end - at);
            kept += line.substr(0, line.rfind(" # ")) + "\n";
            at = end + 1;
        }
        return kept;
    };
    CHECK(values(first) == values(again));
    CHECK(has(first, "seed = 7"));
    CHECK(has(first, "load = [0.5, 0.25]"));
}

TEST_CASE("docs/noc_parameters.md is the generated reference") {
    CHECK(tests::Scratch::read_file(INTARSIA_SOURCE_DIR "/docs/noc_parameters.md") == noc_parameters_markdown());
}
