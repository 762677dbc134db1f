// What the user of `intarsia noc` sees.
#pragma once

#include "noc/standalone/curve.hpp"

#include <string>

namespace intarsia::noc::standalone {

/// The network, the figures of one run, the busiest channels and where flits waited. No line is wider than 100.
[[nodiscard]] std::string point_text(const NetworkSetup& setup, const PointFigures& point);

/// The network, saturation, the curve as a plot and as a table.
[[nodiscard]] std::string curve_text(const NetworkSetup& setup, const CurveFigures& curve);

} // namespace intarsia::noc::standalone
