// What a workload consists of, in numbers.
#pragma once

#include "workloads/execution_graph.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <utility>

namespace intarsia::workloads {

/// How many, and how many bytes in all.
struct Traffic {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
    bool operator==(const Traffic&) const = default;
};

/// Sums over the nodes of a rank, or of all ranks.
struct Summary {
    std::array<std::uint64_t, node_type_count> nodes{}; ///< by NodeType
    std::uint64_t host_nodes = 0;
    std::uint64_t host_wrappers = 0;
    std::uint64_t dependencies = 0;
    std::uint64_t dangling_dependencies = 0;
    std::uint64_t caller_links = 0;
    std::uint64_t matrix_flops = 0;
    std::uint64_t vector_flops = 0;
    std::uint64_t gemms = 0;
    std::uint64_t compute_bytes = 0; ///< tensor_bytes of COMP nodes
    Traffic loads;                   ///< MEM_LOAD
    Traffic stores;                  ///< MEM_STORE
    Traffic sends;
    Traffic receives;
    std::map<std::pair<Collective, std::uint32_t>, Traffic> collectives; ///< by kind and group
    std::uint64_t duration_us = 0;                                       ///< recorded, of all nodes
    Traffic tensors;

    [[nodiscard]] std::uint64_t node_count() const;
    [[nodiscard]] std::uint64_t flops() const { return matrix_flops + vector_flops; }
    Summary& operator+=(const Summary& other);
};

Summary summarise(const ExecutionGraph& graph);
/// Of all ranks together.
Summary summarise(const Workload& workload);

} // namespace intarsia::workloads
