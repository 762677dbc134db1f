#include "workloads/transformer.hpp"

#include "config/errors.hpp"
#include "workloads/graph_builder.hpp"

#include <fmt/format.h>
#include <utility>

namespace intarsia::workloads {

namespace {

// Writes the nodes of one rank; all ranks of a tensor-parallel group do the same. Functions that add a node
// take the node that it waits for and return its index.
class RankGenerator {
  public:
    explicit RankGenerator(const TransformerConfig& config)
        : config_(config), builder_(0), tokens_(config.micro_batch * config.sequence), hidden_(config.hidden),
          ranks_(config.tensor_parallel), activation_bytes_(config.element_bytes * tokens_ * hidden_) {}

    ExecutionGraph generate();

  private:
    using After = std::uint32_t;

    After forward_layer(std::uint32_t layer, After after);
    After backward_layer(std::uint32_t layer, After after);

    // C[m,n] = A[m,k] B[k,n] on operands of exactly these sizes.
    After product(const std::string& name, std::uint64_t m, std::uint64_t n, std::uint64_t k, const std::string& a,
                  const std::string& b, const std::string& c, After after);
    // A node that reads and writes each byte once.
    After stream(const std::string& name, Unit unit, std::uint64_t flops, std::uint64_t read_bytes,
                 TensorIndex read_tensor, std::uint64_t write_bytes, TensorIndex write_tensor, After after);
    After element_wise(const std::string& name, std::uint64_t flops, std::uint64_t columns, std::uint32_t operands,
                       const std::string& read, const std::string& write, After after);
    After all_reduce(const std::string& name, const std::string& buffer, After after);
    After add(Node node, const std::string& name, After after);

    TensorIndex tensor(const std::string& name, std::uint64_t rows, std::uint64_t columns) {
        const auto index = builder_.tensor(name, config_.element_bytes * rows * columns);
        require(index.has_value(), "a generated tensor has one size");
        return *index;
    }
    // The activation that a layer starts from; after the last layer, the output.
    [[nodiscard]] std::string stream_name(std::uint32_t layer) const {
        return layer < config_.layers ? fmt::format("layer{}.input", layer) : "output";
    }

    [[nodiscard]] std::uint64_t qkv_columns() const { return 3 * hidden_ / ranks_; }
    [[nodiscard]] std::uint64_t head_columns() const { return hidden_ / ranks_; }
    [[nodiscard]] std::uint64_t mlp_columns() const { return config_.feed_forward / ranks_; }
    // Q K^T and the product with V, 2 n s h / T each; the causal mask hides half of both.
    [[nodiscard]] std::uint64_t attention_flops() const {
        return (config_.causal ? 2 : 4) * tokens_ * config_.sequence * head_columns();
    }
    // One 4-byte float a token and head.
    [[nodiscard]] std::uint64_t log_sum_exp_bytes() const { return 4 * tokens_ * config_.heads / ranks_; }

    const TransformerConfig& config_;
    GraphBuilder builder_;
    std::uint64_t tokens_;
    std::uint64_t hidden_;
    std::uint64_t ranks_;
    std::uint64_t activation_bytes_; // e n h: what the all-reduces carry
    bool first_node_ = true;
};

RankGenerator::After RankGenerator::add(Node node, const std::string& name, After after) {
    node.id = builder_.graph().nodes.size();
    if (std::exchange(first_node_, false)) {
        return builder_.add(node, name, {});
    }
    return builder_.add(node, name, {after});
}

RankGenerator::After RankGenerator::product(const std::string& name, std::uint64_t m, std::uint64_t n, std::uint64_t k,
                                            const std::string& a, const std::string& b, const std::string& c,
                                            After after) {
    Gemm gemm;
    gemm.m = m;
    gemm.n = n;
    gemm.k = k;
    gemm.element_bytes = config_.element_bytes;
    gemm.a = tensor(a, m, k);
    gemm.b = tensor(b, k, n);
    gemm.c = tensor(c, m, n);
    Node node;
    node.type = NodeType::comp;
    node.flops = 2 * m * n * k;
    node.tensor_bytes = config_.element_bytes * (m * k + k * n + m * n);
    node.has_gemm = true;
    node.gemm = builder_.gemm(gemm);
    return add(node, name, after);
}

RankGenerator::After RankGenerator::stream(const std::string& name, Unit unit, std::uint64_t flops,
                                           std::uint64_t read_bytes, TensorIndex read_tensor, std::uint64_t write_bytes,
                                           TensorIndex write_tensor, After after) {
    Node node;
    node.type = NodeType::comp;
    node.unit = unit;
    node.flops = flops;
    node.has_split = true;
    node.read_bytes = read_bytes;
    node.write_bytes = write_bytes;
    node.tensor_bytes = read_bytes + write_bytes;
    node.read_tensor = read_tensor;
    node.write_tensor = write_tensor;
    return add(node, name, after);
}

RankGenerator::After RankGenerator::element_wise(const std::string& name, std::uint64_t flops, std::uint64_t columns,
                                                 std::uint32_t operands, const std::string& read,
                                                 const std::string& write, After after) {
    const std::uint64_t bytes = config_.element_bytes * tokens_ * columns;
    return stream(name, Unit::vector, flops, operands * bytes, tensor(read, tokens_, columns), bytes,
                  tensor(write, tokens_, columns), after);
}

RankGenerator::After RankGenerator::all_reduce(const std::string& name, const std::string& buffer, After after) {
    if (ranks_ == 1) {
        return after;
    }
    Node node;
    node.type = NodeType::comm_coll;
    node.collective = Collective::all_reduce;
    node.comm_bytes = activation_bytes_;
    node.read_tensor = tensor(buffer, tokens_, hidden_);
    return add(node, name, after);
}

RankGenerator::After RankGenerator::forward_layer(std::uint32_t layer, After after) {
    const std::string l = fmt::format("layer{}.", layer);
    const std::string node = l + "forward.";
    const std::uint64_t elements = tokens_ * hidden_;
    After at = after;
    at = element_wise(node + "norm1", 5 * elements, hidden_, 1, stream_name(layer), l + "norm1", at);
    at = product(node + "qkv", tokens_, qkv_columns(), hidden_, l + "norm1", l + "qkv.weight", l + "qkv", at);
    at = stream(node + "attention", Unit::matrix, attention_flops(), config_.element_bytes * tokens_ * qkv_columns(),
                tensor(l + "qkv", tokens_, qkv_columns()),
                config_.element_bytes * tokens_ * head_columns() + log_sum_exp_bytes(),
                tensor(l + "attention", tokens_, head_columns()), at);
    at = product(node + "projection", tokens_, hidden_, head_columns(), l + "attention", l + "projection.weight",
                 l + "projection", at);
    at = all_reduce(node + "projection.all_reduce", l + "projection", at);
    at = element_wise(node + "residual1", elements, hidden_, 2, l + "projection", l + "middle", at);
    at = element_wise(node + "norm2", 5 * elements, hidden_, 1, l + "middle", l + "norm2", at);
    at = product(node + "mlp_up", tokens_, mlp_columns(), hidden_, l + "norm2", l + "mlp_up.weight", l + "mlp_up", at);
    at = element_wise(node + "gelu", 8 * tokens_ * mlp_columns(), mlp_columns(), 1, l + "mlp_up", l + "gelu", at);
    at = product(node + "mlp_down", tokens_, hidden_, mlp_columns(), l + "gelu", l + "mlp_down.weight", l + "mlp_down",
                 at);
    at = all_reduce(node + "mlp_down.all_reduce", l + "mlp_down", at);
    return element_wise(node + "residual2", elements, hidden_, 2, l + "mlp_down", stream_name(layer + 1), at);
}

RankGenerator::After RankGenerator::backward_layer(std::uint32_t layer, After after) {
    const std::string l = fmt::format("layer{}.", layer);
    const std::string node = l + "backward.";
    const std::uint64_t elements = tokens_ * hidden_;
    // The residual passes the gradient on unchanged, so that of the layer's output is that of mlp_down, too.
    const std::string output_grad = stream_name(layer + 1) + ".grad";
    After at = after;

    product(node + "mlp_down.wgrad", mlp_columns(), hidden_, tokens_, l + "gelu", output_grad,
            l + "mlp_down.weight.grad", at);
    at = product(node + "mlp_down.dgrad", tokens_, mlp_columns(), hidden_, output_grad, l + "mlp_down.weight",
                 l + "gelu.grad", at);
    at = element_wise(node + "gelu", 8 * tokens_ * mlp_columns(), mlp_columns(), 2, l + "gelu.grad", l + "mlp_up.grad",
                      at);
    product(node + "mlp_up.wgrad", hidden_, mlp_columns(), tokens_, l + "norm2", l + "mlp_up.grad",
            l + "mlp_up.weight.grad", at);
    at = product(node + "mlp_up.dgrad", tokens_, hidden_, mlp_columns(), l + "mlp_up.grad", l + "mlp_up.weight",
                 l + "norm2.grad", at);
    at = all_reduce(node + "mlp_up.all_reduce", l + "norm2.grad", at);
    at = element_wise(node + "norm2", 10 * elements, hidden_, 2, l + "norm2.grad", l + "middle.branch_grad", at);
    at = element_wise(node + "residual2", elements, hidden_, 2, l + "middle.branch_grad", l + "middle.grad", at);

    product(node + "projection.wgrad", head_columns(), hidden_, tokens_, l + "attention", l + "middle.grad",
            l + "projection.weight.grad", at);
    at = product(node + "projection.dgrad", tokens_, head_columns(), hidden_, l + "middle.grad",
                 l + "projection.weight", l + "attention.grad", at);
    // Reads Q, K, V, the output, its gradient and the log-sum-exp; writes the gradients of Q, K and V.
    at = stream(node + "attention", Unit::matrix, attention_flops() / 2 * 5,
                config_.element_bytes * tokens_ * (qkv_columns() + 2 * head_columns()) + log_sum_exp_bytes(),
                tensor(l + "qkv", tokens_, qkv_columns()), config_.element_bytes * tokens_ * qkv_columns(),
                tensor(l + "qkv.grad", tokens_, qkv_columns()), at);
    product(node + "qkv.wgrad", hidden_, qkv_columns(), tokens_, l + "norm1", l + "qkv.grad", l + "qkv.weight.grad",
            at);
    at = product(node + "qkv.dgrad", tokens_, hidden_, qkv_columns(), l + "qkv.grad", l + "qkv.weight",
                 l + "norm1.grad", at);
    at = all_reduce(node + "qkv.all_reduce", l + "norm1.grad", at);
    at = element_wise(node + "norm1", 10 * elements, hidden_, 2, l + "norm1.grad", l + "input.branch_grad", at);
    return element_wise(node + "residual1", elements, hidden_, 2, l + "input.branch_grad", stream_name(layer) + ".grad",
                        at);
}

ExecutionGraph RankGenerator::generate() {
    After at = 0;
    for (std::uint32_t layer = 0; layer < config_.layers; ++layer) {
        at = forward_layer(layer, at);
    }
    for (std::uint32_t layer = config_.layers; layer-- > 0;) {
        at = backward_layer(layer, at);
    }
    return std::move(builder_.graph());
}

} // namespace

Workload generate_transformer(const TransformerConfig& config) {
    Workload workload;
    workload.name = config.name;
    workload.tokens = config.micro_batch * config.sequence;
    const ExecutionGraph graph = RankGenerator(config).generate();
    for (std::uint32_t rank = 0; rank < config.tensor_parallel; ++rank) {
        workload.ranks.push_back(graph);
        workload.ranks.back().rank = rank;
        workload.groups[0].push_back(rank);
    }
    return workload;
}

} // namespace intarsia::workloads
