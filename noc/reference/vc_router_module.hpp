// The pin-level reference of the `vc` router: input-queued, virtual channels, credits, a pipeline.
#pragma once

#include "noc/network_plan.hpp"
#include "noc/reference/matching.hpp"
#include "noc/reference/pins.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <systemc>
#include <vector>

namespace intarsia::noc::reference {

/// One router, written to be read: its one process does in every cycle, in this order, what the rules of the router's
/// specification (docs/models/vc_router.md) say. Nothing here is fast; the fast engine is held to it cycle by cycle.
///
/// In a cycle t the router decides on the state at the start of t, plus flits and credits that are due in t. A flit
/// granted in t crosses the switch in t + switch_alloc_delay (when the freed slot's credit leaves for upstream) and is
/// on the output pins from traversal_delay later on.
class VcRouterModule : public sc_core::sc_module {
  public:
    CycleIn cycle;
    sc_core::sc_vector<sc_core::sc_in<Flit>> flit_in;           ///< by input port
    sc_core::sc_vector<sc_core::sc_out<CreditPins>> credit_out; ///< by input port
    sc_core::sc_vector<sc_core::sc_out<Flit>> flit_out;         ///< by output port
    sc_core::sc_vector<sc_core::sc_in<CreditPins>> credit_in;   ///< by output port

    /// `credits`: slots per virtual channel downstream of each output port; nothing: that output never lacks credit.
    VcRouterModule(const sc_core::sc_module_name& name, const NetworkPlan& plan, std::uint32_t number,
                   const std::vector<std::optional<std::uint32_t>>& credits);

    /// Flits that crossed the switch in the last cycle, in order of output port.
    [[nodiscard]] const std::vector<FlitHop>& hops() const { return hops_; }
    /// Flits that won the switch since the start.
    [[nodiscard]] std::uint64_t flits_switched() const { return flits_switched_; }
    [[nodiscard]] const OutputCounters& counters(std::uint32_t port) const { return outputs_[port].counters; }
    /// Who waits for whom, one line a waiting virtual channel.
    [[nodiscard]] std::vector<std::string> describe_waits() const;
    /// No flit here and all credits home; throws InvariantError.
    void audit() const;

  private:
    /// Cycles for which the flit at the front has been waiting so far. They are charged to an output when the wait has
    /// ended and it is known which.
    struct Waits {
        std::uint64_t no_vc = 0;
        std::uint64_t no_credit = 0;
        std::uint64_t lost_allocation = 0;
    };
    struct InputVc {
        std::deque<Flit> buffer;
        std::uint64_t at_front_since = 0;       ///< of the head that waits at the front
        std::optional<std::uint32_t> output_vc; ///< that the packet at the front owns
        std::uint64_t asks_for_switch_from = 0; ///< valid with output_vc
        Waits waits;
    };
    struct OutputVc {
        bool owned = false;
        std::optional<std::uint32_t> credits; ///< nothing: unlimited
        std::uint32_t most_credits = 0;
        [[nodiscard]] bool has_credit() const { return !credits || *credits > 0; }
        [[nodiscard]] bool buffer_is_empty() const { return !credits || *credits == most_credits; }
    };
    struct OutputPort {
        std::uint64_t free_at = 0; ///< in 1 / interval_denominator cycles
        OutputCounters counters;
    };
    struct CreditUnderWay {
        std::uint64_t due = 0;
        std::uint32_t output_vc = 0;
    };
    struct FlitUnderWay {
        std::uint64_t due = 0;
        std::uint32_t in_port = 0;
        std::uint32_t in_vc = 0;
        std::uint32_t out_port = 0;
        Flit flit;
    };
    /// A head that takes part in VC allocation.
    struct AskingHead {
        std::uint32_t input = 0;
        bool adaptive = false;
        std::vector<RouteOption> options; ///< narrowed to its class
    };

    void on_cycle();
    // Rule 2
    void receive_flits();
    void receive_credits();
    [[nodiscard]] std::vector<AskingHead> asking_heads() const;
    [[nodiscard]] AskingHead route(std::uint32_t input, const TrafficPacket& packet) const;
    // Rule 3
    [[nodiscard]] std::vector<Request> allocate_vcs(const std::vector<AskingHead>& heads) const;
    [[nodiscard]] bool may_have(const AskingHead& head, std::uint32_t output_vc) const;
    void take_output_vcs(const std::vector<Request>& won);
    // Rules 4 and 6
    [[nodiscard]] std::vector<Request> switch_requests();
    [[nodiscard]] std::vector<Request> put_forward(const std::vector<Request>& asking,
                                                   const std::vector<std::uint32_t>& vc_pointer) const;
    [[nodiscard]] bool occupied(std::uint32_t port) const;
    void occupy(std::uint32_t port);
    // Rule 8
    [[nodiscard]] std::vector<Request> speculative_requests(const std::vector<AskingHead>& heads,
                                                            const std::vector<Request>& granted) const;
    [[nodiscard]] bool speculation_holds(const Request& grant, const std::vector<Request>& won) const;
    // Rule 5
    void send(const Request& granted);
    void free_after_tail(InputVc& input, std::uint32_t output_vc);
    void drive_pins();
    // Counters
    void count_waiting_heads(const std::vector<AskingHead>& heads, const std::vector<Request>& won);
    void count_lost(const std::vector<Request>& asking, const std::vector<Request>& granted);
    void charge_waits(InputVc& input, std::uint32_t out_port);

    [[nodiscard]] std::uint32_t input_number(std::uint32_t port, std::uint32_t vc) const {
        return port << vc_bits_ | vc;
    }
    [[nodiscard]] std::uint32_t port_of(std::uint32_t local) const { return local >> vc_bits_; }
    [[nodiscard]] std::uint32_t vc_of(std::uint32_t local) const { return local & ((1U << vc_bits_) - 1); }
    [[nodiscard]] std::string name_of(std::uint32_t local) const;

    const NetworkPlan* plan_;
    const VcRouterOptions options_;
    ArbiterRule arbiter_;
    std::uint32_t number_;
    std::uint32_t ports_;
    std::uint32_t vc_bits_;
    std::uint64_t now_ = 0;
    std::vector<InputVc> inputs_;      ///< by local input number: port << vc_bits | vc
    std::vector<OutputVc> output_vcs_; ///< by port << vc_bits | vc
    std::vector<OutputPort> outputs_;
    Allocation vc_allocation_;
    Allocation switch_allocation_;
    Allocation speculative_allocation_;
    std::vector<std::uint32_t> vc_pointer_;             ///< by input port
    std::vector<std::uint32_t> speculative_vc_pointer_; ///< by input port
    std::deque<CreditUnderWay> credits_under_way_;
    std::deque<FlitUnderWay> before_switch_; ///< granted, crossing the switch when due
    std::deque<FlitUnderWay> after_switch_;  ///< on the output pins when due
    std::vector<FlitHop> hops_;
    std::uint64_t flits_switched_ = 0;
};

} // namespace intarsia::noc::reference
