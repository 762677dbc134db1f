// The standards and the parameters of a stand-alone link, as a document.
#pragma once

#include <string>

namespace intarsia::d2d {

/// Markdown: the standards with their sources, the formats, and all parameters. docs/link_reference.md is this text.
[[nodiscard]] std::string link_reference();

} // namespace intarsia::d2d
