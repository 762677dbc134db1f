// Two engines, the same packets: the first difference.
#pragma once

#include "random_network.hpp"

#include <optional>
#include <string>

namespace intarsia::tests {

struct Comparison {
    std::optional<std::string> difference; ///< the case and where the engines first part
    std::uint64_t flit_hops = 0;
    bool drained = false;
};

/// Runs the case on the pin-level reference and on the fast engine of its router model; compares every field of every
/// delivered packet, every flit's hops and their order, the flits that
/// every output counted and, where the network has drained, its stalls.
Comparison compare_engines(const RandomCase& random_case);

} // namespace intarsia::tests
