// Checks of a rank's graph as a whole: identifiers, dependencies, cycles.
#pragma once

#include "workloads/execution_graph.hpp"
#include "workloads/fault_list.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace intarsia::workloads {

/// A name fit for a line of text: control characters replaced, long names cut.
std::string printable(std::string_view name);

/// "node 17 (name)" in `file`.
SourcePlace place_of(const std::string& file, const ExecutionGraph& graph, std::uint32_t node);

/// Turns dependencies on identifiers into dependencies on nodes. Before the call, a node's first_dependency
/// and dependency_count refer to `identifiers`; after it, to graph.dependencies. Repeated dependencies count
/// once, those on identifiers that the graph does not hold are counted in dangling_dependencies, as are such among
/// `callers`, which nobody waits for. Faults: identifiers used twice, nodes that wait for themselves, cycles (with
/// their nodes).
void resolve_dependencies(ExecutionGraph& graph, const std::vector<std::uint64_t>& identifiers,
                          const std::vector<std::uint64_t>& callers, const std::string& file, FaultList& faults);

/// Sums as check_sums() goes through the ranks.
struct Sums {
    std::array<std::uint64_t, 4> nodes{}; ///< operations, tensor bytes, communicated bytes, durations
    std::uint64_t tensors = 0;
};

/// Adds a rank to `sums`. A fault where one exceeds 64 bits, which no real workload does: totals can then be
/// trusted.
void check_sums(const ExecutionGraph& graph, const std::string& file, Sums& sums, FaultList& faults);

} // namespace intarsia::workloads
