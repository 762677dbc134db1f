// A compute chiplet: the cores of a die, and the rank that runs on them.
#pragma once

#include "metrics/event_hook.hpp"
#include "models/core_time.hpp"
#include "models/dma_engine.hpp"
#include "models/message_engine.hpp"
#include "models/rank_program.hpp"
#include "models/tile_pipeline.hpp"
#include "models/timer_queue.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

namespace intarsia::models {

struct ChipletCounters {
    std::uint64_t flops = 0; ///< of the nodes done
    std::uint64_t nodes_done = 0;
    std::uint64_t bytes_landed = 0; ///< pushed here by other cores
    std::uint64_t packets_out = 0;  ///< handed to the network
    std::uint64_t packets_in = 0;   ///< taken from it
    OperandTraffic operands;        ///< of the tile plans begun
};

/// COMP nodes run one at a time on all cores, in the order in which they become ready (the lower index first);
/// communication and memory nodes run beside them on the DMA engines. A SEND needs no RECV that is ready, only one that
/// exists: its data goes to the RECV's buffer as soon as it is there. Every node of the device starts
/// launch_overhead_cycles after it is ready (COMP: after it got the cores).
///
/// Drive it so: deliver everything that is due at an edge, then advance() once for that edge; what left is in
/// take_packets().
class ComputeChipletCore {
  public:
    /// `program`: empty for a die without a rank, whose cores are idle. `start`: time at which the first nodes launch.
    ComputeChipletCore(const config::SystemConfig& system, std::uint32_t die, const MemoryDirectory& memory,
                       const noc::PackagePlan& plan, std::unique_ptr<RankProgram> program, metrics::EventHook& events);

    void deliver(const Packet& packet, std::uint64_t cycle, Picoseconds now);
    void interface_credit(EndpointId endpoint, MessageClass message_class);
    void advance(std::uint64_t cycle, Picoseconds now);
    /// Packets that left at the last edge.
    [[nodiscard]] const std::vector<Packet>& departed() const { return departed_; }
    /// The next edge after `cycle` at which this chiplet has something to do by itself.
    [[nodiscard]] std::uint64_t next_work(std::uint64_t cycle) const;

    /// No rank, or all of its nodes are done.
    [[nodiscard]] bool finished() const { return !program_ || program_->finished(); }
    /// Edge at which the last node was done.
    [[nodiscard]] std::uint64_t finished_at() const { return finished_at_; }
    /// Nothing will happen here until something arrives.
    [[nodiscard]] bool quiet() const { return timers_.empty() && !any_active(); }
    /// Reads and writes under way, and their bytes.
    [[nodiscard]] std::uint64_t outstanding() const;
    [[nodiscard]] std::uint64_t bytes_outstanding() const;
    /// Why the rank does not go on: its first unfinished node under way, and what that waits for.
    [[nodiscard]] std::string waiting_text() const;

    /// Closes the cores' accounts at edge `cycle`, the end of the run.
    void finish(std::uint64_t cycle);
    /// Checks that the run left nothing behind. Only after a complete run whose network has drained.
    void audit() const;

    [[nodiscard]] std::size_t core_count() const { return cores_.size(); }
    [[nodiscard]] const metrics::StallAccount& account(std::size_t core) const { return cores_[core]->time.account(); }
    [[nodiscard]] const DmaCounters& dma_counters(std::size_t core) const { return cores_[core]->dma.counters(); }
    [[nodiscard]] const MessageCounters& message_counters(std::size_t core) const {
        return cores_[core]->messages.counters();
    }
    [[nodiscard]] const ChipletCounters& counters() const { return counters_; }
    [[nodiscard]] const RankProgram* program() const { return program_.get(); }

  private:
    struct Core {
        Core(const config::DieConfig& die, std::uint32_t index, const MemoryDirectory& memory,
             const noc::PackagePlan& plan, EndpointId self, TimerQueue& timers, metrics::EventHook& events);
        EndpointId endpoint;
        CoreTime time;
        DmaEngine dma;
        TilePipeline tiles;
        MessageEngine messages;
        bool has_tiles = false; // works on the present COMP node
    };
    // A node's messages may begin before the node is ready: when the sender of a RECV is. The node is done when both
    // its launch and its messages are over.
    struct RunningMessage {
        MessageJob job;
        std::uint32_t cores_left = 0;
        bool begun = false;
        bool launched = false;
    };

    void start_ready_nodes(std::uint64_t cycle, Picoseconds now);
    void launch_tiles(std::uint64_t cycle, Picoseconds now);
    void begin_tiles(std::uint64_t cycle, Picoseconds now);
    void enter_message(std::uint32_t node, std::uint64_t cycle);
    void launch_message(std::uint32_t node, std::uint64_t cycle, Picoseconds now);
    void begin_message(std::uint32_t node, std::uint64_t cycle, Picoseconds now);
    void end_message_if_over(std::uint32_t node, std::uint64_t cycle, Picoseconds now);
    void begin_early_receives(Core& core, std::uint64_t cycle, Picoseconds now);
    void node_done(std::uint32_t node, std::uint64_t cycle, Picoseconds now);
    void fire(const Timer& timer, std::uint64_t cycle, Picoseconds now);
    void settle(std::uint32_t core, std::uint64_t cycle, Picoseconds now);
    void start_shared_loads(std::uint64_t cycle);
    void pass_on(std::uint32_t core, std::uint32_t shared, const Packet& reply, Picoseconds now);
    void activate_core(std::uint32_t core) { active_[core / 64] |= 1ULL << (core % 64); }
    [[nodiscard]] bool any_active() const;
    void issue_packets(std::uint64_t cycle, Picoseconds now);

    const config::DieConfig* die_;
    const noc::PackagePlan* plan_;
    Clock clock_;
    std::vector<std::uint32_t> rank_of_die_;
    EndpointId first_endpoint_;
    std::unique_ptr<RankProgram> program_;
    metrics::EventHook* events_;
    metrics::PlaceId place_{};
    TimerQueue timers_;
    std::vector<std::unique_ptr<Core>> cores_;
    std::vector<std::uint64_t> active_; // bit a core: its DMA engine may have a packet to issue
    bool started_ = false;
    bool closed_ = false; // the cores' accounts know that the rank has finished
    std::uint64_t start_cycle_ = 0;
    std::uint64_t finished_at_ = 0;

    // The COMP node that has the cores.
    std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> tile_nodes_;
    std::optional<std::uint32_t> tile_node_;
    NodePlan tile_plan_;
    std::vector<std::uint32_t> sharers_ready_; // by shared load of the plan
    std::vector<std::uint32_t> ready_shared_;  // cores that became ready, as indices of shared loads
    std::uint32_t cores_at_work_ = 0;

    std::map<std::uint32_t, RunningMessage> messages_; // by node
    std::vector<Packet> departed_;
    ChipletCounters counters_;
};

} // namespace intarsia::models
