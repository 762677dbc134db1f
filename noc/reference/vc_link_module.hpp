// A link of the reference network whose latency is more than one cycle.
#pragma once

#include "noc/reference/pins.hpp"

#include <cstdint>
#include <deque>
#include <systemc>

namespace intarsia::noc::reference {

/// A delay line in both directions: what is put on its pins in cycle t is read at the other end in t + latency. The
/// pins themselves are one cycle (read in the cycle after they were given), so a link of latency 1 needs no module; the
/// first and the last pins of this one are two.
class VcLinkModule : public sc_core::sc_module {
  public:
    CycleIn cycle;
    sc_core::sc_in<Flit> flit_in;
    sc_core::sc_out<Flit> flit_out;
    sc_core::sc_in<CreditPins> credit_in;
    sc_core::sc_out<CreditPins> credit_out;

    /// `latency`: at least 2 cycles.
    VcLinkModule(const sc_core::sc_module_name& name, std::uint32_t latency);

  private:
    void on_cycle();

    std::deque<Flit> flits_;
    std::deque<CreditPins> credits_;
};

} // namespace intarsia::noc::reference
