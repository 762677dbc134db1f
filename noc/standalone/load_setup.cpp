#include "noc/standalone/load_setup.hpp"

#include "config/document.hpp"
#include "noc/deadlock_proof.hpp"
#include "noc/topology/grid.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace intarsia::noc::standalone {

using namespace config;

namespace {

const PresetFamily networks{"noc", true};

} // namespace

Section<StandaloneConfig> standalone_section() {
    return Section<StandaloneConfig>("", "A network by itself, and what it is driven with (`intarsia noc`).")
        .elsewhere("base", text().items(1, 1),
                   "A preset of `intarsia noc`, or a file relative to this one, that this one is laid upon.")
        .table("noc", &StandaloneConfig::noc, noc_section())
        .table("sink", &StandaloneConfig::sink, sink_section())
        .table("traffic", &StandaloneConfig::traffic, traffic_section());
}

std::string noc_parameters_markdown() {
    return "# Parameters of `intarsia noc`\n\nMade by `intarsia noc --parameters`. docs/noc_command.md tells how the "
           "tables are used.\n\n" +
           parameter_reference(standalone_section());
}

NodeGrid node_grid(const NocConfig& noc, const NetworkPlan& plan) {
    NodeGrid grid;
    grid.nodes = static_cast<std::uint32_t>(plan.endpoints.size());
    const bool blocks = noc.topology == "cmesh";
    const std::vector<std::uint32_t> sides = block_sides(blocks ? noc.concentration.value_or(1) : 1, noc.dims.size());
    std::uint64_t product = 1;
    for (std::size_t d = 0; d < noc.dims.size(); ++d) {
        const std::uint32_t dies = d < noc.dies.size() ? noc.dies[d] : 1;
        grid.extents.push_back(noc.dims[d] * dies * sides[d]);
        product *= grid.extents.back();
    }
    if (product != grid.nodes || grid.extents.empty()) {
        grid.extents = {grid.nodes};
    }
    return grid;
}

namespace {

/// What counts of [traffic].
struct TrafficUse {
    bool replies = true; ///< whether there are replies
    bool pattern = true; ///< who sends how much to whom
};

LoadedNetwork network_of(const Document& document, TrafficUse use) {
    Faults faults;
    Context context{faults, {}};
    StandaloneConfig config;
    const auto section = standalone_section();
    section.read(document.root, config, context);
    complete(config.noc);
    check_sink(config.sink, document.root, faults);
    NocConfig built = config.noc;
    const bool request_reply = use.replies && config.traffic.request_reply;
    if (request_reply && built.message_classes == 1U) {
        built.message_classes = 2;
        built.class_virtual_channels.clear();
        built.classes_share_channels = true;
    }
    auto plan = build_network(built, document.root, faults);
    if (!plan) {
        faults.throw_if_any();
    }
    require(plan.has_value(), "a network that is not built has faults");
    LoadedNetwork loaded;
    loaded.setup.sink = config.sink;
    loaded.setup.traffic = config.traffic;
    loaded.setup.grid = node_grid(built, *plan);
    if (use.pattern) {
        check_traffic(config.traffic, loaded.setup.grid, document.root, context);
        const RouterOptions& router = plan->router;
        const std::uint32_t longest =
            std::max(config.traffic.packet_flits.longest(), request_reply ? config.traffic.reply_flits.longest() : 1);
        if (router.model == RouterModel::wormhole && !router.wormhole.packet_lock && longest > 1) {
            context.fault(place_of(document.root, {"traffic", "packet_flits"}),
                          fmt::format("packets of {} flits on routers that lock no output (packet_lock = false): flits "
                                      "of several packets would mix",
                                      longest),
                          "set noc.router.packet_lock = true, or send packets of one flit");
        }
    }
    faults.throw_if_any();
    if (plan->name.empty()) {
        plan->name = document.name;
    }
    ProofOptions proof;
    proof.request_reply = request_reply;
    proof.place = place_of(document.root, {"noc"}).place();
    prove_deadlock_freedom(*plan, proof);
    loaded.setup.plan = std::move(*plan);
    loaded.effective_toml =
        "# Every value of the network, with its origin. This file can be loaded in place of those it "
        "came from.\n\n" +
        effective_toml(section, config, document.root, context);
    return loaded;
}

} // namespace

LoadedNetwork load_network(const std::string& path_or_preset, const std::vector<std::string>& overrides,
                           bool with_traffic) {
    return network_of(load_document(path_or_preset, overrides, networks), {with_traffic, with_traffic});
}

LoadedNetwork load_embedded_network(const std::string& path_or_preset, const std::vector<std::string>& overrides) {
    return network_of(load_document(path_or_preset, overrides, networks), {true, false});
}

LoadedNetwork parse_embedded_network(const std::string& text, const std::string& name,
                                     const std::vector<std::string>& overrides) {
    return network_of(parse_document(text, name, overrides), {true, false});
}

} // namespace intarsia::noc::standalone
