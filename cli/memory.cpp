// `intarsia memory`: the HBM controllers alone, driven by synthetic traffic or a trace.
#include "cli/command.hpp"
#include "config/faults.hpp"
#include "memory/standalone/address_report.hpp"
#include "memory/standalone/standalone_report.hpp"
#include "memory/standalone/text_lines.hpp"
#include "report/output_directory.hpp"

#include <chrono>
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

struct MemoryOptions {
    std::string file;
    std::vector<std::string> overrides;
    std::string trace;
    std::string commands;
    std::string check_commands;
    std::string json;
    bool host = false;
    bool check_timing = false;
    bool parameters = false;
};

struct MapOptions {
    std::string file;
    std::vector<std::string> overrides;
    std::string address;
    std::uint64_t stride = 0; // 0: not given
};

[[noreturn]] void refuse(const std::string& option, std::string message, std::string remedy) {
    throw InputError({{"", 0, 0, option}, std::move(message), std::move(remedy)});
}

// A result that appears under its name when it is complete.
class ResultFile {
  public:
    ResultFile(const std::string& option, const std::string& path)
        : option_(option), name_(std::filesystem::path(path).filename().string()) {
        const std::filesystem::path parent = std::filesystem::path(path).parent_path();
        guarded([&] {
            directory_ = std::make_unique<report::OutputDirectory>(parent.empty() ? "." : parent);
            temporary_ = directory_->stage(name_);
        });
    }
    [[nodiscard]] std::string temporary() const { return temporary_.string(); }
    void commit() {
        guarded([&] { directory_->commit(); });
    }
    void put(std::string_view bytes) {
        std::FILE* const file = std::fopen(temporary_.c_str(), "wb");
        const bool written = file != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
        if ((file != nullptr && std::fclose(file) != 0) || !written) {
            refuse(option_, "cannot be written", "give a path that can be written, with room for the file");
        }
        commit();
    }

  private:
    // Faults name the option they come from.
    template <class Work>
    void guarded(Work work) {
        try {
            work();
        } catch (const InputError& error) {
            refuse(option_, error.faults().front().message, error.faults().front().remedy);
        }
    }

    std::string option_;
    std::string name_;
    std::unique_ptr<report::OutputDirectory> directory_;
    std::filesystem::path temporary_;
};

ExitCode check_command_file(const memory::StandaloneConfig& config, const MemoryOptions& options) {
    const memory::CommandCheck check = memory::check_commands(options.check_commands, config.setup.timing,
                                                              config.setup.policy.refresh, config.setup.channels);
    for (const std::string& violation : check.first) {
        fmt::print("{}\n", violation);
    }
    if (check.violations != 0) {
        fmt::print("{}: {} violation{} in {} commands\n", options.check_commands, check.violations,
                   check.violations == 1 ? "" : "s", check.commands);
        return ExitCode::different;
    }
    fmt::print("{}: {} commands, no violation of {}\n", options.check_commands, check.commands, config.setup.timing.id);
    return ExitCode::done;
}

void refuse_with_check(const MemoryOptions& options) {
    const auto exclude = [](bool given, const char* option) {
        if (given) {
            refuse(option, "does not go with --check-commands, which runs nothing", "leave one of them out");
        }
    };
    exclude(!options.trace.empty(), "--trace");
    exclude(!options.commands.empty(), "--commands");
    exclude(!options.json.empty(), "--json");
    exclude(options.host, "--host");
    exclude(options.check_timing, "--check-timing");
}

ExitCode run_memory(const MemoryOptions& options) {
    const auto started = std::chrono::steady_clock::now();
    if (options.parameters) {
        fmt::print("{}", memory::memory_parameters_markdown());
        return ExitCode::done;
    }
    if (options.file.empty()) {
        refuse("memory", "no memory is given", "give a TOML file with [memory] and [traffic]");
    }
    const memory::StandaloneConfig config = memory::load_standalone(options.file, options.overrides);
    if (!options.check_commands.empty()) {
        refuse_with_check(options);
        return check_command_file(config, options);
    }
    memory::StandaloneInputs inputs;
    inputs.check_timing = options.check_timing;
    std::optional<memory::Trace> trace;
    if (!options.trace.empty()) {
        trace = memory::read_trace(options.trace, config.setup.timing, config.addressing());
        inputs.trace = &*trace;
        if (trace->wrapped != 0) {
            const Diagnostic warning{
                {options.trace, 0, 0, ""},
                fmt::format("{} of {} addresses lie beyond the {} bytes of the memory and count from its start again",
                            trace->wrapped, trace->accesses.size(), config.addressing().bytes()),
                "more memory.channels, or a larger set, hold them"};
            fmt::print(stderr, "{}\n", warning.text("warning"));
        }
    }
    // Found out now, not after the run.
    const bool json_to_stdout = options.json == "-";
    std::optional<ResultFile> json_file;
    if (!options.json.empty() && !json_to_stdout) {
        json_file.emplace("--json", options.json);
    }
    std::optional<ResultFile> commands_file;
    std::optional<memory::CommandCsv> commands;
    if (!options.commands.empty()) {
        commands_file.emplace("--commands", options.commands);
        commands.emplace(commands_file->temporary());
        inputs.commands = &*commands;
    }

    const memory::StandaloneResult result = memory::run_standalone(config, inputs);

    if (commands) {
        commands->close();
        commands_file->commit();
    }
    std::optional<memory::HostFigures> host;
    if (options.host) {
        const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        host = {wall.count(), static_cast<std::uint64_t>(usage.ru_maxrss) * 1024};
    }
    if (json_to_stdout) {
        fmt::print("{}", memory::result_json(result, host));
    } else {
        fmt::print("{}", memory::result_text(config, result));
        if (json_file) {
            json_file->put(memory::result_json(result, host));
        }
    }
    return ExitCode::done;
}

void run_map(const MapOptions& options) {
    if (options.address.empty() == (options.stride == 0)) {
        refuse("memory map", "needs an ADDRESS or --stride", "give exactly one of them");
    }
    const memory::StandaloneConfig config = memory::load_standalone(options.file, options.overrides);
    const memory::Addressing addressing = config.addressing();
    if (options.stride != 0) {
        const memory::StrideSpread spread = memory::stride_spread(config.setup.timing, addressing, options.stride);
        fmt::print("{}", memory::stride_text(spread, options.stride, addressing.access_bytes()));
        return;
    }
    std::uint64_t address = 0;
    if (!memory::parse_number(options.address, address)) {
        refuse("ADDRESS", fmt::format("{} is no address", config::in_quotes(options.address)),
               "give a number of bytes, such as 4096 or 0x1000");
    }
    if (address >= addressing.bytes()) {
        refuse("ADDRESS", fmt::format("{} lies beyond the memory", options.address),
               fmt::format("the largest address is {:#x}", addressing.bytes() - 1));
    }
    fmt::print("{}", memory::address_text(addressing, address));
}

void add_map(CLI::App& command, ExitCode& exit_code) {
    const auto options = std::make_shared<MapOptions>();
    CLI::App& map = *command.add_subcommand("map", "Tell where an address goes, or how a stride spreads");
    map.add_option("file", options->file, "TOML file with [memory]")->required();
    map.add_option("address", options->address, "Byte address, such as 4096 or 0x1000");
    map.add_option("--stride", options->stride, "Distance of accesses in bursts, in place of an address")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40U));
    map.add_option("--set", options->overrides, "Override a value: path=value (repeatable)")->allow_extra_args(false);
    map.callback([options, &exit_code] {
        run_map(*options);
        exit_code = ExitCode::done;
    });
}

} // namespace

void add_memory(CLI::App& program, ExitCode& exit_code) {
    const auto options = std::make_shared<MemoryOptions>();
    CLI::App* command = program.add_subcommand("memory", "Run an HBM controller alone on traffic or a trace");
    command->add_option("file", options->file, "TOML file with [memory] and [traffic]");
    command->add_option("--set", options->overrides, "Override a value: path=value, e.g. memory.read_queue=32")
        ->allow_extra_args(false);
    command->add_option("--trace", options->trace,
                        "Accesses in place of [traffic]: \"cycle,R|W,address\", or a trace of Ramulator 2 or DRAMsim3");
    command->add_option("--commands", options->commands, "Write every DRAM command to this file");
    command->add_option("--check-commands", options->check_commands,
                        "Check a file of DRAM commands against the timing, and run nothing");
    command->add_option("--json", options->json, "Write the figures to this file, or to standard output with -");
    command->add_flag("--host", options->host, "Put figures of the simulator itself into the JSON");
    command->add_flag("--check-timing", options->check_timing, "Let an independent checker watch every DRAM command");
    command->add_flag("--parameters", options->parameters, "Print the reference of all parameters, as Markdown");
    add_map(*command, exit_code);
    command->callback([command, options, &exit_code] {
        if (command->get_subcommands().empty()) {
            exit_code = run_memory(*options);
        }
    });
}

} // namespace intarsia::cli
