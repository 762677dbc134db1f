#include "noc/standalone/point.hpp"

#include "noc/standalone/driver.hpp"
#include "noc/standalone/traffic_source.hpp"

#include <chrono>
#include <cmath>
#include <optional>

namespace intarsia::noc::standalone {

namespace {

constexpr double give_up_factor = 10;
constexpr std::uint64_t patience = 4; // times warm-up and window
constexpr std::uint64_t check_period = 64;
constexpr std::uint64_t reply_stream = 1ULL << 33U;

/// Replies to requests that arrived in the last tick.
class Replies {
  public:
    explicit Replies(const NetworkSetup& setup)
        : lengths_(setup.traffic.reply_flits), seed_(setup.traffic.seed), on_(setup.traffic.request_reply),
          reply_class_(1) {}

    void answer(const DeliveredPacket& delivered) {
        if (on_ && is_request(delivered.packet)) {
            // A stream of its own, so that what a node is asked does not change what it asks.
            SourceRandom random(seed_, reply_stream + delivered.packet.id);
            TrafficPacket reply;
            reply.flits = lengths_.draw(random);
            reply.source = delivered.packet.destination;
            reply.destination = delivered.packet.source;
            reply.message_class = reply_class_;
            reply.priority = delivered.packet.priority;
            reply.random = static_cast<std::uint8_t>(random.next());
            waiting_.push_back(reply);
        }
    }
    [[nodiscard]] bool empty() const { return waiting_.empty(); }
    template <class Take>
    void create(std::uint64_t cycle, Take&& take) {
        for (TrafficPacket& reply : waiting_) {
            reply.created = cycle;
            take(reply);
        }
        waiting_.clear();
    }

  private:
    [[nodiscard]] bool is_request(const TrafficPacket& packet) const { return packet.message_class != reply_class_; }

    LengthDraw lengths_;
    std::uint64_t seed_;
    bool on_;
    std::uint8_t reply_class_;
    std::vector<TrafficPacket> waiting_;
};

class PointRun {
  public:
    PointRun(const NetworkSetup& setup, double load, double zero_load, const Recording& recording)
        : setup_(setup), zero_load_(zero_load), recording_(recording), engine_(setup.make(setup.plan, setup.sink)),
          driver_(*engine_, watchdog_cycles(setup)), source_(setup.traffic, setup.grid, load), replies_(setup),
          measurement_(setup.plan, setup.traffic.warmup_cycles,
                       setup.traffic.warmup_cycles + setup.traffic.measure_cycles),
          load_(load) {
        if (recording_.hops != nullptr) {
            recording_.hops->attach(*engine_);
        }
    }

    PointFigures run() {
        const auto started = std::chrono::steady_clock::now();
        const bool followed = follow();
        const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
        PointFigures point = measurement_.figures(zero_load_);
        point.load = load_;
        point.simulated_cycles = std::max(measurement_.end(), driver_.cycle() + 1);
        point.flit_hops = engine_->flit_hops();
        point.wall_s = wall.count();
        if (followed || recording_.any()) {
            drain();
            engine_->audit();
        }
        return point;
    }

    bool stable() {
        const double all = expected_packets();
        std::uint64_t check = 0;
        while (const auto cycle = next()) {
            if (measurement_.past_window(*cycle) && measurement_.pending() == 0) {
                return measurement_.figures(zero_load_).stable;
            }
            if (*cycle >= check) {
                const double packets =
                    measurement_.past_window(*cycle) ? static_cast<double>(measurement_.packets()) : all;
                if (exceeds(*cycle, stable_factor, packets) || *cycle >= last_cycle()) {
                    return false;
                }
                check = *cycle + check_period;
            }
            step(*cycle);
        }
        return measurement_.figures(zero_load_).stable;
    }

  private:
    /// Until all measured packets have arrived, which it tells, or are given up.
    bool follow() {
        std::uint64_t check = measurement_.end();
        while (const auto cycle = next()) {
            if (measurement_.past_window(*cycle) && measurement_.pending() == 0) {
                return true;
            }
            if (*cycle >= check) {
                if (exceeds(*cycle, give_up_factor, static_cast<double>(measurement_.packets())) ||
                    *cycle >= last_cycle()) {
                    return false;
                }
                check = *cycle + check_period;
            }
            step(*cycle);
        }
        return true;
    }

    /// The next cycle to tick; nothing when there never is one. Counters are cut on the way.
    std::optional<std::uint64_t> next() {
        std::uint64_t creation = creating_ ? source_.next_cycle() : never;
        if (!replies_.empty()) {
            creation = std::min(creation, driver_.cycle() + 1);
        }
        const std::uint64_t cycle = driver_.next_cycle(creation);
        measurement_.before(cycle, *engine_);
        return cycle == never ? std::nullopt : std::optional(cycle);
    }

    void step(std::uint64_t cycle) {
        const auto offer = [&](TrafficPacket packet) {
            packet.id = driver_.offered();
            driver_.offer(packet);
            measurement_.create(packet, packet.created);
        };
        replies_.create(cycle, offer);
        if (creating_) {
            source_.create(cycle, offer);
        }
        for (const DeliveredPacket& delivered : driver_.tick(cycle)) {
            measurement_.deliver(delivered, delivered.packet.created);
            replies_.answer(delivered);
            if (recording_.packets != nullptr) {
                recording_.packets->push_back(delivered);
            }
        }
        if (recording_.hops != nullptr) {
            recording_.hops->collect();
        }
    }

    /// Lets everything under way arrive.
    void drain() {
        creating_ = false;
        while (const auto cycle = next()) {
            step(*cycle);
        }
    }

    [[nodiscard]] bool exceeds(std::uint64_t cycle, double factor, double packets) const {
        return measurement_.least_latency_sum(cycle) > factor * zero_load_ * packets;
    }
    [[nodiscard]] std::uint64_t last_cycle() const { return measurement_.end() * (1 + patience); }

    /// More packets than the window will have but with a chance of less than one in a million: the mean and five
    /// standard deviations of a Poisson process (bursts are wider, so by their length).
    [[nodiscard]] double expected_packets() const {
        const TrafficConfig& traffic = setup_.traffic;
        const double mean = load_ / traffic.packet_flits.mean() * setup_.grid.nodes *
                            static_cast<double>(traffic.measure_cycles) * (traffic.request_reply ? 2 : 1);
        const double clumps = traffic.injection == "bursty" ? 1 + traffic.burst_cycles * traffic.burst_load : 1;
        return mean + 5 * std::sqrt(2 * mean * clumps) + 25;
    }

    const NetworkSetup& setup_;
    double zero_load_;
    const Recording& recording_;
    std::unique_ptr<NetworkEngine> engine_;
    Driver driver_;
    TrafficSource source_;
    Replies replies_;
    Measurement measurement_;
    double load_;
    bool creating_ = true;
};

} // namespace

PointFigures run_point(const NetworkSetup& setup, double load, double zero_load_latency, const Recording& recording) {
    return PointRun(setup, load, zero_load_latency, recording).run();
}

bool is_stable(const NetworkSetup& setup, double load, double zero_load_latency) {
    return PointRun(setup, load, zero_load_latency, {}).stable();
}

} // namespace intarsia::noc::standalone
