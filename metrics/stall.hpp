// The two-level stall classification: every cycle of every compute core belongs to exactly one leaf.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace intarsia::metrics {

enum class Leaf : std::uint8_t {
    computing_matrix,
    computing_vector,
    memory_queue,   ///< behind other requests of the controller
    memory_bank,    ///< its own bank's row commands and column latency
    memory_bus,     ///< column and data bus, turnaround included, and its own burst; controller and PHY latency
    memory_refresh, ///< the pseudo-channel refreshes or is about to
    noc_source_queue,
    noc_allocation,
    noc_credit,
    noc_transit,
    d2d_serialisation,
    d2d_credit,
    d2d_retry, ///< waiting for a replay after bit errors
    d2d_transit,
    collective_peer, ///< the peer's chunk has not been sent yet
    collective_reduction,
    local_dma_window,
    local_sram_full,
    local_store_drain,
    dependency_bubble, ///< a node of the rank waits for nodes elsewhere, or other cores of the node still work
    dependency_launch,
    idle,
};
inline constexpr std::size_t leaf_count = static_cast<std::size_t>(Leaf::idle) + 1;

struct LeafName {
    std::string_view group;
    std::string_view leaf;
};

/// Group and leaf names as they stand in summary.json and on the console. "idle" is its own group.
inline constexpr std::array<LeafName, leaf_count> leaf_names{{
    {"computing", "matrix"},  {"computing", "vector"}, {"memory", "queue"},      {"memory", "bank"},
    {"memory", "bus"},        {"memory", "refresh"},   {"noc", "source_queue"},  {"noc", "allocation"},
    {"noc", "credit"},        {"noc", "transit"},      {"d2d", "serialisation"}, {"d2d", "credit"},
    {"d2d", "retry"},         {"d2d", "transit"},      {"collective", "peer"},   {"collective", "reduction"},
    {"local", "dma_window"},  {"local", "sram_full"},  {"local", "store_drain"}, {"dependency", "bubble"},
    {"dependency", "launch"}, {"idle", "idle"},
}};

/// Cycles by leaf.
using StallCycles = std::array<std::uint64_t, leaf_count>;

} // namespace intarsia::metrics
