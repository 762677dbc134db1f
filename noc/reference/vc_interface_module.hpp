// The network interface of the reference network: source queues, and the choice of a virtual channel.
#pragma once

#include "noc/network_plan.hpp"
#include "noc/reference/pins.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <systemc>
#include <vector>

namespace intarsia::noc::reference {

/// Rule 1 of the specification: an unbounded first-in first-out queue a message class, at most one flit a cycle. A flit
/// that is sent in cycle t is on the pins in t + 1.
class VcInterfaceModule : public sc_core::sc_module {
  public:
    CycleIn cycle;
    sc_core::sc_out<Flit> flit_out;
    sc_core::sc_in<CreditPins> credit_in;

    VcInterfaceModule(const sc_core::sc_module_name& name, const NetworkPlan& plan, std::uint32_t endpoint);

    void offer(const TrafficPacket& packet);
    /// Whether a flit was sent in the last cycle.
    [[nodiscard]] bool sent() const { return sent_.valid; }
    [[nodiscard]] std::uint64_t flits_sent() const { return flits_sent_; }
    void audit() const;

  private:
    struct Source {
        std::deque<TrafficPacket> queue;
        std::optional<std::uint32_t> vc; ///< of the packet that has begun
        std::uint32_t next_flit = 0;     ///< of that packet
        std::uint32_t next_vc = 0;       ///< where the search for the next packet's begins
    };

    void on_cycle();
    void receive_credits();
    [[nodiscard]] std::optional<std::uint32_t> sendable_class() const;
    [[nodiscard]] bool can_send(std::uint32_t message_class) const;
    [[nodiscard]] std::optional<std::uint32_t> free_vc(std::uint32_t message_class) const;
    [[nodiscard]] Flit send(std::uint32_t message_class);

    const NetworkPlan* plan_;
    std::vector<Source> sources_; ///< by message class
    std::vector<std::uint32_t> credits_;
    std::uint32_t most_credits_;
    std::uint32_t turn_ = 0;
    Flit sent_;
    std::uint64_t flits_sent_ = 0;
};

} // namespace intarsia::noc::reference
