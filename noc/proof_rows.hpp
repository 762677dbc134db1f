// The rows of routing tables, turned round: for each entry the destinations that it serves.
#pragma once

#include "noc/network_plan.hpp"

#include <cstdint>
#include <vector>

namespace intarsia::noc {

/// Destinations as bit masks, level by level: dense tables have one level whose coordinates are the endpoints.
class DestinationSpace {
  public:
    explicit DestinationSpace(const RouteTables& routes);

    [[nodiscard]] bool dense() const { return dense_; }
    [[nodiscard]] std::uint32_t levels() const { return static_cast<std::uint32_t>(extents_.size()); }
    [[nodiscard]] std::uint32_t extent(std::uint32_t level) const { return extents_[level]; }
    /// Words of a mask of all levels, and those of one.
    [[nodiscard]] std::uint32_t words() const { return first_word_.back(); }
    [[nodiscard]] std::uint32_t first_word(std::uint32_t level) const { return first_word_[level]; }
    [[nodiscard]] std::uint32_t end_word(std::uint32_t level) const { return first_word_[level + 1]; }

    static constexpr std::uint32_t nobody = UINT32_MAX;
    /// By coordinates: an endpoint of `wanted` (one flag an endpoint; empty: all) that lies in the product `box`,
    /// `except` left out; nobody if there is none.
    [[nodiscard]] std::uint32_t find(const std::uint64_t* box, const std::vector<std::uint8_t>& wanted,
                                     std::uint32_t except) const;

    /// By coordinates: the endpoint lies in the product.
    [[nodiscard]] bool inside(const std::uint64_t* box, std::uint32_t endpoint) const;

  private:
    bool dense_;
    std::vector<std::uint32_t> extents_;
    std::vector<std::uint32_t> first_word_;
    std::vector<std::uint16_t> coordinates_;       ///< [endpoint * levels + level]
    std::vector<std::vector<std::uint32_t>> with_; ///< endpoints by [64 * word + bit] of a mask
};

/// Rows that inputs of routers use, each as a list of levels in the order in which they are looked at.
class ProofRows {
  public:
    struct Part {
        RouteEntry entry;
        std::size_t mask = 0; ///< first of the level's words in masks()
    };
    struct Level {
        std::uint32_t level = 0;
        std::uint32_t first_part = 0;
        std::uint32_t end_part = 0;
        std::size_t here = no_mask; ///< coordinates for which the next level decides
    };
    static constexpr std::size_t no_mask = SIZE_MAX;

    ProofRows(const NetworkPlan& plan, const DestinationSpace& space);

    /// Of the tables' row number, its index here.
    [[nodiscard]] std::uint32_t index(std::uint32_t row) const { return index_[row]; }
    [[nodiscard]] const Level* begin(std::uint32_t index) const { return &levels_[std::size_t(index) * depth_]; }
    [[nodiscard]] const Level* end(std::uint32_t index) const { return begin(index) + depth_; }
    [[nodiscard]] const Part& part(std::uint32_t number) const { return parts_[number]; }
    [[nodiscard]] const std::uint64_t* mask(std::size_t first) const { return &masks_[first]; }
    [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }

  private:
    template <class EntryOf>
    void add_level(const DestinationSpace& space, std::uint32_t level, EntryOf entry_of);

    std::uint32_t depth_;
    std::vector<std::uint32_t> index_;
    std::vector<Level> levels_;
    std::vector<Part> parts_;
    std::vector<std::uint64_t> masks_;
};

} // namespace intarsia::noc
