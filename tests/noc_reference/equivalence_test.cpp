// The fast engines equal the pin-level reference, cycle by cycle, on random networks. The hidden tests [more] do the
// same on ten times as many: `test_noc_reference "[more]"`.
#include "comparison.hpp"

#include <catch2/catch.hpp>
#include <iostream>

using namespace intarsia;
using namespace intarsia::tests;

namespace {

/// Compares `count` cases from `first_seed` on. The cases must be worth it: most of them drain, and flits move.
void compare_many(RandomCase (*make)(std::uint64_t), std::uint64_t first_seed, std::uint64_t count) {
    std::uint64_t flit_hops = 0;
    std::uint64_t drained = 0;
    std::uint64_t different = 0;
    for (std::uint64_t seed = first_seed; seed < first_seed + count; ++seed) {
        const Comparison comparison = compare_engines(make(seed));
        flit_hops += comparison.flit_hops;
        drained += comparison.drained ? 1 : 0;
        if (comparison.difference && ++different <= 3) {
            std::cout << *comparison.difference << std::endl;
        }
    }
    std::cout << count << " networks, " << drained << " drained, " << flit_hops << " flit-hops, " << different
              << " different\n";
    CHECK(different == 0);
    CHECK(drained > count / 2);
    CHECK(flit_hops > 500 * count);
}

} // namespace

TEST_CASE("the vc engine equals the reference on 700 random networks") {
    compare_many(random_vc_case, 1, 700);
}

TEST_CASE("the wormhole engine equals the reference on 300 random networks") {
    compare_many(random_wormhole_case, 1, 300);
}

TEST_CASE("the vc engine equals the reference on 150 networks of named topologies") {
    compare_many(named_vc_case, 1, 150);
}

TEST_CASE("the wormhole engine equals the reference on 100 networks of named topologies") {
    compare_many(named_wormhole_case, 1, 100);
}

TEST_CASE("the vc engine equals the reference on 50 large networks") {
    compare_many(large_vc_case, 1, 50);
}

TEST_CASE("the vc engine equals the reference on 400 more large networks", "[.][more]") {
    compare_many(large_vc_case, 100'000, 400);
}

TEST_CASE("the vc engine equals the reference on 7000 more random networks", "[.][more]") {
    compare_many(random_vc_case, 100'000, 7'000);
}

TEST_CASE("the vc engine equals the reference on 1500 more networks of named topologies", "[.][more]") {
    compare_many(named_vc_case, 100'000, 1'500);
}

TEST_CASE("the wormhole engine equals the reference on 1000 more networks of named topologies", "[.][more]") {
    compare_many(named_wormhole_case, 100'000, 1'000);
}

TEST_CASE("the wormhole engine equals the reference on 3000 more random networks", "[.][more]") {
    compare_many(random_wormhole_case, 100'000, 3'000);
}
