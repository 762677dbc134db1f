#include "noc/standalone/pattern.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fmt/format.h>

namespace intarsia::noc::standalone {

namespace {

/// S where n = S^2, else 0.
std::uint32_t exact_root(std::uint32_t n) {
    const auto root = static_cast<std::uint32_t>(std::lround(std::sqrt(static_cast<double>(n))));
    return root * root == n ? root : 0;
}

std::uint32_t bits_of(std::uint32_t nodes) {
    return static_cast<std::uint32_t>(std::countr_zero(nodes));
}

std::uint32_t reversed(std::uint32_t node, std::uint32_t bits) {
    std::uint32_t result = 0;
    for (std::uint32_t b = 0; b < bits; ++b) {
        result |= (node >> b & 1U) << (bits - 1 - b);
    }
    return result;
}

std::uint32_t rotated(std::uint32_t node, std::uint32_t bits) {
    return bits == 0 ? node : (node << 1U | node >> (bits - 1)) & ((1U << bits) - 1);
}

/// Every coordinate moved on: by 1, or (tornado) by just less than half of its extent.
std::uint32_t moved(std::uint32_t node, const std::vector<std::uint32_t>& extents, bool half) {
    std::uint32_t result = 0;
    std::uint32_t stride = 1;
    for (const std::uint32_t extent : extents) {
        const std::uint32_t step = half ? (extent + 1) / 2 - 1 : 1;
        result += (node / stride % extent + step) % extent * stride;
        stride *= extent;
    }
    return result;
}

/// The destination of a pattern that leaves nothing to chance.
std::uint32_t fixed_destination(const std::string& pattern, std::uint32_t node, const NodeGrid& grid) {
    const std::uint32_t bits = bits_of(grid.nodes);
    if (pattern == "transpose") {
        const std::uint32_t side = exact_root(grid.nodes);
        require(side > 0, "transpose is for a square number of nodes");
        return node / side + node % side * side;
    }
    if (pattern == "bitcomp") {
        return grid.nodes - 1 - node;
    }
    if (pattern == "bitrev") {
        return reversed(node, bits);
    }
    return pattern == "shuffle" ? rotated(node, bits) : moved(node, grid.extents, pattern == "tornado");
}

} // namespace

std::vector<std::string> pattern_names() {
    return {"uniform", "transpose", "bitcomp", "bitrev", "shuffle", "tornado", "neighbor", "hotspot"};
}

std::optional<config::ValueFault> pattern_problem(const std::string& pattern, const NodeGrid& grid) {
    if (pattern == "transpose") {
        const bool oblong = grid.extents.size() == 2 && grid.extents[0] != grid.extents[1];
        if (oblong || exact_root(grid.nodes) == 0) {
            return config::ValueFault{
                oblong
                    ? fmt::format("pattern 'transpose' needs a square, and the nodes lie {} x {}", grid.extents[0],
                                  grid.extents[1])
                    : fmt::format("pattern 'transpose' needs a square number of nodes, and there are {}", grid.nodes),
                "make the network square, or choose another pattern"};
        }
    }
    if ((pattern == "bitcomp" || pattern == "bitrev" || pattern == "shuffle") && !std::has_single_bit(grid.nodes)) {
        return config::ValueFault{
            fmt::format("pattern '{}' moves bits of the node number, and {} nodes are no power of two", pattern,
                        grid.nodes),
            "make the number of nodes a power of two, or choose another pattern"};
    }
    return std::nullopt;
}

double Pattern::chance(std::uint32_t source, std::uint32_t destination) const {
    if (!fixed_.empty()) {
        return fixed_[source] == destination ? 1 : 0;
    }
    const auto is_hot = [&](std::uint32_t node) { return std::find(hot_.begin(), hot_.end(), node) != hot_.end(); };
    const double among = include_self_ ? nodes_ : nodes_ - 1;
    const double hot_share = hot_.empty() ? 0 : share_;
    const double each_hot = hot_.empty() ? 0 : share_ / static_cast<double>(hot_.size());
    if (source == destination && !include_self_) {
        return 0;
    }
    const double given_back = !include_self_ && is_hot(source) ? each_hot : 0;
    return (is_hot(destination) ? each_hot : 0) + (1 - hot_share + given_back) / among;
}

Pattern::Pattern(const TrafficConfig& traffic, const NodeGrid& grid)
    : nodes_(grid.nodes), include_self_(traffic.include_self), share_(traffic.share) {
    if (traffic.pattern == "hotspot") {
        hot_ = traffic.nodes;
    } else if (traffic.pattern != "uniform") {
        fixed_.resize(grid.nodes);
        for (std::uint32_t node = 0; node < grid.nodes; ++node) {
            fixed_[node] = fixed_destination(traffic.pattern, node, grid);
        }
    }
}

} // namespace intarsia::noc::standalone
