// How one COMP node is cut into tiles: which core loads what, computes how long, and stores where.
#pragma once

#include "config/system.hpp"
#include "workloads/execution_graph.hpp"

#include <cstdint>
#include <vector>

namespace intarsia::models {

/// Contiguous bytes of the package's address space.
struct AddressRange {
    std::uint64_t begin = 0;
    std::uint64_t bytes = 0;
};

/// Bytes that a tile needs in SRAM before it can be computed. A shared load is wanted by several cores at once.
struct TileLoad {
    static constexpr std::uint32_t not_shared = UINT32_MAX;
    AddressRange range;
    std::uint32_t shared = not_shared; ///< index into NodePlan::shared
};

/// One step of a core: load, compute, and at the last step of an output tile, store.
struct TileStep {
    std::uint32_t first_load = 0; ///< index into NodePlan::loads
    std::uint32_t load_count = 0;
    std::uint64_t compute_cycles = 0;
    AddressRange store;        ///< no bytes: nothing to store after this step
    bool opens_output = false; ///< takes one of the two output buffers
};

/// The same bytes wanted by several cores: each reads its part from memory and passes it to the others.
struct SharedLoad {
    AddressRange range;
    std::uint32_t first_core = 0; ///< index into NodePlan::sharers
    std::uint32_t core_count = 0;
};

/// Bytes of operands by how they reach the cores.
struct OperandTraffic {
    std::uint64_t used_bytes = 0; ///< that arrive in some core's SRAM
    std::uint64_t read_bytes = 0; ///< read from memory
};

struct NodePlan {
    struct CoreSteps {
        std::uint32_t first = 0; ///< index into steps
        std::uint32_t count = 0;
    };
    std::vector<CoreSteps> cores;
    std::vector<TileStep> steps;
    std::vector<TileLoad> loads;
    std::vector<SharedLoad> shared;
    std::vector<std::uint32_t> sharers;
    workloads::Unit unit = workloads::Unit::matrix;
    OperandTraffic operands;
};

/// What the search for tiles assumes about moving data, for one core.
struct TileTraffic {
    std::uint64_t packet_bytes = 512;
    double port_bytes_per_cycle = 128;  ///< through the core's network interface
    double memory_bytes_per_cycle = 64; ///< the core's share of the memory at its peak
    double latency_cycles = 0;          ///< of a read under load: no step is shorter
};

/// Where the operands of a node lie.
struct GemmPlaces {
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::uint64_t c = 0;
};

/// FLOP per cycle of one core's unit: 2 per multiply-accumulate cell of the array, or the vector unit's rate.
[[nodiscard]] std::uint64_t flops_per_cycle(const config::CoreConfig& core, workloads::Unit unit);

/// Plan of batch x C[m,n] = A[m,k] B[k,n].
///
/// The output is dealt to cores as a grid (batch x rows x columns), each core's block is cut into tiles, and of all
/// ways whose double-buffered tiles fit the SRAM the one with the shortest estimate is taken: the longer of computing
/// and moving the core's traffic (through its port, and at half of its share of the memory's peak), a tenth of the
/// shorter, and the first load and the last store, which nothing hides. No step is
/// taken to be shorter than a read under load, so that double buffering hides latency. Either one operand's tile stays
/// in SRAM over the whole of k while the other streams by, or both stream by in slices of k and the output accumulates
/// in SRAM in four bytes. Tiles compute in roofline time, FLOPs over the unit's rate.
///
/// Tensors lie in memory tile after tile, so a tile is one contiguous range; two nodes that cut a tensor differently
/// touch the same bytes in another order. With operand_sharing = "per_die" a tile that several cores need is read
/// from memory once, in equal parts, by all of them, and each passes its part on over the network; with "per_core"
/// each core reads all of it.
[[nodiscard]] NodePlan plan_gemm(const workloads::Gemm& gemm, const GemmPlaces& places, const config::CoreConfig& core,
                                 const TileTraffic& traffic);

/// Plan of a node without operands: `read` streams in and `write` streams out in equal shares by all cores, with
/// `flops` spread evenly; the roofline of the node's `unit` and of its traffic.
[[nodiscard]] NodePlan plan_stream(AddressRange read, AddressRange write, std::uint64_t flops, workloads::Unit unit,
                                   const config::CoreConfig& core, std::uint64_t packet_bytes);

/// Plan of a node that is known only by how long it took: every core is busy for `cycles`.
[[nodiscard]] NodePlan plan_replay(std::uint64_t cycles, workloads::Unit unit, const config::CoreConfig& core);

} // namespace intarsia::models
