#include "memory/standalone/standalone_report.hpp"

#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>

namespace intarsia::memory {

namespace {

using Json = nlohmann::ordered_json;

struct Latency {
    const char* name;
    double ns;
};

std::vector<Latency> latencies(const StandaloneResult& result) {
    const LatencyRecord& record = result.measured.read_latency;
    const auto ns = [&](Tick ticks) { return static_cast<double>(ticks) * result.tick_ns; };
    return {{"mean", record.mean() * result.tick_ns},
            {"min", ns(record.percentile(0))},
            {"p50", ns(record.percentile(50))},
            {"p99", ns(record.percentile(99))},
            {"max", ns(record.percentile(100))}};
}

// `text` broken at spaces, each line indented.
std::string wrapped(const std::string& text, std::size_t width, std::size_t indent) {
    std::string lines;
    std::size_t column = width;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::size_t length = end - at;
        if (column + 1 + length > width) {
            lines += (lines.empty() ? "" : "\n") + std::string(indent, ' ');
            column = indent;
        } else {
            lines += ' ';
            ++column;
        }
        lines.append(text, at, length);
        column += length;
        at = end + 1;
    }
    return lines + "\n";
}

} // namespace

std::string result_json(const StandaloneResult& result, const std::optional<HostFigures>& host) {
    Json root;
    root["bandwidth_bytes_per_s"] = result.bandwidth_bytes_per_s;
    root["fraction_of_peak"] = result.fraction_of_peak;
    for (const Latency& latency : latencies(result)) {
        root["read_latency_ns"][latency.name] = latency.ns;
    }
    root["row_hit_rate"] = result.row_hit_rate;
    root["acts_per_column_command"] = result.acts_per_column_command;
    for (std::size_t kind = 0; kind < result.commands.size(); ++kind) {
        root["commands"][std::string(command_names[kind])] = result.commands[kind];
    }
    for (const BusShare& share : result.bus_time) {
        root["bus_time"][std::string(share.key)] = share.share;
    }
    root["energy_pj_per_bit"] = result.energy_pj_per_bit;
    root["simulated_cycles"] = result.simulated_cycles;
    root["requests"] = result.measured.requests;
    if (host) {
        const auto requests = static_cast<double>(result.measured.requests);
        root["host"] = {{"wall_s", host->wall_s},
                        {"requests_per_s", host->wall_s > 0 ? requests / host->wall_s : 0},
                        {"peak_rss_bytes", host->peak_rss_bytes}};
    }
    return root.dump(2) + "\n";
}

std::string result_text(const StandaloneConfig& config, const StandaloneResult& result) {
    constexpr std::size_t width = 100;
    const TimingSet& timing = config.setup.timing;
    std::string text;
    const auto out = std::back_inserter(text);
    fmt::format_to(out, "{} ({}), {} channel{} of {} pseudo-channel{}\n{} requests in {} CK\n\n", timing.id,
                   timing.standard, config.setup.channels, config.setup.channels == 1 ? "" : "s",
                   timing.pseudo_channels, timing.pseudo_channels == 1 ? "" : "s", result.measured.requests,
                   result.simulated_cycles);
    fmt::format_to(out, "bandwidth      {:.3f} GB/s, {:.2f} % of {:.1f} GB/s\n", result.bandwidth_bytes_per_s / 1e9,
                   result.fraction_of_peak * 100, result.peak_bytes_per_s / 1e9);
    if (result.measured.read_latency.count() != 0) {
        text += "read latency  ";
        for (const Latency& latency : latencies(result)) {
            fmt::format_to(out, " {} {:.2f} ns{}", latency.name, latency.ns,
                           latency.name == std::string_view("max") ? "\n" : ",");
        }
    }
    fmt::format_to(out, "rows           {:.2f} % of the column commands found their row open, {:.4f} activates each\n",
                   result.row_hit_rate * 100, result.acts_per_column_command);
    text += "commands      ";
    for (std::size_t kind = 0; kind < result.commands.size(); ++kind) {
        if (result.commands[kind] != 0) {
            fmt::format_to(out, " {} {}", command_names[kind], result.commands[kind]);
        }
    }
    fmt::format_to(out, "\nenergy         {:.3f} pJ a bit\n", result.energy_pj_per_bit);
    text += "\nTime of the data buses\n";
    for (const BusShare& share : result.bus_time) {
        fmt::format_to(out, "  {:<40}{:>8.2f} %\n", title_of(share.key), share.share * 100);
    }
    text += "\nWhat binds\n";
    text += wrapped(explanation_of(binding_constraint(result.bus_time), timing), width, 2);
    return text;
}

} // namespace intarsia::memory
