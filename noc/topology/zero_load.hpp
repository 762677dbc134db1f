// What a packet needs in a network where it meets no other.
#pragma once

#include "noc/network_plan.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace intarsia::noc {

/// The way of a packet through an idle network.
struct ZeroLoadPath {
    std::uint64_t cycles =
        0; ///< creation to the cycle in which the tail is taken; for `wormhole` from handshake to handshake
    std::vector<std::uint32_t> routers; ///< crossed, in order
};

/// Follows the tables. A random list gives options[(random >> random_bit) & 1], an adaptive one its first option; the
/// packet then goes on on the lowest virtual channel that its class may use.
///
/// `vc`: with R routers, delays of route (rd), VC allocation (va), switch allocation (sa) and traversal (st),
///     (1 + L_injection) + sum over the R routers of (rd + va + sa + st + L_out) + (P - 1),
/// which for the defaults is 2 + 4 R + sum over links of (L - 1) + (P - 1), as BookSim 2 has it. A channel that takes a
/// flit every n/d cycles makes (P - 1) into ceil((P - 1) n / d), with the slowest channel of the way. Credits are taken
/// to suffice. `wormhole` (docs/models/wormhole.md): R + sum of L_out (2 R with output FIFOs) + (P - 1), in which
/// buffers of one flit count as a channel of 2 cycles a flit.
[[nodiscard]] ZeroLoadPath zero_load_path(const NetworkPlan& plan, EndpointId source, EndpointId destination,
                                          std::uint32_t flits, std::uint8_t message_class = 0, std::uint8_t random = 0);

[[nodiscard]] inline std::uint64_t zero_load_cycles(const NetworkPlan& plan, EndpointId source, EndpointId destination,
                                                    std::uint32_t flits) {
    return zero_load_path(plan, source, destination, flits).cycles;
}

struct EndpointPair {
    EndpointId source = 0;
    EndpointId destination = 0;
};

struct ZeroLoadMeans {
    double hops = 0; ///< routers crossed
    double cycles = 0;
};
/// Means over the pairs (each counts once as often as it is given); 0 without pairs.
[[nodiscard]] ZeroLoadMeans zero_load_means(const NetworkPlan& plan, std::span<const EndpointPair> pairs,
                                            std::uint32_t flits);

} // namespace intarsia::noc
