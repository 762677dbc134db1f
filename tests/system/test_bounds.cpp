// Whole systems in which one resource binds, against the bound of that resource.
#include "harness.hpp"

#include "memory/timing_set.hpp"
#include "models/d2d_link_core.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace intarsia;

namespace {

// Two dies of one core each; one stack of four channels on die 1, or one on each die.
std::string two_dies(bool both_stacks, const std::string& placement) {
    std::string toml = R"(
name = "bounds"
[network]
columns = 2
rows = 2
[core]
columns = 1
rows = 1
dma_window = 512
sram = "2 MiB"
[hbm]
channels = 4
[[die]]
name = "die0"
position = ["0 mm", "0 mm"]
[[die]]
name = "die1"
position = ["27 mm", "0 mm"]
[[d2d]]
name = "link"
from_die = "die0"
from_router = [1, 0]
to_die = "die1"
to_router = [0, 0]
[[stack]]
name = "hbm1"
die = "die1"
position = ["27 mm", "40 mm"]
routers = [[0, 0], [1, 0], [0, 1], [1, 1]]
)";
    if (both_stacks) {
        toml += R"(
[[stack]]
name = "hbm0"
die = "die0"
position = ["0 mm", "40 mm"]
routers = [[0, 0], [1, 0], [0, 1], [1, 1]]
)";
    }
    return toml + "[placement]\nhome = \"" + placement + "\"\n";
}

std::string one_die(std::uint32_t columns, std::uint32_t rows, std::uint32_t channels, const std::string& routers) {
    return fmt::format(R"(
name = "bounds"
[network]
columns = {0}
rows = {1}
[core]
columns = {0}
rows = {1}
[hbm]
channels = {2}
[[die]]
name = "die0"
position = ["0 mm", "0 mm"]
[[stack]]
name = "hbm"
die = "die0"
position = ["0 mm", "40 mm"]
routers = {3}
[ranks]
dies = ["die0"]
)",
                       columns, rows, channels, routers);
}

} // namespace

TEST_CASE("a streaming read reaches the sequential bound of its channels") {
    constexpr std::uint64_t bytes = 8ULL << 20U;
    tests::WorkloadBuilder builder(1);
    builder.load(0, bytes);
    const tests::SystemRun run(
        one_die(1, 1, 2, "[[0, 0]]"), builder.build(),
        {"core.dma_window=512", "hbm.controller.address_order=pc-bankgroup-bank-sid-column-row"});
    // All-bank refresh takes (nRTP + nRP + nRFC + nRCD) of every nREFI; every change of stack id, each 32 bursts, costs
    // one CK more (nCCD_R 3 against nCCD_S 2). With a queue of 64 the controller loses nothing else.
    const memory::TimingSet t = memory::timing_set("ramulator21_HBM3_6400Mbps_16Gb_8hi");
    const double refresh = 1.0 - static_cast<double>(t.nRTP + t.nRP + t.nRFC_ab + t.nRCDRD) / t.nREFI;
    const double bound = refresh * 32.0 / 33.0;
    CHECK(bound == Approx(0.8724).margin(0.0001));
    const double peak = 2 * 51.2e9;
    CHECK(static_cast<double>(bytes) / run.seconds() / peak == Approx(bound).epsilon(0.02));
}

TEST_CASE("a transfer that the die-to-die link binds takes the link's payload rate") {
    constexpr std::uint64_t bytes = 1ULL << 20U;
    tests::WorkloadBuilder builder(1);
    builder.load(0, bytes);
    // The only stack is on the other die; 16 lanes at 16 GT/s are far slower than it.
    const tests::SystemRun run(two_dies(false, "interleaved"), builder.build(),
                               {"d2d.link.lanes=16", "d2d.link.transfer_rate=16 GT/s", "ranks.dies=[\"die0\"]"});
    // 512 bytes of data and 8 of header are four flits of 136 bytes; the link carries 0.9375 of 32 GB/s in flits.
    const double flits = 30e9 / 136.0;
    const double rate = flits / 4.0 * 512.0;
    CHECK(static_cast<double>(bytes) / run.seconds() == Approx(rate).epsilon(0.02));
    const auto& links = run.report.links;
    const auto back =
        std::find_if(links.begin(), links.end(), [](const auto& l) { return l.name == "link die1->die0"; });
    REQUIRE(back != links.end());
    CHECK(back->utilisation > 0.98);
    CHECK(back->flits == bytes / 512 * 4);
}

TEST_CASE("a compute-bound GEMM takes its FLOPs over the peak") {
    tests::WorkloadBuilder builder(1);
    builder.gemm(0, 2048, 2048, 2048);
    const tests::SystemRun run(one_die(2, 2, 16, "[[0, 0], [1, 0], [0, 1], [1, 1]]"), builder.build(),
                               {"core.array_rows=32", "core.array_columns=32", "core.sram=4 MiB"});
    const double peak = 4 * 2.0 * 32 * 32 * 1.8e9;
    const double ideal = 2.0 * 2048 * 2048 * 2048 / peak;
    CHECK(run.seconds() >= ideal);
    CHECK(run.seconds() == Approx(ideal).epsilon(0.02));
    CHECK(run.largest_leaf(0) == "computing.matrix");
}

TEST_CASE("a ring all-reduce on two dies takes its closed form") {
    constexpr double bytes = 4 << 20;
    tests::WorkloadBuilder builder(2);
    builder.collective(0, workloads::Collective::all_reduce, 4 << 20);
    builder.collective(1, workloads::Collective::all_reduce, 4 << 20);
    const tests::SystemRun run(two_dies(true, "local"), builder.build(),
                               {"d2d.link.lanes=16", "d2d.link.transfer_rate=16 GT/s", "d2d.link.tx_buffer_flits=32"});
    // Two steps of half the data each way. In a step the link carries, each way, four flits a packet of 512 bytes and
    // one flit for the grant of every piece (a sixteenth of the landing buffer: 16 KiB).
    const double slot = 136.0 / 30e9;
    const double half = bytes / 2;
    const double transfer = (half / 512 * 4 + half / 16384) * slot;
    // Around it, unhidden: the first piece is read before it leaves, and the last one is, after it landed, reduced at
    // 512 FLOP a cycle in two-byte elements (the first step only) and stored. Reading and storing a piece of 16 KiB is
    // bound by its four channels at 204.8 GB/s, plus about 60 ns of latency each (network, controller and DRAM).
    const double piece = 16384 / 204.8e9 + 60e-9;
    const double reduce = 16384.0 / 2 / 512 / 1.8e9;
    const double crossing = 2.014e-9 + 20e-9; // the link, and the two networks that it joins
    const double launch = 500 / 1.8e9;
    const double closed_form = launch + 2 * (transfer + 2 * piece + crossing) + reduce;
    CHECK(run.seconds() == Approx(closed_form).epsilon(0.05));
    // Nothing beats the bound of the wire: 2 (N-1)/N of the data each way at the link's rate.
    CHECK(run.seconds() > 2.0 * half / 512 * 4 * slot);
}

TEST_CASE("too few credits of the link cost rate: the buffer over the round trip") {
    constexpr std::uint64_t bytes = 256ULL << 10U;
    constexpr double buffer = 8;
    tests::WorkloadBuilder builder(1);
    builder.load(0, bytes);
    const tests::SystemRun run(two_dies(false, "interleaved"), builder.build(),
                               {"d2d.link.receive_buffer_flits=8", "d2d.link.flight_time=50 ns", "network.reply_vcs=1",
                                "ranks.dies=[\"die0\"]"});
    // From the beginning of a flit's slot to the slot that may use its place again: the slot itself and the way there;
    // on average half a cycle to the receiver's edge and two of its synchroniser; the switch allocation (heads, a
    // quarter of the flits, one cycle later); the way of the credit, its half slot, synchroniser and latency.
    const double slot = 136.0 / 240e9;
    const double cycle = 0.5e-9;
    const double latency = 2e-9 + 50e-9;
    const double there = slot + latency + 2.5 * cycle + 0.25 * cycle;
    const double back = 2.5 * slot + latency + 0.5 * slot;
    const double rate = buffer / (there + back) / 4 * 512;
    CHECK(static_cast<double>(bytes) / run.seconds() == Approx(rate).epsilon(0.03));
    // Twice the buffer would carry twice as much: that the credits bind is not the link's rate in disguise.
    CHECK(rate < 0.2 * 240e9);
}
