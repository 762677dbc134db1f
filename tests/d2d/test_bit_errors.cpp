#include "d2d/bit_errors.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace intarsia::d2d;

namespace {

std::uint64_t damaged(double ber, std::uint32_t burst, std::uint64_t flits, std::uint64_t bits,
                      std::uint64_t seed = 1) {
    BitErrors errors(ber, burst, RandomStream(seed, 0));
    std::uint64_t count = 0;
    for (std::uint64_t i = 0; i < flits; ++i) {
        count += static_cast<std::uint64_t>(errors.damages(bits));
    }
    return count;
}

} // namespace

TEST_CASE("a wire without errors damages nothing") {
    CHECK(damaged(0, 1, 1'000'000, 2'048) == 0);
}

TEST_CASE("independent errors damage a d2d_flit with probability 1 - (1 - BER)^bits") {
    for (const double ber : {1e-6, 1e-5, 1e-4, 1e-3}) {
        constexpr std::uint64_t flits = 1'000'000;
        const double expected = flits * -std::expm1(2'048 * std::log1p(-ber));
        const auto seen = static_cast<double>(damaged(ber, 1, flits, 2'048));
        INFO(ber);
        CHECK(std::abs(seen - expected) < 5 * std::sqrt(expected));
    }
}

TEST_CASE("bursts damage fewer d2d_flits at the same rate, and reach into their neighbours") {
    // A burst of 1000 bits hits a 2048-bit d2d_flit if it starts in it, or fewer than 1000 bits before it: bursts start
    // every 1000 / BER bits, so a share of about BER (2048 + 999) / 1000 is damaged.
    constexpr double ber = 1e-4;
    constexpr std::uint64_t flits = 4'000'000;
    const double expected = flits * ber * (2'048 + 999) / 1'000;
    const auto seen = static_cast<double>(damaged(ber, 1'000, flits, 2'048));
    CHECK(std::abs(seen - expected) < 6 * std::sqrt(expected));
    // One longer than a d2d_flit damages several in a row.
    BitErrors errors(1e-4, 10'000, RandomStream(3, 0));
    std::uint64_t longest = 0;
    std::uint64_t run = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        run = errors.damages(2'048) ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    CHECK(longest >= 5);
}

TEST_CASE("the same seed gives the same errors, another seed others") {
    CHECK(damaged(1e-5, 1, 100'000, 2'048, 7) == damaged(1e-5, 1, 100'000, 2'048, 7));
    RandomStream a(1, 0);
    RandomStream b(1, 1);
    CHECK(a.next() != b.next());
}
