#include "report/run_report.hpp"

#include "config/errors.hpp"
#include "metrics/stall_account.hpp"

#include <fmt/format.h>

namespace intarsia::report {

namespace {

void require_equal(const std::string& what, std::uint64_t left, std::uint64_t right) {
    if (left != right) {
        throw InvariantError(fmt::format("{}: {} is not {}", what, left, right));
    }
}

void require_balanced(const ChipletReport& chiplet) {
    require_equal("stall cycles of " + chiplet.name + " and its cores' elapsed cycles",
                  metrics::total_cycles(chiplet.stalls), chiplet.elapsed_cycles * chiplet.cores);
    if (chiplet.stalls_of_cores.empty()) {
        return;
    }
    require_equal("cores of " + chiplet.name + " with stall cycles and cores", chiplet.stalls_of_cores.size(),
                  chiplet.cores);
    metrics::StallCycles sum{};
    for (std::size_t core = 0; core < chiplet.stalls_of_cores.size(); ++core) {
        require_equal(fmt::format("stall cycles of core {} of {} and elapsed cycles", core, chiplet.name),
                      metrics::total_cycles(chiplet.stalls_of_cores[core]), chiplet.elapsed_cycles);
        metrics::add_cycles(sum, chiplet.stalls_of_cores[core]);
    }
    for (std::size_t leaf = 0; leaf < metrics::leaf_count; ++leaf) {
        require_equal(fmt::format("{}.{} cycles over the cores of {} and of the chiplet",
                                  metrics::leaf_names[leaf].group, metrics::leaf_names[leaf].leaf, chiplet.name),
                      sum[leaf], chiplet.stalls[leaf]);
    }
}

} // namespace

void require_balanced(const RunReport& report) {
    for (const AccountingEntry& entry : report.accounting) {
        require_equal(entry.what, entry.left, entry.right);
    }
    for (const ChipletReport& chiplet : report.chiplets) {
        require_balanced(chiplet);
    }
}

} // namespace intarsia::report
