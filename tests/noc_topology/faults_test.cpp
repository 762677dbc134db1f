// Descriptions that cannot be built are refused with all their faults, where they stand.
#include "tests/noc_topology/rig.hpp"

#include <random>

using namespace intarsia;
using namespace intarsia::tests;
using Catch::Matchers::Contains;

TEST_CASE("all faults of single values come together, with lines and columns") {
    const std::string text = refusal("[noc]\n"
                                     "topology = \"mash\"\n"
                                     "dims = [0, 8]\n"
                                     "virtual_channels = 17\n"
                                     "link_width = 0.0000001\n"
                                     "rooting = \"dor\"\n"
                                     "[noc.router]\n"
                                     "allocator = \"isslip\"\n"
                                     "vc_alloc_delay = 0\n"
                                     "arbiter = { order = \"sideways\", grab = true }\n"
                                     "[sink]\n"
                                     "period = 0\n");
    CHECK_THAT(text, Contains("net.toml:2:12: error: 'topology' cannot be 'mash'; did you mean 'mesh'?"));
    CHECK_THAT(text, Contains("net.toml:3:9: error: 'dims' = 0 is too small"));
    CHECK_THAT(text, Contains("net.toml:4:20: error: 'virtual_channels' = 17 is too large"));
    CHECK_THAT(text, Contains("net.toml:5:14: error: 'link_width' is no ratio"));
    CHECK_THAT(text, Contains("net.toml:6:1: error: unknown key 'rooting'") && Contains("did you mean 'routing'?"));
    CHECK_THAT(text, Contains("net.toml:8:13: error: 'allocator' cannot be 'isslip'; did you mean 'islip'?"));
    CHECK_THAT(text, Contains("net.toml:9:18: error: 'vc_alloc_delay' = 0 is too small"));
    CHECK_THAT(text, Contains("net.toml:10:21: error: 'order' cannot be 'sideways'"));
    CHECK_THAT(text, Contains("unknown key 'grab'"));
    CHECK_THAT(text, !Contains("'dims' is missing"));
    CHECK_THAT(text, Contains("net.toml:12:10: error: 'period' = 0 is too small"));
}

TEST_CASE("impossible combinations are refused, each with a remedy") {
    const auto [toml, fault] = GENERATE(table<std::string, std::string>({
        {"topology = \"mesh\"", "net.toml:1:1: error: 'dims' is missing for topology 'mesh'; give the routers"},
        {"topology = \"ring\"\ndims = [4, 4]", "net.toml:3:8: error: topology 'ring' has one dimension, not 2"},
        {"dims = [300, 300]", "net.toml:2:8: error: the network has 90000 routers; the largest has 65535"},
        {"dims = [65535, 65535, 65535]", "the network has at least 4294967295 routers"},
        {"topology = \"crossbar\"\ndims = [65]", "the network has 65 ports at a router; the largest has 64"},
        {"topology = \"fully_connected\"\ndims = [65]", "65 ports at a router"},
        {"topology = \"tree\"\ndims = [60000, 60000]", "routers; the largest"},
        {"dims = [4, 4]\ndies = [2, 2]", "net.toml:3:8: error: 'dies' means nothing for topology 'mesh'"},
        {"topology = \"tiled\"\ndims = [4, 4]\ndies = [2]", "net.toml:4:8: error: dies has 1 numbers, dims has 2"},
        {"dims = [4, 4]\nempty_sites = [[1, 1], [4, 0], [1]]", "[4, 0] is no router; give coordinates below [4, 4]"},
        {"dims = [4, 4]\nempty_sites = [[1, 1], [4, 0], [1]]", "[1] is no router"},
        {"dims = [1]\nempty_sites = [[0]]", "the network has no endpoint"},
        {"dims = [4]\nrouting = \"yx\"", "net.toml:3:11: error: routing 'yx' is for two dimensions, not 1"},
        {"topology = \"torus\"\ndims = [4, 4]\nrouting = \"o1turn\"",
         "routing 'o1turn' is for meshes, not for 'torus'"},
        {"dims = [4, 4]\nrouting = \"o1turn\"\nvirtual_channels = 1", "o1turn needs two virtual channels a class"},
        {"topology = \"tree\"\ndims = [4, 4]\nrouting = \"min_adaptive\"", "topology 'tree' has no dimensions"},
        {"dims = [4, 4]\nrouting_order = [0, 0]", "routing_order does not name each dimension once"},
        {"dims = [4, 4]\nrouting = \"xy\"\nrouting_order = [1, 0]", "an order of dimensions is for routing 'dor'"},
        {"dims = [4, 4]\nlink_latency_cycles = 0", "net.toml:3:23: error: a link of a vc network takes at least one"},
        {"dims = [2]\nlink = [{from = \"0\", to = \"1\", latency_cycles = 0}]", "takes at least one cycle"},
        {"dims = [2]\nlink = [{from = \"(0)\", to = \"(7)\"}]", "net.toml:3:17: error: no router is named '(7)'"},
        {"dims = [3]\nlink = [{from = \"0\", to = \"2\"}]", "routers '0' and '2' are no neighbours"},
        {"dims = [3]\nlink = [{from = \"0\", to = \"0\"}]", "a link joins router '0' with itself"},
        {"dims = [3]\nlink = [{from = \"0\", to = \"1\", from_port = \"x\"}]",
         "ports of topology 'mesh' have their names"},
        {"dims = [2]\nmissing_link = [{from = \"0\", to = \"1\"}]", "routing 'dor' needs the links that are missing"},
        {"dims = [2]\nrouting = \"updown\"\nmissing_link = [{from = \"0\", to = \"1\"}]",
         "no way leads to 1 of 2 routers, '(1)' among them"},
        {"dims = [2]\nrouting = \"updown\"\nupdown_root = 2", "net.toml:4:15: error: there is no router 2"},
        {"dims = [2]\ntables_csv = \"t.csv\"", "tables are given, but routing is 'dor'"},
        {"dims = [4]\nmessage_classes = 5", "5 message classes cannot have virtual channels of their own: there are 4"},
        {"dims = [4]\nclass_virtual_channels = [2, 3]", "the classes have 5 virtual channels together"},
        {"dims = [4]\nmessage_classes = 3\nclass_virtual_channels = [2, 2]", "virtual channels of 2 classes are given"},
        {"dims = [4]\nrouter = { model = \"wormhole\" }\nvirtual_channels = 2", "has no 2 virtual channels"},
        {"dims = [4, 4]\nrouter = { model = \"wormhole\" }\nrouting = \"min_adaptive\"", "needs virtual channels"},
        {"dims = [4]\nrouter = { arbiter = { order = \"fixed\" } }", "the arbiter of a vc router is a word"},
        {"dims = [4]\nrouter = { model = \"wormhole\", arbiter = \"oldest_first\" }",
         "of a wormhole router is a table"},
        {"dims = [4]\nrouter = { port_order = [\"P\", \"E\", \"Q\", \"E\"] }", "no port is named 'Q'"},
        {"dims = [4]\nrouter = { port_order = [\"P\", \"E\", \"Q\", \"E\"] }", "port 'E' stands twice"},
        {"dims = [4]\nrouter = { port_order = [\"P\", \"E\", \"Q\", \"E\"] }", "port 'W' is missing from port_order"},
        {"dims = [4]\ndimension_latency_cycles = [1, 2]", "dimension_latency_cycles has 2 values for 1 dimensions"},
        {"dims = [4]\nlink_width = 0.123457\nlink_clock_ratio = 0.123457", "is no simple ratio"},
        {"topology = \"custom\"", "a custom network has no routers"},
        {"topology = \"custom\"\nrouters = 2\nrouter_list = [{name = \"a\"}]", "routers are listed twice"},
        {"topology = \"custom\"\nrouter_list = [{name = \"a\"}, {name = \"a\"}]", "a second router is named 'a'"},
        {"topology = \"custom\"\nrouters = 2\nrouting = \"dor\"",
         "a custom network has no dimensions for routing 'dor'"},
        {"topology = \"custom\"\nrouters = 2", "no way leads on from router 'r0' to endpoint 1 at router 'r1'"},
        {"topology = \"custom\"\nrouters = 2\nrouting = \"updown\"\nlink = [{from = \"r0\", to = \"r1\", one_way = "
         "true}]",
         "updown needs links that go both ways"},
        {"topology = \"custom\"\nrouters = 3\nlink = [{from = \"0\", to = \"1\", from_port = \"x\"}, {from = \"0\", to "
         "= "
         "\"2\", from_port = \"x\"}]",
         "port 'x' of router 'r0' has a link already"},
        {"dims = [250, 250]\nrouting = \"table\"", "needs tables of"},
        {"topology = \"torus\"\ndims = [30000]", "needs tables of"},
    }));
    CAPTURE(toml);
    CHECK_THAT(refusal("[noc]\n" + toml), Contains(fault));
}

TEST_CASE("a sink that never takes is refused") {
    CHECK_THAT(refusal("[noc]\ndims = [2]\n[sink]\nperiod = 4\nstall = 4"),
               Contains("net.toml:5:9: error: sinks that stall for 4 of 4 cycles take nothing"));
    CHECK(refusal("[noc]\ndims = [2]\n[sink]\nperiod = 4\nstall = 3").empty());
}

TEST_CASE("a program's description is refused as a user's is") {
    noc::NocConfig config;
    config.dims = {4, 4};
    CHECK(noc::build_network(config).endpoints.size() == 16);
    config.topology = "ring";
    CHECK_THROWS_AS(noc::build_network(config), InputError);
}

TEST_CASE("completed values, written and read again, describe the same network") {
    const std::string toml = GENERATE(
        as<std::string>{}, "topology = \"torus\"\ndims = [4, 4]\nlink_width = 0.5\nclass_virtual_channels = [1, 3]",
        "dims = [3, 3]\nlink = [{from = \"0\", to = \"1\", latency_cycles = 7}]\n[noc.router]\nmodel "
        "= \"wormhole\"\narbiter = {order = \"decreasing\", reset = \"highest\"}",
        "topology = \"custom\"\nrouters = 3\nlink = [{from = \"0\", to = \"1\"}, {from = \"1\", to = "
        "\"2\", width = \"2/7\", from_port = \"out\"}]");
    const config::Document document = config::parse_document("[noc]\n" + toml, "net.toml");
    config::Faults faults;
    config::Context context{faults, {}};
    TwoTables tables;
    two_tables().read(document.root, tables, context);
    noc::complete(tables.noc);
    faults.throw_if_any();
    const std::string effective = config::effective_toml(two_tables(), tables, document.root, context);
    CAPTURE(effective);
    const noc::NetworkPlan before = network("[noc]\n" + toml);
    const noc::NetworkPlan after = network(effective);
    CHECK(before.class_vcs == after.class_vcs);
    CHECK(before.router.model == after.router.model);
    CHECK(before.router.wormhole.arbiter.order == after.router.wormhole.arbiter.order);
    CHECK(before.router.wormhole.arbiter.reset == after.router.wormhole.arbiter.reset);
    REQUIRE(before.routers.size() == after.routers.size());
    for (std::size_t r = 0; r < before.routers.size(); ++r) {
        REQUIRE(port_names(before.routers[r]) == port_names(after.routers[r]));
        for (std::size_t p = 0; p < before.routers[r].ports.size(); ++p) {
            CHECK(before.routers[r].ports[p].latency_cycles == after.routers[r].ports[p].latency_cycles);
            CHECK(before.routers[r].ports[p].interval_numerator == after.routers[r].ports[p].interval_numerator);
            CHECK(before.routers[r].ports[p].to.port == after.routers[r].ports[p].to.port);
        }
    }
    CHECK_FALSE(config::parameter_reference(two_tables()).empty());
}

TEST_CASE("random descriptions are built sound or refused, never anything else") {
    std::mt19937 random(20'26);
    const auto pick = [&](const std::vector<std::string>& words) { return words[random() % words.size()]; };
    std::size_t built = 0;
    for (int k = 0; k < 400; ++k) {
        const std::string topology = pick({"mesh", "torus", "cmesh", "ring", "flattened_butterfly", "crossbar",
                                           "fully_connected", "tree", "tiled", "custom"});
        const bool line = topology == "ring" || topology == "crossbar" || topology == "fully_connected";
        std::string toml = "[noc]\ntopology = \"" + topology + "\"\n";
        if (topology == "custom") {
            toml += "routers = 4\nlink = [{from = \"0\", to = \"1\"}, {from = \"1\", to = \"2\"}, {from = \"1\", to = "
                    "\"3\"}]\n";
        } else {
            toml += line ? pick({"dims = [4]\n", "dims = [2]\n", "dims = [5]\n"})
                         : pick({"dims = [3, 3]\n", "dims = [2, 3]\n", "dims = [2, 2, 2]\n", "dims = [1, 5]\n"});
            toml += pick({"", "", "link = [{from = \"0\", to = \"1\", width = 0.75}]\n"});
        }
        toml +=
            topology == "tiled" ? pick({"dies = [2, 1]\n", "dies = [2, 1, 1]\n"}) : pick({"", "", "", "dies = [2]\n"});
        toml += pick({"", "", "concentration = 2\n", "empty_sites = [[0, 0]]\n"});
        const std::string routing = pick({"dor", "dor", "yx", "o1turn", "min_adaptive", "updown", "table"});
        toml += topology == "custom" ? "routing = \"updown\"\n" : "routing = \"" + routing + "\"\n";
        toml += pick({"", "", "virtual_channels = 1\n", "virtual_channels = 2\n", "virtual_channels = 5\n",
                      "virtual_channels = 16\n"});
        toml += pick({"", "message_classes = 2\n", "message_classes = 2\nclasses_share_channels = true\n"});
        toml += pick({"", "", "", "missing_link = [{from = \"0\", to = \"1\"}]\n", "dateline = false\n",
                      "routing_order = [1, 0]\n"});
        toml += pick({"", "", "router = {model = \"wormhole\"}\n", "router = {speculative = true}\n"});
        CAPTURE(toml);
        std::optional<noc::NetworkPlan> plan;
        try {
            plan = network(toml);
        } catch (const InputError&) {
            continue;
        }
        ++built;
        check_wiring(*plan);
        const Walk walk = walk_all(*plan);
        CHECK(walk.states > 0);
        for (const noc::EndpointPair& pair : all_pairs(*plan)) {
            REQUIRE(noc::zero_load_cycles(*plan, pair.source, pair.destination, 3) > 0);
        }
    }
    CHECK(built > 100);
}
