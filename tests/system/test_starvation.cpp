// Workloads that wait for what never comes, and networks that count as stuck: exit codes 3 and 4, and what is said.
#include "program_runs.hpp"
#include "small_systems.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::tests;
using Catch::Contains;
using workloads::Collective;

namespace {

ProgramRun run_on(const std::string& toml, const WorkloadBuilder& work, const std::string& options = "") {
    const RunFiles files(toml, work.build());
    ProgramRun run = files.run("out", options);
    CHECK(files.read("out/summary.json").empty());
    CHECK_THAT(run.err, !Contains("bug of intarsia"));
    return run;
}

} // namespace

TEST_CASE("A receive without its send starves, and says who waits for whom", "[starvation]") {
    WorkloadBuilder work(2);
    work.load(0, 4096);
    work.receive(0, 1, 1000, 5);
    work.load(1, 4096);
    const ProgramRun run = run_on(two_dies, work);
    CHECK(run.exit_code == 3);
    CHECK_THAT(run.err, Contains("error: the workload starves") && Contains("rank 0: node 1") &&
                            Contains("from rank 1, tag 5") && Contains("waits for data"));
    CHECK_THAT(run.err, !Contains("rank 1: "));
}

TEST_CASE("A send without its receive starves", "[starvation]") {
    WorkloadBuilder work(2);
    work.send(0, 1, 1000, 5);
    work.receive(1, 0, 1000, 6);
    const ProgramRun run = run_on(two_dies, work);
    CHECK(run.exit_code == 3);
    CHECK_THAT(run.err, Contains("rank 0: node 0") && Contains("to rank 1, tag 5") && Contains("take its data"));
    CHECK_THAT(run.err, Contains("rank 1: node 0") && Contains("from rank 0, tag 6"));
}

TEST_CASE("A collective that one rank never reaches starves the others", "[starvation]") {
    WorkloadBuilder work(2);
    const std::uint32_t load = work.load(0, 4096);
    work.collective(0, Collective::all_reduce, 4096, {load});
    work.load(1, 4096);
    const ProgramRun run = run_on(two_dies, work);
    CHECK(run.exit_code == 3);
    CHECK_THAT(run.err, Contains("rank 0: node 1") && Contains("ALL_REDUCE, number 0 of group 0"));
}

TEST_CASE("Ranks that wait for each other's order starve", "[starvation]") {
    // Rank 0 receives before it sends, and so does rank 1.
    WorkloadBuilder work(2);
    work.send(0, 1, 1000, 0, {work.receive(0, 1, 1000)});
    work.send(1, 0, 1000, 0, {work.receive(1, 0, 1000)});
    const ProgramRun run = run_on(two_dies, work);
    CHECK(run.exit_code == 3);
    CHECK_THAT(run.err, Contains("rank 0: node 0") && Contains("rank 1: node 0"));
}

TEST_CASE("Collectives of one group in another order end in a message, not in a hang", "[starvation]") {
    // The n-th collective of a group meets the n-th: rank 1 takes the first step of the all-reduce for its broadcast
    // and goes on, rank 0 waits for the answer.
    WorkloadBuilder work(2);
    work.collective(0, Collective::broadcast, 40'000, {work.collective(0, Collective::all_reduce, 4'000)});
    work.collective(1, Collective::all_reduce, 4'000, {work.collective(1, Collective::broadcast, 40'000)});
    const ProgramRun run = run_on(two_dies, work);
    CHECK(run.exit_code == 3);
    CHECK_THAT(run.err, Contains("rank 0: node 0") && Contains("ALL_REDUCE, number 0 of group 0"));
    CHECK_THAT(run.err, Contains("rank 1: node 1") && Contains("ALL_REDUCE, number 1 of group 0"));
}

TEST_CASE("Where time passes on the host first, a starving rank is still found", "[starvation]") {
    WorkloadBuilder work(2);
    work.receive(0, 1, 1000);
    work.host(1, 3000);
    const ProgramRun run = run_on(two_dies, work);
    CHECK(run.exit_code == 3);
    CHECK_THAT(run.err, Contains("rank 0: node 0"));
}

TEST_CASE("A network without movement for longer than the watchdog counts as stuck", "[starvation]") {
    // Nothing is wrong with this package: a flit is on the wire for 50 us, and the watchdog was set to 2.
    WorkloadBuilder work(1);
    work.load(0, 512);
    const ProgramRun run =
        run_on(memory_across, work, "--set d2d.d2d.flight_time='\"50 us\"' --set simulation.watchdog='\"2 us\"'");
    CHECK(run.exit_code == 4);
    CHECK_THAT(run.err, Contains("error: the network is stuck") && Contains("none has moved for 2000 ns") &&
                            Contains("[simulation] watchdog"));
}

TEST_CASE("A slow link does not trip a watchdog that leaves it its time", "[starvation]") {
    WorkloadBuilder work(1);
    work.load(0, 512);
    const SystemRun run(memory_across, work.build(),
                        {"d2d.d2d.flight_time=\"50 us\"", "simulation.watchdog=\"60 us\""});
    CHECK(run.seconds() > 100e-6);
}

TEST_CASE("Long computation does not trip the watchdog", "[starvation]") {
    WorkloadBuilder work(1);
    work.load(0, 512, {work.host(0, 500, {work.replay(0, 500)})});
    const SystemRun run(one_core, work.build(), {"simulation.watchdog=\"1 us\""});
    CHECK(run.seconds() > 1e-3);
}
