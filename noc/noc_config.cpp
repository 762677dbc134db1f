#include "noc/noc_config.hpp"

#include "noc/noc_codecs.hpp"

#include <fmt/format.h>

namespace intarsia::noc {

namespace {

using config::count;
using config::flag;
using config::one_of;
using config::Rule;
using config::Section;

// Sums of a latency and the delays of a router stay below 2^16 cycles, which the engines count with.
constexpr std::uint32_t max_latency = 50'000;
constexpr std::uint32_t max_delay = 1'000;
constexpr std::uint32_t max_fifo = 32'768;

/// A text that may be empty.
Rule short_text() {
    return config::text_that([](const std::string& text) {
        return text.size() <= 200 ? std::nullopt
                                  : std::optional(config::ValueFault{"is too long", "give at most 200 characters"});
    });
}

Section<LinkShape> die_link_section() {
    return Section<LinkShape>("noc.die_link", "Links of a `tiled` network that join two dies.")
        .field("latency_cycles", &LinkShape::latency_cycles, count(0, max_latency).by_default("that of other links"),
               "Cycles of a flit on the link.")
        .field("width", &LinkShape::width, Rule{}.by_default("that of other links"),
               "Flits that a cycle of the link moves.")
        .field("clock_ratio", &LinkShape::clock_ratio, Rule{}.by_default("that of other links"),
               "Cycles of the link in a cycle of the network.");
}

Section<LinkEntry> link_section() {
    return Section<LinkEntry>("noc.link", "A link of a `custom` network; of other networks, how the link between two "
                                          "neighbours differs.")
        .field("from", &LinkEntry::from, config::text().mandatory(), "A router, by name or number.")
        .field("to", &LinkEntry::to, config::text().mandatory(), "The router at the other end.")
        .field("latency_cycles", &LinkEntry::latency_cycles, count(0, max_latency).by_default("that of the network"),
               "Cycles of a flit on the link.")
        .field("width", &LinkEntry::width, Rule{}.by_default("that of the network"),
               "Flits that a cycle of the link moves: a number, or a fraction such as `\"1/3\"`.")
        .field("clock_ratio", &LinkEntry::clock_ratio, Rule{}.by_default("that of the network"),
               "Cycles of the link in a cycle of the network.")
        .field("one_way", &LinkEntry::one_way, flag(), "Only from `from` to `to`.")
        .field("from_port", &LinkEntry::from_port, short_text().by_default("`to` and the name of the other router"),
               "Name of the port at `from` (`custom` only).")
        .field("to_port", &LinkEntry::to_port, short_text().by_default("`to` and the name of the other router"),
               "Name of the port at `to` (`custom` only).");
}

Section<RouterEntry> router_list_section() {
    return Section<RouterEntry>("noc.router_list", "A router of a `custom` network.")
        .field("name", &RouterEntry::name, config::identifier(true).mandatory(), "Its name.")
        .field("endpoints", &RouterEntry::endpoints, count(0, max_network_ports), "Endpoints at it.");
}

Section<MissingLink> missing_link_section() {
    return Section<MissingLink>("noc.missing_link",
                                "A link that is taken out of the topology, both directions; routing "
                                "is then `updown` or `table`.")
        .field("from", &MissingLink::from, config::text().mandatory(), "A router, by name or number.")
        .field("to", &MissingLink::to, config::text().mandatory(), "Its neighbour.");
}

Section<RouterConfig> router_section() {
    using R = RouterConfig;
    return Section<R>("noc.router",
                      "What a router does with its flits, and how its ports are numbered. Delays, "
                      "allocator, speculation and priorities are of `vc`; FIFOs, flow control and lock of "
                      "`wormhole`.")
        .field("model", &R::model, one_of({"vc", "wormhole"}),
               "`vc`: input-queued virtual-channel router with a pipeline; `wormhole`: single-cycle router without "
               "virtual channels.")
        .field("route_delay", &R::route_delay, count(0, max_delay), "Cycles of a head before it may ask for a VC.")
        .field("vc_alloc_delay", &R::vc_alloc_delay, count(1, max_delay), "Cycles from request to ownership of a VC.")
        .field("switch_alloc_delay", &R::switch_alloc_delay, count(1, max_delay), "Cycles from request to crossbar.")
        .field("traversal_delay", &R::traversal_delay, count(1, max_delay), "Cycles from crossbar to output link.")
        .field("speculative", &R::speculative, flag(), "Heads ask for the switch together with the VC.")
        .field("priorities", &R::priorities, flag(), "Packets of higher priority go first.")
        .field("allocator", &R::allocator, one_of({"islip", "separable_input_first", "separable_output_first"}),
               "How VCs and the switch are matched, one iteration a cycle.")
        .field(
            "arbiter", &R::arbiter,
            one_of({"round_robin", "oldest_first"})
                .by_default("`\"round_robin\"`; `wormhole`: order = `\"increasing\"`, reset = `\"lowest\"`, advance = "
                            "`\"on_transfer\"`, hold = `false`"),
            "Who goes first: for `vc` one of the words, for `wormhole` the table (order `increasing`, `decreasing`, "
            "`fixed`; reset `lowest`, `highest`, `after_lowest`; advance `on_transfer`, `on_grant`; hold).")
        .field("input_fifo_flits", &R::input_fifo_flits, count(1, max_fifo), "Input FIFO of a port.")
        .field("output_fifo_flits", &R::output_fifo_flits, count(0, max_fifo), "Output FIFO of a port; 0: none.")
        .field("flow_control", &R::flow_control, one_of({"ready_valid", "credit"}), "How links hold flits back.")
        .field("packet_lock", &R::packet_lock, flag(), "An output stays with an input from head to tail.")
        .field("y_grows", &R::y_grows, one_of({"north", "south"}),
               "Where the second coordinate grows: names of the ports N and S.")
        .field("port_order", &R::port_order,
               config::text().items(0, 256).by_default("for each dimension up, down; endpoints last"),
               "Names of all ports, in the order of their numbers; `P` stands for all endpoints.")
        .field("link_latency_cycles", &R::link_latency_cycles,
               count(0, max_latency).by_default("`link_latency_cycles` of `[noc]`"),
               "The same as in `[noc]`, and before it.")
        .field("credit_delay_cycles", &R::credit_delay_cycles,
               count(0, max_delay).by_default("`credit_delay_cycles` of `[noc]`"),
               "The same as in `[noc]`, and before it.");
}

Section<NocConfig> topology_section() {
    using N = NocConfig;
    return Section<N>("noc", "")
        .field("topology", &N::topology,
               one_of({"mesh", "torus", "cmesh", "ring", "flattened_butterfly", "crossbar", "fully_connected", "tree",
                       "tiled", "custom"}),
               "The shape of the network (docs/models/topologies.md).")
        .field(
            "dims", &N::dims, count(1, max_network_routers).items(0, max_dimensions).by_default("none"),
            "Routers along each dimension (`tiled`: of a die; `tree`: children of a router on each level; `crossbar`: "
            "endpoints). Needed by all but `custom`.")
        .field("concentration", &N::concentration, count(1, max_network_ports).by_default("1; `cmesh`: 4"),
               "Endpoints of a router (`tree`: of a leaf).")
        .field("dies", &N::dies, count(1, max_network_routers).items(0, max_dimensions).by_default("none"),
               "`tiled`: dies along each dimension.")
        .field("empty_sites", &N::empty_sites, count(0, max_network_routers),
               "Coordinates of routers without endpoint; `tiled`: in every die.")
        .field("routers", &N::routers, count(0, max_network_routers),
               "`custom`: so many routers r0, r1, ... of `concentration` endpoints, in place of a list.")
        .field("link_latency_cycles", &N::link_latency_cycles,
               count(0, max_latency).by_default("1; `torus` and `cmesh`: 2; `wormhole` routers: 0"),
               "Cycles of a flit on a link between routers.")
        .field("endpoint_latency_cycles", &N::endpoint_latency_cycles,
               count(0, max_latency).by_default("1; `wormhole` routers: 0"),
               "Cycles of a flit between endpoint and router.")
        .field("link_width", &N::link_width, Rule{}, "Flits that a cycle of a link moves.")
        .field("link_clock_ratio", &N::link_clock_ratio, Rule{}, "Cycles of a link in a cycle of the network.")
        .field("dimension_latency_cycles", &N::dimension_latency_cycles, count(0, max_latency),
               "Link latency of each dimension, in place of `link_latency_cycles`.")
        .field("dimension_width", &N::dimension_width, Rule{}, "Link width of each dimension.")
        .field("dimension_clock_ratio", &N::dimension_clock_ratio, Rule{}, "Link clock ratio of each dimension.")
        .field("routers_csv", &N::routers_csv, short_text().by_default("none"),
               "`custom`: file of routers, relative to this one; columns name, endpoints.")
        .field("links_csv", &N::links_csv, short_text().by_default("none"),
               "File of links; columns as the keys of `[[noc.link]]`.");
}

} // namespace

Section<NocConfig> noc_section() {
    using N = NocConfig;
    return Section<N>("noc", "A network on its own: topology, routing, virtual channels and routers.")
        .include(topology_section())
        .field("routing", &N::routing,
               one_of({"dor", "xy", "yx", "o1turn", "min_adaptive", "updown", "table"})
                   .by_default("`\"dor\"`; `custom`: `\"table\"`"),
               "`dor`: dimension order; `xy`, `yx`: the same, by name; `o1turn`: xy or yx by lot; `min_adaptive`: any "
               "shortest way, with an escape channel; `updown`: up*/down* on a spanning tree; `table`: shortest paths, "
               "or `tables_csv`.")
        .field("routing_order", &N::routing_order,
               count(0, max_dimensions - 1).items(0, max_dimensions).by_default("0, 1, ..."),
               "Dimensions in the order in which they are corrected.")
        .field("dateline", &N::dateline, flag(),
               "Rings keep packets that cross the wrap-around link on their own half of the virtual channels.")
        .field("updown_root", &N::updown_root, count(0, max_network_routers - 1), "Router at the root of `updown`.")
        .field("tables_csv", &N::tables_csv, short_text().by_default("none"),
               "Routing tables for `table`; columns router, destination, port, vcs (may be left out).")
        .field("virtual_channels", &N::virtual_channels,
               count(1, max_network_vcs).by_default("4; `wormhole` routers: 1"), "Virtual channels of a port.")
        .field("message_classes", &N::message_classes,
               count(1, max_network_classes).by_default("length of `class_virtual_channels`, else 1"),
               "Message classes: 2 for requests and replies.")
        .field("class_virtual_channels", &N::class_virtual_channels,
               count(1, max_network_vcs).items(0, max_network_classes).by_default("dealt evenly"),
               "Virtual channels of each message class.")
        .field("classes_share_channels", &N::classes_share_channels, flag(),
               "All classes use all virtual channels: requests can then block replies.")
        .field("buffer_flits", &N::buffer_flits, count(1, max_fifo), "Input buffer of a virtual channel.")
        .field("credit_delay_cycles", &N::credit_delay_cycles, count(0, max_delay).by_default("1"),
               "Cycles of a credit beside those on the link.")
        .table("die_link", &N::die_link, die_link_section())
        .table("router", &N::router, router_section())
        .tables("router_list", &N::router_list, router_list_section(), max_network_routers)
        .tables("link", &N::links, link_section(), 65'536)
        .tables("missing_link", &N::missing_links, missing_link_section(), 65'536);
}

Section<SinkOptions> sink_section() {
    constexpr std::uint64_t most = 1'000'000'000;
    return Section<SinkOptions>("sink", "When destinations take flits: not in cycle t at node n if (t + phase * n) mod "
                                        "period < stall.")
        .field("period", &SinkOptions::period, count(1, most), "Cycles of the pattern.")
        .field("stall", &SinkOptions::stall, count(0, most), "Cycles of each period in which nothing is taken.")
        .field("phase", &SinkOptions::phase, count(0, most), "Shift of the pattern from node to node.")
        .field("buffer_flits", &SinkOptions::buffer_flits, count(1, max_fifo),
               "`vc` routers, where sinks stall: buffer of a destination, a virtual channel.");
}

void check_sink(const SinkOptions& sink, const config::Node& root, config::Faults& faults) {
    if (sink.stall >= sink.period) {
        faults.add(config::place_of(root, {"sink", "stall"}).place(),
                   fmt::format("sinks that stall for {} of {} cycles take nothing", sink.stall, sink.period),
                   "make stall smaller than period");
    }
}

void complete(NocConfig& config) {
    const bool wormhole = config.router.model == RouterModel::wormhole;
    const bool two_cycle_links = config.topology == "torus" || config.topology == "cmesh";
    const auto settle = [](auto& value, const auto& other) { value = value.value_or(other); };
    if (config.router.link_latency_cycles) {
        config.link_latency_cycles = config.router.link_latency_cycles;
    }
    if (config.router.credit_delay_cycles) {
        config.credit_delay_cycles = config.router.credit_delay_cycles;
    }
    settle(config.link_latency_cycles, wormhole ? 0U : (two_cycle_links ? 2U : 1U));
    settle(config.endpoint_latency_cycles, wormhole ? 0U : 1U);
    settle(config.credit_delay_cycles, 1U);
    settle(config.router.link_latency_cycles, *config.link_latency_cycles);
    settle(config.router.credit_delay_cycles, *config.credit_delay_cycles);
    settle(config.concentration, config.topology == "cmesh" ? 4U : 1U);
    settle(config.virtual_channels, wormhole ? 1U : 4U);
    settle(config.die_link.latency_cycles, *config.link_latency_cycles);
    settle(config.die_link.width, config.link_width);
    settle(config.die_link.clock_ratio, config.link_clock_ratio);
    for (LinkEntry& link : config.links) {
        if (config.topology == "custom") {
            settle(link.latency_cycles, *config.link_latency_cycles);
            settle(link.width, config.link_width);
            settle(link.clock_ratio, config.link_clock_ratio);
        }
    }
    settle(config.routing, std::string(config.topology == "custom" ? "table" : "dor"));
    settle(config.message_classes, std::max(1U, static_cast<std::uint32_t>(config.class_virtual_channels.size())));
    config.classes_share_channels = config.classes_share_channels || (wormhole && *config.message_classes > 1);
    if (config.class_virtual_channels.empty() && !config.classes_share_channels) {
        const std::uint32_t each = *config.virtual_channels / *config.message_classes;
        const std::uint32_t rest = *config.virtual_channels % *config.message_classes;
        for (std::uint32_t c = 0; c < *config.message_classes; ++c) {
            config.class_virtual_channels.push_back(each + (c < rest ? 1 : 0));
        }
    }
    if (wormhole && !config.router.arbiter.wormhole && !config.router.arbiter.vc) {
        config.router.arbiter.wormhole.emplace();
    } else if (!config.router.arbiter.vc && !config.router.arbiter.wormhole) {
        config.router.arbiter.vc = Arbiter::round_robin;
    }
}

} // namespace intarsia::noc
