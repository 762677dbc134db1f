// Traces of others, run by the program; skipped without the reference folder.
#include "../reference.hpp"
#include "harness.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace intarsia;

namespace {

nlohmann::json summary_of(const std::string& prefix) {
    const tests::ProgramRun run =
        tests::run_program(fmt::format("run eight_die_grid --trace {} --json - --check-timing", prefix));
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    return nlohmann::json::parse(run.out);
}

} // namespace

// ASTRA-sim's micro-benchmarks (astra-sim/astra-sim): one collective of 1 MiB a rank.
TEST_CASE("The micro-benchmark all-reduce runs on as many dies, no faster than its wires allow", "[reference]") {
    const auto prefix = tests::reference_path("traces/chakra-et-microbench/all_reduce/8npus_1MB/all_reduce");
    if (!prefix) {
        return;
    }
    const nlohmann::json summary = summary_of(*prefix);
    const double time = summary["time_s"];
    // A rank sends 2 (N-1)/N of its data. The fastest way out of any die of the grid is all of its links together:
    // three sides of two links of 64 GB/s at most (a generous bound, no link is counted twice).
    const double bytes = 2.0 * 7 / 8 * (1 << 20);
    double widest = 0;
    for (const nlohmann::json& link : summary["links"]) {
        widest =
            std::max(widest, link["bytes"].get<double>() / time / std::max(1e-9, link["utilisation"].get<double>()));
    }
    CHECK(time > bytes / (6 * widest));
    CHECK(time < 100e-6);
    for (const nlohmann::json& chiplet : summary["chiplets"]) {
        CHECK(chiplet["nodes"] == 1);
    }
}

TEST_CASE("All micro-benchmark collectives, and one written out as messages, run to their end", "[reference]") {
    for (const char* trace : {"chakra-et-microbench/all_gather/4npus_1MB/all_gather",
                              "chakra-et-microbench/reduce_scatter/4npus_1MB/reduce_scatter",
                              "chakra-et-microbench/all_to_all/8npus_1MB/all_to_all",
                              "chakra-et-custom-ring-allreduce-8/custom_allreduce"}) {
        const auto prefix = tests::reference_path(std::string("traces/") + trace);
        if (!prefix) {
            return;
        }
        CAPTURE(trace);
        CHECK(summary_of(*prefix)["complete"] == true);
    }
}
