// What is measured on a network, and the figures that come out.
#pragma once

#include "metrics/histogram.hpp"
#include "noc/network_engine.hpp"
#include "noc/standalone/traffic_config.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace intarsia::noc::standalone {

/// Exact below 2048 cycles; above, within a thousandth.
using LatencyHistogram = metrics::Histogram<metrics::LogBuckets<10>>;

/// Of a set of packets; all 0 when there is none. Percentiles by nearest rank.
struct LatencyFigures {
    double mean = 0;
    std::uint64_t min = 0;
    std::uint64_t p50 = 0;
    std::uint64_t p95 = 0;
    std::uint64_t p99 = 0;
    std::uint64_t max = 0;
};

/// Packets of one message class.
struct ClassFigures {
    std::uint64_t packets = 0;
    LatencyFigures packet_latency;
    LatencyFigures network_latency;
};

/// An output of a router in the measured window.
struct OutputFigures {
    std::uint32_t router = 0;
    std::uint32_t port = 0;
    double utilisation = 0; ///< share of the window in which the channel carried flits, 0 to 1
    OutputCounters counters;
};

/// A network at one load (or with the packets of a file).
///
/// Latencies are of packets created in the measured window: `packet` from creation to the tail being taken by the
/// destination, source queue included; `network` from the head's injection; `flit` each flit from its own injection.
struct PointFigures {
    bool from_file = false;               ///< packets of a file in place of the configured traffic
    double load = 0;                      ///< as set; packet files: as offered
    std::uint64_t packets = 0;            ///< measured
    std::uint64_t unfinished_packets = 0; ///< of those, given up before they arrived: latencies are unknown then
    LatencyFigures packet_latency;
    LatencyFigures network_latency;
    double flit_latency_mean = 0;
    double hops_mean = 0;         ///< routers crossed
    double offered = 0;           ///< flits created in the window, a node a cycle
    double accepted = 0;          ///< flits ejected in the window, a node a cycle
    double zero_load_latency = 0; ///< mean latency of such packets in an empty network
    bool stable = false;          ///< all arrived, with a mean of at most 3 times the zero-load latency
    std::uint64_t window_cycles = 0;
    std::uint64_t simulated_cycles = 0; ///< until the last measured packet arrived (or was given up)
    std::uint64_t flit_hops = 0;        ///< flits through routers in these cycles
    std::vector<ClassFigures> classes;
    std::vector<OutputFigures> outputs;
    double wall_s = 0; ///< of the host
};

/// A mean of more than this times the zero-load latency is not stable.
inline constexpr double stable_factor = 3;

/// Follows packets. The window is [begin, end): a packet counts when it was created in it.
class Measurement {
  public:
    Measurement(const NetworkPlan& plan, std::uint64_t begin, std::uint64_t end);

    /// To be called before each tick, so that counters are cut at the window's ends.
    void before(std::uint64_t cycle, const NetworkEngine& engine) {
        if (cycle >= next_cut_) {
            cut(cycle, engine);
        }
    }
    /// `created` may lie before packet.created, which is when the engine was told of it.
    void create(const TrafficPacket& packet, std::uint64_t created) {
        if (created >= begin_ && created < end_) {
            ++pending_;
            pending_created_ += created;
            ++packets_;
            offered_flits_ += packet.flits;
        }
    }
    void deliver(const DeliveredPacket& delivered, std::uint64_t created);
    /// Ends a window that was open (its end `never`) before cycle `end`.
    void close(std::uint64_t end, const NetworkEngine& engine) {
        end_ = end;
        cut(end, engine);
    }

    [[nodiscard]] std::uint64_t end() const { return end_; }
    [[nodiscard]] bool past_window(std::uint64_t cycle) const { return cycle >= end_; }
    /// Measured packets that have not arrived.
    [[nodiscard]] std::uint64_t pending() const { return pending_; }
    [[nodiscard]] std::uint64_t packets() const { return packets_; }
    /// The latencies of all measured packets together are at least this, if it is `now`.
    [[nodiscard]] double least_latency_sum(std::uint64_t now) const {
        return latency_sum_ + static_cast<double>(pending_) * static_cast<double>(now) -
               static_cast<double>(pending_created_);
    }

    /// The figures; both ends of the window are cut. `simulated_cycles`, load and zero-load latency are the caller's.
    [[nodiscard]] PointFigures figures(double zero_load_latency) const;

  private:
    struct ClassLatencies {
        LatencyHistogram packet;
        LatencyHistogram network;
    };
    void cut(std::uint64_t cycle, const NetworkEngine& engine);

    const NetworkPlan& plan_;
    std::uint64_t begin_;
    std::uint64_t end_;
    std::uint64_t next_cut_;
    bool begun_ = false;
    bool ended_ = false;
    std::vector<OutputFigures> outputs_; // at the beginning; after the end, the differences
    std::uint64_t ejected_ = 0;          // likewise
    std::uint64_t packets_ = 0;
    std::uint64_t pending_ = 0;
    std::uint64_t pending_created_ = 0; // summed
    std::uint64_t offered_flits_ = 0;
    double latency_sum_ = 0;
    std::uint64_t flits_ = 0; // of packets that arrived
    std::uint64_t flit_latency_sum_ = 0;
    std::uint64_t hops_sum_ = 0;
    std::vector<ClassLatencies> classes_;
};

} // namespace intarsia::noc::standalone
