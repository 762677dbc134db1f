// Checks of values against each other.
#pragma once

#include "config/faults.hpp"
#include "config/node.hpp"
#include "config/system.hpp"

namespace intarsia::config {

/// Adds a fault, with its place in `root`, for every combination of values that cannot be built. `root` is
/// the tree that `system` was read from; every single value is in its range.
void cross_check(const SystemConfig& system, const Node& root, Faults& faults);

} // namespace intarsia::config
