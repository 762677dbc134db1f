// `intarsia check`: validates a system and tells what was understood.
#include "cli/command.hpp"
#include "config/hbm_peak.hpp"
#include "config/load.hpp"
#include "config/peaks.hpp"
#include "config/quantity_text.hpp"
#include "config/reference.hpp"
#include "memory/address_map.hpp"
#include "noc/deadlock_proof.hpp"
#include "noc/package_plan.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

namespace intarsia::cli {

namespace {

using namespace config;

struct CheckOptions {
    std::string system;
    std::vector<std::string> overrides;
    bool parameters = false;
    bool effective = false;
};

std::string rate(double bytes_per_s) {
    return bytes_per_s >= 1e12 ? fmt::format("{:.3f} TB/s", bytes_per_s / 1e12)
                               : fmt::format("{:.1f} GB/s", bytes_per_s / 1e9);
}

std::string tflops(double flops) {
    return fmt::format("{:.1f} TFLOP/s", flops / 1e12);
}

std::string capacity(std::uint64_t bytes) {
    return quantity_text(bytes, Unit::size);
}

/// Bytes of a core's SRAM on all cores.
std::uint64_t sram_bytes(const DieConfig& die) {
    return std::uint64_t{die.core.columns} * die.core.rows * die.core.sram.count();
}

void print_die(const SystemConfig& system, std::uint32_t index) {
    const DieConfig& die = system.dies[index];
    const NetworkConfig& network = die.network;
    const CoreConfig& core = die.core;
    fmt::print("die {}: {} x {} cores on a {} x {} mesh, {} x {}\n", die.name, core.columns, core.rows, network.columns,
               network.rows, quantity_text(die.width, Unit::length), quantity_text(die.height, Unit::length));
    fmt::print("  compute    {} matrix, {} vector, {} SRAM, cores at {}\n", tflops(matrix_flops(die)),
               tflops(vector_flops(die)), capacity(sram_bytes(die)),
               quantity_text(core.clock.count(), Unit::frequency));
    fmt::print("  network    {}-byte flits at {}: {} a port, {} over the bisection a direction\n", network.flit_bytes,
               quantity_text(network.clock.count(), Unit::frequency), rate(port_bytes_per_s(network)),
               rate(bisection_bytes_per_s(network)));
    for (const HbmStackConfig& stack : system.stacks) {
        if (stack.die == index) {
            const HbmPeak peak = hbm_peak(stack);
            fmt::print("  stack {}: {} channels at {} network interfaces, {}, {}\n", stack.name, stack.channels,
                       stack.routers.size(), rate(peak.stack_bytes_per_s), capacity(peak.capacity_bytes));
        }
    }
}

void print_link(const SystemConfig& system, const D2dLinkConfig& link) {
    fmt::print("link {}: {} [{}, {}] - {} [{}, {}], {} lanes at {}: {} raw, {} of flits a direction\n", link.name,
               system.dies[link.from_die].name, link.from_router.column, link.from_router.row,
               system.dies[link.to_die].name, link.to_router.column, link.to_router.row, link.lanes,
               quantity_text(link.transfers_per_s, Unit::transfers), rate(raw_bytes_per_s(link)),
               rate(flit_bytes_per_s(link)));
}

void print_system(const SystemConfig& system) {
    fmt::print("system {}: {} dies, {} links, {} stacks on {}\n", system.name, system.dies.size(), system.links.size(),
               system.stacks.size(), system.package.technology);
    double flops = 0;
    double bandwidth = 0;
    std::uint64_t sram = 0;
    std::uint64_t bytes = 0;
    for (std::uint32_t die = 0; die < system.dies.size(); ++die) {
        print_die(system, die);
        flops += matrix_flops(system.dies[die]);
        bandwidth += stack_bytes_per_s(system, die);
        sram += sram_bytes(system.dies[die]);
    }
    for (const D2dLinkConfig& link : system.links) {
        print_link(system, link);
    }
    for (const HbmStackConfig& stack : system.stacks) {
        bytes += hbm_peak(stack).capacity_bytes;
    }
    fmt::print("in all: {} matrix, {} SRAM, {} of memory at {}\n", tflops(flops), capacity(sram), capacity(bytes),
               rate(bandwidth));
    for (std::size_t rank = 0; rank < system.rank_dies.size(); ++rank) {
        fmt::print("rank {} on {}\n", rank, system.dies[system.rank_dies[rank]].name);
    }
}

void run_check(const CheckOptions& options) {
    if (options.parameters) {
        fmt::print("{}", parameters_markdown());
        return;
    }
    if (options.system.empty()) {
        throw InputError({{"", 0, 0, "check"}, "no system is given", "give a TOML file or the name of a preset"});
    }
    const LoadedSystem loaded = load_system(options.system, options.overrides);
    // What only shows when the package is put together.
    const noc::PackagePlan plan(loaded.config);
    SourcePlace place;
    if (!loaded.inputs.empty() && !loaded.inputs.front()->path.empty()) {
        place.file = loaded.inputs.front()->path;
        place.where = "network";
    }
    noc::prove_deadlock_freedom(plan, true, place);
    const memory::AddressMap addresses(loaded.config);
    if (options.effective) {
        fmt::print("{}", loaded.effective_toml);
    } else {
        print_system(loaded.config);
    }
    std::fflush(stdout);
    for (const Diagnostic& warning : loaded.warnings) {
        fmt::print(stderr, "{}\n", warning.text("warning"));
    }
}

} // namespace

void add_check(CLI::App& program, ExitCode& exit_code) {
    const auto options = std::make_shared<CheckOptions>();
    CLI::App* check = program.add_subcommand("check", "Validate a system and tell what was understood");
    check->add_option("system", options->system, "TOML file of the system, or the name of a preset");
    check
        ->add_option("--set", options->overrides,
                     "Override a value: path=value, e.g. core.sram=\"2 MiB\" or stack.hbm0.channels=8 (repeatable)")
        ->allow_extra_args(false);
    check->add_flag("--effective", options->effective, "Print every value with its origin, as TOML");
    check->add_flag("--parameters", options->parameters, "Print the reference of all parameters, as Markdown");
    check->callback([options, &exit_code] {
        run_check(*options);
        exit_code = ExitCode::done;
    });
}

} // namespace intarsia::cli
