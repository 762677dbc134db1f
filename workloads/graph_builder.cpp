#include "workloads/graph_builder.hpp"

namespace intarsia::workloads {

std::uint32_t GraphBuilder::name(std::string_view text) {
    if (const auto found = names_.find(text); found != names_.end()) {
        return found->second;
    }
    const auto index = static_cast<std::uint32_t>(graph_.names.size());
    graph_.names.emplace_back(text);
    names_.emplace(text, index);
    return index;
}

std::optional<TensorIndex> GraphBuilder::tensor(std::string_view text, std::uint64_t bytes) {
    if (const auto found = tensors_.find(text); found != tensors_.end()) {
        return graph_.tensors[found->second].bytes == bytes ? std::optional(found->second) : std::nullopt;
    }
    const auto index = static_cast<TensorIndex>(graph_.tensors.size());
    graph_.tensors.push_back({std::string(text), bytes});
    tensors_.emplace(text, index);
    return index;
}

std::uint32_t GraphBuilder::gemm(const Gemm& product) {
    graph_.gemms.push_back(product);
    return static_cast<std::uint32_t>(graph_.gemms.size() - 1);
}

std::uint32_t GraphBuilder::add(Node node, std::string_view text, std::span<const std::uint32_t> dependencies) {
    node.name = name(text);
    node.first_dependency = static_cast<std::uint32_t>(graph_.dependencies.size());
    node.dependency_count = static_cast<std::uint32_t>(dependencies.size());
    graph_.dependencies.insert(graph_.dependencies.end(), dependencies.begin(), dependencies.end());
    graph_.nodes.push_back(node);
    return static_cast<std::uint32_t>(graph_.nodes.size() - 1);
}

} // namespace intarsia::workloads
