#include "tests/noc_proof/networks.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <fmt/format.h>

using namespace intarsia;
using namespace intarsia::tests;
using Catch::Matchers::Contains;
using noc::RouteEntry;
using noc::RouteList;

namespace {

/// What heads on the escape channel (virtual channel 0) may ask for.
enum class OnEscape { stays, comes_back };
/// Whether virtual channel 0 is marked as escape.
enum class Marks { escape, none };

struct Adaptive {
    std::vector<std::uint32_t> dims{4, 4};
    OnEscape on_escape = OnEscape::stays;
    Marks marks = Marks::escape;
    bool torus = false;        ///< wrap the links, and let adaptive packets use them; the escape remains a mesh's
    bool escape_wraps = false; ///< the escape goes the shortest way round too, without datelines
};

/// Minimal adaptive on virtual channels 1 and up, dimension order on virtual channel 0.
noc::NetworkPlan adaptive(const Adaptive& how, std::uint32_t vcs = 3) {
    Grid grid(how.dims, vcs, how.torus);
    const auto rest = static_cast<std::uint16_t>(grid.all_vcs() & ~1U);
    const auto shortest = [&](std::uint32_t r, std::uint32_t to, std::uint32_t d) {
        const std::uint32_t away = (grid.coordinate(to, d) + grid.dims[d] - grid.coordinate(r, d)) % grid.dims[d];
        return static_cast<std::uint16_t>(2 * d + (2 * away <= grid.dims[d] ? 0 : 1));
    };
    const auto entry = [&](noc::RouteTables& routes, std::uint32_t r, std::uint32_t in, std::uint32_t vc,
                           std::uint32_t to) -> RouteEntry {
        if (r == to) {
            return {grid.local(), grid.all_vcs()};
        }
        std::uint16_t out = grid.dor(r, to, {0, 1});
        if (how.escape_wraps) {
            out = shortest(r, to, out / 2);
        }
        if (in != grid.local() && vc == 0 && how.on_escape == OnEscape::stays) {
            return {out, 1};
        }
        RouteList list;
        list.adaptive = true;
        for (std::uint32_t d = 0; d < grid.dims.size(); ++d) {
            if (grid.towards(r, to, d) != grid.local()) {
                list.options.push_back({how.torus ? shortest(r, to, d) : grid.towards(r, to, d), rest, false});
            }
        }
        list.options.push_back({out, 1, how.marks == Marks::escape});
        return routes.add_list(list);
    };
    // Lists live in the tables, so these are made before the entries.
    grid.route([](std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t) { return RouteEntry{}; });
    for (std::uint32_t r = 0; r < grid.plan.routers.size(); ++r) {
        for (std::uint32_t p = 0; p <= grid.local(); ++p) {
            for (std::uint32_t vc = 0; vc < vcs; ++vc) {
                const std::uint32_t input = p << grid.vc_bits() | vc;
                for (std::uint32_t to = 0; to < grid.plan.endpoints.size(); ++to) {
                    grid.plan.routes.set(grid.plan.routes.row_of(r, input), static_cast<EndpointId>(to),
                                         entry(grid.plan.routes, r, p, vc, to));
                }
            }
        }
    }
    return grid.plan;
}

} // namespace

TEST_CASE("minimal adaptive routing with an escape channel is free of deadlock") {
    CHECK(refusal(adaptive({})).empty());
    // Back from the escape to adaptive channels: only the look by destinations shows that it is free.
    Adaptive back;
    back.on_escape = OnEscape::comes_back;
    CHECK(refusal(adaptive(back)).empty());
    Adaptive torus;
    torus.torus = true;
    CHECK(refusal(adaptive(torus)).empty());
    Adaptive cube;
    cube.dims = {3, 3};
    cube.on_escape = OnEscape::comes_back;
    CHECK(refusal(adaptive(cube, 2)).empty());
}

TEST_CASE("an adaptive torus on whose escape packets come back closes cycles through adaptive channels") {
    // Adaptive hops over the edge lead from an escape channel back to the one before it.
    Adaptive torus;
    torus.torus = true;
    torus.dims = {5, 5};
    torus.on_escape = OnEscape::comes_back;
    CHECK_THAT(refusal(adaptive(torus)), Contains("can deadlock") && Contains("stay on them"));
}

TEST_CASE("adaptive routing without escape is refused") {
    Adaptive how;
    how.marks = Marks::none;
    CHECK_THAT(refusal(adaptive(how)), Contains("can deadlock") && Contains("as escape") && Contains("min_adaptive"));
}

TEST_CASE("an escape that is itself no way out is refused") {
    Adaptive how;
    how.torus = true;
    how.escape_wraps = true;
    CHECK_THAT(refusal(adaptive(how)), Contains("can deadlock") && Contains("dateline"));
}

TEST_CASE("an escape does not help where packets stand behind each other in adaptive channels") {
    noc::ProofOptions shared;
    shared.exclusive_adaptive_buffers = false;
    CHECK_THAT(refusal(adaptive({}), shared), Contains("can deadlock") && Contains("route without choice"));
    noc::NetworkPlan wormhole = adaptive({}, 2);
    wormhole.router.model = noc::RouterModel::wormhole;
    CHECK_THAT(refusal(wormhole), Contains("wormhole routers have no escape channels"));
}

TEST_CASE("adaptive turns that close no cycle need no escape") {
    Grid grid({4, 4}, 1, false);
    grid.route([](std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t) { return RouteEntry{}; }, true);
    for (const bool west_first : {true, false}) {
        for (std::uint32_t r = 0; r < 16; ++r) {
            for (std::uint32_t to = 0; to < 16; ++to) {
                const std::uint16_t x = grid.towards(r, to, 0);
                const std::uint16_t y = grid.towards(r, to, 1);
                RouteEntry entry{x != grid.local() ? x : y, 1};
                if (x != grid.local() && y != grid.local() && (x == 0 || !west_first)) {
                    entry = grid.plan.routes.add_list({true, 0, {{x, 1, false}, {y, 1, false}}});
                }
                grid.plan.routes.set(grid.plan.routes.row_of(r, 0), static_cast<EndpointId>(to), entry);
            }
        }
        CHECK(refusal(grid.plan).empty() == west_first);
    }
}

TEST_CASE("a class without a share in the escape waits for what it has") {
    noc::NetworkPlan plan = adaptive({}, 4);
    plan.class_vcs = {3, 12}; // virtual channel 0 belongs to the first
    CHECK_THAT(refusal(plan), Contains("[class 1]") && Contains("as escape"));
}

TEST_CASE("large adaptive networks are proved quickly") {
    const auto timed = [](const char* what, const noc::NetworkPlan& plan) {
        const auto start = std::chrono::steady_clock::now();
        CHECK(refusal(plan).empty());
        fmt::print("{}: {:.3f} s\n", what,
                   std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    };
    Adaptive how;
    how.dims = {24, 24};
    timed("24 x 24 mesh, minimal adaptive with escape", adaptive(how));
    how.dims = {12, 12};
    how.on_escape = OnEscape::comes_back;
    timed("12 x 12 mesh, back from the escape", adaptive(how));
}
