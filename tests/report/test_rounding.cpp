#include "report/apportion.hpp"
#include "report/si_format.hpp"
#include "report/text_table.hpp"

#include <catch2/catch.hpp>
#include <numeric>
#include <random>

using namespace intarsia::report;

TEST_CASE("apportion gives what is left to the largest remainders") {
    CHECK(apportion({1, 1, 1}, 1000) == std::vector<std::uint64_t>{334, 333, 333});
    CHECK(apportion({2, 1}, 1000) == std::vector<std::uint64_t>{667, 333});
    CHECK(apportion({0, 5, 0}, 1000) == std::vector<std::uint64_t>{0, 1000, 0});
    CHECK(apportion({0, 0}, 1000) == std::vector<std::uint64_t>{0, 0});
    CHECK(apportion({}, 1000).empty());
}

TEST_CASE("random shares sum exactly to the whole and are the exact share rounded up or down") {
    std::mt19937_64 random(1234);
    for (int round = 0; round < 3000; ++round) {
        std::vector<std::uint64_t> parts(1 + random() % 30);
        for (std::uint64_t& part : parts) {
            part = random() % 4 == 0 ? 0 : random() >> (4 + random() % 60); // up to 2^60: products need 128 bits
        }
        parts.back() += 1;
        const std::uint64_t whole = 1 + random() % 5000;
        const std::vector<std::uint64_t> shares = apportion(parts, whole);
        REQUIRE(std::accumulate(shares.begin(), shares.end(), std::uint64_t{0}) == whole);
        const long double total = std::accumulate(parts.begin(), parts.end(), 0.0L);
        for (std::size_t part = 0; part < parts.size(); ++part) {
            const long double exact = static_cast<long double>(parts[part]) * static_cast<long double>(whole) / total;
            REQUIRE(std::abs(static_cast<long double>(shares[part]) - exact) < 1.000001L);
            REQUIRE((parts[part] > 0 || shares[part] == 0));
        }
    }
}

TEST_CASE("figures have four digits and a prefix") {
    CHECK(si(0, "B") == "0 B");
    CHECK(si(12, "B") == "12 B");
    CHECK(si(12, "") == "12");
    CHECK(si(1.5e6, "") == "1.500 M");
    CHECK(si(1.5, "") == "1.500");
    CHECK(si(1234, "B") == "1.234 kB");
    CHECK(si(412.34e12, "FLOP/s") == "412.3 TFLOP/s");
    CHECK(si(99.996e9, "B/s") == "100.0 GB/s");
    CHECK(si(999.96e9, "B/s") == "1.000 TB/s");
    CHECK(si(0.0315, "s") == "31.50 ms");
    CHECK(si(2.5, "s") == "2.500 s");
    CHECK(si(3e21, "B") == "3000.0 EB");
    CHECK(percent(0.7468) == "74.7 %");
}

TEST_CASE("simulated time is exact to three decimals and never rounds up to the next unit") {
    CHECK(si_time(0) == "0 ps");
    CHECK(si_time(999) == "999 ps");
    CHECK(si_time(1'000) == "1.000 ns");
    CHECK(si_time(123'456'789) == "123.456 us");
    CHECK(si_time(999'999'999) == "999.999 us");
    CHECK(si_time(5'000'000'000'000'000) == "5000.000 s");
}

TEST_CASE("tables align, and names give way to the width") {
    TextTable table;
    table.row({"name", "a", "long heading"});
    table.row({"a name that is far too wide for the line", "12", "3"});
    CHECK(table.lines(0, 80) ==
          std::vector<std::string>{"name                                       a  long heading\n",
                                   "a name that is far too wide for the line  12             3\n"});
    CHECK(table.lines(30, 40) == std::vector<std::string>{"name                     a  long heading\n",
                                                          "a name th...r the line  12             3\n"});
    TextTable narrow;
    narrow.row({"a", "1"});
    CHECK(narrow.lines(4, 40) == std::vector<std::string>{"a     1\n"});
    CHECK(TextTable().lines(4, 40).empty());
}

TEST_CASE("shortened names keep beginning and end") {
    CHECK(shorten("die0.noc", 8) == "die0.noc");
    CHECK(shorten("die0.noc.router", 9) == "die...ter");
    CHECK(shorten("äöüäöüäöü", 7) == "äö...öü");
    CHECK(text_width("äöü") == 3);
}

TEST_CASE("long lines break at spaces") {
    CHECK(wrap("one two three", 80, 2) == "one two three\n");
    CHECK(wrap("one two three", 8, 2) == "one two\n  three\n");
    CHECK(wrap("  indented   text", 80, 2) == "  indented   text\n");
    CHECK(wrap("", 80, 2) == "\n");
    CHECK(wrap("abcdefghijklmnop", 10, 2) == "ab...nop\n");
}
