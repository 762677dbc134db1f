// What `intarsia link` reads: [link], [traffic], [sink]. And how a link's description becomes what the core executes.
#pragma once

#include "config/node.hpp"
#include "config/section.hpp"
#include "d2d/flit_format.hpp"
#include "d2d/link_parameters.hpp"
#include "d2d/standards.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace intarsia::d2d {

/// A link as the user describes it; what the file does not say comes from the standard.
struct LinkConfig {
    std::string standard = "ucie_advanced";
    std::uint64_t transfers_per_s = 32'000'000'000;
    std::uint32_t modules = 1;
    std::uint32_t lanes = 64; ///< of a module, a direction
    std::string flit_format = "256B";
    bool retry = true;
    std::uint64_t length_um = 2'000;
    double flight_ps_per_mm = d2d::flight_ps_per_mm;
    Picoseconds tx_crossing; ///< clock crossing and protocol bridge, outside the adapter
    Picoseconds tx_adapter{500};
    Picoseconds tx_phy{500};
    Picoseconds rx_phy{500};
    Picoseconds rx_adapter{500};
    Picoseconds rx_crossing;
    std::uint32_t replay_buffer = 0;  ///< d2d_flits; 0: twice the round trip
    std::uint32_t receive_buffer = 0; ///< d2d_flits' payload, a message class; 0: four times the round trip
    std::uint32_t message_classes = 1;
    Picoseconds flush_wait;
    Picoseconds ack_delay;
    Picoseconds replay_timeout; ///< 0: four round trips
    std::uint32_t retry_limit = 256;
    std::uint32_t credit_bytes = 4;
    double ber = 0;
    std::uint32_t burst_bits = 1;
    double code_efficiency = 1;
    double energy_pj_per_bit = 0.3;
    double idle_power = idle_power_share; ///< share of busy power
    double module_edge_um = 388.8;
    double bump_pitch_um = 45;
    std::uint32_t spare_lanes = 4;   ///< of a module
    std::uint32_t least_lanes = 32;  ///< of a module
    std::uint32_t failed_lanes = 0;  ///< of the worst module, from the start
    std::uint32_t failing_lanes = 0; ///< of it, more of them at `failure_time`
    Picoseconds failure_time;
    Picoseconds training_time{1'000'000};
};

struct TrafficConfig {
    std::uint32_t packet_bytes = 64;
    std::string direction = "one_way"; ///< "one_way": from end 0 to end 1; "both"
    double load = 1;                   ///< of the payload rate
    std::string arrivals = "constant"; ///< "constant" or "poisson"
    std::uint64_t seed = 1;
    std::uint64_t packets = 100'000; ///< a direction
};

/// The sink at end n is not ready in cycle t iff (t + phase x n) mod period < stall.
struct SinkConfig {
    Hertz clock{1'000'000'000};
    std::uint32_t period = 8;
    std::uint32_t stall = 0;
    std::uint32_t phase = 3;
};

struct LinkRunConfig {
    LinkConfig link;
    TrafficConfig traffic;
    SinkConfig sink;
};

/// The declaration of all parameters of a stand-alone link.
[[nodiscard]] config::Section<LinkRunConfig> link_run_section();

struct LoadedLink {
    LinkRunConfig config;
    LinkParameters parameters;
    std::vector<Diagnostic> warnings;
};

/// Loads the link at a path with overrides (config/document.hpp). Throws InputError with all faults: first of the text,
/// else of single values, else of their combinations. `largest_packet`: of a packet file, 0 without one.
[[nodiscard]] LoadedLink load_link(const std::string& path, const std::vector<std::string>& overrides = {});
/// The same for text at hand.
[[nodiscard]] LoadedLink parse_link(const std::string& text, const std::string& name,
                                    const std::vector<std::string>& overrides = {});

/// The defaults that a standard gives at a rate (0: its usual one).
[[nodiscard]] LinkConfig link_of_standard(const Standard& standard, std::uint64_t transfers_per_s = 0);
/// What the core executes. The description must be consistent, as load_link() leaves it.
[[nodiscard]] LinkParameters resolve(const LinkConfig& link, std::uint64_t seed);

/// Lanes of a module that work when so many have failed: all while spares last; else half the width and so on down to
/// the narrowest, the failed ones all in the part that is given up; 0: the link is down.
[[nodiscard]] std::uint32_t lanes_left(const LinkConfig& link, std::uint32_t failed);

/// Bytes a second of the lanes in one direction, line code and FEC taken off.
[[nodiscard]] double raw_bytes_per_s(const LinkConfig& link);
/// The same of payload.
[[nodiscard]] double payload_bytes_per_s(const LinkConfig& link);
/// Sum of crossings, adapters, physical layers and wire: what a d2d_flit takes beside its own slot.
[[nodiscard]] Picoseconds latency_of(const LinkConfig& link);
/// Die edge that the modules take, mm; 0: not known.
[[nodiscard]] double edge_mm(const LinkConfig& link);
/// Die area that they take, mm2 (3D); 0: not known.
[[nodiscard]] double area_mm2(const LinkConfig& link);

} // namespace intarsia::d2d
