// Writes a workload as MLCommons Chakra execution traces, one file a rank.
#pragma once

#include "workloads/execution_graph.hpp"

#include <string>

namespace intarsia::workloads {

/// Writes PREFIX.0.et ... PREFIX.N-1.et (protobuf form, schema v0.0.4). What Chakra has no attribute for is
/// written in attributes named "intarsia.": dimensions and operands of matrix products, the unit, the split
/// of the traffic into reads and writes, and the tensors with their sizes. The same workload gives the same
/// bytes. Groups other than 0 (all ranks) are named by the nodes but not defined: a groups file does that.
///
/// All files are complete before any takes its name, and none is left behind if one cannot be written. Throws
/// InputError for that, and if files of further ranks or compressed files stand under PREFIX, with which the
/// new ones would be taken for one trace.
void write_workload(const Workload& workload, const std::string& prefix);

} // namespace intarsia::workloads
