// Random networks and traffic for the comparison of engines.
#pragma once

#include "noc/network_engine.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace intarsia::tests {

struct RandomCase {
    std::uint64_t seed = 0;
    noc::NetworkPlan plan;
    noc::SinkOptions sink;
    std::vector<noc::TrafficPacket> packets; ///< in order of creation
    std::uint64_t limit = 0;                 ///< cycles after which the run ends, drained or not
    bool skip_idle = false;                  ///< the fast engine is ticked only when it asks for it
};

/// Meshes, tori, rings (also one-way), irregular graphs, stars and full graphs; deterministic, random and adaptive
/// tables that may depend on the input; 1 to 16 virtual channels; 1 to 3 message classes; every delay and policy of the
/// router; links of any latency and interval; sinks that stall. Not all of them are free of deadlock: engines must
/// agree then, too.
RandomCase random_vc_case(std::uint64_t seed);
RandomCase random_wormhole_case(std::uint64_t seed);
/// 32 to 80 routers of few ports with equal buffers and plain allocators: the fast engine runs these another way, 64
/// routers in a machine word.
RandomCase large_vc_case(std::uint64_t seed);

/// The same router settings and traffic on the topologies and routings that a configuration names: mesh (o1turn,
/// adaptive, up*/down*), torus and ring with datelines, cmesh, flattened butterfly, crossbar, full graph, tree, dies in
/// a grid.
RandomCase named_vc_case(std::uint64_t seed);
RandomCase named_wormhole_case(std::uint64_t seed);

/// All that one needs to see what a case is.
std::string describe(const RandomCase& random_case);

} // namespace intarsia::tests
