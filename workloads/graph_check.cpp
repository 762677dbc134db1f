#include "workloads/graph_check.hpp"

#include <algorithm>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/strong_components.hpp>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <utility>

namespace intarsia::workloads {

namespace {

struct Identified {
    std::uint64_t id;
    std::uint32_t index;
    bool operator<(const Identified& other) const { return id != other.id ? id < other.id : index < other.index; }
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

// The strongly connected component of each node: nodes share one exactly when they wait for each other.
std::vector<std::uint32_t> components_of(const ExecutionGraph& graph) {
    using Edges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
    using Csr = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, boost::no_property,
                                                   boost::no_property, std::uint32_t, std::uint32_t>;
    Edges edges;
    edges.reserve(graph.dependencies.size());
    for (std::uint32_t i = 0; i < graph.nodes.size(); ++i) {
        for (const std::uint32_t before : graph.dependencies_of(graph.nodes[i])) {
            edges.emplace_back(i, before);
        }
    }
    const Csr csr(boost::edges_are_sorted, edges.begin(), edges.end(), static_cast<std::uint32_t>(graph.nodes.size()));
    std::vector<std::uint32_t> component(graph.nodes.size());
    boost::strong_components(
        csr, boost::make_iterator_property_map(component.begin(), boost::get(boost::vertex_index, csr)));
    return component;
}

// One cycle for each set of nodes that wait for each other: walking within the set, from each node to the first that it
// waits for, must come back to a node that was passed.
void report_cycles(const ExecutionGraph& graph, const std::string& file, FaultList& faults) {
    if (topological_order(graph).size() == graph.nodes.size()) {
        return;
    }
    const std::vector<std::uint32_t> component = components_of(graph);
    std::vector<bool> is_reported(graph.nodes.size(), false); // by component
    std::vector<bool> is_passed(graph.nodes.size(), false);
    for (std::uint32_t start = 0; start < graph.nodes.size(); ++start) {
        std::vector<std::uint32_t> path;
        const auto next = [&](std::uint32_t node) {
            const auto before = graph.dependencies_of(graph.nodes[node]);
            const auto found = std::find_if(before.begin(), before.end(),
                                            [&](std::uint32_t d) { return component[d] == component[node]; });
            return found == before.end() ? node : *found;
        };
        if (is_reported[component[start]] || next(start) == start) {
            continue;
        }
        is_reported[component[start]] = true;
        std::uint32_t node = start;
        for (; !is_passed[node]; node = next(node)) {
            is_passed[node] = true;
            path.push_back(node);
        }
        path.erase(path.begin(), std::find(path.begin(), path.end(), node));
        faults.add(place_of(file, graph, node),
                   fmt::format("{} nodes wait for each other in a cycle: {}", path.size(), cycle_text(graph, path)),
                   "remove one of these dependencies");
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

void resolve_dependencies(ExecutionGraph& graph, const std::vector<std::uint64_t>& identifiers,
                          const std::vector<std::uint64_t>& callers, const std::string& file, FaultList& faults) {
    const std::uint64_t faults_before = faults.count();
    const std::vector<Identified> by_id = sorted_by_id(graph);
    check_unique(by_id, graph, file, faults);
    const auto find = [&](std::uint64_t id) {
        const auto found = std::lower_bound(by_id.begin(), by_id.end(), Identified{id, 0});
        return found == by_id.end() || found->id != id ? std::nullopt : std::optional(found->index);
    };
    std::vector<std::uint64_t> dangling;
    graph.dependencies.reserve(identifiers.size());
    for (std::uint32_t i = 0; i < graph.nodes.size(); ++i) {
        Node& node = graph.nodes[i];
        const auto first = static_cast<std::uint32_t>(graph.dependencies.size());
        for (const std::uint64_t id : std::span(identifiers).subspan(node.first_dependency, node.dependency_count)) {
            if (id == node.id) {
                faults.add(place_of(file, graph, i), "the node waits for itself", "remove the dependency");
            } else if (const auto before = find(id)) {
                graph.dependencies.push_back(*before);
            } else {
                dangling.push_back(id);
            }
        }
        const auto begin = graph.dependencies.begin() + first;
        std::sort(begin, graph.dependencies.end());
        graph.dependencies.erase(std::unique(begin, graph.dependencies.end()), graph.dependencies.end());
        node.first_dependency = first;
        node.dependency_count = static_cast<std::uint32_t>(graph.dependencies.size()) - first;
    }
    std::copy_if(callers.begin(), callers.end(), std::back_inserter(dangling),
                 [&](std::uint64_t id) { return !find(id); });
    std::sort(dangling.begin(), dangling.end());
    graph.dangling_dependencies =
        static_cast<std::uint64_t>(std::unique(dangling.begin(), dangling.end()) - dangling.begin());
    graph.caller_links = callers.size();
    // Which nodes form a cycle is not defined while identifiers are used twice.
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
