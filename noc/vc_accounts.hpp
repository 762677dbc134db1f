// What the virtual-channel engines say alike: who waits, and what is missing after a run.
#pragma once

#include "noc/network_engine.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace intarsia::noc {

/// A flit at the front of an input VC that does not move.
struct Waiting {
    std::uint32_t router = 0;
    std::uint32_t in_port = 0;
    std::uint32_t vc = 0;
    int output = -1;                    ///< local number of the output VC that its packet owns, or -1
    RouteEntry entry;                   ///< where it goes
    std::vector<std::uint32_t> holders; ///< of the virtual channels there: local numbers of input VCs
    bool refused = false;               ///< a channel is free, but the destination takes no further packet
};

/// Who waits for what, in a line.
std::string wait_line(const NetworkPlan& plan, const Waiting& waiting, const std::string& packet);

/// Throws InvariantError unless an input buffer is empty, its output VC free and `credits` of `home` credits are there.
void audit_channel(const NetworkPlan& plan, std::uint32_t router, std::uint32_t port, std::uint32_t vc, bool empty,
                   bool free, std::uint32_t credits, std::uint32_t home);

} // namespace intarsia::noc
