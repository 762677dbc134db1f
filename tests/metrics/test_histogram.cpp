#include "metrics/histogram.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <vector>

using namespace intarsia;
using namespace intarsia::metrics;

namespace {

// Nearest rank on the values themselves.
std::uint64_t exact_percentile(std::vector<std::uint64_t> values, double percent) {
    std::sort(values.begin(), values.end());
    const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(values.size())));
    return values[std::max<std::size_t>(rank, 1) - 1];
}

} // namespace

TEST_CASE("buckets of a log histogram cover all values without gap or overlap") {
    using Buckets = LogBuckets<3>;
    std::uint64_t next = 0;
    for (std::size_t bucket = 0; bucket < Buckets::count; ++bucket) {
        REQUIRE(Buckets::index(next) == bucket);
        REQUIRE(Buckets::index(Buckets::top(bucket)) == bucket);
        REQUIRE(Buckets::top(bucket) >= next);
        // A bucket is narrower than an eighth of its smallest value.
        REQUIRE(Buckets::top(bucket) - next <= next / 8);
        next = Buckets::top(bucket) + 1;
    }
    CHECK(next == 0); // wrapped: the last bucket ends at the largest uint64
}

TEST_CASE("the last bucket of a linear histogram takes what is above") {
    LinearHistogram<10, 4> histogram;
    for (const std::uint64_t value : {0U, 9U, 10U, 29U, 30U, 5000U}) {
        histogram.add(value);
    }
    CHECK(histogram.counts() == std::array<std::uint64_t, 4>{2, 1, 1, 2});
    CHECK(histogram.percentile(100) == 5000);
    CHECK(histogram.percentile(50) == 19);
}

TEST_CASE("percentiles are the exact ones rounded up within the bucket") {
    std::mt19937_64 random(99);
    for (int round = 0; round < 100; ++round) {
        LogHistogram logarithmic;
        LinearHistogram<1, 5000> exact;
        std::vector<std::uint64_t> values(1 + random() % 500);
        double sum = 0;
        for (std::uint64_t& value : values) {
            value = random() % (1 + random() % 4999);
            logarithmic.add(value);
            exact.add(value);
            sum += static_cast<double>(value);
        }
        for (const double percent : {0.0, 1.0, 25.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
            const std::uint64_t expected = exact_percentile(values, percent);
            REQUIRE(exact.percentile(percent) == expected);
            REQUIRE(logarithmic.percentile(percent) >= expected);
            REQUIRE(logarithmic.percentile(percent) <= expected + expected / 8);
        }
        REQUIRE(logarithmic.mean() == Approx(sum / static_cast<double>(values.size())));
        REQUIRE(logarithmic.min() == exact_percentile(values, 0));
        REQUIRE(logarithmic.max() == exact_percentile(values, 100));
    }
}

TEST_CASE("an empty histogram has zeros, and merging equals counting together") {
    LogHistogram empty;
    CHECK(empty.percentile(50) == 0);
    CHECK(empty.min() == 0);
    CHECK(empty.mean() == 0);

    LogHistogram left;
    LogHistogram right;
    LogHistogram both;
    for (std::uint64_t value = 0; value < 1000; value += 7) {
        (value % 2 == 0 ? left : right).add(value, value % 3);
        both.add(value, value % 3);
    }
    left.merge(right);
    left.merge(empty);
    CHECK(left.counts() == both.counts());
    CHECK(left.count() == both.count());
    CHECK(left.min() == both.min());
    CHECK(left.max() == both.max());
    CHECK_THROWS_AS(left.percentile(100.5), InvariantError);
}
