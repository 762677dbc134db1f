// VcCore: the cycle, arrivals and credits. Included by vc_core.hpp.
#pragma once

#include "noc/vc_core.hpp"

namespace intarsia::noc {

template <class Shape, class Derived>
void VcCore<Shape, Derived>::run_routers(std::uint64_t cycle) {
    now_ = cycle;
    Cycle context;
    context.now = cycle;
    context.now32 = static_cast<std::uint32_t>(cycle);
    context.slot_mask = static_cast<std::uint32_t>(wheel_mask_);
    context.slow = !slow_.empty();
    context.record = hops_ != nullptr;
    context.one_class = plan_.class_vcs.size() == 1;
    context.class_vcs = plan_.class_vcs.front();
    std::uint64_t* busy = &busy_[cycle & wheel_mask_];
    bool moved = false;
    for (std::size_t word = 0; word < words_; ++word) {
        std::uint64_t look = busy[word << wheel_bits_] | pending_[word];
        busy[word << wheel_bits_] = 0;
        pending_[word] = 0;
        for (; look != 0; look &= look - 1) {
            moved |= visit(context,
                           static_cast<std::uint32_t>(word * 64) + static_cast<std::uint32_t>(std::countr_zero(look)));
        }
    }
    if (moved) {
        last_progress_ = cycle;
    }
}

template <class Shape, class Derived>
std::uint64_t VcCore<Shape, Derived>::next_router_cycle(std::uint64_t cycle) const {
    if (std::any_of(pending_.begin(), pending_.end(), [](std::uint64_t word) { return word != 0; })) {
        return cycle + 1;
    }
    for (std::uint64_t ahead = 1; ahead <= wheel_mask_; ++ahead) {
        const std::uint64_t* busy = &busy_[(cycle + ahead) & wheel_mask_];
        for (std::size_t word = 0; word < words_; ++word) {
            if (busy[word << wheel_bits_] != 0) {
                return cycle + ahead;
            }
        }
    }
    return UINT64_MAX;
}

// What is decided in a cycle reads the state at its beginning: VCs given now ask for the switch later, VCs and heads
// that the switch sets free take part in VC allocation from the next cycle on. Tells whether flits were sent.
template <class Shape, class Derived>
INTARSIA_INLINE bool VcCore<Shape, Derived>::visit(const Cycle& cycle, std::uint32_t router) {
    Block& block = blocks_[router];
    Sets sets = block.sets;
    Due& slot = wheel_[(std::size_t(router) << wheel_bits_) + (cycle.now32 & cycle.slot_mask)];
    Mask credits = slot.credits;
    Mask arrivals = slot.arrivals;
    slot = Due{};
    for (; credits; drop_lowest(credits)) {
        take_credit(cycle, block, sets, lowest_of(credits));
    }
    for (; arrivals; drop_lowest(arrivals)) {
        take_arrival(cycle, block, sets, router, lowest_of(arrivals));
    }
    if constexpr (Shape::general) {
        take_general(cycle, block, sets, router);
    }
    Mask ready = sets.active & sets.occupied & ~sets.starved;
    if (cycle.slow && block.blocked) [[unlikely]] {
        for (PortMask ports = unblock(router); ports; drop_lowest(ports)) {
            ready &= ~block.outputs[lowest_of(ports)].to;
        }
    }
    bool pending = false;
    if constexpr (Shape::general) {
        const GeneralBlock<Shape>& general = general_[router];
        const Mask heads = plan_.router.vc.speculative ? general.waiting : Mask{};
        if (general.waiting) {
            allocate_vcs_general(cycle, block, sets, router);
        }
        if (ready || heads) {
            allocate_switch_general(cycle, block, sets, router, ready, heads);
        }
        pending = static_cast<bool>(general.waiting);
    } else {
        if (sets.want_ports & sets.free_ports) {
            allocate_vcs(cycle, block, sets, router);
        }
        if (ready) {
            allocate_switch(cycle, block, sets, router, ready);
        }
        pending = static_cast<bool>(sets.want_ports & sets.free_ports);
    }
    if (pending || (sets.active & sets.occupied & ~sets.starved)) {
        wake(router);
    }
    block.sets = sets;
    return static_cast<bool>(ready);
}

template <class Shape, class Derived>
INTARSIA_INLINE void VcCore<Shape, Derived>::take_arrival(const Cycle& cycle, Block& block, Sets& sets,
                                                          std::uint32_t router, std::uint32_t local) {
    InputVc& vc = block.in[local];
    if (vc.count++ != 0) {
        return;
    }
    sets.occupied |= member<Mask>(local);
    if (has(sets.active, local)) {
        vc.eligible = cycle.now32; // a body flit may ask for the switch in this very cycle
    } else {
        come_to_front(cycle, block, sets, router, local, cycle.now32);
    }
}

template <class Shape, class Derived>
INTARSIA_INLINE void VcCore<Shape, Derived>::take_credit(const Cycle&, Block& block, Sets& sets, std::uint32_t output) {
    OutputVc& vc = block.out[output];
    if (vc.credits++ != 0 || has(sets.free, output)) {
        return;
    }
    const std::uint32_t local = vc.owner;
    if (has(sets.starved, local)) {
        sets.starved &= ~member<Mask>(local);
        if (has(sets.occupied, local)) {
            waited_for_credit(block.in[local]);
        }
    }
}

template <class Shape, class Derived>
void VcCore<Shape, Derived>::add_credit(std::uint32_t router, std::uint32_t local_output) {
    take_credit(Cycle{}, blocks_[router], blocks_[router].sets, local_output);
    wake(router);
}

template <class Shape, class Derived>
void VcCore<Shape, Derived>::waited_for_credit(InputVc& vc) {
    const auto now = static_cast<std::uint32_t>(now_);
    // Cycles are compared by their difference: the counters wrap.
    const bool starved_later = static_cast<std::int32_t>(vc.starved_since - vc.eligible) > 0;
    const std::uint32_t from = starved_later ? vc.starved_since : vc.eligible;
    if (static_cast<std::int32_t>(now - from) > 0) {
        vc.credit_wait += now - from;
    }
}

// A head is at the front of its buffer from cycle `since` on (this one or the next).
template <class Shape, class Derived>
INTARSIA_INLINE void VcCore<Shape, Derived>::come_to_front(const Cycle& cycle, Block& block, Sets& sets,
                                                           std::uint32_t router, std::uint32_t local,
                                                           std::uint32_t since) {
    InputVc& vc = block.in[local];
    const Flit flit = vc.ring[vc.head];
    if constexpr (Shape::general) {
        if (route_delay_ > 0) {
            vc.eligible = since + route_delay_ + vc_delay_;
            const std::uint32_t ahead = since - cycle.now32 + route_delay_;
            general_due(router, cycle.now + ahead).routed |= member<Mask>(local);
            return;
        }
        vc.eligible = since + vc_delay_;
    } else if constexpr (Derived::accounts_packets) {
        vc.eligible = derived().ready_since(flit) + 1;
    } else {
        vc.eligible = since + 1;
    }
    ask_for_vc(cycle, block, sets, router, local, flit, since);
}

template <class Shape, class Derived>
INTARSIA_INLINE void VcCore<Shape, Derived>::ask_for_vc(const Cycle& cycle, Block& block, Sets& sets,
                                                        std::uint32_t router, std::uint32_t local, Flit flit,
                                                        [[maybe_unused]] std::uint32_t since) {
    RouteEntry entry = routes_.lookup(router, local, flit.destination());
    if (entry.port == RouteEntry::is_list) [[unlikely]] {
        entry = choose_option(entry, flit);
    }
    if constexpr (Shape::general) {
        general_[router].route[local] = entry;
        general_[router].waiting |= member<Mask>(local);
    } else {
        const std::uint32_t vcs = cycle.one_class ? cycle.class_vcs : plan_.class_vcs[flit.message_class()];
        if constexpr (Derived::accounts_packets) {
            derived().asks(router, entry.port, flit, since);
        }
        block.in[local].allowed = static_cast<std::uint16_t>(entry.vcs & vcs);
        block.outputs[entry.port].wants |= member<Mask>(local);
        sets.want_ports |= member<PortMask>(entry.port);
    }
}

template <class Shape, class Derived>
RouteEntry VcCore<Shape, Derived>::choose_option(RouteEntry entry, Flit flit) {
    const RouteList& list = routes_.list(entry);
    if (list.adaptive) {
        return entry;
    }
    const RouteOption& option = list.options[derived().random_of(flit) >> list.random_bit & 1U];
    return {option.port, option.vcs};
}

} // namespace intarsia::noc
