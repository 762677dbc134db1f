#include "report/write_run.hpp"

#include "report/sqlite_store.hpp"
#include "report/summary_json.hpp"

namespace intarsia::report {

void write_run(OutputDirectory& directory, const RunReport& report, bool with_host) {
    require_balanced(report);
    directory.put("run.sqlite", sqlite_store(report));
    directory.put("summary.json", summary_json(report, with_host));
    directory.commit();
}

} // namespace intarsia::report
