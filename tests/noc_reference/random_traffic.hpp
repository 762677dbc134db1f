// Random packets for a network.
#pragma once

#include "dice.hpp"
#include "noc/network_engine.hpp"

#include <vector>

namespace intarsia::tests {

/// Uniform, hot-spot and fixed-partner traffic at any load, of one length or of many, in one stretch or with an idle
/// time between two; in order of creation, ids in random order.
std::vector<noc::TrafficPacket> random_traffic(Dice& dice, const noc::NetworkPlan& plan);

} // namespace intarsia::tests
