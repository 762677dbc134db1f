// The second look at adaptive networks, destination by destination.
#pragma once

#include "noc/proof_walk.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace intarsia::noc {

/// Looks for a cycle of the extended dependency graph among the channels of components that the graph without
/// destinations leaves in doubt (`doubtful`, a flag a channel). Packets of one destination may pass through any number
/// of adaptive channels before they wait for an escape, so the graph has a vertex for each channel, for packets of any
/// destination that hold it, and one for each adaptive channel and destination on the way of one packet. Returns the
/// channels of a shortest cycle; empty: there is none. Walks all classes anew. Memory: 12 bytes for each doubtful
/// channel, destination and class; of more than 2^27 (an adaptive mesh of more than 60 x 60 routers) it gives no
/// answer.
[[nodiscard]] std::optional<std::vector<std::uint32_t>> find_escape_cycle(const NetworkPlan& plan, ProofWalk& walk,
                                                                          const std::vector<std::uint8_t>& doubtful);

} // namespace intarsia::noc
