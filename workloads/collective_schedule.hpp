// Collective algorithms as lists of steps: what one rank sends, receives and reduces, and from which part of
// its buffer.
#pragma once

#include "workloads/execution_graph.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace intarsia::workloads {

/// A contiguous part of a rank's communication buffer.
struct BufferRange {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
};

/// One step of a collective for one rank. A step begins when the rank's step before it has ended; it ends
/// when its send has left and its receive has been (reduced and) stored. Peers are positions in the group.
struct CollectiveStep {
    std::optional<std::uint32_t> send_to;
    std::optional<std::uint32_t> receive_from;
    BufferRange send;
    BufferRange receive;
    bool reduce = false; ///< the received data is added to what the buffer holds
    /// Number of the step in the whole collective: sender and receiver of a message agree on it.
    std::uint32_t number = 0;
};

/// Bytes of the buffer that a rank needs for `kind` with the node's `bytes` (ALL_GATHER, GATHER: the own
/// shard).
[[nodiscard]] std::uint64_t collective_buffer_bytes(Collective kind, std::uint32_t ranks, std::uint64_t bytes);

/// The steps of `position` among `ranks`.
///
/// ALL_REDUCE, REDUCE_SCATTER, ALL_GATHER: ring (Patarasuk and Yuan 2009): reduce-scatter in N-1 steps of one
/// chunk of bytes/N to the right neighbour, all-gather in N-1 more. BARRIER: a ring all-reduce of no bytes.
/// ALL_TO_ALL: direct; in step s position p sends its block for p+s to it. BROADCAST, REDUCE: a chain from,
/// to position 0. SCATTER, GATHER: position 0 serves the others one a step. Where bytes do not divide by N,
/// chunks differ by a byte.
[[nodiscard]] std::vector<CollectiveStep> collective_schedule(Collective kind, std::uint32_t ranks,
                                                              std::uint32_t position, std::uint64_t bytes);

} // namespace intarsia::workloads
