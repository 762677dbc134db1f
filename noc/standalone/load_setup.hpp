// From a network's TOML to what a stand-alone run needs.
#pragma once

#include "noc/noc_config.hpp"
#include "noc/standalone/network_setup.hpp"

#include <string>
#include <vector>

namespace intarsia::noc::standalone {

/// The whole TOML of `intarsia noc`.
struct StandaloneConfig {
    NocConfig noc;
    SinkOptions sink;
    TrafficConfig traffic;
};

[[nodiscard]] config::Section<StandaloneConfig> standalone_section();

/// The reference of all tables and keys, as Markdown (docs/noc_parameters.md).
[[nodiscard]] std::string noc_parameters_markdown();

struct LoadedNetwork {
    NetworkSetup setup;
    std::string effective_toml; ///< all values with their origins; loaded again, it gives the same network
};

/// How the nodes of a network lie: the routers of grids with one node each, the node grid of `cmesh`; elsewhere a line.
[[nodiscard]] NodeGrid node_grid(const NocConfig& noc, const NetworkPlan& plan);

/// Loads a TOML file, or a network of the presets by its name (presets/noc/NAME.toml), with overrides path=value.
/// Proves that the network cannot deadlock: requests with replies in mind if the traffic has them; where it has, and
/// the network only one message class, both share its virtual channels, which the proof refuses. `with_traffic` =
/// false: packets come from a file, and the traffic's pattern need not suit. Throws InputError with all faults.
[[nodiscard]] LoadedNetwork load_network(const std::string& path_or_preset, const std::vector<std::string>& overrides,
                                         bool with_traffic);

/// The same for packets that another simulator sends: of [traffic] only counts whether there are replies.
[[nodiscard]] LoadedNetwork load_embedded_network(const std::string& path_or_preset,
                                                  const std::vector<std::string>& overrides);
/// The same for text at hand, which faults call `name`.
[[nodiscard]] LoadedNetwork parse_embedded_network(const std::string& text, const std::string& name,
                                                   const std::vector<std::string>& overrides);

} // namespace intarsia::noc::standalone
