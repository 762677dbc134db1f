// Sources of accesses for a stand-alone memory: patterns, and traces that were read.
#pragma once

#include "memory/standalone/addressing.hpp"
#include "memory/standalone/traffic_config.hpp"
#include "memory/timing_gates.hpp"

#include <vector>

namespace intarsia::memory {

/// An access as its source offers it.
struct OfferedAccess {
    Place place;
    Direction direction = Direction::read;
    Tick earliest = 0; ///< not offered before
};

/// The accesses of a [traffic] section, in order. Random numbers come from one splitmix64 stream (Steele, Lea, Flood:
/// "Fast splittable pseudorandom number generators", 2014).
class PatternSource {
  public:
    /// Throws InputError where the pattern does not fit the memory; `where` names [traffic] in the user's input.
    PatternSource(const TrafficConfig& traffic, const TimingSet& timing, const Addressing& addressing,
                  const SourcePlace& where = {});

    [[nodiscard]] bool done() const { return index_ == total_; }
    [[nodiscard]] const OfferedAccess& head() const { return head_; }
    void next() {
        if (++index_ != total_) {
            make_head();
        }
    }

  private:
    enum class Pattern : std::uint8_t { sequential, strided, random, row_conflict, row_conflict_2pc, row_hit };

    void make_head();
    [[nodiscard]] Place place();
    [[nodiscard]] bool is_write();
    [[nodiscard]] std::uint64_t random();

    const Addressing& addressing_;
    Pattern pattern_ = Pattern::sequential;
    std::uint64_t total_;
    std::uint64_t index_ = 0;
    OfferedAccess head_;
    std::uint64_t bursts_;
    std::uint64_t stride_;
    std::uint64_t position_ = 0; ///< of sequential and strided
    std::uint64_t wraps_ = 0;
    std::uint64_t random_state_;
    std::uint32_t rows_;
    std::uint32_t columns_;
    // Writes: `write_step_` of `write_period_` accesses.
    std::uint32_t write_step_;
    std::uint32_t write_period_;
    std::uint32_t write_phase_ = 0;
    // Open loop: access i is offered at i * time_step_ / time_unit_ ticks, rounded up to an edge; 0: at once.
    std::uint64_t time_step_ = 0;
    std::uint64_t time_unit_ = 1;
    Tick time_ = 0;
    std::uint64_t time_rest_ = 0;
};

/// One access of a trace.
struct TraceAccess {
    std::uint64_t cycle = 0; ///< in CK; not offered before
    std::uint64_t burst = 0; ///< as Addressing counts them
    bool is_write = false;
};

/// The accesses of a trace, in order.
class TraceSource {
  public:
    TraceSource(const std::vector<TraceAccess>& accesses, const Addressing& addressing)
        : accesses_(accesses), addressing_(addressing) {
        make_head();
    }
    [[nodiscard]] bool done() const { return index_ == accesses_.size(); }
    [[nodiscard]] const OfferedAccess& head() const { return head_; }
    void next() {
        ++index_;
        make_head();
    }

  private:
    void make_head() {
        if (!done()) {
            const TraceAccess& access = accesses_[index_];
            head_ = {addressing_.at(access.burst), access.is_write ? Direction::write : Direction::read,
                     access.cycle * ticks_per_ck};
        }
    }
    const std::vector<TraceAccess>& accesses_;
    const Addressing& addressing_;
    std::size_t index_ = 0;
    OfferedAccess head_;
};

} // namespace intarsia::memory
