// The whole package: one module a network, compute chiplet, link and stack, and the channels between them.
#pragma once

#include "memory/address_map.hpp"
#include "memory/hbm_stack_module.hpp"
#include "metrics/event_hook.hpp"
#include "models/compute_chiplet_module.hpp"
#include "models/d2d_link_module.hpp"
#include "models/memory_directory.hpp"
#include "models/tensor_space.hpp"
#include "noc/fabric_module.hpp"
#include "noc/package_plan.hpp"
#include "workloads/execution_graph.hpp"

#include <memory>
#include <vector>

namespace intarsia::models {

/// Builds everything that a SystemConfig describes, proves its routing free of deadlock, gives the workload's tensors
/// their addresses, and binds the channels. Names in the hierarchy: "package.die0.noc", "package.die0.compute",
/// "package.hbm0", "package.link0" (with the names of the configuration; a "." in a name becomes "_").
class Package : public sc_core::sc_module {
  public:
    /// `check_timing`: an independent checker watches every DRAM command. Throws InputError for what the system and
    /// the workload only show together. `system` and `workload` outlive the package.
    Package(const sc_core::sc_module_name& name, const config::SystemConfig& system,
            const workloads::Workload& workload, metrics::EventHook& events, bool check_timing);

    [[nodiscard]] const config::SystemConfig& system() const { return system_; }
    [[nodiscard]] const noc::PackagePlan& plan() const { return plan_; }
    [[nodiscard]] const memory::AddressMap& addresses() const { return addresses_; }
    [[nodiscard]] const TensorSpace& tensors() const { return tensors_; }

    [[nodiscard]] const noc::FabricModule& network(std::size_t die) const { return *dies_[die]->network; }
    [[nodiscard]] const ComputeChipletModule& compute(std::size_t die) const { return *dies_[die]->compute; }
    [[nodiscard]] ComputeChipletModule& compute(std::size_t die) { return *dies_[die]->compute; }
    [[nodiscard]] const D2dLinkModule& link(std::size_t index) const { return *links_[index]; }
    [[nodiscard]] const memory::HbmStackModule& stack(std::size_t index) const { return *stacks_[index]; }

    /// Simulates everything that is due before `until`, or up to the pause in which the last rank ended; the time
    /// reached. Rethrows what any module threw.
    Picoseconds advance(Picoseconds until);
    /// Something is under way between or inside modules.
    [[nodiscard]] bool busy() const;
    /// No chiplet computes or is about to issue anything: what happens next comes out of network and memory.
    [[nodiscard]] bool waits_for_network() const;
    /// Grows whenever a flit moves, a link sends, a transaction is issued or a node ends.
    [[nodiscard]] std::uint64_t progress() const;
    /// Checks every account of every module and between modules; the network must have drained.
    void audit() const;

  private:
    /// A die in the hierarchy: its network and its compute chiplet.
    struct Die : sc_core::sc_module {
        Die(const sc_core::sc_module_name& name, const Package& package, std::uint32_t index,
            std::unique_ptr<RankProgram> program, metrics::EventHook& events);
        std::unique_ptr<noc::FabricModule> network;
        std::unique_ptr<ComputeChipletModule> compute;
    };
    void rethrow_failure() const;
    void build_dies(const workloads::Workload& workload, metrics::EventHook& events);
    void build_stacks(metrics::EventHook& events, bool check_timing);
    void build_links();

    const config::SystemConfig& system_;
    noc::PackagePlan plan_;
    memory::AddressMap addresses_;
    MemoryDirectory directory_;
    TensorSpace tensors_;
    std::vector<std::unique_ptr<Die>> dies_;
    std::vector<std::unique_ptr<memory::HbmStackModule>> stacks_;
    std::vector<std::unique_ptr<D2dLinkModule>> links_;
};

/// Throws InputError with everything in which system and workload do not fit each other: rank counts, dies of ranks,
/// collectives and messages between ranks that do not exist, no work at all.
void check_fit(const config::SystemConfig& system, const workloads::Workload& workload);

} // namespace intarsia::models
