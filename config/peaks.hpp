// Peak rates of a system's parts, and warnings where a port cannot carry the peaks that it joins.
#pragma once

#include "config/node.hpp"
#include "config/system.hpp"

#include <vector>

namespace intarsia::config {

/// Multiply-adds of all systolic arrays of a die, counted as two operations.
[[nodiscard]] double matrix_flops(const DieConfig& die);
[[nodiscard]] double vector_flops(const DieConfig& die);
/// Flit bytes that a router port or a link of the mesh moves in a second, one direction.
[[nodiscard]] double port_bytes_per_s(const NetworkConfig& network);
/// Share of flit bytes that is data when packets carry the largest payload.
[[nodiscard]] double payload_share(const NetworkConfig& network);
/// Flit bytes a second over the cut through the middle of the mesh, one direction: the links across the
/// longer side (Dally and Towles, Principles and Practices of Interconnection Networks, 2004, ch. 3). A mesh
/// of one router has none, and gives 0.
[[nodiscard]] double bisection_bytes_per_s(const NetworkConfig& network);
/// Raw rate of a direction of a link: lanes x transfers a second, one bit each.
[[nodiscard]] double raw_bytes_per_s(const D2dLinkConfig& link);
/// The same less the link's own framing: what it moves in flits.
[[nodiscard]] double flit_bytes_per_s(const D2dLinkConfig& link);
/// Peak of all stacks attached to a die.
[[nodiscard]] double stack_bytes_per_s(const SystemConfig& system, std::uint32_t die);
/// A read by a core from a stack of its own die when nothing else moves: half the mesh there and back, the
/// stack's latencies, and a DRAM access to a row that has to be opened. An estimate for warnings.
[[nodiscard]] double unloaded_read_ns(const DieConfig& die, const HbmStackConfig& stack);

/// What is possible but hardly meant: peaks that the ports between them cannot carry. Places are those of
/// `root`, the tree that the system was read from.
[[nodiscard]] std::vector<Diagnostic> port_warnings(const SystemConfig& system, const Node& root);

} // namespace intarsia::config
