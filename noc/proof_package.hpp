// A package as one network, for the deadlock proof.
#pragma once

#include "noc/deadlock_proof.hpp"
#include "noc/network_plan.hpp"
#include "noc/package_plan.hpp"

namespace intarsia::noc {

/// The routers of all dies in order, D2D links as links between them, and the package's routing tables. Class 0 are
/// requests; class 1, if there are replies, has the virtual channels of replies, or with reply_vcs = 0 those of
/// requests. Holds what the proof reads, not what an engine needs.
[[nodiscard]] NetworkPlan joined_network(const PackagePlan& plan, bool replies);

/// Requests from cores to all and replies from all to cores; without replies requests from all to all.
[[nodiscard]] ProofOptions package_traffic(const PackagePlan& plan, bool replies);

} // namespace intarsia::noc
