#include "report/summary_json.hpp"

#include "report/run_statistics.hpp"

#include <nlohmann/json.hpp>

namespace intarsia::report {

using Json = nlohmann::ordered_json;

namespace {

// Unit of every figure, by its place: "[]" is any element of a list, "*" any key.
Json units(bool with_host) {
    Json map{
        {"schema", "version of this layout"},
        {"seed", "number"},
        {"time_ps", "ps"},
        {"time_s", "s"},
        {"flops", "FLOP"},
        {"flops_per_s", "FLOP/s"},
        {"peak_flops_per_s", "FLOP/s"},
        {"fraction_of_peak", "fraction of peak_flops_per_s"},
        {"tokens", "token"},
        {"tokens_per_s", "token/s"},
        {"chiplets[].cores", "core"},
        {"chiplets[].clock_hz", "Hz"},
        {"chiplets[].elapsed_cycles", "cycle of clock_hz"},
        {"chiplets[].nodes", "node of the trace"},
        {"chiplets[].flops", "FLOP"},
        {"chiplets[].flops_per_s", "FLOP/s"},
        {"chiplets[].stalls.*.*", "cycle of clock_hz, summed over cores"},
        {"chiplets[].hidden.*.*", "cycle of clock_hz, summed over cores"},
        {"stacks[].bandwidth_bytes_per_s", "B/s"},
        {"stacks[].peak_bytes_per_s", "B/s"},
        {"stacks[].fraction_of_peak", "fraction of peak_bytes_per_s"},
        {"stacks[].row_hit_rate", "fraction of column_commands"},
        {"stacks[].read_bytes", "B"},
        {"stacks[].write_bytes", "B"},
        {"stacks[].row_hits", "command"},
        {"stacks[].column_commands", "command"},
        {"stacks[].activates", "command"},
        {"stacks[].refreshes", "command"},
        {"stacks[].channels[].read_bytes", "B"},
        {"stacks[].channels[].write_bytes", "B"},
        {"stacks[].channels[].bandwidth_bytes_per_s", "B/s"},
        {"stacks[].channels[].row_hit_rate", "fraction of column_commands"},
        {"stacks[].channels[].row_hits", "command"},
        {"stacks[].channels[].column_commands", "command"},
        {"stacks[].channels[].bus_busy", "fraction of time_s"},
        {"links[].utilisation", "fraction of time_s"},
        {"links[].bytes", "B"},
        {"links[].flits", "flit"},
        {"bytes_moved.*", "B"},
        {"operand_reads.once_per_die_bytes", "B"},
        {"operand_reads.once_per_core_bytes", "B"},
        {"accounting[].left", "as the entry's what says"},
        {"accounting[].right", "as the entry's what says"},
        {"statistics[].value", "as the entry's unit says"},
    };
    if (with_host) {
        map["host.wall_s"] = "s of wall time";
        map["host.simulated_ns_per_s"] = "simulated ns a second of wall time";
        map["host.flit_hops"] = "flit hop";
        map["host.dram_commands"] = "command";
        map["host.events"] = "module activation";
        map["host.peak_rss_bytes"] = "B";
    }
    return map;
}

Json stall_table(const metrics::StallCycles& cycles) {
    Json groups = Json::object();
    for (std::size_t leaf = 0; leaf < metrics::leaf_count; ++leaf) {
        const metrics::LeafName& name = metrics::leaf_names[leaf];
        groups[std::string(name.group)][std::string(name.leaf)] = cycles[leaf];
    }
    return groups;
}

Json inputs(const RunReport& report) {
    Json list = Json::array();
    for (const InputFile& input : report.inputs) {
        list.push_back({{"file", input.file}, {"xxh64", input.xxh64}});
    }
    return list;
}

Json chiplets(const RunReport& report, const metrics::Statistics& statistics) {
    Json list = Json::array();
    for (const ChipletReport& chiplet : report.chiplets) {
        list.push_back({{"name", chiplet.name},
                        {"cores", chiplet.cores},
                        {"clock_hz", chiplet.clock_hz},
                        {"elapsed_cycles", chiplet.elapsed_cycles},
                        {"nodes", chiplet.nodes},
                        {"flops", chiplet.flops},
                        {"flops_per_s", statistics.number(chiplet.name, "flops_per_s")},
                        {"stalls", stall_table(chiplet.stalls)},
                        {"hidden", stall_table(chiplet.hidden)}});
    }
    return list;
}

Json channels(const StackReport& stack, const metrics::Statistics& statistics) {
    Json list = Json::array();
    for (const ChannelReport& channel : stack.channels) {
        const std::string path = channel_path(stack, channel);
        list.push_back({{"name", channel.name},
                        {"bandwidth_bytes_per_s", statistics.number(path, "bandwidth_bytes_per_s")},
                        {"row_hit_rate", statistics.number(path, "row_hit_rate")},
                        {"bus_busy", channel.bus_busy},
                        {"read_bytes", channel.read_bytes},
                        {"write_bytes", channel.write_bytes},
                        {"row_hits", channel.row_hits},
                        {"column_commands", channel.column_commands}});
    }
    return list;
}

Json stacks(const RunReport& report, const metrics::Statistics& statistics) {
    Json list = Json::array();
    for (const StackReport& stack : report.stacks) {
        list.push_back({{"name", stack.name},
                        {"die", stack.die},
                        {"bandwidth_bytes_per_s", statistics.number(stack.name, "bandwidth_bytes_per_s")},
                        {"peak_bytes_per_s", stack.peak_bytes_per_s},
                        {"fraction_of_peak", statistics.number(stack.name, "fraction_of_peak")},
                        {"row_hit_rate", statistics.number(stack.name, "row_hit_rate")},
                        {"read_bytes", stack.read_bytes},
                        {"write_bytes", stack.write_bytes},
                        {"row_hits", stack.row_hits},
                        {"column_commands", stack.column_commands},
                        {"activates", stack.activates},
                        {"refreshes", stack.refreshes},
                        {"channels", channels(stack, statistics)}});
    }
    return list;
}

Json links(const RunReport& report) {
    Json list = Json::array();
    for (const LinkReport& link : report.links) {
        list.push_back({{"name", link.name},
                        {"kind", link_kind_names[static_cast<std::size_t>(link.kind)]},
                        {"utilisation", link.utilisation},
                        {"bytes", link.bytes},
                        {"flits", link.flits}});
    }
    return list;
}

Json accounting(const RunReport& report) {
    Json list = Json::array();
    for (const AccountingEntry& entry : report.accounting) {
        list.push_back({{"what", entry.what}, {"left", entry.left}, {"right", entry.right}});
    }
    return list;
}

Json model_statistics(const RunReport& report) {
    Json list = Json::array();
    for (const metrics::Statistic& statistic : report.statistics.all()) {
        Json entry{{"path", statistic.path}, {"name", statistic.name}, {"unit", statistic.unit}};
        std::visit([&](const auto& value) { entry["value"] = value; }, statistic.value);
        list.push_back(std::move(entry));
    }
    return list;
}

Json host(const RunReport& report) {
    const HostReport& host = *report.host;
    const double simulated_ns = static_cast<double>(report.time.count()) / 1000;
    return {{"wall_s", host.wall_s},       {"simulated_ns_per_s", host.wall_s > 0 ? simulated_ns / host.wall_s : 0},
            {"flit_hops", host.flit_hops}, {"dram_commands", host.dram_commands},
            {"events", host.events},       {"peak_rss_bytes", host.peak_rss_bytes}};
}

} // namespace

std::string summary_json(const RunReport& report, bool with_host) {
    const metrics::Statistics statistics = run_statistics(report);
    const bool host_shown = with_host && report.host.has_value();
    Json root{{"schema", report.schema},    {"tool_version", report.tool_version},
              {"system", report.system},    {"trace", report.trace},
              {"seed", report.seed},        {"inputs", inputs(report)},
              {"complete", report.complete}};
    if (!report.complete) {
        root["incomplete_reason"] = report.incomplete_reason;
    }
    root["time_ps"] = report.time.count();
    root["time_s"] = statistics.number("", "time_s");
    root["flops"] = report.flops;
    root["flops_per_s"] = statistics.number("", "flops_per_s");
    root["peak_flops_per_s"] = report.peak_flops_per_s;
    root["fraction_of_peak"] = statistics.number("", "fraction_of_peak");
    if (report.tokens > 0) {
        root["tokens"] = report.tokens;
        root["tokens_per_s"] = statistics.number("", "tokens_per_s");
    }
    root["chiplets"] = chiplets(report, statistics);
    root["stacks"] = stacks(report, statistics);
    root["links"] = links(report);
    root["bytes_moved"] = {{"hbm_read", report.bytes_moved.hbm_read},
                           {"hbm_write", report.bytes_moved.hbm_write},
                           {"noc", report.bytes_moved.noc},
                           {"d2d", report.bytes_moved.d2d}};
    root["operand_reads"] = {{"once_per_die_bytes", report.operand_reads.once_per_die_bytes},
                             {"once_per_core_bytes", report.operand_reads.once_per_core_bytes}};
    root["accounting"] = accounting(report);
    root["warnings"] = report.warnings;
    root["statistics"] = model_statistics(report);
    root["units"] = units(host_shown);
    if (host_shown) {
        root["host"] = host(report);
    }
    // Names come from file names and traces, which may hold any bytes.
    return root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace intarsia::report
