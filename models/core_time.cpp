#include "models/core_time.hpp"

#include "config/errors.hpp"

#include <algorithm>

namespace intarsia::models {

using metrics::Journey;
using metrics::Leaf;

void CoreTime::occupy(std::uint64_t cycle) {
    require(!occupied_, "a core works on one tile job at a time");
    occupied_ = true;
    at_ = cycle;
    Interval& last = free_.back();
    last.end = cycle;
    if (active_.empty()) {
        resolve_to_bubble(cycle);
    }
}

void CoreTime::spend(Leaf leaf, std::uint64_t until) {
    require(until >= at_, "a core's account runs forward");
    account_.add(leaf, until - at_);
    at_ = until;
}

void CoreTime::spend(const Journey& journey, Leaf before_start, std::uint64_t until) {
    require(until >= at_, "a core's account runs forward");
    account_.cut_wait(at_, until, journey, clock_, before_start);
    at_ = until;
}

void CoreTime::release(std::uint64_t cycle) {
    require(occupied_ && at_ == cycle, "a job accounts for all its cycles before it leaves the core");
    occupied_ = false;
    free_.push_back({cycle, open_end});
}

// Walks the time from the last resolved cycle to `until` and hands out its free and its occupied stretches.
template <class Free, class Hidden>
void CoreTime::resolve(std::uint64_t until, const Free& free, const Hidden& hidden) {
    while (resolved_ < until) {
        if (free_.empty() || free_.front().begin >= until) {
            hidden(resolved_, until);
            resolved_ = until;
            return;
        }
        const Interval interval = free_.front();
        if (interval.begin > resolved_) {
            hidden(resolved_, interval.begin);
            resolved_ = interval.begin;
        }
        const std::uint64_t end = std::min(interval.end, until);
        if (end > resolved_) {
            free(resolved_, end);
            resolved_ = end;
        }
        if (interval.end > until) {
            return;
        }
        free_.pop_front();
    }
}

void CoreTime::resolve_to_bubble(std::uint64_t until) {
    resolve(
        until, [&](std::uint64_t a, std::uint64_t b) { account_.add(Leaf::dependency_bubble, b - a); },
        [](std::uint64_t, std::uint64_t) {});
}

void CoreTime::background_begin(std::uint32_t job, std::uint64_t cycle) {
    if (active_.empty()) {
        resolve_to_bubble(cycle);
    }
    active_.push_back({job, cycle});
}

template <class Free, class Hidden>
void CoreTime::span(std::uint32_t job, std::uint64_t until, const Free& free, const Hidden& hidden) {
    const auto found = std::find_if(active_.begin(), active_.end(), [&](const Background& b) { return b.job == job; });
    require(found != active_.end(), "only an active background job says what it did");
    if (found->told_until >= until) {
        return;
    }
    if (found == active_.begin()) {
        // An earlier speaker may have covered part of this stretch already.
        if (found->told_until < resolved_) {
            hidden(found->told_until, std::min(resolved_, until));
        }
        resolve(until, free, hidden);
    } else {
        hidden(found->told_until, until);
    }
    found->told_until = until;
}

void CoreTime::background_span(std::uint32_t job, std::uint64_t until, Leaf leaf) {
    span(
        job, until, [&](std::uint64_t a, std::uint64_t b) { account_.add(leaf, b - a); },
        [&](std::uint64_t a, std::uint64_t b) { account_.hide(leaf, b - a); });
}

void CoreTime::background_span(std::uint32_t job, std::uint64_t until, const Journey& journey, Leaf before_start) {
    span(
        job, until, [&](std::uint64_t a, std::uint64_t b) { account_.cut_wait(a, b, journey, clock_, before_start); },
        [&](std::uint64_t a, std::uint64_t b) { account_.cut_hidden(a, b, journey, clock_, before_start); });
}

void CoreTime::background_end(std::uint32_t job) {
    const auto found = std::find_if(active_.begin(), active_.end(), [&](const Background& b) { return b.job == job; });
    require(found != active_.end(), "only an active background job ends");
    active_.erase(found);
}

void CoreTime::rank_finished(std::uint64_t cycle) {
    require(!occupied_ && active_.empty(), "a finished rank has no jobs left");
    resolve_to_bubble(cycle);
}

void CoreTime::finish(std::uint64_t cycle, Leaf open_leaf) {
    const bool interrupted = occupied_ || !active_.empty();
    if (occupied_) {
        if (cycle >= at_) {
            spend(open_leaf, cycle);
        }
        release(at_);
    }
    active_.clear();
    const Leaf rest = interrupted ? Leaf::dependency_bubble : Leaf::idle;
    resolve(
        cycle, [&](std::uint64_t a, std::uint64_t b) { account_.add(rest, b - a); },
        [](std::uint64_t, std::uint64_t) {});
}

} // namespace intarsia::models
