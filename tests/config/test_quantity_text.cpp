#include "config/quantity_text.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <limits>
#include <random>

using namespace intarsia::config;

namespace {

std::uint64_t value_of(std::string_view text, Unit unit) {
    const auto parsed = parse_quantity(text, unit);
    INFO(text);
    REQUIRE(std::holds_alternative<std::uint64_t>(parsed));
    return std::get<std::uint64_t>(parsed);
}

std::string fault_of(std::string_view text, Unit unit) {
    const auto parsed = parse_quantity(text, unit);
    INFO(text);
    REQUIRE(std::holds_alternative<ValueFault>(parsed));
    const auto& fault = std::get<ValueFault>(parsed);
    CHECK_FALSE(fault.remedy.empty());
    return fault.message;
}

} // namespace

TEST_CASE("Quantities are exact integers of the base unit") {
    CHECK(value_of("1.8 GHz", Unit::frequency) == 1'800'000'000);
    CHECK(value_of("1.965 GHz", Unit::frequency) == 1'965'000'000);
    CHECK(value_of("1.000000001 GHz", Unit::frequency) == 1'000'000'001);
    CHECK(value_of("0.5 kHz", Unit::frequency) == 500);
    CHECK(value_of("2GHz", Unit::frequency) == 2'000'000'000);
    CHECK(value_of("512 GB/s", Unit::bandwidth) == 512'000'000'000);
    CHECK(value_of("512 GiB/s", Unit::bandwidth) == 549'755'813'888);
    CHECK(value_of("2 ns", Unit::time) == 2'000);
    CHECK(value_of("2.50 ns", Unit::time) == 2'500);
    CHECK(value_of("14 ps", Unit::time) == 14);
    CHECK(value_of("16 GiB", Unit::size) == 17'179'869'184);
    CHECK(value_of("16 GB", Unit::size) == 16'000'000'000);
    CHECK(value_of("1.5 KiB", Unit::size) == 1'536);
    CHECK(value_of("26 mm", Unit::length) == 26'000);
    CHECK(value_of("800 um", Unit::length) == 800);
    CHECK(value_of("32 GT/s", Unit::transfers) == 32'000'000'000);
    CHECK(value_of("6.4 GT/s", Unit::transfers) == 6'400'000'000);
    CHECK(value_of("0 ps", Unit::time) == 0);
    CHECK(value_of("1.000000000000000000000000 ns", Unit::time) == 1'000);
}

TEST_CASE("What is no exact quantity is refused") {
    CHECK(fault_of("0.5 ps", Unit::time) == "is not a whole number of ps");
    CHECK(fault_of("0.3 B", Unit::size) == "is not a whole number of B");
    CHECK(fault_of("1.8", Unit::frequency) == "has no unit");
    CHECK(fault_of("", Unit::frequency) == "is not a number and a unit");
    CHECK(fault_of("GHz", Unit::frequency) == "is not a number and a unit");
    CHECK(fault_of("1. GHz", Unit::frequency) == "is not a number and a unit");
    CHECK(fault_of(".5 GHz", Unit::frequency) == "is not a number and a unit");
    CHECK(fault_of("-1 GHz", Unit::frequency) == "must not be negative");
    CHECK(fault_of("1 GHZ", Unit::frequency) == "has the unit 'GHZ', which is not a frequency");
    CHECK(fault_of("1 GB/s", Unit::size) == "has the unit 'GB/s', which is not a size");
    CHECK(fault_of("1.8.1 GHz", Unit::frequency) == "has the unit '.1 GHz', which is not a frequency");
    CHECK(fault_of("1e9 Hz", Unit::frequency) == "has the unit 'e9 Hz', which is not a frequency");
    CHECK(fault_of("9223372036854775808 B", Unit::size) == "has too many digits to be held exactly");
    CHECK(fault_of("9300000 TiB", Unit::size) == "has too many digits to be held exactly");
    CHECK(fault_of("99999999999999999999999999 B", Unit::size) == "has too many digits to be held exactly");
    CHECK(fault_of("1.0000000000000000001 TB", Unit::size) == "has too many digits to be held exactly");
    CHECK(value_of("9223372036854775807 B", Unit::size) == 9'223'372'036'854'775'807ULL);
}

TEST_CASE("Quantities are written as people write them") {
    CHECK(quantity_text(1'800'000'000, Unit::frequency) == "1.8 GHz");
    CHECK(quantity_text(1'965'000'000, Unit::frequency) == "1.965 GHz");
    CHECK(quantity_text(4U << 20U, Unit::size) == "4 MiB");
    CHECK(quantity_text(512, Unit::size) == "512 B");
    CHECK(quantity_text(16'000'000'000, Unit::size) == "16 GB");
    CHECK(quantity_text(14, Unit::time) == "14 ps");
    CHECK(quantity_text(10'500, Unit::length) == "10.5 mm");
    CHECK(quantity_text(0, Unit::time) == "0 ps");
    CHECK(quantity_text(17, Unit::count) == "17");
}

TEST_CASE("Every written quantity reads back as the same number") {
    std::mt19937_64 random(20250101);
    for (const Unit unit : {Unit::frequency, Unit::size, Unit::bandwidth, Unit::time, Unit::length, Unit::transfers}) {
        for (int i = 0; i < 3'000; ++i) {
            // Shifts give all magnitudes, rounding to 10^n and 2^n the shorter forms.
            std::uint64_t value = random() >> (1 + random() % 63);
            for (std::uint64_t zeros = random() % 8; zeros > 0; --zeros) {
                value -= value % 10 == 0 ? 0 : value % 1'000;
            }
            const std::string text = quantity_text(value, unit);
            REQUIRE(value_of(text, unit) == value);
        }
    }
}

TEST_CASE("Decimal fractions of every unit agree with wide integer arithmetic") {
    std::mt19937_64 random(7);
    for (int i = 0; i < 5'000; ++i) {
        const std::uint64_t whole = random() % 10'000;
        const std::uint64_t thousandths = random() % 1'000;
        const std::string text = fmt::format("{}.{:03} GHz", whole, thousandths);
        REQUIRE(value_of(text, Unit::frequency) == whole * 1'000'000'000 + thousandths * 1'000'000);
    }
}
