// Collectives, sends and receives of every kind and shape, between dies that are alike and dies that are not.
#include "program_runs.hpp"
#include "small_systems.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::tests;
using workloads::Collective;

namespace {

std::string text_of(const SystemRun& run) {
    std::string text;
    for (std::size_t die = 0; die < run.report.chiplets.size(); ++die) {
        text += stall_text(run, die) + "\n";
    }
    return text;
}

models::MessageCounters message_counters(const SystemRun& run, std::size_t die) {
    models::MessageCounters sum;
    const models::ComputeChipletCore& core = run.package->compute(die).core();
    for (std::size_t i = 0; i < core.core_count(); ++i) {
        const models::MessageCounters& counters = core.message_counters(i);
        sum.bytes_sent += counters.bytes_sent;
        sum.bytes_received += counters.bytes_received;
        sum.bytes_reduced += counters.bytes_reduced;
        sum.size_mismatches += counters.size_mismatches;
    }
    return sum;
}

// Dies with grids, clocks and landing buffers of their own, in a row.
std::string unlike_dies(std::uint32_t count) {
    std::string toml = "name = \"unlike\"\n[core]\nlaunch_overhead_cycles = 1\n[hbm]\nchannels = 2\n";
    for (std::uint32_t die = 0; die < count; ++die) {
        toml += fmt::format("[[die]]\nname = \"die{0}\"\nposition = [\"{1} mm\", \"0 mm\"]\n"
                            "[die.network]\ncolumns = {2}\nrows = {3}\nclock = \"{4} MHz\"\n"
                            "[die.core]\ncolumns = {2}\nrows = {3}\nclock = \"{5} MHz\"\nlanding_buffer = \"{6} KiB\"\n"
                            "[[stack]]\nname = \"hbm{0}\"\ndie = \"die{0}\"\nrouters = [[0, 0]]\n",
                            die, 27 * die, 1 + die % 3, 1 + die % 2, 1900 + 37 * die, 1500 + 101 * die, 16U << die);
        if (die > 0) {
            toml += fmt::format("[[d2d]]\nname = \"link{0}\"\nfrom_die = \"die{1}\"\nfrom_router = [0, 0]\n"
                                "to_die = \"die{0}\"\nto_router = [0, 0]\n",
                                die, die - 1);
        }
    }
    return toml;
}

} // namespace

TEST_CASE("Every kind of collective ends on every number of ranks, whatever its size", "[messages]") {
    const auto ranks = GENERATE(2U, 3U, 4U);
    WorkloadBuilder work(ranks);
    std::vector<std::vector<std::uint32_t>> last(ranks);
    for (const std::uint64_t bytes : {1ULL, 7ULL, 513ULL, 10'007ULL, 70'000ULL}) {
        for (std::size_t kind = 0; kind < workloads::collective_count; ++kind) {
            for (std::uint32_t rank = 0; rank < ranks; ++rank) {
                last[rank] = {work.collective(rank, static_cast<Collective>(kind), bytes, last[rank])};
            }
        }
    }
    const RunFiles files(unlike_dies(ranks), work.build());
    const ProgramRun run = files.run("out");
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    for (const auto& chiplet : files.summary("out")["chiplets"]) {
        CHECK(chiplet["nodes"] == 50);
    }
}

TEST_CASE("Eight ranks do several collectives at once, in groups along both axes of the grid", "[messages]") {
    WorkloadBuilder work(8);
    struct InGroup {
        std::uint32_t rank;
        std::uint32_t node;
        std::uint32_t group;
    };
    std::vector<InGroup> in_group;
    for (const Collective kind : {Collective::all_reduce, Collective::all_to_all, Collective::all_gather}) {
        for (std::uint32_t rank = 0; rank < 8; ++rank) {
            in_group.push_back({rank, work.collective(rank, kind, 20'000), 1 + rank / 4});
            in_group.push_back({rank, work.collective(rank, kind, 30'000), 11 + rank % 4});
            work.collective(rank, kind, 10'000);
        }
    }
    workloads::Workload workload = work.build();
    for (std::uint32_t rank = 0; rank < 8; ++rank) {
        workload.groups[1 + rank / 4].push_back(rank);
        workload.groups[11 + rank % 4].push_back(rank);
    }
    for (const InGroup& node : in_group) {
        workload.ranks[node.rank].nodes[node.node].group = node.group;
    }
    const RunFiles files(std::string("base = \"eight_die_grid\"\n"), workload);
    const ProgramRun run = files.run("out");
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    for (const auto& chiplet : files.summary("out")["chiplets"]) {
        CHECK(chiplet["nodes"] == 9);
    }
}

TEST_CASE("Each rank of an all-reduce sends and receives 2 (N - 1) / N of the buffer and reduces half of that",
          "[messages]") {
    WorkloadBuilder work(2);
    work.collective(0, Collective::all_reduce, 100'000);
    work.collective(1, Collective::all_reduce, 100'000);
    const SystemRun run(two_dies, work.build());
    for (std::size_t die = 0; die < 2; ++die) {
        const models::MessageCounters counters = message_counters(run, die);
        CHECK(counters.bytes_sent == 100'000);
        CHECK(counters.bytes_received == 100'000);
        CHECK(counters.bytes_reduced == 50'000);
        CHECK(counters.size_mismatches == 0);
    }
}

TEST_CASE("A receive that expects less than is sent takes all of it", "[messages]") {
    WorkloadBuilder work(2);
    work.send(0, 1, 1'000'000);
    work.receive(1, 0, 1'000);
    const SystemRun run(two_dies, work.build());
    INFO(text_of(run));
    CHECK(message_counters(run, 1).bytes_received == 1'000'000);
    CHECK(message_counters(run, 1).size_mismatches == 1);
}

TEST_CASE("A receive that expects more than is sent ends with the sender's last piece", "[messages]") {
    WorkloadBuilder work(2);
    work.send(0, 1, 1'000);
    work.receive(1, 0, 1'000'000);
    const SystemRun run(two_dies, work.build());
    INFO(text_of(run));
    CHECK(message_counters(run, 1).bytes_received == 1'000);
    CHECK(message_counters(run, 1).size_mismatches == 1);
}

TEST_CASE("A reduction whose peers disagree about the size ends all the same", "[messages]") {
    // The receiver has asked its memory for operands of pieces that never come.
    WorkloadBuilder work(2);
    work.collective(0, Collective::reduce, 200'000);
    work.collective(1, Collective::reduce, 1'000);
    const SystemRun run(two_dies, work.build());
    CHECK(message_counters(run, 0).bytes_received == 1'000);
    CHECK(message_counters(run, 0).size_mismatches == 1);
}

TEST_CASE("A message of no bytes is sent", "[messages]") {
    WorkloadBuilder work(2);
    work.load(0, 512, {work.receive(0, 1, 0)});
    work.send(1, 0, 0, 0, {work.replay(1, 5)});
    const SystemRun run(two_dies, work.build());
    CHECK(run.seconds() > 5e-6);
    CHECK(run.cycles(0, metrics::Leaf::collective_peer) > 9000);
}

TEST_CASE("Receives posted in another order than their sends do not block each other", "[messages]") {
    // More receives wait than a core has landing slots; the last of them is the first that is sent.
    constexpr std::uint32_t count = 20;
    WorkloadBuilder work(2);
    std::vector<std::uint32_t> last;
    for (std::uint32_t i = 0; i < count; ++i) {
        work.receive(0, 1, 50'000, i);
        last = {work.send(1, 0, 50'000, count - 1 - i, last)};
    }
    const SystemRun run(two_dies, work.build());
    CHECK(message_counters(run, 0).bytes_received == 50'000ULL * count);
}

TEST_CASE("Messages of one source, destination and tag arrive in the order in which they were sent", "[messages]") {
    WorkloadBuilder work(2);
    const std::uint32_t first = work.send(0, 1, 1'000, 7);
    work.send(0, 1, 30'000, 7, {first});
    const std::uint32_t receive = work.receive(1, 0, 1'000, 7);
    work.receive(1, 0, 30'000, 7, {receive});
    const SystemRun run(two_dies, work.build());
    CHECK(message_counters(run, 1).size_mismatches == 0);
}

TEST_CASE("Ranks whose graphs differ match the collectives of a group by their order in the file", "[messages]") {
    // On rank 0 the first collective waits for a host node and the second for nothing; on rank 1 it is the other way.
    WorkloadBuilder work(2);
    work.collective(0, Collective::all_gather, 4'000, {work.host(0, 1)});
    work.collective(0, Collective::all_reduce, 60'000);
    const std::uint32_t host = work.host(1, 1);
    work.collective(1, Collective::all_gather, 4'000);
    work.collective(1, Collective::all_reduce, 60'000, {host});
    const SystemRun run(two_dies, work.build());
    CHECK(message_counters(run, 0).size_mismatches == 0);
    CHECK(message_counters(run, 0).bytes_received == 4'000 + 60'000);
}
