// Arithmetic expressions over named values: what a derived statistic is computed by, and printed as.
#pragma once

#include <functional>
#include <string_view>

namespace intarsia::metrics {

/// Value of an expression of numbers, names (letters, digits, '_'), + - * / and parentheses, with the usual
/// precedence. `value_of` gives the value of a name. x / 0 is 0: a rate or a share of nothing is nothing.
/// Formulas are written by us, so a malformed one is an InvariantError.
[[nodiscard]] double evaluate_formula(std::string_view formula,
                                      const std::function<double(std::string_view)>& value_of);

} // namespace intarsia::metrics
