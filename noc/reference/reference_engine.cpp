#include "noc/reference/reference_engine.hpp"

#include "config/errors.hpp"

#include <algorithm>

namespace intarsia::noc::reference {

namespace {

/// Of one phase of the clock: any time will do, for the modules have no delays in time.
sc_core::sc_time phase() {
    return {1, sc_core::SC_NS};
}

} // namespace

ReferenceEngine::ReferenceEngine(const NetworkPlan& plan, std::uint64_t settle_cycles)
    : plan_(&plan), settle_cycles_(settle_cycles) {
    for (const NetworkRouter& router : plan.routers) {
        for (const NetworkPort& port : router.ports) {
            require(port.use != PortUse::border, "the reference network has no border ports");
        }
    }
    const KernelContext::Scope scope(context_);
    clock_ = std::make_unique<ReferenceClock>();
}

ReferenceEngine::~ReferenceEngine() {
    const KernelContext::Scope scope(context_);
    clock_.reset();
}

void ReferenceEngine::offer(const TrafficPacket& packet) {
    ++offered_;
    offered_now_.push_back(packet);
}

void ReferenceEngine::tick(std::uint64_t cycle) {
    require(cycle >= next_cycle_, "cycles rise");
    const KernelContext::Scope scope(context_);
    if (settled(next_cycle_)) {
        next_cycle_ = std::max(next_cycle_, cycle);
    }
    // Cycles that the caller left out are those in which no flit can move; credits may still be on their way.
    while (next_cycle_ < cycle) {
        run_cycle(next_cycle_++);
    }
    for (const TrafficPacket& packet : offered_now_) {
        queue_packet(packet);
    }
    queued_ += offered_now_.size();
    offered_now_.clear();
    run_cycle(next_cycle_++);
}

void ReferenceEngine::run_cycle(std::uint64_t cycle) {
    try {
        clock_->edge.write(false);
        clock_->cycle.write(cycle);
        sc_core::sc_start(phase());
        clock_->edge.write(true);
        sc_core::sc_start(phase());
    } catch (const sc_core::sc_report& report) {
        throw InvariantError(report.get_msg());
    }
    delivered_.clear();
    collect_delivered(delivered_);
    arrived_ += delivered_.size();
    if (hops_ != nullptr) {
        collect_hops(*hops_);
    }
    if (moved()) {
        last_progress_ = cycle;
    }
}

bool ReferenceEngine::settled(std::uint64_t cycle) const {
    return queued_ == arrived_ && cycle > last_progress_ + settle_cycles_;
}

std::uint64_t ReferenceEngine::next_cycle(std::uint64_t cycle) const {
    return offered_now_.empty() && settled(cycle + 1) ? UINT64_MAX : cycle + 1;
}

} // namespace intarsia::noc::reference
