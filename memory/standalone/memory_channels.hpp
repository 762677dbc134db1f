// The channels of a stand-alone memory on one time line, without a network in front of them.
#pragma once

#include "memory/channel_controller.hpp"
#include "memory/standalone/addressing.hpp"

#include <array>
#include <deque>
#include <vector>

namespace intarsia::memory {

/// An access that is complete.
struct FinishedAccess {
    std::uint64_t id = 0;
    Tick arrival = 0; ///< when a controller accepted it
    Tick finish = 0;  ///< the last data beat
    Direction direction = Direction::read;
};

/// Controllers of equal channels. Time stands at `now()`: all that happens before it has happened, and what is enqueued
/// arrives at it, before the commands of that tick. Nothing is allocated once the most accesses have been in flight.
class MemoryChannels {
  public:
    /// One observer a channel, or none at all.
    MemoryChannels(const TimingSet& timing, const ControllerPolicy& policy, std::uint32_t channels,
                   const std::vector<CommandObserver>& observers = {});

    [[nodiscard]] Tick now() const { return now_; }
    /// Offers an access; false, and nothing happens, where its channel has no room for it.
    bool enqueue(const Place& place, Direction direction, std::uint64_t id);
    /// A refused access of this channel and direction stays refused while this is the same.
    [[nodiscard]] std::uint64_t departures(std::uint32_t channel, Direction direction) const {
        return channels_[channel].departures(direction);
    }
    /// Lets everything happen that is due before `until`, which must not lie before now().
    void advance(Tick until);
    /// The next tick at which a controller has something to do; not before now().
    [[nodiscard]] Tick next_event() const { return next_event_; }
    /// The earliest end of what has its data transfer scheduled and was not polled; never_tick if there is none.
    [[nodiscard]] Tick next_finish() const { return next_finish_; }
    /// Takes the earliest access that finished before `before`; false if there is none.
    bool poll(Tick before, FinishedAccess& done) {
        if (next_finish_ >= before) {
            return false;
        }
        take_first(done);
        return true;
    }

    /// Accesses enqueued and not polled.
    [[nodiscard]] std::size_t in_flight() const { return flights_.size() - free_.size(); }
    [[nodiscard]] std::uint32_t channels() const { return static_cast<std::uint32_t>(channels_.size()); }
    [[nodiscard]] const ChannelCounters& counters(std::uint32_t channel) const { return channels_[channel].counters(); }
    /// The same, busy and lost bus time counted exactly up to now().
    [[nodiscard]] ChannelCounters counters_until_now(std::uint32_t channel) {
        return channels_[channel].counters_until(now_);
    }

  private:
    struct Finish {
        Tick tick;
        std::uint32_t token;
    };

    void collect(ChannelController& channel) {
        if (!channel.completions().empty()) {
            take_completions(channel);
        }
    }
    void take_completions(ChannelController& channel);
    void take_first(FinishedAccess& done);
    void find_next_event();

    std::vector<ChannelController> channels_;
    std::vector<Tick> next_events_; ///< of each channel
    Tick next_event_ = never_tick;
    Tick now_ = 0;
    std::vector<FinishedAccess> flights_; ///< by token
    std::vector<std::uint32_t> free_;
    // By end. Reads answered from a write queue finish sooner than others, writes later or sooner than reads; within
    // one of these lists ends rise almost always.
    enum List : std::uint8_t { reads, writes, forwarded };
    std::array<std::deque<Finish>, 3> finishes_;
    Tick next_finish_ = never_tick; ///< the least of them
};

} // namespace intarsia::memory
