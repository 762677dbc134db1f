// Networks described by configuration, as users describe them, against those that the tests wire themselves.
#include "noc/noc_config.hpp"
#include "rig.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::tests;

TEST_CASE("A configured mesh of wormhole routers moves as the RTL's mesh does") {
    noc::NocConfig config;
    config.topology = "mesh";
    config.dims = {4, 4};
    config.router.model = noc::RouterModel::wormhole;
    config.router.y_grows = "south";
    config.router.port_order = {"P", "W", "E", "N", "S"};
    for (const noc::RouterOptions& options : {bsg_mesh_options(), bsg_wormhole_options()}) {
        config.router.arbiter.wormhole = options.wormhole.arbiter;
        const noc::NetworkPlan built = noc::build_network(config);
        const auto packets = uniform_traffic(16, 0.5, 1000, 1, 4, 29);
        const Run mine = run_packets(mesh_plan(4, 4, options), packets);
        const Run theirs = run_packets(built, packets);
        CHECK(different_packets(mine, theirs) == 0);
        REQUIRE(mine.hops.size() == theirs.hops.size());
        // Routers at the edge may have fewer ports, so ports are compared by what they lead to.
        std::size_t different = 0;
        for (std::size_t k = 0; k < mine.hops.size(); ++k) {
            const noc::FlitHop& a = mine.hops[k];
            const noc::FlitHop& b = theirs.hops[k];
            const bool same = a.cycle == b.cycle && a.router == b.router && a.packet == b.packet && a.flit == b.flit;
            different += same ? 0 : 1;
        }
        CHECK(different == 0);
    }
}
