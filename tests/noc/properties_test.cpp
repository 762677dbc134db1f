// Properties that hold for every configuration and traffic: nothing is lost, back-pressure holds, runs repeat.
#include "noc/deadlock_proof.hpp"
#include "tests/noc/rig.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::tests;

namespace {

config::SystemConfig random_package(std::mt19937_64& random) {
    const auto between = [&](std::uint32_t low, std::uint32_t high) {
        return low + static_cast<std::uint32_t>(random() % (high - low + 1));
    };
    const std::uint32_t die_columns = between(1, 2);
    const std::uint32_t die_rows = between(1, 2);
    config::SystemConfig system = make_die_grid(die_columns, die_rows, between(1, 4), between(1, 4));
    const std::uint32_t request_vcs = between(1, 5);
    const std::uint32_t reply_vcs = between(1, 5);
    for (config::DieConfig& die : system.dies) {
        die.network.request_vcs = request_vcs;
        die.network.reply_vcs = reply_vcs;
        die.network.vc_buffer_flits = between(1, 9);
        die.network.link_latency_cycles = between(1, 4);
        die.network.credit_delay_cycles = between(0, 3);
        die.network.interface_queue_packets = between(1, 4);
    }
    for (config::D2dLinkConfig& link : system.links) {
        // The rig's links keep nothing themselves: their buffer is the receiver's.
        link.tx_buffer_flits = link.receive_buffer_flits = between(1, 40);
    }
    for (std::uint32_t s = 0; s < between(0, 3); ++s) {
        config::HbmStackConfig stack;
        stack.name = "hbm" + std::to_string(s);
        stack.die = static_cast<std::uint32_t>(random() % system.dies.size());
        const config::NetworkConfig& network = system.dies[stack.die].network;
        for (std::uint32_t i = 0; i < between(1, 3); ++i) {
            stack.routers.push_back({between(0, network.columns - 1), between(0, network.rows - 1)});
        }
        stack.controller.request_slots = between(1, 3);
        system.stacks.push_back(stack);
    }
    return system;
}

struct Sums {
    std::uint64_t arrived = 0;
    std::uint64_t checksum = 0;
    bool operator==(const Sums&) const = default;
};

Sums run_random(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const config::SystemConfig system = random_package(random);
    Rig rig(system, 1 + static_cast<std::uint32_t>(random() % 12));
    noc::prove_deadlock_freedom(rig.plan);
    Sums sums;
    std::vector<std::uint8_t> seen;
    rig.service_cycles = [&] { return 1 + random() % 20; };
    rig.on_arrival = [&](const Rig::Arrival& arrival) {
        REQUIRE(seen[arrival.packet.transaction] == 0);
        seen[arrival.packet.transaction] = 1;
        ++sums.arrived;
        sums.checksum = sums.checksum * 1'000'003 + arrival.cycle * 4096 + arrival.packet.transaction;
    };
    const std::uint32_t n = rig.plan.endpoint_count();
    const std::uint64_t load = 2 + random() % 60; // percent of the endpoints that offer a packet in a cycle
    const std::uint32_t longest = 1 + static_cast<std::uint32_t>(random() % 12);
    while (rig.cycle < 600) {
        for (std::uint32_t e = 0; e < n; ++e) {
            if (random() % 100 < load) {
                const bool reply = random() % 2 == 0;
                rig.offer(static_cast<EndpointId>(e), static_cast<EndpointId>(random() % n),
                          1 + static_cast<std::uint32_t>(random() % longest),
                          reply ? PacketKind::read_reply : PacketKind::push);
                seen.push_back(0);
            }
        }
        rig.step();
    }
    INFO("seed " << seed);
    const bool drained = rig.drain(3'000'000);
    if (!drained) {
        for (const auto& die : rig.dies) {
            for (const std::string& line : die->describe_waits(10)) {
                UNSCOPED_INFO(line);
            }
        }
    }
    REQUIRE(drained);
    CHECK(sums.arrived == rig.offered);
    for (const auto& die : rig.dies) {
        REQUIRE_NOTHROW(die->audit());
    }
    return sums;
}

} // namespace

TEST_CASE("nothing is lost, doubled or stuck on random packages under random traffic") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        run_random(seed);
    }
}

TEST_CASE("the same run gives the same arrivals") {
    for (const std::uint64_t seed : {11, 12, 13}) {
        CHECK(run_random(seed) == run_random(seed));
    }
}

TEST_CASE("two dies joined by ideal links take as long as one mesh of their size") {
    // With the latency of a mesh link and no contention every packet takes the same time as on the large mesh.
    config::SystemConfig halves = make_die_grid(2, 1, 3, 4);
    config::SystemConfig whole = make_mesh(6, 4);
    use_one_class(halves, 4, 8);
    use_one_class(whole, 4, 8);
    std::uint64_t expected = 0;
    std::uint64_t got = 0;
    Rig one(whole);
    Rig two(halves);
    one.on_arrival = [&](const Rig::Arrival& arrival) { expected = arrival.cycle - arrival.created; };
    two.on_arrival = [&](const Rig::Arrival& arrival) { got = arrival.cycle - arrival.created; };
    const auto on_halves = [](std::uint32_t node) {
        const std::uint32_t x = node % 6;
        return static_cast<EndpointId>(x / 3 * 12 + node / 6 * 3 + x % 3);
    };
    for (EndpointId from = 0; from < 24; ++from) {
        for (EndpointId to = 0; to < 24; ++to) {
            one.offer(from, to, 5);
            two.offer(on_halves(from), on_halves(to), 5);
            REQUIRE(one.drain(1000));
            REQUIRE(two.drain(1000));
            REQUIRE(got == expected);
        }
    }
}

TEST_CASE("an endpoint with packet credits never gets more requests than it has room for") {
    config::SystemConfig system = make_mesh(4, 4);
    config::HbmStackConfig stack;
    stack.name = "hbm0";
    stack.routers = {{3, 1}};
    stack.controller.request_slots = 3;
    system.stacks.push_back(stack);
    Rig rig(system);
    const EndpointId hbm = rig.plan.stack_endpoint(0, 0);
    std::int64_t held = 0;
    std::int64_t most = 0;
    std::uint64_t replies = 0;
    rig.service_cycles = [] { return 50; };
    std::deque<std::uint64_t> leaving;
    rig.on_arrival = [&](const Rig::Arrival& arrival) {
        if (arrival.packet.destination == hbm && class_of(arrival.packet.kind) == MessageClass::request) {
            most = std::max(most, ++held);
            leaving.push_back(arrival.cycle + 50);
        } else {
            ++replies;
        }
    };
    for (EndpointId core = 0; core < 16; ++core) {
        for (int i = 0; i < 20; ++i) {
            rig.offer(core, hbm, 4);
        }
    }
    // Requests wait in the network; replies past the same routers do not.
    for (int i = 0; i < 40; ++i) {
        rig.offer(hbm, 0, 4, PacketKind::read_reply);
    }
    while (rig.cycle < 2000) {
        while (!leaving.empty() && leaving.front() == rig.cycle) {
            --held;
            leaving.pop_front();
        }
        rig.step();
        REQUIRE(held <= 3);
        if (rig.cycle == 400) {
            CHECK(replies == 40);
            CHECK_FALSE(rig.dies[0]->describe_waits(5).empty());
        }
    }
    CHECK(most == 3);
    // A slot is served for 50 cycles; from its credit to the tail's arrival pass 4 + 3 more.
    CHECK(rig.dies[0]->counters().ejected.packets[0] == Approx(2000.0 / 57 * 3).margin(4));
    rig.service_cycles = [] { return 1; };
    REQUIRE(rig.drain(100'000));
    rig.dies[0]->audit();
}

TEST_CASE("a fabric without traffic has nothing to do, one that waits for a credit neither") {
    config::SystemConfig system = make_mesh(2, 2);
    config::HbmStackConfig stack;
    stack.name = "hbm0";
    stack.routers = {{0, 0}};
    stack.controller.request_slots = 1;
    system.stacks.push_back(stack);
    Rig rig(system);
    rig.step();
    CHECK(rig.dies[0]->next_cycle(0) == UINT64_MAX);
    rig.service_cycles = [] { return 5000; };
    rig.offer(3, 4, 1, PacketKind::read_request);
    rig.offer(2, 4, 1, PacketKind::read_request);
    while (rig.cycle < 1000) {
        rig.step();
    }
    CHECK(rig.dies[0]->busy());
    CHECK(rig.dies[0]->next_cycle(rig.cycle - 1) == UINT64_MAX);
    CHECK(rig.dies[0]->last_progress() < 40);
    REQUIRE(rig.dies[0]->describe_waits(5).size() == 1);
    CHECK_THAT(rig.dies[0]->describe_waits(5)[0],
               Catch::Matchers::Contains("hbm0.0") && Catch::Matchers::Contains("take a request"));
    CHECK_THROWS_AS(rig.dies[0]->audit(), InvariantError);
    REQUIRE(rig.drain(20'000));
    rig.dies[0]->audit();
}

TEST_CASE("class channels are private: requests that cannot leave do not hold up replies") {
    config::SystemConfig system = make_mesh(3, 1);
    system.dies[0].network.interface_queue_packets = 2;
    Rig rig(system);
    std::uint64_t requests = 0;
    std::uint64_t replies = 0;
    rig.on_arrival = [&](const Rig::Arrival& arrival) {
        ++(class_of(arrival.packet.kind) == MessageClass::request ? requests : replies);
    };
    // Equal demand on one link: round robin gives each class its half, and the link is never idle.
    for (int i = 0; i < 3000; ++i) {
        rig.offer(0, 2, 1, PacketKind::push);
        rig.offer(0, 2, 1, PacketKind::push_reply);
    }
    while (rig.cycle < 2000) {
        rig.step();
    }
    CHECK(requests + replies == Approx(2000).epsilon(0.02));
    CHECK(requests == Approx(static_cast<double>(replies)).epsilon(0.02));
}
