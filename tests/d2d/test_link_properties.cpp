// Whatever happens on the wire: every unit arrives exactly once and in order, or is told to be lost.
#include "d2d/link_core.hpp"
#include "d2d/random.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <deque>
#include <fmt/format.h>
#include <vector>

using namespace intarsia;
using namespace intarsia::d2d;

namespace {

/// Offers random units, takes them after random stalls, and checks everything that it is told against its own books.
class Witness {
  public:
    Witness(const LinkParameters& link, std::uint64_t units, std::uint64_t seed)
        : link_(link), random_(seed, 99), left_(units), core_(link, *this) {
        queue_.resize(2 * link.channels);
        next_sent_.resize(2 * link.channels);
        next_arrived_.resize(2 * link.channels);
        releases_.resize(2 * link.channels);
        held_.resize(2 * link.channels);
        longest_stall_ = random_.next() % 40'000;
    }

    void run() {
        Picoseconds offer;
        std::uint64_t steps = 0;
        while (!core_.down()) {
            const Picoseconds link_due = std::min(core_.due(0), core_.due(1));
            const Picoseconds now = left_ > 0 ? std::min(offer, link_due) : link_due;
            if (now == never) {
                break;
            }
            REQUIRE(now >= last_);
            REQUIRE(++steps < 50'000'000); // no livelock
            last_ = now;
            if (left_ > 0 && offer <= now) {
                const std::size_t end = random_.next() % 2;
                const std::size_t place = end * link_.channels + random_.next() % link_.channels;
                const std::uint64_t burst = std::min<std::uint64_t>(left_, 1 + random_.next() % 20);
                for (std::uint64_t i = 0; i < burst; ++i) {
                    queue_[place].push_back(static_cast<std::uint32_t>(1 + random_.next() % 300));
                }
                left_ -= burst;
                offered_ += burst;
                core_.offered(end, now);
                offer = now + Picoseconds(random_.next() % 6'000);
            }
            for (const std::size_t end : {0U, 1U}) {
                if (core_.due(end) <= now) {
                    core_.step(end, now);
                }
            }
        }
    }

    [[nodiscard]] const LinkCore<Witness>& core() const { return core_; }
    [[nodiscard]] std::uint64_t offered() const { return offered_; }
    [[nodiscard]] std::uint64_t delivered() const { return delivered_; }
    [[nodiscard]] std::uint64_t lost() const { return lost_; }

    // The client's side.
    std::uint32_t waiting(std::size_t end, std::uint32_t channel, Picoseconds) const {
        const auto& queue = queue_[end * link_.channels + channel];
        return queue.empty() ? 0 : queue.front();
    }
    void start(std::size_t, std::uint32_t, Picoseconds) {}
    std::uint32_t leave(std::size_t end, std::uint32_t channel) {
        const std::size_t place = end * link_.channels + channel;
        queue_[place].pop_front();
        next_sent_[place].push_back(sent_);
        return sent_++;
    }
    void part(std::size_t end, std::uint8_t channel, std::uint32_t bytes, Picoseconds when) {
        // The far buffer never holds more than it may.
        const std::size_t place = end * link_.channels + channel;
        while (!releases_[place].empty() && releases_[place].front().first <= when) {
            held_[place] -= releases_[place].front().second;
            releases_[place].pop_front();
        }
        held_[place] += bytes;
        REQUIRE(held_[place] <= link_.receive_buffer_bytes);
        sink_[1 - end] =
            std::max(sink_[1 - end], when + Picoseconds(longest_stall_ > 0 ? random_.next() % longest_stall_ : 0));
        releases_[place].emplace_back(sink_[1 - end], bytes);
        core_.release(1 - end, channel, bytes, sink_[1 - end]);
    }
    void deliver(std::size_t end, std::uint8_t channel, std::uint32_t tag, Picoseconds when) {
        arrive(end, channel, tag, when);
        ++delivered_;
    }
    void lose(std::size_t end, std::uint8_t channel, std::uint32_t tag, Picoseconds when) {
        arrive(end, channel, tag, when);
        ++lost_;
    }
    Picoseconds next_waiting(std::size_t, Picoseconds) const { return never; }

  private:
    void arrive(std::size_t end, std::uint8_t channel, std::uint32_t tag, Picoseconds when) {
        const std::size_t place = end * link_.channels + channel;
        REQUIRE_FALSE(next_sent_[place].empty());
        REQUIRE(tag == next_sent_[place].front()); // exactly once, in order
        next_sent_[place].pop_front();
        REQUIRE(when > last_);
        REQUIRE(when >= next_arrived_[place]);
        next_arrived_[place] = when;
    }

    LinkParameters link_;
    RandomStream random_;
    std::uint64_t left_;
    std::uint64_t longest_stall_ = 0;
    std::uint64_t offered_ = 0;
    std::uint64_t delivered_ = 0;
    std::uint64_t lost_ = 0;
    std::uint32_t sent_ = 0;
    Picoseconds last_;
    std::array<Picoseconds, 2> sink_;
    std::vector<std::deque<std::uint32_t>> queue_;     // by end and channel: bytes
    std::vector<std::deque<std::uint32_t>> next_sent_; // tags on the link
    std::vector<Picoseconds> next_arrived_;
    std::vector<std::deque<std::pair<Picoseconds, std::uint32_t>>> releases_;
    std::vector<std::uint64_t> held_;
    LinkCore<Witness> core_;
};

LinkParameters random_link(RandomStream& random, bool retry) {
    LinkParameters link;
    const std::uint32_t format = random.next() % 4;
    link.wire_bytes = format == 0 ? 68 : 256;
    link.payload_bytes = format == 0 ? 64 : format == 1 ? 250 : 240;
    link.spare_bytes = format < 2 ? 0 : 10;
    link.halves = format == 1;
    link.slot = SlotTime::of(link.wire_bytes, 1 + random.next() % 64, 32'000'000'000);
    link.latency = Picoseconds(random.next() % 30'000);
    link.flush_wait = Picoseconds(random.next() % 2 == 0 ? 0 : random.next() % 10'000);
    link.channels = 1 + random.next() % 5;
    link.receive_buffer_bytes = 1 + random.next() % (8 * link.payload_bytes);
    link.retry = retry;
    link.replay_buffer = 1 + random.next() % 24;
    link.ack_delay = Picoseconds(random.next() % 2 == 0 ? 0 : random.next() % 50'000);
    // Sometimes only one direction is bad, so that Acks and Naks get lost, or only payload.
    const double worst = std::pow(10, -4 - static_cast<double>(random.next() % 40) / 10);
    link.ber = {random.next() % 3 == 0 ? 0 : worst, random.next() % 3 == 0 ? 0 : worst};
    link.burst_bits = random.next() % 2 == 0 ? 1 : 1 + random.next() % 6'000;
    link.seed = random.next();
    link.replay_timeout =
        Picoseconds(static_cast<std::uint64_t>(4 * link.round_trip_ps()) + 2 * link.ack_delay.count());
    link.retry_limit = 1'000'000;
    return link;
}

} // namespace

TEST_CASE("with retry every unit arrives exactly once and in order, whatever is damaged") {
    RandomStream random(2'024, 0);
    std::uint64_t d2d_flits = 0;
    std::uint64_t replays = 0;
    std::uint64_t damaged = 0;
    std::uint64_t timeouts = 0;
    std::uint64_t runs = 0;
    while (d2d_flits < 1'000'000) {
        const LinkParameters link = random_link(random, true);
        Witness witness(link, 4'000, random.next());
        INFO(fmt::format("run {}: {} B, {} channels, replay {}, receive {}, ber {} {}, burst {}", runs, link.wire_bytes,
                         link.channels, link.replay_buffer, link.receive_buffer_bytes, link.ber[0], link.ber[1],
                         link.burst_bits));
        witness.run();
        REQUIRE_FALSE(witness.core().down());
        REQUIRE(witness.delivered() == witness.offered());
        REQUIRE(witness.lost() == 0);
        REQUIRE_NOTHROW(witness.core().audit());
        for (const std::size_t end : {0U, 1U}) {
            const DirectionCounters& counters = witness.core().counters(end);
            for (const std::uint64_t flits : counters.flits) {
                d2d_flits += flits;
            }
            replays += counters.flits[static_cast<std::size_t>(SlotUse::replay)];
            damaged += counters.damaged;
            timeouts += counters.timeouts;
        }
        ++runs;
    }
    fmt::print("exactly once, in order: {} links, {} d2d_flits, {} damaged, {} replayed, {} timeouts\n", runs,
               d2d_flits, damaged, replays, timeouts);
    // The test has seen what it is about.
    CHECK(runs > 50);
    CHECK(damaged > 1'000);
    CHECK(replays > 10'000);
    CHECK(timeouts > 10);
}

TEST_CASE("without retry every unit is delivered or told to be lost, in order, and the link goes on") {
    RandomStream random(7, 0);
    std::uint64_t lost = 0;
    for (int run = 0; run < 60; ++run) {
        const LinkParameters link = random_link(random, false);
        Witness witness(link, 3'000, random.next());
        witness.run();
        REQUIRE(witness.delivered() + witness.lost() == witness.offered());
        REQUIRE_NOTHROW(witness.core().audit());
        if (link.ber[0] == 0 && link.ber[1] == 0) {
            REQUIRE(witness.lost() == 0);
        }
        lost += witness.lost();
    }
    CHECK(lost > 100);
}
