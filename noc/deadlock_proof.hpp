// The proof, before a run, that the network of a package cannot deadlock.
#pragma once

#include "noc/package_plan.hpp"

namespace intarsia::noc {

/// Builds the channel dependency graph of the package and refuses it if it has a cycle (Dally and Seitz,
/// "Deadlock-free message routing in multiprocessor interconnection networks", 1987).
///
/// A channel is a router output (to a neighbour, an interface or over a D2D link to the next die) or an
/// interface's way into its router, with one message class's set of virtual channels: heads may take any VC
/// of the set, so the set is one resource. Channel a depends on b when the routing tables that the engine
/// executes send some packet from a to b: requests from every core to every endpoint, replies from every
/// endpoint to every core. At an endpoint the taking of requests depends on the sending of replies; nothing
/// depends on the taking of replies, which finds its space reserved. With reply_vcs = 0 replies would have to
/// share the requests' virtual channels, and are treated so.
///
/// `replies` = false: traffic of requests alone, from every endpoint, nobody answers.
///
/// Throws InputError, with the cycle by the channels' names and a remedy. Memory: one bit mask a channel.
void prove_deadlock_freedom(const PackagePlan& plan, bool replies = true);

} // namespace intarsia::noc
