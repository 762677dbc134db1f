// The generated reference of all parameters of a system (docs/parameters.md).
#pragma once

#include <string>

namespace intarsia::config {

/// All tables and keys of a system's TOML with type, values, default and meaning, as Markdown.
[[nodiscard]] std::string parameters_markdown();

} // namespace intarsia::config
