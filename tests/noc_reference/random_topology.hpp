// Random wiring of a small network.
#pragma once

#include "dice.hpp"
#include "plan_builder.hpp"

namespace intarsia::tests {

/// Ranges of the figures of links and buffers.
struct TopologyLimits {
    std::uint32_t least_latency = 1;
    std::uint32_t virtual_channels = 1;
    bool large = false; ///< 32 to 80 routers of few ports, all buffers alike
};

struct RandomTopology {
    PlanBuilder builder;
    bool has_tree = true; ///< two-way links alone join all routers
    bool is_mesh = false; ///< numbered row by row, `columns` a row
    std::uint32_t columns = 0;
};

/// A strongly connected network with at least one endpoint, ports in random order, without tables.
RandomTopology random_topology(Dice& dice, const TopologyLimits& limits);

} // namespace intarsia::tests
