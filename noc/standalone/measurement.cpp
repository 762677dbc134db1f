#include "noc/standalone/measurement.hpp"

#include <algorithm>
#include <memory>
#include <numeric>

namespace intarsia::noc::standalone {

namespace {

LatencyFigures figures_of(const LatencyHistogram& histogram) {
    return {histogram.mean(),         histogram.min(),          histogram.percentile(50),
            histogram.percentile(95), histogram.percentile(99), histogram.max()};
}

std::vector<OutputFigures> read_outputs(const NetworkPlan& plan, const NetworkEngine& engine) {
    std::vector<OutputFigures> outputs;
    for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
        for (std::uint32_t p = 0; p < plan.routers[r].ports.size(); ++p) {
            const NetworkPort& port = plan.routers[r].ports[p];
            if (port.use == PortUse::endpoint || (port.use == PortUse::link && port.to.exists())) {
                outputs.push_back({r, p, 0, engine.counters(r, p)});
            }
        }
    }
    return outputs;
}

void subtract(OutputCounters& from, const OutputCounters& start) {
    for (std::size_t c = 0; c < from.flits.size(); ++c) {
        from.flits[c] -= start.flits[c];
    }
    from.no_vc -= start.no_vc;
    from.no_credit -= start.no_credit;
    from.lost_allocation -= start.lost_allocation;
}

} // namespace

Measurement::Measurement(const NetworkPlan& plan, std::uint64_t begin, std::uint64_t end)
    : plan_(plan), begin_(begin), end_(end), next_cut_(begin),
      classes_(std::max<std::size_t>(plan.class_vcs.size(), 1)) {}

void Measurement::cut(std::uint64_t cycle, const NetworkEngine& engine) {
    if (!begun_) {
        outputs_ = read_outputs(plan_, engine);
        ejected_ = engine.ejected_flits();
        begun_ = true;
        next_cut_ = end_;
    }
    if (cycle < end_ || ended_) {
        return;
    }
    const std::vector<OutputFigures> start = std::move(outputs_);
    outputs_ = read_outputs(plan_, engine);
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        OutputFigures& output = outputs_[i];
        subtract(output.counters, start[i].counters);
        const NetworkPort& port = plan_.routers[output.router].ports[output.port];
        const auto flits =
            std::accumulate(output.counters.flits.begin(), output.counters.flits.end(), std::uint64_t{0});
        const double busy = static_cast<double>(flits) * port.interval_numerator / port.interval_denominator;
        // The last flit may occupy its channel beyond the window.
        output.utilisation = std::min(1.0, busy / static_cast<double>(end_ - begin_));
    }
    ejected_ = engine.ejected_flits() - ejected_;
    ended_ = true;
    next_cut_ = UINT64_MAX;
}

void Measurement::deliver(const DeliveredPacket& delivered, std::uint64_t created) {
    if (created < begin_ || created >= end_) {
        return;
    }
    --pending_;
    pending_created_ -= created;
    const std::uint64_t latency = delivered.eject_tail - created;
    latency_sum_ += static_cast<double>(latency);
    flits_ += delivered.packet.flits;
    flit_latency_sum_ += delivered.flit_latency_sum;
    hops_sum_ += delivered.hops;
    ClassLatencies& latencies = classes_[delivered.packet.message_class];
    latencies.packet.add(latency);
    latencies.network.add(delivered.eject_tail - delivered.inject_head);
}

PointFigures Measurement::figures(double zero_load_latency) const {
    require(begun_ && ended_, "figures are taken after the window");
    PointFigures point;
    point.packets = packets_;
    point.unfinished_packets = pending_;
    const double nodes_cycles = static_cast<double>(plan_.endpoints.size()) * static_cast<double>(end_ - begin_);
    point.offered = static_cast<double>(offered_flits_) / nodes_cycles;
    point.accepted = static_cast<double>(ejected_) / nodes_cycles;
    point.zero_load_latency = zero_load_latency;
    point.window_cycles = end_ - begin_;
    point.outputs = outputs_;
    const std::uint64_t arrived = packets_ - pending_;
    if (pending_ == 0) {
        const auto sum = std::make_unique<ClassLatencies>(); // too large for the stack
        for (const ClassLatencies& latencies : classes_) {
            sum->packet.merge(latencies.packet);
            sum->network.merge(latencies.network);
            point.classes.push_back(
                {latencies.packet.count(), figures_of(latencies.packet), figures_of(latencies.network)});
        }
        point.packet_latency = figures_of(sum->packet);
        point.network_latency = figures_of(sum->network);
        point.stable = point.packet_latency.mean <= stable_factor * zero_load_latency;
    }
    if (arrived > 0) {
        point.flit_latency_mean = static_cast<double>(flit_latency_sum_) / static_cast<double>(flits_);
        point.hops_mean = static_cast<double>(hops_sum_) / static_cast<double>(arrived);
    }
    return point;
}

} // namespace intarsia::noc::standalone
