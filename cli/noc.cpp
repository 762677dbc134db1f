// `intarsia noc`: a network by itself, under traffic or with the packets of a file.
#include "cli/command.hpp"
#include "noc/standalone/curve_plot.hpp"
#include "noc/standalone/load_setup.hpp"
#include "noc/standalone/noc_console.hpp"
#include "noc/standalone/noc_json.hpp"
#include "noc/standalone/zero_load.hpp"
#include "report/output_directory.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace intarsia::cli {

namespace {

using namespace noc::standalone;

struct NocOptions {
    std::string network;
    std::vector<std::string> overrides;
    std::string packets;
    std::string packets_out;
    std::string hops_out;
    bool curve = false;
    std::string curve_svg;
    std::string json;
    bool host = false;
    bool effective = false;
    bool parameters = false;
    std::uint32_t jobs = 0;
};

/// A result that appears whole or not at all; whether it can be written is found out before the run.
class ResultFile {
  public:
    /// An empty path: there is no such file.
    ResultFile(std::string option, const std::string& path) : option_(std::move(option)), path_(path) {
        if (path.empty()) {
            return;
        }
        blaming_option([&] {
            directory_ = std::make_unique<report::OutputDirectory>(path_.has_parent_path() ? path_.parent_path() : ".");
            staged_ = directory_->stage(path_.filename().string());
        });
    }
    [[nodiscard]] bool wanted() const { return directory_ != nullptr; }
    /// Where to write until commit().
    [[nodiscard]] const std::filesystem::path& staged() const { return staged_; }
    [[nodiscard]] const std::string& option() const { return option_; }
    void put(const std::string& bytes) {
        blaming_option([&] {
            directory_.reset(); // unstages the probe
            directory_ = std::make_unique<report::OutputDirectory>(path_.has_parent_path() ? path_.parent_path() : ".");
            directory_->put(path_.filename().string(), bytes);
        });
    }
    void commit() {
        if (wanted()) {
            blaming_option([&] { directory_->commit(); });
        }
    }

  private:
    template <class Work>
    void blaming_option(const Work& work) const {
        try {
            work();
        } catch (const InputError& error) {
            throw InputError({{"", 0, 0, option_}, error.faults().front().message, error.faults().front().remedy});
        }
    }
    std::string option_;
    std::filesystem::path path_;
    std::unique_ptr<report::OutputDirectory> directory_;
    std::filesystem::path staged_;
};

void check_options(const NocOptions& options, bool curve) {
    std::vector<Diagnostic> faults;
    const auto clash = [&](const std::string& given, const char* option, const char* why) {
        if (!given.empty()) {
            faults.push_back({{"", 0, 0, option}, why, "take one of the two away"});
        }
    };
    if (curve) {
        clash(options.packets, "--packets", "packets of a file have no load to draw a curve over");
        clash(options.packets_out, "--packets-out", "a curve has many runs, and this file holds one");
        clash(options.hops_out, "--hops-out", "a curve has many runs, and this file holds one");
    }
    if (!faults.empty()) {
        throw InputError(faults);
    }
}

void run_one(const NocOptions& options, const NetworkSetup& setup, ResultFile& json) {
    ResultFile packets_out("--packets-out", options.packets_out);
    ResultFile hops_out("--hops-out", options.hops_out);
    std::vector<StimulusPacket> stimulus;
    if (!options.packets.empty()) {
        stimulus = read_stimulus(options.packets, setup.plan);
    }
    std::vector<noc::DeliveredPacket> packets;
    std::unique_ptr<HopFile> hops;
    Recording recording;
    if (packets_out.wanted()) {
        recording.packets = &packets;
    }
    if (hops_out.wanted()) {
        hops = std::make_unique<HopFile>(hops_out.staged(), setup.plan, hops_out.option());
        recording.hops = hops.get();
    }
    const PointFigures point = options.packets.empty()
                                   ? run_point(setup, setup.traffic.load.values.front(),
                                               zero_load_latency(setup, lone_packets(setup)), recording)
                                   : run_packets(setup, stimulus, recording);
    if (options.json == "-") {
        fmt::print("{}", point_json(setup, point, options.host));
    } else {
        fmt::print("{}", point_text(setup, point));
    }
    if (hops != nullptr) {
        hops->close();
    }
    if (packets_out.wanted()) {
        packets_out.put(packets_csv(std::move(packets), setup.plan));
    }
    if (json.wanted()) {
        json.put(point_json(setup, point, options.host));
    }
    packets_out.commit();
    hops_out.commit();
}

void run_loads(const NocOptions& options, const NetworkSetup& setup, ResultFile& json) {
    ResultFile svg("--curve-svg", options.curve_svg);
    const std::uint32_t jobs = options.jobs > 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency());
    const std::vector<double>& loads = setup.traffic.load.values;
    const CurveFigures curve = run_curve(setup, loads.size() > 1 ? loads : std::vector<double>{}, jobs);
    if (options.json == "-") {
        fmt::print("{}", curve_json(setup, curve, options.host));
    } else {
        fmt::print("{}", curve_text(setup, curve));
    }
    if (svg.wanted()) {
        svg.put(curve_svg(setup, curve));
    }
    if (json.wanted()) {
        json.put(curve_json(setup, curve, options.host));
    }
    svg.commit();
}

void run_noc(const NocOptions& options) {
    if (options.parameters) {
        fmt::print("{}", noc_parameters_markdown());
        return;
    }
    if (options.network.empty()) {
        throw InputError({{"", 0, 0, "noc"}, "no network is given", "give a TOML file or the name of a preset"});
    }
    const LoadedNetwork network = load_network(options.network, options.overrides, options.packets.empty());
    if (options.effective) {
        fmt::print("{}", network.effective_toml);
        return;
    }
    const bool loads = options.packets.empty() && network.setup.traffic.load.values.size() > 1;
    const bool curve = options.curve || !options.curve_svg.empty() || loads;
    check_options(options, curve);
    ResultFile json("--json", options.json == "-" ? "" : options.json);
    if (curve) {
        run_loads(options, network.setup, json);
    } else {
        run_one(options, network.setup, json);
    }
    json.commit();
}

} // namespace

void add_noc(CLI::App& program, ExitCode& exit_code) {
    const auto options = std::make_shared<NocOptions>();
    CLI::App* command = program.add_subcommand("noc", "Run a network by itself and tell its latency and throughput");
    command->add_option("network", options->network, "TOML of the network, or the name of a preset");
    command->add_option("--set", options->overrides, "Override a value: path=value, e.g. traffic.load=0.2 (repeatable)")
        ->allow_extra_args(false);
    command->add_option("--packets", options->packets,
                        "CSV of packets in place of traffic: pkt_id,src,dst,len_flits,create_cycle");
    command->add_option("--packets-out", options->packets_out, "Write every packet with its cycles to this CSV");
    command->add_option("--hops-out", options->hops_out, "Write every flit movement to this CSV");
    command->add_flag("--curve", options->curve, "Find saturation and draw latency and throughput over load");
    command->add_option("--curve-svg", options->curve_svg, "Write the curve to this SVG file (implies --curve)");
    command->add_option("--jobs", options->jobs, "Threads for a curve; the results do not depend on it (default: all)")
        ->check(CLI::Range(1, 256));
    command->add_option("--json", options->json, "Write the figures to this file, or to standard output with -");
    command->add_flag("--host", options->host, "Put figures of the simulator itself into the JSON");
    command->add_flag("--effective", options->effective, "Print every value with its origin, as TOML, and run nothing");
    command->add_flag("--parameters", options->parameters, "Print the reference of all parameters, as Markdown");
    command->callback([options, &exit_code] {
        run_noc(*options);
        exit_code = ExitCode::done;
    });
}

} // namespace intarsia::cli
