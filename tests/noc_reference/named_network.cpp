#include "noc/noc_config.hpp"
#include "random_network.hpp"
#include "random_options.hpp"

namespace intarsia::tests {

namespace {

struct Shape {
    std::string topology;
    std::vector<std::vector<std::uint32_t>> dims;
    std::vector<std::string> vc_routings;
    std::vector<std::string> wormhole_routings;
};

const std::vector<Shape>& shapes() {
    static const std::vector<Shape> all = {
        {"mesh",
         {{4, 4}, {3, 2}, {1, 5}},
         {"dor", "xy", "yx", "o1turn", "min_adaptive", "updown"},
         {"dor", "yx", "updown"}},
        {"mesh", {{2, 2, 2}, {3, 1, 2, 2}}, {"dor", "min_adaptive", "updown"}, {"dor", "updown"}},
        {"torus", {{4, 3}, {3, 3}, {4}}, {"dor", "min_adaptive"}, {"dor"}},
        {"ring", {{5}, {6}}, {"dor"}, {"dor"}},
        {"cmesh", {{2, 2}, {3, 2}}, {"dor", "o1turn", "min_adaptive"}, {"dor"}},
        {"flattened_butterfly", {{3, 3}, {4, 2}}, {"dor", "min_adaptive"}, {"dor"}},
        {"crossbar", {{3}, {9}}, {"dor"}, {"dor"}},
        {"fully_connected", {{5}}, {"dor"}, {"dor"}},
        {"tree", {{2, 2}, {3, 2}}, {"dor", "updown"}, {"dor", "updown"}},
        {"tiled", {{2, 2}, {3, 1}}, {"dor", "o1turn", "min_adaptive"}, {"dor"}},
    };
    return all;
}

/// What topologies have in common.
noc::NocConfig random_config(Dice& dice, const Shape& shape, bool wormhole) {
    noc::NocConfig config;
    config.topology = shape.topology;
    config.dims = dice.pick(shape.dims);
    config.routing = dice.pick(wormhole ? shape.wormhole_routings : shape.vc_routings);
    const bool reordered = config.topology == "mesh" && *config.routing == "dor" && config.dims.size() == 3;
    config.routing_order = reordered ? std::vector<std::uint32_t>{2, 0, 1} : std::vector<std::uint32_t>{};
    config.link_latency_cycles = dice.between(wormhole ? 0 : 1, 4);
    config.endpoint_latency_cycles = dice.between(wormhole ? 0 : 1, 2);
    config.buffer_flits = dice.pick<std::uint32_t>({1, 2, 4, 8});
    config.link_clock_ratio = dice.pick<noc::Ratio>({{1, 1}, {1, 1}, {1, 2}, {2, 3}});
    if (config.topology == "tiled") {
        config.dies = dice.pick<std::vector<std::uint32_t>>({{2, 1}, {2, 2}});
        config.die_link = {6, noc::Ratio{1, 2}, noc::Ratio{1, 1}};
        config.empty_sites = {{1, 0}};
    }
    return config;
}

} // namespace

RandomCase named_vc_case(std::uint64_t seed) {
    Dice dice(seed);
    RandomCase made;
    made.seed = seed;
    noc::NocConfig config = random_config(dice, dice.pick(shapes()), false);
    const bool common = dice.chance(50) && *config.routing != "min_adaptive";
    const noc::VcRouterOptions options = random_vc_options(dice, common);
    config.message_classes = dice.between(1, 2);
    config.virtual_channels = *config.message_classes * dice.pick<std::uint32_t>({3, 4, 4, 7});
    made.plan = noc::build_network(config);
    made.plan.router.vc = options;
    made.plan.name = config.topology + " " + *config.routing;
    add_traffic(dice, made);
    return made;
}

RandomCase named_wormhole_case(std::uint64_t seed) {
    Dice dice(seed);
    RandomCase made;
    made.seed = seed;
    noc::NocConfig config = random_config(dice, dice.pick(shapes()), true);
    config.router.model = noc::RouterModel::wormhole;
    config.dateline = false;
    if (config.topology == "mesh" && config.dims.size() == 2 && config.dims[0] > 1) {
        config.router.y_grows = "south";
        config.router.port_order = {"P", "W", "E", "N", "S"};
    }
    made.plan = noc::build_network(config);
    made.plan.router.wormhole = random_wormhole_options(dice);
    made.plan.name = config.topology + " " + *config.routing;
    add_traffic(dice, made);
    return made;
}

} // namespace intarsia::tests
