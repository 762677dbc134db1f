// What drives a network alone: the face that the engines (fast and pin-level reference, vc and wormhole) share.
#pragma once

#include "noc/network_plan.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace intarsia::noc {

/// A packet as traffic creates it.
struct TrafficPacket {
    std::uint64_t id = 0;
    std::uint64_t created = 0; ///< cycle
    std::uint32_t flits = 1;
    EndpointId source = 0;
    EndpointId destination = 0;
    std::uint8_t message_class = 0;
    std::uint8_t priority = 0; ///< higher goes first where the router has priorities
    std::uint8_t random = 0;   ///< decides ties of its route
};

/// A packet that has arrived, tail and all. For `vc` a flit is injected in the cycle in which it leaves the source
/// queue and ejected in the cycle in which its destination takes it; for `wormhole` these are the handshake cycles of
/// the local ports.
struct DeliveredPacket {
    TrafficPacket packet;
    std::uint32_t hops = 0; ///< routers crossed
    std::uint64_t inject_head = 0;
    std::uint64_t inject_tail = 0;
    std::uint64_t eject_head = 0;
    std::uint64_t eject_tail = 0;
    std::uint64_t flit_latency_sum = 0; ///< over its flits, each from its own injection to its ejection
};

/// A flit that leaves a router in `cycle` (the switch grant's crossbar cycle for `vc`, the handshake for `wormhole`).
struct FlitHop {
    std::uint64_t cycle = 0;
    std::uint32_t router = 0;
    std::uint32_t port = 0;
    std::uint64_t packet = 0; ///< id
    std::uint32_t flit = 0;   ///< index in its packet
};

/// What an output counts. Stalls are flit-cycles at the front of an input buffer that could not leave towards this
/// output, by cause.
struct OutputCounters {
    std::vector<std::uint64_t> flits; ///< by message class
    std::uint64_t no_vc = 0;     ///< a head without an output virtual channel (wormhole: output held by another packet)
    std::uint64_t no_credit = 0; ///< next buffer full
    std::uint64_t lost_allocation = 0; ///< another input won the switch
};

/// A network with its sources and sinks. Each endpoint has an unbounded source queue; packets enter it in the order of
/// `offer`, leave it in order within their message class, one flit a cycle an endpoint.
class NetworkEngine {
  public:
    virtual ~NetworkEngine() = default;
    NetworkEngine() = default;
    NetworkEngine(const NetworkEngine&) = delete;
    NetworkEngine& operator=(const NetworkEngine&) = delete;

    /// A packet joins its source's queue; packet.created is the cycle that the next tick simulates.
    virtual void offer(const TrafficPacket& packet) = 0;
    /// Simulates `cycle`; cycles rise, and none in which something can happen is left out.
    virtual void tick(std::uint64_t cycle) = 0;
    /// The next cycle after `cycle` in which something can happen of itself; UINT64_MAX: only a new packet can tell.
    [[nodiscard]] virtual std::uint64_t next_cycle(std::uint64_t cycle) const = 0;
    /// Packets whose tail was taken in the last tick; valid until the next.
    [[nodiscard]] virtual const std::vector<DeliveredPacket>& delivered() const = 0;
    /// Sends every flit movement from now on to `hops` (appended in order of cycle, router, port); null: to nobody.
    virtual void record_hops(std::vector<FlitHop>* hops) = 0;

    [[nodiscard]] virtual std::uint64_t flit_hops() const = 0;
    [[nodiscard]] virtual std::uint64_t ejected_flits() const = 0;
    [[nodiscard]] virtual std::uint64_t in_flight() const = 0;     ///< packets offered and not delivered
    [[nodiscard]] virtual std::uint64_t last_progress() const = 0; ///< last cycle in which a flit moved
    [[nodiscard]] virtual OutputCounters counters(std::uint32_t router, std::uint32_t port) const = 0;
    /// Who waits for whom, at most `lines` lines, for the watchdog.
    [[nodiscard]] virtual std::vector<std::string> describe_waits(std::size_t lines) const = 0;
    /// When all has drained: no flit left, all credits home, as much out as in; throws InvariantError.
    virtual void audit() const = 0;
};

/// The fast engines. `plan` must outlive the engine.
std::unique_ptr<NetworkEngine> make_vc_engine(const NetworkPlan& plan, const SinkOptions& sink);
std::unique_ptr<NetworkEngine> make_wormhole_engine(const NetworkPlan& plan, const SinkOptions& sink);
/// The one that plan.router.model names.
std::unique_ptr<NetworkEngine> make_engine(const NetworkPlan& plan, const SinkOptions& sink);

} // namespace intarsia::noc
