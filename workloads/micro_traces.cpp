#include "workloads/micro_traces.hpp"

#include "config/errors.hpp"
#include "workloads/graph_builder.hpp"

#include <fmt/format.h>
#include <limits>
#include <string>

namespace intarsia::workloads {

namespace {

__extension__ using Wide = unsigned __int128;

// Sums over all ranks stay below this, so that a trace that was written can be read again.
constexpr Wide most = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint32_t most_ranks = 4096;
constexpr std::uint64_t most_elements = 1ULL << 31U; // a dimension

void check_option(bool holds, const char* option, std::string message, std::string remedy) {
    if (!holds) {
        throw InputError({{"", 0, 0, option}, std::move(message), std::move(remedy)});
    }
}

void check_ranks(std::uint32_t ranks, std::uint32_t least) {
    check_option(ranks >= least && ranks <= most_ranks, "--ranks", fmt::format("{} is out of range", ranks),
                 fmt::format("give {} to {}", least, most_ranks));
}

TensorIndex tensor_of(GraphBuilder& builder, const char* name, std::uint64_t bytes) {
    const auto index = builder.tensor(name, bytes);
    require(index.has_value(), "a generated tensor has one size");
    return *index;
}

Workload same_on_all_ranks(std::string name, const ExecutionGraph& graph, std::uint32_t ranks) {
    Workload workload;
    workload.name = std::move(name);
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
        workload.ranks.push_back(graph);
        workload.ranks.back().rank = rank;
        workload.groups[0].push_back(rank);
    }
    return workload;
}

} // namespace

Workload gemm_workload(std::uint64_t m, std::uint64_t n, std::uint64_t k, std::uint32_t ranks) {
    check_ranks(ranks, 1);
    for (const std::uint64_t dimension : {m, n, k}) {
        check_option(dimension > 0 && dimension <= most_elements, "--gemm",
                     fmt::format("{} is out of range for a dimension", dimension),
                     fmt::format("give M,N,K of 1 to {} each", most_elements));
    }
    constexpr std::uint32_t element_bytes = 2;
    const Wide bytes = element_bytes * (Wide(m) * k + Wide(k) * n + Wide(m) * n);
    check_option(Wide(m) * n <= most / k / ranks / 2 && bytes <= most / ranks, "--gemm",
                 "the products of all ranks have more operations or bytes than 64 bits hold", "give smaller M,N,K");
    GraphBuilder builder(0);
    Gemm gemm;
    gemm.m = m;
    gemm.n = n;
    gemm.k = k;
    gemm.element_bytes = element_bytes;
    gemm.a = tensor_of(builder, "a", element_bytes * m * k);
    gemm.b = tensor_of(builder, "b", element_bytes * k * n);
    gemm.c = tensor_of(builder, "c", element_bytes * m * n);
    Node node;
    node.type = NodeType::comp;
    node.flops = 2 * m * n * k;
    node.tensor_bytes = static_cast<std::uint64_t>(bytes);
    node.has_gemm = true;
    node.gemm = builder.gemm(gemm);
    builder.add(node, "gemm", {});
    return same_on_all_ranks(fmt::format("gemm_{}x{}x{}", m, n, k), builder.graph(), ranks);
}

Workload collective_workload(Collective kind, std::uint64_t bytes, std::uint32_t ranks) {
    check_ranks(ranks, 2);
    check_option(bytes <= most / ranks, "--bytes", "the buffers of all ranks have more bytes than 64 bits hold",
                 "give fewer bytes");
    GraphBuilder builder(0);
    Node node;
    node.type = NodeType::comm_coll;
    node.collective = kind;
    node.comm_bytes = bytes;
    if (bytes > 0) {
        node.read_tensor = tensor_of(builder, "buffer", bytes);
    }
    const std::string name(name_of(kind));
    builder.add(node, name, {});
    return same_on_all_ranks(name, builder.graph(), ranks);
}

} // namespace intarsia::workloads
