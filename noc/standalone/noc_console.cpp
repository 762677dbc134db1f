#include "noc/standalone/noc_console.hpp"

#include "noc/standalone/curve_axis.hpp"
#include "noc/standalone/curve_plot.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace intarsia::noc::standalone {

namespace {

constexpr std::size_t hottest_shown = 5;

std::string heading(const NetworkSetup& setup) {
    const NetworkPlan& plan = setup.plan;
    const bool vc = plan.router.model == RouterModel::vc;
    return fmt::format("{}: {} routers, {} nodes, {}\n", plan.name.empty() ? "network" : plan.name, plan.routers.size(),
                       plan.endpoints.size(),
                       vc ? fmt::format("{} virtual channels", plan.virtual_channels) : "wormhole routers");
}

std::string latency_line(std::string_view name, const LatencyFigures& latency) {
    return fmt::format("{:<18}{:>10.3f}{:>8}{:>8}{:>8}{:>8}{:>8}\n", name, latency.mean, latency.min, latency.p50,
                       latency.p95, latency.p99, latency.max);
}

std::string latency_table(const PointFigures& point) {
    if (!has_latency(point)) {
        return point.packets == 0
                   ? "no packet was created in the measured window\n"
                   : fmt::format(
                         "latency unknown: {} of {} measured packets had not arrived when the run was given up\n",
                         point.unfinished_packets, point.packets);
    }
    std::string text = fmt::format("{:<18}{:>10}{:>8}{:>8}{:>8}{:>8}{:>8}\n", "latency (cycles)", "mean", "min", "p50",
                                   "p95", "p99", "max");
    text += latency_line("  packet", point.packet_latency) + latency_line("  network", point.network_latency);
    if (point.classes.size() > 1) {
        for (std::size_t c = 0; c < point.classes.size(); ++c) {
            if (point.classes[c].packets > 0) {
                text += latency_line(fmt::format("  class {}", c), point.classes[c].packet_latency);
            }
        }
    }
    return text + fmt::format("{:<18}{:>10.3f}\n{:<18}{:>10.3f}\n", "  flit", point.flit_latency_mean, "  zero load",
                              point.zero_load_latency);
}

std::string busiest(const NetworkPlan& plan, const PointFigures& point) {
    std::vector<const OutputFigures*> order;
    for (const OutputFigures& output : point.outputs) {
        if (output.utilisation > 0) {
            order.push_back(&output);
        }
    }
    const std::size_t shown = std::min(hottest_shown, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                      [](const OutputFigures* a, const OutputFigures* b) {
                          return a->utilisation != b->utilisation
                                     ? a->utilisation > b->utilisation
                                     : std::pair(a->router, a->port) < std::pair(b->router, b->port);
                      });
    if (shown == 0) {
        return "";
    }
    std::string text = fmt::format("\n{:<24}{:>8}{:>14}{:>14}{:>14}\n", "busiest channels", "busy", "no VC",
                                   "no credit", "lost switch");
    for (std::size_t i = 0; i < shown; ++i) {
        const OutputCounters& c = order[i]->counters;
        text += fmt::format("  {:<22.40}{:>6.1f} %{:>14}{:>14}{:>14}\n",
                            plan.channel_name(order[i]->router, order[i]->port), 100 * order[i]->utilisation, c.no_vc,
                            c.no_credit, c.lost_allocation);
    }
    return text;
}

std::string waits(const PointFigures& point) {
    OutputCounters sum;
    std::uint64_t flits = 0;
    for (const OutputFigures& output : point.outputs) {
        sum.no_vc += output.counters.no_vc;
        sum.no_credit += output.counters.no_credit;
        sum.lost_allocation += output.counters.lost_allocation;
        flits += std::accumulate(output.counters.flits.begin(), output.counters.flits.end(), std::uint64_t{0});
    }
    if (flits == 0) {
        return "";
    }
    const auto a_hop = [&](std::uint64_t cycles) { return static_cast<double>(cycles) / static_cast<double>(flits); };
    return fmt::format(
        "waits in routers  {:.3f} cycles a flit and hop for a virtual channel, {:.3f} for credit, {:.3f} for "
        "the switch\n",
        a_hop(sum.no_vc), a_hop(sum.no_credit), a_hop(sum.lost_allocation));
}

std::string host_line(double wall_s, std::uint64_t flit_hops) {
    return wall_s > 0 && flit_hops > 0
               ? fmt::format("simulated in {:.3f} s: {:.2f} million flit-hops a second, {:.1f} ns each\n", wall_s,
                             static_cast<double>(flit_hops) / wall_s * 1e-6,
                             wall_s * 1e9 / static_cast<double>(flit_hops))
               : fmt::format("simulated in {:.3f} s\n", wall_s);
}

} // namespace

std::string point_text(const NetworkSetup& setup, const PointFigures& point) {
    std::string text = heading(setup);
    text += fmt::format("load {:.4f} offered, {:.4f} accepted (flits per node per cycle): {}\n\n", point.offered,
                        point.accepted, point.stable ? "stable" : "NOT stable");
    text += latency_table(point);
    if (point.unfinished_packets < point.packets) {
        text += fmt::format("{:<18}{:>10.3f}\n", "routers crossed", point.hops_mean);
    }
    text += busiest(setup.plan, point);
    text += "\n" + waits(point);
    text += fmt::format("{} packets measured in {} cycles, {} cycles in all\n", point.packets, point.window_cycles,
                        point.simulated_cycles);
    return text + host_line(point.wall_s, point.flit_hops);
}

std::string curve_text(const NetworkSetup& setup, const CurveFigures& curve) {
    std::string text = heading(setup);
    text +=
        curve.unstable_load > 0
            ? fmt::format("saturation at {:.4f} flits per node per cycle ({:.4f} is not stable), {:.4f} accepted at "
                          "load {:.4g}\n",
                          curve.saturation_load, curve.unstable_load, curve.accepted_at_highest, curve.highest_load)
            : fmt::format("no saturation: stable up to load {:.4g}, {:.4f} accepted there\n", curve.highest_load,
                          curve.accepted_at_highest);
    text += fmt::format("zero-load latency {:.3f} cycles\n\n", curve.zero_load_latency) + curve_braille(curve);
    text += fmt::format("\n{:>10}{:>11}{:>11}{:>9}{:>9}{:>9}  {}\n", "load", "accepted", "latency", "p50", "p95", "p99",
                        "(cycles)");
    for (const PointFigures& point : curve.points) {
        text += fmt::format("{:>10.4g}{:>11.4f}", point.load, point.accepted);
        text += has_latency(point)
                    ? fmt::format("{:>11.3f}{:>9}{:>9}{:>9}", point.packet_latency.mean, point.packet_latency.p50,
                                  point.packet_latency.p95, point.packet_latency.p99)
                    : fmt::format("{:>11}{:>9}{:>9}{:>9}", "-", "-", "-", "-");
        text += point.stable ? "\n" : "  not stable\n";
    }
    return text + fmt::format("\n{} points in {:.3f} s\n", curve.points.size(), curve.wall_s);
}

} // namespace intarsia::noc::standalone
