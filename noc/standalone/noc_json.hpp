// Figures of a stand-alone network for programs to read. docs/noc_command.md lists every key.
#pragma once

#include "noc/standalone/curve.hpp"

#include <string>

namespace intarsia::noc::standalone {

/// Equal figures give equal bytes; those of the host only `with_host`. Latencies that are not known (packets were given
/// up, or there were none) are null.
[[nodiscard]] std::string point_json(const NetworkSetup& setup, const PointFigures& point, bool with_host);
[[nodiscard]] std::string curve_json(const NetworkSetup& setup, const CurveFigures& curve, bool with_host);

} // namespace intarsia::noc::standalone
