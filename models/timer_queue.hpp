// Things of a chiplet that happen at a known cycle.
#pragma once

#include <cstdint>
#include <limits>
#include <queue>
#include <tuple>
#include <vector>

namespace intarsia::models {

struct Timer {
    enum class Kind : std::uint8_t { compute_end, reduction_end, launch_end, host_end };
    Kind kind = Kind::compute_end;
    std::uint32_t core = 0;
    std::uint32_t index = 0; ///< reduction: landing slot; launch and host: node
};

/// Timers by cycle; those of one cycle in the order in which they were set.
class TimerQueue {
  public:
    void set(std::uint64_t cycle, const Timer& timer) { heap_.push({cycle, sequence_++, timer}); }
    [[nodiscard]] std::uint64_t next_cycle() const {
        return heap_.empty() ? std::numeric_limits<std::uint64_t>::max() : heap_.top().cycle;
    }
    Timer pop() {
        const Timer timer = heap_.top().timer;
        heap_.pop();
        return timer;
    }
    [[nodiscard]] bool empty() const { return heap_.empty(); }

  private:
    struct Entry {
        std::uint64_t cycle;
        std::uint64_t sequence;
        Timer timer;
        bool operator<(const Entry& other) const {
            return std::tie(other.cycle, other.sequence) < std::tie(cycle, sequence);
        }
    };
    std::priority_queue<Entry> heap_;
    std::uint64_t sequence_ = 0;
};

} // namespace intarsia::models
