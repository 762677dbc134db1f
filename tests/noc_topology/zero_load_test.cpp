// Zero-load latency by the published formula, and the mean ways of the public BookSim 2 settings.
#include "tests/noc_topology/rig.hpp"

using namespace intarsia;
using namespace intarsia::tests;

TEST_CASE("zero load is 2 + 4 R + sum (L - 1) + (P - 1) for every pair") {
    const std::string toml = GENERATE(as<std::string>{}, "dims = [5, 4]", "dims = [5, 4]\nlink_latency_cycles = 3",
                                      "topology = \"torus\"\ndims = [4, 5]", "topology = \"cmesh\"\ndims = [3, 2]");
    const noc::NetworkPlan plan = network("[noc]\n" + toml);
    for (const noc::EndpointPair& pair : all_pairs(plan)) {
        for (const std::uint32_t flits : {1U, 8U}) {
            const auto path = noc::zero_load_path(plan, pair.source, pair.destination, flits);
            const std::size_t routers = path.routers.size();
            const std::uint32_t latency = plan.routers[0].ports[0].latency_cycles;
            CHECK(path.cycles == 2 + 4 * routers + (routers - 1) * (latency - 1) + (flits - 1));
        }
    }
}

TEST_CASE("mean ways of uniform traffic are those of BookSim 2's runs") {
    // Routers crossed and zero-load latency, self-addressed packets included: 8x8 mesh and torus with one and eight
    // flits, and a line of 8 whose middle link takes 6 cycles.
    const auto means = [](const std::string& toml, std::uint32_t flits) {
        const noc::NetworkPlan plan = network("[noc]\n" + toml);
        return noc::zero_load_means(plan, all_pairs(plan), flits);
    };
    CHECK(means("dims = [8, 8]", 1).hops == Approx(6.25));
    CHECK(means("dims = [8, 8]", 1).cycles == Approx(27));
    CHECK(means("dims = [8, 8]", 8).cycles == Approx(34));
    CHECK(means("topology = \"torus\"\ndims = [8, 8]", 1).hops == Approx(5.0));
    CHECK(means("topology = \"torus\"\ndims = [8, 8]", 1).cycles == Approx(26));
    const std::string chain =
        "topology = \"custom\"\nrouters = 8\nlink = [{from = \"r0\", to = \"r1\"}, {from = \"r1\", to = "
        "\"r2\"}, {from = \"r2\", to = \"r3\"}, {from = \"r3\", to = \"r4\", latency_cycles = 6}, {from "
        "= \"r4\", to = \"r5\"}, {from = \"r5\", to = \"r6\"}, {from = \"r6\", to = \"r7\"}]";
    CHECK(means(chain, 1).hops == Approx(3.625));
    CHECK(means(chain, 1).cycles == Approx(19));
    CHECK(means(chain, 8).cycles == Approx(26));
    const noc::NetworkPlan plan = network("[noc]\n" + chain);
    CHECK(noc::zero_load_cycles(plan, 0, 7, 1) == 39);
    CHECK(noc::zero_load_cycles(plan, 7, 0, 1) == 39);
    const noc::NetworkPlan mesh = network("[noc]\ndims = [8, 8]");
    CHECK(noc::zero_load_cycles(mesh, 0, 63, 1) == 62);
    CHECK(noc::zero_load_cycles(mesh, 9, 9, 8) == 13);
}

TEST_CASE("pipeline delays, endpoint latency and slow links lengthen the way") {
    const noc::NetworkPlan plan = network(R"([noc]
dims = [3]
endpoint_latency_cycles = 2
link = [{ from = "0", to = "1", width = "2/5" }, { from = "1", to = "2", width = 0.5 }]
[noc.router]
route_delay = 1
vc_alloc_delay = 2
switch_alloc_delay = 3
traversal_delay = 4
)");
    CHECK(noc::zero_load_cycles(plan, 0, 0, 1) == 1 + 2 + 10 + 2);
    CHECK(noc::zero_load_cycles(plan, 0, 1, 1) == 1 + 2 + 2 * 10 + 1 + 2);
    CHECK(noc::zero_load_cycles(plan, 0, 1, 4) == 1 + 2 + 2 * 10 + 1 + 2 + 8); // ceil(3 * 5/2)
    CHECK(noc::zero_load_cycles(plan, 0, 2, 4) == 1 + 2 + 3 * 10 + 2 + 2 + 8);
    CHECK(noc::zero_load_cycles(plan, 1, 2, 4) == 1 + 2 + 2 * 10 + 1 + 2 + 6);
}

TEST_CASE("a wormhole router takes a cycle, its output FIFO another") {
    const auto cycles = [](const std::string& router, std::uint32_t flits) {
        const noc::NetworkPlan plan = network("[noc]\ndims = [4, 4]\n[noc.router]\nmodel = \"wormhole\"\n" + router);
        return noc::zero_load_cycles(plan, 0, 15, flits);
    };
    CHECK(cycles("", 1) == 7);
    CHECK(cycles("", 4) == 10);
    CHECK(cycles("output_fifo_flits = 2", 4) == 17);
    CHECK(cycles("link_latency_cycles = 3", 1) == 7 + 6 * 3);
    CHECK(cycles("input_fifo_flits = 1", 4) == 7 + 6);
}
