#include "d2d/link_run.hpp"

#include <algorithm>
#include <cmath>

namespace intarsia::d2d {

namespace {

constexpr unsigned time_fraction_bits = 10; // times of arrivals are kept to 2^-10 ps

/// The queue of a channel at an end: packets come at their times, without bound.
class Source {
  public:
    /// `count` packets of `bytes`, `interval` ps apart from `first` on; `poisson`: on average.
    Source(std::uint64_t count, std::uint32_t bytes, double first, double interval, bool poisson, RandomStream random)
        : left_(count), bytes_(bytes), interval_(interval), poisson_(poisson), random_(random) {
        next_ = fixed(poisson ? interval * random_.exponential() : first);
        head_ = left_ > 0 ? Picoseconds(next_ >> time_fraction_bits) : never;
        step_ = fixed(interval);
    }
    /// The packets of a file with these numbers.
    Source(const std::vector<FilePacket>& packets, std::vector<std::uint32_t> numbers)
        : packets_(&packets), numbers_(std::move(numbers)), random_(0, 0) {
        left_ = numbers_.size();
        show_file_head();
    }

    [[nodiscard]] Picoseconds head() const { return head_; }
    [[nodiscard]] std::uint32_t bytes() const { return bytes_; }
    /// Number of the packet at the head: of the file's, or counted from 0.
    [[nodiscard]] std::uint32_t number() const {
        return packets_ != nullptr ? numbers_[taken_] : static_cast<std::uint32_t>(taken_);
    }
    void pop() {
        ++taken_;
        --left_;
        if (packets_ != nullptr) {
            show_file_head();
        } else if (left_ == 0) {
            head_ = never;
        } else {
            next_ += poisson_ ? fixed(interval_ * random_.exponential()) : step_;
            head_ = Picoseconds(next_ >> time_fraction_bits);
        }
    }

  private:
    static std::uint64_t fixed(double picoseconds) {
        return static_cast<std::uint64_t>(std::llround(std::ldexp(picoseconds, time_fraction_bits)));
    }
    void show_file_head() {
        head_ = left_ == 0 ? never : (*packets_)[numbers_[taken_]].created;
        bytes_ = left_ == 0 ? 0 : (*packets_)[numbers_[taken_]].bytes;
    }

    Picoseconds head_ = never;
    std::uint64_t left_ = 0;
    std::uint64_t taken_ = 0;
    std::uint32_t bytes_ = 0;
    std::uint64_t next_ = 0;
    std::uint64_t step_ = 0;
    double interval_ = 0;
    bool poisson_ = false;
    const std::vector<FilePacket>* packets_ = nullptr;
    std::vector<std::uint32_t> numbers_;
    RandomStream random_;
};

/// Sources and sinks at both ends: the client of the core.
class Run {
  public:
    Run(const LoadedLink& link, const std::vector<FilePacket>& packets)
        : link_(&link), packets_(&packets), channels_(link.parameters.channels), sink_clock_(link.config.sink.clock),
          core_(link.parameters, *this) {
        for (std::uint8_t end = 0; end < 2; ++end) {
            add_sources(end);
        }
        underway_.resize(sources_.size());
        report_.packets.resize(packets.size());
    }

    LinkReport operator()(bool drain) {
        while (!core_.down()) {
            const Picoseconds now = earlier(core_.due(0), core_.due(1));
            if (outstanding_ == 0 && now > report_.end) {
                finish();
                break;
            }
            require(now != never, "a link with packets to carry has something to do");
            step(now);
        }
        if (core_.down()) {
            report_.down = true;
            report_.end = std::max(report_.end, now_);
            finish();
        } else if (drain) {
            while (std::min(core_.due(0), core_.due(1)) != never) {
                step(std::min(core_.due(0), core_.due(1)));
            }
            core_.audit();
        }
        return std::move(report_);
    }

    // What the core asks for.
    std::uint32_t waiting(std::size_t end, std::uint32_t channel, Picoseconds now) const {
        const Source& source = sources_[end * channels_ + channel];
        return source.head() <= now ? source.bytes() : 0;
    }
    void start(std::size_t end, std::uint32_t channel, Picoseconds now) {
        if (!packets_->empty()) {
            report_.packets[sources_[end * channels_ + channel].number()].injected = now;
        }
    }
    std::uint32_t leave(std::size_t end, std::uint32_t channel) {
        Source& source = sources_[end * channels_ + channel];
        const std::uint32_t number = source.number();
        underway_[end * channels_ + channel].push({source.head(), source.bytes(), number});
        source.pop();
        return number;
    }
    void part(std::size_t end, std::uint8_t channel, std::uint32_t bytes, Picoseconds when) {
        core_.release(1 - end, channel, bytes, sink_takes(1 - end, when));
    }
    void deliver(std::size_t end, std::uint8_t channel, std::uint32_t tag, Picoseconds when) {
        DirectionReport& direction = report_.directions[end];
        const Underway packet = arrive(end, channel, tag, when);
        ++direction.delivered;
        direction.bytes += packet.bytes;
        direction.latency_ps.add((when - packet.created).count());
        if (!packets_->empty()) {
            report_.packets[tag].ejected = when;
        }
    }
    void lose(std::size_t end, std::uint8_t channel, std::uint32_t tag, Picoseconds when) {
        arrive(end, channel, tag, when);
        ++report_.directions[end].lost;
        if (!packets_->empty()) {
            report_.packets[tag].lost = true;
        }
    }
    Picoseconds next_waiting(std::size_t end, Picoseconds now) const {
        Picoseconds next = never;
        for (std::size_t i = end * channels_; i < (end + 1) * channels_; ++i) {
            next = sources_[i].head() > now ? earlier(next, sources_[i].head()) : next;
        }
        return next;
    }

  private:
    void step(Picoseconds now) {
        now_ = now;
        for (const std::size_t end : {0U, 1U}) {
            if (core_.due(end) <= now) {
                core_.step(end, now);
            }
        }
    }

    struct Underway {
        Picoseconds created;
        std::uint32_t bytes = 0;
        std::uint32_t number = 0;
    };

    void add_sources(std::uint8_t end) {
        const TrafficConfig& traffic = link_->config.traffic;
        std::vector<std::vector<std::uint32_t>> numbers(channels_);
        std::uint64_t count = 0;
        for (std::uint32_t i = 0; i < packets_->size(); ++i) {
            if ((*packets_)[i].source == end) {
                numbers[count++ % channels_].push_back(i);
            }
        }
        if (packets_->empty() && (end == 0 || traffic.direction == "both")) {
            count = traffic.packets;
        }
        const double interval = traffic.packet_bytes * 1e12 / (payload_bytes_per_s(link_->config.link) * traffic.load);
        for (std::uint32_t channel = 0; channel < channels_; ++channel) {
            const std::uint64_t share = count / channels_ + static_cast<std::uint64_t>(channel < count % channels_);
            if (packets_->empty()) {
                sources_.emplace_back(share, traffic.packet_bytes, channel * interval, channels_ * interval,
                                      traffic.arrivals == "poisson",
                                      RandomStream(traffic.seed, 16 + end * max_channels + channel));
            } else {
                sources_.emplace_back(*packets_, std::move(numbers[channel]));
            }
        }
        report_.directions[end].carries = count > 0;
        report_.directions[end].offered = count;
        outstanding_ += count;
    }

    /// A packet is out of the link, whole or not. The core names it; its place in the order is known here.
    Underway arrive(std::size_t end, std::uint8_t channel, std::uint32_t tag, Picoseconds when) {
        Ring<Underway>& underway = underway_[end * channels_ + channel];
        const Underway packet = underway.front();
        underway.pop();
        report_.directions[end].out_of_order += static_cast<std::uint64_t>(packet.number != tag);
        report_.end = later(report_.end, when);
        --outstanding_;
        return packet;
    }

    /// When the sink takes what is there at `when`.
    [[nodiscard]] Picoseconds sink_takes(std::size_t end, Picoseconds when) const {
        const SinkConfig& sink = link_->config.sink;
        if (sink.stall == 0) [[likely]] {
            return when;
        }
        std::uint64_t cycle = sink_clock_.first_edge_at_or_after(when);
        const std::uint64_t place = (cycle + std::uint64_t{sink.phase} * end) % sink.period;
        if (place < sink.stall) {
            cycle += sink.stall - place;
        }
        return sink_clock_.edge(cycle);
    }

    /// Cuts the accounts at the end and works the figures out.
    void finish() {
        const LinkConfig& link = link_->config.link;
        core_.close(report_.end);
        const double idle_pj_per_ps = raw_bytes_per_s(link) * 8e-12 * link.energy_pj_per_bit * link.idle_power;
        for (std::size_t end = 0; end < 2; ++end) {
            DirectionReport& direction = report_.directions[end];
            direction.counters = core_.counters(end);
            report_.network_flits += direction.delivered + direction.lost;
            double busy_ps = 0;
            std::uint64_t flits = 0;
            for (std::size_t use = 0; use < sent_uses; ++use) {
                busy_ps += static_cast<double>(direction.counters.time[use].count());
                flits += direction.counters.flits[use];
            }
            direction.busy_pj = static_cast<double>(flits) * core_.parameters().wire_bytes * 8 * link.energy_pj_per_bit;
            direction.idle_pj = (static_cast<double>(report_.end.count()) - busy_ps) * idle_pj_per_ps;
        }
    }

    const LoadedLink* link_;
    const std::vector<FilePacket>* packets_;
    std::size_t channels_;
    Clock sink_clock_;
    std::vector<Source> sources_; // by end and channel
    std::vector<Ring<Underway>> underway_;
    std::uint64_t outstanding_ = 0; // packets neither delivered nor lost
    Picoseconds now_;
    LinkReport report_;
    LinkCore<Run> core_;
};

} // namespace

LinkReport run_link(const LoadedLink& link, const std::vector<FilePacket>& packets, bool drain) {
    return Run(link, packets)(drain);
}

double LinkReport::carrying() const {
    return static_cast<double>(directions[0].carries) + static_cast<double>(directions[1].carries);
}

double LinkReport::payload_bytes_per_s() const {
    return end.count() == 0 ? 0
                            : static_cast<double>(total(&DirectionReport::bytes)) * 1e12 /
                                  static_cast<double>(end.count()) / carrying();
}

double LinkReport::energy_pj_per_bit() const {
    double energy = 0;
    for (const DirectionReport& direction : directions) {
        energy += direction.carries ? direction.busy_pj + direction.idle_pj : 0;
    }
    const std::uint64_t bytes = total(&DirectionReport::bytes);
    return bytes == 0 ? 0 : energy / (8.0 * static_cast<double>(bytes));
}

std::array<double, slot_uses> LinkReport::slot_shares() const {
    std::array<double, slot_uses> shares{};
    for (const DirectionReport& direction : directions) {
        for (std::size_t use = 0; use < slot_uses && direction.carries; ++use) {
            shares[use] += static_cast<double>(direction.counters.time[use].count());
        }
    }
    double whole = 0;
    for (const double share : shares) {
        whole += share;
    }
    for (double& share : shares) {
        share /= whole > 0 ? whole : 1;
    }
    return shares;
}

std::uint64_t LinkReport::total(std::uint64_t DirectionReport::*member) const {
    return directions[0].*member + directions[1].*member;
}

} // namespace intarsia::d2d
