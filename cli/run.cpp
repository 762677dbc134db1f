// `intarsia run`: a workload on a package, from start to end.
#include "cli/collect_report.hpp"
#include "cli/command.hpp"
#include "config/load.hpp"
#include "models/package_module.hpp"
#include "models/simulation.hpp"
#include "report/console.hpp"
#include "report/event_csv.hpp"
#include "report/input_hash.hpp"
#include "report/progress.hpp"
#include "report/summary_json.hpp"
#include "report/write_run.hpp"
#include "workloads/chakra_reader.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace intarsia::cli {

namespace {

struct RunOptions {
    std::string system;
    std::string trace;
    std::string groups;
    std::vector<std::string> overrides;
    std::string out;
    std::string json;
    std::string events;
    bool host = false;
    bool check_timing = false;
};

// The one thing that a signal handler may touch.
std::atomic<bool> stop_requested{false};
void request_stop(int) {
    stop_requested = true;
}

std::optional<metrics::EventKind> event_level(const std::string& name) {
    if (name.empty()) {
        return std::nullopt;
    }
    for (std::size_t kind = 0; kind < metrics::event_kind_names.size(); ++kind) {
        if (metrics::event_kind_names[kind] == name) {
            return static_cast<metrics::EventKind>(kind);
        }
    }
    throw InputError({{"", 0, 0, "--events"},
                      fmt::format("there is no level '{}'", name),
                      fmt::format("levels are {}", fmt::join(metrics::event_kind_names, ", "))});
}

report::HostReport host_report(const models::Package& package, double wall_s) {
    report::HostReport host;
    host.wall_s = wall_s;
    for (std::size_t die = 0; die < package.system().dies.size(); ++die) {
        host.flit_hops += package.network(die).core().counters().flit_hops;
    }
    for (std::size_t index = 0; index < package.system().stacks.size(); ++index) {
        const memory::StackCore& core = package.stack(index).core();
        for (std::uint32_t channel = 0; channel < core.channels(); ++channel) {
            const memory::ChannelCounters& counters = core.counters(channel);
            host.dram_commands +=
                counters.reads + counters.writes + counters.activates + counters.precharges + counters.refreshes;
        }
    }
    host.events = sc_core::sc_delta_count();
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    host.peak_rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
    return host;
}

std::vector<report::InputFile> hash_inputs(const config::LoadedSystem& system, const workloads::Workload& workload) {
    std::vector<report::InputFile> inputs;
    for (const auto& file : system.inputs) {
        inputs.push_back({file->label, report::xxh64_hex(file->content)});
    }
    for (const workloads::InputFile& file : workload.inputs) {
        inputs.push_back(report::hash_input(file.path));
    }
    return inputs;
}

ExitCode run(const RunOptions& options) {
    const auto started = std::chrono::steady_clock::now();
    const config::LoadedSystem system = config::load_system(options.system, options.overrides);
    const bool json_to_stdout = options.json == "-";
    for (const Diagnostic& warning : system.warnings) {
        fmt::print(stderr, "{}\n", warning.text("warning"));
    }
    const workloads::Workload workload = workloads::read_workload(options.trace, options.groups);
    models::check_fit(system.config, workload);

    std::optional<report::OutputDirectory> directory;
    if (!options.out.empty()) {
        directory.emplace(options.out);
    }
    // Found out now, not after the run.
    std::optional<report::OutputDirectory> json_directory;
    const std::filesystem::path json_path(options.json);
    if (!options.json.empty() && !json_to_stdout) {
        try {
            json_directory.emplace(json_path.has_parent_path() ? json_path.parent_path() : ".");
            json_directory->stage(json_path.filename().string());
        } catch (const InputError& error) {
            throw InputError({{"", 0, 0, "--json"}, error.faults().front().message, error.faults().front().remedy});
        }
        json_directory.emplace(json_path.has_parent_path() ? json_path.parent_path() : ".");
    }
    metrics::EventHook events;
    std::optional<report::EventCsv> event_file;
    if (const auto level = event_level(options.events)) {
        if (!directory) {
            throw InputError(
                {{"", 0, 0, "--events"}, "events are written to the directory of --out", "name one with --out DIR"});
        }
        event_file.emplace(directory->stage("events.csv"));
        events.add_sink(*event_file, {*level});
    }

    models::Package package("package", system.config, workload, events, options.check_timing);
    models::Simulation simulation(package);
    std::uint64_t nodes = 0;
    for (const workloads::ExecutionGraph& graph : workload.ranks) {
        nodes += graph.nodes.size();
    }
    std::signal(SIGINT, request_stop);
    std::signal(SIGTERM, request_stop);
    report::Progress progress(stderr, nodes);
    const models::Outcome outcome =
        simulation.run([&](const models::Progress& now) { progress.update(now.time, now.nodes_done); }, stop_requested);
    progress.finish();

    report::RunReport report = collect_report(package, workload, outcome);
    if (outcome.complete) {
        simulation.drain_and_audit();
    }
    report.tool_version = INTARSIA_VERSION;
    report.trace = options.trace;
    report.inputs = hash_inputs(system, workload);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
    report.host = host_report(package, wall.count());

    if (directory) {
        if (event_file) {
            event_file->close();
        }
        directory->put("effective.toml", system.effective_toml);
        report::write_run(*directory, report, options.host);
    }
    if (!json_to_stdout) {
        fmt::print("{}", report::console_text(report, report::shows_colour(stdout)));
        if (directory) {
            fmt::print("\nResults: {}/ (summary.json, run.sqlite, effective.toml)\n", options.out);
        }
    }
    if (json_to_stdout) {
        fmt::print("{}", report::summary_json(report, options.host));
    } else if (json_directory) {
        json_directory->put(json_path.filename().string(), report::summary_json(report, options.host));
        json_directory->commit();
    }
    return outcome.complete ? ExitCode::done : ExitCode::interrupted;
}

} // namespace

void add_run(CLI::App& program, ExitCode& exit_code) {
    auto options = std::make_shared<RunOptions>();
    CLI::App* command = program.add_subcommand("run", "Run a workload trace on a package and account for every cycle");
    command->add_option("system", options->system, "System TOML, or the name of a preset")->required();
    command->add_option("--trace", options->trace, "Prefix of Chakra trace files, PREFIX.0.et and so on")->required();
    command->add_option("--groups", options->groups, "JSON file of communicator groups");
    command->add_option("--set", options->overrides, "Override a value: path=value (repeatable)")
        ->allow_extra_args(false);
    command->add_option("--out", options->out, "Directory for summary.json, run.sqlite and effective.toml");
    command->add_option("--json", options->json, "Write summary.json to this file, or to standard output with -");
    command->add_option("--events", options->events,
                        "Write events.csv down to this level: node, tile, transaction, packet or command");
    command->add_flag("--host", options->host, "Put figures of the simulator itself into the JSON");
    command->add_flag("--check-timing", options->check_timing, "Let an independent checker watch every DRAM command");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

} // namespace intarsia::cli
