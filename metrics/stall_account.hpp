// What the cycles of one compute core went to, each cycle counted once.
#pragma once

#include "config/clock.hpp"
#include "metrics/journey.hpp"
#include "metrics/stall.hpp"

#include <cstdint>

namespace intarsia::metrics {

/// Sum over all leaves.
[[nodiscard]] std::uint64_t total_cycles(const StallCycles& cycles);

/// Adds leaf by leaf.
void add_cycles(StallCycles& into, const StallCycles& from);

/// Cuts the cycles [first_cycle, last_cycle) at the stages of `journey`: cycle k goes to the stage in which
/// edge k lies (a stage holds its start and not its end, so a boundary at t ps becomes
/// Clock::first_edge_at_or_after(t)). Cycles before the journey began go to `before_start`; cycles after its
/// end (the data was there and waited for an edge) go to the leaf of its last stage; all go to `before_start`
/// when the journey has no stage. The pieces sum exactly to last_cycle - first_cycle.
void cut_cycles(StallCycles& into, std::uint64_t first_cycle, std::uint64_t last_cycle, const Journey& journey,
                const Clock& clock, Leaf before_start);

/// The two tables of a core: where every cycle went, which must sum to the elapsed cycles, and beside it the
/// hidden cycles: time of transactions that passed while the core did something else (typically computed).
/// Hidden cycles overlap with the first table and with each other, and sum to nothing in particular.
class StallAccount {
  public:
    void add(Leaf leaf, std::uint64_t cycles) { stalls_[static_cast<std::size_t>(leaf)] += cycles; }
    void hide(Leaf leaf, std::uint64_t cycles) { hidden_[static_cast<std::size_t>(leaf)] += cycles; }

    /// The core waited over [first_cycle, last_cycle) of `clock`; `journey` is that of the transaction which
    /// arrived last. `before_start`: what kept that transaction from starting earlier (typically
    /// local_dma_window).
    void cut_wait(std::uint64_t first_cycle, std::uint64_t last_cycle, const Journey& journey, const Clock& clock,
                  Leaf before_start) {
        cut_cycles(stalls_, first_cycle, last_cycle, journey, clock, before_start);
    }

    /// The same for time in which the core did not wait.
    void cut_hidden(std::uint64_t first_cycle, std::uint64_t last_cycle, const Journey& journey, const Clock& clock,
                    Leaf before_start) {
        cut_cycles(hidden_, first_cycle, last_cycle, journey, clock, before_start);
    }

    [[nodiscard]] const StallCycles& stalls() const { return stalls_; }
    [[nodiscard]] const StallCycles& hidden() const { return hidden_; }
    /// Cycles accounted for so far (hidden ones apart).
    [[nodiscard]] std::uint64_t accounted_cycles() const { return total_cycles(stalls_); }

  private:
    StallCycles stalls_{};
    StallCycles hidden_{};
};

} // namespace intarsia::metrics
