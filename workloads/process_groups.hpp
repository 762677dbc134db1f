// Process groups (communicators): where they are defined, and whether the nodes of a workload can use them.
#pragma once

#include "workloads/execution_graph.hpp"
#include "workloads/fault_list.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace intarsia::workloads {

/// A group as some input defines it. No ranks: all of them.
struct GroupDefinition {
    std::uint32_t number = 0;
    std::vector<std::uint32_t> ranks;
    SourcePlace place;
};

/// The number that a pg_name stands for: decimal, "" is 0 (all ranks). Nothing if it is no number below 2^32.
std::optional<std::uint32_t> group_number(std::string_view pg_name);

/// Reads a communicator file: a JSON object {"1": [ranks], "2": [ranks], ...} as the ASTRA-sim simulator
/// takes it.
std::vector<GroupDefinition> read_groups_file(const std::string& path, FaultList& faults);

/// Reads the definitions that PyTorch traces carry in a METADATA node named like "## process_group:init ##":
/// a JSON list of {"pg_name": "1", "ranks": [..], ...}, wrapped in the text form of a list of strings. No
/// ranks mean all.
std::vector<GroupDefinition> parse_process_groups(const std::string& values, const SourcePlace& place,
                                                  FaultList& faults);

/// Fills Workload::groups and checks that every collective names a defined group, of existing ranks, that its
/// own rank belongs to. Definitions of a groups file must all be sound; those of the traces (which list every
/// group of the original run) only if a node uses them. `files` are the paths of the ranks' traces.
void resolve_groups(Workload& workload, const std::vector<GroupDefinition>& from_file,
                    const std::vector<GroupDefinition>& from_traces, const std::vector<std::string>& files,
                    FaultList& faults);

} // namespace intarsia::workloads
