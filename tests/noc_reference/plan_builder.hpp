// Small networks for the tests of the reference routers, wired and routed by hand.
#pragma once

#include "noc/network_plan.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace intarsia::tests {

/// A channel's figures, for both of its directions.
struct ChannelFigures {
    std::uint32_t latency = 1;
    std::uint32_t interval_numerator = 1;
    std::uint32_t interval_denominator = 1;
    std::uint32_t buffer_flits = 8;
};

/// Wires routers and endpoints, then has tables filled in.
class PlanBuilder {
  public:
    explicit PlanBuilder(std::uint32_t routers, std::uint32_t virtual_channels = 1);

    void add_endpoint(std::uint32_t router, const ChannelFigures& figures = {});
    /// Links in both directions over one port at each end; ports are numbered as they are added.
    void connect(std::uint32_t a, std::uint32_t b, const ChannelFigures& figures = {});
    /// A link from a new output of `a` to a new input of `b`; the other directions of the two ports do not exist.
    void connect_one_way(std::uint32_t a, std::uint32_t b, const ChannelFigures& figures = {});
    /// One port a router: its output leads to the next router, its input comes from the one before.
    void add_one_way_ring(const ChannelFigures& figures = {});

    /// What an input of a router (port << vc_bits | vc) does with heads for an endpoint.
    using Rule = std::function<noc::RouteEntry(noc::RouteTables& tables, std::uint32_t router,
                                               std::uint32_t local_input, std::uint32_t endpoint)>;
    /// Dense tables, a row for each input.
    void route(const Rule& rule);
    /// Shortest way over the lowest of the ports that begin one, any virtual channel. In a mesh whose rows are linked
    /// before its columns that is dimension order, x first.
    void route_shortest();

    /// Takes the entries out of the tables that no packet between two endpoints can come to.
    void drop_unused_entries();

    [[nodiscard]] noc::NetworkPlan& plan() { return plan_; }
    [[nodiscard]] const noc::NetworkPlan& plan() const { return plan_; }
    /// Ports of `router` that begin a shortest way to `endpoint`; its ejection port if it is here.
    [[nodiscard]] std::vector<std::uint16_t> shortest_ports(std::uint32_t router, std::uint32_t endpoint) const;
    /// The port of `router` on the one way to `endpoint` in a spanning tree of two-way links (whose routes cannot
    /// deadlock).
    [[nodiscard]] std::uint16_t tree_port(std::uint32_t router, std::uint32_t endpoint) const;
    [[nodiscard]] std::uint16_t all_vcs() const {
        return static_cast<std::uint16_t>((1U << plan_.virtual_channels) - 1);
    }
    [[nodiscard]] std::uint32_t vc_bits() const;

  private:
    void find_distances();
    void grow_tree();
    void mark_way(std::vector<std::vector<bool>>& used, std::uint32_t router, std::uint32_t port,
                  std::uint32_t endpoint) const;
    [[nodiscard]] std::vector<std::uint16_t> ports_of(noc::RouteEntry entry) const;
    std::uint32_t add_port(std::uint32_t router, const ChannelFigures& figures);

    noc::NetworkPlan plan_;
    std::vector<std::vector<std::uint32_t>> distance_; ///< [from router][to router], links
    std::vector<std::uint32_t> tree_parent_;           ///< of each router; the root is its own
    std::vector<std::uint32_t> tree_depth_;
};

} // namespace intarsia::tests
