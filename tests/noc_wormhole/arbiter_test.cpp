// Who goes first: order, reset, advance and hold of the arbiter, and a policy that configuration does not know.
#include "noc/wormhole_engine.hpp"
#include "rig.hpp"

#include <bit>
#include <catch2/catch.hpp>
#include <tuple>

using namespace intarsia;
using namespace intarsia::tests;
using Order = noc::WormholeArbiter::Order;
using Reset = noc::WormholeArbiter::Reset;
using Advance = noc::WormholeArbiter::Advance;

namespace {

/// One router with `endpoints` endpoints, input k that of endpoint k.
noc::NetworkPlan star(std::uint32_t endpoints, const noc::RouterOptions& options) {
    return tree_plan({0}, {endpoints}, options);
}

noc::TrafficPacket to_first(std::uint64_t id, std::uint64_t created, std::uint32_t source) {
    noc::TrafficPacket packet;
    packet.id = id;
    packet.created = created;
    packet.source = static_cast<EndpointId>(source);
    packet.destination = 0;
    return packet;
}

/// Each of five endpoints has `each` packets for endpoint 0; their sources in order of arrival.
std::vector<std::uint32_t> service_order(noc::NetworkEngine& engine, std::uint32_t each) {
    std::vector<noc::TrafficPacket> packets;
    for (std::uint32_t k = 0; k < 5 * each; ++k) {
        packets.push_back(to_first(k, 0, k % 5));
    }
    const Run run = run_packets(engine, packets);
    std::vector<std::uint32_t> order;
    for (const noc::FlitHop& hop : run.hops) {
        order.push_back(static_cast<std::uint32_t>(hop.packet % 5));
    }
    return order;
}

std::vector<std::uint32_t> service_order(Order order, Reset reset, std::uint32_t each = 2) {
    noc::RouterOptions options = bsg_mesh_options();
    options.wormhole.arbiter.order = order;
    options.wormhole.arbiter.reset = reset;
    const noc::NetworkPlan plan = star(5, options);
    return service_order(*noc::make_wormhole_engine(plan, {}), each);
}

/// Sources of two packets to a sink that takes nothing in cycles 0 to 4 of 10, in order of arrival: from endpoint 2,
/// created in `created`, and from endpoint 1 a cycle later.
std::vector<EndpointId> stalled_order(Advance advance, bool hold, std::uint64_t created) {
    noc::RouterOptions options = bsg_mesh_options();
    options.wormhole.arbiter = {Order::increasing, Reset::lowest, advance, hold};
    const noc::NetworkPlan plan = star(3, options);
    const Run run = run_packets(plan, {to_first(0, created, 2), to_first(1, created + 1, 1)}, {10, 5, 0, 8});
    std::vector<EndpointId> order;
    for (const noc::FlitHop& hop : run.hops) {
        order.push_back(run.packets[hop.packet].packet.source);
    }
    CHECK(run.hops[0].cycle == 15);
    CHECK(run.hops[1].cycle == 16);
    return order;
}

/// By creation, then by number: what configuration cannot express.
struct OldestFirst {
    struct State {};
    static State reset(const noc::WormholeArbiter& /*options*/, std::uint64_t /*allowed*/) { return {}; }
    template <class Fronts>
    static std::uint32_t choose(const State& /*state*/, std::uint64_t candidates, const Fronts& fronts) {
        auto oldest = static_cast<std::uint32_t>(std::countr_zero(candidates));
        for (std::uint64_t rest = candidates & (candidates - 1); rest != 0; rest &= rest - 1) {
            const auto input = static_cast<std::uint32_t>(std::countr_zero(rest));
            const noc::TrafficPacket& a = fronts.packet(input);
            const noc::TrafficPacket& b = fronts.packet(oldest);
            oldest = std::tie(a.created, a.id) < std::tie(b.created, b.id) ? input : oldest;
        }
        return oldest;
    }
    static void advance(State& /*state*/, std::uint32_t /*input*/) {}
};

using Sources = std::vector<std::uint32_t>;

} // namespace

TEST_CASE("Round robin serves inputs in its order, from where reset put it") {
    CHECK(service_order(Order::increasing, Reset::lowest) == Sources{0, 1, 2, 3, 4, 0, 1, 2, 3, 4});
    CHECK(service_order(Order::increasing, Reset::highest) == Sources{4, 0, 1, 2, 3, 4, 0, 1, 2, 3});
    CHECK(service_order(Order::increasing, Reset::after_lowest) == Sources{1, 2, 3, 4, 0, 1, 2, 3, 4, 0});
    CHECK(service_order(Order::decreasing, Reset::lowest) == Sources{0, 4, 3, 2, 1, 0, 4, 3, 2, 1});
    CHECK(service_order(Order::decreasing, Reset::highest) == Sources{4, 3, 2, 1, 0, 4, 3, 2, 1, 0});
    CHECK(service_order(Order::decreasing, Reset::after_lowest) == Sources{4, 3, 2, 1, 0, 4, 3, 2, 1, 0});
}

TEST_CASE("A fixed priority serves the lowest input as long as it asks") {
    CHECK(service_order(Order::fixed, Reset::highest) == Sources{0, 0, 1, 1, 2, 2, 3, 3, 4, 4});
}

TEST_CASE("Reset looks at the inputs from which routes lead to the output, not at all inputs") {
    // Router 1 of a chain of three, an endpoint each: ports P, to r0, to r2. Output "to r2" takes from P and from r0,
    // output "to r0" from P and from r2, and P from all.
    noc::RouterOptions options = bsg_mesh_options();
    options.wormhole.arbiter = {Order::decreasing, Reset::highest, Advance::on_transfer, false};
    noc::NetworkPlan plan = tree_plan({0, 0, 1}, {1, 1, 1}, options);
    for (noc::NetworkRouter& router : plan.routers) {
        for (noc::NetworkPort& port : router.ports) {
            port.latency_cycles = 0;
        }
    }
    // Both reach router 1 in cycle 1; the highest allowed input of "to r2" is the one from r0 (index 1 of 0 and 1).
    noc::TrafficPacket through = to_first(0, 0, 0);
    noc::TrafficPacket local = to_first(1, 1, 1);
    through.destination = local.destination = 2;
    const Run run = run_packets(plan, {through, local});
    CHECK(run.packets[0].eject_head == 3);
    CHECK(run.packets[1].eject_head == 4);
    plan.router.wormhole.arbiter.reset = Reset::lowest;
    const Run other = run_packets(plan, {through, local});
    CHECK(other.packets[0].eject_head == 4);
    CHECK(other.packets[1].eject_head == 3);
    // In increasing order "after the lowest" is again the input from r0; with inputs counted otherwise it would be
    // r2's.
    plan.router.wormhole.arbiter = {Order::increasing, Reset::after_lowest, Advance::on_transfer, false};
    CHECK(run_packets(plan, {through, local}).packets[0].eject_head == 3);
}

TEST_CASE("A refused grant is dropped, or held, or moves the pointer") {
    using Pair = std::vector<EndpointId>;
    // Input 2 asks from cycle 11 on, input 1 from 12 on; both are refused until 15.
    CHECK(stalled_order(Advance::on_transfer, false, 10) == Pair{1, 2}); // the lowest has priority all the time
    CHECK(stalled_order(Advance::on_transfer, true, 10) == Pair{2, 1});  // granted first, so first
    CHECK(stalled_order(Advance::on_grant, false, 10) == Pair{2, 1});    // 2, 1, 2, 1 refused
    CHECK(stalled_order(Advance::on_grant, true, 10) == Pair{2, 1});
    // A cycle later there is one refusal less.
    CHECK(stalled_order(Advance::on_transfer, false, 11) == Pair{1, 2});
    CHECK(stalled_order(Advance::on_transfer, true, 11) == Pair{2, 1});
    CHECK(stalled_order(Advance::on_grant, false, 11) == Pair{1, 2}); // 2, 1, 2 refused
    CHECK(stalled_order(Advance::on_grant, true, 11) == Pair{2, 1});
}

TEST_CASE("A policy of one's own takes the place of the arbiter") {
    const noc::NetworkPlan plan = star(5, bsg_mesh_options());
    const auto run_three = [](noc::NetworkEngine& engine) {
        // Four packets of each of three endpoints, endpoint 3 - k in cycle k.
        std::vector<noc::TrafficPacket> packets;
        for (std::uint32_t k = 0; k < 12; ++k) {
            packets.push_back(to_first(k, k / 4, 3 - k / 4));
        }
        const Run run = run_packets(engine, packets);
        std::vector<std::uint64_t> order;
        for (const noc::FlitHop& hop : run.hops) {
            order.push_back(hop.packet);
        }
        return order;
    };
    noc::WormholeEngine<OldestFirst> engine(plan, {});
    CHECK(run_three(engine) == std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
    CHECK(run_three(*noc::make_wormhole_engine(plan, {})) !=
          std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
}

TEST_CASE("An output is locked from header to tail, and idles when its input is empty") {
    // Endpoint 1 sends 6 flits over a slow link to router 0; endpoint 0 sends one flit there, from the router itself.
    noc::RouterOptions options = bsg_wormhole_options();
    noc::NetworkPlan plan = tree_plan({0, 0}, {2, 1}, options);
    plan.routers[1].ports[1].interval_numerator = 4;
    noc::TrafficPacket far;
    far.source = 2;
    far.destination = 0;
    far.flits = 6;
    noc::TrafficPacket near = far;
    near.id = 1;
    near.source = 1;
    near.flits = 1;
    near.created = 8;
    const Run locked = run_packets(plan, {far, near});
    CHECK(locked.packets[1].eject_head == locked.packets[0].eject_tail + 1);
    plan.router.wormhole.packet_lock = false;
    const Run free = run_packets(plan, {far, near});
    CHECK(free.packets[1].eject_head == 9);
    CHECK(free.packets[0].eject_tail == locked.packets[0].eject_tail);
}
