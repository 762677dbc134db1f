// Spatial traffic patterns: where a node's packets go.
#pragma once

#include "config/quantity_text.hpp"
#include "noc/standalone/source_random.hpp"
#include "noc/standalone/traffic_config.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace intarsia::noc::standalone {

[[nodiscard]] std::vector<std::string> pattern_names();

/// Why a pattern is undefined on these nodes, if it is.
[[nodiscard]] std::optional<config::ValueFault> pattern_problem(const std::string& pattern, const NodeGrid& grid);

/// A pattern on a network. With N nodes and, where the nodes form a grid, coordinates (x, y, ...) of extents (K0, K1,
/// ...); definitions as in Dally and Towles, "Principles and Practices of Interconnection Networks", table 3.1, and as
/// BookSim 2 has them:
///  - uniform: any node with equal chance, the source itself with `include_self` only;
///  - transpose: (x, y) to (y, x) on a square grid; where there is no two-dimensional grid, node x + S y to y + S x for
///    N = S^2;
///  - bitcomp, bitrev, shuffle: N = 2^b; the complement, the reverse, the rotation to the left by one of the b bits;
///  - tornado: every coordinate plus ceil(K / 2) - 1, modulo K; neighbor: plus 1;
///  - hotspot: `share` of the packets to one of `nodes`, each equally likely; the others uniform, and, without
///    `include_self`, also those that a hot node would send to itself.
class Pattern {
  public:
    /// What pattern_problem() and check_traffic() have nothing against.
    Pattern(const TrafficConfig& traffic, const NodeGrid& grid);

    /// Whether a node sends at all.
    [[nodiscard]] bool sends(std::uint32_t source) const {
        return fixed_.empty() || include_self_ || fixed_[source] != source;
    }
    /// A destination; `bits` is a fresh random number, of which the upper half is used.
    [[nodiscard]] std::uint32_t draw(std::uint32_t source, std::uint64_t bits, SourceRandom& random) const {
        if (!fixed_.empty()) {
            return fixed_[source];
        }
        if (!hot_.empty() && random.unit() <= share_) {
            const std::uint32_t hot = hot_[SourceRandom::below(bits, static_cast<std::uint32_t>(hot_.size()))];
            if (include_self_ || hot != source) {
                return hot;
            }
            bits = random.next();
        }
        if (include_self_) {
            return SourceRandom::below(bits, nodes_);
        }
        const std::uint32_t other = SourceRandom::below(bits, nodes_ - 1);
        return other + (other >= source ? 1 : 0);
    }
    /// Chance that a packet of `source`, which sends, goes to `destination`.
    [[nodiscard]] double chance(std::uint32_t source, std::uint32_t destination) const;

  private:
    std::uint32_t nodes_;
    bool include_self_;
    double share_;
    std::vector<std::uint32_t> hot_;
    std::vector<std::uint32_t> fixed_; // destination by source; empty: drawn
};

} // namespace intarsia::noc::standalone
