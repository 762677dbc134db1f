// `intarsia link`: a die-to-die link on its own.
#include "cli/command.hpp"
#include "config/quantity_text.hpp"
#include "d2d/link_reference.hpp"
#include "d2d/link_run.hpp"
#include "report/output_directory.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace intarsia::cli {

namespace {

using d2d::DirectionReport;
using d2d::LinkReport;
using nlohmann::ordered_json;

struct LinkOptions {
    std::string file;
    std::vector<std::string> overrides;
    std::string packets;
    std::string packets_out;
    std::string json;
    bool host = false;
    bool reference = false;
};

double nanoseconds(double picoseconds) {
    return picoseconds / 1'000;
}

// Without a packet delivered there is no latency.
ordered_json latency_json(const d2d::LatencyHistogram& latency) {
    if (latency.count() == 0) {
        return {{"mean", nullptr}, {"min", nullptr}, {"p50", nullptr}, {"p99", nullptr}, {"max", nullptr}};
    }
    return {{"mean", nanoseconds(latency.mean())},
            {"min", nanoseconds(static_cast<double>(latency.min()))},
            {"p50", nanoseconds(static_cast<double>(latency.percentile(50)))},
            {"p99", nanoseconds(static_cast<double>(latency.percentile(99)))},
            {"max", nanoseconds(static_cast<double>(latency.max()))}};
}

d2d::LatencyHistogram latency_of(const LinkReport& report) {
    d2d::LatencyHistogram all = report.directions[0].latency_ps;
    all.merge(report.directions[1].latency_ps);
    return all;
}

std::uint64_t replays_of(const LinkReport& report) {
    constexpr auto replay = static_cast<std::size_t>(d2d::SlotUse::replay);
    return report.directions[0].counters.flits[replay] + report.directions[1].counters.flits[replay];
}

ordered_json direction_json(const DirectionReport& direction, const d2d::LinkParameters& link) {
    const d2d::DirectionCounters& counters = direction.counters;
    ordered_json flits;
    ordered_json time;
    std::uint64_t sent = 0;
    for (std::size_t use = 0; use < d2d::slot_uses; ++use) {
        const std::string name(d2d::slot_use_names[use]);
        time[name] = counters.time[use].count();
        if (use < d2d::sent_uses) {
            flits[name] = counters.flits[use];
            sent += counters.flits[use];
        }
    }
    const std::uint64_t fresh = counters.flits[0] + counters.flits[1];
    const auto mean = [&](std::uint64_t sum) {
        return fresh == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(fresh);
    };
    const std::uint64_t overhead = sent * (link.wire_bytes - link.payload_bytes);
    return {{"offered", direction.offered},
            {"delivered", direction.delivered},
            {"lost", direction.lost},
            {"out_of_order", direction.out_of_order},
            {"payload_bytes", direction.bytes},
            {"d2d_flits", flits},
            {"time_ps", time},
            {"bytes",
             {{"payload", counters.payload_bytes},
              {"header", overhead},
              {"credit", counters.credit_bytes},
              {"padding", counters.padding_bytes}}},
            {"damaged", counters.damaged},
            {"naks", counters.naks},
            {"timeouts", counters.timeouts},
            {"replay_buffer_d2d_flits",
             {{"mean", mean(counters.replay_occupancy_sum)}, {"max", counters.replay_occupancy_max}}},
            {"receive_buffer_bytes",
             {{"mean", mean(counters.receive_occupancy_sum)}, {"max", counters.receive_occupancy_max}}},
            {"energy_pj", {{"busy", direction.busy_pj}, {"idle", direction.idle_pj}}}};
}

std::string json_text(const d2d::LoadedLink& link, const LinkReport& report, const ordered_json& host) {
    const d2d::LinkConfig& config = link.config.link;
    const double rate = report.payload_bytes_per_s();
    ordered_json slots;
    const auto shares = report.slot_shares();
    for (std::size_t use = 0; use < d2d::slot_uses; ++use) {
        slots[std::string(d2d::slot_use_names[use])] = shares[use];
    }
    const double round_trip = link.parameters.round_trip_ps();
    ordered_json root{
        {"standard", config.standard},
        {"state", report.down ? "down" : "up"},
        {"payload_bytes_per_s", rate},
        {"payload_efficiency", rate / d2d::raw_bytes_per_s(config)},
        {"raw_bytes_per_s", d2d::raw_bytes_per_s(config)},
        {"latency_ns", latency_json(latency_of(report))},
        {"replays", replays_of(report)},
        {"delivered", report.total(&DirectionReport::delivered)},
        {"lost", report.total(&DirectionReport::lost)},
        {"out_of_order", report.total(&DirectionReport::out_of_order)},
        {"slots", slots},
        {"energy_pj_per_bit", rate > 0 ? ordered_json(report.energy_pj_per_bit()) : ordered_json(nullptr)},
        {"edge_mm", d2d::edge_mm(config)},
        {"area_mm2", d2d::area_mm2(config)},
        {"lanes", d2d::lanes_left(config, config.failed_lanes) * config.modules},
        {"slot_ns", nanoseconds(link.parameters.slot.picoseconds())},
        {"round_trip_ns", nanoseconds(round_trip)},
        {"round_trip_d2d_flits", round_trip / link.parameters.slot.picoseconds()},
        {"replay_buffer_d2d_flits", link.parameters.replay_buffer},
        {"receive_buffer_bytes", link.parameters.receive_buffer_bytes},
        {"simulated_ns", nanoseconds(static_cast<double>(report.end.count()))}};
    root["directions"] = ordered_json::array();
    for (const DirectionReport& direction : report.directions) {
        root["directions"].push_back(direction_json(direction, link.parameters));
    }
    if (!host.is_null()) {
        root["host"] = host;
    }
    return root.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

void print_report(const d2d::LoadedLink& link, const LinkReport& report) {
    const d2d::LinkConfig& config = link.config.link;
    const d2d::Standard& standard = *d2d::find_standard(config.standard);
    const double rate = report.payload_bytes_per_s();
    const d2d::LatencyHistogram latency = latency_of(report);
    fmt::print("link {}: {} x {} lanes at {}, format {}, retry {}\n", standard.title, config.modules, config.lanes,
               config::quantity_text(config.transfers_per_s, config::Unit::transfers), config.flit_format,
               config.retry ? "on" : "off");
    fmt::print("  figures     {} confidence: {}\n", d2d::name_of(standard.confidence), standard.source);
    fmt::print("  raw         {:.1f} GB/s a direction", d2d::raw_bytes_per_s(config) / 1e9);
    if (const double edge = d2d::edge_mm(config); edge > 0) {
        fmt::print(", {:.3f} mm of die edge ({:.0f} GB/s/mm, both directions)", edge,
                   2 * d2d::raw_bytes_per_s(config) / 1e9 / edge);
    }
    if (const double area = d2d::area_mm2(config); area > 0) {
        fmt::print(", {:.5f} mm2 of die area", area);
    }
    fmt::print("\n  payload     {:.2f} GB/s a direction, {:.2f} % of raw\n", rate / 1e9,
               100 * rate / d2d::raw_bytes_per_s(config));
    if (latency.count() == 0) {
        fmt::print("  latency     unknown: nothing was delivered\n");
    } else {
        fmt::print("  latency     {:.3f} ns mean, {:.3f} min, {:.3f} p50, {:.3f} p99, {:.3f} max\n",
                   nanoseconds(latency.mean()), nanoseconds(static_cast<double>(latency.min())),
                   nanoseconds(static_cast<double>(latency.percentile(50))),
                   nanoseconds(static_cast<double>(latency.percentile(99))),
                   nanoseconds(static_cast<double>(latency.max())));
    }
    fmt::print("  packets     {} delivered, {} lost, {} out of order; {} d2d_flits replayed\n",
               report.total(&DirectionReport::delivered), report.total(&DirectionReport::lost),
               report.total(&DirectionReport::out_of_order), replays_of(report));
    fmt::print("  slots      ");
    const auto shares = report.slot_shares();
    for (std::size_t use = 0; use < d2d::slot_uses; ++use) {
        if (shares[use] > 0) {
            fmt::print(" {} {:.2f} %", d2d::slot_use_names[use], 100 * shares[use]);
        }
    }
    if (rate > 0) {
        fmt::print("\n  energy      {:.3f} pJ/bit of payload\n", report.energy_pj_per_bit());
    } else {
        fmt::print("\n  energy      unknown: no payload was moved\n");
    }
    if (report.down) {
        fmt::print("  LINK DOWN at {:.3f} ns\n", nanoseconds(static_cast<double>(report.end.count())));
    }
}

/// A file of results that appears whole or not at all. Whether it can be written shows before the run.
class ResultFile {
  public:
    ResultFile(const char* option, const std::string& path) : option_(option), path_(path) {
        guarded([&] {
            open();
            directory_->stage(path_.filename().string());
            open();
        });
    }
    void write(const std::string& text) {
        guarded([&] {
            directory_->put(path_.filename().string(), text);
            directory_->commit();
        });
    }

  private:
    void open() { directory_.emplace(path_.has_parent_path() ? path_.parent_path() : "."); }
    template <class Action>
    void guarded(Action action) {
        try {
            action();
        } catch (const InputError& error) {
            throw InputError({{"", 0, 0, option_}, error.faults().front().message, error.faults().front().remedy});
        }
    }

    const char* option_;
    std::filesystem::path path_;
    std::optional<report::OutputDirectory> directory_;
};

ExitCode link(const LinkOptions& options) {
    if (options.reference) {
        fmt::print("{}", d2d::link_reference());
        return ExitCode::done;
    }
    if (options.file.empty()) {
        throw InputError({{"", 0, 0, "link"}, "no file is given", "give a TOML file with a [link]"});
    }
    if (options.packets.empty() && !options.packets_out.empty()) {
        throw InputError({{"", 0, 0, "--packets-out"}, "there are no packets to tell of", "give --packets too"});
    }
    const auto started = std::chrono::steady_clock::now();
    const d2d::LoadedLink loaded = d2d::load_link(options.file, options.overrides);
    for (const Diagnostic& warning : loaded.warnings) {
        fmt::print(stderr, "{}\n", warning.text("warning"));
    }
    std::vector<d2d::FilePacket> packets;
    if (!options.packets.empty()) {
        packets = d2d::read_packets(options.packets);
    }
    std::optional<ResultFile> json_file;
    std::optional<ResultFile> packet_file;
    const bool json_to_stdout = options.json == "-";
    if (!options.json.empty() && !json_to_stdout) {
        json_file.emplace("--json", options.json);
    }
    if (!options.packets_out.empty()) {
        packet_file.emplace("--packets-out", options.packets_out);
    }

    const LinkReport report = d2d::run_link(loaded, packets);

    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
    ordered_json host;
    if (options.host) {
        std::uint64_t flits = 0;
        for (const DirectionReport& direction : report.directions) {
            for (const std::uint64_t count : direction.counters.flits) {
                flits += count;
            }
        }
        host = {{"wall_s", wall.count()}, {"d2d_flits", flits}, {"network_flits", report.network_flits}};
    }
    const std::string json = json_text(loaded, report, host);
    if (packet_file) {
        packet_file->write(d2d::packets_csv(packets, report.packets));
    }
    if (json_file) {
        json_file->write(json);
    }
    if (json_to_stdout) {
        fmt::print("{}", json);
    } else {
        print_report(loaded, report);
        if (options.host) {
            fmt::print("  host        {:.3f} s\n", wall.count());
        }
    }
    std::fflush(stdout);
    if (report.down) {
        throw StuckError(
            fmt::format("error: the link is down at {:.3f} ns with {} packets undelivered; see failing_lanes, "
                        "ber and retry_limit",
                        nanoseconds(static_cast<double>(report.end.count())),
                        report.total(&DirectionReport::offered) - report.total(&DirectionReport::delivered) -
                            report.total(&DirectionReport::lost)));
    }
    return ExitCode::done;
}

} // namespace

void add_link(CLI::App& program, ExitCode& exit_code) {
    const auto options = std::make_shared<LinkOptions>();
    CLI::App* command = program.add_subcommand("link", "Run a die-to-die link on its own");
    command->add_option("file", options->file, "TOML file with [link], [traffic] and [sink]");
    command->add_option("--set", options->overrides, "Override a value: path=value, e.g. link.ber=1e-9 (repeatable)")
        ->allow_extra_args(false);
    command->add_option("--packets", options->packets,
                        "CSV of packets in place of [traffic]: pkt_id,src,bytes,create_ps");
    command->add_option("--packets-out", options->packets_out, "Write what became of them to this CSV");
    command->add_option("--json", options->json, "Write the figures to this file, or to standard output with -");
    command->add_flag("--host", options->host, "Add figures of the simulator itself");
    command->add_flag("--reference", options->reference, "Print the standards and all parameters, as Markdown");
    command->callback([options, &exit_code] { exit_code = link(*options); });
}

} // namespace intarsia::cli
