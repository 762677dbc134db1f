// Routing functions of networks of any shape.
#pragma once

#include "noc/topology/dense_routing.hpp"

#include <cstdint>
#include <vector>

namespace intarsia::noc {

/// Fewest links; among neighbours that are as near, the one with the lowest number, by its lowest port.
class ShortestPaths final : public RoutingFunction {
  public:
    explicit ShortestPaths(const NetworkPlan& plan);
    void aim(EndpointId destination) override;
    void route(HeadPlace place, RouteList& ways) const override;

  private:
    const NetworkPlan& plan_;
    std::vector<std::uint32_t> distance_; ///< by router, to the destination's; UINT32_MAX: cannot get there
    std::vector<std::uint32_t> open_;
};

/// up*/down* (Schroeder et al., "Autonet: a high-speed, self-configuring local area network using point-to-point
/// links", 1991): a breadth-first tree orders the routers by (depth, number); a packet goes up (to lower places in that
/// order) as long as it needs to, then down, never up again. Of the shortest such ways it takes one that goes down at
/// once if there is, then the neighbour with the lowest number. All links must go both ways.
class UpDown final : public RoutingFunction {
  public:
    UpDown(const NetworkPlan& plan, std::uint32_t root);
    void aim(EndpointId destination) override;
    void route(HeadPlace place, RouteList& ways) const override;
    /// Routers that the tree does not reach.
    [[nodiscard]] std::vector<std::uint32_t> unreached() const;

  private:
    [[nodiscard]] bool goes_up(std::uint32_t from, std::uint32_t to) const { return place_[to] < place_[from]; }

    const NetworkPlan& plan_;
    std::vector<std::uint32_t> in_order_; ///< routers
    std::vector<std::uint32_t> place_;    ///< of each router in that order; UINT32_MAX: not reached
    std::vector<std::uint32_t> down_;     ///< links to the destination going down only; UINT32_MAX: no way
    std::vector<std::uint32_t> any_;      ///< going up, then down
};

/// Tables as given: [router * endpoints + destination].
class GivenTables final : public RoutingFunction {
  public:
    static constexpr std::uint16_t no_port = 0xFFFF;
    GivenTables(std::uint32_t endpoints, std::vector<RouteOption> entries)
        : endpoints_(endpoints), entries_(std::move(entries)) {}
    void aim(EndpointId destination) override { destination_ = destination; }
    /// Routers that lead packets for an endpoint round in a circle, in order; empty: there are none.
    [[nodiscard]] std::vector<std::uint32_t> circle(const NetworkPlan& plan, EndpointId destination) const;
    void route(HeadPlace place, RouteList& ways) const override {
        const RouteOption& entry = entries_[std::size_t(place.router) * endpoints_ + destination_];
        if (entry.port != no_port) {
            ways.options.push_back(entry);
        }
    }

  private:
    std::uint32_t endpoints_;
    std::vector<RouteOption> entries_;
    EndpointId destination_ = 0;
};

} // namespace intarsia::noc
