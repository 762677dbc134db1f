#include "rig.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

namespace intarsia::tests {

using noc::NetworkPlan;
using noc::NetworkPort;
using noc::PortUse;
using noc::RouterOptions;
using noc::RouteTables;
using noc::WormholeArbiter;

namespace {

RouterOptions single_cycle(WormholeArbiter::Order order, WormholeArbiter::Reset reset) {
    RouterOptions options;
    options.model = noc::RouterModel::wormhole;
    options.wormhole.arbiter.order = order;
    options.wormhole.arbiter.reset = reset;
    return options;
}

NetworkPlan empty_plan(const char* name, std::uint32_t routers, const RouterOptions& options) {
    NetworkPlan plan;
    plan.name = name;
    plan.virtual_channels = 1;
    plan.class_vcs = {1};
    plan.router = options;
    plan.routers.resize(routers);
    for (std::uint32_t r = 0; r < routers; ++r) {
        plan.routers[r].name = "r" + std::to_string(r);
    }
    return plan;
}

NetworkPort endpoint_port(NetworkPlan& plan, std::uint32_t router, std::uint32_t port) {
    NetworkPort p;
    p.use = PortUse::endpoint;
    p.endpoint = static_cast<std::uint32_t>(plan.endpoints.size());
    p.latency_cycles = 0;
    p.name = "P" + std::to_string(p.endpoint);
    plan.endpoints.push_back({router, port, std::to_string(p.endpoint)});
    return p;
}

std::vector<std::uint32_t> ports_of(const NetworkPlan& plan) {
    std::vector<std::uint32_t> ports;
    for (const noc::NetworkRouter& router : plan.routers) {
        ports.push_back(static_cast<std::uint32_t>(router.ports.size()));
    }
    return ports;
}

} // namespace

RouterOptions bsg_mesh_options() {
    return single_cycle(WormholeArbiter::Order::decreasing, WormholeArbiter::Reset::highest);
}

RouterOptions bsg_wormhole_options() {
    return single_cycle(WormholeArbiter::Order::increasing, WormholeArbiter::Reset::after_lowest);
}

NetworkPlan mesh_plan(std::uint32_t columns, std::uint32_t rows, const RouterOptions& options,
                      std::uint32_t latency_cycles) {
    REQUIRE(columns * rows > 0);
    NetworkPlan plan = empty_plan("mesh", columns * rows, options);
    for (std::uint32_t r = 0; r < columns * rows; ++r) {
        const std::uint32_t x = r % columns;
        const std::uint32_t y = r / columns;
        std::vector<NetworkPort>& ports = plan.routers[r].ports;
        ports.resize(5);
        ports[port_p] = endpoint_port(plan, r, port_p);
        const auto join = [&](std::uint32_t port, std::uint32_t opposite, bool exists, std::uint32_t to,
                              const char* name) {
            ports[port].name = name;
            ports[port].latency_cycles = latency_cycles;
            if (exists) {
                ports[port].to = ports[port].from = {to, opposite};
            }
        };
        join(port_w, port_e, x > 0, r - 1, "W");
        join(port_e, port_w, x + 1 < columns, r + 1, "E");
        join(port_n, port_s, y > 0, r - columns, "N");
        join(port_s, port_n, y + 1 < rows, r + columns, "S");
    }
    plan.routes = RouteTables(0, ports_of(plan), columns * rows);
    for (std::uint32_t r = 0; r < columns * rows; ++r) {
        for (std::uint32_t in = 0; in < 5; ++in) {
            if (in != port_p && !plan.routers[r].ports[in].from.exists()) {
                continue;
            }
            const std::uint32_t row = plan.routes.add_row();
            plan.routes.set_row(r, in, row);
            for (std::uint32_t d = 0; d < columns * rows; ++d) {
                const bool in_column = d % columns == r % columns;
                std::uint32_t out = d > r ? port_s : port_n;
                if (d == r) {
                    out = port_p;
                } else if (!in_column) {
                    out = d % columns > r % columns ? port_e : port_w;
                }
                const bool turns_back = out == in && in != port_p;
                const bool leaves_column = (in == port_n || in == port_s) && !in_column;
                if (!turns_back && !leaves_column) {
                    plan.routes.set(row, static_cast<EndpointId>(d), {static_cast<std::uint16_t>(out), 1});
                }
            }
        }
    }
    return plan;
}

NetworkPlan tree_plan(const std::vector<std::uint32_t>& parent, const std::vector<std::uint32_t>& endpoints,
                      const RouterOptions& options) {
    const auto routers = static_cast<std::uint32_t>(parent.size());
    NetworkPlan plan = empty_plan("tree", routers, options);
    for (std::uint32_t r = 0; r < routers; ++r) {
        for (std::uint32_t e = 0; e < endpoints[r]; ++e) {
            plan.routers[r].ports.push_back(endpoint_port(plan, r, e));
        }
    }
    for (std::uint32_t r = 1; r < routers; ++r) {
        std::vector<NetworkPort>& mine = plan.routers[r].ports;
        std::vector<NetworkPort>& other = plan.routers[parent[r]].ports;
        NetworkPort up;
        up.name = "to r" + std::to_string(parent[r]);
        up.to = up.from = {parent[r], static_cast<std::uint32_t>(other.size())};
        NetworkPort down;
        down.name = "to r" + std::to_string(r);
        down.to = down.from = {r, static_cast<std::uint32_t>(mine.size())};
        mine.push_back(up);
        other.push_back(down);
    }
    plan.routes = RouteTables(0, ports_of(plan), static_cast<std::uint32_t>(plan.endpoints.size()));
    for (std::uint32_t r = 0; r < routers; ++r) {
        const std::vector<NetworkPort>& ports = plan.routers[r].ports;
        for (std::uint32_t in = 0; in < ports.size(); ++in) {
            const std::uint32_t row = plan.routes.add_row();
            plan.routes.set_row(r, in, row);
            for (std::uint32_t d = 0; d < plan.endpoints.size(); ++d) {
                std::uint32_t out = plan.endpoints[d].port;
                if (plan.endpoints[d].router != r) {
                    // Below this router if the way from the destination to the root passes here, else up.
                    std::uint32_t below = plan.endpoints[d].router;
                    while (below != 0 && parent[below] != r) {
                        below = parent[below];
                    }
                    const std::uint32_t next = below != 0 ? below : parent[r];
                    const auto leads = [&](const NetworkPort& p) { return p.to.exists() && p.to.router == next; };
                    out = static_cast<std::uint32_t>(std::find_if(ports.begin(), ports.end(), leads) - ports.begin());
                }
                if (out != in || ports[in].use == PortUse::endpoint) {
                    plan.routes.set(row, static_cast<EndpointId>(d), {static_cast<std::uint16_t>(out), 1});
                }
            }
        }
    }
    return plan;
}

NetworkPlan ring_plan(std::uint32_t routers, const RouterOptions& options) {
    NetworkPlan plan = empty_plan("ring", routers, options);
    for (std::uint32_t r = 0; r < routers; ++r) {
        std::vector<NetworkPort>& ports = plan.routers[r].ports;
        ports.push_back(endpoint_port(plan, r, 0));
        NetworkPort around;
        around.name = "on";
        around.latency_cycles = 0;
        around.to = {(r + 1) % routers, 1};
        around.from = {(r + routers - 1) % routers, 1};
        ports.push_back(around);
    }
    plan.routes = RouteTables(0, ports_of(plan), routers);
    for (std::uint32_t r = 0; r < routers; ++r) {
        const std::uint32_t row = plan.routes.add_row();
        plan.routes.set_row(r, 0, row);
        plan.routes.set_row(r, 1, row);
        for (std::uint32_t d = 0; d < routers; ++d) {
            plan.routes.set(row, static_cast<EndpointId>(d), {static_cast<std::uint16_t>(d == r ? 0 : 1), 1});
        }
    }
    return plan;
}

Run run_packets(noc::NetworkEngine& engine, const std::vector<noc::TrafficPacket>& packets, std::uint64_t most_cycles) {
    Run run;
    engine.record_hops(&run.hops);
    std::vector<noc::TrafficPacket> in_time = packets;
    std::stable_sort(in_time.begin(), in_time.end(),
                     [](const auto& a, const auto& b) { return a.created < b.created; });
    auto next = in_time.begin();
    std::uint64_t cycle = next == in_time.end() ? UINT64_MAX : next->created;
    while (cycle != UINT64_MAX) {
        REQUIRE(cycle < most_cycles);
        for (; next != in_time.end() && next->created == cycle; ++next) {
            engine.offer(*next);
        }
        engine.tick(cycle);
        ++run.ticks;
        run.packets.insert(run.packets.end(), engine.delivered().begin(), engine.delivered().end());
        cycle = engine.next_cycle(cycle);
        if (next != in_time.end()) {
            cycle = std::min(cycle, next->created);
        }
    }
    engine.record_hops(nullptr);
    std::sort(run.packets.begin(), run.packets.end(),
              [](const auto& a, const auto& b) { return a.packet.id < b.packet.id; });
    CHECK(run.packets.size() == packets.size());
    CHECK(engine.in_flight() == 0);
    CHECK_NOTHROW(engine.audit());
    return run;
}

Run run_packets(const NetworkPlan& plan, const std::vector<noc::TrafficPacket>& packets, const noc::SinkOptions& sink) {
    const auto engine = noc::make_wormhole_engine(plan, sink);
    return run_packets(*engine, packets);
}

std::vector<noc::TrafficPacket> uniform_traffic(std::uint32_t endpoints, double load, std::uint64_t cycles,
                                                std::uint32_t least_flits, std::uint32_t most_flits,
                                                std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::uniform_int_distribution<std::uint32_t> length(least_flits, most_flits);
    std::uniform_int_distribution<std::uint32_t> destination(0, endpoints - 1);
    std::bernoulli_distribution creates(load * 2 / (least_flits + most_flits));
    std::vector<noc::TrafficPacket> packets;
    for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) {
        for (std::uint32_t source = 0; source < endpoints; ++source) {
            if (creates(random)) {
                noc::TrafficPacket packet;
                packet.id = packets.size();
                packet.created = cycle;
                packet.flits = length(random);
                packet.source = static_cast<EndpointId>(source);
                packet.destination = static_cast<EndpointId>(destination(random));
                packets.push_back(packet);
            }
        }
    }
    return packets;
}

bool same_cycles(const noc::DeliveredPacket& a, const noc::DeliveredPacket& b) {
    return a.packet.id == b.packet.id && a.inject_head == b.inject_head && a.inject_tail == b.inject_tail &&
           a.eject_head == b.eject_head && a.eject_tail == b.eject_tail;
}

bool same_hops(const std::vector<noc::FlitHop>& a, const std::vector<noc::FlitHop>& b) {
    const auto same = [](const noc::FlitHop& x, const noc::FlitHop& y) {
        return x.cycle == y.cycle && x.router == y.router && x.port == y.port && x.packet == y.packet &&
               x.flit == y.flit;
    };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

std::size_t different_packets(const Run& a, const Run& b) {
    REQUIRE(a.packets.size() == b.packets.size());
    std::size_t different = 0;
    for (std::size_t k = 0; k < a.packets.size(); ++k) {
        different += same_cycles(a.packets[k], b.packets[k]) ? 0 : 1;
    }
    return different;
}

} // namespace intarsia::tests
