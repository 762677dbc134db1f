#include "tests/noc_proof/networks.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::tests;
using Catch::Matchers::Contains;
using noc::RouteEntry;

namespace {

/// A chain of four routers, endpoint on each: port 0 up, 1 down, 2 endpoint.
noc::NetworkPlan chain(std::uint32_t vcs = 2) {
    Grid grid({4}, vcs, false);
    grid.route(
        [&](std::uint32_t r, std::uint32_t, std::uint32_t, std::uint32_t to) {
            return RouteEntry{grid.towards(r, to, 0), grid.all_vcs()};
        },
        true);
    return grid.plan;
}

void set(noc::NetworkPlan& plan, std::uint32_t router, std::uint32_t destination, RouteEntry entry) {
    plan.routes.set(plan.routes.row_of(router, 0), static_cast<EndpointId>(destination), entry);
}

std::size_t faults_of(const noc::NetworkPlan& plan) {
    try {
        noc::prove_deadlock_freedom(plan);
    } catch (const InputError& error) {
        return error.faults().size();
    }
    return 0;
}

} // namespace

TEST_CASE("a destination that a table does not reach is a fault") {
    REQUIRE(refusal(chain()).empty());
    noc::NetworkPlan plan = chain();
    set(plan, 2, 3, {});
    // From router 1, and from the router itself.
    CHECK_THAT(refusal(plan), Contains("names no way for packets of class 0 to n3 that come by (1)->E vcs 0-1"));
    CHECK(faults_of(plan) == 2);
}

TEST_CASE("options must exist") {
    noc::NetworkPlan plan = chain();
    set(plan, 2, 3, {7, 3});
    CHECK_THAT(refusal(plan), Contains("output port that does not exist"));
    plan = chain();
    set(plan, 3, 0, {0, 3}); // over the end of the chain
    CHECK_THAT(refusal(plan), Contains("output port that does not exist") && Contains("to n0"));
    plan = chain();
    set(plan, 1, 3, {0, 4});
    CHECK_THAT(refusal(plan), Contains("virtual channel that does not exist"));
    plan = chain();
    set(plan, 1, 3, {0, 0});
    CHECK_THAT(refusal(plan), Contains("none of the virtual channels"));
    plan = chain();
    set(plan, 1, 3, {2, 3});
    CHECK_THAT(refusal(plan), Contains("leads into n1") && Contains("to n3"));
    plan = chain();
    set(plan, 1, 3, {RouteEntry::here, 0});
    CHECK_THAT(refusal(plan), Contains("names no way"));
}

TEST_CASE("lists must leave something to ask for") {
    noc::NetworkPlan plan = chain();
    set(plan, 1, 3, plan.routes.add_list({true, 0, {}}));
    CHECK_THAT(refusal(plan), Contains("leaves nothing to ask for"));
    plan = chain();
    set(plan, 1, 3, plan.routes.add_list({false, 0, {{0, 1, false}}}));
    CHECK_THAT(refusal(plan), Contains("not two options"));
    plan = chain();
    plan.class_vcs = {1, 2};
    set(plan, 1, 3, plan.routes.add_list({false, 0, {{0, 1, false}, {0, 3, false}}}));
    CHECK_THAT(refusal(plan), Contains("of class 1") && Contains("leaves nothing to ask for"));
}

TEST_CASE("classes and wiring are checked first") {
    noc::NetworkPlan plan = chain();
    plan.class_vcs = {3, 0, 4};
    CHECK_THAT(refusal(plan), Contains("message class 1 owns no") && Contains("message class 2 owns no"));
    plan = chain();
    plan.class_vcs.clear();
    CHECK_THAT(refusal(plan), Contains("no message class"));
    plan = chain();
    plan.virtual_channels = 17;
    CHECK_THAT(refusal(plan), Contains("17 virtual channels"));
    plan = chain();
    plan.routers[1].ports[0].to = {3, 0};
    CHECK_THAT(refusal(plan), Contains("joined to a port that is not joined to it"));
    plan = chain();
    plan.routers[1].ports[0].to = {70, 0};
    CHECK_FALSE(refusal(plan).empty());
    plan = chain();
    plan.routers[1].ports[2].endpoint = 2;
    CHECK_THAT(refusal(plan), Contains("sits elsewhere") && Contains("endpoint n1 sits on no port"));
    plan = chain();
    plan.endpoints.push_back({0, 2, "n4"});
    CHECK_THAT(refusal(plan), Contains("know 4 of 5 endpoints"));
}

TEST_CASE("of hundreds of faults the first are shown, and how many there are") {
    Grid grid({30}, 1, false);
    grid.route([](std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t) { return RouteEntry{}; }, true);
    CHECK_THAT(refusal(grid.plan), Contains("and 10 more faults"));
    CHECK(faults_of(grid.plan) == 21);
}

TEST_CASE("inputs that no packet comes by may have any entry") {
    noc::NetworkPlan plan = chain();
    noc::ProofOptions only_down;
    only_down.traffic = {{{0, 0, 0, 1}, {1, 1, 0, 0}}};
    set(plan, 2, 3, {});
    set(plan, 0, 3, {9, 9});
    CHECK(refusal(plan, only_down).empty());
}

TEST_CASE("what comes over the border of a network goes as the tables say, what leaves is out of sight") {
    Grid grid({4}, 1, false);
    for (const std::uint32_t end : {0U, 3U}) {
        noc::NetworkPort& port = grid.plan.routers[end].ports[end == 0 ? 1 : 0];
        port.use = noc::PortUse::border;
        port.endpoint = end == 0 ? 0 : 1;
    }
    // Endpoints 4 and 5 lie beyond the upper border; from below only packets to them come.
    noc::RouteTables& routes = grid.plan.routes = noc::RouteTables(0, grid.ports(), 6);
    for (std::uint32_t r = 0; r < 4; ++r) {
        for (std::uint32_t p = 0; p < 3; ++p) {
            const std::uint32_t row = routes.add_row();
            routes.set_row(r, p, row);
            for (std::uint32_t to = 0; to < 6; ++to) {
                const bool unknown = r == 0 && p == 1 && to < 4;
                const bool beyond = to >= 4;
                const RouteEntry entry{beyond ? std::uint16_t(0) : grid.towards(r, to, 0), 1};
                routes.set(row, static_cast<EndpointId>(to), unknown ? RouteEntry{} : entry);
            }
        }
    }
    CHECK(refusal(grid.plan).empty());
    routes.set(routes.row_of(1, 1), 5, {});
    CHECK_THAT(refusal(grid.plan), Contains("to endpoint 5 that come by (0)->E"));
}
