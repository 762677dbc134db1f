#include "random_topology.hpp"

#include <algorithm>
#include <tuple>

namespace intarsia::tests {

namespace {

/// Something that gives a router a port: an endpoint, or a link in one or both directions.
struct Part {
    enum class Kind : std::uint8_t { endpoint, link, one_way } kind = Kind::endpoint;
    std::uint32_t a = 0;
    std::uint32_t b = 0;
};

struct Sketch {
    std::uint32_t routers = 1;
    std::vector<Part> links;
    bool has_tree = true;
    std::uint32_t mesh_columns = 0;
    std::uint32_t one_way_ring = 0; ///< 1: a ring in which each router has one port, in from behind and out ahead
};

void add_link(Sketch& sketch, std::uint32_t a, std::uint32_t b) {
    sketch.links.push_back({Part::Kind::link, a, b});
}

Sketch mesh(std::uint32_t columns, std::uint32_t rows) {
    Sketch sketch;
    sketch.routers = columns * rows;
    sketch.mesh_columns = columns;
    for (std::uint32_t r = 0; r < sketch.routers; ++r) {
        if (r % columns + 1 < columns) {
            add_link(sketch, r, r + 1);
        }
        if (r / columns + 1 < rows) {
            add_link(sketch, r, r + columns);
        }
    }
    return sketch;
}

Sketch torus(std::uint32_t columns, std::uint32_t rows) {
    Sketch sketch;
    sketch.routers = columns * rows;
    for (std::uint32_t r = 0; r < sketch.routers; ++r) {
        const std::uint32_t row = r / columns;
        add_link(sketch, r, row * columns + (r + 1) % columns);
        if (rows > 1) {
            add_link(sketch, r, (r + columns) % sketch.routers);
        }
    }
    return sketch;
}

Sketch one_way_ring(Dice& dice, std::uint32_t routers) {
    Sketch sketch;
    sketch.routers = routers;
    sketch.has_tree = false;
    if (dice.chance(50)) {
        sketch.one_way_ring = 1;
        return sketch;
    }
    for (std::uint32_t r = 0; r < sketch.routers; ++r) {
        sketch.links.push_back({Part::Kind::one_way, r, (r + 1) % sketch.routers});
    }
    return sketch;
}

/// A random tree of which a router's parent is one of the `reach` before it, and `extra` links (two-way or one-way,
/// also parallel ones) across it.
Sketch irregular(Dice& dice, std::uint32_t routers, std::uint32_t reach, std::uint32_t extra) {
    Sketch sketch;
    sketch.routers = routers;
    for (std::uint32_t r = 1; r < sketch.routers; ++r) {
        add_link(sketch, r, r - 1 - dice.below(std::min(r, reach)));
    }
    for (; extra > 0; --extra) {
        const std::uint32_t a = dice.below(sketch.routers);
        const std::uint32_t b = (a + 1 + dice.below(sketch.routers - 1)) % sketch.routers;
        sketch.links.push_back({dice.chance(70) ? Part::Kind::link : Part::Kind::one_way, a, b});
    }
    return sketch;
}

/// One router that all others hang on: many ports in one place.
Sketch star(Dice& dice) {
    Sketch sketch;
    sketch.routers = dice.pick<std::uint32_t>({1, 1, 4, 8, 12, 18});
    for (std::uint32_t r = 1; r < sketch.routers; ++r) {
        add_link(sketch, r, 0);
    }
    return sketch;
}

Sketch full(Dice& dice) {
    Sketch sketch;
    sketch.routers = dice.between(3, 6);
    for (std::uint32_t b = 1; b < sketch.routers; ++b) {
        for (std::uint32_t a = 0; a < b; ++a) {
            add_link(sketch, a, b);
        }
    }
    return sketch;
}

Sketch small_sketch(Dice& dice) {
    const std::uint32_t kind = dice.below(100);
    if (kind < 35) {
        const std::uint32_t columns = dice.between(1, 4);
        return mesh(columns, dice.between(1, 3));
    }
    if (kind < 50) {
        const std::uint32_t columns = dice.between(3, 4);
        return torus(columns, dice.pick<std::uint32_t>({1, 1, 3}));
    }
    if (kind < 58) {
        return one_way_ring(dice, dice.between(2, 6));
    }
    if (kind < 80) {
        const std::uint32_t routers = dice.between(2, 9);
        return irregular(dice, routers, routers, dice.below(routers));
    }
    return kind < 90 ? star(dice) : full(dice);
}

Sketch large_sketch(Dice& dice) {
    const std::uint32_t kind = dice.below(100);
    const std::uint32_t columns = dice.between(6, 9);
    const std::uint32_t rows = dice.between(6, 8);
    if (kind < 50) {
        return mesh(columns, rows);
    }
    if (kind < 65) {
        return torus(columns, rows);
    }
    if (kind < 75) {
        return one_way_ring(dice, columns * rows);
    }
    return irregular(dice, columns * rows, 3, dice.below(6));
}

/// Endpoints at random routers, at least one; a lone router gets many.
void add_endpoints(Dice& dice, const Sketch& sketch, bool large, std::vector<Part>& parts) {
    const std::uint32_t many = sketch.routers == 1 ? 20 : dice.pick<std::uint32_t>({1, 1, 1, 2, 3});
    const std::uint32_t most = large ? 1 : many;
    const bool everywhere = dice.chance(70);
    for (std::uint32_t r = 0; r < sketch.routers; ++r) {
        const std::uint32_t count = everywhere || r == 0 ? dice.between(1, most) : dice.between(0, most);
        parts.insert(parts.end(), count, {Part::Kind::endpoint, r, 0});
    }
}

/// What all channels of a network have in common; single ones may differ.
struct FigureRanges {
    std::uint32_t least_latency;
    std::uint32_t most_latency;
    std::uint32_t least_buffer;
    std::uint32_t most_buffer;
    std::uint32_t slow_percent;
};

FigureRanges random_ranges(Dice& dice, const TopologyLimits& limits) {
    FigureRanges ranges{};
    ranges.least_latency = limits.least_latency + (dice.chance(80) ? 0 : dice.below(3));
    ranges.most_latency = ranges.least_latency + dice.pick<std::uint32_t>({0, 0, 1, 4, 11});
    if (dice.chance(2)) {
        ranges.most_latency = 40;
    }
    ranges.least_buffer = dice.pick<std::uint32_t>({1, 1, 2, 4, 8, 8});
    ranges.most_buffer = ranges.least_buffer + (limits.large ? 0 : dice.pick<std::uint32_t>({0, 0, 0, 3, 12}));
    ranges.slow_percent = dice.pick<std::uint32_t>({0, 0, 0, 20, 100});
    return ranges;
}

/// Each direction of each link gets its own.
void draw_figures(Dice& dice, const FigureRanges& ranges, noc::NetworkPlan& plan) {
    const std::vector<std::pair<std::uint32_t, std::uint32_t>> slow = {{2, 1}, {3, 2}, {4, 1}, {5, 4}, {7, 3}, {11, 2}};
    for (noc::NetworkRouter& router : plan.routers) {
        for (noc::NetworkPort& port : router.ports) {
            port.latency_cycles = dice.between(ranges.least_latency, ranges.most_latency);
            port.buffer_flits = dice.between(ranges.least_buffer, ranges.most_buffer);
            if (dice.chance(ranges.slow_percent)) {
                std::tie(port.interval_numerator, port.interval_denominator) = dice.pick(slow);
            }
        }
    }
}

} // namespace

RandomTopology random_topology(Dice& dice, const TopologyLimits& limits) {
    const Sketch sketch = limits.large ? large_sketch(dice) : small_sketch(dice);
    RandomTopology topology{PlanBuilder(sketch.routers, limits.virtual_channels), sketch.has_tree,
                            sketch.mesh_columns > 0, sketch.mesh_columns};
    std::vector<Part> parts = sketch.links;
    add_endpoints(dice, sketch, limits.large, parts);
    dice.shuffle(parts);
    if (sketch.one_way_ring == 1) {
        topology.builder.add_one_way_ring();
    }
    for (const Part& part : parts) {
        switch (part.kind) {
        case Part::Kind::endpoint:
            topology.builder.add_endpoint(part.a);
            break;
        case Part::Kind::link:
            topology.builder.connect(part.a, part.b);
            break;
        case Part::Kind::one_way:
            topology.builder.connect_one_way(part.a, part.b);
            break;
        }
    }
    draw_figures(dice, random_ranges(dice, limits), topology.builder.plan());
    return topology;
}

} // namespace intarsia::tests
