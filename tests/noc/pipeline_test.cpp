// The pipeline of the reference router: zero-load latency, credit loop, virtual channel turnaround.
#include "tests/noc/rig.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::tests;

namespace {

std::uint32_t distance(std::uint32_t a, std::uint32_t b) {
    return a > b ? a - b : b - a;
}

/// Accepted flits a node and cycle, of two routers in line that each send to the other as much as they can.
double accepted(std::uint32_t vcs, std::uint32_t buffer_flits, std::uint32_t credit_delay, std::uint32_t flits) {
    config::SystemConfig system = make_mesh(2, 1);
    use_one_class(system, vcs, buffer_flits);
    system.dies[0].network.credit_delay_cycles = credit_delay;
    Rig rig(system);
    while (rig.cycle < 10'000) {
        for (EndpointId node = 0; node < 2; ++node) {
            if (rig.offered < 200 || rig.cycle % flits == 0) {
                rig.offer(node, 1 - node, flits);
            }
        }
        rig.step();
    }
    // Flits over the link in the second half, by the channel's own counter.
    const std::uint64_t before = rig.dies[0]->channel(0, 0).flits;
    const std::uint64_t cycles = 25'200; // a multiple of all the loops' periods
    while (rig.cycle < 10'000 + cycles) {
        for (EndpointId node = 0; node < 2; ++node) {
            if (rig.cycle % flits == 0) {
                rig.offer(node, 1 - node, flits);
            }
        }
        rig.step();
    }
    return static_cast<double>(rig.dies[0]->channel(0, 0).flits - before) / static_cast<double>(cycles);
}

} // namespace

TEST_CASE("zero-load latency is 2 + 4 R + (R - 1)(L - 1) + (P - 1) for every pair") {
    struct Case {
        std::uint32_t columns, rows, link_latency, flits, credit_delay;
    };
    for (const Case& c : {Case{8, 8, 1, 1, 1}, Case{4, 3, 1, 8, 1}, Case{3, 5, 2, 1, 1}, Case{4, 4, 7, 5, 0},
                          Case{1, 6, 3, 2, 4}, Case{1, 1, 1, 3, 1}}) {
        config::SystemConfig system = make_mesh(c.columns, c.rows);
        use_one_class(system, 4, 32);
        system.dies[0].network.link_latency_cycles = c.link_latency;
        system.dies[0].network.credit_delay_cycles = c.credit_delay;
        Rig rig(system);
        std::uint64_t latency = 0;
        rig.on_arrival = [&](const Rig::Arrival& arrival) { latency = arrival.cycle - arrival.created; };
        for (const EndpointId from : all_endpoints(rig.plan)) {
            for (const EndpointId to : all_endpoints(rig.plan)) {
                rig.offer(from, to, c.flits);
                latency = 0;
                REQUIRE(rig.drain(1000));
                const std::uint32_t routers =
                    1 + distance(from % c.columns, to % c.columns) + distance(from / c.columns, to / c.columns);
                REQUIRE(latency == 2 + 4 * routers + (routers - 1) * (c.link_latency - 1) + (c.flits - 1));
                REQUIRE(latency == rig.plan.zero_load_cycles(from, to, c.flits));
            }
        }
    }
}

TEST_CASE("a link of L cycles between dies adds L - 1 to the zero-load latency") {
    // BookSim 2 on a line of 8 routers whose middle link takes 6 cycles: 39 cycles end to end.
    config::SystemConfig system = make_die_grid(2, 1, 4, 1);
    use_one_class(system, 4, 8);
    Rig rig(system, 6);
    std::uint64_t latency = 0;
    rig.on_arrival = [&](const Rig::Arrival& arrival) { latency = arrival.cycle - arrival.created; };
    rig.offer(0, 7, 1);
    REQUIRE(rig.drain(1000));
    CHECK(latency == 39);
    rig.offer(5, 1, 8);
    REQUIRE(rig.drain(1000));
    CHECK(latency == 2 + 4 * 5 + 5 + 7);
}

TEST_CASE("credit loops and VC turnaround are those of BookSim 2") {
    // Measured with BookSim 2 on two routers in line, each sending to the other at load 1.
    struct Case {
        std::uint32_t vcs, buffer_flits, credit_delay, flits;
        double booksim;
    };
    const std::vector<Case> cases{{1, 1, 1, 200, 0.1665}, {1, 2, 1, 200, 0.3328}, {1, 3, 1, 200, 0.4994},
                                  {1, 4, 1, 200, 0.6645}, {1, 5, 1, 200, 0.8299}, {1, 4, 0, 200, 0.7968},
                                  {1, 4, 2, 200, 0.5699}, {1, 1, 1, 1, 0.1429},   {1, 2, 1, 1, 0.2858},
                                  {1, 8, 1, 1, 0.5000},   {2, 8, 1, 1, 1.0000},   {2, 1, 1, 1, 0.2858},
                                  {4, 1, 1, 1, 0.5000},   {1, 8, 1, 8, 0.8889}};
    for (const Case& c : cases) {
        INFO("VCs " << c.vcs << ", buffer " << c.buffer_flits << ", credit delay " << c.credit_delay << ", packets of "
                    << c.flits);
        CHECK(accepted(c.vcs, c.buffer_flits, c.credit_delay, c.flits) == Approx(c.booksim).epsilon(0.001));
    }
}

TEST_CASE("a D2D port at full rate needs buffers for its credit loop") {
    // An ideal link of L cycles: a slot is taken for 4 + 2 L cycles, 24 here, and there are 8.
    config::SystemConfig system = make_die_grid(2, 1, 1, 1);
    use_one_class(system, 1, 8);
    Rig rig(system, 10);
    for (int i = 0; i < 40; ++i) {
        rig.offer(0, 1, 200);
    }
    while (rig.cycle < 1000) {
        rig.step();
    }
    const std::uint64_t before = rig.dies[0]->channel(0, 1).flits;
    while (rig.cycle < 1000 + 24 * 200) {
        rig.step();
    }
    CHECK(rig.dies[0]->channel(0, 1).flits - before == Approx(8 * 200).margin(8));
}
