// All sources of a network: which packets are created in which cycle.
#pragma once

#include "noc/network_engine.hpp"
#include "noc/standalone/calendar.hpp"
#include "noc/standalone/pattern.hpp"
#include "noc/standalone/source_random.hpp"
#include "noc/standalone/traffic_config.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace intarsia::noc::standalone {

/// Draws lengths of packets.
class LengthDraw {
  public:
    explicit LengthDraw(const PacketLengths& lengths);
    [[nodiscard]] std::uint32_t draw(SourceRandom& random) const {
        return thresholds_.size() == 1 ? flits_.front() : flits_[place(random.unit())];
    }

  private:
    [[nodiscard]] std::size_t place(double unit) const {
        std::size_t at = 0;
        while (unit > thresholds_[at]) {
            ++at;
        }
        return at;
    }
    std::vector<double> thresholds_; // shares summed up; the last is 1
    std::vector<std::uint32_t> flits_;
};

/// Packets of one load. A node creates at most one packet a cycle, its first in cycle 0 at the earliest.
///
/// bernoulli: in every cycle with chance load / (mean flits of a packet).
///
/// bursty: a node is on or off. On, it creates a packet in every cycle with chance burst_load / (mean flits). A burst
/// ends after each of its cycles with chance 1 / burst_cycles; the silence after it is geometric from 0 cycles on, with
/// a mean of burst_cycles (burst_load / load - 1), so that the mean load is `load`.
class TrafficSource {
  public:
    TrafficSource(const TrafficConfig& traffic, const NodeGrid& grid, double load);

    /// The next cycle in which a packet is created, or `never`.
    [[nodiscard]] std::uint64_t next_cycle() const { return calendar_.next(); }

    /// Creates the packets of `cycle`, at or before next_cycle(), in order of nodes: take(TrafficPacket) gets each,
    /// with no id yet.
    template <class Take>
    void create(std::uint64_t cycle, Take&& take) {
        calendar_.take(cycle, [&](std::uint32_t node) {
            SourceRandom& random = random_[node];
            const std::uint64_t bits = random.next();
            TrafficPacket packet;
            packet.created = cycle;
            packet.source = static_cast<EndpointId>(node);
            packet.destination = static_cast<EndpointId>(pattern_.draw(node, bits, random));
            packet.flits = lengths_.draw(random);
            packet.priority = priority_share_ > 0 && random.unit() <= priority_share_ ? 1 : 0;
            packet.random = static_cast<std::uint8_t>(bits);
            calendar_.schedule(node, cycle + wait(node));
            take(std::as_const(packet));
        });
    }

    [[nodiscard]] const Pattern& pattern() const { return pattern_; }

  private:
    /// Cycles until the node's next packet.
    std::uint64_t wait(std::uint32_t node) {
        const std::uint64_t flips = gap_.draw(random_[node]);
        return burst_left_.empty() ? flips : wait_over_bursts(node, flips);
    }
    std::uint64_t wait_over_bursts(std::uint32_t node, std::uint64_t flips);

    Pattern pattern_;
    LengthDraw lengths_;
    double priority_share_;
    GeometricGap gap_;                      // between packets, in cycles of the source (bursty: of its bursts)
    GeometricGap burst_;                    // lengths of bursts
    GeometricGap silence_;                  // lengths of silences, plus 1
    std::vector<SourceRandom> random_;      // by node
    std::vector<std::uint64_t> burst_left_; // by node: cycles of its burst yet to come; empty: bernoulli
    Calendar calendar_;
};

} // namespace intarsia::noc::standalone
