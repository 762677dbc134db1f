#include "random_network.hpp"

#include "random_options.hpp"
#include "random_topology.hpp"
#include "random_traffic.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace intarsia::tests {

namespace {

using noc::RouteEntry;
using noc::RouteList;

/// Disjoint sets of virtual channels; some channels may belong to no class.
std::vector<std::uint16_t> random_classes(Dice& dice, std::uint32_t vcs) {
    const std::uint32_t classes = std::min(vcs, dice.pick<std::uint32_t>({1, 1, 2, 3}));
    std::vector<std::uint32_t> order(vcs);
    for (std::uint32_t vc = 0; vc < vcs; ++vc) {
        order[vc] = vc;
    }
    if (dice.chance(40)) {
        dice.shuffle(order);
    }
    std::vector<std::uint16_t> sets(classes, 0);
    for (std::uint32_t k = 0; k < vcs; ++k) {
        // Everyone gets one first.
        if (k < classes || dice.chance(95)) {
            std::uint16_t& set = sets[k * classes / vcs];
            set = static_cast<std::uint16_t>(set | 1U << order[k]);
        }
    }
    for (std::uint32_t c = 0; c < classes; ++c) {
        if (sets[c] == 0) {
            return {static_cast<std::uint16_t>((1U << vcs) - 1)};
        }
    }
    return sets;
}

/// Some channels of each class.
std::uint16_t random_vcs(Dice& dice, const std::vector<std::uint16_t>& classes) {
    std::uint16_t vcs = 0;
    for (const std::uint16_t set : classes) {
        const auto some = static_cast<std::uint16_t>(set & dice.next());
        vcs = static_cast<std::uint16_t>(vcs | (some == 0 ? set : some));
    }
    return vcs;
}

/// The lowest channel of each class.
std::uint16_t escape_vcs(const std::vector<std::uint16_t>& classes) {
    std::uint16_t vcs = 0;
    for (const std::uint16_t set : classes) {
        vcs = static_cast<std::uint16_t>(vcs | (set & -set));
    }
    return vcs;
}

/// x first in a mesh that is numbered row by row.
std::uint16_t dimension_order_port(const RandomTopology& topology, const std::vector<std::uint16_t>& shortest,
                                   std::uint32_t router) {
    for (const std::uint16_t port : shortest) {
        const noc::NetworkPort& by = topology.builder.plan().routers[router].ports[port];
        if (by.use == noc::PortUse::link && by.to.router / topology.columns == router / topology.columns) {
            return port;
        }
    }
    return shortest.front();
}

enum class Routing : std::uint8_t { tree, dimension_order, shortest, random_list, adaptive };

Routing random_routing(Dice& dice, const RandomTopology& topology, bool adaptive_allowed) {
    // Ways that may close a circle are for a minority.
    const bool safe = dice.chance(60) && (topology.has_tree || topology.is_mesh);
    std::vector<Routing> kinds;
    const auto add = [&](Routing kind, int weight, bool possible) {
        for (int k = 0; possible && k < weight; ++k) {
            kinds.push_back(kind);
        }
    };
    add(Routing::shortest, 1, !safe);
    add(Routing::random_list, 1, !safe);
    add(Routing::tree, 2, topology.has_tree);
    add(Routing::dimension_order, 6, topology.is_mesh);
    add(Routing::adaptive, 3, adaptive_allowed && topology.has_tree);
    return dice.pick(kinds);
}

RouteEntry random_list_entry(Dice& dice, noc::RouteTables& tables, const std::vector<std::uint16_t>& ports,
                             const std::vector<std::uint16_t>& classes) {
    RouteList list;
    list.random_bit = static_cast<std::uint8_t>(dice.below(8));
    list.options = {{dice.pick(ports), random_vcs(dice, classes), false},
                    {dice.pick(ports), random_vcs(dice, classes), false}};
    return tables.add_list(list);
}

RouteEntry adaptive_entry(noc::RouteTables& tables, const std::vector<std::uint16_t>& ports, std::uint16_t escape_port,
                          const std::vector<std::uint16_t>& classes, std::uint16_t all_vcs) {
    const std::uint16_t escape = escape_vcs(classes);
    RouteList list;
    list.adaptive = true;
    const auto others = static_cast<std::uint16_t>(all_vcs & ~escape);
    const bool each_class_has_others =
        std::all_of(classes.begin(), classes.end(), [&](std::uint16_t set) { return (set & others) != 0; });
    if (each_class_has_others) {
        for (const std::uint16_t port : ports) {
            list.options.push_back({port, others, false});
        }
    }
    list.options.push_back({escape_port, escape, true});
    return tables.add_list(list);
}

void random_routes(Dice& dice, RandomTopology& topology, bool adaptive_allowed) {
    PlanBuilder& builder = topology.builder;
    const std::vector<std::uint16_t> classes = builder.plan().class_vcs;
    const Routing routing = random_routing(dice, topology, adaptive_allowed);
    const bool all_vcs = dice.chance(60);
    builder.plan().name = fmt::format("routing {}", static_cast<int>(routing));
    builder.route([&](noc::RouteTables& tables, std::uint32_t router, std::uint32_t, std::uint32_t endpoint) {
        const std::vector<std::uint16_t> shortest = builder.shortest_ports(router, endpoint);
        const bool here = builder.plan().endpoints[endpoint].router == router;
        const std::uint16_t vcs = all_vcs ? builder.all_vcs() : random_vcs(dice, classes);
        switch (here ? Routing::shortest : routing) {
        case Routing::tree:
            return RouteEntry{builder.tree_port(router, endpoint), vcs};
        case Routing::dimension_order:
            return RouteEntry{dimension_order_port(topology, shortest, router), vcs};
        case Routing::random_list:
            return random_list_entry(dice, tables, shortest, classes);
        case Routing::adaptive:
            return adaptive_entry(tables, shortest, builder.tree_port(router, endpoint), classes, builder.all_vcs());
        case Routing::shortest:
            break;
        }
        return RouteEntry{dice.pick(shortest), vcs};
    });
    if (dice.chance(70)) {
        builder.drop_unused_entries();
    }
}

} // namespace

namespace {

RandomCase vc_case(std::uint64_t seed, const std::vector<std::uint32_t>& vcs, bool large) {
    Dice dice(seed);
    RandomCase made;
    made.seed = seed;
    TopologyLimits limits;
    limits.virtual_channels = dice.pick(vcs);
    limits.large = large;
    RandomTopology topology = random_topology(dice, limits);
    noc::NetworkPlan& plan = topology.builder.plan();
    plan.class_vcs = random_classes(dice, limits.virtual_channels);
    const bool common = dice.chance(large ? 95 : 50);
    plan.router.vc = random_vc_options(dice, common);
    random_routes(dice, topology, !common);
    made.plan = plan;
    add_traffic(dice, made);
    return made;
}

} // namespace

RandomCase random_vc_case(std::uint64_t seed) {
    return vc_case(seed, {1, 1, 2, 2, 3, 4, 4, 4, 5, 6, 8, 8, 9, 12, 16, 16}, false);
}

RandomCase large_vc_case(std::uint64_t seed) {
    return vc_case(seed, {1, 2, 2, 3, 4, 4, 4}, true);
}

RandomCase random_wormhole_case(std::uint64_t seed) {
    Dice dice(seed);
    RandomCase made;
    made.seed = seed;
    RandomTopology topology = random_topology(dice, {0, 1, false});
    noc::NetworkPlan& plan = topology.builder.plan();
    plan.router.model = noc::RouterModel::wormhole;
    plan.router.wormhole = random_wormhole_options(dice);
    random_routes(dice, topology, false);
    made.plan = plan;
    add_traffic(dice, made);
    return made;
}

std::string describe(const RandomCase& random_case) {
    const noc::NetworkPlan& plan = random_case.plan;
    const noc::VcRouterOptions& vc = plan.router.vc;
    const noc::WormholeRouterOptions& wormhole = plan.router.wormhole;
    std::string text =
        fmt::format("seed {}: {}, {} routers, {} endpoints, {} virtual channels, classes", random_case.seed, plan.name,
                    plan.routers.size(), plan.endpoints.size(), plan.virtual_channels);
    for (const std::uint16_t set : plan.class_vcs) {
        text += fmt::format(" {:#x}", set);
    }
    if (plan.router.model == noc::RouterModel::vc) {
        text += fmt::format(
            "\nvc: route {} vc_alloc {} switch_alloc {} traversal {} credit {} speculative {} priorities {} "
            "allocator {} arbiter {}",
            vc.route_delay, vc.vc_alloc_delay, vc.switch_alloc_delay, vc.traversal_delay, vc.credit_delay_cycles,
            vc.speculative, vc.priorities, static_cast<int>(vc.allocator), static_cast<int>(vc.arbiter));
    } else {
        text += fmt::format(
            "\nwormhole: input {} output {} credit {} (delay {}) arbiter order {} reset {} advance {} hold {} "
            "lock {}",
            wormhole.input_fifo_flits, wormhole.output_fifo_flits,
            wormhole.flow_control == noc::WormholeRouterOptions::FlowControl::credit, wormhole.credit_delay_cycles,
            static_cast<int>(wormhole.arbiter.order), static_cast<int>(wormhole.arbiter.reset),
            static_cast<int>(wormhole.arbiter.advance), wormhole.arbiter.hold, wormhole.packet_lock);
    }
    const noc::SinkOptions& sink = random_case.sink;
    text += fmt::format("\nsinks: period {} stall {} phase {} buffer {}; {} packets, limit {}, {}\n", sink.period,
                        sink.stall, sink.phase, sink.buffer_flits, random_case.packets.size(), random_case.limit,
                        random_case.skip_idle ? "idle cycles skipped" : "every cycle");
    for (std::size_t r = 0; r < plan.routers.size(); ++r) {
        text += fmt::format("  router {}:", r);
        for (std::size_t p = 0; p < plan.routers[r].ports.size(); ++p) {
            const noc::NetworkPort& port = plan.routers[r].ports[p];
            text += fmt::format(" [{} {} L{} {}/{} buf {}]", p, port.name, port.latency_cycles, port.interval_numerator,
                                port.interval_denominator, port.buffer_flits);
        }
        text += "\n";
    }
    return text;
}

} // namespace intarsia::tests
