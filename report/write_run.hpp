// The files of `intarsia run --out DIR`.
#pragma once

#include "report/output_directory.hpp"
#include "report/run_report.hpp"

namespace intarsia::report {

/// Checks the report (require_balanced), writes summary.json and run.sqlite and commits the directory with
/// whatever else was staged there (events.csv, closed).
void write_run(OutputDirectory& directory, const RunReport& report, bool with_host);

} // namespace intarsia::report
