#include "kernel/due_ring.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;

TEST_CASE("an entry is visible at its due time and not before") {
    DueRing<int> ring(4);
    ring.push(7, Picoseconds(100));
    CHECK(ring.front(Picoseconds(99)) == nullptr);
    REQUIRE(ring.front(Picoseconds(100)) != nullptr);
    CHECK(*ring.front(Picoseconds(100)) == 7);
    CHECK(ring.next_due() == Picoseconds(100));
    ring.pop();
    CHECK(ring.empty());
    CHECK(ring.next_due() == never);
}

TEST_CASE("entries come out in order, round the ring many times") {
    DueRing<int> ring(3); // rounded up to 4
    int expected = 0;
    int next = 0;
    for (std::uint64_t t = 0; t < 1000; ++t) {
        if (ring.size() < 4) {
            ring.push(next++, Picoseconds(t));
        }
        if (t % 3 == 0) {
            while (const int* value = ring.front(Picoseconds(t))) {
                CHECK(*value == expected++);
                ring.pop();
            }
        }
    }
    CHECK(expected > 900);
}

TEST_CASE("a full ring and due times that run backwards are bugs") {
    DueRing<int> ring(2);
    ring.push(1, Picoseconds(10));
    CHECK_THROWS_AS(ring.push(2, Picoseconds(9)), InvariantError);
    ring.push(2, Picoseconds(10));
    CHECK_THROWS_AS(ring.push(3, Picoseconds(11)), InvariantError);
}
