// One core's tiles of a COMP node: double-buffered loads, computation, stores.
#pragma once

#include "metrics/event_hook.hpp"
#include "models/core_time.hpp"
#include "models/dma_engine.hpp"
#include "models/tile_plan.hpp"
#include "models/timer_queue.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace intarsia::models {

/// While a step computes, the loads of the next one run; an output tile takes one of two output buffers from its first
/// step until its store has been acknowledged. The core's account of a step: the wait for its loads is cut at the
/// stages of the transaction that arrived last (time in which other cores of a shared load were not there yet is
/// dependency_bubble), the wait for an output buffer is local_sram_full, the wait for the last stores
/// local_store_drain.
class TilePipeline {
  public:
    /// `events`: told of every tile's computation, at the place `place`.
    TilePipeline(std::uint32_t core, DmaEngine& dma, CoreTime& time, TimerQueue& timers, metrics::EventHook& events,
                 metrics::PlaceId place, const Clock& clock)
        : core_(core), dma_(&dma), time_(&time), timers_(&timers), events_(&events), place_(place), clock_(clock) {}

    /// Starts on the core's steps of `plan`, which outlives the job. The core is occupied and its account stands at
    /// `cycle`. Shared loads that this core is ready for are appended to `ready`.
    void begin(const NodePlan& plan, std::uint64_t cycle, std::vector<std::uint32_t>& ready);
    /// All cores of a shared load are ready; `own` is the part that this core reads.
    void start_shared(std::uint32_t shared, AddressRange own, std::uint64_t cycle);

    void data_arrived(std::uint32_t slot, std::uint32_t load, std::uint64_t bytes, const metrics::Journey& journey,
                      std::uint64_t cycle, std::vector<std::uint32_t>& ready);
    void shared_data_arrived(std::uint32_t shared, std::uint64_t bytes, const metrics::Journey& journey,
                             std::uint64_t cycle, std::vector<std::uint32_t>& ready);
    void compute_ended(std::uint64_t cycle, std::vector<std::uint32_t>& ready);
    void store_acknowledged(std::uint32_t buffer, std::uint64_t bytes, std::uint64_t cycle,
                            std::vector<std::uint32_t>& ready);

    [[nodiscard]] bool active() const { return plan_ != nullptr; }
    /// Index of the shared load that a slot's load belongs to, or TileLoad::not_shared.
    [[nodiscard]] std::uint32_t shared_of(std::uint32_t slot, std::uint32_t load) const;
    /// What the core does at the moment, for the account of an interrupted run.
    [[nodiscard]] metrics::Leaf present_leaf() const;

  private:
    static constexpr std::uint32_t buffers = 2;
    struct Slot {
        std::uint32_t step = 0;
        std::uint64_t pending_bytes = 0;
        std::uint64_t started = 0;   // the last of its loads could start
        std::uint64_t completed = 0; // its last byte was there
        metrics::Journey last;
    };
    void advance(std::uint64_t cycle, std::vector<std::uint32_t>& ready);
    void start_loads(std::uint64_t cycle, std::vector<std::uint32_t>& ready);
    bool start_compute(std::uint64_t cycle);
    void finish_step(std::uint64_t cycle);
    [[nodiscard]] const TileStep& step(std::uint32_t index) const { return plan_->steps[first_ + index]; }

    std::uint32_t core_;
    DmaEngine* dma_;
    CoreTime* time_;
    TimerQueue* timers_;
    metrics::EventHook* events_;
    metrics::PlaceId place_;
    Clock clock_;
    const NodePlan* plan_ = nullptr;
    std::uint32_t first_ = 0;
    std::uint32_t count_ = 0;
    std::uint32_t loading_ = 0;  // steps whose loads have begun
    std::uint32_t computed_ = 0; // steps done
    bool computing_ = false;
    std::array<Slot, buffers> slots_;
    std::array<std::uint64_t, buffers> stores_{}; // bytes not yet acknowledged, by output buffer
    std::uint32_t outputs_ = 0;                   // buffers in use
};

} // namespace intarsia::models
