#include "metrics/stall_account.hpp"

#include <catch2/catch.hpp>
#include <random>

using namespace intarsia;
using namespace intarsia::metrics;

namespace {

std::uint64_t of(const StallCycles& cycles, Leaf leaf) {
    return cycles[static_cast<std::size_t>(leaf)];
}

// The definition, cycle by cycle: a cycle belongs to the stage in which its edge lies.
Leaf leaf_at(Picoseconds time, const Journey& journey, Leaf before_start) {
    if (time < journey.start() || journey.stages() == 0) {
        return before_start;
    }
    for (std::size_t stage = 0; stage < journey.stages(); ++stage) {
        if (time < journey.end_of(stage)) {
            return journey.leaf(stage);
        }
    }
    return journey.leaf(journey.stages() - 1);
}

} // namespace

TEST_CASE("a wait is cut at the stages of its transaction") {
    const Clock clock(Hertz(1'000'000'000)); // edge k at 1000 k ps
    Journey journey(Picoseconds(12'000));
    journey.append(Leaf::noc_transit, Picoseconds(14'500)); // edges 12, 13, 14
    journey.append(Leaf::memory_bank, Picoseconds(14'900)); // between edges: none
    journey.append(Leaf::memory_bus, Picoseconds(17'000));  // 15, 16
    journey.append(Leaf::d2d_transit, Picoseconds(18'000)); // 17
    StallAccount account;
    account.cut_wait(10, 21, journey, clock, Leaf::local_dma_window);
    CHECK(of(account.stalls(), Leaf::local_dma_window) == 2); // 10, 11
    CHECK(of(account.stalls(), Leaf::noc_transit) == 3);
    CHECK(of(account.stalls(), Leaf::memory_bank) == 0);
    CHECK(of(account.stalls(), Leaf::memory_bus) == 2);
    CHECK(of(account.stalls(), Leaf::d2d_transit) == 4); // 17, and 18 to 20 in which the data was there
    CHECK(account.accounted_cycles() == 11);
    CHECK(total_cycles(account.hidden()) == 0);
}

TEST_CASE("a wait that begins amid the journey gets the later stages only") {
    const Clock clock(Hertz(1'000'000'000));
    Journey journey(Picoseconds(0));
    journey.append(Leaf::noc_transit, Picoseconds(5'000));
    journey.append(Leaf::memory_bus, Picoseconds(9'000));
    StallAccount account;
    account.cut_wait(7, 9, journey, clock, Leaf::local_dma_window);
    CHECK(of(account.stalls(), Leaf::memory_bus) == 2);
    CHECK(account.accounted_cycles() == 2);
    account.cut_wait(9, 9, journey, clock, Leaf::local_dma_window);
    CHECK(account.accounted_cycles() == 2);
}

TEST_CASE("hidden cycles are a table of their own") {
    const Clock clock(Hertz(1'000'000'000));
    Journey journey(Picoseconds(0));
    journey.append(Leaf::memory_bus, Picoseconds(9'000));
    StallAccount account;
    account.add(Leaf::computing_matrix, 9);
    account.cut_hidden(0, 9, journey, clock, Leaf::local_dma_window);
    account.hide(Leaf::noc_credit, 3);
    CHECK(account.accounted_cycles() == 9);
    CHECK(of(account.hidden(), Leaf::memory_bus) == 9);
    CHECK(of(account.hidden(), Leaf::noc_credit) == 3);
}

TEST_CASE("random waits: the pieces equal the cycle by cycle definition and sum to the wait") {
    std::mt19937_64 random(20240607);
    const auto below = [&](std::uint64_t bound) { return random() % bound; };
    for (int round = 0; round < 2000; ++round) {
        const Clock clock(Hertz(1 + below(4'000'000'000)), 1 + below(7));
        const auto period = static_cast<std::uint64_t>(1e12 / clock.hertz()) + 1;
        const std::uint64_t first = below(1'000'000);
        const std::uint64_t last = first + below(200);
        // Journeys that begin before, in and after the wait; long ones overflow their stages.
        const std::uint64_t spread = std::min<std::uint64_t>(period * 150, 4'000'000'000);
        const std::uint64_t origin = clock.edge(first).count();
        Journey journey(Picoseconds(origin - std::min(origin, below(spread)) + below(spread)));
        const std::uint64_t stages = below(Journey::capacity + 10);
        std::uint64_t end = journey.start().count();
        const std::uint64_t limit = end + 4'000'000'000;
        for (std::uint64_t stage = 0; stage < stages; ++stage) {
            end = std::min(end + below(2 * spread / (stages + 1) + 2), limit);
            journey.append(static_cast<Leaf>(below(leaf_count)), Picoseconds(end));
        }
        const auto before = static_cast<Leaf>(below(leaf_count));

        StallCycles expected{};
        for (std::uint64_t cycle = first; cycle < last; ++cycle) {
            ++expected[static_cast<std::size_t>(leaf_at(clock.edge(cycle), journey, before))];
        }
        StallAccount account;
        account.cut_wait(first, last, journey, clock, before);
        REQUIRE(account.stalls() == expected);
        REQUIRE(account.accounted_cycles() == last - first);
    }
}

TEST_CASE("a wait cut into two waits gives the same leaves") {
    std::mt19937_64 random(7);
    for (int round = 0; round < 300; ++round) {
        const Clock clock(Hertz(500'000'000 + random() % 2'000'000'000));
        Journey journey(Picoseconds(random() % 50'000));
        for (int stage = 0; stage < 12; ++stage) {
            journey.append(static_cast<Leaf>(random() % leaf_count), journey.end() + Picoseconds(random() % 9'000));
        }
        const std::uint64_t last = 200;
        const std::uint64_t middle = random() % last;
        StallAccount whole;
        whole.cut_wait(0, last, journey, clock, Leaf::local_dma_window);
        StallAccount parts;
        parts.cut_wait(0, middle, journey, clock, Leaf::local_dma_window);
        parts.cut_wait(middle, last, journey, clock, Leaf::local_dma_window);
        REQUIRE(whole.stalls() == parts.stalls());
    }
}

TEST_CASE("a wait that ends before it begins is a bug") {
    StallAccount account;
    CHECK_THROWS_AS(account.cut_wait(5, 4, Journey(), Clock(Hertz(1'000'000'000)), Leaf::idle), InvariantError);
}
