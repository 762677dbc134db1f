#include "noc/deadlock_proof.hpp"
#include "tests/noc/rig.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::tests;
using Catch::Matchers::Contains;

namespace {

std::string refusal(const config::SystemConfig& system, bool replies = true) {
    try {
        noc::prove_deadlock_freedom(noc::PackagePlan(system), replies);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

/// Two dies side by side, joined by links in the given rows.
config::SystemConfig joined_in_rows(std::uint32_t columns, std::uint32_t rows,
                                    const std::vector<std::uint32_t>& links) {
    config::SystemConfig system = make_die_grid(2, 1, columns, rows);
    std::vector<config::D2dLinkConfig> kept;
    kept.reserve(links.size());
    for (const std::uint32_t row : links) {
        kept.push_back(system.links[row]);
    }
    system.links = kept;
    return system;
}

/// Dies in a ring that is no grid: every way is a shortest path.
config::SystemConfig ring(std::uint32_t dies, std::uint32_t side) {
    config::SystemConfig system;
    system.name = "ring";
    for (std::uint32_t d = 0; d < dies; ++d) {
        config::DieConfig die = make_die("die" + std::to_string(d), side, side);
        die.position = {d * 40'000, 0};
        system.dies.push_back(die);
    }
    for (std::uint32_t d = 0; d < dies; ++d) {
        config::D2dLinkConfig link;
        link.name = "link" + std::to_string(d);
        link.from_die = d;
        link.to_die = (d + 1) % dies;
        link.from_router = {side - 1, 0};
        link.to_router = {0, 0};
        system.links.push_back(link);
    }
    return system;
}

} // namespace

TEST_CASE("meshes, and die grids that route as one, are free of deadlock") {
    CHECK(refusal(make_mesh(8, 8)).empty());
    CHECK(refusal(make_die_grid(2, 2, 4, 4)).empty());
    CHECK(refusal(joined_in_rows(3, 4, {2})).empty());
    // Gateways side by side in the middle: no packet leaves along a column on which arriving ones go away from theirs.
    CHECK(refusal(joined_in_rows(3, 4, {1, 2})).empty());
    config::SystemConfig with_stack = make_die_grid(2, 1, 3, 3);
    with_stack.stacks.emplace_back();
    with_stack.stacks[0].name = "hbm0";
    with_stack.stacks[0].routers = {{0, 0}, {0, 2}};
    CHECK(refusal(with_stack).empty());
}

TEST_CASE("several gateways that serve several rows each are caught, with the cycle by name") {
    const std::string text = refusal(joined_in_rows(3, 4, {0, 3}));
    CHECK_THAT(text, Contains("can deadlock") && Contains("link0") && Contains("link3") && Contains("waits for") &&
                         Contains("one link in every row"));
    CHECK_FALSE(refusal(joined_in_rows(4, 8, {0, 3, 7})).empty());
}

TEST_CASE("requests and replies that share virtual channels are caught") {
    config::SystemConfig system = make_mesh(3, 3);
    system.dies[0].network.reply_vcs = 0;
    CHECK_THAT(refusal(system), Contains("requests and replies") && Contains("reply_vcs"));
    CHECK(refusal(system, false).empty()); // one class whose packets nobody answers is no danger
}

TEST_CASE("rings of dies are caught, short ones and trees are not") {
    CHECK(refusal(ring(3, 1)).empty());                        // every pair of dies is joined directly
    CHECK_THAT(refusal(ring(3, 2)), Contains("can deadlock")); // arriving packets share links with leaving ones
    CHECK_THAT(refusal(ring(6, 1)), Contains("can deadlock"));
    CHECK_THAT(refusal(ring(6, 2)), Contains("can deadlock"));
    config::SystemConfig chain = ring(6, 2);
    chain.links.pop_back();
    CHECK(refusal(chain).empty());
}

TEST_CASE("what the proof refuses does deadlock, and what it lets pass drains") {
    const auto drains = [](const config::SystemConfig& system) {
        config::SystemConfig tight = system;
        use_one_class(tight, 1, 1);
        Rig rig(tight, 8);
        std::mt19937_64 random(3);
        const std::uint32_t n = rig.plan.endpoint_count();
        for (int i = 0; i < 40'000; ++i) {
            rig.offer(static_cast<EndpointId>(random() % n), static_cast<EndpointId>(random() % n), 16);
        }
        return rig.drain(4'000'000);
    };
    CHECK(drains(joined_in_rows(3, 4, {1})));
    CHECK(drains(joined_in_rows(3, 4, {1, 2})));
    config::SystemConfig bad = ring(6, 2);
    REQUIRE_FALSE(refusal(bad, false).empty());
    CHECK_FALSE(drains(bad));
}
