// Latency in an empty network, taken from the engine itself.
#pragma once

#include "noc/standalone/network_setup.hpp"

#include <cstdint>
#include <vector>

namespace intarsia::noc::standalone {

/// A packet by itself, and how much it counts.
struct LonePacket {
    TrafficPacket packet;
    double weight = 1;
};

/// At most about this many packets stand for all.
inline constexpr std::size_t most_lone_packets = 8'192;

/// Packets of the configured traffic with the chance of each as its weight (replies as often as requests): all pairs
/// and lengths if they are no more than most_lone_packets, else that many drawn at random.
[[nodiscard]] std::vector<LonePacket> lone_packets(const NetworkSetup& setup);

/// The weighted mean of latencies from creation to the tail's arrival when each packet has the network to itself and
/// sinks are always ready. Sends one packet after the other through an engine of its own, so that it holds for any
/// topology, routing and router.
[[nodiscard]] double zero_load_latency(const NetworkSetup& setup, const std::vector<LonePacket>& packets);

} // namespace intarsia::noc::standalone
