#include "tests/noc/rig.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::tests;
using Catch::Matchers::Contains;

namespace {

struct Place {
    std::uint32_t die = 0;
    std::uint32_t router = 0;
};

/// Routers that a packet visits; fails when it does not arrive.
std::vector<Place> route(const noc::PackagePlan& plan, EndpointId from, EndpointId to) {
    Place at{plan.endpoint(from).die, plan.endpoint(from).router};
    std::vector<Place> places;
    while (true) {
        places.push_back(at);
        REQUIRE(places.size() < 10'000);
        const noc::PortPlan& port = plan.die(at.die).routers[at.router].ports[plan.out_port(at.die, at.router, to)];
        if (port.kind == noc::PortKind::endpoint) {
            REQUIRE(port.endpoint == to);
            return places;
        }
        if (port.kind == noc::PortKind::mesh) {
            at.router = port.peer_router;
        } else {
            const noc::LinkPortPlan& link = plan.die(at.die).link_ports[port.link_port];
            const noc::LinkPortPlan& end = plan.die(link.peer_die).link_ports[link.peer_link_port];
            REQUIRE(end.link == link.link);
            REQUIRE(end.side == 1 - link.side);
            at = {link.peer_die, end.router};
        }
    }
}

std::string refusal(const config::SystemConfig& system) {
    try {
        const noc::PackagePlan plan(system);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

config::HbmStackConfig make_stack(const std::string& name, std::uint32_t die,
                                  std::vector<config::RouterPosition> routers) {
    config::HbmStackConfig stack;
    stack.name = name;
    stack.die = die;
    stack.routers = std::move(routers);
    return stack;
}

} // namespace

TEST_CASE("endpoints are numbered cores first, die by die, then stack interfaces") {
    config::SystemConfig system = make_die_grid(2, 1, 3, 2);
    system.dies[1].core.columns = 2;
    system.stacks.push_back(make_stack("hbm0", 1, {{0, 1}, {2, 1}}));
    system.stacks.push_back(make_stack("hbm1", 0, {{0, 0}}));
    system.stacks[0].controller.request_slots = 5;
    const noc::PackagePlan plan(system);
    REQUIRE(plan.endpoint_count() == 6 + 4 + 2 + 1);
    CHECK(plan.core_endpoint(0, 5) == 5);
    CHECK(plan.core_endpoint(1, 2) == 8);
    CHECK(plan.endpoint(plan.core_endpoint(1, 2)).router == 3); // core (0,1) on a mesh of 3 columns
    CHECK(plan.stack_endpoint(0, 1) == 11);
    CHECK(plan.stack_endpoint(1, 0) == 12);
    CHECK(plan.die_of(11) == 1);
    CHECK(plan.die_of(12) == 0);
    CHECK(plan.endpoint(11).request_credits == 5);
    CHECK(plan.endpoint(0).request_credits == 0);
    CHECK(plan.endpoint(11).name == "hbm0.1");
    CHECK(plan.endpoint(4).name == "die0.core(1,1)");
    CHECK(plan.die(1).clients.size() == 2);
    CHECK(plan.die(1).clients[1].first_endpoint == 10);
    CHECK(plan.channel_name(0, 1, 0) == "die0.noc (1,0)->E");
}

TEST_CASE("packets inside a die correct x first, then y") {
    const noc::PackagePlan plan(make_mesh(5, 4));
    for (const EndpointId from : all_endpoints(plan)) {
        for (const EndpointId to : all_endpoints(plan)) {
            const std::vector<Place> places = route(plan, from, to);
            bool turned = false;
            for (std::size_t i = 1; i < places.size(); ++i) {
                const bool in_y = places[i].router % 5 == places[i - 1].router % 5;
                CHECK((in_y || !turned));
                turned = turned || in_y;
            }
            CHECK(4 * places.size() + 2 == plan.zero_load_cycles(from, to, 1));
        }
    }
}

TEST_CASE("a rectangle of dies with links in every row and column routes as one large mesh") {
    const std::uint32_t die_columns = 3;
    const std::uint32_t columns = 4;
    const std::uint32_t rows = 3;
    const noc::PackagePlan plan(make_die_grid(die_columns, 2, columns, rows));
    const noc::PackagePlan mesh(make_mesh(die_columns * columns, 2 * rows));
    const auto on_mesh = [&](Place at) {
        const std::uint32_t x = at.die % die_columns * columns + at.router % columns;
        const std::uint32_t y = at.die / die_columns * rows + at.router / columns;
        return y * die_columns * columns + x;
    };
    std::size_t compared = 0;
    for (const EndpointId from : all_endpoints(plan)) {
        for (const EndpointId to : all_endpoints(plan)) {
            const std::vector<Place> places = route(plan, from, to);
            const auto mesh_from = static_cast<EndpointId>(on_mesh({plan.die_of(from), plan.endpoint(from).router}));
            const auto mesh_to = static_cast<EndpointId>(on_mesh({plan.die_of(to), plan.endpoint(to).router}));
            const std::vector<Place> expected = route(mesh, mesh_from, mesh_to);
            REQUIRE(places.size() == expected.size());
            for (std::size_t i = 0; i < places.size(); ++i) {
                REQUIRE(on_mesh(places[i]) == expected[i].router);
            }
            ++compared;
        }
    }
    CHECK(compared == 72 * 72);
}

TEST_CASE("every packet arrives on random packages") {
    std::mt19937_64 random(7);
    for (int round = 0; round < 60; ++round) {
        config::SystemConfig system;
        const std::size_t dies = 1 + random() % 5;
        for (std::size_t d = 0; d < dies; ++d) {
            config::DieConfig die = make_die("die" + std::to_string(d), 1 + random() % 4, 1 + random() % 4);
            die.position = {random() % 100'000, random() % 100'000};
            system.dies.push_back(die);
            // A tree, and further links here and there, several between the same dies among them.
            for (std::size_t l = 0; l < (d == 0 ? 0 : 1 + random() % 3); ++l) {
                config::D2dLinkConfig link;
                link.name = "link" + std::to_string(system.links.size());
                link.from_die = static_cast<std::uint32_t>(l == 0 ? d - 1 : random() % d);
                link.to_die = static_cast<std::uint32_t>(d);
                const config::NetworkConfig& from = system.dies[link.from_die].network;
                link.from_router = {static_cast<std::uint32_t>(random() % from.columns),
                                    static_cast<std::uint32_t>(random() % from.rows)};
                link.to_router = {static_cast<std::uint32_t>(random() % die.network.columns),
                                  static_cast<std::uint32_t>(random() % die.network.rows)};
                system.links.push_back(link);
            }
        }
        const noc::PackagePlan plan(system);
        for (const EndpointId from : all_endpoints(plan)) {
            for (const EndpointId to : all_endpoints(plan)) {
                const std::vector<Place> places = route(plan, from, to);
                CHECK(places.back().router == plan.endpoint(to).router);
            }
        }
    }
}

TEST_CASE("parallel links between the same routers share the destinations") {
    config::SystemConfig system = make_die_grid(2, 1, 2, 2);
    system.links.push_back(system.links[0]);
    system.links.back().name = "second";
    const noc::PackagePlan plan(system);
    const std::uint32_t router = 1; // (1,0), where links 0 and 2 start
    CHECK(plan.out_port(0, router, 4) != plan.out_port(0, router, 5));
}

TEST_CASE("the plan refuses what the engine cannot execute, all faults at once") {
    config::SystemConfig system = make_die_grid(2, 1, 2, 2);
    system.dies[0].core.rows = 3;
    system.links[0].from_router = {2, 0};
    system.stacks.push_back(make_stack("hbm0", 0, {{0, 7}}));
    CHECK_THAT(refusal(system), Contains("grid of 2 x 3 cores") && Contains("link0") && Contains("hbm0"));

    system = make_die_grid(2, 1, 2, 2);
    system.dies[1].network.reply_vcs = 3;
    CHECK_THAT(refusal(system), Contains("different numbers of virtual channels"));

    system = make_mesh(2, 2);
    system.dies.push_back(make_die("island", 2, 2));
    system.dies[1].position = {50'000, 0};
    CHECK_THAT(refusal(system), Contains("no way leads to island"));

    system = make_mesh(2, 2);
    system.stacks.push_back(make_stack("hbm0", 0, std::vector<config::RouterPosition>(14, {0, 0})));
    CHECK_THAT(refusal(system), Contains("router (0,0) has 17 ports"));

    system = make_mesh(2, 2);
    system.dies[0].network.request_vcs = 15;
    CHECK_THAT(refusal(system), Contains("15 request and 2 reply virtual channels"));
}
