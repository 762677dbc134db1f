// Rewrites the short forms of a system's TOML into full ones, before its sections are read.
#pragma once

#include "config/rule.hpp"

namespace intarsia::config {

/// Lays every [[die]] upon [network] and [core] and every [[stack]] upon [hbm], names the [[d2d]] that have
/// no name, and replaces each [[d2d]] that joins two dies by its single links. What is faulty is left in a
/// form that section reading accepts, and its faults are added.
void expand_short_forms(Node& root, Context& context);

} // namespace intarsia::config
