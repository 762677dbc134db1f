// VcCore: what the general router does besides: routes and VCs that take cycles, heads with several options, the other
// allocators and arbiters, speculation. Included by vc_core.hpp.
#pragma once

#include "noc/vc_core.hpp"

namespace intarsia::noc {

// Chooses among requesting inputs: the highest priority first (where there are priorities), then the oldest packet or
// the first at or after a pointer. `flit_of(input)` is the front flit of an input.
template <class Shape, class Derived>
template <class Set, class FlitOf>
std::uint32_t VcCore<Shape, Derived>::choose(Set asking, std::uint32_t pointer, const FlitOf& flit_of) {
    const VcRouterOptions& options = plan_.router.vc;
    if (options.priorities) {
        std::uint32_t highest = 0;
        for (Set rest = asking; rest; drop_lowest(rest)) {
            highest = std::max<std::uint32_t>(highest, derived().priority_of(flit_of(lowest_of(rest))));
        }
        for (Set rest = asking; rest; drop_lowest(rest)) {
            const std::uint32_t input = lowest_of(rest);
            if (derived().priority_of(flit_of(input)) != highest) {
                asking &= ~member<Set>(input);
            }
        }
    }
    if (options.arbiter == Arbiter::round_robin) {
        return first_at_or_after(asking, pointer);
    }
    std::uint32_t oldest = lowest_of(asking);
    for (Set rest = asking; rest; drop_lowest(rest)) {
        const std::uint32_t input = lowest_of(rest);
        if (derived().older(flit_of(input), flit_of(oldest))) {
            oldest = input;
        }
    }
    return oldest;
}

template <class Shape, class Derived>
void VcCore<Shape, Derived>::take_general(const Cycle& cycle, Block& block, Sets& sets, std::uint32_t router) {
    GeneralDue& slot = general_wheel_[(std::size_t(router) << wheel_bits_) + (now_ & wheel_mask_)];
    GeneralBlock<Shape>& general = general_[router];
    for (Mask owners = slot.owners & general.granted; owners; drop_lowest(owners)) {
        const std::uint32_t local = lowest_of(owners);
        // A speculative winner has gone meanwhile, and its buffer's next head may have a VC of its own, for later.
        if (block.in[local].eligible == static_cast<std::uint32_t>(now_)) {
            sets.active |= member<Mask>(local);
            general.granted &= ~member<Mask>(local);
        }
    }
    for (Mask heads = slot.routed; heads; drop_lowest(heads)) {
        const std::uint32_t local = lowest_of(heads);
        ask_for_vc(cycle, block, sets, router, local, front(router, local), cycle.now32);
    }
    slot = GeneralDue{};
}

// Adaptive channels are given only while their buffer is empty: Duato's proof needs every head at the front of its
// buffer able to turn to the escape channel, so no packet may end up behind another in an adaptive one.
template <class Shape, class Derived>
std::uint32_t VcCore<Shape, Derived>::empty_vcs(const Block& block, std::uint32_t port) const {
    std::uint32_t vcs = 0;
    for (std::uint32_t vc = 0; vc < plan_.virtual_channels; ++vc) {
        const OutputVc& channel = block.out[port << vc_bits() | vc];
        vcs |= channel.credits == channel.home ? 1U << vc : 0U;
    }
    return vcs;
}

template <class Shape, class Derived>
void VcCore<Shape, Derived>::allocate_vcs_general(const Cycle& cycle, Block& block, Sets& sets, std::uint32_t router) {
    const VcRouterOptions& options = plan_.router.vc;
    const GeneralBlock<Shape>& general = general_[router];
    const auto flit_at = [&](std::uint32_t local) { return this->front(router, local); };
    std::array<Mask, Shape::slots> wanted; // by head: free output VCs that it may have
    std::array<Mask, Shape::slots> asked;  // by output VC, where `outputs` says so: heads that ask
    Mask heads{};
    Mask outputs{};
    const auto ask = [&](std::uint32_t local, std::uint32_t output) {
        if (!has(outputs, output)) {
            outputs |= member<Mask>(output);
            asked[output] = Mask{};
        }
        asked[output] |= member<Mask>(local);
    };
    for (Mask rest = general.waiting; rest; drop_lowest(rest)) {
        const std::uint32_t local = lowest_of(rest);
        const RouteEntry entry = general.route[local];
        const std::uint32_t class_vcs = plan_.class_vcs[flit_at(local).message_class()];
        Mask mine{};
        const auto add = [&](std::uint32_t port, std::uint32_t vcs) {
            const std::uint32_t first = port << vc_bits();
            const std::uint32_t free = derived().narrow(router, port, field(sets.free, first, 1U << vc_bits()));
            for (std::uint32_t set = free & vcs & class_vcs; set != 0; set &= set - 1) {
                mine |= member<Mask>(first | lowest_of(set));
            }
        };
        if (entry.port == RouteEntry::is_list) {
            for (const RouteOption& option : routes_.list(entry).options) {
                add(option.port, option.escape ? option.vcs : option.vcs & empty_vcs(block, option.port));
            }
        } else {
            add(entry.port, entry.vcs);
        }
        if (!mine) {
            continue;
        }
        heads |= member<Mask>(local);
        if (options.allocator == Allocator::separable_input_first) {
            ask(local, first_at_or_after(mine, block.in[local].accept_from));
        } else {
            wanted[local] = Mask{};
            for (; mine; drop_lowest(mine)) {
                ask(local, lowest_of(mine));
            }
        }
    }
    if (options.allocator == Allocator::separable_input_first) {
        for (; outputs; drop_lowest(outputs)) {
            const std::uint32_t output = lowest_of(outputs);
            const std::uint32_t local = choose(asked[output], block.out[output].grant_from, flit_at);
            give_vc(cycle.now32, block, sets, router, local, output);
        }
        return;
    }
    // Grants of the outputs, then each head accepts one of its own.
    Mask granted{};
    for (; outputs; drop_lowest(outputs)) {
        const std::uint32_t output = lowest_of(outputs);
        const std::uint32_t local = choose(asked[output], block.out[output].grant_from, flit_at);
        wanted[local] |= member<Mask>(output);
        granted |= member<Mask>(local);
    }
    for (; granted; drop_lowest(granted)) {
        const std::uint32_t local = lowest_of(granted);
        give_vc(cycle.now32, block, sets, router, local, first_at_or_after(wanted[local], block.in[local].accept_from));
    }
}

template <class Shape, class Derived>
void VcCore<Shape, Derived>::allocate_switch_general(const Cycle& cycle, Block& block, Sets& sets, std::uint32_t router,
                                                     const Mask& ready, const Mask& heads) {
    const VcRouterOptions& options = plan_.router.vc;
    GeneralBlock<Shape>& general = general_[router];
    constexpr std::uint32_t most = Shape::most_ports;
    const auto flit_at = [&](std::uint32_t local) { return this->front(router, local); };
    const std::uint32_t stride = 1U << vc_bits();
    std::array<Mask, most> asking;       // by output port, where `outputs` says so
    std::array<std::uint32_t, most> won; // by input port: local VC
    std::array<std::uint32_t, most> won_port;
    PortMask taken_inputs{};
    PortMask taken_outputs{};

    // Of an input's VCs that ask for an output, the one that is put forward.
    const auto put_forward = [&](const Mask& asked, std::uint32_t in_port, std::uint32_t pointer) {
        const std::uint32_t vcs = field(asked, in_port << vc_bits(), stride);
        return in_port << vc_bits() |
               choose(vcs, pointer, [&](std::uint32_t vc) { return flit_at(in_port << vc_bits() | vc); });
    };
    // One iteration over ports; winners in won / won_port, their inputs returned.
    const auto match = [&](PortMask outputs, const auto& grant_from, const auto& accept_from, const auto& vc_from) {
        std::array<PortMask, most> grants; // by input port, where `inputs` says so
        std::array<Mask, most> bids;       // by output port: put-forward VCs of bidding inputs
        PortMask inputs{};
        PortMask matched{};
        for (PortMask rest = outputs; rest; drop_lowest(rest)) {
            const std::uint32_t port = lowest_of(rest);
            Mask forward{};
            for (Mask ports = group_heads(asking[port], vc_bits()); ports; drop_lowest(ports)) {
                const std::uint32_t in_port = lowest_of(ports) >> vc_bits();
                forward |= member<Mask>(put_forward(asking[port], in_port, vc_from(in_port)));
                if (!has(inputs, in_port)) {
                    inputs |= member<PortMask>(in_port);
                    grants[in_port] = PortMask{};
                }
                if (options.allocator == Allocator::separable_input_first) {
                    grants[in_port] |= member<PortMask>(port);
                }
            }
            bids[port] = forward;
        }
        PortMask chosen_outputs = outputs;
        if (options.allocator == Allocator::separable_input_first) {
            // Each input keeps its bid at one output only.
            chosen_outputs = PortMask{};
            for (PortMask rest = inputs; rest; drop_lowest(rest)) {
                const std::uint32_t in_port = lowest_of(rest);
                const std::uint32_t keep = first_at_or_after(grants[in_port], accept_from(in_port));
                for (PortMask others = grants[in_port]; others; drop_lowest(others)) {
                    const std::uint32_t port = lowest_of(others);
                    if (port != keep) {
                        for (std::uint32_t set = field(bids[port], in_port << vc_bits(), stride); set != 0;
                             set &= set - 1) {
                            bids[port] &= ~member<Mask>(in_port << vc_bits() | lowest_of(set));
                        }
                    }
                }
                chosen_outputs |= member<PortMask>(keep);
                grants[in_port] = PortMask{};
            }
        }
        for (PortMask rest = chosen_outputs; rest; drop_lowest(rest)) {
            const std::uint32_t port = lowest_of(rest);
            const std::uint32_t local = choose(bids[port], grant_from(port), flit_at);
            grants[local >> vc_bits()] |= member<PortMask>(port);
            matched |= member<PortMask>(local >> vc_bits());
        }
        for (PortMask rest = matched; rest; drop_lowest(rest)) {
            const std::uint32_t in_port = lowest_of(rest);
            const std::uint32_t port = first_at_or_after(grants[in_port], accept_from(in_port));
            won_port[in_port] = port;
            won[in_port] = in_port << vc_bits() | lowest_of(field(bids[port], in_port << vc_bits(), stride));
        }
        return matched;
    };

    PortMask outputs{};
    for (Mask rest = ready; rest;) {
        const std::uint32_t port = static_cast<std::uint32_t>(block.in[lowest_of(rest)].out) >> vc_bits();
        asking[port] = block.outputs[port].to & ready;
        rest &= ~asking[port];
        outputs |= member<PortMask>(port);
    }
    const PortMask winners = match(
        outputs, [&](std::uint32_t port) { return block.outputs[port].grant_from; },
        [&](std::uint32_t in_port) { return block.inputs[in_port].accept_from; },
        [&](std::uint32_t in_port) { return block.inputs[in_port].first_vc; });

    // The speculative matching reads the same cycle's state, so it is found before anything is sent.
    std::array<std::uint32_t, most> sure;
    std::array<std::uint32_t, most> sure_port;
    for (PortMask rest = winners; rest; drop_lowest(rest)) {
        const std::uint32_t in_port = lowest_of(rest);
        sure[in_port] = won[in_port];
        sure_port[in_port] = won_port[in_port];
        taken_inputs |= member<PortMask>(in_port);
        taken_outputs |= member<PortMask>(won_port[in_port]);
    }
    PortMask speculative{};
    if (heads) {
        outputs = PortMask{};
        for (Mask rest = heads; rest; drop_lowest(rest)) {
            const std::uint32_t local = lowest_of(rest);
            const RouteEntry entry = general.route[local];
            const std::uint32_t port =
                entry.port == RouteEntry::is_list ? routes_.list(entry).options.front().port : entry.port;
            if (has(taken_inputs, local >> vc_bits()) || has(taken_outputs, port) || has(block.blocked, port)) {
                continue;
            }
            if (!has(outputs, port)) {
                outputs |= member<PortMask>(port);
                asking[port] = Mask{};
            }
            asking[port] |= member<Mask>(local);
        }
        speculative = match(
            outputs, [&](std::uint32_t port) { return general.speculative_grant[port]; },
            [&](std::uint32_t in_port) { return general.speculative_accept[in_port]; },
            [&](std::uint32_t in_port) { return general.speculative_vc[in_port]; });
    }
    const auto next_port = [](std::uint32_t port) { return static_cast<Index>((port + 1) & (most - 1)); };
    const auto next_input = [&](std::uint32_t in_port) {
        return static_cast<Index>(((in_port + 1) << vc_bits()) & (Shape::slots - 1));
    };
    for (PortMask rest = winners; rest; drop_lowest(rest)) {
        const std::uint32_t in_port = lowest_of(rest);
        const std::uint32_t port = sure_port[in_port];
        block.inputs[in_port].first_vc = static_cast<std::uint16_t>(vc_of(sure[in_port] + 1));
        block.inputs[in_port].accept_from = next_port(port);
        block.outputs[port].grant_from = next_input(in_port);
        send(cycle, block, sets, router, sure[in_port], port);
    }
    for (PortMask rest = speculative; rest; drop_lowest(rest)) {
        const std::uint32_t in_port = lowest_of(rest);
        const std::uint32_t local = won[in_port];
        const std::uint32_t port = won_port[in_port];
        const bool owns = has(sets.active, local) || has(general.granted, local);
        if (!owns || static_cast<std::uint32_t>(block.in[local].out) >> vc_bits() != port ||
            block.out[block.in[local].out].credits == 0) {
            continue;
        }
        general.speculative_vc[in_port] = static_cast<Index>(vc_of(local + 1));
        general.speculative_accept[in_port] = next_port(port);
        general.speculative_grant[port] = next_input(in_port);
        general.granted &= ~member<Mask>(local);
        sets.active |= member<Mask>(local);
        send(cycle, block, sets, router, local, port);
    }
}

} // namespace intarsia::noc
