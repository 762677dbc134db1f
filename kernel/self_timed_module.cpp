#include "kernel/self_timed_module.hpp"

#include "config/errors.hpp"

namespace intarsia {

namespace {
Picoseconds kernel_time() {
    return Picoseconds(sc_core::sc_time_stamp().value());
}
} // namespace

SelfTimedModule::SelfTimedModule(const sc_core::sc_module_name& name, Clock clock, std::uint64_t shuffle_seed)
    : sc_core::sc_module(name), clock_(clock), wake_("wake"),
      // Modules must not share a random stream: mix the hierarchical name in.
      shuffle_state_(shuffle_seed) {
    if (shuffle_seed != 0) {
        for (const char* c = this->name(); *c != '\0'; ++c) {
            shuffle_state_ = (shuffle_state_ ^ static_cast<unsigned char>(*c)) * 0x100000001b3ULL;
        }
        shuffle_state_ |= 1U;
    }
    SC_HAS_PROCESS(SelfTimedModule);
    SC_METHOD(run);
    sensitive << wake_;
    dont_initialize();
}

void SelfTimedModule::start_of_simulation() {
    if (next_cycle_ != never_cycle) {
        const std::uint64_t cycle = next_cycle_;
        next_cycle_ = never_cycle;
        schedule(cycle);
    }
}

void SelfTimedModule::schedule(std::uint64_t cycle) {
    if (cycle >= next_cycle_) {
        return;
    }
    next_cycle_ = cycle;
    next_due_ = clock_.edge(cycle);
    if (!running_) {
        const Picoseconds delay = next_due_ - kernel_time();
        if (delay == Picoseconds(0)) {
            wake_.notify(sc_core::SC_ZERO_TIME);
        } else {
            wake_.notify(sc_core::sc_time::from_value(delay.count()));
        }
    }
}

void SelfTimedModule::wake_at(Picoseconds due) {
    if (due < next_due_) {
        schedule(clock_.first_edge_at_or_after(due));
    }
}

// One round of a xorshift generator; half of the activations move to a later delta cycle, again and again.
bool SelfTimedModule::put_off() {
    if (shuffle_state_ == 0) {
        return false;
    }
    shuffle_state_ ^= shuffle_state_ << 13U;
    shuffle_state_ ^= shuffle_state_ >> 7U;
    shuffle_state_ ^= shuffle_state_ << 17U;
    return (shuffle_state_ >> 40U & 1U) != 0;
}

void SelfTimedModule::run() {
    try {
        run_once();
    } catch (...) {
        failure_ = std::current_exception();
        sc_core::sc_stop();
    }
}

void SelfTimedModule::run_once() {
    if (put_off()) {
        wake_.notify(sc_core::SC_ZERO_TIME);
        return;
    }
    const std::uint64_t cycle = next_cycle_;
    const Picoseconds now = next_due_;
    require(now == kernel_time(), "a self-timed module runs at the edge it asked for");
    next_cycle_ = never_cycle;
    next_due_ = never;
    running_ = true;
    const std::uint64_t next = activate(cycle, now);
    running_ = false;
    require(next > cycle, "a module's next edge lies in the future");
    const std::uint64_t earliest = next < next_cycle_ ? next : next_cycle_;
    next_cycle_ = never_cycle;
    if (earliest != never_cycle) {
        schedule(earliest);
    }
}

} // namespace intarsia
