// The latency-throughput curve as a picture.
#pragma once

#include "noc/standalone/curve.hpp"

#include <string>

namespace intarsia::noc::standalone {

/// For a terminal: mean packet latency over load in Unicode braille, 72 columns by 17 lines, saturation as a dotted
/// line.
[[nodiscard]] std::string curve_braille(const CurveFigures& curve);

/// A stand-alone SVG: latency (mean and 99 % percentile) over load, and below it accepted over offered load; the
/// saturation load is marked in both. Equal figures give equal bytes.
[[nodiscard]] std::string curve_svg(const NetworkSetup& setup, const CurveFigures& curve);

} // namespace intarsia::noc::standalone
