// FabricCore over VcCore. Private to noc/.
#pragma once

#include "noc/fabric_core.hpp"
#include "noc/vc_core.hpp"

#include <vector>

namespace intarsia::noc {

inline constexpr std::uint32_t no_packet = UINT32_MAX;

/// The network of a die as VcCore executes it: links inside the die, endpoints numbered as in `die.endpoints`, D2D link
/// ports as borders; routes by the package's tables.
NetworkPlan plan_of_die(const PackagePlan& plan, std::uint32_t die);

/// A base to be constructed before VcCore, which keeps a reference.
struct DieNetwork {
    NetworkPlan network;
};

template <class Shape>
class FabricEngine final : private DieNetwork, public FabricCore, private VcCore<Shape, FabricEngine<Shape>> {
    using Core = VcCore<Shape, FabricEngine<Shape>>;
    friend Core;

  public:
    FabricEngine(const PackagePlan& plan, std::uint32_t die, Clock clock);

    void inject(const Packet& packet, std::uint64_t cycle) override;
    [[nodiscard]] std::uint32_t queue_space(EndpointId endpoint, MessageClass message_class) const override;
    void return_request_credit(EndpointId endpoint, std::uint64_t cycle) override;
    void receive_flit(std::uint32_t link_port, const LinkFlit& flit, std::uint64_t cycle) override;
    void return_link_credit(std::uint32_t link_port, std::uint8_t vc, std::uint64_t cycle) override;
    void tick(std::uint64_t cycle) override;
    [[nodiscard]] std::uint64_t next_cycle(std::uint64_t cycle) const override;
    [[nodiscard]] FabricCounters counters() const override;
    [[nodiscard]] ChannelCounters channel(std::uint32_t router, std::uint32_t port) const override;
    [[nodiscard]] std::uint64_t last_progress() const override { return this->last_progress_; }
    [[nodiscard]] std::vector<std::string> describe_waits(std::size_t lines) const override;
    void audit() const override;

  private:
    static constexpr bool accounts_packets = true;
    static constexpr std::uint32_t no_interface = UINT32_MAX;

    /// Where a packet's cycles in this die went; 32 bits of the cycle count suffice for differences.
    struct alignas(64) PacketState {
        std::uint32_t entered = 0;         ///< head handed to the injection link, or received from a D2D link
        std::uint32_t head_due = 0;        ///< head's arrival where it is heading: next router, or endpoint
        std::uint32_t routers = 0;         ///< crossed by the head, known when it leaves the fabric
        std::uint32_t allocation = 0;      ///< cycles of the head without a VC or the switch
        std::uint32_t credit = 0;          ///< cycles of the head without a credit
        std::uint32_t body_allocation = 0; ///< the same, of the other flits together
        std::uint32_t body_credit = 0;
        std::uint32_t arrival_lag = 0; ///< cycles that the tail came late behind the head over a D2D link
        std::uint32_t gate_base = 0;   ///< Interface::starved up to the head's asking for the endpoint's VC
    };
    /// One message class of a network interface.
    struct Stream {
        std::vector<std::uint32_t> queue; ///< ring of packet slots
        std::uint32_t first = 0;
        std::uint32_t size = 0;
        std::uint32_t flits_left = 0; ///< of the first packet, once it has begun
        std::uint8_t vc = 0;          ///< of that packet
        std::uint8_t next_vc = 0;     ///< round robin
        std::uint32_t eligible = 0;   ///< first cycle in which the next flit could have gone
        std::uint32_t credit_wait = 0;
        std::uint32_t credit_since = 0;
    };
    struct Interface {
        EndpointId endpoint = 0;
        std::uint32_t router = 0;
        std::uint32_t port = 0;
        std::uint16_t with_credit = 0; ///< VCs with credit towards the router
        std::uint16_t place_mask = 0;
        std::uint8_t turn = 0; ///< the class that goes first
        std::array<std::uint16_t, max_virtual_channels> credits{};
        std::array<std::uint16_t, max_virtual_channels> place{}; ///< of the next flit in the router's ring
        std::array<Stream, message_classes> streams;
        // Packet credits of the other direction, where requests need them.
        bool gated = false;
        std::uint32_t request_credits = 0;
        std::uint32_t starved = 0;       ///< cycles without a packet credit, up to the last return
        std::uint32_t starved_since = 0; ///< start of the present lack
    };
    /// What comes over a link port.
    struct LinkInput {
        std::uint64_t last_cycle = UINT64_MAX;
        std::array<std::uint32_t, max_virtual_channels> packet{}; ///< being received, by VC
        std::array<std::uint16_t, max_virtual_channels> place{};
        std::array<std::uint16_t, max_virtual_channels> held{}; ///< flits in the receive buffer
        std::uint16_t place_mask = 0;
    };
    struct EdgeSlot {
        std::vector<std::uint32_t> interface_credits; ///< interface << 4 | vc
        std::vector<std::uint32_t> ejections;         ///< packet slots, complete at their endpoint
        std::vector<LinkDeparture> departures;
        std::vector<LinkCredit> link_credits; ///< a link may hand over several of a VC at once
        [[nodiscard]] bool empty() const {
            return interface_credits.empty() && ejections.empty() && departures.empty() && link_credits.empty();
        }
    };

    // Called by the core.
    void eject(std::uint32_t interface, std::uint32_t vc, Flit flit, std::uint32_t delay);
    void depart(std::uint32_t link_port, std::uint32_t vc, Flit flit);
    void freed(PortUse use, std::uint32_t number, std::uint32_t vc, std::uint32_t delay);
    [[nodiscard]] const Interface* gate(std::uint32_t router, std::uint32_t port) const;
    [[nodiscard]] std::uint32_t narrow(std::uint32_t router, std::uint32_t port, std::uint32_t offered) const;
    bool given(std::uint32_t router, std::uint32_t port, std::uint32_t vc);
    [[nodiscard]] bool closed(std::uint32_t router, std::uint32_t port) const;
    void asks(std::uint32_t router, std::uint32_t port, Flit head, std::uint32_t since);
    [[nodiscard]] std::uint32_t gated(std::uint32_t router, std::uint32_t port, Flit head) const;
    void waited(Flit flit, std::uint32_t allocation, std::uint32_t credit);
    void crossed(Flit flit, std::uint32_t arrival) {
        if (flit.head()) {
            states_[flit.packet()].head_due = arrival;
        }
    }
    [[nodiscard]] std::uint32_t ready_since(Flit head) const { return states_[head.packet()].head_due; }
    [[nodiscard]] std::uint32_t random_of(Flit) const { return 0; }
    [[nodiscard]] std::uint64_t id_of(Flit flit) const { return packets_[flit.packet()].transaction; }

    [[nodiscard]] EdgeSlot& edge_at(std::uint64_t cycle) { return edges_[cycle & edge_mask_]; }
    [[nodiscard]] std::uint32_t class_of_vc(std::uint32_t vc) const { return vc >= die_.network.request_vcs ? 1 : 0; }
    [[nodiscard]] const PortPlan& port_plan(std::uint32_t router, std::uint32_t port) const {
        return die_.routers[router].ports[port];
    }
    void build_edges();
    [[nodiscard]] std::uint32_t new_slot();
    void recycle();
    void take_edge_slot();
    void take_interface_credit(std::uint32_t index, std::uint32_t vc);
    [[nodiscard]] bool sendable(const Interface& from, std::uint32_t message_class) const;
    void send_from_interface(std::uint32_t index);
    void refresh_interface(std::uint32_t index);
    void end_journey_at_endpoint(std::uint32_t slot);
    void end_journey_at_link(std::uint32_t slot);
    [[nodiscard]] std::uint64_t append_stages(Packet& packet, const PacketState& state, std::uint64_t transit);

    const PackagePlan& package_;
    std::uint32_t die_index_;
    Clock clock_;
    std::vector<Interface> interfaces_;
    std::vector<std::uint64_t> busy_interfaces_;
    std::vector<std::uint32_t> interface_of_; ///< package endpoint -> interface, no_interface elsewhere
    std::vector<std::uint32_t> gates_;        ///< [router * max_router_ports + port] -> gated interface, or none
    std::vector<LinkInput> link_inputs_;
    std::vector<EdgeSlot> edges_;
    std::uint64_t edge_mask_ = 0;
    std::vector<PacketState> states_;
    FabricCounters counters_;
};

} // namespace intarsia::noc

#include "noc/fabric_engine_accounts.hpp"
#include "noc/fabric_engine_edges.hpp"
#include "noc/fabric_engine_journeys.hpp"
