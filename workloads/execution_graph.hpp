// A training workload in memory: one execution graph a rank, in flat arrays, as the execution model walks it.
// Terms and attribute meanings follow MLCommons Chakra's execution trace schema (et_def.proto, v0.0.4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace intarsia::workloads {

enum class NodeType : std::uint8_t { metadata, mem_load, mem_store, comp, comm_send, comm_recv, comm_coll };
inline constexpr std::size_t node_type_count = 7;

/// Kinds of collective, in the order of Chakra's CollectiveCommType (the value is the number in the file).
enum class Collective : std::uint8_t {
    all_reduce,
    reduce,
    all_gather,
    gather,
    scatter,
    broadcast,
    all_to_all,
    reduce_scatter,
    reduce_scatter_block,
    barrier
};
inline constexpr std::size_t collective_count = 10;

/// Which unit of a core does the FLOPs of a COMP node.
enum class Unit : std::uint8_t { matrix, vector };

/// Names as Chakra spells them: "COMP_NODE", "ALL_REDUCE".
std::string_view name_of(NodeType type);
std::string_view name_of(Collective kind);
std::optional<Collective> collective_named(std::string_view name);

using TensorIndex = std::uint32_t;
inline constexpr TensorIndex no_tensor = UINT32_MAX;

/// A tensor of one rank. The name is unique in the rank; nodes that name the same tensor touch the same
/// addresses.
struct Tensor {
    std::string name;
    std::uint64_t bytes = 0;
};

/// `batch` products C[m,n] = A[m,k] B[k,n] of elements of `element_bytes`. An operand without a tensor is
/// anonymous.
struct Gemm {
    std::uint64_t m = 0;
    std::uint64_t n = 0;
    std::uint64_t k = 0;
    std::uint32_t batch = 1;
    std::uint32_t element_bytes = 2;
    TensorIndex a = no_tensor;
    TensorIndex b = no_tensor;
    TensorIndex c = no_tensor;
    bool operator==(const Gemm&) const = default;
};

/// One node of a graph. Which fields mean something depends on the type:
/// COMP: flops, unit, tensor_bytes (bytes touched), duration_us, gemm or read/write split and tensors.
/// MEM: tensor_bytes and the tensor loaded (read_tensor) or stored (write_tensor).
/// COMM: comm_bytes (ALL_GATHER: own shard; all others: the whole local buffer), read_tensor is the buffer.
struct Node {
    std::uint64_t id = 0;    ///< the file's own identifier, unique in the rank
    std::uint64_t flops = 0; ///< floating-point operations (a multiply-accumulate is two)
    std::uint64_t tensor_bytes = 0;
    std::uint64_t duration_us = 0; ///< recorded duration; 0 unknown
    std::uint64_t read_bytes = 0;  ///< of tensor_bytes, where has_split
    std::uint64_t write_bytes = 0;
    std::uint64_t comm_bytes = 0;
    std::uint32_t name = 0;             ///< index into ExecutionGraph::names
    std::uint32_t first_dependency = 0; ///< index into ExecutionGraph::dependencies, which holds indices of nodes
    std::uint32_t dependency_count = 0;
    std::uint32_t gemm = 0; ///< index into ExecutionGraph::gemms, where has_gemm
    TensorIndex read_tensor = no_tensor;
    TensorIndex write_tensor = no_tensor;
    std::uint32_t group = 0; ///< key into Workload::groups; 0: all ranks
    std::uint32_t peer = 0;  ///< destination of a send, source of a receive
    std::uint32_t tag = 0;
    NodeType type = NodeType::metadata;
    Collective collective = Collective::all_reduce;
    Unit unit = Unit::matrix;
    bool is_cpu_op = false; ///< done by the host, not by the accelerator
    bool has_gemm = false;
    bool has_split = false; ///< read_bytes and write_bytes are given; they sum to tensor_bytes
};

/// What one rank does, and after what. Acyclic; every dependency is the index of a node of this graph.
struct ExecutionGraph {
    std::uint32_t rank = 0;
    std::vector<Node> nodes;
    std::vector<std::uint32_t> dependencies;
    std::vector<Gemm> gemms;
    std::vector<Tensor> tensors;
    std::vector<std::string> names; ///< each once
    /// Identifiers that nodes depend on and the file does not hold (converters drop nodes), each counted once. Such
    /// dependencies count as satisfied.
    std::uint64_t dangling_dependencies = 0;
    /// Control dependencies that say who called a node, not what it waits for (traces of PyTorch runs). Not among
    /// `dependencies`.
    std::uint64_t caller_links = 0;
    /// COMM_COLL nodes of the host that carry no collective: wrappers around the real one. Kept as host COMP
    /// nodes.
    std::uint64_t host_wrappers = 0;

    [[nodiscard]] std::span<const std::uint32_t> dependencies_of(const Node& node) const {
        return std::span(dependencies).subspan(node.first_dependency, node.dependency_count);
    }
    [[nodiscard]] const std::string& name_of(const Node& node) const { return names[node.name]; }
};

/// A file that the workload was read from, for the provenance of results.
struct InputFile {
    std::string path;
    std::uint64_t bytes = 0;
};

/// A whole training step (or part of one): the graphs of all ranks, and the groups that they communicate in.
struct Workload {
    std::string name;
    std::vector<ExecutionGraph> ranks;                          ///< index = rank
    std::map<std::uint32_t, std::vector<std::uint32_t>> groups; ///< number -> ranks in order; 0 holds all ranks
    std::uint64_t tokens = 0;                                   ///< that one run of the workload processes; 0 unknown
    std::vector<InputFile> inputs;
};

/// Indices of the nodes in an order in which every node follows its dependencies; among nodes that are free
/// at the same time the earlier in the file comes first. Shorter than `nodes` exactly when the graph has a
/// cycle.
std::vector<std::uint32_t> topological_order(const ExecutionGraph& graph);

} // namespace intarsia::workloads
