// Drives one channel with a traffic pattern, as public DRAM simulators are driven, and measures what comes out.
#pragma once

#include "memory/channel_controller.hpp"
#include "memory/channel_mapping.hpp"
#include "memory/timing_checker.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace intarsia::tests {

using namespace intarsia::memory; // NOLINT: a header of tests only

inline const std::string hbm3 = "ramulator21_HBM3_6400Mbps_16Gb_8hi";
inline const std::string bank_interleaved = "pc-bankgroup-bank-sid-column-row";

struct Pattern {
    std::function<std::uint64_t(std::uint64_t)> burst; ///< burst number of access i
    std::function<bool(std::uint64_t)> is_write = [](std::uint64_t) { return false; };
    std::uint32_t window = 0;   ///< accesses in flight at once; 0: as many as the controller takes
    std::uint64_t accesses = 0; ///< measured
    std::uint64_t warm_up = 0;
    /// Accepted at one clock of the controller (HBM2: CK; later half of it), looked at from the next, as in tools that
    /// tick; otherwise at once, as closed forms have it.
    bool pipelined = false;
    double interval = 0; ///< ticks from one access being offered to the next; 0: as soon as it is accepted
    std::string order = bank_interleaved;
    std::vector<std::string> xor_terms;
};

struct Measured {
    double fraction_of_peak = 0;
    double mean_read_ns = 0;
    double least_read_ns = 0;
    double activates_per_column = 0;
    std::uint64_t commands = 0;
    std::uint64_t ticks = 0;
    ChannelCounters counters;
};

/// Checks that a completion's stages follow each other from the arrival to the end.
inline void check_stages(const BurstCompletion& done, Tick arrival) {
    const bool ordered = arrival <= done.queue_end && done.queue_end <= done.refresh_end &&
                         done.refresh_end <= done.second_queue_end && done.second_queue_end <= done.bank_end &&
                         done.bank_end <= done.finish;
    if (!ordered) {
        FAIL("stages of a burst do not follow each other: " << arrival << " " << done.queue_end << " "
                                                            << done.refresh_end << " " << done.second_queue_end << " "
                                                            << done.bank_end << " " << done.finish);
    }
}

/// Runs a pattern to its end under the timing checker; any violation fails the test. Reads are timed from acceptance
/// to the last beat.
inline Measured drive(const TimingSet& timing, const ControllerPolicy& policy, const Pattern& pattern) {
    TimingChecker checker(timing, policy.refresh);
    ChannelController channel(timing, policy, checker.observer());
    // One slot of the table for each access in flight.
    std::vector<Tick> arrivals(2048);
    std::vector<std::uint32_t> free_tokens(arrivals.size());
    for (std::uint32_t t = 0; t < free_tokens.size(); ++t) {
        free_tokens[t] = t;
    }
    struct Flight {
        Tick finish;
        std::uint32_t token;
        bool operator>(const Flight& other) const { return finish > other.finish; }
    };
    std::vector<Flight> flights;
    const std::uint64_t total = pattern.warm_up + pattern.accesses;
    const ChannelMapping mapping(timing, pattern.order, pattern.xor_terms);
    std::uint64_t issued = 0;
    std::uint64_t next_burst = pattern.burst(0);
    std::uint64_t completed = 0;
    std::uint64_t measured_reads = 0;
    double sum = 0;
    Tick least = never_tick;
    Tick start = 0;
    Tick end = 0;
    Tick tick = 0;
    const Tick grain = timing.pre_edge_ticks;
    const auto may_offer = [&] {
        return issued < total && !free_tokens.empty() && (pattern.window == 0 || issued - completed < pattern.window);
    };
    const auto offered_at = [&] { return static_cast<Tick>(static_cast<double>(issued) * pattern.interval); };
    const auto offer = [&](Tick arrival) {
        while (may_offer() && offered_at() <= arrival) {
            const BurstAddress address = mapping.at(next_burst % mapping.bursts());
            const Direction direction = pattern.is_write(issued) ? Direction::write : Direction::read;
            if (!channel.can_accept(address, direction)) {
                return;
            }
            while (channel.next_event() < arrival) {
                channel.advance(channel.next_event());
            }
            const std::uint32_t token = free_tokens.back();
            free_tokens.pop_back();
            arrivals[token] = direction == Direction::read && issued >= pattern.warm_up ? arrival : never_tick;
            channel.accept(address, direction, token, arrival);
            ++issued;
            next_burst = pattern.burst(issued);
        }
    };
    while (completed < total) {
        while (!flights.empty() && flights.front().finish <= tick) {
            free_tokens.push_back(flights.front().token);
            std::pop_heap(flights.begin(), flights.end(), std::greater<>());
            flights.pop_back();
            ++completed;
            if (completed == pattern.warm_up) {
                start = tick;
            }
            end = tick;
        }
        if (!pattern.pipelined) {
            offer(tick);
        }
        if (tick >= channel.next_event()) {
            channel.advance(tick);
        }
        if (pattern.pipelined && tick % grain == 0) {
            offer(tick + grain);
        }
        for (const BurstCompletion& done : channel.completions()) {
            if (const Tick arrival = arrivals[done.token]; arrival != never_tick) {
                check_stages(done, arrival);
                sum += static_cast<double>(done.finish - arrival);
                least = std::min(least, done.finish - arrival);
                ++measured_reads;
            }
            flights.push_back({done.finish, done.token});
            std::push_heap(flights.begin(), flights.end(), std::greater<>());
        }
        channel.clear_completions();
        // A source that was refused tries again at the next tick, after a command made room.
        Tick next = channel.next_event();
        if (!flights.empty()) {
            next = std::min(next, flights.front().finish);
        }
        if (may_offer()) {
            const Tick early = pattern.pipelined ? std::min(offered_at(), grain) : 0;
            next = std::min(next, std::max(tick + 1, offered_at() - early));
        }
        if (completed == total) {
            break;
        }
        if (next <= tick) {
            FAIL("the next event lies in the future");
        }
        tick = next;
    }
    checker.finish(tick);
    if (!checker.violations().empty()) {
        FAIL(checker.violations().front().text);
    }
    Measured measured;
    const double ns = 1e9 / timing.tick_clock().hertz();
    const ChannelCounters& counters = channel.counters();
    measured.ticks = end - start;
    const double seconds = static_cast<double>(measured.ticks) * ns * 1e-9;
    measured.fraction_of_peak = static_cast<double>(pattern.accesses) * timing.access_bytes() / seconds /
                                static_cast<double>(timing.channel_peak().count());
    measured.mean_read_ns = measured_reads == 0 ? 0 : sum * ns / static_cast<double>(measured_reads);
    measured.least_read_ns = measured_reads == 0 ? 0 : static_cast<double>(least) * ns;
    measured.activates_per_column =
        static_cast<double>(counters.activates) / static_cast<double>(counters.reads + counters.writes);
    measured.commands = checker.commands();
    measured.counters = counters;
    return measured;
}

inline std::uint64_t sequential(std::uint64_t i) {
    return i;
}

/// Uniform over all bursts of a channel, the same for the same seed.
inline std::function<std::uint64_t(std::uint64_t)> uniform(std::uint64_t seed) {
    return [state = std::mt19937_64(seed)](std::uint64_t) mutable { return state(); };
}

} // namespace intarsia::tests
