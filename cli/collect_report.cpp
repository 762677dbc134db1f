#include "cli/collect_report.hpp"

#include <fmt/format.h>

namespace intarsia::cli {

namespace {

using report::RunReport;

std::uint64_t total(const std::array<std::uint64_t, message_classes>& by_class) {
    return by_class[0] + by_class[1];
}

double seconds(Picoseconds time) {
    return static_cast<double>(time.count()) * 1e-12;
}

// Statistics that only a package has; their declarations.
constexpr metrics::StatisticKind read_requests{"read_requests", "transactions",
                                               "read requests issued by the DMA engines"};
constexpr metrics::StatisticKind write_requests{"write_requests", "transactions",
                                                "write requests issued by the DMA engines"};
constexpr metrics::StatisticKind pushes{"pushes", "packets", "packets pushed from core to core"};
constexpr metrics::StatisticKind pushed_bytes{"pushed_bytes", "B", "data pushed from core to core"};
constexpr metrics::StatisticKind reduced_bytes{"reduced_bytes", "B",
                                               "received data added to local data in collectives"};
constexpr metrics::StatisticKind message_bytes{"message_bytes", "B",
                                               "data sent in collectives and point-to-point messages"};
constexpr metrics::StatisticKind injected_packets{"injected_packets", "packets",
                                                  "packets that entered at the die's network interfaces"};
constexpr metrics::StatisticKind injected_flits{"injected_flits", "flits", "flits of these packets"};
constexpr metrics::StatisticKind flit_hops{"flit_hops", "flits", "crossbar traversals in all routers of the die"};
constexpr metrics::StatisticKind credit_blocked{"credit_blocked_slots", "slots",
                                                "flit slots in which data waited and no virtual channel had a credit"};
constexpr metrics::StatisticKind tensor_bytes{"tensor_bytes", "B", "memory given to the tensors of all ranks"};

report::ChipletReport chiplet_report(const models::Package& package, std::uint32_t die, Picoseconds end) {
    const models::ComputeChipletModule& module = package.compute(die);
    const models::ComputeChipletCore& core = module.core();
    report::ChipletReport chiplet;
    chiplet.name = package.system().dies[die].name;
    chiplet.cores = static_cast<std::uint32_t>(core.core_count());
    chiplet.clock_hz = module.clock().hertz();
    chiplet.elapsed_cycles = module.clock().first_edge_at_or_after(end);
    chiplet.flops = core.counters().flops;
    chiplet.nodes = core.counters().nodes_done;
    for (std::size_t i = 0; i < core.core_count(); ++i) {
        const metrics::StallAccount& account = core.account(i);
        metrics::add_cycles(chiplet.stalls, account.stalls());
        metrics::add_cycles(chiplet.hidden, account.hidden());
        chiplet.stalls_of_cores.push_back(account.stalls());
    }
    return chiplet;
}

report::StackReport stack_report(const models::Package& package, std::uint32_t index, Picoseconds end) {
    const memory::StackCore& core = package.stack(index).core();
    const config::HbmStackConfig& description = package.system().stacks[index];
    report::StackReport stack;
    stack.name = description.name;
    stack.die = package.system().dies[description.die].name;
    stack.peak_bytes_per_s = static_cast<double>(core.peak().count());
    const std::uint64_t burst = core.timing().access_bytes();
    const double bus_ticks = seconds(end) * core.clock().hertz() * core.timing().pseudo_channels;
    for (std::uint32_t i = 0; i < core.channels(); ++i) {
        const memory::ChannelCounters& counters = core.counters(i);
        report::ChannelReport channel;
        channel.name = fmt::format("channel{}", i);
        channel.read_bytes = counters.reads * burst;
        channel.write_bytes = counters.writes * burst;
        channel.row_hits = counters.row_hits;
        channel.column_commands = counters.reads + counters.writes;
        channel.bus_busy = bus_ticks > 0 ? static_cast<double>(counters.data_bus_ticks) / bus_ticks : 0;
        stack.read_bytes += channel.read_bytes;
        stack.write_bytes += channel.write_bytes;
        stack.row_hits += channel.row_hits;
        stack.column_commands += channel.column_commands;
        stack.activates += counters.activates;
        stack.refreshes += counters.refreshes;
        stack.channels.push_back(channel);
    }
    return stack;
}

void add_network_links(RunReport& report, const models::Package& package, std::uint32_t die, Picoseconds end) {
    const noc::FabricModule& network = package.network(die);
    const noc::DiePlan& plan = package.plan().die(die);
    const auto cycles = static_cast<double>(network.clock().first_edge_at_or_after(end));
    for (std::uint32_t router = 0; router < plan.routers.size(); ++router) {
        for (std::uint32_t port = 0; port < plan.routers[router].ports.size(); ++port) {
            const std::uint64_t flits = network.core().channel(router, port).flits;
            const std::uint64_t bytes = flits * plan.network.flit_bytes;
            // Ports towards D2D links have their flits counted by the links.
            if (plan.routers[router].ports[port].kind != noc::PortKind::link) {
                report.links.push_back({package.plan().channel_name(die, router, port), report::LinkKind::noc,
                                        cycles > 0 ? static_cast<double>(flits) / cycles : 0, bytes, flits});
                report.bytes_moved.noc += bytes;
            }
        }
    }
}

void add_d2d_links(RunReport& report, const models::Package& package, Picoseconds end) {
    const config::SystemConfig& system = package.system();
    for (std::uint32_t index = 0; index < system.links.size(); ++index) {
        const config::D2dLinkConfig& link = system.links[index];
        const models::D2dLinkModule& module = package.link(index);
        const std::string dies[2] = {system.dies[link.from_die].name, system.dies[link.to_die].name};
        const auto slots = static_cast<double>(module.slots_by(end));
        for (std::uint32_t side = 0; side < 2; ++side) {
            const models::D2dCounters counters = module.counters(side);
            const std::uint64_t bytes = counters.flits * system.dies[link.from_die].network.flit_bytes;
            const std::string name = fmt::format("{} {}->{}", link.name, dies[side], dies[1 - side]);
            report.links.push_back({name, report::LinkKind::d2d,
                                    slots > 0 ? static_cast<double>(counters.flits) / slots : 0, bytes,
                                    counters.flits});
            report.bytes_moved.d2d += bytes;
            report.statistics.add(name, credit_blocked, counters.credit_blocked_slots);
        }
    }
}

// Conservation, with both sides counted apart, as it stands at the end of the run.
void add_accounts(RunReport& report, const models::Package& package) {
    models::DmaCounters dma;
    std::uint64_t landed = 0;
    std::uint64_t under_way = 0;
    std::uint64_t nodes = 0;
    std::uint64_t nodes_done = 0;
    std::uint64_t nodes_left = 0;
    std::uint64_t flits_in = 0;
    std::uint64_t flits_out = 0;
    std::uint64_t served = 0;
    for (std::uint32_t die = 0; die < package.system().dies.size(); ++die) {
        const models::ComputeChipletCore& core = package.compute(die).core();
        for (std::size_t i = 0; i < core.core_count(); ++i) {
            const models::DmaCounters& counters = core.dma_counters(i);
            dma.read_requests += counters.read_requests;
            dma.write_requests += counters.write_requests;
            dma.bytes_requested += counters.bytes_requested;
            dma.bytes_delivered += counters.bytes_delivered;
            dma.bytes_pushed += counters.bytes_pushed;
        }
        under_way += core.bytes_outstanding();
        landed += core.counters().bytes_landed;
        nodes_done += core.counters().nodes_done;
        if (core.program() != nullptr) {
            nodes += core.program()->graph().nodes.size();
            nodes_left += core.program()->nodes_left();
        }
        const noc::FabricCounters counters = package.network(die).core().counters();
        flits_in += total(counters.injected.flits);
        flits_out += total(counters.ejected.flits);
    }
    for (std::uint32_t stack = 0; stack < package.system().stacks.size(); ++stack) {
        served += package.stack(stack).core().sent_replies();
    }
    report.accounting.push_back(
        {"bytes requested = delivered + under way", dma.bytes_requested, dma.bytes_delivered + under_way});
    report.accounting.push_back({"nodes = done + left", nodes, nodes_done + nodes_left});
    if (!report.complete) {
        return; // packets are under way in the network, which only the end of a run can tell from lost ones
    }
    report.accounting.push_back({"bytes pushed = landed", dma.bytes_pushed, landed});
    report.accounting.push_back(
        {"transactions issued = answered by stacks", dma.read_requests + dma.write_requests, served});
    report.accounting.push_back({"flits injected = ejected", flits_in, flits_out});
}

void add_statistics(RunReport& report, const models::Package& package) {
    report.statistics.add("", tensor_bytes, package.tensors().used_bytes());
    for (std::uint32_t die = 0; die < package.system().dies.size(); ++die) {
        const models::ComputeChipletCore& core = package.compute(die).core();
        const std::string name = package.system().dies[die].name;
        models::DmaCounters dma;
        models::MessageCounters messages;
        for (std::size_t i = 0; i < core.core_count(); ++i) {
            dma.read_requests += core.dma_counters(i).read_requests;
            dma.write_requests += core.dma_counters(i).write_requests;
            dma.pushes += core.dma_counters(i).pushes;
            dma.bytes_pushed += core.dma_counters(i).bytes_pushed;
            messages.bytes_reduced += core.message_counters(i).bytes_reduced;
            messages.bytes_sent += core.message_counters(i).bytes_sent;
            messages.size_mismatches += core.message_counters(i).size_mismatches;
        }
        if (messages.size_mismatches > 0) {
            report.warnings.push_back(fmt::format(
                "{}: {} core-level receives got another size than their node says; the sizes of SEND and RECV differ",
                name, messages.size_mismatches));
        }
        report.statistics.add(name, read_requests, dma.read_requests);
        report.statistics.add(name, write_requests, dma.write_requests);
        report.statistics.add(name, pushes, dma.pushes);
        report.statistics.add(name, pushed_bytes, dma.bytes_pushed);
        report.statistics.add(name, message_bytes, messages.bytes_sent);
        report.statistics.add(name, reduced_bytes, messages.bytes_reduced);
        const noc::FabricCounters network = package.network(die).core().counters();
        report.statistics.add(name + ".noc", injected_packets, total(network.injected.packets));
        report.statistics.add(name + ".noc", injected_flits, total(network.injected.flits));
        report.statistics.add(name + ".noc", flit_hops, network.flit_hops);
    }
}

} // namespace

RunReport collect_report(const models::Package& package, const workloads::Workload& workload,
                         const models::Outcome& outcome) {
    const config::SystemConfig& system = package.system();
    RunReport report;
    report.system = system.name;
    report.seed = system.simulation.seed;
    report.complete = outcome.complete;
    report.incomplete_reason = outcome.reason;
    report.time = outcome.end;
    report.tokens = workload.tokens;
    for (std::uint32_t die = 0; die < system.dies.size(); ++die) {
        report.chiplets.push_back(chiplet_report(package, die, outcome.end));
        report.flops += report.chiplets.back().flops;
        report.peak_flops_per_s +=
            static_cast<double>(report.chiplets.back().cores) *
            static_cast<double>(models::flops_per_cycle(system.dies[die].core, workloads::Unit::matrix)) *
            report.chiplets.back().clock_hz;
        const models::OperandTraffic& operands = package.compute(die).core().counters().operands;
        report.operand_reads.once_per_die_bytes += operands.read_bytes;
        report.operand_reads.once_per_core_bytes += operands.used_bytes;
        add_network_links(report, package, die, outcome.end);
    }
    for (std::uint32_t stack = 0; stack < system.stacks.size(); ++stack) {
        report.stacks.push_back(stack_report(package, stack, outcome.end));
        report.bytes_moved.hbm_read += report.stacks.back().read_bytes;
        report.bytes_moved.hbm_write += report.stacks.back().write_bytes;
    }
    add_d2d_links(report, package, outcome.end);
    add_accounts(report, package);
    add_statistics(report, package);
    for (const workloads::ExecutionGraph& graph : workload.ranks) {
        if (graph.dangling_dependencies > 0) {
            report.warnings.push_back(
                fmt::format("rank {}: {} dependencies on nodes that the trace does not hold count "
                            "as satisfied",
                            graph.rank, graph.dangling_dependencies));
        }
    }
    return report;
}

} // namespace intarsia::cli
