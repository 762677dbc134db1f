// One rank's execution graph while it runs: which nodes are ready, and what each asks of the chiplet.
#pragma once

#include "config/system.hpp"
#include "models/message_engine.hpp"
#include "models/tensor_space.hpp"
#include "models/tile_plan.hpp"
#include "workloads/execution_graph.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace intarsia::models {

/// What a node asks for.
enum class NodeWork : std::uint8_t {
    nothing,  ///< metadata and nodes without FLOPs, bytes or duration: done at once
    host,     ///< a duration on the host, no core is used
    tiles,    ///< a COMP node: one at a time on all cores
    messages, ///< communication and memory nodes: beside the tiles
};

/// Walks a graph: a node is ready when all its dependencies are done. Collectives of one group start in the order in
/// which a topological walk of the graph meets them, which is the same on every rank for well-formed traces; their
/// number in that order, with the group, is what the ranks match them by. Sends and receives match on source,
/// destination, tag and order.
class RankProgram {
  public:
    RankProgram(const config::SystemConfig& system, const workloads::Workload& workload, std::uint32_t rank,
                const TensorSpace& tensors);

    [[nodiscard]] std::uint32_t rank() const { return rank_; }
    [[nodiscard]] const workloads::ExecutionGraph& graph() const { return *graph_; }
    [[nodiscard]] const workloads::Node& node(std::uint32_t index) const { return graph_->nodes[index]; }
    [[nodiscard]] std::size_t nodes_done() const { return done_; }
    /// Nodes that are not done, counted one by one: the other side of an account.
    [[nodiscard]] std::size_t nodes_left() const;
    [[nodiscard]] bool finished() const { return done_ == graph_->nodes.size(); }

    /// Nodes that became ready since the last call, lowest index first; collectives only when it is their turn.
    std::vector<std::uint32_t> take_ready();
    void complete(std::uint32_t node);

    [[nodiscard]] NodeWork work_of(std::uint32_t node) const;
    [[nodiscard]] NodePlan tile_plan(std::uint32_t node) const;
    [[nodiscard]] MessageJob message_job(std::uint32_t node) const;
    /// The RECV node that receives the message `key` of rank `source`, if there is one.
    [[nodiscard]] std::optional<std::uint32_t> receiver_of(std::uint32_t source, std::uint64_t key) const;
    /// Cycles of the core clock in a node's recorded duration.
    [[nodiscard]] std::uint64_t duration_cycles(std::uint32_t node) const;

    /// "node 17 (ALL_REDUCE of group 2, number 5 in it)": for messages about waiting nodes.
    [[nodiscard]] std::string describe(std::uint32_t node) const;

  private:
    struct Turn {
        std::uint64_t number = 0; // in its group, or among messages of one source, destination and tag
    };
    void number_messages();
    [[nodiscard]] std::uint64_t key_of(std::uint32_t node) const;
    void make_ready(std::uint32_t node);

    const config::SystemConfig* system_;
    const workloads::Workload* workload_;
    const workloads::ExecutionGraph* graph_;
    const TensorSpace* tensors_;
    const config::DieConfig* die_;
    std::uint32_t rank_;
    TileTraffic traffic_;
    std::size_t done_ = 0;
    std::vector<std::uint32_t> waiting_for_;     // dependencies not done, by node
    std::vector<std::uint32_t> first_dependent_; // into dependents_, by node; one more entry at the end
    std::vector<std::uint32_t> dependents_;
    std::vector<bool> node_done_;
    std::vector<Turn> turns_;                                                     // by node
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint32_t> receivers_;  // RECV nodes by source rank and key
    std::map<std::uint32_t, std::uint64_t> next_turn_;                            // collectives started, by group
    std::map<std::uint32_t, std::map<std::uint64_t, std::uint32_t>> out_of_turn_; // ready, by group and number
    std::vector<std::uint32_t> ready_;
};

} // namespace intarsia::models
