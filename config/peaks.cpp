#include "config/peaks.hpp"

#include "config/hbm_peak.hpp"
#include "config/section_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace intarsia::config {

namespace {

using namespace std::string_view_literals;

/// Cycles of a router, besides the link: input buffer, route and allocation, crossbar.
constexpr double router_cycles = 3;

std::string gb(double bytes_per_s) {
    return fmt::format("{:.1f} GB/s", bytes_per_s / 1e9);
}

class Warner {
  public:
    Warner(const SystemConfig& system, const Node& root) : system_(system), root_(root) {}

    std::vector<Diagnostic> run() {
        for (std::size_t i = 0; i < system_.stacks.size(); ++i) {
            check_stack(i);
        }
        for (std::size_t i = 0; i < system_.links.size(); ++i) {
            check_link(i);
        }
        for (std::uint32_t die = 0; die < system_.dies.size(); ++die) {
            check_bisection(die);
            check_window(die);
        }
        std::vector<Diagnostic> warnings;
        for (const Finding& each : findings_) {
            const std::string others = each.others > 0 ? fmt::format(" (and {} alike)", each.others) : std::string();
            warnings.push_back({each.place, fmt::format("{}{}: {}", each.subject, others, each.says), each.remedy});
        }
        return warnings;
    }

  private:
    /// Adds a warning that `subject` ("stack 'hbm0'") `says` something; subjects of which the same is to be said share
    /// one.
    void warn(std::initializer_list<std::variant<std::string_view, std::size_t>> path, const std::string& subject,
              const std::string& says, const std::string& remedy) {
        const auto same = std::find_if(findings_.begin(), findings_.end(), [&](const Finding& other) {
            return other.says == says && other.remedy == remedy;
        });
        if (same != findings_.end()) {
            ++same->others;
        } else {
            findings_.push_back({place_of(root_, path).place(), subject, says, remedy, 0});
        }
    }

    struct Finding {
        SourcePlace place;
        std::string subject;
        std::string says;
        std::string remedy;
        std::size_t others = 0;
    };

    void check_stack(std::size_t i) {
        const HbmStackConfig& stack = system_.stacks[i];
        const NetworkConfig& network = system_.dies[stack.die].network;
        const HbmPeak peak = hbm_peak(stack);
        const double ports = static_cast<double>(stack.routers.size()) * port_bytes_per_s(network);
        const double carried = ports * payload_share(network);
        if (carried < peak.stack_bytes_per_s) {
            warn({"stack"sv, i, "routers"sv}, fmt::format("stack '{}'", stack.name),
                 fmt::format("it delivers {}, its {} network interfaces carry {}", gb(peak.stack_bytes_per_s),
                             stack.routers.size(), gb(carried)),
                 "name more routers, or widen flits or raise the clock of the network");
        }
        // A channel with a full queue of reads that each open a row: its rate is bound by the queue.
        const double queued = stack.controller.read_queue * static_cast<double>(peak.access_bytes);
        if (peak.queue_stay_ns > 0 && queued / (peak.queue_stay_ns * 1e-9) < peak.channel_bytes_per_s) {
            warn({"stack"sv, i, "controller"sv, "read_queue"sv}, fmt::format("stack '{}'", stack.name),
                 fmt::format("a read queue of {} bounds a channel to {} of {} when reads open rows",
                             stack.controller.read_queue, gb(queued / (peak.queue_stay_ns * 1e-9)),
                             gb(peak.channel_bytes_per_s)),
                 "enlarge read_queue");
        }
        // Reply space is held from the acceptance of a request to the departure of its data.
        const double held_ns = (stack.controller.request_latency + stack.controller.reply_latency).count() * 1e-3 +
                               peak.closed_row_read_ns;
        const double replies = stack.controller.reply_slots * static_cast<double>(network.max_payload_bytes) *
                               static_cast<double>(stack.routers.size());
        if (replies / (held_ns * 1e-9) < peak.stack_bytes_per_s) {
            warn({"stack"sv, i, "controller"sv, "reply_slots"sv}, fmt::format("stack '{}'", stack.name),
                 fmt::format("{} reply slots an interface bound it to {} of {}", stack.controller.reply_slots,
                             gb(replies / (held_ns * 1e-9)), gb(peak.stack_bytes_per_s)),
                 "enlarge reply_slots");
        }
    }

    void check_link(std::size_t i) {
        const D2dLinkConfig& link = system_.links[i];
        const double flits = flit_bytes_per_s(link);
        const double port = std::min(port_bytes_per_s(system_.dies[link.from_die].network),
                                     port_bytes_per_s(system_.dies[link.to_die].network));
        if (flits > port) {
            warn({"d2d"sv, i, "lanes"sv}, fmt::format("link '{}'", link.name),
                 fmt::format("it carries {}, the port of its router {}", gb(flits), gb(port)),
                 "widen flits or raise the clock of the network, or attach several narrower links");
        }
        // Flits of one virtual channel on their way, or whose credit is on its way back.
        const double round_trip_s =
            2e-12 * static_cast<double>((link.tx_latency + link.rx_latency + link.flight_time).count());
        const NetworkConfig& network = system_.dies[link.from_die].network;
        const double buffered = static_cast<double>(link.receive_buffer_flits) * network.flit_bytes;
        if (round_trip_s > 0 && buffered / round_trip_s < flits) {
            warn({"d2d"sv, i, "receive_buffer_flits"sv}, fmt::format("link '{}'", link.name),
                 fmt::format("{} buffered flits bound a virtual channel to {} of {}", link.receive_buffer_flits,
                             gb(buffered / round_trip_s), gb(flits)),
                 "enlarge receive_buffer_flits");
        }
    }

    /// Uniformly spread traffic crosses the middle with half of its bytes, a quarter in each direction.
    void check_bisection(std::uint32_t die) {
        const NetworkConfig& network = system_.dies[die].network;
        const double bisection = bisection_bytes_per_s(network);
        const double crossing = stack_bytes_per_s(system_, die) / 4 / payload_share(network);
        if (bisection > 0 && crossing > bisection) {
            warn({"die"sv, std::size_t{die}, "network"sv, "clock"sv}, fmt::format("die '{}'", system_.dies[die].name),
                 fmt::format("its stacks send {} over the middle of the mesh when addresses spread evenly; that "
                             "carries {} a direction",
                             gb(crossing), gb(bisection)),
                 "widen flits, raise the clock, or add rows or columns of routers");
        }
    }

    /// Little's law: a core keeps no more bytes in flight than its DMA window holds.
    void check_window(std::uint32_t die) {
        const DieConfig& config = system_.dies[die];
        const double cores = static_cast<double>(config.core.columns) * config.core.rows;
        const double total = stack_bytes_per_s(system_, die);
        double latency_ns = 0;
        for (const HbmStackConfig& stack : system_.stacks) {
            latency_ns = stack.die == die ? std::max(latency_ns, unloaded_read_ns(config, stack)) : latency_ns;
        }
        if (latency_ns <= 0) {
            return;
        }
        const double window = config.core.dma_window * static_cast<double>(config.network.max_payload_bytes);
        const double reached = window / (latency_ns * 1e-9);
        if (reached * cores < total) {
            warn({"die"sv, std::size_t{die}, "core"sv, "dma_window"sv}, fmt::format("die '{}'", config.name),
                 fmt::format("{} transactions of {} bytes in {:.0f} ns give a core {} of its share of {}",
                             config.core.dma_window, config.network.max_payload_bytes, latency_ns, gb(reached),
                             gb(total / cores)),
                 "enlarge dma_window");
        }
    }

    const SystemConfig& system_;
    const Node& root_;
    std::vector<Finding> findings_;
};

} // namespace

double matrix_flops(const DieConfig& die) {
    const CoreConfig& core = die.core;
    return 2.0 * core.columns * core.rows * core.array_rows * core.array_columns *
           static_cast<double>(core.clock.count());
}

double vector_flops(const DieConfig& die) {
    const CoreConfig& core = die.core;
    return 1.0 * core.columns * core.rows * core.vector_flops_per_cycle * static_cast<double>(core.clock.count());
}

double port_bytes_per_s(const NetworkConfig& network) {
    return static_cast<double>(network.flit_bytes) * static_cast<double>(network.clock.count());
}

double payload_share(const NetworkConfig& network) {
    const std::uint32_t bytes = network.header_bytes + network.max_payload_bytes;
    const std::uint32_t flits = (bytes + network.flit_bytes - 1) / network.flit_bytes;
    return static_cast<double>(network.max_payload_bytes) / (static_cast<double>(flits) * network.flit_bytes);
}

double bisection_bytes_per_s(const NetworkConfig& network) {
    const std::uint32_t cut = std::max(network.columns, network.rows) > 1 ? std::min(network.columns, network.rows) : 0;
    return cut * port_bytes_per_s(network);
}

double raw_bytes_per_s(const D2dLinkConfig& link) {
    return static_cast<double>(link.lanes) * static_cast<double>(link.transfers_per_s) / 8;
}

double flit_bytes_per_s(const D2dLinkConfig& link) {
    return raw_bytes_per_s(link) * link.payload_efficiency;
}

double stack_bytes_per_s(const SystemConfig& system, std::uint32_t die) {
    double total = 0;
    for (const HbmStackConfig& stack : system.stacks) {
        total += stack.die == die ? hbm_peak(stack).stack_bytes_per_s : 0;
    }
    return total;
}

double unloaded_read_ns(const DieConfig& die, const HbmStackConfig& stack) {
    const NetworkConfig& network = die.network;
    const double hops = (network.columns + network.rows) / 2.0 + 1;
    const double flits = network.max_payload_bytes / payload_share(network) / network.flit_bytes;
    const double cycles =
        2 * hops * (router_cycles + network.link_latency_cycles) + 2.0 * network.synchroniser_cycles + flits;
    return cycles / static_cast<double>(network.clock.count()) * 1e9 +
           static_cast<double>((stack.controller.request_latency + stack.controller.reply_latency).count()) * 1e-3 +
           hbm_peak(stack).closed_row_read_ns;
}

std::vector<Diagnostic> port_warnings(const SystemConfig& system, const Node& root) {
    return Warner(system, root).run();
}

} // namespace intarsia::config
