#include "memory/standalone/traffic_source.hpp"

#include "config/errors.hpp"

#include <array>
#include <cmath>
#include <string_view>

namespace intarsia::memory {

namespace {

constexpr std::array<std::string_view, 6> pattern_names = {"sequential",   "strided",          "random",
                                                           "row_conflict", "row_conflict_2pc", "row_hit"};
constexpr std::uint64_t fraction_unit = 1'000'000'000; // offered fractions are kept in parts of 10^9

} // namespace

PatternSource::PatternSource(const TrafficConfig& traffic, const TimingSet& timing, const Addressing& addressing,
                             const SourcePlace& where)
    : addressing_(addressing), total_(traffic.warmup_requests + traffic.requests), bursts_(addressing.bursts()),
      stride_(traffic.pattern == "strided" ? traffic.stride : 1), random_state_(traffic.seed), rows_(timing.rows),
      columns_(timing.columns()),
      // A third is meant exactly.
      write_step_(traffic.write_percent == 33   ? 1
                  : traffic.write_percent == 67 ? 2
                                                : traffic.write_percent),
      write_period_(traffic.write_percent == 33 || traffic.write_percent == 67 ? 3 : 100) {
    for (std::size_t i = 0; i < pattern_names.size(); ++i) {
        if (pattern_names[i] == traffic.pattern) {
            pattern_ = static_cast<Pattern>(i);
        }
    }
    if (pattern_ == Pattern::row_conflict_2pc && timing.pseudo_channels < 2) {
        throw InputError({where, "the pattern row_conflict_2pc needs two pseudo-channels, the memory has one",
                          "use row_conflict, or set memory.pseudo_channels = 2"});
    }
    if (traffic.offered_fraction_of_peak < 1) {
        // At the peak, each pseudo-channel moves a burst in burst_nck.
        time_step_ = Tick{timing.burst_nck} * ticks_per_ck * fraction_unit;
        time_unit_ = std::uint64_t{timing.pseudo_channels} * addressing.channels() *
                     static_cast<std::uint64_t>(std::llround(traffic.offered_fraction_of_peak * fraction_unit));
    }
    make_head();
}

void PatternSource::make_head() {
    head_.place = place();
    head_.direction = is_write() ? Direction::write : Direction::read;
    if (time_step_ != 0) {
        head_.earliest = rising_edge(time_ + (time_rest_ != 0 ? 1 : 0));
        time_ += time_step_ / time_unit_;
        time_rest_ += time_step_ % time_unit_;
        if (time_rest_ >= time_unit_) {
            time_rest_ -= time_unit_;
            ++time_;
        }
    }
}

Place PatternSource::place() {
    switch (pattern_) {
    case Pattern::sequential:
    case Pattern::strided: {
        const std::uint64_t burst = position_ + wraps_ % stride_;
        position_ += stride_;
        if (position_ >= bursts_) {
            wraps_ += position_ / bursts_;
            position_ %= bursts_;
        }
        return addressing_.at(burst % bursts_);
    }
    case Pattern::random: {
        __extension__ using Wide = unsigned __int128;
        return addressing_.at(static_cast<std::uint64_t>((Wide(random()) * bursts_) >> 64U));
    }
    case Pattern::row_conflict:
        return {0, {static_cast<std::uint32_t>(index_ % rows_), 0, 0, 0, 0, 0}};
    case Pattern::row_conflict_2pc:
        return {0, {static_cast<std::uint32_t>(index_ / 2 % rows_), 0, static_cast<std::uint8_t>(index_ % 2), 0, 0, 0}};
    case Pattern::row_hit:
        break;
    }
    return {0, {0, static_cast<std::uint16_t>(index_ % columns_), 0, 0, 0, 0}};
}

bool PatternSource::is_write() {
    write_phase_ += write_step_;
    if (write_phase_ < write_period_) {
        return false;
    }
    write_phase_ -= write_period_;
    return true;
}

std::uint64_t PatternSource::random() {
    std::uint64_t z = random_state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

} // namespace intarsia::memory
