// The `[traffic]` section: what a stand-alone network is driven with.
#pragma once

#include "config/section.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace intarsia::noc::standalone {

/// Part of the packets, `share` by number, have `flits` flits.
struct LengthShare {
    std::uint32_t flits = 1;
    double share = 1;
};

/// Lengths of packets: one, or a mixture. Shares need not sum to 1; they count in proportion.
struct PacketLengths {
    std::vector<LengthShare> parts = std::vector<LengthShare>(1); ///< one length of 1 flit
    [[nodiscard]] double mean() const;
    [[nodiscard]] std::uint32_t longest() const;
};

/// One load, or several for a curve.
struct Loads {
    std::vector<double> values{0.1};
};

inline constexpr std::uint32_t max_packet_flits = 65'535;
inline constexpr std::uint64_t max_cycles = 1'000'000'000'000;
inline constexpr std::size_t max_loads = 1'000;

struct TrafficConfig {
    std::string pattern = "uniform";
    bool include_self = true;
    std::vector<std::uint32_t> nodes; ///< hotspot: the hot ones
    double share = 1.0;               ///< hotspot: of packets that go to them
    Loads load;                       ///< flits a node a cycle that sources create (replies come on top)
    std::string injection = "bernoulli";
    double burst_cycles = 16; ///< bursty: mean length of a burst
    double burst_load = 1.0;  ///< bursty: flits a node a cycle within a burst
    PacketLengths packet_flits;
    bool request_reply = false;
    PacketLengths reply_flits;
    double priority_share = 0; ///< of packets of priority 1 among those of 0
    std::uint64_t seed = 1;
    std::uint64_t warmup_cycles = 3'000;
    std::uint64_t measure_cycles = 10'000;
    std::uint64_t watchdog_cycles = 10'000;
};

[[nodiscard]] config::Section<TrafficConfig> traffic_section();

/// What a network means to traffic: how many nodes there are and how they lie.
struct NodeGrid {
    std::uint32_t nodes = 0;
    /// Extents of the node grid, first dimension fastest (node = x + extents[0] * y); {nodes} where there is none.
    std::vector<std::uint32_t> extents;
};

/// Adds a fault for every value that does not go with the network or with another value. `root` tells the places.
void check_traffic(const TrafficConfig& traffic, const NodeGrid& grid, const config::Node& root,
                   config::Context& context);

} // namespace intarsia::noc::standalone

namespace intarsia::config {

/// `8`, or `[{ flits = 1, share = 0.8 }, { flits = 5, share = 0.2 }]`.
template <>
struct Codec<noc::standalone::PacketLengths> {
    static constexpr const char* shape = "{0}, or list of {{flits, share}}";
    static std::optional<noc::standalone::PacketLengths> read(const Node& node, const Field& field, Context& context);
    static std::string toml(const noc::standalone::PacketLengths& value, const Rule& rule, const Context& context);
};

/// `0.3`, or `[0.1, 0.2, 0.3]`.
template <>
struct Codec<noc::standalone::Loads> {
    static constexpr const char* shape = "{0}, or list of {0}s";
    static std::optional<noc::standalone::Loads> read(const Node& node, const Field& field, Context& context);
    static std::string toml(const noc::standalone::Loads& value, const Rule& rule, const Context& context);
};

} // namespace intarsia::config
