#include "report/run_statistics.hpp"

namespace intarsia::report {

using metrics::StatisticKind;
using metrics::Statistics;

namespace {

constexpr StatisticKind time_ps{"time_ps", "ps", "Simulated time, to the last completion."};
constexpr StatisticKind time_s{"time_s", "s", "Simulated time, to the last completion.", "time_ps / 1e12"};
constexpr StatisticKind flops{"flops", "FLOP", "Floating-point operations done."};
constexpr StatisticKind flops_per_s{"flops_per_s", "FLOP/s", "Operations a simulated second.", "flops / time_s"};
constexpr StatisticKind peak_flops_per_s{"peak_flops_per_s", "FLOP/s",
                                         "All matrix arrays of the package, always busy."};
constexpr StatisticKind fraction_of_peak_flops{"fraction_of_peak", "1", "Operations a second, of the package's peak.",
                                               "flops_per_s / peak_flops_per_s"};
constexpr StatisticKind tokens{"tokens", "token", "Tokens that the trace trains on."};
constexpr StatisticKind tokens_per_s{"tokens_per_s", "token/s", "Tokens a simulated second.", "tokens / time_s"};
constexpr StatisticKind hbm_read_bytes{"hbm_read_bytes", "B", "Read from all stacks."};
constexpr StatisticKind hbm_write_bytes{"hbm_write_bytes", "B", "Written to all stacks."};
constexpr StatisticKind noc_bytes{"noc_bytes", "B", "Carried by on-die links, counted at every hop."};
constexpr StatisticKind d2d_bytes{"d2d_bytes", "B", "Carried by die-to-die links, counted at every link."};
constexpr StatisticKind once_per_die{"operands_once_per_die_bytes", "B",
                                     "Shared operands read once for all cores of a die."};
constexpr StatisticKind once_per_core{"operands_once_per_core_bytes", "B",
                                      "Shared operands read by every core for itself."};

constexpr StatisticKind cores{"cores", "1", "Compute cores."};
constexpr StatisticKind clock_hz{"clock_hz", "Hz", "Clock of the cores."};
constexpr StatisticKind elapsed_cycles{"elapsed_cycles", "cycle", "Core clock cycles of the run."};
constexpr StatisticKind nodes{"nodes", "1", "Nodes of the trace done."};
constexpr StatisticKind computing_cycles{"computing_cycles", "cycle",
                                         "Cycles spent computing, summed over cores (matrix and vector)."};
constexpr StatisticKind computing_fraction{"computing_fraction", "1", "Share of all core cycles spent computing.",
                                           "computing_cycles / (cores * elapsed_cycles)"};

constexpr StatisticKind read_bytes{"read_bytes", "B", "Read from the DRAM."};
constexpr StatisticKind write_bytes{"write_bytes", "B", "Written to the DRAM."};
constexpr StatisticKind bandwidth{"bandwidth_bytes_per_s", "B/s", "Bytes read and written a simulated second.",
                                  "(read_bytes + write_bytes) / time_s"};
constexpr StatisticKind peak_bandwidth{"peak_bytes_per_s", "B/s", "Data buses of all channels, always busy."};
constexpr StatisticKind fraction_of_peak_bytes{"fraction_of_peak", "1", "Bandwidth, of the stack's peak.",
                                               "bandwidth_bytes_per_s / peak_bytes_per_s"};
constexpr StatisticKind row_hits{"row_hits", "1", "Column commands that found their row open."};
constexpr StatisticKind column_commands{"column_commands", "1", "Reads and writes given to the DRAM."};
constexpr StatisticKind row_hit_rate{"row_hit_rate", "1", "Share of column commands that found their row open.",
                                     "row_hits / column_commands"};
constexpr StatisticKind activates{"activates", "1", "Row activations."};
constexpr StatisticKind refreshes{"refreshes", "1", "Refresh commands."};
constexpr StatisticKind bus_busy{"bus_busy", "1", "Share of the run in which the data bus moved data."};

constexpr StatisticKind utilisation{"utilisation", "1", "Share of the run in which the link carried flits."};
constexpr StatisticKind link_bytes{"bytes", "B", "Carried by this direction of the link."};
constexpr StatisticKind link_flits{"flits", "flit", "Carried by this direction of the link."};

void add_run(Statistics& to, const RunReport& report) {
    to.add("", time_ps, report.time.count());
    to.derive("", time_s);
    to.add("", flops, report.flops);
    to.add("", peak_flops_per_s, report.peak_flops_per_s);
    to.derive("", flops_per_s);
    to.derive("", fraction_of_peak_flops);
    if (report.tokens > 0) {
        to.add("", tokens, report.tokens);
        to.derive("", tokens_per_s);
    }
    to.add("", hbm_read_bytes, report.bytes_moved.hbm_read);
    to.add("", hbm_write_bytes, report.bytes_moved.hbm_write);
    to.add("", noc_bytes, report.bytes_moved.noc);
    to.add("", d2d_bytes, report.bytes_moved.d2d);
    to.add("", once_per_die, report.operand_reads.once_per_die_bytes);
    to.add("", once_per_core, report.operand_reads.once_per_core_bytes);
}

void add_chiplet(Statistics& to, const ChipletReport& chiplet) {
    const auto leaf = [&](metrics::Leaf which) { return chiplet.stalls[static_cast<std::size_t>(which)]; };
    to.add(chiplet.name, cores, std::uint64_t{chiplet.cores});
    to.add(chiplet.name, clock_hz, chiplet.clock_hz);
    to.add(chiplet.name, elapsed_cycles, chiplet.elapsed_cycles);
    to.add(chiplet.name, nodes, chiplet.nodes);
    to.add(chiplet.name, flops, chiplet.flops);
    to.derive(chiplet.name, flops_per_s);
    to.add(chiplet.name, computing_cycles,
           leaf(metrics::Leaf::computing_matrix) + leaf(metrics::Leaf::computing_vector));
    to.derive(chiplet.name, computing_fraction);
}

// What stacks and channels have in common.
template <class Memory>
void add_traffic(Statistics& to, const std::string& path, const Memory& memory) {
    to.add(path, read_bytes, memory.read_bytes);
    to.add(path, write_bytes, memory.write_bytes);
    to.derive(path, bandwidth);
    to.add(path, row_hits, memory.row_hits);
    to.add(path, column_commands, memory.column_commands);
    to.derive(path, row_hit_rate);
}

void add_stack(Statistics& to, const StackReport& stack) {
    add_traffic(to, stack.name, stack);
    to.add(stack.name, peak_bandwidth, stack.peak_bytes_per_s);
    to.derive(stack.name, fraction_of_peak_bytes);
    to.add(stack.name, activates, stack.activates);
    to.add(stack.name, refreshes, stack.refreshes);
    for (const ChannelReport& channel : stack.channels) {
        const std::string path = channel_path(stack, channel);
        add_traffic(to, path, channel);
        to.add(path, bus_busy, channel.bus_busy);
    }
}

void add_link(Statistics& to, const LinkReport& link) {
    to.add(link.name, utilisation, link.utilisation);
    to.add(link.name, link_bytes, link.bytes);
    to.add(link.name, link_flits, link.flits);
}

} // namespace

std::string channel_path(const StackReport& stack, const ChannelReport& channel) {
    return stack.name + "." + channel.name;
}

Statistics run_statistics(const RunReport& report) {
    Statistics statistics;
    add_run(statistics, report);
    for (const ChipletReport& chiplet : report.chiplets) {
        add_chiplet(statistics, chiplet);
    }
    for (const StackReport& stack : report.stacks) {
        add_stack(statistics, stack);
    }
    for (const LinkReport& link : report.links) {
        add_link(statistics, link);
    }
    statistics.append(report.statistics);
    return statistics;
}

} // namespace intarsia::report
