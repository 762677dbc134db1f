// An HBM stack as a SystemC module.
#pragma once

#include "kernel/due_channel_module.hpp"
#include "kernel/packet.hpp"
#include "kernel/self_timed_module.hpp"
#include "memory/stack_core.hpp"

#include <vector>

namespace intarsia::memory {

/// A StackCore on the tick clock of its timing set (twice CK). It sleeps until its next DRAM command, reply
/// or arrival. `endpoints` are the numbers of the stack's interfaces, in the order in which channels are
/// dealt to them. `map` must outlive the module. `synchroniser_edges` are added to what comes in from the
/// network.
class HbmStackModule : public SelfTimedModule {
  public:
    HbmStackModule(const sc_core::sc_module_name& name, const config::HbmStackConfig& config,
                   std::vector<EndpointId> endpoints, const StackNetwork& network, const AddressMap& map,
                   std::uint32_t stack, std::uint32_t synchroniser_edges, std::uint64_t shuffle_seed, bool check_timing,
                   metrics::EventHook* events = nullptr);

    /// Requests from the network; one writer, which holds `request_slots` credits an interface at first.
    sc_core::sc_export<DueChannelIf<Packet>> requests_in;
    /// A request slot became free: Credit{endpoint, request class}.
    sc_core::sc_port<DueChannelIf<Credit>> request_credit_out;
    sc_core::sc_port<DueChannelIf<Packet>> replies_out;
    /// Room for one more reply in the network's queue behind an interface; StackNetwork::reply_credits at
    /// first.
    sc_core::sc_export<DueChannelIf<Credit>> reply_credit_in;

    [[nodiscard]] const StackCore& core() const { return core_; }

  private:
    std::uint64_t activate(std::uint64_t cycle, Picoseconds now) override;
    [[nodiscard]] std::uint32_t interface_of(EndpointId endpoint) const;
    [[nodiscard]] std::uint64_t next_cycle(std::uint64_t cycle) const;

    std::vector<EndpointId> endpoints_;
    StackCore core_;
    Picoseconds reply_delay_; ///< from a reply's leaving the core to its due time
    DueInbox<Packet> requests_;
    DueInbox<Credit> reply_credits_;
};

} // namespace intarsia::memory
