// Source and sink of an endpoint of the reference network of wormhole routers.
#pragma once

#include "noc/reference/assembly.hpp"
#include "noc/reference/pins.hpp"

#include <cstdint>
#include <deque>
#include <systemc>
#include <vector>

namespace intarsia::noc::reference {

/// An unbounded queue, all message classes in one, wired to the input FIFO of its router's port.
class WormholeSourceModule : public sc_core::sc_module {
  public:
    CycleIn cycle;
    sc_core::sc_in<bool> edge;
    sc_core::sc_out<Flit> flit_out;
    sc_core::sc_in<bool> ready_in;

    explicit WormholeSourceModule(const sc_core::sc_module_name& name);

    /// Before the cycle from which on the packet is there.
    void offer(const TrafficPacket& packet) { queue_.push_back(packet); }
    [[nodiscard]] bool sent() const { return sent_; }
    void audit() const;

  private:
    void drive();
    void capture();

    std::deque<TrafficPacket> queue_;
    std::uint32_t next_flit_ = 0; ///< of the first packet
    bool sent_ = false;
};

/// Takes a flit in every cycle in which its rule says that it is ready.
class WormholeSinkModule : public sc_core::sc_module {
  public:
    CycleIn cycle;
    sc_core::sc_in<bool> edge;
    sc_core::sc_in<Flit> flit_in;
    sc_core::sc_out<bool> ready_out;

    WormholeSinkModule(const sc_core::sc_module_name& name, const SinkOptions& options, std::uint32_t endpoint);

    [[nodiscard]] const std::vector<DeliveredPacket>& delivered() const { return delivered_; }
    [[nodiscard]] bool took() const { return took_; }
    [[nodiscard]] std::uint64_t flits_taken() const { return flits_taken_; }
    void audit() const;

  private:
    void drive();
    void capture();
    [[nodiscard]] bool ready() const;

    SinkOptions options_;
    std::uint32_t endpoint_;
    Assembly assembly_;
    std::vector<DeliveredPacket> delivered_;
    bool took_ = false;
    std::uint64_t flits_taken_ = 0;
};

} // namespace intarsia::noc::reference
