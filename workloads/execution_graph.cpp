#include "workloads/execution_graph.hpp"

#include <array>
#include <functional>
#include <queue>

namespace intarsia::workloads {

namespace {

constexpr std::array<std::string_view, node_type_count> node_type_names{
    "METADATA_NODE",  "MEM_LOAD_NODE",  "MEM_STORE_NODE", "COMP_NODE",
    "COMM_SEND_NODE", "COMM_RECV_NODE", "COMM_COLL_NODE"};

constexpr std::array<std::string_view, collective_count> collective_names{
    "ALL_REDUCE", "REDUCE",         "ALL_GATHER",           "GATHER", "SCATTER", "BROADCAST",
    "ALL_TO_ALL", "REDUCE_SCATTER", "REDUCE_SCATTER_BLOCK", "BARRIER"};

} // namespace

std::string_view name_of(NodeType type) {
    return node_type_names[static_cast<std::size_t>(type)];
}
std::string_view name_of(Collective kind) {
    return collective_names[static_cast<std::size_t>(kind)];
}

std::optional<Collective> collective_named(std::string_view name) {
    for (std::size_t i = 0; i < collective_count; ++i) {
        if (collective_names[i] == name) {
            return static_cast<Collective>(i);
        }
    }
    return std::nullopt;
}

std::vector<std::uint32_t> topological_order(const ExecutionGraph& graph) {
    const std::size_t count = graph.nodes.size();
    // Successors in the same flat form as the dependencies: those of node i stand at [first[i], first[i +
    // 1]).
    std::vector<std::uint32_t> first(count + 1, 0);
    for (const Node& node : graph.nodes) {
        for (const std::uint32_t before : graph.dependencies_of(node)) {
            ++first[before + 1];
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        first[i + 1] += first[i];
    }
    std::vector<std::uint32_t> successors(graph.dependencies.size());
    std::vector<std::uint32_t> next(first.begin(), first.end() - 1);
    std::vector<std::uint32_t> waiting(count);
    std::vector<std::uint32_t> order;
    order.reserve(count);
    // The earliest free node first: a file that lists each node after those it waits for keeps its own order, whatever
    // else its dependencies are. Ranks match their collectives by this order.
    std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> free;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto before = graph.dependencies_of(graph.nodes[i]);
        for (const std::uint32_t dependency : before) {
            successors[next[dependency]++] = i;
        }
        waiting[i] = static_cast<std::uint32_t>(before.size());
        if (before.empty()) {
            free.push(i);
        }
    }
    while (!free.empty()) {
        const std::uint32_t node = free.top();
        free.pop();
        order.push_back(node);
        for (std::uint32_t s = first[node]; s < first[node + 1]; ++s) {
            if (--waiting[successors[s]] == 0) {
                free.push(successors[s]);
            }
        }
    }
    return order;
}

} // namespace intarsia::workloads
