// The SystemC shell of a die's network.
#pragma once

#include "kernel/due_channel_module.hpp"
#include "metrics/event_hook.hpp"
#include "noc/fabric_core.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace intarsia::noc {

/// Edges of the network clock by which synchronisers delay what comes in: 0 where both sides share a clock,
/// else NetworkConfig::synchroniser_cycles.
struct FabricSynchronisers {
    std::vector<std::uint32_t> clients;    ///< by client of the die
    std::vector<std::uint32_t> link_ports; ///< by link port of the die
};

/// The network of one die as one self-timed process on the network clock; asleep while nothing moves.
///
/// It reads what is due at an edge, runs one cycle of the core and pushes the results with a due time one
/// picosecond later, so that a receiver on the same clock sees them at its next edge. How much can be under
/// way towards it is bounded by credits: per interface and class interface_queue_packets packets, per D2D
/// virtual channel receive_buffer_flits flits and tx_buffer_flits credits, per interface request_slots
/// credits. Towards its clients: at most one flit a network cycle, hence one packet, leaves at each
/// interface.
class FabricModule : public SelfTimedModule {
  public:
    /// `plan` must outlive the module.
    FabricModule(const sc_core::sc_module_name& name, const PackagePlan& plan, std::uint32_t die,
                 const FabricSynchronisers& synchronisers, std::uint64_t shuffle_seed);

    /// Tells `events` of every packet: it begins where it enters its interface's queue, and ends where its tail is
    /// ejected, at the place of this die's network. The id joins source, kind and transaction.
    void attach(metrics::EventHook& events);

    /// One of the modules beside the fabric (DiePlan::clients): all cores of the die, or a stack.
    struct Client : sc_core::sc_module {
        explicit Client(const sc_core::sc_module_name& name);
        sc_core::sc_export<DueChannelIf<Packet>> packets_in; ///< the packet's source says at which interface
        sc_core::sc_export<DueChannelIf<Credit>> credit_in;  ///< stacks: one more request can be taken at `endpoint`
        sc_core::sc_port<DueChannelIf<Packet>> packets_out;  ///< the packet's destination says from which interface
        sc_core::sc_port<DueChannelIf<Credit>> credit_out;   ///< a queue slot free: `endpoint`, `vc` = message class
    };
    /// The die's end of a D2D link (DiePlan::link_ports).
    struct LinkPort : sc_core::sc_module {
        explicit LinkPort(const sc_core::sc_module_name& name);
        sc_core::sc_export<DueChannelIf<LinkFlit>> flits_in;
        sc_core::sc_export<DueChannelIf<Credit>> link_credit_in; ///< a slot of the link's transmit buffer is free
        sc_core::sc_port<DueChannelIf<LinkFlit>> flits_out;
        sc_core::sc_port<DueChannelIf<Credit>> link_credit_out; ///< a slot of this port's receive buffer is free
    };
    sc_core::sc_vector<Client> clients;
    sc_core::sc_vector<LinkPort> link_ports;

    [[nodiscard]] const FabricCore& core() const { return *core_; }
    /// Time of the last cycle in which a flit moved.
    [[nodiscard]] Picoseconds last_progress() const { return clock().edge(core_->last_progress()); }
    /// FabricCore::audit, and that nothing is left in the channels: once the simulation has run out of
    /// events.
    void audit() const;

  private:
    std::uint64_t activate(std::uint64_t cycle, Picoseconds now) override;
    void read_inputs(std::uint64_t cycle, Picoseconds now);
    void push_outputs(Picoseconds now);

    /// What one neighbour sends: packets (clients) or flits (links), and credits.
    template <class Data>
    struct Inboxes {
        Inboxes(SelfTimedModule& receiver, std::size_t data_capacity, std::size_t credit_capacity,
                std::uint32_t synchroniser_edges)
            : data(receiver, data_capacity, synchroniser_edges),
              credits(receiver, credit_capacity, synchroniser_edges) {}
        [[nodiscard]] bool empty() const { return data.empty() && credits.empty(); }
        [[nodiscard]] Picoseconds next_due() const { return std::min(data.next_due(), credits.next_due()); }
        DueInbox<Data> data;
        DueInbox<Credit> credits;
    };
    const PackagePlan& plan_;
    std::unique_ptr<FabricCore> core_;
    std::vector<std::unique_ptr<Inboxes<Packet>>> client_inboxes_;
    std::vector<std::unique_ptr<Inboxes<LinkFlit>>> link_inboxes_;
    LinkFlit flit_; ///< scratch
    metrics::EventHook* events_ = nullptr;
    metrics::PlaceId place_{};
};

} // namespace intarsia::noc
