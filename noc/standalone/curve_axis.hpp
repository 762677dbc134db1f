// Ranges and ticks that both pictures of a curve use.
#pragma once

#include "noc/standalone/curve.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace intarsia::noc::standalone {

/// Whether latencies of a point are known.
[[nodiscard]] inline bool has_latency(const PointFigures& point) {
    return point.unfinished_packets == 0 && point.packets > 0;
}

/// Largest load of the latency plot: a little beyond saturation, or the largest load there is.
[[nodiscard]] inline double load_span(const CurveFigures& curve) {
    double most = 0;
    for (const PointFigures& point : curve.points) {
        most = std::max(most, point.load);
    }
    return curve.unstable_load > 0 ? std::min(most, 1.15 * curve.unstable_load) : most;
}

/// The ticks from 0 to `span` (above 0) at a step of 1, 2 or 5 times a power of ten, about `count` of them.
[[nodiscard]] inline std::vector<double> axis_ticks(double span, int count) {
    const double raw = span / count;
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    const double lead = raw / power;
    const double step = power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
    // A span of whole steps keeps its last tick whichever way the division rounds.
    const auto last = static_cast<int>(std::floor(span * 1.0001 / step));
    std::vector<double> ticks;
    for (int number = 0; number <= last; ++number) {
        ticks.push_back(number * step);
    }
    return ticks;
}

} // namespace intarsia::noc::standalone
