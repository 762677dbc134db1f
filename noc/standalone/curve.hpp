// The latency-throughput curve of a network, and where it saturates.
#pragma once

#include "noc/standalone/point.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace intarsia::noc::standalone {

struct CurveFigures {
    double zero_load_latency = 0;
    double saturation_load = 0;       ///< the highest stable load found; 0: not even the lowest tried is stable
    double unstable_load = 0;         ///< the lowest load found that is not stable; 0: the highest possible one is
    double highest_load = 1;          ///< 1 flit a node a cycle; bursty: what bursts carry
    double accepted_at_highest = 0;   ///< flits ejected a node a cycle at the highest load
    std::vector<PointFigures> points; ///< in order of load, without their outputs
    double wall_s = 0;
};

/// Calls task(0) ... task(count - 1), on up to `jobs` threads. What a task throws is thrown again when all have ended,
/// that of the lowest number.
void in_parallel(std::size_t count, std::uint32_t jobs, const std::function<void(std::size_t)>& task);

/// Points at `loads`, or, if there are none, at loads chosen by where the network saturates: twelve up to saturation,
/// three beyond, and the highest. Saturation by bisection (is_stable()) until both ends are within 0.5 % of each other.
/// The figures do not depend on `jobs`.
[[nodiscard]] CurveFigures run_curve(const NetworkSetup& setup, std::vector<double> loads, std::uint32_t jobs);

} // namespace intarsia::noc::standalone
