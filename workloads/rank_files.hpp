// The files of a trace: PREFIX.RANK.et, one a rank.
#pragma once

#include "workloads/fault_list.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace intarsia::workloads {

/// Path of a rank's file, as traces are written.
std::string rank_path(const std::string& prefix, std::uint32_t rank);

/// The rank in a file name STEM.RANK.et or STEM.RANK.et.gz (decimal, no padding); nothing for other names.
std::optional<std::uint32_t> rank_of(std::string_view file_name, std::string_view stem);

/// Ranks that have a file, in order. A rank stands there twice if it has both forms.
std::vector<std::uint32_t> existing_ranks(const std::string& prefix);

/// Paths of the files of ranks 0, 1, ... N-1. Faults: no file at all, missing ranks, a rank in both forms.
std::vector<std::string> find_rank_files(const std::string& prefix, FaultList& faults);

} // namespace intarsia::workloads
