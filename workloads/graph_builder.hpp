// Puts an execution graph together: node by node, each name and tensor once.
#pragma once

#include "workloads/execution_graph.hpp"

#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace intarsia::workloads {

class GraphBuilder {
  public:
    explicit GraphBuilder(std::uint32_t rank) { graph_.rank = rank; }

    /// Index of a name, which is added if it is new.
    std::uint32_t name(std::string_view text);
    /// Index of a tensor, which is added if it is new; nothing if it exists with another size.
    std::optional<TensorIndex> tensor(std::string_view text, std::uint64_t bytes);
    std::uint32_t gemm(const Gemm& product);

    /// Appends a node that waits for the nodes with these indices. Returns its own.
    std::uint32_t add(Node node, std::string_view text, std::span<const std::uint32_t> dependencies);
    std::uint32_t add(Node node, std::string_view text, std::initializer_list<std::uint32_t> dependencies) {
        return add(node, text, std::span(dependencies.begin(), dependencies.size()));
    }

    [[nodiscard]] ExecutionGraph& graph() { return graph_; }

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    using Table = std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>>;

    ExecutionGraph graph_;
    Table names_;
    Table tensors_;
};

} // namespace intarsia::workloads
