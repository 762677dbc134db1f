// A network and how to make engines of it: what every stand-alone run starts from.
#pragma once

#include "noc/network_engine.hpp"
#include "noc/standalone/traffic_config.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>

namespace intarsia::noc::standalone {

/// Makes an engine; called from several threads at once.
using EngineFactory = std::function<std::unique_ptr<NetworkEngine>(const NetworkPlan&, const SinkOptions&)>;

struct NetworkSetup {
    NetworkPlan plan;
    SinkOptions sink;
    NodeGrid grid;
    TrafficConfig traffic;
    EngineFactory make = make_engine;
};

/// The longest time for which a flit or a credit can be on its way from one router's work to the next's: all delays of
/// the routers, and the slowest channel.
[[nodiscard]] inline std::uint64_t longest_transit_cycles(const NetworkPlan& plan) {
    std::uint64_t channel = 0;
    for (const NetworkRouter& router : plan.routers) {
        for (const NetworkPort& port : router.ports) {
            channel = std::max<std::uint64_t>(channel, std::uint64_t{port.latency_cycles} +
                                                           port.interval_numerator / port.interval_denominator + 1);
        }
    }
    const VcRouterOptions& vc = plan.router.vc;
    const std::uint64_t delays = std::uint64_t{vc.route_delay} + vc.vc_alloc_delay + vc.switch_alloc_delay +
                                 vc.traversal_delay + vc.credit_delay_cycles + plan.router.wormhole.credit_delay_cycles;
    return channel + delays;
}

/// Cycles without movement after which the network is stuck. Sinks that take nothing for long and flits on long links
/// are no deadlock.
[[nodiscard]] inline std::uint64_t watchdog_cycles(const NetworkSetup& setup) {
    const std::uint64_t sinks = setup.sink.stall > 0 ? setup.sink.period : 0;
    return std::max(setup.traffic.watchdog_cycles, 2 * (sinks + longest_transit_cycles(setup.plan)));
}

} // namespace intarsia::noc::standalone
