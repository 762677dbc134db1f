#include "plan_builder.hpp"

#include "config/errors.hpp"

#include <deque>
#include <string>

namespace intarsia::tests {

using noc::NetworkPort;
using noc::PortUse;
using noc::RouteEntry;

PlanBuilder::PlanBuilder(std::uint32_t routers, std::uint32_t virtual_channels) {
    plan_.name = "built by hand";
    plan_.routers.resize(routers);
    for (std::uint32_t r = 0; r < routers; ++r) {
        plan_.routers[r].name = "r" + std::to_string(r);
    }
    plan_.virtual_channels = virtual_channels;
    plan_.class_vcs = {all_vcs()};
}

std::uint32_t PlanBuilder::vc_bits() const {
    std::uint32_t bits = 0;
    while ((1U << bits) < plan_.virtual_channels) {
        ++bits;
    }
    return bits;
}

std::uint32_t PlanBuilder::add_port(std::uint32_t router, const ChannelFigures& figures) {
    NetworkPort port;
    port.latency_cycles = figures.latency;
    port.interval_numerator = figures.interval_numerator;
    port.interval_denominator = figures.interval_denominator;
    port.buffer_flits = figures.buffer_flits;
    plan_.routers[router].ports.push_back(port);
    return static_cast<std::uint32_t>(plan_.routers[router].ports.size() - 1);
}

void PlanBuilder::add_endpoint(std::uint32_t router, const ChannelFigures& figures) {
    const std::uint32_t port = add_port(router, figures);
    const auto number = static_cast<std::uint32_t>(plan_.endpoints.size());
    plan_.routers[router].ports[port].use = PortUse::endpoint;
    plan_.routers[router].ports[port].endpoint = number;
    plan_.routers[router].ports[port].name = "P" + std::to_string(number);
    plan_.endpoints.push_back({router, port, "n" + std::to_string(number)});
}

void PlanBuilder::connect(std::uint32_t a, std::uint32_t b, const ChannelFigures& figures) {
    const std::uint32_t at_a = add_port(a, figures);
    const std::uint32_t at_b = add_port(b, figures);
    NetworkPort& from_a = plan_.routers[a].ports[at_a];
    NetworkPort& from_b = plan_.routers[b].ports[at_b];
    from_a.to = from_a.from = {b, at_b};
    from_b.to = from_b.from = {a, at_a};
    from_a.name = "to r" + std::to_string(b);
    from_b.name = "to r" + std::to_string(a);
}

void PlanBuilder::connect_one_way(std::uint32_t a, std::uint32_t b, const ChannelFigures& figures) {
    const std::uint32_t at_a = add_port(a, figures);
    const std::uint32_t at_b = add_port(b, figures);
    plan_.routers[a].ports[at_a].to = {b, at_b};
    plan_.routers[b].ports[at_b].from = {a, at_a};
    plan_.routers[a].ports[at_a].name = "to r" + std::to_string(b);
    plan_.routers[b].ports[at_b].name = "from r" + std::to_string(a);
}

void PlanBuilder::add_one_way_ring(const ChannelFigures& figures) {
    const auto routers = static_cast<std::uint32_t>(plan_.routers.size());
    std::vector<std::uint32_t> ports;
    for (std::uint32_t r = 0; r < routers; ++r) {
        ports.push_back(add_port(r, figures));
    }
    for (std::uint32_t r = 0; r < routers; ++r) {
        const std::uint32_t next = (r + 1) % routers;
        plan_.routers[r].ports[ports[r]].to = {next, ports[next]};
        plan_.routers[next].ports[ports[next]].from = {r, ports[r]};
        plan_.routers[r].ports[ports[r]].name = "to r" + std::to_string(next);
    }
}

// Breadth first from every router.
void PlanBuilder::find_distances() {
    const std::size_t routers = plan_.routers.size();
    distance_.assign(routers, std::vector<std::uint32_t>(routers, UINT32_MAX));
    for (std::uint32_t start = 0; start < routers; ++start) {
        std::deque<std::uint32_t> next = {start};
        distance_[start][start] = 0;
        while (!next.empty()) {
            const std::uint32_t at = next.front();
            next.pop_front();
            for (const NetworkPort& port : plan_.routers[at].ports) {
                if (port.to.exists() && distance_[start][port.to.router] == UINT32_MAX) {
                    distance_[start][port.to.router] = distance_[start][at] + 1;
                    next.push_back(port.to.router);
                }
            }
        }
    }
}

void PlanBuilder::grow_tree() {
    tree_parent_.assign(plan_.routers.size(), UINT32_MAX);
    tree_depth_.assign(plan_.routers.size(), 0);
    std::deque<std::uint32_t> next = {0};
    tree_parent_[0] = 0;
    while (!next.empty()) {
        const std::uint32_t at = next.front();
        next.pop_front();
        for (const NetworkPort& port : plan_.routers[at].ports) {
            if (port.to.exists() && port.from.exists() && tree_parent_[port.to.router] == UINT32_MAX) {
                tree_parent_[port.to.router] = at;
                tree_depth_[port.to.router] = tree_depth_[at] + 1;
                next.push_back(port.to.router);
            }
        }
    }
}

std::vector<std::uint16_t> PlanBuilder::shortest_ports(std::uint32_t router, std::uint32_t endpoint) const {
    const noc::NetworkEndpoint& to = plan_.endpoints[endpoint];
    if (to.router == router) {
        return {static_cast<std::uint16_t>(to.port)};
    }
    std::vector<std::uint16_t> ports;
    for (std::size_t p = 0; p < plan_.routers[router].ports.size(); ++p) {
        const NetworkPort& port = plan_.routers[router].ports[p];
        if (port.to.exists() && distance_[port.to.router][to.router] + 1 == distance_[router][to.router]) {
            ports.push_back(static_cast<std::uint16_t>(p));
        }
    }
    return ports;
}

std::uint16_t PlanBuilder::tree_port(std::uint32_t router, std::uint32_t endpoint) const {
    const noc::NetworkEndpoint& to = plan_.endpoints[endpoint];
    if (to.router == router) {
        return static_cast<std::uint16_t>(to.port);
    }
    // Down to the child that the destination stands under, if it does; up otherwise.
    std::uint32_t below = to.router;
    while (tree_depth_[below] > tree_depth_[router] + 1) {
        below = tree_parent_[below];
    }
    const bool down = tree_depth_[below] == tree_depth_[router] + 1 && tree_parent_[below] == router;
    const std::uint32_t next = down ? below : tree_parent_[router];
    for (std::size_t p = 0; p < plan_.routers[router].ports.size(); ++p) {
        const NetworkPort& port = plan_.routers[router].ports[p];
        if (port.to.router == next && port.from.exists()) {
            return static_cast<std::uint16_t>(p);
        }
    }
    throw InvariantError("the spanning tree holds every router");
}

void PlanBuilder::route(const Rule& rule) {
    find_distances();
    grow_tree();
    std::vector<std::uint32_t> ports;
    for (const noc::NetworkRouter& router : plan_.routers) {
        ports.push_back(static_cast<std::uint32_t>(router.ports.size()));
    }
    plan_.routes = noc::RouteTables(vc_bits(), ports, static_cast<std::uint32_t>(plan_.endpoints.size()));
    for (std::uint32_t r = 0; r < plan_.routers.size(); ++r) {
        for (std::uint32_t i = 0; i < ports[r] << vc_bits(); ++i) {
            const std::uint32_t row = plan_.routes.add_row();
            plan_.routes.set_row(r, i, row);
            for (std::uint32_t n = 0; n < plan_.endpoints.size(); ++n) {
                plan_.routes.set(row, static_cast<EndpointId>(n), rule(plan_.routes, r, i, n));
            }
        }
    }
}

std::vector<std::uint16_t> PlanBuilder::ports_of(RouteEntry entry) const {
    if (entry.port == RouteEntry::none) {
        return {};
    }
    if (entry.port != RouteEntry::is_list) {
        return {entry.port};
    }
    std::vector<std::uint16_t> ports;
    for (const noc::RouteOption& option : plan_.routes.list(entry).options) {
        ports.push_back(option.port);
    }
    return ports;
}

// `used` is [router][port * endpoints + endpoint]: packets for the endpoint come in by the port.
void PlanBuilder::mark_way(std::vector<std::vector<bool>>& used, std::uint32_t router, std::uint32_t port,
                           std::uint32_t endpoint) const {
    const std::size_t place = port * plan_.endpoints.size() + endpoint;
    if (used[router][place]) {
        return;
    }
    used[router][place] = true;
    for (std::uint32_t vc = 0; vc < 1U << vc_bits(); ++vc) {
        const RouteEntry entry = plan_.routes.lookup(router, port << vc_bits() | vc, static_cast<EndpointId>(endpoint));
        for (const std::uint16_t out : ports_of(entry)) {
            const NetworkPort& by = plan_.routers[router].ports[out];
            if (by.use == PortUse::link) {
                mark_way(used, by.to.router, by.to.port, endpoint);
            }
        }
    }
}

void PlanBuilder::drop_unused_entries() {
    const auto endpoints = static_cast<std::uint32_t>(plan_.endpoints.size());
    std::vector<std::vector<bool>> used;
    for (const noc::NetworkRouter& router : plan_.routers) {
        used.emplace_back(router.ports.size() * endpoints, false);
    }
    for (const noc::NetworkEndpoint& source : plan_.endpoints) {
        for (std::uint32_t n = 0; n < endpoints; ++n) {
            mark_way(used, source.router, source.port, n);
        }
    }
    for (std::uint32_t r = 0; r < plan_.routers.size(); ++r) {
        for (std::uint32_t i = 0; i < plan_.routers[r].ports.size() << vc_bits(); ++i) {
            for (std::uint32_t n = 0; n < endpoints; ++n) {
                if (!used[r][(i >> vc_bits()) * endpoints + n]) {
                    plan_.routes.set(plan_.routes.row_of(r, i), static_cast<EndpointId>(n), RouteEntry{});
                }
            }
        }
    }
}

void PlanBuilder::route_shortest() {
    route([this](noc::RouteTables&, std::uint32_t router, std::uint32_t, std::uint32_t endpoint) {
        const std::vector<std::uint16_t> ports = shortest_ports(router, endpoint);
        return ports.empty() ? RouteEntry{} : RouteEntry{ports.front(), all_vcs()};
    });
}

} // namespace intarsia::tests
