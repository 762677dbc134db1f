// Rounding of shares so that what is printed sums to the whole.
#pragma once

#include <cstdint>
#include <vector>

namespace intarsia::report {

/// Shares of `whole` units in proportion to `parts`, each its exact share rounded down or up, and summing
/// exactly to `whole` (largest-remainder method; of equal remainders the earlier wins). All zero when the
/// parts sum to zero; a part of zero gets nothing. Percentages with one decimal are shares of 1000.
[[nodiscard]] std::vector<std::uint64_t> apportion(const std::vector<std::uint64_t>& parts, std::uint64_t whole);

} // namespace intarsia::report
