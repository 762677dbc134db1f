#include "noc/topology/grid_routing.hpp"

#include <bit>

namespace intarsia::noc {

O1Turn::O1Turn(const Wiring& wiring) : wiring_(wiring), halves_(halves_of(wiring.plan.class_vcs)) {}

std::vector<std::uint8_t> O1Turn::groups(std::uint32_t virtual_channels) const {
    std::vector<std::uint8_t> all;
    for (std::uint32_t vc = 0; vc < virtual_channels; ++vc) {
        all.push_back((halves_.upper >> vc & 1U) != 0 ? 1 : 0);
    }
    return all;
}

void O1Turn::aim(EndpointId destination) {
    to_ = &wiring_.plan.routers[wiring_.plan.endpoints[destination].router].at;
}

std::uint16_t O1Turn::port(std::uint32_t router, std::uint32_t first_dimension) const {
    const std::vector<std::uint32_t>& at = wiring_.plan.routers[router].at;
    const std::uint32_t d = at[first_dimension] != (*to_)[first_dimension] ? first_dimension : 1 - first_dimension;
    const std::uint32_t way = (*to_)[d] > at[d] ? PortTag::up : PortTag::down;
    return static_cast<std::uint16_t>(wiring_.find_port(router, {static_cast<std::uint8_t>(d), way}).value());
}

void O1Turn::route(HeadPlace place, RouteList& ways) const {
    const bool enters = wiring_.plan.routers[place.router].ports[place.port].use == PortUse::endpoint;
    if (enters || place.group == 0) {
        ways.options.push_back({port(place.router, 0), halves_.lower, false});
    }
    if (enters || place.group == 1) {
        ways.options.push_back({port(place.router, 1), halves_.upper, false});
    }
}

MinimalAdaptive::MinimalAdaptive(const Wiring& wiring, const Grid& grid, const DimensionOrder& routing)
    : wiring_(wiring), grid_(grid), routing_(routing) {
    const bool two = grid.lines == Grid::Lines::closed && routing.dateline;
    for (const std::uint16_t vcs : routing.class_vcs) {
        const auto first = static_cast<std::uint16_t>(vcs & (~vcs + 1U));
        const auto rest = static_cast<std::uint16_t>(vcs & ~first);
        const auto second = static_cast<std::uint16_t>(two && rest != 0 ? rest & (~rest + 1U) : first);
        escape_.lower |= first;
        escape_.upper |= second;
        adaptive_ |= static_cast<std::uint16_t>(vcs & ~first & ~second);
    }
}

void MinimalAdaptive::aim(EndpointId destination) {
    to_ = &wiring_.plan.routers[wiring_.plan.endpoints[destination].router].at;
}

void MinimalAdaptive::add(std::uint32_t router, std::size_t dimension, std::uint32_t way, std::uint16_t vcs,
                          bool escape, RouteList& ways) const {
    if (vcs != 0) {
        const auto port = wiring_.find_port(router, {static_cast<std::uint8_t>(dimension), way}).value();
        ways.options.push_back({static_cast<std::uint16_t>(port), vcs, escape});
    }
}

void MinimalAdaptive::route(HeadPlace place, RouteList& ways) const {
    const std::vector<std::uint32_t>& at = wiring_.plan.routers[place.router].at;
    ways.adaptive = true;
    bool escape_found = false;
    std::uint32_t escape_way = 0;
    std::uint8_t escape_dimension = 0;
    std::uint16_t escape_vcs = escape_.lower;
    for (const std::uint8_t d : routing_.order) {
        const std::uint32_t to = (*to_)[d];
        if (at[d] == to) {
            continue;
        }
        std::uint32_t way = to > at[d] ? PortTag::up : PortTag::down;
        std::uint16_t vcs = escape_.lower;
        if (grid_.lines == Grid::Lines::complete) {
            way = to;
        } else if (grid_.lines == Grid::Lines::closed) {
            const RingWay shorter = ring_way(grid_.dims[d], at[d], to);
            way = shorter.way;
            vcs = shorter.upper() ? escape_.upper : escape_.lower;
            if (shorter.tie) {
                add(place.router, d, PortTag::down, adaptive_, false, ways);
            }
        }
        add(place.router, d, way, adaptive_, false, ways);
        if (!escape_found) {
            escape_found = true;
            escape_way = way;
            escape_dimension = d;
            escape_vcs = vcs;
        }
    }
    add(place.router, escape_dimension, escape_way, escape_vcs, true, ways);
}

} // namespace intarsia::noc
