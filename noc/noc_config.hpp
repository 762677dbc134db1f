// A network described on its own: the tables [noc] and [sink] of a network's TOML, and the plan made of them.
//
// Usage (a document holds [noc], [sink] and what the caller adds):
//
//     config::Faults faults;
//     config::Context context{faults, {}};
//     config::Section<Mine>("", "...").table("noc", &Mine::noc, noc_section()).table("sink", &Mine::sink,
//     sink_section())
//         .read(document.root, mine, context);
//     complete(mine.noc);                                              // defaults that follow from other values
//     auto plan = build_network(mine.noc, document.root, faults);      // nothing if there are faults
//     faults.throw_if_any();
//
// A network made by a program: `NetworkPlan plan = build_network(config);`, which throws InputError.
#pragma once

#include "config/section.hpp"
#include "noc/network_plan.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace intarsia::noc {

// Largest networks.
inline constexpr std::uint32_t max_network_vcs = 16;
inline constexpr std::uint32_t max_network_classes = 8;
inline constexpr std::uint32_t max_dimensions = 8; ///< a packet's random byte has a bit for each
inline constexpr std::uint32_t max_network_endpoints = 65'535;
inline constexpr std::uint32_t max_network_routers = 65'535;
inline constexpr std::uint32_t max_network_ports = 64;
/// Entries of tables by destination, 4 bytes each.
inline constexpr std::uint64_t max_table_entries = 1ULL << 27U;

/// An exact positive ratio, written as a number with at most 6 decimals (0.25) or as text ("1/3").
struct Ratio {
    std::uint32_t numerator = 1;
    std::uint32_t denominator = 1;
    bool operator==(const Ratio&) const = default;
};

/// What a link is like; absent values follow from [noc].
struct LinkShape {
    std::optional<std::uint32_t> latency_cycles;
    std::optional<Ratio> width;       ///< flits that a cycle of the link moves
    std::optional<Ratio> clock_ratio; ///< cycles of the link in a cycle of the network
};

/// A router as links name it: by name, or by number (in TOML also without quotes).
struct RouterName {
    RouterName() = default;
    RouterName(std::string name) : text(std::move(name)) {} // NOLINT(google-explicit-constructor): a text is a name
    RouterName(const char* name) : text(name) {}            // NOLINT(google-explicit-constructor)
    std::string text;
};

/// A [[noc.link]]: a new link of a custom network, or how an existing link of a regular one differs.
struct LinkEntry {
    RouterName from;
    RouterName to;
    std::optional<std::uint32_t> latency_cycles;
    std::optional<Ratio> width;
    std::optional<Ratio> clock_ratio;
    bool one_way = false;
    std::string from_port; ///< name of the port at `from`; "": "to NAME"
    std::string to_port;
    [[nodiscard]] LinkShape shape() const { return {latency_cycles, width, clock_ratio}; }
};

/// A [[noc.router_list]].
struct RouterEntry {
    std::string name;
    std::uint32_t endpoints = 1;
};

/// A [[noc.missing_link]]: taken out of the topology, both directions.
struct MissingLink {
    RouterName from;
    RouterName to;
};

/// Who goes first: a policy of the `vc` router, or the arbiter of the `wormhole` router.
struct ArbiterChoice {
    std::optional<Arbiter> vc;
    std::optional<WormholeArbiter> wormhole;
    [[nodiscard]] bool has_value() const { return vc || wormhole; }
};

/// [noc.router]: micro-architecture, and how ports are named and numbered.
struct RouterConfig {
    RouterModel model = RouterModel::vc;
    std::uint32_t route_delay = VcRouterOptions{}.route_delay;
    std::uint32_t vc_alloc_delay = VcRouterOptions{}.vc_alloc_delay;
    std::uint32_t switch_alloc_delay = VcRouterOptions{}.switch_alloc_delay;
    std::uint32_t traversal_delay = VcRouterOptions{}.traversal_delay;
    bool speculative = false;
    bool priorities = false;
    Allocator allocator = Allocator::islip;
    ArbiterChoice arbiter;
    std::uint32_t input_fifo_flits = WormholeRouterOptions{}.input_fifo_flits;
    std::uint32_t output_fifo_flits = WormholeRouterOptions{}.output_fifo_flits;
    WormholeRouterOptions::FlowControl flow_control = WormholeRouterOptions::FlowControl::ready_valid;
    bool packet_lock = true;
    std::string y_grows = "north";       ///< where the second coordinate grows: which port is N and which is S
    std::vector<std::string> port_order; ///< names of ports; empty: for each dimension up and down, endpoints last
    /// The same as in [noc], and before it.
    std::optional<std::uint32_t> link_latency_cycles;
    std::optional<std::uint32_t> credit_delay_cycles;
};

/// [noc].
struct NocConfig {
    std::string topology = "mesh";
    std::vector<std::uint32_t> dims;
    std::optional<std::uint32_t> concentration;          ///< endpoints of a router
    std::vector<std::uint32_t> dies;                     ///< tiled: dies along each dimension
    std::vector<std::vector<std::uint32_t>> empty_sites; ///< routers (of a die) without endpoint
    std::optional<std::string> routing;
    std::vector<std::uint32_t> routing_order; ///< sequence of dimensions; empty: 0, 1, ...
    bool dateline = true;
    std::uint32_t updown_root = 0;
    std::optional<std::uint32_t> virtual_channels;
    std::optional<std::uint32_t> message_classes;
    std::vector<std::uint32_t> class_virtual_channels; ///< empty: dealt evenly
    bool classes_share_channels = false;
    std::uint32_t buffer_flits = 8;
    std::optional<std::uint32_t> link_latency_cycles;
    std::optional<std::uint32_t> endpoint_latency_cycles;
    std::optional<std::uint32_t> credit_delay_cycles;
    Ratio link_width;
    Ratio link_clock_ratio;
    std::vector<std::uint32_t> dimension_latency_cycles; ///< by dimension; empty: link_latency_cycles
    std::vector<Ratio> dimension_width;
    std::vector<Ratio> dimension_clock_ratio;
    LinkShape die_link; ///< tiled: links that join two dies
    RouterConfig router;
    std::uint32_t routers = 0; ///< custom: that many, named r0, r1, ...
    std::vector<RouterEntry> router_list;
    std::vector<LinkEntry> links;
    std::vector<MissingLink> missing_links;
    std::string routers_csv;
    std::string links_csv;
    std::string tables_csv;
};

[[nodiscard]] config::Section<NocConfig> noc_section();
[[nodiscard]] config::Section<SinkOptions> sink_section();

/// Fills in the defaults that follow from other values; what is given stays.
void complete(NocConfig& config);

/// Adds what is wrong with a sink, beyond single values.
void check_sink(const SinkOptions& sink, const config::Node& root, config::Faults& faults);

/// Adds every fault of `config` (places by the tables of `root`, a document with [noc]), and returns the network if
/// `faults` is then empty. Completes a copy of `config` first.
[[nodiscard]] std::optional<NetworkPlan> build_network(const NocConfig& config, const config::Node& root,
                                                       config::Faults& faults);
/// The same for a description made by a program; throws InputError.
[[nodiscard]] NetworkPlan build_network(const NocConfig& config);

} // namespace intarsia::noc
