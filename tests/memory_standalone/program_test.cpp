// `intarsia memory` as users run it: exit codes, JSON, files, the map.
#include "tests/memory_standalone/support.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

using namespace intarsia;
using namespace intarsia::tests;
using nlohmann::json;

namespace {

constexpr const char* toml = "[memory]\nstandard = \"HBM3\"\n[traffic]\npattern = \"random\"\nwrite_percent = 33\n"
                             "requests = 3000\nwarmup_requests = 300\n";

std::set<std::string> keys(const json& object) {
    std::set<std::string> names;
    for (const auto& [key, value] : object.items()) {
        names.insert(key);
    }
    return names;
}

} // namespace

TEST_CASE("the JSON has the contract's keys, and its figures agree with each other") {
    const Scratch scratch;
    const std::string file = scratch.write("m.toml", toml);
    const Finished run = run_program("memory " + file + " --json -");
    REQUIRE(run.exit_code == 0);
    CHECK(run.err.empty());
    const json result = json::parse(run.out);
    CHECK(keys(result) == std::set<std::string>{"bandwidth_bytes_per_s", "fraction_of_peak", "read_latency_ns",
                                                "row_hit_rate", "acts_per_column_command", "commands", "bus_time",
                                                "energy_pj_per_bit", "simulated_cycles", "requests"});
    const json& latency = result["read_latency_ns"];
    CHECK(keys(latency) == std::set<std::string>{"mean", "min", "p50", "p99", "max"});
    CHECK(latency["min"] <= latency["p50"]);
    CHECK(latency["p50"] <= latency["p99"]);
    CHECK(latency["p99"] <= latency["max"]);
    double sum = 0;
    for (const auto& [cause, share] : result["bus_time"].items()) {
        sum += share.get<double>();
    }
    CHECK(std::abs(sum - 1) < 1e-9);
    CHECK(result["requests"] == 3000);
    // 32 bytes an access, CK of 1.6 GHz, 51.2 GB/s.
    const double seconds = result["simulated_cycles"].get<double>() / 1.6e9;
    CHECK(result["bandwidth_bytes_per_s"].get<double>() == Approx(3000 * 32 / seconds).epsilon(1e-3));
    CHECK(result["fraction_of_peak"].get<double>() ==
          Approx(result["bandwidth_bytes_per_s"].get<double>() / 51.2e9).epsilon(1e-9));
    const json& commands = result["commands"];
    CHECK(commands["ACT"].get<double>() / (commands["RD"].get<double>() + commands["WR"].get<double>()) ==
          Approx(result["acts_per_column_command"].get<double>()));
}

TEST_CASE("equal inputs give equal bytes; host figures only on demand") {
    const Scratch scratch;
    const std::string file = scratch.write("m.toml", toml);
    REQUIRE(run_program("memory " + file + " --json " + scratch.path("a.json") + " --commands " + scratch.path("a.csv"))
                .exit_code == 0);
    REQUIRE(run_program("memory " + file + " --json " + scratch.path("b.json") + " --commands " + scratch.path("b.csv"))
                .exit_code == 0);
    CHECK(scratch.read("a.json") == scratch.read("b.json"));
    CHECK(scratch.read("a.csv") == scratch.read("b.csv"));
    const Finished host = run_program("memory " + file + " --host --json -");
    const json figures = json::parse(host.out)["host"];
    CHECK(figures["wall_s"].get<double>() > 0);
    CHECK(figures["peak_rss_bytes"].get<double>() > 0);
}

TEST_CASE("commands go round through the program: legal is 0, illegal 1, unreadable 2") {
    const Scratch scratch;
    const std::string file = scratch.write("m.toml", toml);
    REQUIRE(run_program("memory " + file + " --check-timing --commands " + scratch.path("c.csv")).exit_code == 0);
    const std::string check = "memory " + file + " --check-commands ";
    const Finished legal = run_program(check + scratch.path("c.csv"));
    CHECK(legal.exit_code == 0);
    CHECK_THAT(legal.out, Catch::Contains("no violation"));

    std::string text = scratch.read("c.csv");
    text.insert(text.rfind('\n', text.size() - 2) + 1, "0,0,0,0,0,0,0,0,ACT\n");
    const Finished illegal = run_program(check + scratch.write("bad.csv", text));
    CHECK(illegal.exit_code == 1);
    CHECK_THAT(illegal.out, Catch::Contains("bad.csv:") && Catch::Contains("1 violation"));

    const Finished unreadable = run_program(check + scratch.path("none.csv"));
    CHECK(unreadable.exit_code == 2);
    CHECK_THAT(unreadable.err, Catch::Contains("none.csv: error: cannot be read"));
}

TEST_CASE("wrong input is refused with exit code 2, its place and what to do") {
    const Scratch scratch;
    const std::string file = scratch.write("m.toml", toml);
    const auto refused = [](const std::string& arguments, const std::string& message) {
        const Finished run = run_program("memory " + arguments);
        CHECK(run.exit_code == 2);
        CHECK_THAT(run.err, Catch::Contains(message));
        CHECK(run.out.empty());
    };
    refused("", "no memory is given");
    refused(scratch.path("none.toml"), "none.toml");
    refused(file + " --set traffic.pattern=spiral", "'spiral'");
    refused(file + " --set traffic.patern=random", "did you mean 'pattern'?");
    refused(file + " --set memory.timing_set=HBM9", "HBM9");
    refused(file + " --set memory.channels=2 --set 'memory.interleave=\"48 B\"'", "interleave");
    refused(scratch.write("bad.toml", "[memory]\nread_queue = 0\n"), "bad.toml:2");
    refused(scratch.write("torn.toml", "[memory\n"), "torn.toml:1");
    refused(file + " --json " + file + "/x.json", "--json");
    refused(file + " --commands " + file + "/x.csv", "--commands");
    refused(file + " --trace " + scratch.write("t", "LD 0\nLD q\n"), "t:2:1: error");
    refused(file + " --check-commands x.csv --json -", "does not go with --check-commands");
    refused(file + " --nonsense", "--nonsense");
}

TEST_CASE("traces run through the program, and addresses beyond the memory warn") {
    const Scratch scratch;
    const std::string file = scratch.write("m.toml", toml);
    const std::string trace = scratch.write("t.csv", "0,R,0\n4,W,64\n9,R,0xffffffffff\n");
    const Finished run = run_program("memory " + file + " --trace " + trace + " --json -");
    CHECK(run.exit_code == 0);
    CHECK(json::parse(run.out)["requests"] == 3);
    CHECK_THAT(run.err, Catch::Contains("warning: 1 of 3 addresses"));
}

TEST_CASE("map tells where an address goes and how a stride spreads") {
    const Scratch scratch;
    const std::string file = scratch.write("m.toml", toml);
    // pc, then bank group: byte 96 is burst 3, bits 1 1 of pseudo-channel and bank group.
    const Finished address = run_program("memory map " + file + " 100");
    CHECK(address.exit_code == 0);
    CHECK(address.out == "address         0x64\nburst           3\nbyte in burst   4\nchannel         0\n"
                         "pc              1\nsid             0\nbankgroup       1\nbank            0\n"
                         "row             0\ncolumn          0\n");
    const Finished stride = run_program("memory map " + file + " --stride 64");
    CHECK(stride.exit_code == 0);
    CHECK_THAT(stride.out,
               Catch::Contains("pseudo-channels      1 of 2") && Catch::Contains("banks                1 of 64"));
    const Finished unit = run_program("memory map " + file + " --stride 1 --set memory.channels=4");
    CHECK_THAT(unit.out,
               Catch::Contains("channels             4 of 4") && Catch::Contains("banks              256 of 256"));

    CHECK(run_program("memory map " + file).exit_code == 2);
    CHECK(run_program("memory map " + file + " 0 --stride 1").exit_code == 2);
    CHECK(run_program("memory map " + file + " zero").exit_code == 2);
    CHECK(run_program("memory map " + file + " --stride 0").exit_code == 2);
    const Finished beyond = run_program("memory map " + file + " 0xfffffffffffffff");
    CHECK(beyond.exit_code == 2);
    CHECK_THAT(beyond.err, Catch::Contains("the largest address is 0x3fffffff"));
}

TEST_CASE("docs/memory_parameters.md is what `intarsia memory --parameters` prints") {
    std::ostringstream page;
    page << std::ifstream(INTARSIA_SOURCE_DIR "/docs/memory_parameters.md").rdbuf();
    // Regenerate: build/intarsia memory --parameters > docs/memory_parameters.md
    CHECK(page.str() == memory::memory_parameters_markdown());
}

TEST_CASE("the sample memories run") {
    for (const char* sample : {"memory_hbm2", "memory_hbm3"}) {
        const Finished run = run_program("memory " INTARSIA_SOURCE_DIR "/examples/" + std::string(sample) +
                                         ".toml --set traffic.requests=2000 --set traffic.warmup_requests=200");
        CHECK(run.exit_code == 0);
        CHECK_THAT(run.out, Catch::Contains("What binds"));
    }
}
