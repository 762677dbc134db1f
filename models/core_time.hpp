// The time line of one compute core: every cycle to one leaf, in order, and what passed hidden behind it.
#pragma once

#include "config/clock.hpp"
#include "metrics/stall_account.hpp"

#include <cstdint>
#include <deque>
#include <vector>

namespace intarsia::models {

/// At any cycle a core either works on a tile job of its own (it computes, or waits for that job's data), and the job
/// says what each stretch was; or it is free. Free cycles go to what the background jobs of the rank (collectives,
/// transfers, launches) were waiting for at that time, as these find out; with no such job, to dependency_bubble; and
/// once the rank has finished, to idle. Background time that passes while the core has a tile job is hidden time.
///
/// Of several background jobs at once, the one that began first speaks for the free cycles.
class CoreTime {
  public:
    explicit CoreTime(const Clock& clock) : clock_(clock) { free_.push_back({0, open_end}); }

    // The core's own job.
    void occupy(std::uint64_t cycle);
    void spend(metrics::Leaf leaf, std::uint64_t until);
    void spend(const metrics::Journey& journey, metrics::Leaf before_start, std::uint64_t until);
    void release(std::uint64_t cycle);
    /// Where the own job's account stands.
    [[nodiscard]] std::uint64_t at() const { return at_; }
    [[nodiscard]] bool occupied() const { return occupied_; }

    // Background jobs, named by a number that the caller keeps unique among the active ones.
    void background_begin(std::uint32_t job, std::uint64_t cycle);
    void background_span(std::uint32_t job, std::uint64_t until, metrics::Leaf leaf);
    void background_span(std::uint32_t job, std::uint64_t until, const metrics::Journey& journey,
                         metrics::Leaf before_start);
    void background_end(std::uint32_t job);

    /// The rank has nothing left to do from `cycle` on.
    void rank_finished(std::uint64_t cycle);
    /// Closes the account at the end of the run. What is still open (an interrupted run) goes to `open_leaf` if the
    /// core had a job, and to dependency_bubble if not.
    void finish(std::uint64_t cycle, metrics::Leaf open_leaf);

    [[nodiscard]] const metrics::StallAccount& account() const { return account_; }

  private:
    static constexpr std::uint64_t open_end = UINT64_MAX;
    struct Interval {
        std::uint64_t begin;
        std::uint64_t end;
    };
    struct Background {
        std::uint32_t job;
        std::uint64_t told_until; // the job has said what it did up to here
    };
    template <class Free, class Hidden>
    void resolve(std::uint64_t until, const Free& free, const Hidden& hidden);
    template <class Free, class Hidden>
    void span(std::uint32_t job, std::uint64_t until, const Free& free, const Hidden& hidden);
    void resolve_to_bubble(std::uint64_t until);

    Clock clock_;
    metrics::StallAccount account_;
    std::deque<Interval> free_;      // not yet resolved, in order; the last one may be open
    std::uint64_t resolved_ = 0;     // free cycles before this are accounted for
    std::vector<Background> active_; // in order of begin
    std::uint64_t at_ = 0;
    bool occupied_ = false;
};

} // namespace intarsia::models
