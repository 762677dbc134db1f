// `--set path=value` options, laid upon a document.
#pragma once

#include "config/faults.hpp"
#include "config/node.hpp"

#include <string>

namespace intarsia::config {

/// Sets the value that `option` ("path=value") addresses in `root`, making tables on the way; adds a fault
/// that names the option if the path leads nowhere. Whether the key is known is seen when the document is
/// read.
void apply_override(Node& root, const std::string& option, Faults& faults);

} // namespace intarsia::config
