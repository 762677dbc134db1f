// `intarsia trace`: generates workload traces, and tells what is in them.
#include "cli/command.hpp"
#include "config/faults.hpp"
#include "config/quantity_text.hpp"
#include "workloads/chakra_reader.hpp"
#include "workloads/chakra_writer.hpp"
#include "workloads/micro_traces.hpp"
#include "workloads/summary.hpp"
#include "workloads/transformer.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

namespace intarsia::cli {

namespace {

using nlohmann::ordered_json;
using workloads::Collective;
using workloads::NodeType;
using workloads::Summary;
using workloads::Traffic;
using workloads::Workload;

[[noreturn]] void refuse(const char* option, std::string message, std::string remedy) {
    throw InputError({{"", 0, 0, option}, std::move(message), std::move(remedy)});
}

struct GenerateOptions {
    std::string model;
    std::vector<std::string> overrides;
    std::vector<std::uint64_t> gemm;
    std::string collective;
    std::string bytes;
    std::uint32_t ranks = 0; // 0: not given
    std::string out;
};

// A size as text: "1 MiB", or plain bytes.
std::uint64_t parse_bytes(const std::string& text) {
    const bool plain =
        !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    const auto parsed = config::parse_quantity(plain ? text + " B" : text, config::Unit::size);
    if (const auto* fault = std::get_if<config::ValueFault>(&parsed)) {
        refuse("--bytes", fmt::format("{} {}", config::in_quotes(text), fault->message), fault->remedy);
    }
    return std::get<std::uint64_t>(parsed);
}

Collective parse_collective(const std::string& text) {
    std::string name = text;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return c == '-' ? '_' : static_cast<char>(std::toupper(c)); });
    const auto kind = workloads::collective_named(name);
    if (!kind) {
        std::vector<std::string> known;
        for (std::size_t i = 0; i < workloads::collective_count; ++i) {
            known.emplace_back(name_of(static_cast<Collective>(i)));
        }
        refuse("--collective", fmt::format("{} is unknown", config::in_quotes(text)),
               config::suggestion(name, known, "known are"));
    }
    return *kind;
}

Workload generated(const GenerateOptions& options) {
    const int sources =
        (options.model.empty() ? 0 : 1) + (options.gemm.empty() ? 0 : 1) + (options.collective.empty() ? 0 : 1);
    if (sources != 1) {
        refuse("trace generate", "needs one of MODEL.toml, --gemm and --collective", "give exactly one of them");
    }
    if (!options.bytes.empty() && options.collective.empty()) {
        refuse("--bytes", "is the size of a collective, but there is none", "leave it out, or give --collective");
    }
    if (options.model.empty() && !options.overrides.empty()) {
        refuse("--set", "changes values of a MODEL.toml, but there is none", "leave it out, or give MODEL.toml");
    }
    if (!options.model.empty()) {
        if (options.ranks != 0) {
            refuse("--ranks", "is not for a MODEL.toml, which says it itself", "use --set parallel.tensor=N");
        }
        return workloads::generate_transformer(workloads::read_transformer(options.model, options.overrides));
    }
    if (!options.gemm.empty()) {
        if (options.gemm.size() != 3) {
            refuse("--gemm", fmt::format("has {} numbers", options.gemm.size()), "give three: M,N,K");
        }
        return workloads::gemm_workload(options.gemm[0], options.gemm[1], options.gemm[2],
                                        options.ranks == 0 ? 1 : options.ranks);
    }
    if (options.bytes.empty() || options.ranks == 0) {
        refuse("--collective", "needs its bytes and its ranks", "give --bytes SIZE --ranks N");
    }
    return workloads::collective_workload(parse_collective(options.collective), parse_bytes(options.bytes),
                                          options.ranks);
}

void generate(const GenerateOptions& options) {
    const Workload workload = generated(options);
    workloads::write_workload(workload, options.out);
    fmt::print("{}: {} ranks, {} nodes, {} FLOP\n", options.out, workload.ranks.size(), node_count(workload),
               summarise(workload).flops());
}

struct InfoOptions {
    std::string prefix;
    std::string groups;
    workloads::TraceUnits units;
    bool json = false;
};

ordered_json json_of(const Traffic& traffic) {
    return {{"count", traffic.count}, {"bytes", traffic.bytes}};
}

ordered_json json_of(const Summary& summary) {
    ordered_json nodes = ordered_json::object();
    for (std::size_t type = 0; type < workloads::node_type_count; ++type) {
        nodes[std::string(name_of(static_cast<NodeType>(type)))] = summary.nodes[type];
    }
    ordered_json collectives = ordered_json::array();
    for (const auto& [key, traffic] : summary.collectives) {
        collectives.push_back(
            {{"kind", name_of(key.first)}, {"group", key.second}, {"count", traffic.count}, {"bytes", traffic.bytes}});
    }
    return {{"nodes", nodes},
            {"host_nodes", summary.host_nodes},
            {"host_wrappers", summary.host_wrappers},
            {"dependencies", summary.dependencies},
            {"dangling_dependencies", summary.dangling_dependencies},
            {"caller_links", summary.caller_links},
            {"flops", summary.flops()},
            {"matrix_flops", summary.matrix_flops},
            {"vector_flops", summary.vector_flops},
            {"gemms", summary.gemms},
            {"compute_bytes", summary.compute_bytes},
            {"loads", json_of(summary.loads)},
            {"stores", json_of(summary.stores)},
            {"collectives", collectives},
            {"sends", json_of(summary.sends)},
            {"receives", json_of(summary.receives)},
            {"duration_us", summary.duration_us},
            {"tensors", json_of(summary.tensors)}};
}

void print_json(const Workload& workload) {
    ordered_json root;
    root["trace"] = workload.name;
    root["tokens"] = workload.tokens;
    root["files"] = ordered_json::array();
    for (const workloads::InputFile& file : workload.inputs) {
        root["files"].push_back({{"path", file.path}, {"bytes", file.bytes}});
    }
    root["groups"] = ordered_json::object();
    for (const auto& [number, ranks] : workload.groups) {
        root["groups"][std::to_string(number)] = ranks;
    }
    root["total"] = json_of(summarise(workload));
    root["ranks"] = ordered_json::array();
    for (const workloads::ExecutionGraph& graph : workload.ranks) {
        root["ranks"].push_back(json_of(summarise(graph)));
    }
    fmt::print("{}\n", root.dump(2, ' ', false, ordered_json::error_handler_t::replace));
}

void print_totals(const Summary& total) {
    for (std::size_t type = 0; type < workloads::node_type_count; ++type) {
        if (total.nodes[type] != 0) {
            fmt::print("  {:<24}{:>20}\n", name_of(static_cast<NodeType>(type)), total.nodes[type]);
        }
    }
    fmt::print("  {:<24}{:>20}\n", "on the host", total.host_nodes);
    if (total.host_wrappers != 0) {
        fmt::print("  {:<24}{:>20}\n", "host wrappers", total.host_wrappers);
    }
    if (total.caller_links != 0) {
        fmt::print("  {:<24}{:>20}  (ctrl_deps of a PyTorch run, not waited for)\n", "caller links",
                   total.caller_links);
    }
    fmt::print("  {:<24}{:>20}  ({} dangling)\n", "dependencies", total.dependencies, total.dangling_dependencies);
    fmt::print("  {:<24}{:>20}  ({} matrix, {} vector)\n", "FLOP", total.flops(), total.matrix_flops,
               total.vector_flops);
    fmt::print("  {:<24}{:>20}  ({} matrix products with dimensions)\n", "compute bytes", total.compute_bytes,
               total.gemms);
    fmt::print("  {:<24}{:>20}\n", "recorded durations, us", total.duration_us);
    const auto traffic = [](std::string_view what, const Traffic& it) {
        if (it.count != 0) {
            fmt::print("  {:<24}{:>20}  {} bytes\n", what, it.count, it.bytes);
        }
    };
    traffic("tensors", total.tensors);
    traffic("loads", total.loads);
    traffic("stores", total.stores);
    traffic("sends", total.sends);
    traffic("receives", total.receives);
    for (const auto& [key, it] : total.collectives) {
        traffic(fmt::format("{} group {}", name_of(key.first), key.second), it);
    }
}

void print_text(const Workload& workload) {
    fmt::print("{}: {} ranks, {} nodes{}\n", workload.name, workload.ranks.size(), node_count(workload),
               workload.tokens == 0 ? std::string() : fmt::format(", {} tokens", workload.tokens));
    print_totals(summarise(workload));
    fmt::print("\n{:>6}{:>10}{:>10}{:>20}{:>20}{:>10}{:>20}{:>8}{:>20}{:>14}{:>10}\n", "rank", "nodes", "comp", "FLOP",
               "compute bytes", "coll", "collective bytes", "p2p", "p2p sent bytes", "duration us", "dangling");
    for (const workloads::ExecutionGraph& graph : workload.ranks) {
        const Summary rank = summarise(graph);
        Traffic collectives;
        for (const auto& [key, traffic] : rank.collectives) {
            collectives.count += traffic.count;
            collectives.bytes += traffic.bytes;
        }
        fmt::print("{:>6}{:>10}{:>10}{:>20}{:>20}{:>10}{:>20}{:>8}{:>20}{:>14}{:>10}\n", graph.rank, rank.node_count(),
                   rank.nodes[static_cast<std::size_t>(NodeType::comp)], rank.flops(), rank.compute_bytes,
                   collectives.count, collectives.bytes, rank.sends.count + rank.receives.count, rank.sends.bytes,
                   rank.duration_us, rank.dangling_dependencies);
    }
}

void add_generate(CLI::App& trace, ExitCode& exit_code) {
    const auto options = std::make_shared<GenerateOptions>();
    CLI::App& command = *trace.add_subcommand("generate", "Write the trace of a training step, or of one operation");
    command.add_option("model", options->model, "MODEL.toml: the model and how it is trained");
    command.add_option("--set", options->overrides, "Change a value of MODEL.toml: path=value")
        ->allow_extra_args(false)
        ->type_name("PATH=VALUE");
    command.add_option("--gemm", options->gemm, "One matrix product on each rank")->delimiter(',')->type_name("M,N,K");
    command.add_option("--collective", options->collective, "One collective of all ranks, such as all_reduce")
        ->type_name("KIND");
    command.add_option("--bytes", options->bytes, "Size of the collective: \"1 MiB\", or plain bytes")
        ->type_name("SIZE");
    command.add_option("--ranks", options->ranks, "Ranks of a matrix product (default 1) or collective")
        ->check(CLI::PositiveNumber);
    command.add_option("--out", options->out, "PREFIX of the files PREFIX.RANK.et")->required()->type_name("PREFIX");
    command.callback([options, &exit_code] {
        generate(*options);
        exit_code = ExitCode::done;
    });
}

void add_info(CLI::App& trace, ExitCode& exit_code) {
    const auto options = std::make_shared<InfoOptions>();
    CLI::App& command = *trace.add_subcommand("info", "Tell what a trace consists of");
    command.add_option("prefix", options->prefix, "PREFIX of the files PREFIX.RANK.et")->required();
    command.add_option("--groups", options->groups, "JSON file with the process groups")->type_name("FILE");
    command
        .add_option("--flops-per-op", options->units.flops_per_op,
                    "FLOP that one of num_ops stands for (2 where it counts multiply-accumulates)")
        ->check(CLI::Range(1, 1024));
    command
        .add_option("--bytes-per-size-unit", options->units.bytes_per_size_unit,
                    "Bytes that one of tensor_size and comm_size stands for (more than 1 where they count elements)")
        ->check(CLI::Range(1, 1024));
    command.add_flag("--json", options->json, "Print JSON");
    command.callback([options, &exit_code] {
        const Workload workload = workloads::read_workload(options->prefix, options->groups, options->units);
        options->json ? print_json(workload) : print_text(workload);
        exit_code = ExitCode::done;
    });
}

} // namespace

void add_trace(CLI::App& program, ExitCode& exit_code) {
    CLI::App& trace = *program.add_subcommand("trace", "Generate and inspect workload traces");
    trace.require_subcommand(1);
    add_generate(trace, exit_code);
    add_info(trace, exit_code);
}

} // namespace intarsia::cli
