// The figures of a run as statistics: declared, named and derived here, once, for all printers and stores.
#pragma once

#include "metrics/statistics.hpp"
#include "report/run_report.hpp"

namespace intarsia::report {

/// Path of a channel among the statistics.
[[nodiscard]] std::string channel_path(const StackReport& stack, const ChannelReport& channel);

/// The report's own figures (paths: empty for the run, else the name of the chiplet, stack, channel or link),
/// with what is derived from them, followed by report.statistics.
[[nodiscard]] metrics::Statistics run_statistics(const RunReport& report);

} // namespace intarsia::report
