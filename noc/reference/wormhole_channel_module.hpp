// What stands between two wormhole routers whose link is longer than wires.
#pragma once

#include "noc/reference/pins.hpp"

#include <cstdint>
#include <deque>
#include <systemc>

namespace intarsia::noc::reference {

/// One cycle of a ready/valid link: a buffer of two flits with registered handshakes.
class RelayStationModule : public sc_core::sc_module {
  public:
    CycleIn cycle;
    sc_core::sc_in<bool> edge;
    sc_core::sc_in<Flit> flit_in;
    sc_core::sc_out<bool> ready_out;
    sc_core::sc_out<Flit> flit_out;
    sc_core::sc_in<bool> ready_in;

    explicit RelayStationModule(const sc_core::sc_module_name& name);

    [[nodiscard]] bool empty() const { return buffer_.empty(); }

  private:
    void drive();
    void capture();
    [[nodiscard]] bool accepts() const;

    std::deque<Flit> buffer_;
};

/// A link with credits: registers for flits in one direction and for credits in the other, one a cycle of latency.
class CreditLinkModule : public sc_core::sc_module {
  public:
    CycleIn cycle;
    sc_core::sc_in<bool> edge;
    sc_core::sc_in<Flit> flit_in;
    sc_core::sc_out<bool> credit_out;
    sc_core::sc_out<Flit> flit_out;
    sc_core::sc_in<bool> credit_in;

    /// `latency`: at least 1 cycle.
    CreditLinkModule(const sc_core::sc_module_name& name, std::uint32_t latency);

  private:
    void drive();
    void capture();

    std::deque<Flit> flits_;
    std::deque<bool> credits_;
};

} // namespace intarsia::noc::reference
