#include "memory/standalone/drive.hpp"

#include "config/errors.hpp"
#include "memory/standalone/counter_sums.hpp"

#include <algorithm>

namespace intarsia::memory {

namespace {

template <class Source>
class Driver {
  public:
    Driver(MemoryChannels& memory, Source& source, const DriveOptions& options)
        : memory_(memory), source_(source), options_(options) {}

    Measurement run() {
        while (finished_ < options_.total) {
            retire();
            const Blocked blocked = offer();
            if (finished_ < options_.total) {
                memory_.advance(next_edge(blocked));
            }
        }
        result_.requests = options_.total - options_.warm_up;
        result_.run_end = memory_.now();
        result_.counted_ticks = memory_.now() - counted_from_;
        result_.counters = difference(sum_of_counters_until_now(memory_), before_);
        return std::move(result_);
    }

  private:
    enum class Blocked : std::uint8_t { by_time, by_window, by_queue, at_end };

    void retire() {
        FinishedAccess done;
        while (memory_.poll(memory_.now(), done)) {
            ++finished_;
            if (finished_ > options_.warm_up) {
                result_.end = done.finish;
                if (done.direction == Direction::read) {
                    result_.read_latency.add(done.finish - done.arrival);
                }
            } else if (finished_ == options_.warm_up) {
                result_.begin = done.finish;
                before_ = sum_of_counters_until_now(memory_);
                counted_from_ = memory_.now();
                if (options_.at_begin) {
                    options_.at_begin();
                }
            }
        }
    }

    Blocked offer() {
        while (!source_.done()) {
            const OfferedAccess& access = source_.head();
            if (access.earliest > memory_.now()) {
                return Blocked::by_time;
            }
            if (options_.outstanding != 0 && issued_ - finished_ >= options_.outstanding) {
                return Blocked::by_window;
            }
            const std::uint64_t departures = memory_.departures(access.place.channel, access.direction);
            if (departures == refused_at_) {
                return Blocked::by_queue;
            }
            if (!memory_.enqueue(access.place, access.direction, issued_)) {
                refused_at_ = departures;
                return Blocked::by_queue;
            }
            refused_at_ = UINT64_MAX;
            ++issued_;
            source_.next();
        }
        return Blocked::at_end;
    }

    // The next rising edge at which the source may find something changed.
    Tick next_edge(Blocked blocked) const {
        if (blocked == Blocked::by_time) {
            return source_.head().earliest;
        }
        const Tick event = memory_.next_event();
        const Tick finish = memory_.next_finish();
        require(event != never_tick || finish != never_tick, "accesses in flight come to an end");
        // A queue gets room by a command, a window by a completion; a command may bring a completion before those
        // known.
        const Tick change = blocked == Blocked::by_queue ? event : std::min(event, finish);
        return rising_edge(change + 1);
    }

    MemoryChannels& memory_;
    Source& source_;
    DriveOptions options_;
    std::uint64_t issued_ = 0;
    std::uint64_t finished_ = 0;
    std::uint64_t refused_at_ = UINT64_MAX; ///< departures of its channel when the head was refused
    ChannelCounters before_;
    Tick counted_from_ = 0;
    Measurement result_;
};

} // namespace

Measurement drive(MemoryChannels& memory, PatternSource& source, const DriveOptions& options) {
    return Driver<PatternSource>(memory, source, options).run();
}

Measurement drive(MemoryChannels& memory, TraceSource& source, const DriveOptions& options) {
    return Driver<TraceSource>(memory, source, options).run();
}

} // namespace intarsia::memory
