#include "config/document.hpp"
#include "config/section.hpp"
#include "workloads/transformer.hpp"

#include <fmt/format.h>
#include <string_view>

namespace intarsia::workloads {

namespace {

using config::count;
using config::Section;

Section<TransformerConfig> transformer_section() {
    using T = TransformerConfig;
    return Section<T>("", "A transformer to train.")
        .field("name", &T::name, config::text(), "What the model is called.")
        .table("model", Section<T>("model", "The layers.")
                            .field("layers", &T::layers, count(1, 1024), "Transformer layers.")
                            .field("hidden", &T::hidden, count(1, 1U << 20U).mandatory(), "Hidden size h.")
                            .field("heads", &T::heads, count(1, 1U << 16U).mandatory(), "Attention heads.")
                            .field("feed_forward", &T::feed_forward, count(0, 1U << 22U),
                                   "Width of the MLP; 0 stands for four times the hidden size.")
                            .field("element_bytes", &T::element_bytes, count(1, 8),
                                   "Bytes of an element of weights, activations and gradients; 2 is BF16.")
                            .field("causal", &T::causal, config::flag(),
                                   "Attention skips the half of the scores that the mask hides."))
        .table("step", Section<T>("step", "What one step processes.")
                           .field("sequence", &T::sequence, count(1, 1U << 24U).mandatory(), "Tokens of a sequence.")
                           .field("micro_batch", &T::micro_batch, count(1, 1U << 16U), "Sequences processed at once."))
        .table("parallel", Section<T>("parallel", "How the model is spread over ranks.")
                               .field("tensor", &T::tensor_parallel, count(1, 4096), "Ranks that share each layer."));
}

// More than the real operations of the step on all ranks; also bounds the bytes, which are fewer.
long double most_operations(const TransformerConfig& config) {
    const auto tokens = static_cast<long double>(config.micro_batch) * static_cast<long double>(config.sequence);
    const auto hidden = static_cast<long double>(config.hidden);
    const auto wide = static_cast<long double>(config.feed_forward) + 4 * hidden;
    const auto element_wise = 100 * wide * config.tensor_parallel * config.element_bytes;
    return config.layers *
           (tokens * (14 * hidden * static_cast<long double>(config.sequence) + 12 * hidden * wide + element_wise) +
            12 * hidden * wide * config.element_bytes);
}

} // namespace

TransformerConfig read_transformer(const std::string& path, const std::vector<std::string>& overrides) {
    const config::Document document = config::load_document(path, overrides, {"", false});
    config::Faults faults;
    config::Context context{faults, {}};
    TransformerConfig model;
    transformer_section().read(document.root, model, context);
    faults.throw_if_any();

    const auto check = [&](bool holds, std::string_view table, std::string_view key, std::string message,
                           std::string remedy) {
        if (!holds) {
            context.fault(config::place_of(document.root, {table, key}), std::move(message), std::move(remedy));
        }
    };
    if (model.feed_forward == 0) {
        model.feed_forward = 4 * model.hidden;
    }
    check(model.hidden % model.heads == 0, "model", "heads",
          fmt::format("{} heads do not divide the hidden size {}", model.heads, model.hidden),
          "choose a hidden size that is a multiple of the heads");
    const std::uint32_t ranks = model.tensor_parallel;
    check(model.heads % ranks == 0, "parallel", "tensor",
          fmt::format("{} ranks cannot share {} heads evenly", ranks, model.heads),
          "choose a number of ranks that divides the heads");
    check(model.feed_forward % ranks == 0, "parallel", "tensor",
          fmt::format("{} ranks cannot share the feed-forward width {} evenly", ranks, model.feed_forward),
          "choose a number of ranks that divides the width");
    constexpr std::uint64_t most_graphs = 1U << 17U;
    check(std::uint64_t{model.layers} * ranks <= most_graphs, "model", "layers",
          fmt::format("{} layers on {} ranks are more than {} together", model.layers, ranks, most_graphs),
          "choose fewer layers or ranks");
    constexpr long double most = 9.0e18L; // below 2^63
    check(most_operations(model) < most, "step", "sequence", "the step has more operations than 64 bits hold",
          "choose a smaller model, batch or sequence");
    faults.throw_if_any();
    return model;
}

} // namespace intarsia::workloads
