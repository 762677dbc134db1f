// From the counters of a package to the figures of a report.
#pragma once

#include "models/simulation.hpp"
#include "report/run_report.hpp"

namespace intarsia::cli {

/// Everything that `package` counted up to `outcome.end`. Provenance (inputs, tool version, trace) is the caller's.
[[nodiscard]] report::RunReport collect_report(const models::Package& package, const workloads::Workload& workload,
                                               const models::Outcome& outcome);

} // namespace intarsia::cli
