// VcCore: a flit that has won the switch goes on. Included by vc_core.hpp.
#pragma once

#include "noc/vc_core.hpp"

namespace intarsia::noc {

template <class Shape, class Derived>
INTARSIA_INLINE void VcCore<Shape, Derived>::send(const Cycle& cycle, Block& block, Sets& sets, std::uint32_t router,
                                                  std::uint32_t local, std::uint32_t port) {
    InputVc& from = block.in[local];
    const std::uint32_t output = from.out;
    OutputVc& onto = block.out[output];
    const InputPort<Mask>& input = block.inputs[local >> vc_bits()];
    OutputPort<Mask>& channel = block.outputs[port];
    Flit flit = from.ring[from.head];
    from.head = static_cast<std::uint16_t>((from.head + 1U) & from.mask);
    const std::uint16_t left = --from.count;
    if (from.eligible != cycle.now32) {
        waited_for_switch(router, local, port, flit);
    }
    ++onto.sent;
    if (cycle.record) [[unlikely]] {
        record_hop(router, local, port, flit);
    }
    flit.cross_router();
    const auto credits = static_cast<std::uint16_t>(onto.credits - channel.credit_cost);
    onto.credits = credits;
    if (channel.use == PortUse::link) [[likely]] {
        const std::uint32_t slot = (cycle.now32 + channel.delay) & cycle.slot_mask;
        onto.ring[onto.place] = flit;
        onto.place = static_cast<std::uint16_t>((onto.place + 1U) & onto.mask);
        channel.due[slot].arrivals |= member<Mask>(onto.target);
        channel.busy[slot] |= channel.busy_bit;
        if constexpr (Derived::accounts_packets) {
            derived().crossed(flit, cycle.now32 + channel.delay);
        }
    } else if (channel.use == PortUse::endpoint) {
        derived().eject(channel.number, vc_of(output), flit, channel.delay);
    } else {
        derived().depart(channel.number, vc_of(output), flit);
    }
    if (input.use == PortUse::link) [[likely]] {
        const std::uint32_t slot = (cycle.now32 + input.delay) & cycle.slot_mask;
        input.due[slot].credits |= member<Mask>(input.first + vc_of(local));
        input.busy[slot] |= input.busy_bit;
    } else {
        derived().freed(input.use, input.number, vc_of(local), input.delay);
    }
    if (cycle.slow) [[unlikely]] {
        if (slow_[router * Shape::most_ports + port].occupy(cycle.now)) {
            block.blocked |= member<PortMask>(port);
        }
    }
    const Mask self = member<Mask>(local);
    if (left == 0) {
        sets.occupied &= ~self;
    }
    if (flit.tail()) {
        sets.free |= member<Mask>(output);
        bool closed = false;
        if constexpr (Derived::accounts_packets) {
            closed = derived().closed(router, port);
        }
        if (!closed) {
            sets.free_ports |= member<PortMask>(port);
        }
        sets.active &= ~self;
        channel.to &= ~self;
        if (left != 0) {
            come_to_front(cycle, block, sets, router, local, cycle.now32 + 1);
        }
    } else {
        from.eligible = cycle.now32 + 1; // of the next flit, if it is there
        if (credits == 0) {
            sets.starved |= self;
            from.starved_since = cycle.now32 + 1;
        }
    }
}

/// Outputs whose slow channel is still occupied.
template <class Shape, class Derived>
typename Shape::PortMask VcCore<Shape, Derived>::unblock(std::uint32_t router) {
    Block& block = blocks_[router];
    for (PortMask ports = block.blocked; ports; drop_lowest(ports)) {
        const std::uint32_t port = lowest_of(ports);
        if (slow_[router * Shape::most_ports + port].free_in(now_)) {
            block.blocked &= ~member<PortMask>(port);
        }
    }
    return block.blocked;
}

template <class Shape, class Derived>
void VcCore<Shape, Derived>::waited_for_switch(std::uint32_t router, std::uint32_t local, std::uint32_t port,
                                               Flit flit) {
    InputVc& vc = blocks_[router].in[local];
    const std::uint32_t credit = vc.credit_wait;
    // A speculative winner leaves before the cycle in which it could have asked in its turn.
    const auto late = static_cast<std::int32_t>(static_cast<std::uint32_t>(now_) - vc.eligible);
    const std::uint32_t lost = late > 0 ? static_cast<std::uint32_t>(late) - credit : 0;
    StallCounters& stalls = stalls_[router * Shape::most_ports + port];
    stalls.no_credit += credit;
    stalls.lost_allocation += lost;
    vc.credit_wait = 0;
    if constexpr (Derived::accounts_packets) {
        derived().waited(flit, lost, credit);
    }
}

template <class Shape, class Derived>
void VcCore<Shape, Derived>::record_hop(std::uint32_t router, std::uint32_t local, std::uint32_t port, Flit flit) {
    if (hop_index_.empty()) {
        hop_index_.resize(blocks_.size() * Shape::slots);
    }
    std::uint32_t& index = hop_index_[router * Shape::slots + local];
    index = flit.head() ? 0 : index + 1;
    hops_->push_back({now_ + plan_.router.vc.switch_alloc_delay, router, port, derived().id_of(flit), index});
}

} // namespace intarsia::noc
