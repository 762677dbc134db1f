// Trees of routers.
#pragma once

#include "noc/topology/wiring.hpp"

#include <cstdint>
#include <vector>

namespace intarsia::noc {

/// A tree whose routers at depth k have `children[k]` child routers; those at depth children.size() are the leaves,
/// with `concentration` endpoints each. Routers are numbered depth by depth, endpoints leaf by leaf.
struct Tree {
    std::vector<std::uint32_t> children;
    std::uint32_t concentration = 1;
    std::vector<LinkRate> rates; ///< by depth of the upper end
    std::uint32_t endpoint_latency_cycles = 1;
};

/// Ports: children in order ("c0", "c1", ...), then the parent ("up"), or endpoints at leaves and the parent before
/// them. A child port is tagged {depth, child}; a parent port has the depth of its upper end and `tree_parent`.
[[nodiscard]] Wiring wire_tree(const Tree& tree);
inline constexpr std::uint32_t tree_parent = UINT32_MAX;

/// Up to the nearest common ancestor, then down: by coordinates, whose levels are the children taken from the root on,
/// then the place at the leaf. No cycle of dependencies: what goes down does not go up again.
[[nodiscard]] RouteTables tree_tables(const Wiring& wiring, const Tree& tree, std::uint32_t virtual_channels);

/// Routers of the tree, and entries that tree_tables() would hold.
[[nodiscard]] std::uint64_t tree_routers(const std::vector<std::uint32_t>& children);
[[nodiscard]] std::uint64_t tree_table_entries(const Tree& tree);

} // namespace intarsia::noc
