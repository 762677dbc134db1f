// Where the tensors of every rank lie in the package's memory.
#pragma once

#include "config/system.hpp"
#include "memory/address_map.hpp"
#include "models/tile_plan.hpp"
#include "workloads/execution_graph.hpp"

#include <cstdint>
#include <vector>

namespace intarsia::models {

/// Gives every named tensor of every rank an address range, by its home: "local" (interleaved over the stacks of the
/// rank's die), "interleaved" (over all stacks of the package), "replicated" (a local copy for each rank, which is what
/// local means for tensors that belong to one rank each). Tensors begin at whole blocks of the interleaving. Operands
/// without a name share one scratch range a rank, as large as the largest node needs.
class TensorSpace {
  public:
    /// Throws InputError, with the numbers, when tensors do not fit.
    TensorSpace(const config::SystemConfig& system, const memory::AddressMap& addresses,
                const workloads::Workload& workload);

    /// `bytes` of tensor `tensor` of `rank` from its beginning; from `offset` of the rank's scratch range if it is
    /// anonymous.
    [[nodiscard]] AddressRange range(std::uint32_t rank, workloads::TensorIndex tensor, std::uint64_t bytes,
                                     std::uint64_t scratch_offset = 0) const;

    /// Bytes given out, by all ranks.
    [[nodiscard]] std::uint64_t used_bytes() const { return used_bytes_; }

  private:
    struct RankSpace {
        std::vector<AddressRange> tensors;
        AddressRange scratch;
    };
    std::vector<RankSpace> ranks_;
    std::uint64_t used_bytes_ = 0;
};

} // namespace intarsia::models
