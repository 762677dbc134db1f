// Routers, ports, links and the numbering of endpoints.
#include "tests/noc_topology/rig.hpp"

using namespace intarsia;
using namespace intarsia::tests;
using Names = std::vector<std::string>;

namespace {

struct Expected {
    const char* toml;
    std::size_t routers;
    std::size_t endpoints;
    std::size_t channels;
};

noc::NetworkPlan grid(const std::string& topology, const std::string& dims, const std::string& more = "") {
    return network("[noc]\ntopology = \"" + topology + "\"\ndims = " + dims + "\n" + more);
}

} // namespace

TEST_CASE("every topology has the routers, endpoints and channels of its definition, wired alike at both ends") {
    const auto [toml, routers, endpoints, links] = GENERATE(values<Expected>({
        {"topology = \"mesh\"\ndims = [8, 8]", 64, 64, 224},
        {"topology = \"mesh\"\ndims = [5]", 5, 5, 8},
        {"topology = \"mesh\"\ndims = [3, 4, 2]\nconcentration = 3", 24, 72, 2 * (2 * 8 + 3 * 6 + 12)},
        {"topology = \"torus\"\ndims = [8, 8]", 64, 64, 256},
        {"topology = \"torus\"\ndims = [2, 3]", 6, 6, 24},
        {"topology = \"torus\"\ndims = [1, 4]", 4, 4, 8},
        {"topology = \"cmesh\"\ndims = [4, 4]", 16, 64, 48},
        {"topology = \"ring\"\ndims = [7]", 7, 7, 14},
        {"topology = \"flattened_butterfly\"\ndims = [4, 3]\nconcentration = 2", 12, 24, 12 * (3 + 2)},
        {"topology = \"crossbar\"\ndims = [16]", 1, 16, 0},
        {"topology = \"fully_connected\"\ndims = [6]", 6, 6, 30},
        {"topology = \"tree\"\ndims = [2, 3]\nconcentration = 4", 1 + 2 + 6, 24, 16},
        {"topology = \"tiled\"\ndims = [3, 2]\ndies = [2, 2]\nempty_sites = [[0, 0], [2, 1]]", 24, 16,
         2 * (5 * 4 + 6 * 3)},
        {"topology = \"custom\"\nrouters = 4\nlink = [{from = \"r0\", to = \"r1\"}, {from = \"1\", to = \"r2\"}, {from "
         "= "
         "\"r2\", to = \"r3\"}]",
         4, 4, 6},
    }));
    CAPTURE(toml);
    const noc::NetworkPlan plan = network(std::string("[noc]\n") + toml);
    CHECK(plan.routers.size() == routers);
    CHECK(plan.endpoints.size() == endpoints);
    CHECK(channels(plan) == links);
    check_wiring(plan);
    CHECK(walk_all(plan).minimal);
}

TEST_CASE("ports of a mesh: for each dimension up and down, endpoints last") {
    const noc::NetworkPlan plan = grid("mesh", "[3, 3]");
    CHECK(port_names(plan.routers[4]) == Names{"E", "W", "N", "S", "P"});
    CHECK(port_names(plan.routers[0]) == Names{"E", "N", "P"});
    CHECK(plan.routers[5].name == "(2,1)");
    CHECK(plan.channel_name(4, 0) == "(1,1)->E");
    const noc::PortEnd east = plan.routers[4].ports[0].to;
    CHECK(plan.routers[east.router].name == "(2,1)");
    CHECK(plan.routers[east.router].ports[east.port].name == "W");
    const noc::PortEnd north = plan.routers[4].ports[2].to;
    CHECK(plan.routers[north.router].name == "(1,2)");
    CHECK(port_names(grid("mesh", "[3, 3, 3]", "concentration = 2").routers[13]) ==
          Names{"x+", "x-", "y+", "y-", "z+", "z-", "P0", "P1"});
}

TEST_CASE("port_order and y_grows number and name ports as RTL does") {
    const noc::NetworkPlan plan = grid(
        "mesh", "[4, 4]",
        "[noc.router]\nmodel = \"wormhole\"\ny_grows = \"south\"\nport_order = [\"P\", \"W\", \"E\", \"N\", \"S\"]");
    check_wiring(plan);
    CHECK(port_names(plan.routers[5]) == Names{"P", "W", "E", "N", "S"});
    CHECK(port_names(plan.routers[0]) == Names{"P", "E", "S"});
    CHECK(plan.routers[5].ports[4].to.router == 9); // S leads to the larger y
    CHECK(walk_all(plan).minimal);
    CHECK(plan.virtual_channels == 1);
    CHECK(plan.routers[5].ports[4].latency_cycles == 0);
    CHECK(plan.routers[5].ports[0].latency_cycles == 0);
    // Inputs that some route leads on from to an output, in port order: the lists of BaseJump STL's mesh routers.
    const auto feeders = [&](std::uint32_t out) {
        std::string names;
        for (std::uint32_t in = 0; in < 5; ++in) {
            bool leads = false;
            for (std::uint32_t destination = 0; destination < 16; ++destination) {
                leads = leads || plan.routes.lookup(5, in, static_cast<EndpointId>(destination)).port == out;
            }
            names += leads ? plan.routers[5].ports[in].name : "";
        }
        return names;
    };
    CHECK(feeders(0) == "PWENS");
    CHECK(feeders(1) == "PE");
    CHECK(feeders(2) == "PW");
    CHECK(feeders(3) == "PWES");
    CHECK(feeders(4) == "PWEN");
}

TEST_CASE("a concentrated mesh numbers the nodes of 2x2 blocks by rows of the node grid") {
    const noc::NetworkPlan plan = grid("cmesh", "[4, 4]");
    for (std::uint32_t y = 0; y < 8; ++y) {
        for (std::uint32_t x = 0; x < 8; ++x) {
            const noc::NetworkEndpoint& node = plan.endpoints[x + 8 * y];
            CHECK(node.router == x / 2 + 4 * (y / 2));
        }
    }
    CHECK(plan.endpoints[9].port == plan.routers[0].ports.size() - 1);
    for (const noc::NetworkPort& port : plan.routers[5].ports) {
        CHECK(port.latency_cycles == (port.use == noc::PortUse::link ? 2 : 1));
    }
    // Blocks of other sizes are as square as they can be, the first side the longer.
    const noc::NetworkPlan eight = grid("cmesh", "[2, 2]", "concentration = 8");
    CHECK(eight.endpoints[3].router == 0);
    CHECK(eight.endpoints[4].router == 1);
    CHECK(eight.endpoints[8].router == 0);
    CHECK(eight.endpoints[16].router == 2);
}

TEST_CASE("links have the latency and the rate that dimension, die and single entries give them") {
    const noc::NetworkPlan plan = grid("mesh", "[4, 2, 2]", R"toml(
dimension_latency_cycles = [1, 2, 5]
dimension_width = [1, 1, 0.25]
[[noc.link]]
from = "(1,0,0)"
to = "(2,0,0)"
latency_cycles = 6
width = "1/2"
clock_ratio = 0.8
)toml");
    const auto& ports = plan.routers[1].ports;
    REQUIRE(port_names(plan.routers[1]) == Names{"x+", "x-", "y+", "z+", "P"});
    CHECK(ports[0].latency_cycles == 6);
    CHECK(ports[0].interval_numerator == 5);
    CHECK(ports[0].interval_denominator == 2);
    CHECK(plan.routers[2].ports[1].interval_numerator == 5); // the way back
    CHECK(ports[1].latency_cycles == 1);
    CHECK(ports[2].latency_cycles == 2);
    CHECK(ports[3].latency_cycles == 5);
    CHECK(ports[3].interval_numerator == 4);
    CHECK(ports[3].interval_denominator == 1);

    const noc::NetworkPlan tiled = grid("tiled", "[2, 2]", R"(
dies = [2, 1]
link_width = 2
[noc.die_link]
latency_cycles = 9
width = 0.5
clock_ratio = 1.5
)");
    CHECK(tiled.routers[0].ports[0].latency_cycles == 1);
    CHECK(tiled.routers[0].ports[0].interval_numerator == 1); // a wide link still takes one flit a cycle
    CHECK(tiled.routers[1].ports[0].latency_cycles == 9);
    CHECK(tiled.routers[1].ports[0].interval_numerator == 4);
    CHECK(tiled.routers[1].ports[0].interval_denominator == 3);
}

TEST_CASE("a wafer of 25 dies has 8,850 nodes and tables of megabytes") {
    const noc::NetworkPlan plan = grid("tiled", "[18, 20]", R"(
dies = [5, 5]
empty_sites = [[0, 0], [17, 0], [0, 19], [17, 19], [8, 0], [8, 19]]
die_link = { latency_cycles = 5, width = 0.5 }
)");
    CHECK(plan.routers.size() == 9'000);
    CHECK(plan.endpoints.size() == 8'850);
    CHECK_FALSE(plan.routes.dense());
    CHECK(plan.routes.extents() == std::vector<std::uint32_t>{90, 100, 1});
    const auto path = noc::zero_load_path(plan, 0, 8'849, 1);
    CHECK(path.routers.size() == 87 + 99 + 1); // the corners have no endpoint
    CHECK(plan.routers[path.routers.back()].name == "(88,99)");
}

TEST_CASE("message classes have consecutive virtual channels of their own, or share all") {
    CHECK(grid("mesh", "[2, 2]").class_vcs == std::vector<std::uint16_t>{0b1111});
    CHECK(grid("mesh", "[2, 2]", "message_classes = 2").class_vcs == std::vector<std::uint16_t>{0b0011, 0b1100});
    CHECK(grid("mesh", "[2, 2]", "class_virtual_channels = [1, 3]").class_vcs ==
          std::vector<std::uint16_t>{0b0001, 0b1110});
    CHECK(grid("mesh", "[2, 2]", "message_classes = 2\nclasses_share_channels = true").class_vcs ==
          std::vector<std::uint16_t>{0b1111, 0b1111});
    CHECK(grid("mesh", "[2, 2]", "message_classes = 2\nrouter = { model = \"wormhole\" }").class_vcs ==
          std::vector<std::uint16_t>{1, 1});
}
