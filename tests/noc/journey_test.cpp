// Journeys: every cycle of a packet is accounted for, under the right name.
#include "tests/noc/rig.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::tests;
using metrics::Leaf;

namespace {

/// Picoseconds (1000 a cycle) by leaf.
std::array<std::uint64_t, metrics::leaf_count> by_leaf(const metrics::Journey& journey) {
    std::array<std::uint64_t, metrics::leaf_count> sums{};
    Picoseconds from = journey.start();
    for (std::size_t stage = 0; stage < journey.stages(); ++stage) {
        sums[static_cast<std::size_t>(journey.leaf(stage))] += (journey.end_of(stage) - from).count();
        from = journey.end_of(stage);
    }
    return sums;
}

std::uint64_t cycles(const std::array<std::uint64_t, metrics::leaf_count>& sums, Leaf leaf) {
    REQUIRE(sums[static_cast<std::size_t>(leaf)] % 1000 == 0);
    return sums[static_cast<std::size_t>(leaf)] / 1000;
}

} // namespace

TEST_CASE("a packet alone spends all its time in transit") {
    config::SystemConfig system = make_mesh(4, 4);
    system.dies[0].network.link_latency_cycles = 3;
    Rig rig(system);
    metrics::Journey journey;
    rig.on_arrival = [&](const Rig::Arrival& arrival) { journey = arrival.packet.journey; };
    rig.cycle = 17;
    rig.offer(0, 15, 6);
    REQUIRE(rig.drain(1000));
    CHECK(journey.start() == Picoseconds(17'000));
    REQUIRE(journey.stages() == 1);
    CHECK(journey.leaf(0) == Leaf::noc_transit);
    CHECK(journey.end() == Picoseconds((17 + rig.plan.zero_load_cycles(0, 15, 6)) * 1000));
}

TEST_CASE("waiting in the interface queue is source_queue") {
    config::SystemConfig system = make_mesh(2, 1);
    Rig rig(system);
    std::vector<std::array<std::uint64_t, metrics::leaf_count>> sums;
    rig.on_arrival = [&](const Rig::Arrival& arrival) { sums.push_back(by_leaf(arrival.packet.journey)); };
    rig.offer(0, 1, 5);
    rig.offer(0, 1, 5); // its head follows the first packet's tail
    REQUIRE(rig.drain(1000));
    REQUIRE(sums.size() == 2);
    CHECK(cycles(sums[0], Leaf::noc_source_queue) == 0);
    CHECK(cycles(sums[1], Leaf::noc_source_queue) == 5);
    CHECK(cycles(sums[1], Leaf::noc_allocation) == 0);
    CHECK(cycles(sums[1], Leaf::noc_transit) == rig.plan.zero_load_cycles(0, 1, 5));
}

TEST_CASE("losing the switch is allocation, an exhausted buffer is credit") {
    config::SystemConfig system = make_mesh(3, 1);
    use_one_class(system, 2, 8);
    Rig rig(system);
    std::vector<std::array<std::uint64_t, metrics::leaf_count>> sums;
    rig.on_arrival = [&](const Rig::Arrival& arrival) { sums.push_back(by_leaf(arrival.packet.journey)); };
    // Two packets of one flit meet at router 1 in the same cycle, for the same output: one loses the switch once.
    rig.offer(0, 2, 1);
    for (int i = 0; i < 4; ++i) {
        rig.step();
    }
    rig.offer(1, 2, 1);
    REQUIRE(rig.drain(1000));
    REQUIRE(sums.size() == 2);
    const std::uint64_t lost = cycles(sums[0], Leaf::noc_allocation) + cycles(sums[1], Leaf::noc_allocation);
    CHECK(lost == 1);
    CHECK(cycles(sums[0], Leaf::noc_credit) + cycles(sums[1], Leaf::noc_credit) == 0);
    CHECK(rig.dies[0]->channel(1, 0).allocation_stalls == 1);
    CHECK(rig.dies[0]->channel(1, 0).credit_stalls == 0);

    // One VC of one flit: a body flit can move only every sixth cycle. The tail falls behind by 5 cycles a flit.
    use_one_class(system, 1, 1);
    Rig narrow(system);
    narrow.on_arrival = rig.on_arrival;
    sums.clear();
    narrow.offer(0, 2, 4);
    REQUIRE(narrow.drain(1000));
    REQUIRE(sums.size() == 1);
    CHECK(cycles(sums[0], Leaf::noc_transit) == narrow.plan.zero_load_cycles(0, 2, 4));
    CHECK(cycles(sums[0], Leaf::noc_credit) == 5 + 5 + 5);
    CHECK(cycles(sums[0], Leaf::noc_allocation) == 0);
}

TEST_CASE("waiting for an endpoint's packet credit is credit") {
    config::SystemConfig system = make_mesh(2, 1);
    config::HbmStackConfig stack;
    stack.name = "hbm0";
    stack.routers = {{1, 0}};
    stack.controller.request_slots = 1;
    system.stacks.push_back(stack);
    Rig rig(system);
    rig.service_cycles = [] { return 100; };
    std::vector<Rig::Arrival> arrivals;
    rig.on_arrival = [&](const Rig::Arrival& arrival) { arrivals.push_back(arrival); };
    rig.offer(0, 2, 1, PacketKind::read_request);
    rig.offer(0, 2, 1, PacketKind::read_request);
    REQUIRE(rig.drain(1000));
    REQUIRE(arrivals.size() == 2);
    const std::uint64_t expected = rig.plan.zero_load_cycles(0, 2, 1);
    CHECK(arrivals[0].cycle == expected);
    // The credit comes back 100 cycles after the first; the second asks for the ejection VC in that cycle, and is taken
    // 4 later.
    CHECK(arrivals[1].cycle == expected + 100 + 4);
    const auto sums = by_leaf(arrivals[1].packet.journey);
    CHECK(cycles(sums, Leaf::noc_source_queue) == 1);
    CHECK(cycles(sums, Leaf::noc_transit) == expected);
    CHECK(cycles(sums, Leaf::noc_credit) == 103);
    CHECK(cycles(sums, Leaf::noc_allocation) == 0);
}

TEST_CASE("a tail that comes late over a D2D link is d2d serialisation") {
    config::SystemConfig system = make_die_grid(2, 1, 1, 1);
    const noc::PackagePlan plan(system);
    const std::unique_ptr<noc::FabricCore> engine = noc::make_fabric_core(plan, 1, Clock(Hertz(1'000'000'000)));
    noc::FabricCore& core = *engine;
    // The link brings a flit every third cycle.
    LinkFlit flit;
    flit.packet.source = 0;
    flit.packet.destination = 1;
    flit.packet.kind = PacketKind::push;
    flit.packet.flits = 4;
    flit.packet.journey = metrics::Journey(Picoseconds(2'000));
    metrics::Journey journey;
    for (std::uint64_t cycle = 10; cycle < 40; ++cycle) {
        if (cycle % 3 == 1 && cycle < 20) {
            flit.head = cycle == 10;
            flit.tail = cycle == 19;
            core.receive_flit(0, flit, cycle);
        }
        core.tick(cycle);
        for (const std::uint32_t slot : core.ejected()) {
            // Received in cycle 19, switched at once, crossbar in 20, taken in 22.
            CHECK(cycle == 22);
            journey = core.packet(slot).journey;
        }
    }
    const auto sums = by_leaf(journey);
    CHECK(cycles(sums, Leaf::d2d_transit) == 8); // from the last stage's end to the receive buffer
    CHECK(cycles(sums, Leaf::noc_transit) == 4 + 3);
    CHECK(cycles(sums, Leaf::d2d_serialisation) == 22 - 10 - 7);
    CHECK(journey.end() == Picoseconds(22'000));
}

TEST_CASE("journeys end when their packets do, whatever the traffic") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        std::mt19937_64 random(seed);
        config::SystemConfig system = make_die_grid(2, 1 + seed % 2, 3, 2);
        for (config::DieConfig& die : system.dies) {
            die.network.vc_buffer_flits = 1 + random() % 6;
            die.network.link_latency_cycles = 1 + random() % 3;
        }
        Rig rig(system, 5);
        std::array<std::uint64_t, metrics::leaf_count> total{};
        std::uint64_t arrived = 0;
        rig.on_arrival = [&](const Rig::Arrival& arrival) {
            const auto sums = by_leaf(arrival.packet.journey);
            std::uint64_t sum = 0;
            for (std::size_t leaf = 0; leaf < sums.size(); ++leaf) {
                total[leaf] += sums[leaf];
                sum += sums[leaf];
            }
            ++arrived;
            REQUIRE(arrival.packet.journey.end() == Picoseconds(arrival.cycle * 1000));
            REQUIRE(sum == arrival.cycle * 1000 - arrival.packet.journey.start().count());
        };
        const std::uint32_t n = rig.plan.endpoint_count();
        for (; rig.cycle < 500;) {
            for (std::uint32_t e = 0; e < n; ++e) {
                if (random() % 8 == 0) {
                    rig.offer(static_cast<EndpointId>(e), static_cast<EndpointId>(random() % n), 1 + random() % 6,
                              random() % 2 == 0 ? PacketKind::push : PacketKind::push_reply);
                }
            }
            rig.step();
        }
        REQUIRE(rig.drain(100'000));
        CHECK(arrived == rig.offered);
        for (const Leaf leaf :
             {Leaf::noc_source_queue, Leaf::noc_allocation, Leaf::noc_credit, Leaf::noc_transit, Leaf::d2d_transit}) {
            CHECK(total[static_cast<std::size_t>(leaf)] > 0);
        }
    }
}
