// The engine of one die's network: all its virtual-channel wormhole routers and network interfaces.
#pragma once

#include "config/clock.hpp"
#include "noc/fabric_state.hpp"

#include <string>
#include <vector>

namespace intarsia::noc {

/// All routers of a die over flat arrays and bit masks; work is done only where something can move.
///
/// The router is an input-queued wormhole router with credits, private VC buffers and look-ahead routing, as
/// in BookSim 2 (`iq_router`, routing_delay 0, non-speculative, one iSLIP iteration for VC and for switch
/// allocation). A flit received in cycle u: VC allocation in u (heads only), switch allocation in u + 1,
/// crossbar in u + 2, received by the next router in u + 3 + L with a link latency of L cycles. A buffer slot
/// that a grant in cycle g frees is usable again for the sender's switch allocation in g + 1 + L +
/// credit_delay. An output VC is free again in the cycle after its tail won the switch. A packet handed to an
/// idle interface in cycle t is received by the first router in t + 2 and, of P flits, taken by its
/// destination in t + 2 + 4 R + (R - 1)(L - 1) + (P - 1) after R routers. Heads ask for every free VC of
/// their message class at their output, with or without credits.
///
/// Network interfaces: one flit a cycle enters, round robin between the classes; a class sends one packet at
/// a time, on the next of its VCs with credit. One flit a cycle leaves; cores always take it, and interfaces
/// with packet credits let a request's head take an ejection VC only against such a credit.
///
/// Use: for each cycle in which there is work (next_cycle), first hand over what arrives in it, then tick,
/// then read the outputs, which stay valid until the next call of any of the inputs.
class FabricCore {
  public:
    /// `plan` must outlive the core. `clock` is the network's; it turns cycles into the times of the
    /// journeys.
    FabricCore(const PackagePlan& plan, std::uint32_t die, Clock clock);

    // --- Inputs of cycle `cycle`, before tick(cycle) ---

    /// A packet enters the queue of its source's interface, which must have space (queue_space).
    void inject(const Packet& packet, std::uint64_t cycle);
    [[nodiscard]] std::uint32_t queue_space(EndpointId endpoint, MessageClass message_class) const;
    /// An endpoint that takes requests against credits can take one more.
    void return_request_credit(EndpointId endpoint, std::uint64_t cycle);
    /// A flit comes in over a D2D link, at most one a cycle and link port.
    void receive_flit(std::uint32_t link_port, const LinkFlit& flit, std::uint64_t cycle);
    /// A slot of a link's transmit buffer is free again; usable after the credit delay.
    void return_link_credit(std::uint32_t link_port, std::uint8_t vc, std::uint64_t cycle);

    void tick(std::uint64_t cycle);

    // --- Outputs of the last tick ---

    /// Slots of packets whose tail reached its endpoint in this cycle; the journey ends now.
    [[nodiscard]] const std::vector<std::uint32_t>& ejected() const { return ejected_; }
    /// Flits put on D2D links in this cycle (crossbar traversal); for a head, packet(slot)'s journey ends
    /// now.
    [[nodiscard]] const std::vector<LinkDeparture>& departures() const { return departures_; }
    /// Interface queue slots whose packet's tail has left the queue.
    [[nodiscard]] const std::vector<QueueCredit>& queue_credits() const { return queue_credits_; }
    /// Receive buffer slots freed.
    [[nodiscard]] const std::vector<LinkCredit>& link_credits() const { return link_credits_; }
    [[nodiscard]] const Packet& packet(std::uint32_t slot) const { return packets_[slot]; }
    /// What a tail that leaves for a further link brings along (LinkFlit::credit_lag).
    [[nodiscard]] Picoseconds credit_lag(std::uint32_t slot) const { return credit_lags_[slot]; }

    /// The next cycle after `cycle` in which something can happen of itself, or UINT64_MAX.
    [[nodiscard]] std::uint64_t next_cycle(std::uint64_t cycle) const;

    // --- Accounts ---

    [[nodiscard]] const FabricCounters& counters() const { return counters_; }
    [[nodiscard]] const ChannelCounters& channel(std::uint32_t router, std::uint32_t port) const {
        return out_ports_[port_index(router, port)].counters;
    }
    [[nodiscard]] const DiePlan& die() const { return die_; }
    /// The last cycle in which a flit moved.
    [[nodiscard]] std::uint64_t last_progress() const { return last_progress_; }
    /// Whether packets are under way or queued.
    [[nodiscard]] bool busy() const { return free_slots_.size() + recycled_.size() != packets_.size(); }
    /// Who waits for whom, one blocked head or interface a line, at most `lines`.
    [[nodiscard]] std::vector<std::string> describe_waits(std::size_t lines) const;
    /// Checks, once all traffic has drained and all credits have come back: no flit left, all credits home,
    /// and as many packets and flits of each class in as out. Throws InvariantError with the first account
    /// that is off.
    void audit() const;

  private:
    [[nodiscard]] std::uint32_t port_index(std::uint32_t router, std::uint32_t port) const {
        return router << port_bits_ | port;
    }
    [[nodiscard]] std::uint32_t router_of_vc(std::uint32_t vc) const { return vc >> (port_bits_ + vc_bits_); }
    [[nodiscard]] WheelSlot& slot_at(std::uint64_t cycle) { return wheel_[cycle & wheel_mask_]; }
    [[nodiscard]] std::uint64_t* wanted_by(std::uint32_t out_port, std::uint32_t message_class) {
        return &wanted_by_[(out_port * message_classes + message_class) * words_];
    }
    [[nodiscard]] std::uint32_t class_of_vc(std::uint32_t vc) const { return vc >= reply_from_ ? 1 : 0; }
    void mark_busy(std::uint32_t router) { busy_routers_[router >> 6U] |= 1ULL << (router & 63U); }

    /// An input VC has a flit, an output VC and a credit: it may ask for the switch.
    void make_ready(std::uint32_t router, std::uint32_t vc) {
        const std::uint32_t in_port = vc >> vc_bits_;
        in_ports_[in_port].ready |= static_cast<std::uint16_t>(1U << (vc & ((1U << vc_bits_) - 1)));
        routers_[router].ready_ports |= 1U << (in_port & ((1U << port_bits_) - 1));
    }

    // fabric_core.cpp: construction, borders
    void build_ports();
    void build_interfaces();
    [[nodiscard]] std::uint32_t new_slot();
    void recycle();

    // fabric_interface.cpp
    void take_interface_credit(std::uint32_t interface_vc);
    [[nodiscard]] bool sendable(const Interface& from, std::uint32_t message_class) const;
    void send_from_interface(std::uint32_t index);
    void refresh_interface(std::uint32_t index);

    // fabric_router.cpp: the hot loops
    void take_wheel_slot();
    void arrive(std::uint32_t vc);
    void begin_waiting(std::uint32_t vc, std::uint32_t first_try);
    void take_credit(std::uint32_t output_vc);
    void run_router(std::uint32_t router);
    void send(std::uint32_t router, std::uint32_t in_port, std::uint32_t vc, std::uint32_t out_port);
    void account_wait(const InputVc& from, const Flit& flit, OutputPort& out);

    // fabric_allocation.cpp
    void allocate_vcs(std::uint32_t router);
    void allocate_vcs_at(std::uint32_t router, std::uint32_t out_port, std::uint32_t message_class);
    void give_vc(std::uint32_t router, std::uint32_t out_port, std::uint32_t vc, std::uint32_t local);
    void activate_winners(std::uint32_t router);
    void allocate_switch(std::uint32_t router);
    void arbitrate_switch(std::uint32_t router);
    void grant_switch(std::uint32_t router, std::uint32_t in_port, std::uint32_t vc, std::uint32_t out_port);

    // fabric_journey.cpp
    void end_journey_at_endpoint(std::uint32_t slot);
    void end_journey_at_link(std::uint32_t slot);
    [[nodiscard]] std::uint64_t append_stages(Packet& packet, const PacketState& state, std::uint64_t transit);

    const PackagePlan& plan_;
    const DiePlan& die_;
    std::uint32_t die_index_;
    Clock clock_;
    std::uint32_t port_bits_ = 0;
    std::uint32_t vc_bits_ = 0;
    std::uint32_t words_ = 1;      ///< 64-bit words of a set of a router's input VCs
    std::uint32_t reply_from_ = 0; ///< first reply VC
    std::uint32_t hop_cycles_ = 0; ///< switch grant to arrival at the next router
    std::uint32_t credit_cycles_ = 0;
    std::array<std::uint16_t, message_classes> class_vcs_{};
    std::uint64_t now_ = 0;

    std::vector<RouterState> routers_;
    std::vector<InputPort> in_ports_;
    std::vector<OutputPort> out_ports_;
    std::vector<InputVc> in_vcs_;
    std::vector<OutputVc> out_vcs_;
    std::vector<std::uint64_t> wanted_by_; ///< per output port and class: local input VCs whose head waits for a VC
    std::vector<Flit> rings_;
    std::vector<std::uint64_t> busy_routers_;
    std::array<std::uint16_t, max_router_ports * max_virtual_channels> winners_{}; ///< local input VCs: new owners
    std::uint32_t winner_count_ = 0;

    std::vector<Interface> interfaces_;
    std::vector<std::uint64_t> busy_interfaces_;
    std::vector<std::uint32_t> interface_of_; ///< package endpoint -> interface, UINT32_MAX elsewhere
    std::vector<LinkInput> link_inputs_;

    std::vector<WheelSlot> wheel_;
    std::uint64_t wheel_mask_ = 0;

    std::vector<Packet> packets_;
    std::vector<PacketState> states_;
    std::vector<Picoseconds> credit_lags_; ///< of packets that came over a link: LinkFlit::credit_lag
    std::vector<std::uint32_t> free_slots_;
    std::vector<std::uint32_t> recycled_; ///< free once the outputs have been read

    std::vector<std::uint32_t> ejected_;
    std::vector<LinkDeparture> departures_;
    std::vector<QueueCredit> queue_credits_;
    std::vector<LinkCredit> link_credits_;
    FabricCounters counters_;
    std::uint64_t last_progress_ = 0;
};

} // namespace intarsia::noc
