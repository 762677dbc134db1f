#include "tests/noc_proof/networks.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <fmt/format.h>
#include <random>

using namespace intarsia;
using namespace intarsia::tests;
using Catch::Matchers::Contains;
using noc::RouteEntry;

namespace {

using Clock = std::chrono::steady_clock;

/// Shortest way round in each dimension, up on a tie. With `dateline` a packet that crosses the edge of a dimension, or
/// has crossed it, is on the upper half of the virtual channels.
noc::NetworkPlan torus(std::vector<std::uint32_t> dims, std::uint32_t vcs, bool dateline) {
    Grid grid(std::move(dims), vcs, true);
    const auto lower = static_cast<std::uint16_t>((1U << vcs / 2) - 1);
    const auto upper = static_cast<std::uint16_t>(grid.all_vcs() & ~lower);
    grid.route(
        [&](std::uint32_t r, std::uint32_t in, std::uint32_t vc, std::uint32_t to) -> RouteEntry {
            for (std::uint32_t d = 0; d < grid.dims.size(); ++d) {
                const std::uint32_t extent = grid.dims[d];
                const std::uint32_t here = grid.coordinate(r, d);
                const std::uint32_t away = (grid.coordinate(to, d) + extent - here) % extent;
                if (away == 0) {
                    continue;
                }
                const bool up = 2 * away <= extent;
                const bool crosses = up ? here + 1 == extent : here == 0;
                const bool crossed = in / 2 == d && in < grid.local() && (upper >> vc & 1U) != 0;
                return {static_cast<std::uint16_t>(2 * d + (up ? 0 : 1)), !dateline            ? grid.all_vcs()
                                                                          : crosses || crossed ? upper
                                                                                               : lower};
            }
            return {grid.local(), grid.all_vcs()};
        },
        !dateline);
    return grid.plan;
}

/// One way round, one port each; with two virtual channels a dateline before router 0.
noc::NetworkPlan one_way_ring(std::uint32_t routers, std::uint32_t vcs) {
    Wiring ring(routers, vcs);
    for (std::uint32_t r = 0; r < routers; ++r) {
        ring.port(r, "next");
        ring.port(r, "from");
        ring.endpoint(r);
    }
    for (std::uint32_t r = 0; r < routers; ++r) {
        ring.link(r, 0, (r + 1) % routers, 1);
    }
    ring.route([&](std::uint32_t r, std::uint32_t in, std::uint32_t vc, std::uint32_t to) -> RouteEntry {
        if (to == r) {
            return {2, ring.all_vcs()};
        }
        const bool crossed = r + 1 == routers || (in == 1 && vc == 1);
        return {0, static_cast<std::uint16_t>(vcs == 2 && crossed ? 2 : 1)};
    });
    return ring.plan;
}

/// Dimension order in two orders, drawn at injection; `halves`: each on virtual channels of its own.
noc::NetworkPlan o1turn(std::uint32_t side, bool halves) {
    Grid grid({side, side}, 4, false);
    grid.plan.routes = noc::RouteTables(grid.vc_bits(), grid.ports(), side * side);
    noc::RouteTables& routes = grid.plan.routes;
    const auto vcs = [&](bool yx) { return static_cast<std::uint16_t>(!halves ? 15 : yx ? 12 : 3); };
    const auto way = [&](std::uint32_t r, std::uint32_t to, bool yx) {
        return grid.dor(r, to, yx ? std::vector<std::uint32_t>{1, 0} : std::vector<std::uint32_t>{0, 1});
    };
    for (std::uint32_t r = 0; r < side * side; ++r) {
        for (const std::uint32_t kind : {0U, 1U, 2U}) { // xy, yx, injection
            const std::uint32_t row = routes.add_row();
            for (std::uint32_t to = 0; to < side * side; ++to) {
                RouteEntry entry{way(r, to, kind == 1), vcs(kind == 1)};
                if (r == to) {
                    entry = {grid.local(), 15};
                } else if (kind == 2 || (!halves && kind == 0)) {
                    noc::RouteList list;
                    list.options = {{way(r, to, false), vcs(false), false}, {way(r, to, true), vcs(true), false}};
                    entry = routes.add_list(list);
                }
                routes.set(row, static_cast<EndpointId>(to), entry);
            }
            for (std::uint32_t input = 0; input < 5U << 2U; ++input) {
                const bool injection = input >> 2 == 4;
                if (injection ? kind == 2 : kind == (halves && (input & 2) != 0 ? 1U : 0U)) {
                    routes.set_row(r, input, row);
                }
            }
        }
    }
    return grid.plan;
}

/// Up*/down* on random links over a chain: up is towards the lower number; a packet that has gone down goes up no more.
/// With `everywhere_up` it may, by a shortest path.
noc::NetworkPlan irregular(std::uint32_t seed, bool up_down) {
    std::mt19937 random(seed);
    constexpr std::uint32_t routers = 10;
    Wiring net(routers);
    for (std::uint32_t r = 1; r < routers; ++r) {
        net.join(r, random() % r);
    }
    for (int extra = 0; extra < 8; ++extra) {
        const std::uint32_t a = random() % routers;
        const std::uint32_t b = random() % routers;
        if (a != b) {
            net.join(a, b);
        }
    }
    for (std::uint32_t r = 0; r < routers; ++r) {
        net.endpoint(r);
    }
    // Distances by phase (0: may still go up), backwards from each destination.
    std::vector<std::vector<std::array<std::uint32_t, 2>>> far(routers, {routers, {99, 99}});
    const auto goes_up = [](std::uint32_t from, std::uint32_t to) { return to < from; };
    for (std::uint32_t to = 0; to < routers; ++to) {
        far[to][to] = {0, 0};
        for (std::uint32_t round = 0; round < 2 * routers; ++round) {
            for (std::uint32_t r = 0; r < routers; ++r) {
                for (const noc::NetworkPort& port : net.plan.routers[r].ports) {
                    if (port.use != noc::PortUse::link) {
                        continue;
                    }
                    const std::uint32_t next = port.to.router;
                    if (goes_up(r, next)) {
                        far[to][r][0] = std::min(far[to][r][0], far[to][next][0] + 1);
                    } else {
                        far[to][r][0] = std::min(far[to][r][0], far[to][next][up_down ? 1 : 0] + 1);
                        far[to][r][1] = std::min(far[to][r][1], far[to][next][1] + 1);
                    }
                }
            }
        }
    }
    net.route([&](std::uint32_t r, std::uint32_t in, std::uint32_t, std::uint32_t to) -> RouteEntry {
        const std::vector<noc::NetworkPort>& ports = net.plan.routers[r].ports;
        const bool down = up_down && ports[in].use == noc::PortUse::link && !goes_up(ports[in].from.router, r);
        for (std::uint32_t p = 0; p < ports.size(); ++p) {
            if (ports[p].use == noc::PortUse::endpoint) {
                if (r == to) {
                    return {static_cast<std::uint16_t>(p), 1};
                }
                continue;
            }
            const std::uint32_t next = ports[p].to.router;
            const bool up = goes_up(r, next);
            if (!(down && up) && r != to && far[to][next][up_down && !up ? 1 : 0] + 1 == far[to][r][down ? 1 : 0]) {
                return {static_cast<std::uint16_t>(p), 1};
            }
        }
        return {};
    });
    return net.plan;
}

} // namespace

TEST_CASE("meshes by dimension order are free of deadlock, whatever the order") {
    for (const std::vector<std::uint32_t>& order : {std::vector<std::uint32_t>{0, 1, 2}, {2, 0, 1}, {1, 2, 0}}) {
        Grid grid({4, 3, 3}, 2, false);
        CHECK(refusal(grid.route([&](std::uint32_t r, std::uint32_t, std::uint32_t, std::uint32_t to) {
                  return RouteEntry{grid.dor(r, to, order), 3};
              })).empty());
    }
}

TEST_CASE("routers that turn in different orders are refused") {
    Grid grid({3, 3}, 1, false);
    const std::string text = refusal(grid.route([&](std::uint32_t r, std::uint32_t, std::uint32_t, std::uint32_t to) {
        return RouteEntry{r % 2 == 0 ? grid.dor(r, to, {0, 1}) : grid.dor(r, to, {1, 0}), 1};
    }));
    CHECK_THAT(text, Contains("can deadlock") && Contains("one order of dimensions"));
}

TEST_CASE("a torus needs datelines") {
    const std::string text = refusal(torus({4, 5}, 4, false));
    // The rings of four routers are the shortest cycles.
    CHECK_THAT(text,
               Contains("net: network: error: the network can deadlock: (0,0)->E vcs 0-3 waits for (1,0)->E vcs 0-3 "
                        "waits for (2,0)->E vcs 0-3 waits for (3,0)->E vcs 0-3 waits for (0,0)->E vcs 0-3;"));
    CHECK_THAT(text, Contains("dateline"));
    CHECK(refusal(torus({4, 5}, 4, true)).empty());
    CHECK(refusal(torus({4, 4, 3}, 2, true)).empty());
    CHECK(refusal(torus({3, 3}, 1, false)).empty()); // ways of one hop close no ring
}

TEST_CASE("a ring of one direction needs a second virtual channel") {
    const std::string text = refusal(one_way_ring(5, 1));
    CHECK_THAT(text, Contains("r0->next vc 0 waits for r1->next vc 0") && Contains("second set of virtual channels"));
    CHECK(refusal(one_way_ring(5, 2)).empty());
}

TEST_CASE("two orders of dimensions need virtual channels each") {
    CHECK(refusal(o1turn(4, true)).empty());
    CHECK_THAT(refusal(o1turn(4, false)), Contains("can deadlock") && Contains("each order of dimensions its own"));
}

TEST_CASE("up*/down* routing is free of deadlock on irregular networks, shortest paths often are not") {
    int refused = 0;
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
        CHECK(refusal(irregular(seed, true)).empty());
        const std::string text = refusal(irregular(seed, false));
        refused += text.empty() ? 0 : 1;
        CHECK((text.empty() || text.find("updown") != std::string::npos));
    }
    CHECK(refused > 5);
}

TEST_CASE("requests and replies need virtual channels each") {
    Grid grid({3, 3}, 4, false);
    const auto xy = [&](std::uint32_t r, std::uint32_t, std::uint32_t, std::uint32_t to) {
        return RouteEntry{grid.dor(r, to, {0, 1}), 15};
    };
    grid.route(xy);
    noc::ProofOptions options;
    options.request_reply = true;
    grid.plan.class_vcs = {3, 12};
    CHECK(refusal(grid.plan, options).empty());
    for (const auto& shared : {std::vector<std::uint16_t>{15, 15}, {7, 12}, {1, 1}}) {
        grid.plan.class_vcs = shared;
        CHECK_THAT(refusal(grid.plan, options), Contains("[requests and replies]") && Contains("->network vc") &&
                                                    Contains("give each class its own"));
        CHECK(refusal(grid.plan).empty()); // two classes that nobody answers
    }
    // Requests from one side to the other, answered: no endpoint takes requests and is asked to.
    grid.plan.class_vcs = {15, 15};
    const std::vector<std::uint8_t> left{1, 1, 1, 1, 0, 0, 0, 0, 0};
    const std::vector<std::uint8_t> right{0, 0, 0, 0, 0, 1, 1, 1, 1};
    options.traffic = {{left, right}, {right, left}};
    CHECK(refusal(grid.plan, options).empty());
    options.traffic = {{left, right}, {right, {}}};
    CHECK_FALSE(refusal(grid.plan, options).empty());
}

TEST_CASE("wormhole networks are proved alike") {
    noc::NetworkPlan ring = one_way_ring(4, 1);
    ring.router.model = noc::RouterModel::wormhole;
    CHECK_FALSE(refusal(ring).empty());
    Grid grid({4, 4}, 1, false);
    grid.plan.router.model = noc::RouterModel::wormhole;
    CHECK(refusal(grid.route([&](std::uint32_t r, std::uint32_t, std::uint32_t, std::uint32_t to) {
              return RouteEntry{grid.dor(r, to, {1, 0}), 1};
          })).empty());
}

TEST_CASE("faults name the place that the caller gives") {
    noc::ProofOptions options;
    options.place = {"ring.toml", 7, 3, ""};
    CHECK_THAT(refusal(one_way_ring(4, 1), options), Contains("ring.toml:7:3: error: the network can deadlock"));
}

TEST_CASE("large networks are proved quickly") {
    Grid mesh({64, 64}, 4, false);
    mesh.route(
        [&](std::uint32_t r, std::uint32_t, std::uint32_t, std::uint32_t to) {
            return RouteEntry{mesh.dor(r, to, {0, 1}), 15};
        },
        true);
    auto start = Clock::now();
    CHECK(refusal(mesh.plan).empty());
    fmt::print("64 x 64 mesh, dense tables: {:.3f} s\n", std::chrono::duration<double>(Clock::now() - start).count());
    const noc::NetworkPlan ring = torus({32, 32}, 2, true);
    start = Clock::now();
    CHECK(refusal(ring).empty());
    fmt::print("32 x 32 torus, dense tables, a row an input: {:.3f} s\n",
               std::chrono::duration<double>(Clock::now() - start).count());
    const noc::NetworkPlan bad = torus({32, 32}, 2, false);
    start = Clock::now();
    CHECK_FALSE(refusal(bad).empty());
    fmt::print("32 x 32 torus without datelines: {:.3f} s\n",
               std::chrono::duration<double>(Clock::now() - start).count());
}
