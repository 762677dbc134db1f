// TOML text to nodes. The only part of the program that knows the TOML library.
#pragma once

#include "config/node.hpp"

#include <memory>

namespace intarsia::config {

/// Parses the content of `source`. Throws InputError: text that is too long or nested too deeply (limits in
/// document.hpp), or the first fault of syntax.
[[nodiscard]] Node parse_toml(const std::shared_ptr<const SourceFile>& source);

} // namespace intarsia::config
