// Routes between and inside dies, from which the package plan fills its tables.
#pragma once

#include "noc/package_plan.hpp"

#include <utility>

namespace intarsia::noc {

/// The next die on the way from each die to each other, and the routing tables that follow (rules:
/// PackagePlan).
class DieRoutes {
  public:
    DieRoutes(const config::SystemConfig& system, const std::vector<DiePlan>& dies);

    /// Pairs of dies (from, to) without a way.
    [[nodiscard]] std::vector<std::pair<std::uint32_t, std::uint32_t>> unreachable() const;

    /// The table of one die: [router * endpoints + destination] -> port. Every pair of dies must have a way.
    [[nodiscard]] std::vector<std::uint8_t>
    out_ports(const std::vector<DiePlan>& dies, const std::vector<EndpointPlan>& endpoints, std::uint32_t die) const;

  private:
    static constexpr std::uint32_t no_die = UINT32_MAX;
    struct Cell {
        std::uint32_t column = 0;
        std::uint32_t row = 0;
        bool operator==(const Cell&) const = default;
    };

    [[nodiscard]] std::size_t pair(std::uint32_t from, std::uint32_t to) const {
        return std::size_t(from) * count_ + to;
    }
    [[nodiscard]] bool fill_from_grid(const config::SystemConfig& system);
    void fill_shortest();
    [[nodiscard]] bool horizontal(std::uint32_t from, std::uint32_t to) const;
    [[nodiscard]] const LinkPortPlan& gateway(const DiePlan& die, std::uint32_t next, bool by_row, std::uint32_t wanted,
                                              EndpointId destination) const;

    std::uint32_t count_;
    std::vector<std::uint32_t> next_;  ///< [from * dies + to] -> neighbour, no_die without a way
    std::vector<std::uint8_t> joined_; ///< [a * dies + b]: a link joins them
    std::vector<std::pair<std::int64_t, std::int64_t>> centres_; ///< of the dies, doubled
};

} // namespace intarsia::noc
