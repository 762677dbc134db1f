// What the user sees at the end of a run.
#pragma once

#include "report/run_report.hpp"

#include <cstdio>
#include <string>

namespace intarsia::report {

/// Widest line of the console report.
inline constexpr std::size_t console_width = 100;

/// Is `out` a terminal that shows colours (and the user has not set NO_COLOR)?
[[nodiscard]] bool shows_colour(std::FILE* out);

/// The report as aligned plain text: simulated time, throughput, where the core cycles of each chiplet went
/// (the printed leaves sum to 100.0 % exactly; those of zero cycles are omitted), stacks, links with the
/// busiest named, accounting, warnings, and the simulator's own speed when report.host is set. `colour`:
/// headings in bold.
[[nodiscard]] std::string console_text(const RunReport& report, bool colour);

} // namespace intarsia::report
