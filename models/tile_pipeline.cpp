#include "models/tile_pipeline.hpp"

#include "config/errors.hpp"

#include <algorithm>

namespace intarsia::models {

using metrics::Leaf;

void TilePipeline::begin(const NodePlan& plan, std::uint64_t cycle, std::vector<std::uint32_t>& ready) {
    require(!active(), "a core runs one node's tiles at a time");
    plan_ = &plan;
    first_ = plan.cores[core_].first;
    count_ = plan.cores[core_].count;
    loading_ = computed_ = 0;
    computing_ = false;
    advance(cycle, ready);
}

void TilePipeline::start_loads(std::uint64_t cycle, std::vector<std::uint32_t>& ready) {
    while (loading_ < count_ && loading_ - computed_ < buffers) {
        const TileStep& next = step(loading_);
        const std::uint32_t index = loading_ % buffers;
        Slot& slot = slots_[index];
        slot = Slot{loading_, 0, cycle, cycle, metrics::Journey()};
        for (std::uint32_t i = 0; i < next.load_count; ++i) {
            const TileLoad& load = plan_->loads[next.first_load + i];
            slot.pending_bytes += load.range.bytes;
            if (load.shared == TileLoad::not_shared) {
                dma_->submit(DmaChannel::load, {Transfer::Kind::read,
                                                load.range.begin,
                                                load.range.bytes,
                                                {TransferOwner::Kind::tile_load, index, i}});
            } else {
                ready.push_back(load.shared);
            }
        }
        ++loading_;
    }
}

std::uint32_t TilePipeline::shared_of(std::uint32_t slot, std::uint32_t load) const {
    return plan_->loads[step(slots_[slot].step).first_load + load].shared;
}

void TilePipeline::start_shared(std::uint32_t shared, AddressRange own, std::uint64_t cycle) {
    for (std::uint32_t index = 0; index < buffers; ++index) {
        Slot& slot = slots_[index];
        if (slot.step >= loading_ || slot.step < computed_) {
            continue;
        }
        const TileStep& wanted = step(slot.step);
        for (std::uint32_t i = 0; i < wanted.load_count; ++i) {
            if (plan_->loads[wanted.first_load + i].shared == shared) {
                slot.started = std::max(slot.started, cycle);
                if (own.bytes > 0) {
                    dma_->submit(
                        DmaChannel::load,
                        {Transfer::Kind::read, own.begin, own.bytes, {TransferOwner::Kind::tile_load, index, i}});
                }
                return;
            }
        }
    }
    require(false, "a shared load starts while all its cores wait for it");
}

void TilePipeline::data_arrived(std::uint32_t slot_index, std::uint32_t, std::uint64_t bytes,
                                const metrics::Journey& journey, std::uint64_t cycle,
                                std::vector<std::uint32_t>& ready) {
    Slot& slot = slots_[slot_index];
    require(slot.pending_bytes >= bytes, "a tile receives the bytes it asked for, once");
    slot.pending_bytes -= bytes;
    if (slot.pending_bytes == 0) {
        slot.completed = cycle;
        slot.last = journey;
        advance(cycle, ready);
    }
}

void TilePipeline::shared_data_arrived(std::uint32_t shared, std::uint64_t bytes, const metrics::Journey& journey,
                                       std::uint64_t cycle, std::vector<std::uint32_t>& ready) {
    for (std::uint32_t index = 0; index < buffers; ++index) {
        const Slot& slot = slots_[index];
        if (slot.step >= loading_ || slot.step < computed_) {
            continue;
        }
        const TileStep& wanted = step(slot.step);
        for (std::uint32_t i = 0; i < wanted.load_count; ++i) {
            if (plan_->loads[wanted.first_load + i].shared == shared) {
                data_arrived(index, i, bytes, journey, cycle, ready);
                return;
            }
        }
    }
    require(false, "passed-on data finds the tile that waits for it");
}

bool TilePipeline::start_compute(std::uint64_t cycle) {
    if (computing_ || computed_ == count_) {
        return false;
    }
    const Slot& slot = slots_[computed_ % buffers];
    if (slot.pending_bytes > 0 || (step(computed_).opens_output && outputs_ == buffers)) {
        return false;
    }
    const std::uint64_t loaded = std::clamp(slot.completed, time_->at(), cycle);
    time_->spend(Leaf::dependency_bubble, std::clamp(slot.started, time_->at(), loaded));
    if (loaded > time_->at()) {
        time_->spend(slot.last, Leaf::local_dma_window, loaded);
    }
    time_->spend(Leaf::local_sram_full, cycle);
    outputs_ += step(computed_).opens_output ? 1 : 0;
    computing_ = true;
    if (events_->wants(metrics::EventKind::tile)) {
        events_->begin(metrics::EventKind::tile, clock_.edge(cycle), place_, computed_);
    }
    if (step(computed_).compute_cycles > 0) {
        timers_->set(cycle + step(computed_).compute_cycles, {Timer::Kind::compute_end, core_, 0});
        return false;
    }
    finish_step(cycle);
    return true;
}

void TilePipeline::finish_step(std::uint64_t cycle) {
    time_->spend(plan_->unit == workloads::Unit::matrix ? Leaf::computing_matrix : Leaf::computing_vector, cycle);
    const AddressRange store = step(computed_).store;
    if (store.bytes > 0) {
        const auto buffer = static_cast<std::uint32_t>(std::find(stores_.begin(), stores_.end(), 0U) - stores_.begin());
        require(buffer < buffers, "an output tile owns a buffer");
        stores_[buffer] = store.bytes;
        dma_->submit(DmaChannel::store,
                     {Transfer::Kind::write, store.begin, store.bytes, {TransferOwner::Kind::tile_store, buffer, 0}});
    }
    if (events_->wants(metrics::EventKind::tile)) {
        events_->end(metrics::EventKind::tile, clock_.edge(cycle), place_, computed_);
    }
    computing_ = false;
    ++computed_;
}

void TilePipeline::advance(std::uint64_t cycle, std::vector<std::uint32_t>& ready) {
    do {
        start_loads(cycle, ready);
    } while (start_compute(cycle));
    if (computed_ == count_ && outputs_ == 0) {
        time_->spend(Leaf::local_store_drain, cycle);
        time_->release(cycle);
        plan_ = nullptr;
    }
}

void TilePipeline::compute_ended(std::uint64_t cycle, std::vector<std::uint32_t>& ready) {
    finish_step(cycle);
    advance(cycle, ready);
}

void TilePipeline::store_acknowledged(std::uint32_t buffer, std::uint64_t bytes, std::uint64_t cycle,
                                      std::vector<std::uint32_t>& ready) {
    require(stores_[buffer] >= bytes, "a store is acknowledged once");
    stores_[buffer] -= bytes;
    if (stores_[buffer] == 0) {
        --outputs_;
        advance(cycle, ready);
    }
}

metrics::Leaf TilePipeline::present_leaf() const {
    if (computing_) {
        return plan_->unit == workloads::Unit::matrix ? Leaf::computing_matrix : Leaf::computing_vector;
    }
    return computed_ == count_ ? Leaf::local_store_drain : Leaf::local_dma_window;
}

} // namespace intarsia::models
