// Routing beyond dimension order: O1TURN, adaptive, up*/down*, shortest paths and given tables.
#include "noc/topology/graph_routing.hpp"
#include "tests/noc_topology/rig.hpp"

#include <filesystem>
#include <fstream>
#include <random>

using namespace intarsia;
using namespace intarsia::tests;
using Catch::Matchers::Contains;

namespace {

noc::RouteEntry injected(const noc::NetworkPlan& plan, std::uint32_t from, std::uint32_t to) {
    const noc::NetworkEndpoint& start = plan.endpoints[from];
    return plan.routes.lookup(start.router, start.port << plan.routes.vc_bits(), static_cast<EndpointId>(to));
}

/// A file in the temporary folder, gone at the end.
class ScratchFile {
  public:
    ScratchFile(const std::string& name, const std::string& content)
        : path_(std::filesystem::temp_directory_path() / ("intarsia_topology_" + name)) {
        std::ofstream(path_, std::ios::binary) << content;
    }
    ~ScratchFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;
    [[nodiscard]] std::string path() const { return path_.string(); }

  private:
    std::filesystem::path path_;
};

/// A connected custom network of `routers` routers with random further links.
std::string random_network(std::uint32_t routers, std::uint32_t further, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::string links;
    const auto add = [&](std::uint32_t a, std::uint32_t b) {
        links += "[[noc.link]]\nfrom = \"r" + std::to_string(a) + "\"\nto = \"r" + std::to_string(b) + "\"\n";
    };
    for (std::uint32_t r = 1; r < routers; ++r) {
        add(r, static_cast<std::uint32_t>(random() % r));
    }
    for (std::uint32_t k = 0; k < further; ++k) {
        const auto a = static_cast<std::uint32_t>(random() % routers);
        const auto b = static_cast<std::uint32_t>(random() % routers);
        if (a != b) {
            add(a, b);
        }
    }
    return "[noc]\ntopology = \"custom\"\nrouters = " + std::to_string(routers) + "\n" + links;
}

} // namespace

TEST_CASE("O1TURN goes x first on the lower half and y first on the upper, by lot") {
    const noc::NetworkPlan plan = network("[noc]\ndims = [4, 4]\nrouting = \"o1turn\"\nmessage_classes = 2");
    const noc::RouteEntry entry = injected(plan, 0, 10);
    REQUIRE(entry.port == noc::RouteEntry::is_list);
    const auto ways = options(plan.routes, entry);
    REQUIRE(ways.size() == 2);
    CHECK((plan.routers[0].ports[ways[0].port].name == "E" && ways[0].vcs == 0b0101));
    CHECK((plan.routers[0].ports[ways[1].port].name == "N" && ways[1].vcs == 0b1010));
    const auto turn = [&](std::uint8_t random) {
        return plan.routers[noc::zero_load_path(plan, 0, 10, 1, 1, random).routers[2]].name;
    };
    CHECK(turn(0) == "(2,0)");
    CHECK(turn(1) == "(0,2)");
    const Walk walk = walk_all(plan);
    CHECK(walk.minimal);
    CHECK(walk.exact);
}

TEST_CASE("minimal adaptive offers all ports that bring nearer, and dimension order on the escape channel") {
    const noc::NetworkPlan plan = network("[noc]\ndims = [4, 4]\nrouting = \"min_adaptive\"\nvirtual_channels = 3");
    const noc::RouteEntry entry = injected(plan, 0, 10);
    REQUIRE(entry.port == noc::RouteEntry::is_list);
    CHECK(plan.routes.list(entry).adaptive);
    const auto ways = options(plan.routes, entry);
    REQUIRE(ways.size() == 3);
    CHECK((plan.routers[0].ports[ways[0].port].name == "E" && ways[0].vcs == 0b110 && !ways[0].escape));
    CHECK((plan.routers[0].ports[ways[1].port].name == "N" && ways[1].vcs == 0b110 && !ways[1].escape));
    CHECK((plan.routers[0].ports[ways[2].port].name == "E" && ways[2].vcs == 0b001 && ways[2].escape));
    CHECK(walk_all(plan).minimal);
}

TEST_CASE("the escape channels of an adaptive torus are two, by the way still ahead") {
    const noc::NetworkPlan plan =
        network("[noc]\ntopology = \"torus\"\ndims = [6, 6]\nrouting = \"min_adaptive\"\nvirtual_channels = 4");
    const auto escape = [&](std::uint32_t from, std::uint32_t to) {
        for (const noc::RouteOption& way : options(plan.routes, injected(plan, from, to))) {
            if (way.escape) {
                return plan.routers[plan.endpoints[from].router].ports[way.port].name + std::to_string(way.vcs);
            }
        }
        return std::string("none");
    };
    CHECK(escape(1, 3) == "E1");
    CHECK(escape(5, 1) == "E2"); // the wrap-around link is ahead
    CHECK(escape(0, 1) == "E1"); // and behind
    CHECK(escape(3, 1) == "W2");
    CHECK(escape(1, 5) == "W1");
    CHECK(options(plan.routes, injected(plan, 0, 3 + 6 * 3)).size() == 5); // ties: all four ports
    CHECK(walk_all(plan).minimal);
    for (const char* topology : {"flattened_butterfly", "tiled", "cmesh", "fully_connected"}) {
        const std::string dims = topology == std::string("fully_connected") ? "[5]" : "[3, 3]";
        const std::string dies = topology == std::string("tiled") ? "dies = [1, 2]\n" : "";
        std::string text = "[noc]\nrouting = \"min_adaptive\"\nmessage_classes = 2\ntopology = \"";
        text.append(topology).append("\"\ndims = ").append(dims).append("\n").append(dies);
        const noc::NetworkPlan other = network(text);
        CHECK(walk_all(other).minimal);
    }
}

TEST_CASE("up*/down* reaches every endpoint of irregular networks and never turns up after going down") {
    const std::uint32_t seed = GENERATE(range(1U, 25U));
    const std::uint32_t root = seed % 5;
    const std::string links = random_network(12, seed % 9, seed);
    const noc::NetworkPlan plan =
        network(links.substr(0, links.find("[[")) + "routing = \"updown\"\nupdown_root = " + std::to_string(root) +
                "\n" + links.substr(links.find("[[")));
    check_wiring(plan);
    CHECK(walk_all(plan).exact);
    const std::vector<std::uint32_t> depth = distances(plan, root);
    for (const noc::EndpointPair& pair : all_pairs(plan)) {
        const auto routers = noc::zero_load_path(plan, pair.source, pair.destination, 1).routers;
        bool went_down = false;
        for (std::size_t k = 1; k < routers.size(); ++k) {
            const auto place = [&](std::uint32_t r) { return std::pair(depth[r], r); };
            const bool up = place(routers[k]) < place(routers[k - 1]);
            CHECK_FALSE((up && went_down));
            went_down = went_down || !up;
        }
    }
}

TEST_CASE("up*/down* and shortest paths go round links that are missing") {
    const std::string routing = GENERATE(as<std::string>{}, "updown", "table");
    const noc::NetworkPlan plan = network("[noc]\ndims = [3, 3]\nrouting = \"" + routing +
                                          "\"\nmissing_link = [{from = \"(0,0)\", to = \"(1,0)\"}, {from = \"4\", to = "
                                          "\"(1,2)\"}]");
    check_wiring(plan);
    CHECK(channels(plan) == 20);
    CHECK(port_names(plan.routers[4]) == std::vector<std::string>{"E", "W", "S", "P"});
    CHECK(walk_all(plan).exact);
    CHECK(noc::zero_load_path(plan, 0, 1, 1).routers.size() == 4);
    CHECK(noc::zero_load_path(plan, 7, 4, 1).routers.size() == 4);
}

TEST_CASE("shortest paths take the lowest of the nearest neighbours") {
    const noc::NetworkPlan plan =
        network("[noc]\ntopology = \"custom\"\nrouters = 4\nlink = [{from = \"r0\", to = "
                "\"r2\"}, {from = \"r0\", to = \"r1\"}, {from = \"r1\", to = \"r3\"}, {from = "
                "\"r2\", to = \"r3\"}]");
    CHECK(noc::zero_load_path(plan, 0, 3, 1).routers == std::vector<std::uint32_t>{0, 1, 3});
    CHECK(noc::zero_load_path(plan, 3, 0, 1).routers == std::vector<std::uint32_t>{3, 1, 0});
    const Walk walk = walk_all(plan);
    CHECK(walk.minimal);
    CHECK(walk.exact);
}

TEST_CASE("routers of links are named by name, number or number in quotes") {
    const noc::NetworkPlan plan =
        network("[noc]\ntopology = \"custom\"\nrouter_list = [{name = \"a\"}, {name = \"b\"}, {name "
                "= \"c\"}]\nlink = [{from = 0, to = \"b\"}, {from = \"1\", to = 2}]");
    CHECK(port_names(plan.routers[1]) == std::vector<std::string>{"to a", "to c", "P"});
    CHECK_THAT(refusal("[noc]\ndims = [2]\nlink = [{from = -1, to = true}]"),
               Contains("'from' must be text") && Contains("'to' must be text"));
}

TEST_CASE("one-way links carry one way only") {
    const noc::NetworkPlan plan =
        network("[noc]\ntopology = \"custom\"\nrouters = 4\nvirtual_channels = 1\nlink = [{from = "
                "\"r0\", to = \"r1\", one_way = true}, {from = \"r1\", to = \"r2\", one_way = true}, "
                "{from = \"r2\", to = \"r3\", one_way = true}, {from = \"r3\", to = \"r0\", one_way = "
                "true}]");
    check_wiring(plan);
    CHECK(channels(plan) == 4);
    CHECK(port_names(plan.routers[0]) == std::vector<std::string>{"to r1", "from r3", "P"});
    CHECK(noc::zero_load_path(plan, 1, 0, 1).routers == std::vector<std::uint32_t>{1, 2, 3, 0});
}

TEST_CASE("given tables are executed as they stand") {
    const ScratchFile tables("tables.csv", "# the long way round from 0 to 1\n"
                                           "router, destination, port, vcs\n"
                                           "r0, 1, to r2, 1 3\n"
                                           "r2, n1, 0, \"0-1\"\n"
                                           "r0,2,to r2,\n"
                                           "r1,0,to r0,0\nr1,2,to r2,0\n"
                                           "r2,0,to r0,2-3\n");
    const noc::NetworkPlan plan = network(
        "[noc]\ntopology = \"custom\"\nrouters = 3\nrouting = \"table\"\ntables_csv = \"" + tables.path() +
        "\"\nlink = [{from = \"r0\", to = \"r1\"}, {from = \"r1\", to = \"r2\"}, {from = \"r0\", to = \"r2\"}]");
    CHECK(noc::zero_load_path(plan, 0, 1, 1).routers == std::vector<std::uint32_t>{0, 2, 1});
    CHECK(injected(plan, 0, 1).vcs == 0b1010);
    CHECK(injected(plan, 2, 1).vcs == 0b0011);
    CHECK(injected(plan, 0, 2).vcs == 0b1111);
}

TEST_CASE("faults of given tables name the line") {
    const ScratchFile tables("bad_tables.csv", "router,destination,port,vcs\n"
                                               "r9,1,to r1,\n"
                                               "r0,7,to r1,\n"
                                               "r0,1,to r5,\n"
                                               "r0,1,to r1,4\n"
                                               "r0,1,to r1,\n"
                                               "r0,1,to r1,\n"
                                               "r1,1,to r0,\n"
                                               "r0,1\n");
    const std::string text = refusal("[noc]\ntopology = \"custom\"\nrouters = 2\ntables_csv = \"" + tables.path() +
                                     "\"\nlink = [{from = \"r0\", to = \"r1\"}]");
    CHECK_THAT(text, Contains("bad_tables.csv:2:1: error: no router is named 'r9'"));
    CHECK_THAT(text, Contains("bad_tables.csv:3:1: error: no endpoint has the number '7'"));
    CHECK_THAT(text, Contains("bad_tables.csv:4:1: error: router 'r0' has no port 'to r5'"));
    CHECK_THAT(text, Contains("bad_tables.csv:5:1: error: '4' are no virtual channels"));
    CHECK_THAT(text, Contains("bad_tables.csv:7:1: error: a second way from router 'r0' to endpoint 1"));
    CHECK_THAT(text, Contains("bad_tables.csv:8:1: error: endpoint 1 is at another port"));
    CHECK_THAT(text, Contains("bad_tables.csv:9:1: error: 2 fields, where the first line has 4"));

    const ScratchFile circle("circle.csv", "router,destination,port\nr0,1,to r2\nr2,1,to r0\nr0,2,to r2\nr1,0,to r0\n"
                                           "r1,2,to r2\nr2,0,to r0\n");
    CHECK_THAT(refusal("[noc]\ntopology = \"custom\"\nrouters = 3\ntables_csv = \"" + circle.path() +
                       "\"\nlink = [{from = \"r0\", to = \"r1\"}, {from = \"r1\", to = \"r2\"}, {from = \"r0\", to = "
                       "\"r2\"}]"),
               Contains("packets to endpoint 1 go round in a circle: r0, r2, r0"));

    const ScratchFile gap("gap.csv", "router,destination,port\nr0,1,to r1\n");
    CHECK_THAT(refusal("[noc]\ntopology = \"custom\"\nrouters = 2\ntables_csv = \"" + gap.path() +
                       "\"\nlink = [{from = \"r0\", to = \"r1\"}]"),
               Contains("no way leads on from router 'r1' to endpoint 0 at router 'r0'; add it to the table"));
}

TEST_CASE("routers and links may stand in files beside the description") {
    const ScratchFile routers("routers.csv", "endpoints,name\n2,hub\n1,left\n0,right\n");
    const ScratchFile links("links.csv", "from,to,latency_cycles,width,one_way,from_port,to_port\n"
                                         "hub,left,6,0.5,false,east,west\r\n"
                                         "hub,2,,,,,\n"
                                         "left,right,,,true,,\n");
    const std::string folder = std::filesystem::temp_directory_path().string();
    const noc::NetworkPlan plan =
        network("[noc]\ntopology = \"custom\"\nrouters_csv = \"intarsia_topology_routers.csv\"\n"
                "links_csv = \"intarsia_topology_links.csv\"\nlink_latency_cycles = 2\n",
                folder + "/net.toml");
    check_wiring(plan);
    CHECK(plan.endpoints.size() == 3);
    CHECK(port_names(plan.routers[0]) == std::vector<std::string>{"east", "to right", "P0", "P1"});
    CHECK(plan.routers[0].ports[0].latency_cycles == 6);
    CHECK(plan.routers[0].ports[0].interval_numerator == 2);
    CHECK(plan.routers[0].ports[1].latency_cycles == 2);
    CHECK_FALSE(plan.routers[1].ports[1].from.exists());
    const ScratchFile hostile("hostile.csv", "from,to,nonsense,from\n");
    CHECK_THAT(refusal("[noc]\ndims = [2]\nlinks_csv = \"" + hostile.path() + "\""),
               Contains("hostile.csv:1:1: error: unknown column 'nonsense'") && Contains("column 'from' stands twice"));
    const ScratchFile binary("binary.csv", std::string("from,to\n\0\x01\xFF", 11));
    CHECK_THAT(refusal("[noc]\ndims = [2]\nlinks_csv = \"" + binary.path() + "\""), Contains("is no text"));
    CHECK_THAT(refusal("[noc]\ndims = [2]\nlinks_csv = \"/nowhere/links.csv\""), Contains("cannot be read"));
    CHECK_THAT(refusal("[noc]\ndims = [2]\nlinks_csv = \"/tmp\""), Contains("cannot be read"));
}
