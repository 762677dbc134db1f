// The generated training step against the closed forms of the literature.
#include "tests/workloads/trace_files.hpp"
#include "workloads/chakra_writer.hpp"
#include "workloads/micro_traces.hpp"
#include "workloads/summary.hpp"
#include "workloads/transformer.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace intarsia;
using namespace intarsia::tests;
using namespace intarsia::workloads;
using Catch::Contains;

namespace {

TransformerConfig random_config(std::mt19937_64& random) {
    const auto one_of = [&](std::initializer_list<std::uint64_t> choices) {
        return *(choices.begin() + static_cast<std::ptrdiff_t>(random() % choices.size()));
    };
    TransformerConfig config;
    config.layers = static_cast<std::uint32_t>(one_of({1, 2, 5}));
    config.tensor_parallel = static_cast<std::uint32_t>(one_of({1, 2, 4}));
    config.heads = 4 * one_of({1, 2, 3});
    config.hidden = config.heads * one_of({8, 32, 64});
    config.feed_forward = 4 * config.hidden;
    config.sequence = one_of({1, 17, 128});
    config.micro_batch = one_of({1, 3});
    config.causal = random() % 2 == 1;
    return config;
}

std::map<std::string, const Node*> nodes_by_name(const ExecutionGraph& graph) {
    std::map<std::string, const Node*> nodes;
    for (const Node& node : graph.nodes) {
        CHECK(nodes.emplace(graph.name_of(node), &node).second);
    }
    return nodes;
}

// Whether `node` comes after `before`, directly or not.
bool waits_for(const ExecutionGraph& graph, const Node* node, const Node* before) {
    const auto dependencies = graph.dependencies_of(*node);
    return node == before || std::any_of(dependencies.begin(), dependencies.end(),
                                         [&](std::uint32_t d) { return waits_for(graph, &graph.nodes[d], before); });
}

const std::string sample = std::string(INTARSIA_SOURCE_DIR) + "/traces/gpt_layer_tp2/";

} // namespace

TEST_CASE("Matrix operations of a layer are 72 b s h^2 (1 + s/6h), and 2 n s h more for recomputed scores") {
    std::mt19937_64 random(11);
    for (int round = 0; round < 40; ++round) {
        const TransformerConfig config = random_config(random);
        const Summary total = summarise(generate_transformer(config));
        const std::uint64_t n = config.micro_batch * config.sequence;
        const std::uint64_t h = config.hidden;
        // 72 n h^2 (1 + s/6h) = 72 n h^2 + 12 n s h; flash attention computes the scores once more, 2 n s h.
        const std::uint64_t attention = (12 + 2) * n * config.sequence * h / (config.causal ? 2 : 1);
        CHECK(total.matrix_flops == config.layers * (72 * n * h * h + attention));
        // Norms 2 x (5 + 10), residuals 2 x (1 + 1) per token and column, on every rank; GELU 8 + 8 on f / T
        // of them.
        CHECK(total.vector_flops ==
              config.layers * (config.tensor_parallel * 34 * n * h + 16 * n * config.feed_forward));
    }
}

TEST_CASE("A layer has four all-reduces of e n h on each rank, none on a single one") {
    std::mt19937_64 random(12);
    for (int round = 0; round < 40; ++round) {
        const TransformerConfig config = random_config(random);
        const std::uint64_t n = config.micro_batch * config.sequence;
        for (const ExecutionGraph& graph : generate_transformer(config).ranks) {
            const Summary rank = summarise(graph);
            if (config.tensor_parallel == 1) {
                CHECK(rank.collectives.empty());
            } else {
                REQUIRE(rank.collectives.size() == 1);
                const Traffic traffic = rank.collectives.at({Collective::all_reduce, 0});
                CHECK(traffic == Traffic{4ULL * config.layers, 4 * config.layers * 2 * n * config.hidden});
            }
        }
    }
}

TEST_CASE("Bytes of a layer are those of its products, attention and element-wise operations") {
    std::mt19937_64 random(13);
    for (int round = 0; round < 40; ++round) {
        const TransformerConfig config = random_config(random);
        const std::uint64_t n = config.micro_batch * config.sequence;
        const std::uint64_t h = config.hidden;
        const std::uint64_t part = h / config.tensor_parallel; // h/T; QKV is three of it, f/T four
        // e (weights + input + output) of QKV, projection, up and down, the same for both gradients.
        const std::uint64_t products = 3 * 2 * (12 * h * part + 4 * n * h + (3 + 1 + 4 + 4) * n * part);
        // Forward e n (2a + 2k) d / T and the log-sum-exp; backward reads QKV, output and its gradient,
        // writes that of QKV.
        const std::uint64_t attention = 2 * n * part * (4 + 8) + 2 * (4 * n * config.heads / config.tensor_parallel);
        // Norms 2 forward and 3 backward, residuals 3 and 3, twice each; GELU 2 and 3 of the width f/T.
        const std::uint64_t element_wise = 2 * n * h * 2 * (2 + 3 + 3 + 3) + 2 * n * 4 * part * (2 + 3);
        const Workload workload = generate_transformer(config);
        CHECK(summarise(workload.ranks[0]).compute_bytes == config.layers * (products + attention + element_wise));
        for (const Node& node : workload.ranks[0].nodes) {
            if (node.has_split) {
                CHECK(node.read_bytes + node.write_bytes == node.tensor_bytes);
            }
        }
    }
}

TEST_CASE("Weights and their gradients are 12 h^2 / T elements a layer") {
    std::mt19937_64 random(14);
    for (int round = 0; round < 20; ++round) {
        const TransformerConfig config = random_config(random);
        const ExecutionGraph graph = std::move(generate_transformer(config).ranks[0]);
        std::uint64_t weights = 0;
        std::uint64_t gradients = 0;
        for (const Tensor& tensor : graph.tensors) {
            weights += tensor.name.ends_with(".weight") ? tensor.bytes : 0;
            gradients += tensor.name.ends_with(".weight.grad") ? tensor.bytes : 0;
        }
        CHECK(weights == config.layers * 2 * 12 * config.hidden * config.hidden / config.tensor_parallel);
        CHECK(gradients == weights);
    }
}

TEST_CASE("Operands have the sizes of their tensors, and every tensor that is read was written or is given") {
    std::mt19937_64 random(15);
    for (int round = 0; round < 20; ++round) {
        const TransformerConfig config = random_config(random);
        const ExecutionGraph graph = std::move(generate_transformer(config).ranks[0]);
        std::set<TensorIndex> written;
        const auto check_read = [&](TensorIndex tensor) {
            const std::string& name = graph.tensors[tensor].name;
            const bool given = name.ends_with(".weight") || name == "layer0.input" || name == "output.grad";
            INFO(name);
            CHECK((given || written.count(tensor) == 1));
        };
        for (const std::uint32_t index : topological_order(graph)) {
            const Node& node = graph.nodes[index];
            if (node.has_gemm) {
                const Gemm& gemm = graph.gemms[node.gemm];
                CHECK(graph.tensors[gemm.a].bytes == 2 * gemm.m * gemm.k);
                CHECK(graph.tensors[gemm.b].bytes == 2 * gemm.k * gemm.n);
                CHECK(graph.tensors[gemm.c].bytes == 2 * gemm.m * gemm.n);
                check_read(gemm.a);
                check_read(gemm.b);
                written.insert(gemm.c);
            } else {
                check_read(node.read_tensor);
                written.insert(node.write_tensor);
            }
        }
    }
}

TEST_CASE("Weight gradients wait for what they need and hold up nothing") {
    TransformerConfig config;
    config.hidden = 64;
    config.heads = 4;
    config.feed_forward = 256;
    config.sequence = 16;
    config.tensor_parallel = 2;
    config.layers = 2;
    const ExecutionGraph graph = std::move(generate_transformer(config).ranks[0]);
    const auto nodes = nodes_by_name(graph);
    CHECK(nodes.size() == 2 * 28);
    for (const auto& [name, node] : nodes) {
        for (const std::uint32_t before : graph.dependencies_of(*node)) {
            CHECK_FALSE(graph.name_of(graph.nodes[before]).ends_with(".wgrad"));
        }
    }
    const auto check_after = [&](const char* node, const char* before) {
        INFO(node << " after " << before);
        CHECK(waits_for(graph, nodes.at(node), nodes.at(before)));
    };
    check_after("layer1.forward.norm1", "layer0.forward.mlp_down.all_reduce");
    check_after("layer1.backward.mlp_down.wgrad", "layer1.forward.residual2");
    check_after("layer1.backward.qkv.wgrad", "layer1.backward.attention");
    check_after("layer0.backward.mlp_down.dgrad", "layer1.backward.qkv.all_reduce");
    check_after("layer0.backward.residual1", "layer0.backward.qkv.all_reduce");
    // The weight gradient overlaps the all-reduce of the input gradient.
    CHECK_FALSE(waits_for(graph, nodes.at("layer0.backward.qkv.wgrad"), nodes.at("layer0.backward.qkv.all_reduce")));
    CHECK_FALSE(waits_for(graph, nodes.at("layer0.backward.qkv.wgrad"), nodes.at("layer0.backward.qkv.dgrad")));
}

TEST_CASE("Model FLOP of GPT-3 175B per token are those of the literature") {
    // 6 x parameters of the layers + 12 L h s per token (non-causal), here with the recomputed scores on top.
    TransformerConfig config;
    config.layers = 96;
    config.hidden = 12288;
    config.heads = 96;
    config.feed_forward = 4 * 12288;
    config.sequence = 2048;
    config.tensor_parallel = 8;
    const Workload workload = generate_transformer(config);
    const double tokens = 2048;
    const double recomputed = 2.0 * 96 * 12288 * 2048;
    const double flops = static_cast<double>(summarise(workload).matrix_flops) / tokens - recomputed;
    const double head = 6.0 * 12288 * 51200; // the literature's 1.0764e12 include the output head
    CHECK(flops + head == Approx(1.0764e12).epsilon(0.001));
    CHECK(workload.tokens == 2048);
}

TEST_CASE("The sample trace is what the generator writes from its model.toml") {
    const TemporaryFolder folder;
    write_workload(generate_transformer(read_transformer(sample + "model.toml")), folder / "gpt_layer_tp2");
    for (const char* file : {"gpt_layer_tp2.0.et", "gpt_layer_tp2.1.et"}) {
        CHECK(read_file(folder / file) == read_file(sample + file));
    }
    const Workload workload = read_workload(sample + "gpt_layer_tp2");
    CHECK(workload.ranks.size() == 2);
    CHECK(workload.tokens == 512);
    CHECK(workload.ranks[1].nodes.size() == 28);
    const std::uint64_t n = 512;
    const std::uint64_t h = 2048;
    CHECK(summarise(workload).matrix_flops == 72 * n * h * h + 14 * n * n * h);
}

TEST_CASE("Models that cannot be split or are out of range are refused with file and line") {
    const TemporaryFolder folder;
    const auto faults = [&](const std::string& text) {
        write_file(folder / "m.toml", text);
        return faults_of([&] { read_transformer(folder / "m.toml"); });
    };
    const std::string sound = "[model]\nhidden = 64\nheads = 4\n[step]\nsequence = 8\n";
    CHECK(faults(sound).empty());
    CHECK_THAT(faults("[model]\nhidden = 66\nheads = 4\n[step]\nsequence = 8\n[parallel]\ntensor = 8\n"),
               Contains("m.toml:3:") && Contains("4 heads do not divide") && Contains("m.toml:7:") &&
                   Contains("8 ranks cannot share 4 heads"));
    CHECK_THAT(faults(sound + "micro_bach = 2\n"), Contains("m.toml:6:") && Contains("micro_batch"));
    CHECK_THAT(faults("[model]\nheads = 4\n[step]\nsequence = 8\n"), Contains("hidden"));
    CHECK_THAT(faults(sound + "micro_batch = 0\n"), Contains("m.toml:6:"));
    CHECK_THAT(faults("[model]\nlayers = 1024\nhidden = 1048576\nheads = 4\n[step]\nsequence = "
                      "16777216\nmicro_batch = 1024\n"),
               Contains("more operations than 64 bits hold"));
    write_file(folder / "m.toml", sound);
    CHECK_THAT(faults_of([&] {
                   read_transformer(folder / "m.toml", {"model.layers=1024", "model.hidden=4096", "model.heads=1024",
                                                        "parallel.tensor=1024"});
               }),
               Contains("1024 layers on 1024 ranks are more than"));
    CHECK(read_transformer(folder / "m.toml", {"parallel.tensor=4"}).tensor_parallel == 4);
    CHECK(read_transformer(folder / "m.toml").feed_forward == 256);
}

TEST_CASE("Micro-traces hold one operation a rank") {
    const Workload gemm = gemm_workload(128, 256, 512, 3);
    REQUIRE(gemm.ranks.size() == 3);
    const Node& product = gemm.ranks[2].nodes.at(0);
    CHECK(product.flops == 2ULL * 128 * 256 * 512);
    CHECK(product.tensor_bytes == 2 * (128 * 512 + 512 * 256 + 128 * 256));
    const Workload gather = collective_workload(Collective::all_gather, 1U << 20U, 4);
    REQUIRE(gather.ranks.size() == 4);
    CHECK(gather.ranks[3].rank == 3);
    CHECK(summarise(gather).collectives.at({Collective::all_gather, 0}) == Traffic{4, 4U << 20U});
    CHECK_FALSE(faults_of([] { gemm_workload(0, 1, 1, 1); }).empty());
    CHECK_FALSE(faults_of([] { gemm_workload(1ULL << 31U, 1ULL << 31U, 1ULL << 31U, 1); }).empty());
    CHECK_FALSE(faults_of([] { collective_workload(Collective::barrier, 0, 1); }).empty());
    CHECK_FALSE(faults_of([] { collective_workload(Collective::all_reduce, UINT64_MAX, 2); }).empty());
    CHECK(node_count(collective_workload(Collective::barrier, 0, 2)) == 2);
}
