// Generates the training step of GPT-style transformer layers under tensor parallelism.
//
// Symbols of the formulas: b micro-batch (sequences), s sequence length, n = b s tokens, h hidden size, a
// heads, d = h / a head size, f feed-forward width, T tensor-parallel ranks, e bytes of an element. The layer
// is that of Megatron-LM (Shoeybi et al. 2019): column-parallel QKV and MLP-up, row-parallel output
// projection and MLP-down, one all-reduce after each row-parallel product forward and after each
// column-parallel product's input gradient backward. Attention is fused as in FlashAttention (Dao 2022,
// 2023).
#pragma once

#include "workloads/execution_graph.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace intarsia::workloads {

/// The model and how it is trained: what a MODEL.toml says.
struct TransformerConfig {
    std::string name = "transformer";
    std::uint32_t layers = 1;
    std::uint64_t hidden = 0;          ///< h
    std::uint64_t heads = 0;           ///< a
    std::uint64_t feed_forward = 0;    ///< f; 0: 4 h
    std::uint32_t element_bytes = 2;   ///< e; 2 is BF16
    bool causal = false;               ///< attention skips the masked half of the scores
    std::uint64_t sequence = 0;        ///< s
    std::uint64_t micro_batch = 1;     ///< b
    std::uint32_t tensor_parallel = 1; ///< T
};

/// Reads a MODEL.toml (`overrides` are "path=value"). Throws InputError with all faults: unknown keys, values
/// out of range, sizes that T does not divide, steps whose operations exceed 64 bits.
TransformerConfig read_transformer(const std::string& path, const std::vector<std::string>& overrides = {});

/// Forward and backward pass of all layers for one micro-batch: one graph for each of the T ranks. No
/// embedding, head, loss or optimizer: the gradient of the last layer's output is there when the forward pass
/// ends.
///
/// Per layer and rank, forward: norm (5 n h FLOP), QKV product, attention (4 n s h / T FLOP, half of it if
/// causal), output projection, ALL_REDUCE of e n h, residual (n h), norm, MLP up, GELU (8 n f / T), MLP down,
/// ALL_REDUCE, residual. Backward: for each product the gradient of its input (on the critical path) and of
/// its weights (off it, same FLOP each), attention 2.5 x forward (scores are recomputed), norm 2 x, GELU and
/// residual 1 x forward, 2 ALL_REDUCE. Element-wise nodes read each operand and write each result once;
/// attention reads QKV and writes its output and the log-sum-exp of 4 bytes a token and head, once.
Workload generate_transformer(const TransformerConfig& config);

} // namespace intarsia::workloads
