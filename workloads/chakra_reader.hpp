// Reads MLCommons Chakra execution traces (protobuf form, schema v0.0.4), one file a rank.
#pragma once

#include "config/errors.hpp"
#include "workloads/chakra_node.hpp"
#include "workloads/execution_graph.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace intarsia::workloads {

/// Reads the trace PREFIX.0.et ... PREFIX.N-1.et (each may be gzip-compressed, also as .et.gz) and, if
/// `groups_file` is not empty, its process groups from that file.
///
/// Tolerant where real files differ from the letter of the schema: any integer type for an integer, absent
/// attributes, host-side collectives without a kind, dependencies on nodes that converters dropped (counted
/// as satisfied), and the ctrl_deps of PyTorch runs, which record the call stack (even a node as its own caller) and
/// are not waited for.
///
/// Throws InputError with all faults of all ranks: missing ranks, damaged files (with the byte), older schemas, nodes
/// without a meaning, identifiers used twice, cycles, groups and peers that do not exist.
Workload read_workload(const std::string& prefix, const std::string& groups_file = "", const TraceUnits& units = {});

/// Nodes of all ranks.
std::uint64_t node_count(const Workload& workload);

/// What keeps the workload from running on `ranks` ranks: more ranks in the trace, or no nodes at all.
std::vector<Diagnostic> unrunnable(const Workload& workload, std::uint32_t ranks);

} // namespace intarsia::workloads
