// PlaneCore: switch allocation of 64 routers at once, and the flits that won. Included by plane_core.hpp.
#pragma once

#include "noc/plane_core.hpp"

namespace intarsia::noc {

/// Round robin, bit by bit: of `count` requesters (planes `stride` apart) grants the first at or after the pointer.
template <std::size_t Most, class Request>
[[gnu::always_inline]] inline void round_robin(std::uint32_t count, const Request& request, const std::uint64_t* from,
                                               std::array<std::uint64_t, Most>& grants) {
    std::uint64_t later = 0;
    for (std::uint32_t k = 0; k < count; ++k) {
        grants[k] = request(k);
        later |= grants[k] & from[k];
    }
    std::uint64_t open = ~0ULL; // routers that have granted nobody yet
    for (std::uint32_t k = 0; k < count; ++k) {
        const std::uint64_t eligible = grants[k] & (from[k] | ~later);
        grants[k] = eligible & open;
        open &= ~eligible;
    }
}

/// Moves the pointers of routers with a success past it.
[[gnu::always_inline]] inline void move_pointer(std::uint32_t count, const std::uint64_t* successes,
                                                std::uint32_t stride, std::uint64_t* from) {
    std::uint64_t any = 0;
    for (std::uint32_t k = 0; k < count; ++k) {
        any |= successes[k * stride];
    }
    std::uint64_t before = 0;
    for (std::uint32_t k = 0; k < count; ++k) {
        from[k] = (from[k] & ~any) | before;
        before |= successes[k * stride];
    }
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
bool PlaneCore<Ports, VcBits, CountBits, Derived>::allocate_switch(Group& state, const PerSlot<Plane>& ready,
                                                                   PerSlot<Plane>& wins, bool blocked) {
    const std::uint32_t count = ports();
    const std::uint32_t vcs = 1U << vc_bits();
    PerPort<PerPort<Plane>> granted; // [output][input], then what was accepted
    for (std::uint32_t out = 0; out < count; ++out) {
        const PerSlot<Plane>& to = state.to[out];
        const Plane open = blocked ? ~state.blocked[out] : ~Plane{0};
        round_robin(
            count,
            [&](std::uint32_t in) {
                Plane asks = 0;
                for (std::uint32_t vc = 0; vc < vcs; ++vc) {
                    asks |= ready[in << vc_bits() | vc] & to[in << vc_bits() | vc];
                }
                return asks & open;
            },
            state.grant_from[out].data(), granted[out]);
    }
    Plane moved = 0;
    for (std::uint32_t in = 0; in < count; ++in) {
        PerPort<Plane> accepted;
        round_robin(
            count, [&](std::uint32_t out) { return granted[out][in]; }, state.accept_from[in].data(), accepted);
        move_pointer(count, accepted.data(), 1, state.accept_from[in].data());
        std::array<Plane, 16> chosen; // by VC
        round_robin(
            vcs,
            [&](std::uint32_t vc) {
                Plane goes = 0;
                for (std::uint32_t out = 0; out < count; ++out) {
                    goes |= accepted[out] & state.to[out][in << vc_bits() | vc];
                }
                return goes & ready[in << vc_bits() | vc];
            },
            &state.first_vc[in << vc_bits()], chosen);
        move_pointer(vcs, chosen.data(), 1, &state.first_vc[in << vc_bits()]);
        for (std::uint32_t vc = 0; vc < vcs; ++vc) {
            wins[in << vc_bits() | vc] = chosen[vc];
            moved |= chosen[vc];
        }
        for (std::uint32_t out = 0; out < count; ++out) {
            granted[out][in] = accepted[out];
        }
    }
    for (std::uint32_t out = 0; out < count; ++out) {
        move_pointer(count, granted[out].data(), 1, state.grant_from[out].data());
    }
    return moved != 0;
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
[[gnu::always_inline]] inline void
PlaneCore<Ports, VcBits, CountBits, Derived>::send(const Tables& at, Group& state, std::uint32_t router,
                                                   std::uint32_t local, bool more, PerSlot<Plane>& used) {
    In& from = at.ins[index(router, local)];
    const std::uint32_t output = from.out;
    Out& onto = at.outs[index(router, output)];
    const std::uint64_t self = 1ULL << (router & 63U);
    Flit flit = at.rings[(index(router, local) << at.ring_bits) + from.head];
    from.head = static_cast<std::uint16_t>((from.head + 1U) & at.ring_mask);
    ++onto.sent;
    if (at.record) [[unlikely]] {
        record_hop(router, local, output >> vc_bits(), flit);
    }
    flit.cross_router();
    if (onto.is_link != 0) [[likely]] {
        at.rings[onto.ring + onto.place] = flit;
        onto.place = static_cast<std::uint16_t>((onto.place + 1U) & at.ring_mask);
        Plane* arrivals = at.next_arrivals;
        if (arrivals == nullptr) {
            const std::size_t slot = (at.now + onto.delay) & at.wheel_mask;
            arrivals = &at.arrivals[slot * at.plane_count];
            at.posted[slot] = 1;
        }
        arrivals[onto.arrive_plane] |= onto.arrive_bit;
        used[output] |= self;
    } else {
        derived().eject(onto.ring, vc_of(output), flit, onto.delay);
        used[output] |= self & (0 - onto.arrive_bit); // 1 where its sink gives credits
    }
    if (from.is_link != 0) [[likely]] {
        Plane* credits = at.next_credits;
        if (credits == nullptr) {
            const std::size_t slot = (at.now + from.delay) & at.wheel_mask;
            credits = &at.credits[slot * at.plane_count];
            at.posted[slot] = 1;
        }
        credits[from.credit_plane] |= from.credit_bit;
    } else {
        derived().freed(PortUse::endpoint, from.credit_plane, vc_of(local), from.delay);
    }
    if (at.slow) [[unlikely]] {
        occupy(state, router, output >> vc_bits());
    }
    if (flit.tail()) {
        Heads& heads = at.heads[router];
        heads.free |= 1ULL << output;
        heads.free_ports |= static_cast<std::uint16_t>(1U << (output >> vc_bits()));
        state.active[local] &= ~self;
        state.to[output >> vc_bits()][local] &= ~self;
        if ((state.stalled[local] & self) != 0) {
            settle_stalls(state, router, local);
        }
        if (more) {
            come_to_front(at, state, router, local, at.now + 1);
        } else if ((heads.want_ports & heads.free_ports) != 0) {
            state.trying |= self;
        }
    }
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::record_hop(std::uint32_t router, std::uint32_t local,
                                                              std::uint32_t port, Flit flit) {
    std::uint32_t& flit_index = hop_index_[index(router, local)];
    flit_index = flit.head() ? 0 : flit_index + 1;
    hops_->push_back({now_ + plan_.router.vc.switch_alloc_delay, router, port, derived().id_of(flit), flit_index});
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::occupy(Group& state, std::uint32_t router, std::uint32_t port) {
    const std::size_t channel = std::size_t(router) * ports() + port;
    if (slow_[channel].occupy(now_)) {
        state.blocked[port] |= 1ULL << (router & 63U);
        occupied_channels_.push_back(static_cast<std::uint32_t>(channel));
    }
}

// Cycles at the front, counted bit by bit in the place of each packet and settled when it leaves the router.
template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::count_stall(std::uint32_t group, std::uint32_t local,
                                                               std::array<Plane, stall_bits>& counter, Plane lanes,
                                                               std::uint64_t StallCounters::*cause) {
    groups_[group].stalled[local] |= lanes;
    for (std::uint32_t k = 0; k < stall_bits && lanes != 0; ++k) {
        const Plane carry = counter[k] & lanes;
        counter[k] ^= lanes;
        lanes = carry;
    }
    for (; lanes != 0; lanes &= lanes - 1) {
        const std::uint32_t router = group * 64 + static_cast<std::uint32_t>(std::countr_zero(lanes));
        const std::uint32_t port = ins_[index(router, local)].out >> vc_bits();
        stalls_[std::size_t(router) * ports() + port].*cause += 1ULL << stall_bits;
    }
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::count_lost(Group& state, std::uint32_t group,
                                                              const PerSlot<Plane>& ready, const PerSlot<Plane>& wins) {
    for (std::uint32_t local = 0; local < slots(); ++local) {
        if (const Plane lost = ready[local] & ~wins[local]) {
            count_stall(group, local, state.lost[local], lost, &StallCounters::lost_allocation);
        }
    }
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::count_unfed(Group& state, std::uint32_t group,
                                                               const PerSlot<Plane>& unfed) {
    for (std::uint32_t local = 0; local < slots(); ++local) {
        if (unfed[local] != 0) {
            count_stall(group, local, state.unfed[local], unfed[local], &StallCounters::no_credit);
        }
    }
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::settle_stalls(Group& state, std::uint32_t router,
                                                                 std::uint32_t local) {
    const std::uint32_t bit = router & 63U;
    StallCounters& stalls = stalls_[std::size_t(router) * ports() + (ins_[index(router, local)].out >> vc_bits())];
    for (std::uint32_t k = 0; k < stall_bits; ++k) {
        stalls.lost_allocation += (state.lost[local][k] >> bit & 1U) << k;
        stalls.no_credit += (state.unfed[local][k] >> bit & 1U) << k;
        state.lost[local][k] &= ~(1ULL << bit);
        state.unfed[local][k] &= ~(1ULL << bit);
    }
    state.stalled[local] &= ~(1ULL << bit);
}

} // namespace intarsia::noc
