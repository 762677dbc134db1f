// run.sqlite: one run for queries. docs/outputs.md lists every table and column.
#pragma once

#include "report/run_report.hpp"

#include <string>

namespace intarsia::report {

/// The bytes of run.sqlite. Equal reports give equal bytes (with the same SQLite library): fixed page size,
/// one transaction, rows in the report's order, no times. Nothing about the simulator itself is stored.
[[nodiscard]] std::string sqlite_store(const RunReport& report);

} // namespace intarsia::report
