// Tables by destination for any routing function, filled in where packets get to.
#pragma once

#include "noc/network_plan.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace intarsia::noc {

/// Where a head is when it looks up its way.
struct HeadPlace {
    std::uint32_t router = 0;
    std::uint32_t port = 0;  ///< that it came in by
    std::uint32_t group = 0; ///< of its virtual channel there
};

/// A routing function. What it says may depend on router, input port, group of the virtual channel and destination.
class RoutingFunction {
  public:
    virtual ~RoutingFunction() = default;
    RoutingFunction() = default;
    RoutingFunction(const RoutingFunction&) = delete;
    RoutingFunction& operator=(const RoutingFunction&) = delete;

    /// Group of each virtual channel (numbers from 0 on).
    [[nodiscard]] virtual std::vector<std::uint8_t> groups(std::uint32_t virtual_channels) const {
        return std::vector<std::uint8_t>(virtual_channels, 0);
    }
    /// All that follows is about this destination.
    virtual void aim(EndpointId destination) = 0;
    /// Ways on from a router that is not the destination's. Empty: there is none.
    virtual void route(HeadPlace place, RouteList& ways) const = 0;
};

struct DenseTables {
    RouteTables routes;
    /// Where a head found no way on, or what it was given leads nowhere: place and destination, at most 20.
    std::vector<std::pair<HeadPlace, EndpointId>> stranded;
};

/// Walks from every endpoint to every other along `routing` and enters what it meets; all other entries are `none`. At
/// the destination's router a head leaves by the endpoint's port on any virtual channel.
[[nodiscard]] DenseTables dense_tables(const NetworkPlan& plan, RoutingFunction& routing);

/// Entries that dense_tables() may hold with so many groups.
[[nodiscard]] std::uint64_t dense_table_entries(const NetworkPlan& plan, std::uint32_t groups);

} // namespace intarsia::noc
