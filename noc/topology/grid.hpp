// Grids of routers in any number of dimensions: meshes, tori, and fully joined lines (flattened butterflies).
#pragma once

#include "noc/topology/wiring.hpp"

#include <cstdint>
#include <vector>

namespace intarsia::noc {

/// A grid. Router (x, y, z, ...) has number x + X * (y + Y * (z + ...)); so have its endpoints, except in blocks.
struct Grid {
    enum class Lines : std::uint8_t {
        open,    ///< neighbours are joined (mesh)
        closed,  ///< and the last with the first (torus, ring)
        complete ///< all routers of a line are joined with each other (flattened butterfly)
    };
    std::vector<std::uint32_t> dims; ///< routers along each dimension
    Lines lines = Lines::open;
    std::uint32_t concentration = 1;
    /// The endpoints of a router form a block of an endpoint grid, whose row-major number they have (`cmesh`).
    bool blocks = false;
    std::vector<std::uint32_t> die;                ///< routers of a die along each dimension; empty: no dies
    std::vector<std::vector<std::uint32_t>> empty; ///< coordinates (in the die) of routers without endpoint
    std::vector<LinkRate> rates;                   ///< by dimension
    LinkRate die_rate;                             ///< of links that join two dies
    std::uint32_t endpoint_latency_cycles = 1;
    bool y_grows_north = true;
};

/// Sides of the block of endpoints at a router of a `cmesh`, by dimension: as equal as can be, the first the longest.
[[nodiscard]] std::vector<std::uint32_t> block_sides(std::uint32_t concentration, std::size_t dimensions);

/// Routers, ports (for each dimension up and down, or by coordinate; endpoints last), links and endpoints.
[[nodiscard]] Wiring wire_grid(const Grid& grid);

/// Dimension-order routing of a grid. On closed lines a head that enters a dimension goes the shorter way (a tie is
/// decided by bit `dimension` of the packet's random byte) and keeps to one half of each class's virtual channels while
/// in it: going up the upper half if its way crosses the wrap-around link, going down the lower half if it does,
/// otherwise the other half (BookSim 2's `dim_order` for tori, with Dally and Seitz's datelines, "Deadlock-free message
/// routing in multiprocessor interconnection networks", 1987). A class with one virtual channel has the same channel in
/// both halves.
struct DimensionOrder {
    std::vector<std::uint8_t> order; ///< of dimensions
    bool dateline = true;
    std::vector<std::uint16_t> class_vcs;
    std::uint32_t virtual_channels = 1;
};

/// The tables of a grid wired without gaps, by coordinates: levels are the dimensions, then the place at the router. An
/// input has entries only for destinations that packets on it may have, were there an endpoint at each router.
[[nodiscard]] RouteTables grid_tables(const Wiring& wiring, const Grid& grid, const DimensionOrder& routing);

/// Entries that grid_tables() would hold.
[[nodiscard]] std::uint64_t grid_table_entries(const Grid& grid);

/// The lower and the upper half of each class's virtual channels, over all classes. Of an odd number the lower half has
/// one more; a single channel belongs to both.
struct VcHalves {
    std::uint16_t lower = 0;
    std::uint16_t upper = 0;
};
[[nodiscard]] VcHalves halves_of(const std::vector<std::uint16_t>& class_vcs);

/// A way along a closed line.
struct RingWay {
    std::uint32_t way = PortTag::up;
    bool crosses = false; ///< the wrap-around link
    bool tie = false;     ///< the other way is as short
    /// Whether it is to use the upper half of the channels.
    [[nodiscard]] bool upper() const { return crosses == (way == PortTag::up); }
};
/// The shorter way of a closed line of `extent` routers from `at` to another router; up if both are as short.
[[nodiscard]] RingWay ring_way(std::uint32_t extent, std::uint32_t at, std::uint32_t to);

/// ceil(log2(virtual channels)).
[[nodiscard]] std::uint32_t vc_bits_of(std::uint32_t virtual_channels);

} // namespace intarsia::noc
