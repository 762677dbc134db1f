// One Chakra node message to one node of the graph.
#pragma once

#include "chakra_et.pb.h"

#include "workloads/graph_builder.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace intarsia::workloads {

/// What the numbers of a trace mean. Chakra leaves it open: most writers count FLOP and bytes; the Symbolic
/// Tensor Graph generator counts multiply-accumulates (2 FLOP) and elements.
struct TraceUnits {
    std::uint32_t flops_per_op = 1;        ///< FLOP that one of num_ops stands for
    std::uint32_t bytes_per_size_unit = 1; ///< bytes that one of tensor_size or comm_size stands for
};

/// What is wrong with a node.
struct NodeFault {
    std::string message;
    std::string remedy;
};

/// Appends `message` to the graph; its first_dependency and dependency_count are left for the caller. The
/// node is appended even with faults, so that others may depend on it. Returns the faults.
std::vector<NodeFault> append_node(const chakra::Node& message, const TraceUnits& units, GraphBuilder& builder);

} // namespace intarsia::workloads
