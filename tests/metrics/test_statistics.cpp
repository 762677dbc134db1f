#include "config/errors.hpp"
#include "metrics/formula.hpp"
#include "metrics/statistics.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::metrics;

namespace {

constexpr StatisticKind time_s{"time_s", "s", "Simulated time."};
constexpr StatisticKind bytes{"bytes", "B", "Bytes moved."};
constexpr StatisticKind bandwidth{"bandwidth", "B/s", "Bytes a second.", "bytes / time_s"};

double value(std::string_view formula) {
    return evaluate_formula(formula, [](std::string_view name) { return name == "a_1" ? 6.0 : 2.0; });
}

} // namespace

TEST_CASE("formulas follow the usual precedence") {
    CHECK(value("1 + 2 * 3") == 7);
    CHECK(value("(1 + 2) * 3") == 9);
    CHECK(value("8 / 2 / 2") == 2);
    CHECK(value("8 - 2 - 2") == 4);
    CHECK(value("a_1 / b * 1e3") == 3000);
    CHECK(value(" ( a_1-b )/( a_1 + b ) ") == 0.5);
    CHECK(value("a_1 / (b - 2)") == 0); // a share of nothing
}

TEST_CASE("a malformed formula is a bug") {
    for (const char* formula : {"", "1 +", "(1", "1)", "a b", "*2", "1 $ 2", "1..2.3 x"}) {
        INFO(formula);
        CHECK_THROWS_AS(value(formula), InvariantError);
    }
}

TEST_CASE("statistics keep their order, units and descriptions") {
    Statistics statistics;
    statistics.add("", time_s, 2.0);
    statistics.add("hbm1", bytes, std::uint64_t{10});
    statistics.add("hbm0", bytes, std::uint64_t{30});
    statistics.add("hbm0", {"state", "", "A word."}, std::string("open"));
    statistics.derive("hbm0", bandwidth);
    REQUIRE(statistics.all().size() == 5);
    CHECK(statistics.all()[1].path == "hbm1");
    CHECK(statistics.all()[4].name == "bandwidth");
    CHECK(statistics.all()[4].unit == "B/s");
    CHECK(statistics.all()[4].formula == "bytes / time_s");
    CHECK(statistics.number("hbm0", "bandwidth") == 15);
    CHECK(statistics.find("hbm0", "nothing") == nullptr);
    CHECK_THROWS_AS(statistics.number("hbm0", "state"), InvariantError);
    CHECK_THROWS_AS(statistics.number("hbm2", "bytes"), InvariantError);
}

TEST_CASE("a formula takes the nearest enclosing value") {
    Statistics statistics;
    statistics.add("", time_s, 2.0);
    statistics.add("", bytes, std::uint64_t{1000});
    statistics.add("hbm0", bytes, std::uint64_t{100});
    statistics.add("hbm0.channel1", bytes, std::uint64_t{10});
    statistics.derive("hbm0.channel1", bandwidth);
    statistics.derive("hbm0.channel2", bandwidth);
    statistics.derive("hbm1.channel2", bandwidth);
    CHECK(statistics.number("hbm0.channel1", "bandwidth") == 5);
    CHECK(statistics.number("hbm0.channel2", "bandwidth") == 50);
    CHECK(statistics.number("hbm1.channel2", "bandwidth") == 500);
}

TEST_CASE("a statistic registered twice, or derived from none, is a bug") {
    Statistics statistics;
    statistics.add("die0", bytes, std::uint64_t{1});
    CHECK_THROWS_AS(statistics.add("die0", bytes, std::uint64_t{1}), InvariantError);
    CHECK_THROWS_AS(statistics.derive("die0", bandwidth), InvariantError);
    CHECK_THROWS_AS(statistics.add("die0", bandwidth, 1.0), InvariantError);
    Statistics others;
    others.add("die0", bytes, std::uint64_t{2});
    CHECK_THROWS_AS(statistics.append(others), InvariantError);
}
