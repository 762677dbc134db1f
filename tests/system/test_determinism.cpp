// The same input gives the same bytes, in whatever order modules that are due at one time run.
#include "program_runs.hpp"
#include "small_systems.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::tests;
using workloads::Collective;
using workloads::Unit;

namespace {

// Two dies with clocks that share no edge but the first, grids and channels of their own, and little buffering.
const std::string odd_clocks = R"(
name = "odd_clocks"
[core]
launch_overhead_cycles = 13
[[die]]
name = "die0"
[die.network]
columns = 3
rows = 2
clock = "1999 MHz"
vc_buffer_flits = 3
[die.core]
columns = 2
rows = 2
clock = "1801 MHz"
[[die]]
name = "die1"
position = ["27 mm", "0 mm"]
[die.network]
columns = 2
rows = 2
clock = "2003 MHz"
[die.core]
columns = 2
rows = 2
clock = "1403 MHz"
[[d2d]]
name = "d2d"
from_die = "die0"
from_router = [2, 1]
to_die = "die1"
to_router = [0, 0]
lanes = 16
receive_buffer_flits = 7
[[stack]]
name = "hbm0"
die = "die0"
channels = 4
routers = [[0, 0], [2, 0]]
[[stack]]
name = "hbm1"
die = "die1"
channels = 2
routers = [[1, 1]]
[placement]
home = "interleaved"
)";

// Something of everything, overlapping.
workloads::Workload mixed_work() {
    WorkloadBuilder work(2);
    for (std::uint32_t rank = 0; rank < 2; ++rank) {
        const std::uint32_t first = work.gemm(rank, 200, 150, 300);
        work.collective(rank, Collective::all_reduce, 50'000);
        work.collective(rank, Collective::all_to_all, 30'001, {first});
        work.load(rank, 20'000);
        work.store(rank, 20'000, {work.host(rank, 1)});
        work.stream(rank, 40'000, 20'000, 100'000, Unit::vector, {first});
        work.send(rank, 1 - rank, 25'000);
        work.receive(rank, 1 - rank, 25'000);
        work.collective(rank, Collective::barrier, 0);
    }
    return work.build();
}

} // namespace

TEST_CASE("The same run twice gives the same bytes", "[determinism]") {
    const RunFiles files(odd_clocks, mixed_work());
    const ProgramRun first = files.run("first", "--events packet");
    const ProgramRun second = files.run("second", "--events packet");
    INFO(first.err);
    REQUIRE(first.exit_code == 0);
    REQUIRE(second.exit_code == 0);
    for (const std::string name : {"summary.json", "run.sqlite", "effective.toml", "events.csv"}) {
        INFO(name);
        CHECK(files.read("first/" + name).size() > 100);
        CHECK(files.read("first/" + name) == files.read("second/" + name));
    }
}

TEST_CASE("A slice of the sample trace twice gives the same bytes", "[determinism]") {
    const ScratchDirectory scratch;
    const std::string sample = INTARSIA_SOURCE_DIR "/traces/gpt_layer_tp2/model.toml";
    const ProgramRun made = run_program(
        fmt::format("trace generate {} --set model.hidden=256 --set model.feed_forward=512 --set step.sequence=64 "
                    "--set model.heads=4 --out {}",
                    sample, scratch.path("trace")));
    INFO(made.err);
    REQUIRE(made.exit_code == 0);
    for (const std::string out : {"first", "second"}) {
        const ProgramRun run = run_program(fmt::format("run dual_die_cowos --trace {} --out {} --events node",
                                                       scratch.path("trace"), scratch.path(out)));
        INFO(run.err);
        REQUIRE(run.exit_code == 0);
    }
    for (const std::string name : {"summary.json", "run.sqlite", "effective.toml", "events.csv"}) {
        INFO(name);
        CHECK(scratch.read("first/" + name).size() > 100);
        CHECK(scratch.read("first/" + name) == scratch.read("second/" + name));
    }
}

TEST_CASE("The order of modules that are due at one time changes no byte of the results", "[determinism]") {
    const RunFiles files(odd_clocks, mixed_work());
    REQUIRE(files.run("plain", "--events command").exit_code == 0);
    for (const std::uint64_t seed : {1ULL, 2ULL, 12345ULL, 18446744073709551615ULL >> 1U}) {
        INFO("shuffle_seed " << seed);
        const std::string out = fmt::format("shuffled{}", seed);
        const ProgramRun run = files.run(out, fmt::format("--events command --set simulation.shuffle_seed={}", seed));
        INFO(run.err);
        REQUIRE(run.exit_code == 0);
        CHECK(files.read(out + "/summary.json") == files.read("plain/summary.json"));
    }
}

TEST_CASE("The order of modules changes nothing where all clocks are alike either", "[determinism]") {
    // Then every module is due at every edge, and the order matters most.
    const RunFiles files(odd_clocks, mixed_work());
    const std::string alike = "--set die.die0.core.clock='\"2 GHz\"' --set die.die1.core.clock='\"2 GHz\"' "
                              "--set die.die0.network.clock='\"2 GHz\"' --set die.die1.network.clock='\"2 GHz\"' "
                              "--set d2d.d2d.payload_efficiency=1 --set d2d.d2d.lanes=68 "
                              "--set d2d.d2d.transfer_rate='\"32 GT/s\"'";
    REQUIRE(files.run("plain", alike).exit_code == 0);
    for (const std::uint64_t seed : {1ULL, 2ULL, 3ULL}) {
        INFO("shuffle_seed " << seed);
        const std::string out = fmt::format("shuffled{}", seed);
        REQUIRE(files.run(out, alike + fmt::format(" --set simulation.shuffle_seed={}", seed)).exit_code == 0);
        CHECK(files.read(out + "/summary.json") == files.read("plain/summary.json"));
    }
}

TEST_CASE("The option --host changes the host part of the summary only", "[determinism]") {
    const RunFiles files(two_dies, mixed_work());
    REQUIRE(files.run("without").exit_code == 0);
    REQUIRE(files.run("with", "--host").exit_code == 0);
    nlohmann::json with = files.summary("with");
    const nlohmann::json without = files.summary("without");
    CHECK(without.count("host") == 0);
    REQUIRE(with.count("host") == 1);
    CHECK(with["host"]["wall_s"] > 0);
    with.erase("host");
    std::vector<std::string> of_host;
    for (const auto& [name, unit] : with["units"].items()) {
        if (name.starts_with("host.")) {
            of_host.push_back(name);
        }
    }
    for (const std::string& name : of_host) {
        with["units"].erase(name);
    }
    CHECK(with == without);
}

TEST_CASE("Watching the DRAM's commands changes no byte of the results", "[determinism]") {
    const RunFiles files(odd_clocks, mixed_work());
    REQUIRE(files.run("checked").exit_code == 0);
    REQUIRE(files.run("unchecked", "", false).exit_code == 0);
    CHECK(files.read("checked/summary.json") == files.read("unchecked/summary.json"));
}
