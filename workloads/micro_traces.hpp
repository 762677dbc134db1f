// The smallest workloads: one matrix product, or one collective, on every rank.
#pragma once

#include "workloads/execution_graph.hpp"

#include <cstdint>

namespace intarsia::workloads {

/// C[m,n] = A[m,k] B[k,n] in elements of 2 bytes, independently on each of `ranks` ranks. Throws InputError
/// if a number is zero or the operations exceed 64 bits.
Workload gemm_workload(std::uint64_t m, std::uint64_t n, std::uint64_t k, std::uint32_t ranks);

/// One collective of all ranks; `bytes` is the shard of a rank for ALL_GATHER, else its whole buffer. Throws
/// InputError if there are fewer than 2 ranks or the bytes exceed 64 bits.
Workload collective_workload(Collective kind, std::uint64_t bytes, std::uint32_t ranks);

} // namespace intarsia::workloads
