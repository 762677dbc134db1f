#include "config/errors.hpp"
#include "report/input_hash.hpp"
#include "report/run_statistics.hpp"
#include "sample_report.hpp"

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

using namespace intarsia;
using namespace intarsia::report;

TEST_CASE("a balanced report may be published") {
    CHECK_NOTHROW(require_balanced(tests::sample_report()));
}

TEST_CASE("a report that does not balance may not be published") {
    RunReport report = tests::sample_report();
    SECTION("accounting") {
        report.accounting[0].right += 1;
        CHECK_THROWS_WITH(require_balanced(report), "bytes asked for and delivered: 800000 is not 800001");
    }
    SECTION("a cycle of a chiplet without a leaf") {
        report.chiplets[1].stalls[0] -= 1;
        CHECK_THROWS_AS(require_balanced(report), InvariantError);
    }
    SECTION("a cycle of a core without a leaf") {
        report.chiplets[1].stalls_of_cores[1][0] -= 1;
        CHECK_THROWS_WITH(require_balanced(report), Catch::Contains("core 1 of die1"));
    }
    SECTION("a cycle in one leaf of the core and another of the chiplet") {
        report.chiplets[0].stalls[0] -= 1;
        report.chiplets[0].stalls[1] += 1;
        CHECK_THROWS_WITH(require_balanced(report), Catch::Contains("computing.matrix"));
    }
    SECTION("a core is missing") {
        report.chiplets[0].stalls_of_cores.pop_back();
        CHECK_THROWS_AS(require_balanced(report), InvariantError);
    }
}

TEST_CASE("derived figures follow from the counted ones") {
    const metrics::Statistics statistics = run_statistics(tests::sample_report());
    CHECK(statistics.number("", "time_s") == Approx(1e-6));
    CHECK(statistics.number("", "flops_per_s") == Approx(1e13));
    CHECK(statistics.number("", "fraction_of_peak") == Approx(0.25));
    CHECK(statistics.number("", "tokens_per_s") == Approx(4.096e9));
    CHECK(statistics.number("die1", "flops_per_s") == Approx(5e12));
    CHECK(statistics.number("die0", "computing_fraction") == Approx(700.0 / 1200));
    CHECK(statistics.number("hbm0", "bandwidth_bytes_per_s") == Approx(0.8e12));
    CHECK(statistics.number("hbm0", "fraction_of_peak") == Approx(0.5));
    CHECK(statistics.number("hbm0", "row_hit_rate") == Approx(0.75));
    CHECK(statistics.number("hbm0.channel1", "row_hit_rate") == Approx(0.625));
    CHECK(statistics.number("hbm0.channel1", "bandwidth_bytes_per_s") == Approx(0.3e12));
    CHECK(statistics.number("die0-die1", "utilisation") == 0.75);
    CHECK(statistics.number("die0.noc", "packets") == 12);
}

TEST_CASE("a run of no time has figures too, and unknown tokens none") {
    RunReport report = tests::sample_report();
    report.time = Picoseconds(0);
    report.tokens = 0;
    const metrics::Statistics statistics = run_statistics(report);
    CHECK(statistics.number("", "flops_per_s") == 0);
    CHECK(statistics.number("hbm0", "bandwidth_bytes_per_s") == 0);
    CHECK(statistics.find("", "tokens_per_s") == nullptr);
}

TEST_CASE("every statistic has a unit or is text, and a description") {
    const metrics::Statistics statistics = run_statistics(tests::sample_report());
    for (const metrics::Statistic& statistic : statistics.all()) {
        INFO(statistic.path << " " << statistic.name);
        CHECK((!statistic.unit.empty() || std::holds_alternative<std::string>(statistic.value)));
        CHECK(statistic.description.size() > 5);
        CHECK(statistic.description.back() == '.');
    }
}

TEST_CASE("hashes are XXH64 of the content") {
    // Known values of XXH64 with seed 0.
    CHECK(xxh64_hex("") == "ef46db3751d8e999");
    CHECK(xxh64_hex("abc") == "44bc2cf5ad770999");

    const std::filesystem::path file = std::filesystem::temp_directory_path() / "intarsia_test_hash.bin";
    std::string content;
    for (int index = 0; index < 200'000; ++index) {
        content.push_back(static_cast<char>(index * 31 % 251));
    }
    std::ofstream(file, std::ios::binary) << content;
    const InputFile input = hash_input(file.string());
    CHECK(input.file == file.string());
    CHECK(input.xxh64 == xxh64_hex(content));
    std::filesystem::remove(file);
    CHECK_THROWS_AS(hash_input(file.string()), InputError);
    CHECK_THROWS_AS(hash_input(std::filesystem::temp_directory_path().string()), InputError);
}
