// For every leaf of the stall classification a system and a workload in which physics says that it is the largest.
#include "small_systems.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::tests;
using workloads::Collective;
using workloads::Unit;

TEST_CASE("A matrix product on a tiny array computes", "[stalls]") {
    // 128^3 products on 8 x 8 cells take 32768 cycles; the 96 KiB of operands and result take some 3500 at 51.2 GB/s.
    WorkloadBuilder work(1);
    work.gemm(0, 128, 128, 128);
    const SystemRun run(one_core, work.build(), {"core.array_rows=8", "core.array_columns=8"});
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "computing.matrix");
    CHECK(run.cycles(0, metrics::Leaf::computing_matrix) == 32768);
}

TEST_CASE("Many operations a byte keep the vector unit busy", "[stalls]") {
    // 10 million operations at 512 a cycle: 19532 cycles, against 64 KiB of data.
    WorkloadBuilder work(1);
    work.stream(0, 32768, 32768, 10'000'000, Unit::vector);
    const SystemRun run(one_core, work.build());
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "computing.vector");
    CHECK(run.cycles(0, metrics::Leaf::computing_vector) == 19532);
}

TEST_CASE("Reads wait behind each other where the controller holds them all", "[stalls]") {
    // 1024 packets are at the one channel long before it has served them: the last waits for all the others.
    const SystemRun run(one_core, one_load(1024 * 512),
                        {"core.dma_window=1024", "hbm.controller.request_slots=1024", "hbm.controller.reply_slots=1024",
                         "network.interface_queue_packets=1024"});
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "memory.queue");
}

TEST_CASE("Dependent reads of ever another row wait for their bank", "[stalls]") {
    // Each read precharges, activates and pays the column latency; controller and PHY are free of cost here.
    workloads::Workload work = chain_of_loads(200, 32);
    workloads::ExecutionGraph& graph = work.ranks[0];
    for (std::uint32_t i = 0; i < 200; ++i) {
        graph.tensors.push_back({fmt::format("t{}", i), 64 << 10U});
        graph.nodes[i].read_tensor = i;
    }
    const SystemRun run(one_core, std::move(work),
                        {"hbm.controller.request_latency=\"0 ps\"", "hbm.controller.reply_latency=\"0 ps\"",
                         "hbm.controller.refresh=none"});
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "memory.bank");
}

TEST_CASE("A slow controller and PHY make the bus path the largest part of a dependent read", "[stalls]") {
    // 200 ns of fixed path, which belongs to the bus, against some 50 ns of everything else.
    const SystemRun run(one_core, chain_of_loads(100, 32),
                        {"hbm.controller.request_latency=\"100 ns\"", "hbm.controller.reply_latency=\"100 ns\""});
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "memory.bus");
}

TEST_CASE("A memory that refreshes most of the time shows refresh", "[stalls]") {
    // A refresh of 2000 clocks of 0.625 ns in every 4600: two of five reads come while one runs and wait half of it on
    // average, 270 ns a read, against some 60 ns of all else.
    const SystemRun run(one_core, chain_of_loads(500, 32), {"hbm.timing.nREFI=4600", "hbm.timing.nRFC_ab=2000"});
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "memory.refresh");
}

TEST_CASE("Writes queue up before a narrow, slow network", "[stalls]") {
    // 14 flits a packet at 100 MHz: 140 ns at the interface, where a burst of the memory takes 0.6. All packets fit the
    // interface's queue, so the last waits there for all the others.
    WorkloadBuilder work(1);
    work.store(0, 512 * 512);
    const SystemRun run(one_core, work.build(),
                        {"network.clock=\"100 MHz\"", "network.flit_bytes=40", "network.interface_queue_packets=1024",
                         "core.dma_window=1024"});
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "noc.source_queue");
}

TEST_CASE("Cores in a row that write to one interface wait for allocation", "[stalls]") {
    // Eight cores send at one flit a cycle each and one flit a cycle comes out. Deep buffers take all of it, so nobody
    // lacks credit, and packets stand in routers waiting for their turn.
    WorkloadBuilder work(1);
    work.store(0, 8 * 32 * 512);
    const SystemRun run(R"(
name = "row"
[network]
columns = 8
rows = 1
clock = "200 MHz"
flit_bytes = 40
vc_buffer_flits = 1024
interface_queue_packets = 1
[core]
columns = 8
rows = 1
launch_overhead_cycles = 0
[hbm]
channels = 1
[hbm.controller]
request_slots = 1024
[[die]]
name = "die0"
[[stack]]
name = "hbm0"
die = "die0"
routers = [[0, 0]]
)",
                        work.build());
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "noc.allocation");
}

TEST_CASE("One-flit buffers on a long link starve a packet of credit", "[stalls]") {
    // Every flit of a 4-flit reply waits for the credit of the one before: a round trip of 2 x 200 cycles each, three
    // times, against one way of 200 for the request and one for the reply's head.
    const SystemRun run(two_routers, chain_of_loads(20, 512),
                        {"network.vc_buffer_flits=1", "network.link_latency_cycles=200"});
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "noc.credit");
}

TEST_CASE("A long link between routers is transit", "[stalls]") {
    // 2 x 400 cycles of wire at 2 GHz, 400 ns, for every dependent read of one flit each way.
    const SystemRun run(two_routers, chain_of_loads(20, 32), {"network.link_latency_cycles=400"});
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "noc.transit");
}

TEST_CASE("A narrow die-to-die link serialises", "[stalls]") {
    // A flit of 136 bytes takes 290 ns on four lanes at 1 GT/s; a read is a flit there and four back.
    const SystemRun run(memory_across, chain_of_loads(20, 512),
                        {"d2d.d2d.lanes=4", "d2d.d2d.transfer_rate=\"1 GT/s\""});
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "d2d.serialisation");
    CHECK(run.largest_leaf(1) == "idle.idle");
}

TEST_CASE("A one-flit receive buffer behind a long wire starves the die-to-die link of credit", "[stalls]") {
    // One flit a round trip of 2 us and a channel; 32 one-flit replies wait in the sender's buffer for their turns.
    const SystemRun run(memory_across, one_load(32 * 32),
                        {"network.max_payload_bytes=32", "network.reply_vcs=1", "d2d.d2d.receive_buffer_flits=1",
                         "d2d.d2d.tx_buffer_flits=64", "d2d.d2d.flight_time=\"1 us\"",
                         "placement.interleave=\"32 B\""});
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "d2d.credit");
}

TEST_CASE("Lack of credit in the middle of a packet is lack of credit too", "[stalls]") {
    // Replies of four flits and more: each flit behind the head waits a round trip of 2 us for the one credit.
    const SystemRun run(memory_across, chain_of_loads(10, 512),
                        {"d2d.d2d.receive_buffer_flits=1", "d2d.d2d.flight_time=\"1 us\""});
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "d2d.credit");
}

TEST_CASE("A long wire between dies is die-to-die transit", "[stalls]") {
    // 1 us each way.
    const SystemRun run(memory_across, chain_of_loads(20, 32), {"d2d.d2d.flight_time=\"1 us\""});
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "d2d.transit");
}

TEST_CASE("A rank that comes early to a collective waits for its peer", "[stalls]") {
    // Rank 1 is busy for 50 us before it joins; rank 0 has nothing else to do.
    WorkloadBuilder work(2);
    work.collective(0, Collective::all_reduce, 4096);
    work.collective(1, Collective::all_reduce, 4096, {work.replay(1, 50)});
    const SystemRun run(two_dies, work.build());
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "collective.peer");
    CHECK(run.largest_leaf(1) == "computing.matrix");
}

TEST_CASE("A slow adder makes reduction the largest part of an all-reduce", "[stalls]") {
    // One addition a cycle: 128 KiB of the half that a rank reduces are 65536 additions; moving it takes a few
    // thousand cycles.
    WorkloadBuilder work(2);
    work.collective(0, Collective::all_reduce, 256 << 10U);
    work.collective(1, Collective::all_reduce, 256 << 10U);
    const SystemRun run(two_dies, work.build(), {"core.vector_flops_per_cycle=1"});
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "collective.reduction");
    CHECK(run.largest_leaf(1) == "collective.reduction");
}

TEST_CASE("A window of one transaction is what a stream waits for", "[stalls]") {
    // Each of 64 packets waits until the one before is back: of a tile's wait, 63 parts of 64.
    WorkloadBuilder work(1);
    work.stream(0, 64 * 512, 0, 1, Unit::vector);
    const SystemRun run(one_core, work.build(), {"core.dma_window=1"});
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "local.dma_window");
}

TEST_CASE("Results that leave slower than they are made fill the SRAM", "[stalls]") {
    // 4 MiB written by a unit that has nothing to compute: both output buffers are always on their way out.
    WorkloadBuilder work(1);
    work.stream(0, 0, 4 << 20U, 0, Unit::vector);
    const SystemRun run(one_core, work.build(), {"core.sram=\"512 KiB\""});
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "local.sram_full");
}

TEST_CASE("A single result tile is waited for at the end", "[stalls]") {
    // One tile without input: all there is to wait for is its store.
    WorkloadBuilder work(1);
    work.stream(0, 0, 256 << 10U, 1, Unit::vector);
    const SystemRun run(one_core, work.build());
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "local.store_drain");
}

TEST_CASE("A core waits for the host in a bubble", "[stalls]") {
    // 20 us on the host before a small load.
    WorkloadBuilder work(1);
    work.load(0, 512, {work.host(0, 20)});
    const SystemRun run(one_core, work.build());
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "dependency.bubble");
    CHECK(run.cycles(0, metrics::Leaf::dependency_bubble) == 36000);
}

TEST_CASE("Slow launches are launch time", "[stalls]") {
    // Three kernels of 10000 cycles of launch each.
    WorkloadBuilder work(1);
    std::uint32_t last = work.stream(0, 512, 512, 512, Unit::vector);
    last = work.gemm(0, 16, 16, 16, {last});
    work.load(0, 512, {last});
    const SystemRun run(one_core, work.build(), {"core.launch_overhead_cycles=10000"});
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "dependency.launch");
    CHECK(run.cycles(0, metrics::Leaf::dependency_launch) == 30000);
}

TEST_CASE("A rank that is done idles until the others are", "[stalls]") {
    WorkloadBuilder work(2);
    work.load(0, 512);
    work.replay(1, 20);
    const SystemRun run(two_dies, work.build());
    INFO(stall_text(run, 0));
    CHECK(run.largest_leaf(0) == "idle.idle");
    CHECK(run.cycles(1, metrics::Leaf::computing_matrix) == 36000);
}
