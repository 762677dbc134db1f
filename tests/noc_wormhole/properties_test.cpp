// What holds for every configuration: conservation, the rules of buffers and channels, equalities between settings.
#include "config/errors.hpp"
#include "rig.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>

using namespace intarsia;
using namespace intarsia::tests;
using noc::WormholeArbiter;
using FlowControl = noc::WormholeRouterOptions::FlowControl;

namespace {

class Dice {
  public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}
    std::uint32_t operator()(std::uint32_t least, std::uint32_t most) {
        return std::uniform_int_distribution<std::uint32_t>(least, most)(random_);
    }

  private:
    std::mt19937_64 random_;
};

noc::RouterOptions random_options(Dice& dice) {
    noc::RouterOptions options;
    options.model = noc::RouterModel::wormhole;
    noc::WormholeRouterOptions& w = options.wormhole;
    w.input_fifo_flits = dice(1, 5);
    w.output_fifo_flits = dice(0, 3);
    w.flow_control = static_cast<FlowControl>(dice(0, 1));
    w.credit_delay_cycles = dice(0, 4);
    w.arbiter.order = static_cast<WormholeArbiter::Order>(dice(0, 2));
    w.arbiter.reset = static_cast<WormholeArbiter::Reset>(dice(0, 2));
    w.arbiter.advance = static_cast<WormholeArbiter::Advance>(dice(0, 1));
    w.arbiter.hold = dice(0, 1) == 1;
    w.packet_lock = dice(0, 1) == 1;
    return options;
}

noc::NetworkPlan random_plan(Dice& dice) {
    const noc::RouterOptions options = random_options(dice);
    noc::NetworkPlan plan;
    if (dice(0, 1) == 0) {
        plan = mesh_plan(dice(1, 5), dice(1, 5), options);
    } else {
        std::vector<std::uint32_t> parent{0};
        std::vector<std::uint32_t> endpoints{dice(1, 3)};
        for (std::uint32_t r = 1, routers = dice(1, 12); r < routers; ++r) {
            parent.push_back(dice(0, r - 1));
            endpoints.push_back(dice(0, 3));
        }
        plan = tree_plan(parent, endpoints, options);
    }
    plan.class_vcs.assign(dice(1, 3), 1);
    for (noc::NetworkRouter& router : plan.routers) {
        for (noc::NetworkPort& port : router.ports) {
            port.latency_cycles = dice(0, 3) == 0 ? dice(1, 6) : 0;
            if (dice(0, 5) == 0) {
                port.interval_denominator = dice(1, 3);
                port.interval_numerator = port.interval_denominator + dice(0, 5);
            }
        }
    }
    return plan;
}

std::vector<noc::TrafficPacket> random_traffic(Dice& dice, const noc::NetworkPlan& plan) {
    const auto endpoints = static_cast<std::uint32_t>(plan.endpoints.size());
    auto packets = uniform_traffic(endpoints, dice(1, 10) * 0.1, dice(50, 400), 1, dice(1, 6), dice(0, 1'000'000));
    for (noc::TrafficPacket& packet : packets) {
        packet.message_class =
            static_cast<std::uint8_t>(dice(0, static_cast<std::uint32_t>(plan.class_vcs.size()) - 1));
    }
    return packets;
}

/// Follows every flit through the recorded hops: from router to neighbour, from source to destination, flits of a
/// packet in order, channels within their rate.
void check_hops(const noc::NetworkPlan& plan, const Run& run) {
    std::map<std::pair<std::uint64_t, std::uint32_t>, const noc::FlitHop*> last_of_flit;
    std::map<std::pair<std::uint32_t, std::uint32_t>, const noc::FlitHop*> last_of_channel;
    std::map<std::pair<std::uint64_t, std::uint32_t>, std::uint32_t> next_flit; // of a packet at a router
    std::uint64_t wrong = 0;
    for (const noc::FlitHop& hop : run.hops) {
        const noc::TrafficPacket& packet = run.packets[hop.packet].packet;
        const noc::NetworkPort& port = plan.routers[hop.router].ports[hop.port];
        const noc::FlitHop*& before = last_of_flit[{hop.packet, hop.flit}];
        if (before == nullptr) {
            wrong += plan.endpoints[packet.source].router == hop.router ? 0 : 1;
        } else {
            const noc::NetworkPort& came_by = plan.routers[before->router].ports[before->port];
            const std::uint32_t least = came_by.latency_cycles + 1;
            wrong += came_by.to.router == hop.router && hop.cycle >= before->cycle + least ? 0 : 1;
        }
        before = &hop;
        wrong += next_flit[{hop.packet, hop.router}]++ == hop.flit ? 0 : 1;
        const noc::FlitHop*& on_channel = last_of_channel[{hop.router, hop.port}];
        if (on_channel != nullptr) { // gaps of a channel of n/d cycles a flit are at least floor(n/d)
            wrong += hop.cycle - on_channel->cycle >= port.interval_numerator / port.interval_denominator ? 0 : 1;
        }
        on_channel = &hop;
        if (port.use == noc::PortUse::endpoint) {
            wrong += port.endpoint == packet.destination ? 0 : 1;
        }
    }
    CHECK(wrong == 0);
    std::uint64_t flits = 0;
    std::uint64_t hops = 0;
    for (const noc::DeliveredPacket& packet : run.packets) {
        flits += packet.packet.flits;
        hops += std::uint64_t(packet.packet.flits) * packet.hops;
    }
    CHECK(last_of_flit.size() == flits);
    CHECK(run.hops.size() == hops);
}

bool same_run(const Run& a, const Run& b) {
    return different_packets(a, b) == 0 && same_hops(a.hops, b.hops);
}

} // namespace

TEST_CASE("Random networks drain, audit clean and move every flit by the rules") {
    std::uint64_t flits = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        INFO("seed " << seed);
        Dice dice(seed);
        const noc::NetworkPlan plan = random_plan(dice);
        const auto packets = random_traffic(dice, plan);
        const std::uint32_t period = dice(1, 9);
        const noc::SinkOptions sink{period, dice(0, period - 1), dice(0, 4), 8};
        const auto engine = noc::make_wormhole_engine(plan, sink);
        const Run run = run_packets(*engine, packets);
        check_hops(plan, run);
        CHECK(engine->flit_hops() == run.hops.size());
        flits += engine->ejected_flits();
        std::uint64_t counted = 0;
        for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
            for (std::uint32_t p = 0; p < plan.routers[r].ports.size(); ++p) {
                const noc::OutputCounters counters = engine->counters(r, p);
                REQUIRE(counters.flits.size() == plan.class_vcs.size());
                for (const std::uint64_t sent : counters.flits) {
                    counted += sent;
                }
            }
        }
        CHECK(counted == run.hops.size());
        CHECK(same_run(run, run_packets(plan, packets, sink)));
    }
    CHECK(flits > 100'000);
}

TEST_CASE("Credits that are back after a cycle and ready/valid give the same cycles on wires") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        INFO("seed " << seed);
        Dice dice(1000 + seed);
        noc::NetworkPlan plan = random_plan(dice);
        for (noc::NetworkRouter& router : plan.routers) {
            for (noc::NetworkPort& port : router.ports) {
                port.latency_cycles = 0;
            }
        }
        const auto packets = random_traffic(dice, plan);
        plan.router.wormhole.flow_control = FlowControl::credit;
        plan.router.wormhole.credit_delay_cycles = 1;
        const Run credits = run_packets(plan, packets);
        plan.router.wormhole.flow_control = FlowControl::ready_valid;
        const Run wires = run_packets(plan, packets);
        CHECK(same_run(credits, wires));
    }
}

TEST_CASE("No input FIFO takes a flit when it is full, though it is read in that cycle") {
    for (const std::uint32_t depth : {1U, 2U, 3U}) {
        noc::RouterOptions options = bsg_wormhole_options();
        options.wormhole.input_fifo_flits = depth;
        const noc::NetworkPlan plan = mesh_plan(4, 4, options);
        const Run run = run_packets(plan, uniform_traffic(16, 0.9, 600, 1, 4, 17), {8, 3, 3, 8});
        // Per FIFO of a link: by cycle, how many flits enter and leave.
        std::map<std::pair<std::uint32_t, std::uint32_t>, std::map<std::uint64_t, std::pair<int, int>>> fifos;
        std::map<std::pair<std::uint64_t, std::uint32_t>, std::pair<std::uint32_t, std::uint32_t>> place;
        for (const noc::FlitHop& hop : run.hops) {
            const auto at = place.find({hop.packet, hop.flit});
            if (at != place.end()) {
                ++fifos[at->second][hop.cycle].second;
            }
            const noc::PortEnd to = plan.routers[hop.router].ports[hop.port].to;
            if (to.exists()) {
                ++fifos[{to.router, to.port}][hop.cycle].first;
                place[{hop.packet, hop.flit}] = {to.router, to.port};
            }
        }
        std::uint64_t full_and_read = 0;
        for (const auto& [fifo, events] : fifos) {
            std::uint32_t held = 0;
            for (const auto& [cycle, moved] : events) {
                REQUIRE(moved.first <= 1);
                REQUIRE(moved.second <= 1);
                REQUIRE((moved.first == 0 || held < depth));
                full_and_read += held == depth && moved.second == 1 ? 1 : 0;
                held += static_cast<std::uint32_t>(moved.first);
                held -= static_cast<std::uint32_t>(moved.second);
            }
            CHECK(held == 0);
        }
        CHECK(full_and_read > 100);
    }
}

TEST_CASE("Stall counters hold every cycle that a flit waited at the front of a FIFO") {
    // In FIFOs of one flit every flit is at the front, so what a flit takes above one cycle a router is a stall.
    for (const bool lock : {true, false}) {
        noc::RouterOptions options = bsg_wormhole_options();
        options.wormhole.input_fifo_flits = 1;
        options.wormhole.packet_lock = lock;
        const noc::NetworkPlan plan = mesh_plan(4, 4, options);
        const auto engine = noc::make_wormhole_engine(plan, {8, 2, 3, 8});
        const Run run = run_packets(*engine, uniform_traffic(16, 0.3, 1000, 1, 4, 23));
        std::uint64_t waited = 0;
        for (const noc::DeliveredPacket& packet : run.packets) {
            waited += packet.flit_latency_sum - std::uint64_t(packet.hops) * packet.packet.flits;
        }
        noc::OutputCounters sum;
        for (std::uint32_t r = 0; r < 16; ++r) {
            for (std::uint32_t p = 0; p < 5; ++p) {
                const noc::OutputCounters counters = engine->counters(r, p);
                sum.no_vc += counters.no_vc;
                sum.no_credit += counters.no_credit;
                sum.lost_allocation += counters.lost_allocation;
            }
        }
        CHECK(sum.no_vc + sum.no_credit + sum.lost_allocation == waited);
        CHECK((sum.no_vc > 0) == lock);
        CHECK(sum.no_credit > 1000);
        CHECK(sum.lost_allocation > 1000);
    }
}

TEST_CASE("A packet's random byte chooses between two ways") {
    // Two routers joined by two links; port 0 is the endpoint's.
    noc::NetworkPlan plan = tree_plan({0, 0}, {1, 1}, bsg_wormhole_options());
    for (std::uint32_t r = 0; r < 2; ++r) {
        noc::NetworkPort second = plan.routers[r].ports[1];
        second.to = second.from = {1 - r, 2};
        plan.routers[r].ports.push_back(second);
    }
    plan.routes = noc::RouteTables(0, {3, 3}, 2);
    const std::uint32_t depart = plan.routes.add_row();
    const std::uint32_t arrive = plan.routes.add_row();
    noc::RouteList either;
    either.random_bit = 3;
    either.options = {{1, 1, false}, {2, 1, false}};
    plan.routes.set(depart, 1, plan.routes.add_list(either));
    plan.routes.set(arrive, 1, {0, 1});
    plan.routes.set_row(0, 0, depart);
    plan.routes.set_row(1, 1, arrive);
    plan.routes.set_row(1, 2, arrive);
    std::vector<noc::TrafficPacket> packets;
    for (std::uint32_t k = 0; k < 256; ++k) {
        noc::TrafficPacket packet;
        packet.id = k;
        packet.destination = 1;
        packet.flits = 3;
        packet.random = static_cast<std::uint8_t>(k);
        packets.push_back(packet);
    }
    for (const noc::FlitHop& hop : run_packets(plan, packets).hops) {
        if (hop.router == 0) {
            CHECK(hop.port == ((hop.packet >> 3U & 1U) == 0 ? 1 : 2));
        }
    }
}

TEST_CASE("A ring without virtual channels deadlocks, and says who waits for whom") {
    const noc::NetworkPlan plan = ring_plan(4, bsg_wormhole_options());
    const auto engine = noc::make_wormhole_engine(plan, {});
    for (std::uint32_t source = 0; source < 4; ++source) {
        noc::TrafficPacket packet;
        packet.id = source;
        packet.flits = 9;
        packet.source = static_cast<EndpointId>(source);
        packet.destination = static_cast<EndpointId>((source + 3) % 4);
        engine->offer(packet);
    }
    std::uint64_t cycle = 0;
    for (; cycle < 1000; ++cycle) {
        engine->tick(cycle);
        REQUIRE(engine->next_cycle(cycle) == cycle + 1);
    }
    CHECK(engine->last_progress() < 10);
    CHECK(engine->in_flight() == 4);
    CHECK(engine->delivered().empty());
    CHECK_THROWS_AS(engine->audit(), InvariantError);
    const std::vector<std::string> waits = engine->describe_waits(100);
    REQUIRE(waits.size() == 12); // at each router the input from before, the local input, and the source
    CHECK(waits[1] ==
          "r0 input on: packet 3 (3 to 2, 9 flits) waits at flit 0 for output on; which is locked to input P0");
    CHECK(waits[0] ==
          "r0 input P0: packet 0 (0 to 3, 9 flits) waits at flit 2 for output on; no space on the way to, or "
          "in, input on of r1");
    CHECK(waits[8] == "endpoint 0: packet 0 (0 to 3, 9 flits) waits at flit 4; its input FIFO at r0 is full");
    CHECK(engine->describe_waits(3).size() == 3);
}
