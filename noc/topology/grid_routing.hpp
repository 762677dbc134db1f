// Routing functions of grids beyond dimension order.
#pragma once

#include "noc/topology/dense_routing.hpp"
#include "noc/topology/grid.hpp"

#include <cstdint>
#include <vector>

namespace intarsia::noc {

/// O1TURN (Seo, Ali, Lim, Rafique and Thottethodi, "Near-optimal worst-case throughput routing for two-dimensional mesh
/// networks", 2005): a packet goes x first or y first, by bit 0 of its random byte, on the lower or on the upper half
/// of its class's virtual channels. For meshes of two dimensions and classes with two virtual channels or more.
class O1Turn final : public RoutingFunction {
  public:
    explicit O1Turn(const Wiring& wiring);
    [[nodiscard]] std::vector<std::uint8_t> groups(std::uint32_t virtual_channels) const override;
    void aim(EndpointId destination) override;
    void route(HeadPlace place, RouteList& ways) const override;

  private:
    [[nodiscard]] std::uint16_t port(std::uint32_t router, std::uint32_t first_dimension) const;

    const Wiring& wiring_;
    VcHalves halves_;
    const std::vector<std::uint32_t>* to_ = nullptr; ///< coordinates of the destination
};

/// Minimal adaptive routing: a head asks for all ports that bring it nearer, and for an escape channel by dimension
/// order (Duato, "A new theory of deadlock-free adaptive routing in wormhole networks", 1993). The escape channel is
/// the first virtual channel of each class; on closed lines the first two, the second where the way still ahead would
/// use the upper half (see DimensionOrder). All others are adaptive.
class MinimalAdaptive final : public RoutingFunction {
  public:
    MinimalAdaptive(const Wiring& wiring, const Grid& grid, const DimensionOrder& routing);
    void aim(EndpointId destination) override;
    void route(HeadPlace place, RouteList& ways) const override;

  private:
    void add(std::uint32_t router, std::size_t dimension, std::uint32_t way, std::uint16_t vcs, bool escape,
             RouteList& ways) const;

    const Wiring& wiring_;
    const Grid& grid_;
    const DimensionOrder& routing_;
    VcHalves escape_;
    std::uint16_t adaptive_ = 0;
    const std::vector<std::uint32_t>* to_ = nullptr;
};

} // namespace intarsia::noc
