// Drives an engine with a list of packets and notes all that comes out.
#pragma once

#include "noc/network_engine.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace intarsia::tests {

struct DriveResult {
    std::map<std::uint64_t, noc::DeliveredPacket> delivered; ///< by id
    std::vector<noc::FlitHop> hops;
    std::uint64_t end = 0; ///< last cycle that was simulated
    bool drained = false;
};

struct DriveOptions {
    std::uint64_t limit = 10'000; ///< cycles; a network that has not drained by then is left as it is
    bool exactly = false;         ///< goes to the limit even if the network has drained before
    bool skip_idle = false;       ///< ticks only cycles that next_cycle() names or in which a packet is offered
};

/// `packets` in order of creation. Without `exactly` it goes on until all has drained and all credits are home.
DriveResult drive(noc::NetworkEngine& engine, const std::vector<noc::TrafficPacket>& packets,
                  const DriveOptions& options);

} // namespace intarsia::tests
