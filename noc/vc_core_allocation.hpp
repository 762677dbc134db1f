// VcCore: VC and switch allocation of the common router (iSLIP, round robin, one option a head). Included by
// vc_core.hpp.
#pragma once

#include "noc/vc_core.hpp"

namespace intarsia::noc {

template <class Shape, class Derived>
INTARSIA_INLINE void VcCore<Shape, Derived>::allocate_vcs(const Cycle& cycle, Block& block, Sets& sets,
                                                          std::uint32_t router) {
    for (PortMask ports = sets.want_ports & sets.free_ports; ports; drop_lowest(ports)) {
        const std::uint32_t port = lowest_of(ports);
        const Mask asking = block.outputs[port].wants;
        std::uint32_t offered = field(sets.free, port << vc_bits(), 1U << vc_bits());
        offered = derived().narrow(router, port, offered);
        if (!is_single(asking)) {
            block.sets = sets;
            allocate_contended(router, port, offered);
            sets = block.sets;
            continue;
        }
        const std::uint32_t local = lowest_of(asking);
        offered &= block.in[local].allowed;
        if (offered != 0) {
            // The pointer runs over all output VCs of the router: elsewhere than in this port it means the first.
            const std::uint32_t pointer = block.in[local].accept_from;
            const std::uint32_t from = pointer >> vc_bits() == port ? vc_of(pointer) : 0;
            give_vc(cycle.now32, block, sets, router, local, port << vc_bits() | first_at_or_after(offered, from));
        }
    }
}

// Each free output VC grants one of the heads that may have it, each head accepts one of its grants.
template <class Shape, class Derived>
void VcCore<Shape, Derived>::allocate_contended(std::uint32_t router, std::uint32_t port, std::uint32_t offered) {
    Block& block = blocks_[router];
    const Mask asking = block.outputs[port].wants;
    std::array<Index, 16> granted; // by VC of the port, where `granting` says so
    std::uint32_t granting = 0;
    const std::uint32_t first = port << vc_bits();
    std::uint32_t common = ~0U;
    std::uint32_t any = 0;
    for (Mask rest = asking; rest; drop_lowest(rest)) {
        const std::uint32_t allowed = block.in[lowest_of(rest)].allowed;
        common &= allowed;
        any |= allowed;
    }
    for (std::uint32_t rest = offered & any; rest != 0; rest &= rest - 1) {
        const std::uint32_t vc = lowest_of(rest);
        Mask heads = asking;
        if ((common >> vc & 1U) == 0) {
            for (Mask others = asking; others; drop_lowest(others)) {
                const std::uint32_t local = lowest_of(others);
                if ((block.in[local].allowed >> vc & 1U) == 0) {
                    heads &= ~member<Mask>(local);
                }
            }
        }
        granted[vc] = static_cast<Index>(first_at_or_after(heads, block.out[first | vc].grant_from));
        granting |= 1U << vc;
    }
    while (granting != 0) {
        const std::uint32_t local = granted[lowest_of(granting)];
        std::uint32_t grants = 0;
        for (std::uint32_t rest = granting; rest != 0; rest &= rest - 1) {
            const std::uint32_t vc = lowest_of(rest);
            grants |= granted[vc] == local ? 1U << vc : 0U;
        }
        granting &= ~grants;
        const std::uint32_t pointer = block.in[local].accept_from;
        const std::uint32_t from = pointer >> vc_bits() == port ? vc_of(pointer) : 0;
        give_vc(static_cast<std::uint32_t>(now_), block, block.sets, router, local,
                first | first_at_or_after(grants, from));
    }
}

template <class Shape, class Derived>
INTARSIA_INLINE void VcCore<Shape, Derived>::give_vc(std::uint32_t now, Block& block, Sets& sets, std::uint32_t router,
                                                     std::uint32_t local, std::uint32_t output) {
    const std::uint32_t port = output >> vc_bits();
    const Mask self = member<Mask>(local);
    InputVc& head = block.in[local];
    OutputVc& given = block.out[output];
    given.owner = static_cast<std::uint16_t>(local);
    given.grant_from = static_cast<std::uint16_t>((local + 1) & (Shape::slots - 1));
    head.out = static_cast<std::uint16_t>(output);
    head.accept_from = static_cast<std::uint16_t>((output + 1) & (Shape::slots - 1));
    sets.free &= ~member<Mask>(output);
    if (field(sets.free, port << vc_bits(), 1U << vc_bits()) == 0) {
        sets.free_ports &= ~member<PortMask>(port);
    }
    std::uint32_t from = now + 1;
    if constexpr (Shape::general) {
        from = now + vc_delay_;
        general_[router].waiting &= ~self;
    } else {
        block.outputs[port].wants &= ~self;
        if (!block.outputs[port].wants) {
            sets.want_ports &= ~member<PortMask>(port);
        }
    }
    if (derived().given(router, port, vc_of(output))) {
        sets.free_ports &= ~member<PortMask>(port);
    }
    if (from != head.eligible) {
        waited_for_vc(router, local, port, from - head.eligible);
        head.eligible = from;
    }
    if (given.credits == 0) {
        sets.starved |= self;
        head.starved_since = from;
    }
    block.outputs[port].to |= self;
    if constexpr (Shape::general) {
        if (vc_delay_ > 1) {
            general_due(router, now_ + vc_delay_).owners |= self;
            general_[router].granted |= self;
            return;
        }
    }
    sets.active |= self;
}

template <class Shape, class Derived>
void VcCore<Shape, Derived>::waited_for_vc(std::uint32_t router, std::uint32_t local, std::uint32_t port,
                                           std::uint32_t cycles) {
    StallCounters& stalls = stalls_[router * Shape::most_ports + port];
    if constexpr (Derived::accounts_packets) {
        const Flit head = front(router, local);
        const std::uint32_t gated = derived().gated(router, port, head);
        stalls.no_credit += gated;
        stalls.no_vc += cycles - gated;
        derived().waited(head, cycles - gated, gated);
    } else {
        stalls.no_vc += cycles;
    }
}

// Each input puts forward one VC an output, then one iteration over input and output ports.
template <class Shape, class Derived>
INTARSIA_INLINE void VcCore<Shape, Derived>::allocate_switch(const Cycle& cycle, Block& block, Sets& sets,
                                                             std::uint32_t router, const Mask& ready) {
    std::array<std::uint16_t, Shape::most_ports> accepted; // by input port, where `inputs` says so
    PortMask inputs{};
    for (Mask rest = ready; rest;) {
        const std::uint32_t local = lowest_of(rest);
        const std::uint32_t port = static_cast<std::uint32_t>(block.in[local].out) >> vc_bits();
        const Mask asking = block.outputs[port].to & ready;
        rest &= ~asking;
        std::uint32_t granted = local;
        if (!is_single(asking)) {
            granted = first_at_or_after(group_heads(asking, vc_bits()), block.outputs[port].grant_from);
        }
        granted >>= vc_bits();
        if (!has(inputs, granted)) {
            inputs |= member<PortMask>(granted);
            accepted[granted] = static_cast<std::uint16_t>(port);
        } else {
            // Of two grants an input accepts the one that its pointer comes to first.
            const std::uint32_t pointer = block.inputs[granted].accept_from;
            const std::uint32_t before = (accepted[granted] - pointer) & (Shape::most_ports - 1);
            if (((port - pointer) & (Shape::most_ports - 1)) < before) {
                accepted[granted] = static_cast<std::uint16_t>(port);
            }
        }
    }
    for (; inputs; drop_lowest(inputs)) {
        const std::uint32_t in_port = lowest_of(inputs);
        const std::uint32_t port = accepted[in_port];
        InputPort<Mask>& input = block.inputs[in_port];
        const std::uint32_t vcs = field(block.outputs[port].to & ready, in_port << vc_bits(), 1U << vc_bits());
        const std::uint32_t vc = first_at_or_after(vcs, input.first_vc);
        input.first_vc = static_cast<std::uint16_t>(vc_of(vc + 1));
        input.accept_from = static_cast<std::uint16_t>((port + 1) & (Shape::most_ports - 1));
        block.outputs[port].grant_from = static_cast<std::uint16_t>(((in_port + 1) << vc_bits()) & (Shape::slots - 1));
        send(cycle, block, sets, router, in_port << vc_bits() | vc, port);
    }
}

} // namespace intarsia::noc
