// The pin-level reference networks: what the fast engines are held to.
#pragma once

#include "noc/network_engine.hpp"

#include <memory>

namespace intarsia::noc::reference {

/// A network of SystemC modules (one a router, a link, a network interface, a sink) joined by pins, of the router model
/// that plan.router.model names. It does what the fast engine of that model does, cycle by cycle, and is written from
/// the specification (docs/models/vc_router.md, docs/models/wormhole.md) to be read, not to be fast. `plan` must
/// outlive it. Each network has a SystemC simulation context of its own, so that a process can have many, and a process
/// that runs a simulation of its own can have one too. Networks with border ports belong to a package and are not for
/// this engine.
std::unique_ptr<NetworkEngine> make_reference_network(const NetworkPlan& plan, const SinkOptions& sink);

} // namespace intarsia::noc::reference
