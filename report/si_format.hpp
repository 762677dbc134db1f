// Figures as people read them: four digits and a prefix.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace intarsia::report {

/// A value of at least 1 (or 0) with a decimal prefix: "412.3 TFLOP/s", "0 B". Below 1 the prefix is milli to
/// pico.
[[nodiscard]] std::string si(double value, std::string_view unit);

/// Simulated time in the unit that suits, exact where it has few digits: "123.456 us".
[[nodiscard]] std::string si_time(std::uint64_t picoseconds);

/// A share of 1 in percent with one decimal: "74.7 %".
[[nodiscard]] std::string percent(double fraction);

} // namespace intarsia::report
