#include "workloads/graph_check.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace intarsia::workloads {

namespace {

struct Identified {
    std::uint64_t id;
    std::uint32_t index;
    auto operator<=>(const Identified&) const = default;
};

std::vector<Identified> sorted_by_id(const ExecutionGraph& graph) {
    std::vector<Identified> nodes;
    nodes.reserve(graph.nodes.size());
    for (std::uint32_t i = 0; i < graph.nodes.size(); ++i) {
        nodes.push_back({graph.nodes[i].id, i});
    }
    std::sort(nodes.begin(), nodes.end());
    return nodes;
}

void check_unique(const std::vector<Identified>& nodes, const ExecutionGraph& graph, const std::string& file,
                  FaultList& faults) {
    for (std::size_t i = 1; i < nodes.size(); ++i) {
        if (nodes[i].id == nodes[i - 1].id) {
            faults.add(place_of(file, graph, nodes[i].index),
                       fmt::format("this identifier was already used by node number {} of the file ({}); this is "
                                   "number {}",
                                   nodes[i - 1].index + 1, printable(graph.name_of(graph.nodes[nodes[i - 1].index])),
                                   nodes[i].index + 1),
                       "give every node of a rank its own identifier");
        }
    }
}

std::string cycle_text(const ExecutionGraph& graph, const std::vector<std::uint32_t>& cycle) {
    constexpr std::size_t shown = 8;
    const auto label = [&](std::uint32_t node) {
        return fmt::format("{} ({})", graph.nodes[node].id, printable(graph.name_of(graph.nodes[node])));
    };
    std::string text;
    for (std::size_t i = 0; i < std::min(cycle.size(), shown); ++i) {
        text += label(cycle[i]) + " -> ";
    }
    if (cycle.size() > shown) {
        text += fmt::format("... {} more -> ", cycle.size() - shown);
    }
    return text + label(cycle.front());
}

// Every node left over by topological_order() lies on a cycle or waits for one. Walking from each to a node
// it waits for, always within the rest, ends in a cycle; walks that meet an earlier one add none.
void report_cycles(const ExecutionGraph& graph, const std::string& file, FaultList& faults) {
    const std::vector<std::uint32_t> order = topological_order(graph);
    if (order.size() == graph.nodes.size()) {
        return;
    }
    constexpr std::uint32_t unvisited = 0;
    std::vector<bool> rest(graph.nodes.size(), true);
    for (const std::uint32_t node : order) {
        rest[node] = false;
    }
    std::vector<std::uint32_t> walk_of(graph.nodes.size(), unvisited);
    for (std::uint32_t start = 0; start < graph.nodes.size(); ++start) {
        if (!rest[start] || walk_of[start] != unvisited) {
            continue;
        }
        const std::uint32_t walk = start + 1;
        std::vector<std::uint32_t> path;
        std::uint32_t node = start;
        while (walk_of[node] == unvisited) {
            walk_of[node] = walk;
            path.push_back(node);
            const auto before = graph.dependencies_of(graph.nodes[node]);
            node = *std::find_if(before.begin(), before.end(), [&](std::uint32_t d) { return rest[d]; });
        }
        if (walk_of[node] == walk) {
            path.erase(path.begin(), std::find(path.begin(), path.end(), node));
            faults.add(place_of(file, graph, node),
                       fmt::format("{} nodes wait for each other in a cycle: {}", path.size(), cycle_text(graph, path)),
                       "remove one of these dependencies");
        }
    }
}

} // namespace

std::string printable(std::string_view name) {
    constexpr std::size_t longest = 80;
    std::string text(name.substr(0, longest));
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
    return name.size() > longest ? text + "..." : text;
}

SourcePlace place_of(const std::string& file, const ExecutionGraph& graph, std::uint32_t node) {
    const Node& it = graph.nodes[node];
    const std::string name = printable(graph.name_of(it));
    return {file, 0, 0, name.empty() ? fmt::format("node {}", it.id) : fmt::format("node {} ({})", it.id, name)};
}

void resolve_dependencies(ExecutionGraph& graph, const std::vector<std::uint64_t>& identifiers, const std::string& file,
                          FaultList& faults) {
    const std::uint64_t faults_before = faults.count();
    const std::vector<Identified> by_id = sorted_by_id(graph);
    check_unique(by_id, graph, file, faults);
    graph.dependencies.reserve(identifiers.size());
    for (std::uint32_t i = 0; i < graph.nodes.size(); ++i) {
        Node& node = graph.nodes[i];
        const std::span waited_for = std::span(identifiers).subspan(node.first_dependency, node.dependency_count);
        const auto first = static_cast<std::uint32_t>(graph.dependencies.size());
        for (const std::uint64_t id : waited_for) {
            if (id == node.id) {
                faults.add(place_of(file, graph, i), "the node waits for itself", "remove the dependency");
                continue;
            }
            const auto found = std::lower_bound(by_id.begin(), by_id.end(), Identified{id, 0});
            if (found == by_id.end() || found->id != id) {
                ++graph.dangling_dependencies;
                continue;
            }
            graph.dependencies.push_back(found->index);
        }
        const auto begin = graph.dependencies.begin() + first;
        std::sort(begin, graph.dependencies.end());
        graph.dependencies.erase(std::unique(begin, graph.dependencies.end()), graph.dependencies.end());
        node.first_dependency = first;
        node.dependency_count = static_cast<std::uint32_t>(graph.dependencies.size()) - first;
    }
    // Which nodes form a cycle is not defined while identifiers are.
    if (faults.count() == faults_before) {
        report_cycles(graph, file, faults);
    }
}

void check_sums(const ExecutionGraph& graph, const std::string& file, Sums& sums, FaultList& faults) {
    struct Summand {
        const char* what;
        std::uint64_t Node::*member;
    };
    constexpr std::array<Summand, std::tuple_size_v<decltype(Sums::nodes)>> summands{
        {{"operations", &Node::flops},
         {"tensor bytes", &Node::tensor_bytes},
         {"communicated bytes", &Node::comm_bytes},
         {"durations", &Node::duration_us}}};
    for (std::size_t s = 0; s < summands.size(); ++s) {
        for (std::uint32_t i = 0; i < graph.nodes.size(); ++i) {
            if (__builtin_add_overflow(sums.nodes[s], graph.nodes[i].*summands[s].member, &sums.nodes[s])) {
                faults.add(place_of(file, graph, i),
                           fmt::format("up to this node the {} sum to more than 64 bits hold", summands[s].what),
                           "correct the sizes");
                sums.nodes[s] = 0;
                break;
            }
        }
    }
    for (const Tensor& tensor : graph.tensors) {
        if (__builtin_add_overflow(sums.tensors, tensor.bytes, &sums.tensors)) {
            faults.add({file, 0, 0, ""}, "the sizes of the tensors sum to more than 64 bits hold", "correct the sizes");
            sums.tensors = 0;
            break;
        }
    }
}

} // namespace intarsia::workloads
