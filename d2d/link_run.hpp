// A link on its own: sources, the link, sinks, and what is measured.
#pragma once

#include "config/clock.hpp"
#include "d2d/link_config.hpp"
#include "d2d/link_core.hpp"
#include "d2d/packet_csv.hpp"
#include "metrics/histogram.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace intarsia::d2d {

/// Latencies within 1/128.
using LatencyHistogram = metrics::Histogram<metrics::LogBuckets<7>>;

/// One direction over the time of the run.
struct DirectionReport {
    bool carries = false; ///< packets were offered
    std::uint64_t offered = 0;
    std::uint64_t delivered = 0;
    std::uint64_t lost = 0;
    std::uint64_t out_of_order = 0; ///< delivered before one that left earlier, or twice
    std::uint64_t bytes = 0;        ///< of delivered packets
    DirectionCounters counters;
    LatencyHistogram latency_ps; ///< creation to whole at the far end
    double busy_pj = 0;          ///< energy of d2d_flits sent
    double idle_pj = 0;          ///< of idle lanes
};

struct LinkReport {
    Picoseconds end; ///< the last delivery (or loss); all counters are cut here
    bool down = false;
    std::array<DirectionReport, 2> directions;
    std::vector<PacketTimes> packets; ///< of a packet file, in its order
    std::uint64_t network_flits = 0;  ///< units moved, for speed figures

    /// Mean over the directions that carry packets, bytes a second.
    [[nodiscard]] double payload_bytes_per_s() const;
    /// Busy and idle energy of the directions that carry packets over the bits of their delivered packets.
    [[nodiscard]] double energy_pj_per_bit() const;
    /// Share of the time of the directions that carry packets.
    [[nodiscard]] std::array<double, slot_uses> slot_shares() const;
    [[nodiscard]] std::uint64_t total(std::uint64_t DirectionReport::*member) const;

  private:
    [[nodiscard]] double carrying() const;
};

/// Runs packets of [traffic], or of a file, over the link until the last is delivered, lost, or the link is down.
/// `drain`: go on until everything is acknowledged and all credits are home, and check that (tests).
[[nodiscard]] LinkReport run_link(const LoadedLink& link, const std::vector<FilePacket>& packets = {},
                                  bool drain = false);

} // namespace intarsia::d2d
