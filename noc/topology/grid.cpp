#include "noc/topology/grid.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace intarsia::noc {

namespace {

using Coordinates = std::vector<std::uint32_t>;

std::string coordinate_text(const Coordinates& at) {
    return fmt::format("({})", fmt::join(at, ","));
}

/// "x", "y", "z", "d3", ...
std::string dimension_name(std::size_t dimension) {
    static constexpr const char* names[] = {"x", "y", "z"};
    return dimension < 3 ? names[dimension] : fmt::format("d{}", dimension);
}

std::string port_name(const Grid& grid, PortTag tag) {
    if (grid.lines == Grid::Lines::complete) {
        return fmt::format("{}{}", dimension_name(tag.dimension), tag.way);
    }
    const bool up = tag.way == PortTag::up;
    if (grid.dims.size() > 2) {
        return dimension_name(tag.dimension) + (up ? "+" : "-");
    }
    if (tag.dimension == 0) {
        return up ? "E" : "W";
    }
    return up == grid.y_grows_north ? "N" : "S";
}

/// Moves on to the coordinates of the next router; past the last they are all 0.
void next(Coordinates& at, const Coordinates& dims) {
    for (std::size_t d = 0; d < dims.size(); ++d) {
        if (++at[d] < dims[d]) {
            return;
        }
        at[d] = 0;
    }
}

/// Ways on from a coordinate of one dimension, in the order of ports, and the coordinates that they lead to.
struct Way {
    std::uint32_t way = 0;
    std::uint32_t to = 0;
};
std::vector<Way> ways(const Grid& grid, std::size_t dimension, std::uint32_t at) {
    const std::uint32_t extent = grid.dims[dimension];
    std::vector<Way> all;
    if (grid.lines == Grid::Lines::complete) {
        for (std::uint32_t to = 0; to < extent; ++to) {
            if (to != at) {
                all.push_back({to, to});
            }
        }
        return all;
    }
    const bool closed = grid.lines == Grid::Lines::closed && extent > 1;
    if (at + 1 < extent || closed) {
        all.push_back({PortTag::up, (at + 1) % extent});
    }
    if (at > 0 || closed) {
        all.push_back({PortTag::down, (at + extent - 1) % extent});
    }
    return all;
}

/// The way that the router at the other end of `way` sees this one.
std::uint32_t way_back(const Grid& grid, std::uint32_t way, std::uint32_t at) {
    if (grid.lines == Grid::Lines::complete) {
        return at;
    }
    return way == PortTag::up ? PortTag::down : PortTag::up;
}

/// Row-major number of coordinates, each modulo its extent.
std::size_t site_number(const Coordinates& at, const Coordinates& extents) {
    std::size_t number = 0;
    for (std::size_t d = extents.size(); d-- > 0;) {
        number = number * extents[d] + at[d] % extents[d];
    }
    return number;
}

void add_endpoints(Wiring& wiring, const Grid& grid) {
    const std::vector<std::uint32_t> sides = block_sides(grid.concentration, grid.dims.size());
    const Coordinates& die = grid.die.empty() ? grid.dims : grid.die;
    std::vector<bool> is_empty(std::accumulate(die.begin(), die.end(), std::size_t{1}, std::multiplies<>()));
    for (const Coordinates& site : grid.empty) {
        is_empty[site_number(site, die)] = true;
    }
    std::uint32_t number = 0;
    for (std::uint32_t r = 0; r < wiring.plan.routers.size(); ++r) {
        const Coordinates at = wiring.plan.routers[r].at;
        if (is_empty[site_number(at, die)]) {
            continue;
        }
        Coordinates place(sides.size(), 0);
        for (std::uint32_t k = 0; k < grid.concentration; ++k, next(place, sides)) {
            std::uint32_t in_block = 0;
            for (std::size_t d = sides.size(); d-- > 0;) {
                in_block = in_block * grid.dims[d] * sides[d] + at[d] * sides[d] + place[d];
            }
            wiring.add_endpoint(r, grid.blocks ? in_block : number, grid.endpoint_latency_cycles,
                                endpoint_port_name(k, grid.concentration));
            ++number;
        }
    }
}

} // namespace

std::vector<std::uint32_t> block_sides(std::uint32_t concentration, std::size_t dimensions) {
    std::vector<std::uint32_t> sides(dimensions, 1);
    std::uint32_t rest = concentration;
    for (std::size_t d = 0; d < dimensions; ++d) {
        // The smallest divisor whose power over the dimensions left is at least what is left.
        const auto power = [&](std::uint64_t side) {
            std::uint64_t product = 1;
            for (std::size_t k = d; k < dimensions && product < rest; ++k) {
                product *= side;
            }
            return product;
        };
        std::uint32_t side = 1;
        while (rest % side != 0 || power(side) < rest) {
            ++side;
        }
        sides[d] = side;
        rest /= side;
    }
    return sides;
}

Wiring wire_grid(const Grid& grid) {
    Wiring wiring;
    const std::size_t dimensions = grid.dims.size();
    const auto routers = std::accumulate(grid.dims.begin(), grid.dims.end(), std::uint32_t{1}, std::multiplies<>());
    wiring.plan.routers.reserve(routers);
    Coordinates at(dimensions, 0);
    for (std::uint32_t r = 0; r < routers; ++r, next(at, grid.dims)) {
        wiring.add_router(coordinate_text(at), at);
        for (std::size_t d = 0; d < dimensions; ++d) {
            for (const Way& way : ways(grid, d, at[d])) {
                const PortTag tag{static_cast<std::uint8_t>(d), way.way};
                wiring.add_port(r, port_name(grid, tag), tag);
            }
        }
    }
    for (std::uint32_t r = 0; r < routers; ++r) {
        std::uint32_t stride = 1;
        for (std::size_t d = 0; d < dimensions; ++d) {
            const std::uint32_t from = wiring.plan.routers[r].at[d];
            for (const Way& way : ways(grid, d, from)) {
                const std::uint32_t other = r - from * stride + way.to * stride;
                const auto dimension = static_cast<std::uint8_t>(d);
                const std::uint32_t port = *wiring.find_port(r, {dimension, way.way});
                if (wiring.plan.routers[r].ports[port].to.exists()) {
                    continue;
                }
                const std::uint32_t back = *wiring.find_port(other, {dimension, way_back(grid, way.way, from)});
                const bool crosses_dies = !grid.die.empty() && from / grid.die[d] != way.to / grid.die[d];
                wiring.join({r, port}, {other, back}, crosses_dies ? grid.die_rate : grid.rates[d]);
            }
            stride *= grid.dims[d];
        }
    }
    add_endpoints(wiring, grid);
    return wiring;
}

} // namespace intarsia::noc
