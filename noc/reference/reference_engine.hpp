// What the two reference networks have in common: the clock, and the books that every network engine keeps.
#pragma once

#include "noc/network_engine.hpp"
#include "noc/reference/kernel_context.hpp"
#include "noc/reference/pins.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

namespace intarsia::noc::reference {

/// The clock of a reference network. In each cycle first `cycle` gets the cycle's number, whereupon modules give their
/// pins what they have for this cycle; when all pins have settled comes the rising edge of `edge` that ends the cycle,
/// at which registered handshakes are sampled.
struct ReferenceClock {
    sc_core::sc_signal<std::uint64_t> cycle{"cycle", UINT64_MAX};
    sc_core::sc_signal<bool> edge{"edge", false};
};

/// A network of modules in a simulation context of its own, driven cycle by cycle. A class of networks builds its
/// modules in `context()` and takes them down there.
class ReferenceEngine : public NetworkEngine {
  public:
    /// `settle_cycles`: after the last movement of a flit and with no packet under way, nothing is left after as many
    /// cycles.
    ReferenceEngine(const NetworkPlan& plan, std::uint64_t settle_cycles);
    ~ReferenceEngine() override;

    void offer(const TrafficPacket& packet) final;
    void tick(std::uint64_t cycle) final;
    [[nodiscard]] std::uint64_t next_cycle(std::uint64_t cycle) const final;
    [[nodiscard]] const std::vector<DeliveredPacket>& delivered() const final { return delivered_; }
    void record_hops(std::vector<FlitHop>* hops) final { hops_ = hops; }
    [[nodiscard]] std::uint64_t in_flight() const final { return offered_ - arrived_; }
    [[nodiscard]] std::uint64_t last_progress() const final { return last_progress_; }

  protected:
    [[nodiscard]] KernelContext& context() { return context_; }
    [[nodiscard]] ReferenceClock& clock() { return *clock_; }
    [[nodiscard]] const NetworkPlan& plan() const { return *plan_; }

    virtual void queue_packet(const TrafficPacket& packet) = 0;
    /// After a cycle: packets whose tail was taken in it.
    virtual void collect_delivered(std::vector<DeliveredPacket>& delivered) const = 0;
    /// After a cycle: flits that left a router in it, in order of router and port.
    virtual void collect_hops(std::vector<FlitHop>& hops) const = 0;
    /// Whether a flit moved in the last cycle.
    [[nodiscard]] virtual bool moved() const = 0;

  private:
    void run_cycle(std::uint64_t cycle);
    [[nodiscard]] bool settled(std::uint64_t cycle) const;

    const NetworkPlan* plan_;
    std::uint64_t settle_cycles_;
    KernelContext context_;
    std::unique_ptr<ReferenceClock> clock_;
    std::vector<DeliveredPacket> delivered_;
    std::vector<FlitHop>* hops_ = nullptr;
    std::vector<TrafficPacket> offered_now_; ///< for the cycle that the next tick simulates
    std::uint64_t next_cycle_ = 0;           ///< that has not been run
    std::uint64_t offered_ = 0;
    std::uint64_t queued_ = 0;
    std::uint64_t arrived_ = 0;
    std::uint64_t last_progress_ = 0;
};

} // namespace intarsia::noc::reference
