// PlaneCore: the cycle. Included by plane_core.hpp.
#pragma once

#include "noc/plane_core.hpp"

namespace intarsia::noc {

/// Counters of 64 lanes, one bit a plane.
template <std::size_t Bits>
inline void count_up(std::array<std::uint64_t, Bits>& counter, std::uint64_t lanes) {
    for (std::size_t k = 0; k < Bits && lanes != 0; ++k) {
        const std::uint64_t carry = counter[k] & lanes;
        counter[k] ^= lanes;
        lanes = carry;
    }
}

template <std::size_t Bits>
inline void count_down(std::array<std::uint64_t, Bits>& counter, std::uint64_t lanes) {
    for (std::size_t k = 0; k < Bits && lanes != 0; ++k) {
        const std::uint64_t borrow = ~counter[k] & lanes;
        counter[k] ^= lanes;
        lanes = borrow;
    }
}

/// Lanes that count at least 2^from.
template <std::size_t Bits>
inline std::uint64_t at_least(const std::array<std::uint64_t, Bits>& counter, std::size_t from) {
    std::uint64_t lanes = 0;
    for (std::size_t k = from; k < Bits; ++k) {
        lanes |= counter[k];
    }
    return lanes;
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::run_routers(std::uint64_t cycle) {
    // Cycles in which nothing could happen are left out, yet who lacks a credit waits in them too.
    const std::uint64_t skipped = cycle - next_;
    next_ = cycle + 1;
    now_ = cycle;
    active_ = false;
    for (std::uint32_t group = 0; group < groups_.size() && skipped > 0; ++group) {
        charge_skipped(group, skipped);
    }
    if (!occupied_channels_.empty()) {
        unblock();
    }
    const bool blocked = !occupied_channels_.empty();
    const Tables at = tables();
    for (std::uint32_t group = 0; group < groups_.size(); ++group) {
        run_group(at, group, blocked);
    }
    posted_[cycle & wheel_mask_] = 0;
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
typename PlaneCore<Ports, VcBits, CountBits, Derived>::Tables PlaneCore<Ports, VcBits, CountBits, Derived>::tables() {
    Tables at;
    at.ins = ins_.data();
    at.outs = outs_.data();
    at.heads = heads_.data();
    at.rings = rings_.data();
    at.arrivals = arrivals_.data();
    at.credits = credits_.data();
    at.posted = posted_.data();
    at.plane_count = plane_count_;
    if (arrive_delay_ != 0 && credit_delay_ != 0) {
        at.next_arrivals = &arrivals_[((now_ + arrive_delay_) & wheel_mask_) * plane_count_];
        at.next_credits = &credits_[((now_ + credit_delay_) & wheel_mask_) * plane_count_];
    }
    at.wheel_mask = wheel_mask_;
    at.now = now_;
    at.ring_bits = ring_bits_;
    at.ring_mask = ring_mask_;
    at.record = hops_ != nullptr;
    at.slow = !slow_.empty();
    return at;
}

// What is decided in a cycle reads the state at its beginning: VCs given now ask for the switch later, VCs and heads
// that the switch sets free take part in VC allocation from the next cycle on.
template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::run_group(Tables at, std::uint32_t group, bool blocked) {
    Group& state = groups_[group];
    const std::size_t slot = at.now & at.wheel_mask;
    if (at.posted[slot] != 0) {
        take_credits(state, group, &at.credits[slot * at.plane_count + group * slots()]);
        take_arrivals(at, state, group, &at.arrivals[slot * at.plane_count + group * slots()]);
    }
    PerSlot<Plane> ready;
    Plane any = 0;
    Plane starving = 0;
    for (std::uint32_t local = 0; local < slots(); ++local) {
        const Plane could = state.active[local] & state.occupied[local];
        ready[local] = could & ~state.starved[local];
        any |= ready[local];
        starving |= could & state.starved[local];
    }
    PerSlot<Plane> unfed;
    if (starving != 0) {
        for (std::uint32_t local = 0; local < slots(); ++local) {
            unfed[local] = state.active[local] & state.occupied[local] & state.starved[local];
        }
    }
    if (state.trying != 0) {
        const Plane trying = state.trying;
        state.trying = 0;
        active_ = true;
        for (Plane rest = trying; rest != 0; rest &= rest - 1) {
            const auto router = group * 64 + static_cast<std::uint32_t>(std::countr_zero(rest));
            allocate_vcs(at, state, router);
        }
    }
    if (any != 0) {
        active_ = true;
        PerSlot<Plane> wins;
        if (allocate_switch(state, ready, wins, blocked)) {
            last_progress_ = at.now;
            if (at.next_arrivals != nullptr) {
                at.posted[(at.now + arrive_delay_) & at.wheel_mask] = 1;
                at.posted[(at.now + credit_delay_) & at.wheel_mask] = 1;
            }
        }
        count_lost(state, group, ready, wins);
        PerSlot<Plane> used{};
        for (std::uint32_t local = 0; local < slots(); ++local) {
            if (wins[local] == 0) {
                continue;
            }
            const Plane more = at_least(state.count[local], 1);
            for (Plane rest = wins[local]; rest != 0; rest &= rest - 1) {
                const auto bit = static_cast<std::uint32_t>(std::countr_zero(rest));
                send(at, state, group * 64 + bit, local, (more >> bit & 1U) != 0, used);
            }
            count_down(state.count[local], wins[local]);
            state.occupied[local] &= ~(wins[local] & ~more);
        }
        spend_credits(state, group, used);
    }
    if (starving != 0) {
        count_unfed(state, group, unfed);
    }
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::take_credits(Group& state, std::uint32_t group, Plane* due) {
    for (std::uint32_t output = 0; output < slots(); ++output) {
        const Plane lanes = due[output];
        if (lanes == 0) {
            continue;
        }
        due[output] = 0;
        count_up(state.credit_count[output], lanes);
        const Plane woken = lanes & ~state.credit[output];
        state.credit[output] |= lanes;
        for (Plane rest = woken; rest != 0; rest &= rest - 1) {
            const auto bit = static_cast<std::uint32_t>(std::countr_zero(rest));
            const std::uint32_t router = group * 64 + bit;
            if ((heads_[router].free >> output & 1U) == 0) {
                state.starved[outs_[index(router, output)].owner] &= ~(1ULL << bit);
            }
        }
    }
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::spend_credits(Group& state, std::uint32_t group,
                                                                 const PerSlot<Plane>& used) {
    for (std::uint32_t output = 0; output < slots(); ++output) {
        const Plane lanes = used[output];
        if (lanes == 0) {
            continue;
        }
        count_down(state.credit_count[output], lanes);
        const Plane spent = lanes & ~at_least(state.credit_count[output], 0);
        state.credit[output] &= ~spent;
        for (Plane rest = spent; rest != 0; rest &= rest - 1) {
            const auto bit = static_cast<std::uint32_t>(std::countr_zero(rest));
            const std::uint32_t router = group * 64 + bit;
            if ((heads_[router].free >> output & 1U) == 0) { // else its tail has just gone
                state.starved[outs_[index(router, output)].owner] |= 1ULL << bit;
            }
        }
    }
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::take_arrivals(const Tables& at, Group& state, std::uint32_t group,
                                                                 Plane* due) {
    for (std::uint32_t local = 0; local < slots(); ++local) {
        const Plane lanes = due[local];
        if (lanes == 0) {
            continue;
        }
        due[local] = 0;
        count_up(state.count[local], lanes);
        const Plane heads = lanes & ~state.occupied[local] & ~state.active[local];
        state.occupied[local] |= lanes;
        for (Plane rest = heads; rest != 0; rest &= rest - 1) {
            const auto bit = static_cast<std::uint32_t>(std::countr_zero(rest));
            come_to_front(at, state, group * 64 + bit, local, at.now);
        }
    }
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::charge_skipped(std::uint32_t group, std::uint64_t cycles) {
    const Group& state = groups_[group];
    for (std::uint32_t local = 0; local < slots(); ++local) {
        for (Plane rest = state.active[local] & state.occupied[local] & state.starved[local]; rest != 0;
             rest &= rest - 1) {
            const std::uint32_t router = group * 64 + static_cast<std::uint32_t>(std::countr_zero(rest));
            const std::uint32_t port = ins_[index(router, local)].out >> vc_bits();
            stalls_[std::size_t(router) * ports() + port].no_credit += cycles;
        }
    }
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::unblock() {
    const auto still = [&](std::uint32_t channel) {
        if (!slow_[channel].free_in(now_)) {
            return true;
        }
        const std::uint32_t router = channel / ports();
        groups_[router >> 6U].blocked[channel % ports()] &= ~(1ULL << (router & 63U));
        return false;
    };
    occupied_channels_.erase(std::remove_if(occupied_channels_.begin(), occupied_channels_.end(),
                                            [&](std::uint32_t channel) { return !still(channel); }),
                             occupied_channels_.end());
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
std::uint64_t PlaneCore<Ports, VcBits, CountBits, Derived>::next_router_cycle(std::uint64_t cycle) const {
    if (active_) {
        return cycle + 1;
    }
    for (std::uint64_t ahead = 1; ahead <= wheel_mask_; ++ahead) {
        if (posted_[(cycle + ahead) & wheel_mask_] != 0) {
            return cycle + ahead;
        }
    }
    return UINT64_MAX;
}

} // namespace intarsia::noc
