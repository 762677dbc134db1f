// Tables by coordinates: the proof says of them what it says of the same tables in dense form.
#include "tests/noc_proof/by_definition.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <fmt/format.h>
#include <random>

using namespace intarsia;
using namespace intarsia::tests;
using noc::RouteEntry;
using Verdict = ByDefinition::Verdict;

namespace {

/// A mesh with `endpoints(router)` endpoints on each router, ports as Grid's. Levels: x, y, place at the router.
struct CoordinateGrid : Wiring {
    template <class Endpoints>
    CoordinateGrid(std::uint32_t width, std::uint32_t height, std::uint32_t vcs, std::uint32_t places,
                   Endpoints endpoints)
        : Wiring(width * height, vcs), columns(width), rows(height), most(places) {
        std::vector<std::uint16_t> coordinates;
        for (std::uint32_t r = 0; r < columns * rows; ++r) {
            for (const char* name : {"E", "W", "N", "S"}) {
                port(r, name);
            }
            for (std::uint32_t place = 0, count = endpoints(r); place < count; ++place) {
                endpoint(r);
                for (const std::uint32_t c : {r % columns, r / columns, place}) {
                    coordinates.push_back(static_cast<std::uint16_t>(c));
                }
            }
        }
        for (std::uint32_t r = 0; r < columns * rows; ++r) {
            if (r % columns + 1 < columns) {
                link(r, 0, r + 1, 1);
                link(r + 1, 1, r, 0);
            }
            if (r / columns + 1 < rows) {
                link(r, 2, r + columns, 3);
                link(r + columns, 3, r, 2);
            }
        }
        plan.routes = noc::RouteTables(vc_bits(), ports(), {columns, rows, most}, coordinates, {{0, 1, 2}, {1, 0, 2}});
    }

    /// A row of dimension order, x or y first.
    std::uint32_t dor_row(std::uint32_t r, std::uint8_t order) {
        const std::uint32_t row = plan.routes.add_row(order);
        const std::array<std::uint32_t, 2> here{r % columns, r / columns};
        const std::array<std::uint32_t, 2> extents{columns, rows};
        for (std::uint32_t d = 0; d < 2; ++d) {
            for (std::uint32_t c = 0; c < extents[d]; ++c) {
                if (c != here[d]) {
                    plan.routes.set(row, d, c, {static_cast<std::uint16_t>(2 * d + (c > here[d] ? 0 : 1)), all_vcs()});
                }
            }
        }
        for (std::uint32_t place = 0; place < most; ++place) {
            const bool exists = 4 + place < plan.routers[r].ports.size();
            plan.routes.set(row, 2, place,
                            exists ? RouteEntry{static_cast<std::uint16_t>(4 + place), all_vcs()} : RouteEntry{});
        }
        return row;
    }
    void set_rows(std::uint32_t r, std::uint32_t row) {
        for (std::uint32_t p = 0; p < plan.routers[r].ports.size(); ++p) {
            for (std::uint32_t vc = 0; vc < plan.virtual_channels; ++vc) {
                plan.routes.set_row(r, p << vc_bits() | vc, row);
            }
        }
    }

    std::uint32_t columns;
    std::uint32_t rows;
    std::uint32_t most; ///< endpoints of a router
};

noc::NetworkPlan random_grid(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto chance = [&](std::uint32_t percent) { return random() % 100 < percent; };
    CoordinateGrid grid(2 + random() % 3, 2 + random() % 2, 1 + random() % 3, 2,
                        [&](std::uint32_t r) { return r == 0 ? 1 : static_cast<std::uint32_t>(random() % 3); });
    const std::uint32_t changes = chance(50) ? 0 : 3;
    const std::uint32_t y_first = chance(50) ? 0 : 10;
    for (std::uint32_t r = 0; r < grid.plan.routers.size(); ++r) {
        for (std::uint32_t p = 0; p < grid.plan.routers[r].ports.size(); ++p) {
            for (std::uint32_t vc = 0; vc < grid.plan.virtual_channels; ++vc) {
                const std::uint32_t row = grid.dor_row(r, chance(y_first) ? 1 : 0);
                grid.plan.routes.set_row(r, p << grid.vc_bits() | vc, row);
                for (std::uint32_t level = 0; level < 3; ++level) {
                    for (std::uint32_t c = 0; c < grid.plan.routes.extents()[level]; ++c) {
                        const RouteEntry old = grid.plan.routes.entry(row, level, c);
                        if (!chance(changes) || old.port >= 4) {
                            continue;
                        }
                        const auto any = static_cast<std::uint16_t>(random() % 4);
                        const auto lowest = static_cast<std::uint16_t>(1);
                        RouteEntry entry{old.port, lowest};
                        if (chance(30)) {
                            entry = grid.plan.routes.add_list(
                                {true, 0, {{any, grid.all_vcs(), false}, {old.port, 1, chance(80)}}});
                        } else if (chance(30)) {
                            entry = {any, lowest};
                        } else if (chance(10)) {
                            entry = {RouteEntry::here, 0};
                        } else if (chance(10)) {
                            entry = {};
                        }
                        grid.plan.routes.set(row, level, c, entry);
                    }
                }
            }
        }
    }
    return grid.plan;
}

} // namespace

TEST_CASE("tables by coordinates are proved as the definition and their dense form are") {
    std::array<std::uint32_t, 3> count{};
    for (std::uint64_t seed = 0; seed < 600; ++seed) {
        noc::NetworkPlan plan = random_grid(seed);
        noc::ProofOptions options;
        if (seed % 3 == 0) {
            options.traffic.resize(1);
            for (std::size_t e = 0; e < plan.endpoints.size(); ++e) {
                options.traffic[0].sources.push_back(e % 3 != 0);
                options.traffic[0].destinations.push_back(e % 4 != 1);
            }
        }
        const ByDefinition definition(plan, options);
        const ProofSays says = proof_says(plan, options);
        INFO("seed " << seed);
        REQUIRE(says.verdict == definition.verdict());
        plan.routes = plan.routes.as_dense();
        const ProofSays dense = proof_says(plan, options);
        CHECK(dense.verdict == says.verdict);
        CHECK(dense.cycle == says.cycle);
        ++count[static_cast<std::size_t>(says.verdict)];
    }
    CHECK(count[0] > 50);
    CHECK(count[1] > 50);
    CHECK(count[2] > 50);
}

TEST_CASE("levels that leave a destination undecided are a fault") {
    CoordinateGrid grid(2, 2, 1, 1, [](std::uint32_t) { return 1U; });
    for (std::uint32_t r = 0; r < 4; ++r) {
        grid.set_rows(r, grid.dor_row(r, 0));
    }
    REQUIRE(refusal(grid.plan).empty());
    grid.plan.routes.set(grid.plan.routes.row_of(3, 0), 2, 0, {RouteEntry::here, 0});
    CHECK_THAT(refusal(grid.plan), Catch::Matchers::Contains("no level of the routing table decides") &&
                                       Catch::Matchers::Contains("to n3"));
}

TEST_CASE("a grid of thousands of nodes by coordinates is proved quickly") {
    // 5 x 5 dies of 18 x 20 routers, six of which have no endpoint.
    CoordinateGrid grid(90, 100, 2, 1, [](std::uint32_t r) {
        const std::uint32_t x = r % 90 % 18;
        const std::uint32_t y = r / 90 % 20;
        return y == 0 && x % 3 == 0 ? 0U : 1U;
    });
    for (std::uint32_t r = 0; r < 9000; ++r) {
        grid.set_rows(r, grid.dor_row(r, 0));
    }
    REQUIRE(grid.plan.endpoints.size() == 8850);
    const auto start = std::chrono::steady_clock::now();
    CHECK(refusal(grid.plan).empty());
    fmt::print("tiled grid of 8850 nodes: {:.3f} s\n",
               std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    // One router that turns the other way round closes a cycle with its neighbours.
    grid.set_rows(4000, grid.dor_row(4000, 1));
    grid.set_rows(4091, grid.dor_row(4091, 1));
    CHECK_FALSE(refusal(grid.plan).empty());
}
