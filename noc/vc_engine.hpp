// The fast virtual-channel engine with its network interfaces and sinks. Private to noc/; others see NetworkEngine.
#pragma once

#include "noc/network_engine.hpp"

#include <string>
#include <vector>

namespace intarsia::noc {

/// `CoreOf<Derived>` is the core that runs the routers: VcCore or PlaneCore of some shape.
template <template <class> class CoreOf>
class VcEngine final : public NetworkEngine, private CoreOf<VcEngine<CoreOf>> {
    using Core = CoreOf<VcEngine<CoreOf>>;
    friend Core;

  public:
    VcEngine(const NetworkPlan& plan, const SinkOptions& sink);

    void offer(const TrafficPacket& packet) override;
    void tick(std::uint64_t cycle) override;
    [[nodiscard]] std::uint64_t next_cycle(std::uint64_t cycle) const override;
    [[nodiscard]] const std::vector<DeliveredPacket>& delivered() const override { return delivered_; }
    void record_hops(std::vector<FlitHop>* hops) override { this->hops_ = hops; }
    [[nodiscard]] std::uint64_t flit_hops() const override;
    [[nodiscard]] std::uint64_t ejected_flits() const override { return ejected_flits_; }
    [[nodiscard]] std::uint64_t in_flight() const override { return in_flight_; }
    [[nodiscard]] std::uint64_t last_progress() const override { return this->last_progress_; }
    [[nodiscard]] OutputCounters counters(std::uint32_t router, std::uint32_t port) const override;
    [[nodiscard]] std::vector<std::string> describe_waits(std::size_t lines) const override;
    void audit() const override;

  private:
    static constexpr bool accounts_packets = false;
    static constexpr std::uint32_t none = UINT32_MAX;

    struct Record {
        TrafficPacket packet;
        std::uint64_t inject_head = 0;
        std::uint64_t inject_tail = 0;
        std::uint64_t eject_head = 0;
        std::uint64_t flit_latency_sum = 0; ///< ejections less injections so far
        std::uint32_t next = none;          ///< in its source queue
        std::uint32_t hops = 0;
    };
    /// One message class of an interface: its queue, and the packet being sent.
    struct Stream {
        std::uint32_t first = none;
        std::uint32_t last = none;
        std::uint32_t flits_left = 0; ///< of the first packet, once it has begun
        std::uint16_t vcs = 0;        ///< of the class
        std::uint8_t vc = 0;
        std::uint8_t next_vc = 0;
    };
    struct Interface {
        std::uint32_t router = 0;
        std::uint32_t first = 0; ///< local number of its port's VC 0
        std::uint32_t delay = 0; ///< sending to arrival
        std::uint16_t place_mask = 0;
        std::uint16_t with_credit = 0;
        std::uint32_t turn = 0; ///< the class that goes first
        std::array<std::uint16_t, 16> credits{};
        std::array<std::uint16_t, 16> place{};
    };
    struct SinkArrival {
        std::uint32_t endpoint = 0;
        std::uint32_t vc = 0;
        Flit flit;
    };
    /// A stalling sink: a ring of flits a VC.
    struct Sink {
        std::uint16_t occupied = 0;
        std::uint32_t pointer = 0;
        std::uint32_t credit_delay = 0;
        std::array<std::uint16_t, 16> head{};
        std::array<std::uint16_t, 16> count{};
    };
    struct Slot {
        std::vector<std::uint32_t> credits; ///< endpoint << 4 | vc
        std::vector<std::uint32_t> tails;   ///< packets whose tail is taken
        std::vector<SinkArrival> sinks;
        std::uint64_t taken = 0; ///< flits
        [[nodiscard]] bool empty() const { return taken == 0 && credits.empty() && sinks.empty(); }
    };

    // Called by the core.
    void eject(std::uint32_t endpoint, std::uint32_t vc, Flit flit, std::uint32_t delay);
    void depart(std::uint32_t, std::uint32_t, Flit) {} // a plan for this engine has no borders
    void freed(PortUse use, std::uint32_t endpoint, std::uint32_t vc, std::uint32_t delay);
    [[nodiscard]] std::uint32_t narrow(std::uint32_t, std::uint32_t, std::uint32_t offered) const { return offered; }
    bool given(std::uint32_t, std::uint32_t, std::uint32_t) { return false; }
    [[nodiscard]] std::uint32_t random_of(Flit flit) const { return records_[flit.packet()].packet.random; }
    [[nodiscard]] std::uint64_t id_of(Flit flit) const { return records_[flit.packet()].packet.id; }
    [[nodiscard]] std::uint32_t priority_of(Flit flit) const { return records_[flit.packet()].packet.priority; }
    [[nodiscard]] bool older(Flit a, Flit b) const;

    [[nodiscard]] Slot& slot_at(std::uint64_t cycle) { return slots_[cycle & slot_mask_]; }
    void build_interfaces();
    void build_sinks();
    [[nodiscard]] bool sendable(const Interface& from, const Stream& stream) const;
    void refresh(std::uint32_t endpoint);
    void send_from(std::uint32_t endpoint);
    void take(Flit flit, std::uint64_t cycle);
    void run_sinks(std::uint64_t cycle);
    void finish(std::uint32_t packet, std::uint64_t cycle);

    SinkOptions sink_options_;
    std::uint32_t classes_ = 1;
    std::vector<Interface> interfaces_;
    std::vector<Stream> streams_; ///< [endpoint * classes + class]
    std::vector<std::uint64_t> busy_interfaces_;
    std::vector<Sink> sinks_;
    std::vector<Flit> sink_rings_;
    std::uint32_t sink_bits_ = 0;
    std::vector<std::uint64_t> busy_sinks_;
    std::vector<Slot> slots_;
    std::uint64_t slot_mask_ = 0;
    std::vector<Record> records_;
    std::vector<std::uint32_t> unused_;
    std::vector<DeliveredPacket> delivered_;
    std::uint64_t in_flight_ = 0;
    std::uint64_t ejected_flits_ = 0;
    std::uint64_t offered_flits_ = 0;
};

} // namespace intarsia::noc

#include "noc/vc_engine_accounts.hpp"
#include "noc/vc_engine_edges.hpp"
