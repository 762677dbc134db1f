#include "workloads/summary.hpp"

#include <numeric>

namespace intarsia::workloads {

namespace {

void count(Traffic& traffic, std::uint64_t bytes) {
    ++traffic.count;
    traffic.bytes += bytes;
}

void add(Traffic& to, const Traffic& from) {
    to.count += from.count;
    to.bytes += from.bytes;
}

} // namespace

std::uint64_t Summary::node_count() const {
    return std::accumulate(nodes.begin(), nodes.end(), std::uint64_t{0});
}

Summary& Summary::operator+=(const Summary& other) {
    for (std::size_t type = 0; type < nodes.size(); ++type) {
        nodes[type] += other.nodes[type];
    }
    for (const auto member :
         {&Summary::host_nodes, &Summary::host_wrappers, &Summary::dependencies, &Summary::dangling_dependencies,
          &Summary::caller_links, &Summary::matrix_flops, &Summary::vector_flops, &Summary::gemms,
          &Summary::compute_bytes, &Summary::duration_us}) {
        this->*member += other.*member;
    }
    for (const auto member :
         {&Summary::loads, &Summary::stores, &Summary::sends, &Summary::receives, &Summary::tensors}) {
        add(this->*member, other.*member);
    }
    for (const auto& [key, traffic] : other.collectives) {
        add(collectives[key], traffic);
    }
    return *this;
}

Summary summarise(const ExecutionGraph& graph) {
    Summary summary;
    for (const Node& node : graph.nodes) {
        ++summary.nodes[static_cast<std::size_t>(node.type)];
        summary.host_nodes += node.is_cpu_op ? 1 : 0;
        summary.duration_us += node.duration_us;
        switch (node.type) {
        case NodeType::metadata:
            break;
        case NodeType::mem_load:
            count(summary.loads, node.tensor_bytes);
            break;
        case NodeType::mem_store:
            count(summary.stores, node.tensor_bytes);
            break;
        case NodeType::comp:
            (node.unit == Unit::matrix ? summary.matrix_flops : summary.vector_flops) += node.flops;
            summary.compute_bytes += node.tensor_bytes;
            break;
        case NodeType::comm_send:
            count(summary.sends, node.comm_bytes);
            break;
        case NodeType::comm_recv:
            count(summary.receives, node.comm_bytes);
            break;
        case NodeType::comm_coll:
            count(summary.collectives[{node.collective, node.group}], node.comm_bytes);
            break;
        }
    }
    for (const Tensor& tensor : graph.tensors) {
        count(summary.tensors, tensor.bytes);
    }
    summary.gemms = graph.gemms.size();
    summary.dependencies = graph.dependencies.size();
    summary.dangling_dependencies = graph.dangling_dependencies;
    summary.caller_links = graph.caller_links;
    summary.host_wrappers = graph.host_wrappers;
    return summary;
}

Summary summarise(const Workload& workload) {
    Summary total;
    for (const ExecutionGraph& graph : workload.ranks) {
        total += summarise(graph);
    }
    return total;
}

} // namespace intarsia::workloads
