#include "noc/standalone/traffic_config.hpp"

#include "noc/standalone/pattern.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace intarsia::noc::standalone {

using namespace config;

double PacketLengths::mean() const {
    double flits = 0;
    double shares = 0;
    for (const LengthShare& part : parts) {
        flits += part.flits * part.share;
        shares += part.share;
    }
    return flits / shares;
}

std::uint32_t PacketLengths::longest() const {
    std::uint32_t most = 0;
    for (const LengthShare& part : parts) {
        most = std::max(most, part.flits);
    }
    return most;
}

Section<TrafficConfig> traffic_section() {
    using T = TrafficConfig;
    const Rule length = count(1, max_packet_flits);
    Section<T> section("traffic", "What the sources of a stand-alone network create.");
    section.field("pattern", &T::pattern, one_of(pattern_names()), "Which node sends to which.")
        .field(
            "include_self", &T::include_self, flag(),
            "Nodes send to themselves where the pattern says so; otherwise uniform draws among the others, and nodes "
            "whose only destination would be themselves are silent.")
        .field("nodes", &T::nodes, count(0, 65'535), "Pattern hotspot: the hot nodes, each equally likely.")
        .field("share", &T::share, real(0, 1),
               "Pattern hotspot: the part of packets that goes to hot nodes; the others are uniform.")
        .field("load", &T::load, real(0, 1),
               "Flits that each node creates a cycle, on average; a list gives a curve. Replies come on top.")
        .field(
            "injection", &T::injection, one_of({"bernoulli", "bursty"}),
            "When packets are created: by a coin in each cycle, or in bursts with silence between (a Markov chain of "
            "two states).")
        .field("burst_cycles", &T::burst_cycles, real(1, 1e9), "Injection bursty: mean length of a burst in cycles.")
        .field("burst_load", &T::burst_load, real(1e-6, 1),
               "Injection bursty: flits that a node creates a cycle within a burst.")
        .field("packet_flits", &T::packet_flits, length, "Flits of a packet; a list mixes lengths by share of packets.")
        .field("request_reply", &T::request_reply, flag(),
               "Packets are requests (message class 0), and each is answered in the cycle after its arrival by a reply "
               "(the next class).")
        .field("reply_flits", &T::reply_flits, length, "Flits of a reply, as packet_flits.")
        .field("priority_share", &T::priority_share, real(0, 1),
               "Part of the packets that have priority 1 instead of 0.")
        .field("seed", &T::seed, count(0, INT64_MAX), "Start of all random numbers.")
        .field("warmup_cycles", &T::warmup_cycles, count(0, max_cycles), "Cycles before measuring begins.")
        .field("measure_cycles", &T::measure_cycles, count(1, max_cycles),
               "Cycles in which packets that are created are followed to their arrival and flits that arrive counted.")
        .field("watchdog_cycles", &T::watchdog_cycles, count(100, max_cycles),
               "Cycles without any movement while packets wait, after which the network is called stuck.");
    return section;
}

namespace {

void check_hotspot(const TrafficConfig& traffic, const NodeGrid& grid, const Node& root, Context& context) {
    const Node& place = place_of(root, {"traffic", "nodes"});
    if (traffic.pattern != "hotspot") {
        if (!traffic.nodes.empty()) {
            context.fault(place, fmt::format("'nodes' has no meaning for pattern {}", in_quotes(traffic.pattern)),
                          "take it out, or set pattern = \"hotspot\"");
        }
        return;
    }
    if (traffic.nodes.empty()) {
        context.fault(place, "pattern 'hotspot' has no hot nodes", "add nodes = [...]");
    }
    std::set<std::uint32_t> seen;
    for (std::size_t i = 0; i < traffic.nodes.size(); ++i) {
        const std::uint32_t node = traffic.nodes[i];
        const Node& at = place_of(root, {"traffic", "nodes", i});
        if (node >= grid.nodes) {
            context.fault(at, fmt::format("there is no node {}", node),
                          fmt::format("the last one is {}", grid.nodes - 1));
        } else if (!seen.insert(node).second) {
            context.fault(at, fmt::format("node {} is named twice", node), "name each hot node once");
        }
    }
}

} // namespace

void check_traffic(const TrafficConfig& traffic, const NodeGrid& grid, const Node& root, Context& context) {
    if (const auto problem = pattern_problem(traffic.pattern, grid)) {
        context.fault(place_of(root, {"traffic", "pattern"}), problem->message, problem->remedy);
    }
    check_hotspot(traffic, grid, root, context);
    if (!traffic.include_self && grid.nodes < 2 && (traffic.pattern == "uniform" || traffic.pattern == "hotspot")) {
        context.fault(place_of(root, {"traffic", "include_self"}), "the only node has nobody else to send to",
                      "set include_self = true, or give the network more nodes");
    }
    const std::vector<double>& loads = traffic.load.values;
    for (std::size_t i = 0; i < loads.size(); ++i) {
        if (loads[i] <= 0) {
            context.fault(place_of(root, {"traffic", "load", i}),
                          fmt::format("'load' = {} creates no packets", loads[i]),
                          "give a load above 0, in flits a node a cycle");
        } else if (traffic.injection == "bursty" && loads[i] > traffic.burst_load) {
            context.fault(place_of(root, {"traffic", "load", i}),
                          fmt::format("'load' = {} is more than a burst carries", loads[i]),
                          fmt::format("bursts carry burst_load = {}", traffic.burst_load));
        }
    }
    if (traffic.warmup_cycles + traffic.measure_cycles > max_cycles) {
        context.fault(place_of(root, {"traffic", "warmup_cycles"}), "the run is too long",
                      fmt::format("warmup_cycles and measure_cycles may be {} together", max_cycles));
    }
}

} // namespace intarsia::noc::standalone

namespace intarsia::config {

using noc::standalone::LengthShare;
using noc::standalone::Loads;
using noc::standalone::max_loads;
using noc::standalone::PacketLengths;

namespace {

std::optional<LengthShare> read_part(const Node& node, const Field& field, Context& context) {
    if (!node.is(Node::Kind::table)) {
        context.fault(node, fmt::format("an element of '{}' must be a table, not {}", field.name, node.kind_text()),
                      "write { flits = 5, share = 0.2 }");
        return std::nullopt;
    }
    check_table_keys(node, field.name, {"flits", "share"}, context);
    const Node* flits = node.find("flits");
    const Node* share = node.find("share");
    if (flits == nullptr || share == nullptr) {
        context.fault(node,
                      fmt::format("an element of '{}' has no '{}'", field.name, flits == nullptr ? "flits" : "share"),
                      "write { flits = 5, share = 0.2 }");
        return std::nullopt;
    }
    const auto length = read_integer(*flits, {"flits", field.rule, ""}, UINT32_MAX, context);
    const auto part = read_real(*share, {"share", real(0, 1e9), ""}, context);
    return length && part ? std::optional(LengthShare{static_cast<std::uint32_t>(*length), *part}) : std::nullopt;
}

} // namespace

std::optional<PacketLengths> Codec<PacketLengths>::read(const Node& node, const Field& field, Context& context) {
    if (!node.is(Node::Kind::array)) {
        const auto flits = read_integer(node, field, UINT32_MAX, context);
        return flits ? std::optional(PacketLengths{{{static_cast<std::uint32_t>(*flits), 1.0}}}) : std::nullopt;
    }
    Field list = field;
    list.rule.fewest_items = 1;
    list.rule.most_items = 64;
    const std::vector<Node>* elements = read_list(node, list, context);
    if (elements == nullptr) {
        return std::nullopt;
    }
    PacketLengths lengths{{}};
    double shares = 0;
    for (const Node& element : *elements) {
        if (const auto part = read_part(element, field, context)) {
            lengths.parts.push_back(*part);
            shares += part->share;
        }
    }
    if (lengths.parts.size() != elements->size()) {
        return std::nullopt;
    }
    if (shares <= 0) {
        context.fault(node, fmt::format("the shares of '{}' sum to 0", field.name), "give one a share above 0");
        return std::nullopt;
    }
    return lengths;
}

std::string Codec<PacketLengths>::toml(const PacketLengths& value, const Rule&, const Context&) {
    if (value.parts.size() == 1) {
        return std::to_string(value.parts.front().flits);
    }
    std::string text;
    for (const LengthShare& part : value.parts) {
        text +=
            fmt::format("{}{{ flits = {}, share = {} }}", text.empty() ? "" : ", ", part.flits, real_toml(part.share));
    }
    return "[" + text + "]";
}

std::optional<Loads> Codec<Loads>::read(const Node& node, const Field& field, Context& context) {
    if (!node.is(Node::Kind::array)) {
        const auto load = read_real(node, field, context);
        return load ? std::optional(Loads{{*load}}) : std::nullopt;
    }
    Field list = field;
    list.rule.fewest_items = 1;
    list.rule.most_items = max_loads;
    auto values = Codec<std::vector<double>>::read(node, list, context);
    return values ? std::optional(Loads{std::move(*values)}) : std::nullopt;
}

std::string Codec<Loads>::toml(const Loads& value, const Rule& rule, const Context& context) {
    return value.values.size() == 1 ? real_toml(value.values.front())
                                    : Codec<std::vector<double>>::toml(value.values, rule, context);
}

} // namespace intarsia::config
