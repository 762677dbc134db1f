// Networks for tests of the wormhole engine, and a way to run packets through them.
#pragma once

#include "noc/network_engine.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace intarsia::tests {

/// Ports of a mesh router, in the order of the BaseJump STL routers.
inline constexpr std::uint32_t port_p = 0;
inline constexpr std::uint32_t port_w = 1;
inline constexpr std::uint32_t port_e = 2;
inline constexpr std::uint32_t port_n = 3;
inline constexpr std::uint32_t port_s = 4;

/// Settings of BaseJump STL's `bsg_mesh_router_buffered` and `bsg_wormhole_router`.
noc::RouterOptions bsg_mesh_options();
noc::RouterOptions bsg_wormhole_options();

/// columns x rows routers, node id = y * columns + x, y grows to the south, x first; every router has five ports, those
/// over the edge lead nowhere. Links of `latency_cycles`; the way to a sink has none.
noc::NetworkPlan mesh_plan(std::uint32_t columns, std::uint32_t rows, const noc::RouterOptions& options,
                           std::uint32_t latency_cycles = 0);

/// A network without cycles: router k > 0 is joined to parent[k] < k. Router k has endpoints[k] endpoints, whose ports
/// come first.
noc::NetworkPlan tree_plan(const std::vector<std::uint32_t>& parent, const std::vector<std::uint32_t>& endpoints,
                           const noc::RouterOptions& options);

/// A one-way ring, router k to k + 1, an endpoint each: it can deadlock.
noc::NetworkPlan ring_plan(std::uint32_t routers, const noc::RouterOptions& options);

struct Run {
    std::vector<noc::DeliveredPacket> packets; ///< by id, which counts from 0
    std::vector<noc::FlitHop> hops;
    std::uint64_t ticks = 0;
};

/// Offers each packet in its cycle (in the order given) and ticks until all have arrived, then audits. Fails after
/// `most_cycles`.
Run run_packets(noc::NetworkEngine& engine, const std::vector<noc::TrafficPacket>& packets,
                std::uint64_t most_cycles = 1'000'000);
Run run_packets(const noc::NetworkPlan& plan, const std::vector<noc::TrafficPacket>& packets,
                const noc::SinkOptions& sink = {});

/// Uniform traffic: in each cycle below `cycles` each endpoint creates a packet of least_flits to most_flits flits with
/// probability load / mean length, to any endpoint, itself included.
std::vector<noc::TrafficPacket> uniform_traffic(std::uint32_t endpoints, double load, std::uint64_t cycles,
                                                std::uint32_t least_flits, std::uint32_t most_flits,
                                                std::uint64_t seed);

/// Whether two runs gave the same cycles for every packet and the same hops.
bool same_cycles(const noc::DeliveredPacket& a, const noc::DeliveredPacket& b);
bool same_hops(const std::vector<noc::FlitHop>& a, const std::vector<noc::FlitHop>& b);
std::size_t different_packets(const Run& a, const Run& b);

} // namespace intarsia::tests
