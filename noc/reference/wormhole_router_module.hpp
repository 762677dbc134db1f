// The pin-level reference of the `wormhole` router: route, arbitration, crossbar and handshake in one cycle.
#pragma once

#include "noc/network_plan.hpp"
#include "noc/reference/pins.hpp"
#include "noc/reference/wormhole_arbiter.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <systemc>
#include <vector>

namespace intarsia::noc::reference {

/// One router, written to be read, after docs/models/wormhole.md. Its pins are functions of its registers (and, for the
/// credit pins, of the `ready` pins behind): `drive` gives them at the start of a cycle. `capture` is the clock edge
/// that ends the cycle and writes the registers.
class WormholeRouterModule : public sc_core::sc_module {
  public:
    CycleIn cycle;
    sc_core::sc_in<bool> edge;
    sc_core::sc_vector<sc_core::sc_in<Flit>> flit_in;     ///< by input port
    sc_core::sc_vector<sc_core::sc_out<bool>> ready_out;  ///< by input port
    sc_core::sc_vector<sc_core::sc_out<bool>> credit_out; ///< by input port
    sc_core::sc_vector<sc_core::sc_out<Flit>> flit_out;   ///< by output port
    sc_core::sc_vector<sc_core::sc_in<bool>> ready_in;    ///< by output port
    sc_core::sc_vector<sc_core::sc_in<bool>> credit_in;   ///< by output port

    WormholeRouterModule(const sc_core::sc_module_name& name, const NetworkPlan& plan, std::uint32_t number);

    /// Flits that left the router in the last cycle, in order of output port.
    [[nodiscard]] const std::vector<FlitHop>& hops() const { return hops_; }
    /// Whether a flit went from an input to an output in the last cycle.
    [[nodiscard]] bool moved() const { return moved_; }
    [[nodiscard]] std::uint64_t flits_sent() const { return flits_sent_; }
    [[nodiscard]] const OutputCounters& counters(std::uint32_t port) const { return outputs_[port].counters; }
    [[nodiscard]] std::vector<std::string> describe_waits() const;
    void audit() const;

  private:
    struct Output {
        bool by_credit = false;                ///< flow control of its channel; otherwise ready/valid
        std::uint32_t credits = 0;             ///< by_credit
        std::uint32_t most_credits = 0;        ///< by_credit
        std::deque<std::uint64_t> credits_due; ///< cycles from which credits count that have come back
        std::deque<Flit> fifo;                 ///< where the router has output FIFOs
        std::uint64_t free_at = 0;             ///< of the channel, in 1 / interval_denominator cycles
        std::optional<std::uint32_t> locked_to;
        std::optional<std::uint32_t> held_by;
        OutputCounters counters;
    };

    void drive();
    void capture();

    // What a cycle does, from the registers
    [[nodiscard]] std::optional<std::uint32_t> wanted(std::uint32_t input) const;
    [[nodiscard]] std::vector<std::uint32_t> candidates(std::uint32_t output) const;
    [[nodiscard]] std::optional<std::uint32_t> chosen(std::uint32_t output) const;
    [[nodiscard]] Flit offered(std::uint32_t output) const;
    [[nodiscard]] bool channel_free(std::uint32_t output) const;
    [[nodiscard]] bool accepts(std::uint32_t input) const;
    [[nodiscard]] bool fed_by_credit(std::uint32_t input) const;
    // and from the pins behind
    [[nodiscard]] bool channel_takes(std::uint32_t output) const;
    [[nodiscard]] bool crosses(std::uint32_t output) const;

    // The edge
    struct Decision {
        std::optional<std::uint32_t> chosen;
        bool crosses = false; ///< the chosen flit leaves its input
        bool leaves = false;  ///< a flit enters the channel
        Flit flit;            ///< that one
    };
    [[nodiscard]] std::vector<Decision> decisions() const;
    void count_stalls(const std::vector<Decision>& decided);
    void enter_channel(std::uint32_t output, const Flit& flit);
    void cross(std::uint32_t output, std::uint32_t input);
    void receive_credits(std::uint32_t output);

    [[nodiscard]] bool has_output_fifos() const { return options_.output_fifo_flits > 0; }

    const NetworkPlan* plan_;
    WormholeRouterOptions options_;
    std::uint32_t number_;
    std::uint32_t ports_;
    std::uint64_t now_ = 0;
    std::vector<std::deque<Flit>> inputs_;
    std::vector<Output> outputs_;
    std::vector<WormholeArbiterState> arbiters_; ///< by output
    std::vector<FlitHop> hops_;
    bool moved_ = false;
    std::uint64_t flits_sent_ = 0;
};

} // namespace intarsia::noc::reference
