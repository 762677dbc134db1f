// Clock edges in integer picoseconds, exact for any frequency.
#pragma once

#include "config/units.hpp"

namespace intarsia {

/// A free-running clock: edge k lies at floor(k * 10^12 / f) ps, so nothing accumulates however long the run.
/// The frequency is a ratio of two integers in Hz, because a link's flit rate need not be a whole number.
class Clock {
  public:
    /// A clock of `numerator / denominator` Hz, at most 10^12 Hz and at least 1 Hz.
    constexpr explicit Clock(Hertz numerator, std::uint64_t denominator = 1)
        : hertz_(numerator.count()), denominator_(denominator),
          whole_(static_cast<std::uint64_t>(wide(picoseconds_per_second) * denominator / hertz_)),
          rest_(static_cast<std::uint64_t>(wide(picoseconds_per_second) * denominator % hertz_)) {}

    /// Time of edge `cycle`.
    [[nodiscard]] constexpr Picoseconds edge(std::uint64_t cycle) const {
        const wide part = wide(cycle) * rest_;
        const std::uint64_t fraction =
            (part >> 64U) == 0 ? static_cast<std::uint64_t>(part) / hertz_ : static_cast<std::uint64_t>(part / hertz_);
        return Picoseconds(cycle * whole_ + fraction);
    }

    /// Number of the first edge at or after `time`.
    [[nodiscard]] constexpr std::uint64_t first_edge_at_or_after(Picoseconds time) const {
        // floor(k p) >= t for whole t exactly when k p >= t, with p = 10^12 / f.
        const wide period = wide(picoseconds_per_second) * denominator_;
        return static_cast<std::uint64_t>((wide(time.count()) * hertz_ + period - 1) / period);
    }

    /// Number of the first edge strictly after `time`.
    [[nodiscard]] constexpr std::uint64_t first_edge_after(Picoseconds time) const {
        return first_edge_at_or_after(time + Picoseconds(1));
    }

    [[nodiscard]] constexpr double hertz() const {
        return static_cast<double>(hertz_) / static_cast<double>(denominator_);
    }
    constexpr bool operator==(const Clock& other) const {
        return wide(hertz_) * other.denominator_ == wide(other.hertz_) * denominator_;
    }

  private:
    __extension__ using wide = unsigned __int128;
    static constexpr std::uint64_t picoseconds_per_second = 1'000'000'000'000;

    std::uint64_t hertz_;
    std::uint64_t denominator_;
    std::uint64_t whole_; // whole picoseconds of a period
    std::uint64_t rest_;  // its fraction, in units of 1/hertz_ ps
};

} // namespace intarsia
