// summary.json: one run for programs to read. docs/outputs.md lists every key.
#pragma once

#include "report/run_report.hpp"

#include <string>

namespace intarsia::report {

/// The text of summary.json. Equal reports give equal bytes: keys stand in a fixed order, and figures about
/// the simulator itself (key "host") only `with_host`. Every figure has its unit in the map under "units".
[[nodiscard]] std::string summary_json(const RunReport& report, bool with_host);

} // namespace intarsia::report
