#include "config/clock.hpp"

#include <catch2/catch.hpp>
#include <random>

using intarsia::Clock;
using intarsia::Hertz;
using intarsia::Picoseconds;

namespace {

__extension__ using wide = unsigned __int128;
constexpr std::uint64_t trillion = 1'000'000'000'000;

std::uint64_t exact_edge(std::uint64_t cycle, std::uint64_t hertz, std::uint64_t denominator) {
    return static_cast<std::uint64_t>(wide(cycle) * trillion * denominator / hertz);
}

struct Sample {
    std::uint64_t hertz;
    std::uint64_t denominator;
    std::uint64_t cycle;
};

/// A clock of 1 Hz to 1 THz, and a cycle within a day of simulated time.
Sample draw(std::mt19937_64& random) {
    Sample sample{};
    sample.denominator = random() % 4 == 0 ? 1 + random() % 1'000'000 : 1;
    sample.hertz = 1 + (random() >> (24 + random() % 40)) % trillion;
    if (sample.hertz < sample.denominator) {
        std::swap(sample.hertz, sample.denominator);
    }
    const wide day = wide(86'400) * sample.hertz / sample.denominator;
    sample.cycle = random() % (static_cast<std::uint64_t>(day) + 1);
    return sample;
}

} // namespace

TEST_CASE("Edges of usual clocks") {
    const Clock two(Hertz(2'000'000'000));
    CHECK(two.edge(0) == Picoseconds(0));
    CHECK(two.edge(1) == Picoseconds(500));
    const Clock odd(Hertz(1'800'000'000));
    CHECK(odd.edge(1) == Picoseconds(555));
    CHECK(odd.edge(2) == Picoseconds(1'111));
    CHECK(odd.edge(9) == Picoseconds(5'000));
    CHECK(odd.edge(9'000'000'000) == Picoseconds(5 * trillion));
    CHECK(odd.first_edge_at_or_after(Picoseconds(555)) == 1);
    CHECK(odd.first_edge_at_or_after(Picoseconds(556)) == 2);
    CHECK(odd.first_edge_after(Picoseconds(555)) == 2);
}

TEST_CASE("Edge k lies at floor(k / f), exactly, at any frequency and cycle") {
    std::mt19937_64 random(1);
    for (int i = 0; i < 20'000; ++i) {
        const Sample s = draw(random);
        const Clock clock(Hertz(s.hertz), s.denominator);
        INFO(s.hertz << "/" << s.denominator << " Hz, cycle " << s.cycle);
        REQUIRE(clock.edge(s.cycle).count() == exact_edge(s.cycle, s.hertz, s.denominator));
    }
}

TEST_CASE("first_edge_at_or_after is the inverse of edge") {
    std::mt19937_64 random(2);
    for (int i = 0; i < 20'000; ++i) {
        const Sample s = draw(random);
        const Clock clock(Hertz(s.hertz), s.denominator);
        INFO(s.hertz << "/" << s.denominator << " Hz, cycle " << s.cycle);
        // Of clocks up to 1 THz no two edges share a picosecond.
        REQUIRE(clock.first_edge_at_or_after(clock.edge(s.cycle)) == s.cycle);
        REQUIRE(clock.first_edge_after(clock.edge(s.cycle)) == s.cycle + 1);
        const Picoseconds time(random() % (86'400 * trillion));
        const std::uint64_t next = clock.first_edge_at_or_after(time);
        REQUIRE(clock.edge(next) >= time);
        REQUIRE((next == 0 || clock.edge(next - 1) < time));
    }
}

TEST_CASE("Clocks are equal when their rates are") {
    CHECK(Clock(Hertz(2'000)) == Clock(Hertz(4'000), 2));
    CHECK_FALSE(Clock(Hertz(2'000)) == Clock(Hertz(2'001)));
}
