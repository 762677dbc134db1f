// VcCore: construction and accounts. Included by vc_core.hpp.
#pragma once

#include "noc/vc_core.hpp"

namespace intarsia::noc {

template <class Shape, class Derived>
VcCore<Shape, Derived>::VcCore(const NetworkPlan& plan) : plan_(plan), routes_(plan.routes) {
    vc_bits_ = plan.routes.vc_bits();
    require(Shape::fixed_vc_bits < 0 || static_cast<std::uint32_t>(Shape::fixed_vc_bits) == vc_bits_,
            "an engine is made for its number of virtual channels");
    require(plan.most_ports() <= Shape::most_ports && plan.most_ports() << vc_bits_ <= Shape::slots,
            "an engine is made for its number of ports");
    // One look-up beats several while the table stays small.
    constexpr std::uint64_t small_table = 1ULL << 18U;
    if (!routes_.dense() && plan.routers.size() * plan.endpoints.size() <= small_table) {
        routes_ = routes_.as_dense();
    }
    vc_delay_ = plan.router.vc.vc_alloc_delay;
    route_delay_ = plan.router.vc.route_delay;
    words_ = (plan.routers.size() + 63) / 64;
    pending_.assign(words_, 0);
    build();
}

template <class Shape, class Derived>
void VcCore<Shape, Derived>::build() {
    const std::size_t routers = plan_.routers.size();
    blocks_.resize(routers);
    stalls_.resize(routers * Shape::most_ports);
    if constexpr (Shape::general) {
        general_.resize(routers);
    }
    std::uint32_t deepest = 1;
    bool slow = false;
    for (const NetworkRouter& router : plan_.routers) {
        for (const NetworkPort& port : router.ports) {
            deepest = std::max(deepest, port.buffer_flits);
            slow = slow || port.interval_numerator != port.interval_denominator;
        }
    }
    require(deepest <= 1U << 15U, "buffers fit the engine's counters");
    ring_bits_ = static_cast<std::uint32_t>(std::bit_width(deepest - 1));
    require((routers * Shape::slots) << ring_bits_ <= UINT32_MAX, "buffers are numbered in 32 bits");
    rings_.resize((routers * Shape::slots) << ring_bits_);
    if (slow) {
        slow_.resize(routers * Shape::most_ports);
    }
    std::uint64_t longest = vc_delay_ + route_delay_ + 1;
    for (std::uint32_t r = 0; r < routers; ++r) {
        for (std::uint32_t p = 0; p < plan_.routers[r].ports.size(); ++p) {
            build_channels(r, p);
            longest = std::max<std::uint64_t>({longest, blocks_[r].outputs[p].delay, blocks_[r].inputs[p].delay});
        }
    }
    extend_wheel(longest);
}

template <class Shape, class Derived>
void VcCore<Shape, Derived>::build_channels(std::uint32_t r, std::uint32_t p) {
    const VcRouterOptions& options = plan_.router.vc;
    const auto ring_mask = [](std::uint32_t depth) { return static_cast<std::uint16_t>(std::bit_ceil(depth) - 1); };
    const auto cycles = [](std::uint64_t delay) {
        require(delay <= UINT16_MAX, "delays fit the engine's counters");
        return static_cast<std::uint16_t>(delay);
    };
    const NetworkPort& port = plan_.routers[r].ports[p];
    Block& block = blocks_[r];
    OutputPort<Mask>& output = block.outputs[p];
    InputPort<Mask>& input = block.inputs[p];
    output.use = input.use = port.use;
    output.delay = cycles(std::uint64_t{options.switch_alloc_delay} + options.traversal_delay + port.latency_cycles);
    bool has_output = true;
    std::uint32_t credits = 1;
    if (port.use == PortUse::link) {
        has_output = port.to.exists();
        if (has_output) {
            const std::uint32_t depth = plan_.routers[port.to.router].ports[port.to.port].buffer_flits;
            for (std::uint32_t vc = 0; vc < plan_.virtual_channels; ++vc) {
                OutputVc& channel = block.out[p << vc_bits_ | vc];
                channel.target = static_cast<std::uint16_t>(port.to.port << vc_bits_ | vc);
                channel.ring = &rings_[ring(port.to.router, channel.target)];
                channel.mask = ring_mask(depth);
            }
            credits = depth;
        }
        if (port.from.exists()) {
            input.first = static_cast<std::uint16_t>(port.from.port << vc_bits_);
            input.delay = cycles(std::uint64_t{options.switch_alloc_delay} + options.credit_delay_cycles +
                                 plan_.routers[port.from.router].ports[port.from.port].latency_cycles);
        }
    } else {
        output.number = input.number = port.endpoint;
        output.credit_cost = port.use == PortUse::border ? 1 : 0;
        credits = port.use == PortUse::border ? port.credits : 1;
        input.delay = cycles(std::uint64_t{options.switch_alloc_delay} + port.latency_cycles);
    }
    if (!slow_.empty()) {
        slow_[r * Shape::most_ports + p] = {port.interval_numerator, port.interval_denominator, 0};
    }
    for (std::uint32_t vc = 0; vc < plan_.virtual_channels && has_output; ++vc) {
        block.sets.free |= member<Mask>(p << vc_bits_ | vc);
        block.sets.free_ports |= member<PortMask>(p);
        block.out[p << vc_bits_ | vc].credits = static_cast<std::uint16_t>(credits);
        block.out[p << vc_bits_ | vc].home = static_cast<std::uint16_t>(credits);
    }
    for (std::uint32_t vc = 0; vc < plan_.virtual_channels; ++vc) {
        InputVc& channel = block.in[p << vc_bits_ | vc];
        channel.ring = &rings_[ring(r, p << vc_bits_ | vc)];
        channel.mask = ring_mask(port.buffer_flits);
    }
}

template <class Shape, class Derived>
void VcCore<Shape, Derived>::extend_wheel(std::uint64_t delay) {
    const auto bits = static_cast<std::uint32_t>(std::bit_width(delay));
    if (!wheel_.empty() && bits <= wheel_bits_) {
        return;
    }
    wheel_bits_ = bits;
    wheel_mask_ = (1ULL << bits) - 1;
    wheel_.assign(blocks_.size() << bits, Due{});
    busy_.assign(words_ << bits, 0);
    if constexpr (Shape::general) {
        general_wheel_.assign(blocks_.size() << bits, GeneralDue{});
    }
    place_wheel();
}

// Ports know the places in the wheel that they write to.
template <class Shape, class Derived>
void VcCore<Shape, Derived>::place_wheel() {
    for (std::uint32_t r = 0; r < blocks_.size(); ++r) {
        for (std::uint32_t p = 0; p < plan_.routers[r].ports.size(); ++p) {
            const NetworkPort& port = plan_.routers[r].ports[p];
            const auto place = [&](auto& side, const PortEnd& end) {
                if (port.use == PortUse::link && end.exists()) {
                    side.due = &wheel_[std::size_t(end.router) << wheel_bits_];
                    side.busy = &busy_[std::size_t(end.router >> 6U) << wheel_bits_];
                    side.busy_bit = 1ULL << (end.router & 63U);
                }
            };
            place(blocks_[r].outputs[p], port.to);
            place(blocks_[r].inputs[p], port.from);
        }
    }
}

template <class Shape, class Derived>
void VcCore<Shape, Derived>::count_credits(std::uint32_t router, std::uint32_t port, std::uint32_t credits) {
    blocks_[router].outputs[port].credit_cost = 1;
    for (std::uint32_t vc = 0; vc < plan_.virtual_channels; ++vc) {
        blocks_[router].out[port << vc_bits() | vc].credits = static_cast<std::uint16_t>(credits);
        blocks_[router].out[port << vc_bits() | vc].home = static_cast<std::uint16_t>(credits);
    }
}

template <class Shape, class Derived>
std::uint64_t VcCore<Shape, Derived>::sent_in_all() const {
    std::uint64_t flits = 0;
    for (const Block& block : blocks_) {
        for (const OutputVc& vc : block.out) {
            flits += vc.sent;
        }
    }
    return flits;
}

template <class Shape, class Derived>
template <class PacketText>
void VcCore<Shape, Derived>::describe_waits(std::size_t lines, const PacketText& packet_text,
                                            std::vector<std::string>& text) const {
    for (std::uint32_t r = 0; r < plan_.routers.size(); ++r) {
        const Block& block = blocks_[r];
        for (Mask rest = block.sets.occupied & (~block.sets.active | block.sets.starved); rest && text.size() < lines;
             drop_lowest(rest)) {
            const std::uint32_t local = lowest_of(rest);
            const Flit flit = front(r, local);
            Waiting waiting{r, local >> vc_bits(), vc_of(local), -1, routes_.lookup(r, local, flit.destination()), {}};
            if (has(block.sets.active, local)) {
                waiting.output = block.in[local].out;
            }
            if (waiting.entry.port < plan_.routers[r].ports.size()) {
                if constexpr (Derived::accounts_packets) {
                    waiting.refused = static_cast<const Derived&>(*this).closed(r, waiting.entry.port);
                }
                for (std::uint32_t vc = 0; vc < plan_.virtual_channels; ++vc) {
                    const std::uint32_t output = waiting.entry.port << vc_bits() | vc;
                    const bool mine = ((plan_.class_vcs[flit.message_class()] & waiting.entry.vcs) >> vc & 1U) != 0;
                    if (mine && !has(block.sets.free, output)) {
                        waiting.holders.push_back(block.out[output].owner);
                    }
                }
            }
            text.push_back(wait_line(plan_, waiting, packet_text(flit.packet())));
        }
    }
}

template <class Shape, class Derived>
void VcCore<Shape, Derived>::audit_routers(std::uint32_t endpoint_credits) const {
    for (std::uint32_t r = 0; r < plan_.routers.size(); ++r) {
        const Block& block = blocks_[r];
        for (std::uint32_t p = 0; p < plan_.routers[r].ports.size(); ++p) {
            const NetworkPort& port = plan_.routers[r].ports[p];
            const bool has_output = port.use != PortUse::link || port.to.exists();
            std::uint32_t home = port.use == PortUse::endpoint ? endpoint_credits : port.credits;
            if (port.use == PortUse::link) {
                home = has_output ? plan_.routers[port.to.router].ports[port.to.port].buffer_flits : 0;
            }
            for (std::uint32_t vc = 0; vc < plan_.virtual_channels; ++vc) {
                const std::uint32_t local = p << vc_bits() | vc;
                const bool empty =
                    block.in[local].count == 0 && !has(block.sets.occupied, local) && !has(block.sets.active, local);
                const std::uint32_t credits = block.outputs[p].credit_cost == 0 ? home : block.out[local].credits;
                audit_channel(plan_, r, p, vc, empty, !has_output || has(block.sets.free, local),
                              has_output ? credits : 0, home);
            }
        }
    }
}

} // namespace intarsia::noc
