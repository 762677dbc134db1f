#include "noc/standalone/traffic_source.hpp"

namespace intarsia::noc::standalone {

namespace {

bool is_bursty(const TrafficConfig& traffic) {
    return traffic.injection == "bursty";
}

GeometricGap silence_gap(const TrafficConfig& traffic, double load) {
    const double mean = traffic.burst_cycles * (traffic.burst_load / load - 1);
    return GeometricGap(1 / (1 + mean));
}

} // namespace

LengthDraw::LengthDraw(const PacketLengths& lengths) {
    double all = 0;
    for (const LengthShare& part : lengths.parts) {
        all += part.share;
    }
    double sum = 0;
    for (const LengthShare& part : lengths.parts) {
        if (part.share > 0) {
            sum += part.share / all;
            thresholds_.push_back(sum);
            flits_.push_back(part.flits);
        }
    }
    thresholds_.back() = 1;
}

TrafficSource::TrafficSource(const TrafficConfig& traffic, const NodeGrid& grid, double load)
    : pattern_(traffic, grid), lengths_(traffic.packet_flits), priority_share_(traffic.priority_share),
      gap_((is_bursty(traffic) ? traffic.burst_load : load) / traffic.packet_flits.mean()),
      burst_(1 / traffic.burst_cycles), silence_(is_bursty(traffic) ? silence_gap(traffic, load) : GeometricGap()),
      calendar_(grid.nodes) {
    random_.reserve(grid.nodes);
    for (std::uint32_t node = 0; node < grid.nodes; ++node) {
        random_.emplace_back(traffic.seed, node);
    }
    if (is_bursty(traffic)) {
        burst_left_.assign(grid.nodes, 0);
    }
    for (std::uint32_t node = 0; node < grid.nodes; ++node) {
        if (pattern_.sends(node)) {
            calendar_.schedule(node, wait(node) - 1);
        }
    }
}

std::uint64_t TrafficSource::wait_over_bursts(std::uint32_t node, std::uint64_t flips) {
    SourceRandom& random = random_[node];
    std::uint64_t cycles = flips;
    while (flips > burst_left_[node]) {
        flips -= burst_left_[node];
        cycles += silence_.draw(random) - 1;
        burst_left_[node] = burst_.draw(random);
    }
    burst_left_[node] -= flips;
    return cycles;
}

} // namespace intarsia::noc::standalone
