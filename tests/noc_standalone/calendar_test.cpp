#include "noc/standalone/calendar.hpp"
#include "noc/standalone/source_random.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <set>

using namespace intarsia::noc::standalone;

TEST_CASE("An empty calendar has no next cycle") {
    const Calendar calendar(70);
    CHECK(calendar.next() == never);
}

TEST_CASE("A calendar keeps the order of any mixture of near and far entries") {
    const std::uint32_t nodes = GENERATE(1U, 64U, 65U, 5'000U);
    Calendar calendar(nodes);
    std::map<std::uint64_t, std::set<std::uint32_t>> expected;
    SourceRandom random(7, nodes);
    const auto gap = [&] {
        // Mostly within the wheel, sometimes at its border, sometimes far beyond.
        const std::uint64_t bits = random.next();
        switch (bits & 7U) {
        case 0:
            return 254 + (bits >> 8U) % 5;
        case 1:
            return 1 + (bits >> 8U) % 100'000;
        default:
            return 1 + (bits >> 8U) % 60;
        }
    };
    for (std::uint32_t node = 0; node < nodes; ++node) {
        const std::uint64_t cycle = gap() - 1;
        calendar.schedule(node, cycle);
        expected[cycle].insert(node);
    }
    for (int step = 0; step < 20'000 && !expected.empty(); ++step) {
        const auto [cycle, due] = *expected.begin();
        expected.erase(expected.begin());
        REQUIRE(calendar.next() == cycle);
        if (cycle > 0 && (random.next() & 1U) != 0) {
            calendar.take(cycle - 1, [](std::uint32_t) { FAIL("nothing is due before"); });
            REQUIRE(calendar.next() == cycle);
        }
        std::vector<std::uint32_t> taken;
        calendar.take(cycle, [&, now = cycle](std::uint32_t node) {
            taken.push_back(node);
            const std::uint64_t again = now + gap();
            calendar.schedule(node, again);
            expected[again].insert(node);
        });
        REQUIRE(taken == std::vector<std::uint32_t>(due.begin(), due.end()));
    }
}

TEST_CASE("An entry for never is none") {
    Calendar calendar(3);
    calendar.schedule(0, never);
    calendar.schedule(2, 1'000'000);
    CHECK(calendar.next() == 1'000'000);
}
