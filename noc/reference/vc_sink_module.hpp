// The destination's side of an endpoint of the reference network.
#pragma once

#include "noc/network_plan.hpp"
#include "noc/reference/assembly.hpp"
#include "noc/reference/pins.hpp"

#include <cstdint>
#include <deque>
#include <systemc>
#include <vector>

namespace intarsia::noc::reference {

/// Rule 7 of the specification. A sink that never stalls takes every flit in the cycle in which it receives it. One
/// that stalls has a buffer a virtual channel, takes one flit in each cycle in which it is ready, and sends its slot's
/// credit back in that cycle.
class VcSinkModule : public sc_core::sc_module {
  public:
    CycleIn cycle;
    sc_core::sc_in<Flit> flit_in;
    sc_core::sc_out<CreditPins> credit_out;

    VcSinkModule(const sc_core::sc_module_name& name, const NetworkPlan& plan, const SinkOptions& options,
                 std::uint32_t endpoint);

    /// Packets whose tail was taken in the last cycle.
    [[nodiscard]] const std::vector<DeliveredPacket>& delivered() const { return delivered_; }
    /// Whether a flit was taken in the last cycle.
    [[nodiscard]] bool took() const { return took_; }
    [[nodiscard]] std::uint64_t flits_taken() const { return flits_taken_; }
    void audit() const;

  private:
    void on_cycle();
    void receive_flit();
    void take_front(std::uint32_t vc);
    void take_in_turn();

    SinkOptions options_;
    std::uint32_t endpoint_;
    std::vector<std::deque<Flit>> buffers_; ///< by virtual channel
    Assembly assembly_;
    std::uint32_t pointer_ = 0;
    std::vector<DeliveredPacket> delivered_;
    bool took_ = false;
    std::uint64_t flits_taken_ = 0;
};

} // namespace intarsia::noc::reference
