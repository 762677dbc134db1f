// Distinct integer types for the quantities that the models count, so that cycles never meet bytes by
// accident.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace intarsia {

/// A whole number of one unit. Quantities of the same unit add, subtract and compare; the ratio of two is a
/// plain number. There is no conversion between units: that always needs a parameter (a clock, a width).
template <class Tag>
class Quantity {
  public:
    constexpr Quantity() = default;
    constexpr explicit Quantity(std::uint64_t count) : count_(count) {}

    [[nodiscard]] constexpr std::uint64_t count() const { return count_; }
    static constexpr Quantity max() { return Quantity(std::numeric_limits<std::uint64_t>::max()); }

    constexpr auto operator<=>(const Quantity&) const = default; // NOLINT(modernize-use-nullptr): its false alarm
    constexpr Quantity& operator+=(Quantity other) { return count_ += other.count_, *this; }
    constexpr Quantity& operator-=(Quantity other) { return count_ -= other.count_, *this; }
    friend constexpr Quantity operator+(Quantity a, Quantity b) { return a += b; }
    friend constexpr Quantity operator-(Quantity a, Quantity b) { return a -= b; }
    friend constexpr Quantity operator*(Quantity a, std::uint64_t n) { return Quantity(a.count_ * n); }
    friend constexpr Quantity operator*(std::uint64_t n, Quantity a) { return a * n; }
    friend constexpr std::uint64_t operator/(Quantity a, Quantity b) { return a.count_ / b.count_; }

  private:
    std::uint64_t count_ = 0;
};

using Picoseconds = Quantity<struct PicosecondsTag>; ///< time; SystemC's resolution
using Cycles = Quantity<struct CyclesTag>;           ///< cycles of the clock of whoever counts
using Bytes = Quantity<struct BytesTag>;
using Flits = Quantity<struct FlitsTag>;
using Hertz = Quantity<struct HertzTag>;
using BytesPerSecond = Quantity<struct BytesPerSecondTag>;

/// The time that never comes: what a sleeping module is due at.
inline constexpr Picoseconds never = Picoseconds::max();

} // namespace intarsia
