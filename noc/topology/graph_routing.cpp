#include "noc/topology/graph_routing.hpp"

#include <algorithm>
#include <numeric>

namespace intarsia::noc {

namespace {

constexpr std::uint32_t far = UINT32_MAX;

/// Breadth-first distances from `start` over links in the direction that `end_of` (a port's end to go on to) chooses.
template <class EndOf>
void measure(const NetworkPlan& plan, std::uint32_t start, const EndOf& end_of, std::vector<std::uint32_t>& distance,
             std::vector<std::uint32_t>& open) {
    distance.assign(plan.routers.size(), far);
    open.assign(1, start);
    distance[start] = 0;
    for (std::size_t done = 0; done < open.size(); ++done) {
        for (const NetworkPort& port : plan.routers[open[done]].ports) {
            const PortEnd end = end_of(port);
            if (port.use == PortUse::link && end.exists() && distance[end.router] == far) {
                distance[end.router] = distance[open[done]] + 1;
                open.push_back(end.router);
            }
        }
    }
}

/// The port towards the lowest neighbour for which `good`; ports of the router's own list in order.
template <class Good>
void choose_lowest(const NetworkPlan& plan, std::uint32_t router, const Good& good, RouteList& ways) {
    std::uint32_t lowest = far;
    std::uint32_t chosen = 0;
    const std::vector<NetworkPort>& ports = plan.routers[router].ports;
    for (std::uint32_t p = 0; p < ports.size(); ++p) {
        const std::uint32_t neighbour = ports[p].to.router;
        if (ports[p].use == PortUse::link && ports[p].to.exists() && neighbour < lowest && good(neighbour)) {
            lowest = neighbour;
            chosen = p;
        }
    }
    if (lowest != far) {
        const auto all = static_cast<std::uint16_t>((1U << plan.virtual_channels) - 1);
        ways.options.push_back({static_cast<std::uint16_t>(chosen), all, false});
    }
}

} // namespace

ShortestPaths::ShortestPaths(const NetworkPlan& plan) : plan_(plan) {}

void ShortestPaths::aim(EndpointId destination) {
    measure(
        plan_, plan_.endpoints[destination].router, [](const NetworkPort& port) { return port.from; }, distance_,
        open_);
}

void ShortestPaths::route(HeadPlace place, RouteList& ways) const {
    const std::uint32_t here = distance_[place.router];
    choose_lowest(
        plan_, place.router, [&](std::uint32_t neighbour) { return here != far && distance_[neighbour] + 1 == here; },
        ways);
}

UpDown::UpDown(const NetworkPlan& plan, std::uint32_t root) : plan_(plan), place_(plan.routers.size(), far) {
    std::vector<std::uint32_t> depth;
    measure(
        plan, root, [](const NetworkPort& port) { return port.to; }, depth, in_order_);
    std::sort(in_order_.begin(), in_order_.end(),
              [&](std::uint32_t a, std::uint32_t b) { return depth[a] != depth[b] ? depth[a] < depth[b] : a < b; });
    for (std::uint32_t place = 0; place < in_order_.size(); ++place) {
        place_[in_order_[place]] = place;
    }
}

std::vector<std::uint32_t> UpDown::unreached() const {
    std::vector<std::uint32_t> all;
    for (std::uint32_t r = 0; r < place_.size(); ++r) {
        if (place_[r] == far) {
            all.push_back(r);
        }
    }
    return all;
}

void UpDown::aim(EndpointId destination) {
    const std::uint32_t target = plan_.endpoints[destination].router;
    down_.assign(plan_.routers.size(), far);
    any_.assign(plan_.routers.size(), far);
    const auto nearest = [&](std::uint32_t router, bool up, const std::vector<std::uint32_t>& distance) {
        std::uint32_t least = far;
        for (const NetworkPort& port : plan_.routers[router].ports) {
            if (port.use == PortUse::link && port.to.exists() && goes_up(router, port.to.router) == up) {
                least = std::min(least, distance[port.to.router]);
            }
        }
        return least == far ? far : least + 1;
    };
    // Down leads to later places, so what lies behind is known first; up leads to earlier ones.
    for (std::size_t k = in_order_.size(); k-- > 0;) {
        const std::uint32_t router = in_order_[k];
        down_[router] = router == target ? 0 : nearest(router, false, down_);
    }
    for (const std::uint32_t router : in_order_) {
        any_[router] = std::min(down_[router], nearest(router, true, any_));
    }
}

void UpDown::route(HeadPlace place, RouteList& ways) const {
    const NetworkPort& came_by = plan_.routers[place.router].ports[place.port];
    const bool may_go_up = came_by.use != PortUse::link || goes_up(came_by.from.router, place.router);
    const std::uint32_t down = down_[place.router];
    if (down != far && (!may_go_up || down == any_[place.router])) {
        choose_lowest(
            plan_, place.router,
            [&](std::uint32_t n) { return !goes_up(place.router, n) && down_[n] != far && down_[n] + 1 == down; },
            ways);
    } else if (may_go_up && any_[place.router] != far) {
        choose_lowest(
            plan_, place.router,
            [&](std::uint32_t n) { return goes_up(place.router, n) && any_[n] + 1 == any_[place.router]; }, ways);
    }
}

std::vector<std::uint32_t> GivenTables::circle(const NetworkPlan& plan, EndpointId destination) const {
    std::vector<std::uint32_t> walk_of(plan.routers.size(), far); // by router: where the walk that got there began
    for (std::uint32_t start = 0; start < plan.routers.size(); ++start) {
        std::uint32_t at = start;
        std::vector<std::uint32_t> way;
        while (at != plan.endpoints[destination].router && walk_of[at] == far) {
            walk_of[at] = start;
            way.push_back(at);
            const RouteOption& entry = entries_[std::size_t(at) * endpoints_ + destination];
            if (entry.port == no_port || !plan.routers[at].ports[entry.port].to.exists()) {
                break;
            }
            at = plan.routers[at].ports[entry.port].to.router;
            if (walk_of[at] == start) {
                return {std::find(way.begin(), way.end(), at), way.end()};
            }
        }
    }
    return {};
}

} // namespace intarsia::noc
