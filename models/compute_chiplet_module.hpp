// The SystemC shell of a compute chiplet.
#pragma once

#include "kernel/due_channel_module.hpp"
#include "models/compute_chiplet_core.hpp"

namespace intarsia::models {

/// One process for all cores of a die, on the cores' clock. `synchroniser_edges` count where that is not the network's.
class ComputeChipletModule : public SelfTimedModule {
  public:
    ComputeChipletModule(const sc_core::sc_module_name& name, const config::SystemConfig& system, std::uint32_t die,
                         const MemoryDirectory& memory, const noc::PackagePlan& plan,
                         std::unique_ptr<RankProgram> program, metrics::EventHook& events,
                         std::uint32_t synchroniser_edges);

    sc_core::sc_port<DueChannelIf<Packet>> packets_out;  ///< to the network's interfaces
    sc_core::sc_export<DueChannelIf<Packet>> packets_in; ///< from them
    sc_core::sc_export<DueChannelIf<Credit>> credits_in; ///< places of the interface queues that became free

    [[nodiscard]] const ComputeChipletCore& core() const { return core_; }
    [[nodiscard]] ComputeChipletCore& core() { return core_; }

  private:
    std::uint64_t activate(std::uint64_t cycle, Picoseconds now) override;

    ComputeChipletCore core_;
    DueInbox<Packet> packet_inbox_;
    DueInbox<Credit> credit_inbox_;
    bool reported_ = false; // that the rank has finished
};

} // namespace intarsia::models
