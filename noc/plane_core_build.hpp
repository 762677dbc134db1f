// PlaneCore: construction and accounts. Included by plane_core.hpp.
#pragma once

#include "noc/plane_core.hpp"

#include <fmt/format.h>

namespace intarsia::noc {

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
PlaneCore<Ports, VcBits, CountBits, Derived>::PlaneCore(const NetworkPlan& plan)
    : plan_(plan), routes_(plan.routes), ports_(plan.most_ports()), vc_bits_(plan.routes.vc_bits()) {
    require((Ports < 0 || static_cast<std::uint32_t>(Ports) == ports_) && ports_ <= most_ports,
            "an engine is made for its number of ports");
    require((VcBits < 0 || static_cast<std::uint32_t>(VcBits) == vc_bits_) && slots() <= most_slots,
            "an engine is made for its number of virtual channels");
    // One look-up beats several while the table stays small.
    constexpr std::uint64_t small_table = 1ULL << 18U;
    if (!routes_.dense() && plan.routers.size() * plan.endpoints.size() <= small_table) {
        routes_ = routes_.as_dense();
    }
    build();
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::build() {
    const std::size_t routers = plan_.routers.size();
    const std::uint32_t depth = plan_.routers.front().ports.front().buffer_flits;
    require(depth < 1U << count_bits, "buffers fit the engine's counters");
    ring_bits_ = static_cast<std::uint32_t>(std::bit_width(depth - 1));
    ring_mask_ = (1U << ring_bits_) - 1;
    slot_bits_ = static_cast<std::uint32_t>(std::bit_width(slots() - 1));
    plane_count_ = (routers + 63) / 64 * slots();
    groups_.resize((routers + 63) / 64);
    heads_.resize(routers);
    ins_.resize(routers << slot_bits());
    outs_.resize(routers << slot_bits());
    rings_.resize(routers << slot_bits() << ring_bits_);
    require(rings_.size() <= UINT32_MAX, "buffers are numbered in 32 bits");
    stalls_.resize(routers * ports());
    hop_index_.resize(routers << slot_bits());
    const auto is_slow = [](const NetworkPort& port) { return port.interval_numerator != port.interval_denominator; };
    if (std::any_of(plan_.routers.begin(), plan_.routers.end(), [&](const NetworkRouter& router) {
            return std::any_of(router.ports.begin(), router.ports.end(), is_slow);
        })) {
        slow_.resize(routers * ports());
    }
    std::uint64_t longest = 2;
    for (std::uint32_t r = 0; r < routers; ++r) {
        for (std::uint32_t p = 0; p < plan_.routers[r].ports.size(); ++p) {
            require(plan_.routers[r].ports[p].buffer_flits == depth, "buffers have one depth");
            build_port(r, p);
            const std::size_t first = index(r, p << vc_bits());
            longest = std::max<std::uint64_t>({longest, outs_[first].delay, ins_[first].delay});
        }
    }
    const auto common = [&](const auto& channels, std::uint32_t delay) {
        return std::all_of(channels.begin(), channels.end(),
                           [&](const auto& channel) { return channel.is_link == 0 || channel.delay == delay; })
                   ? delay
                   : 0;
    };
    for (std::size_t i = 0; i < outs_.size(); ++i) {
        arrive_delay_ = outs_[i].is_link != 0 ? outs_[i].delay : arrive_delay_;
        credit_delay_ = ins_[i].is_link != 0 ? ins_[i].delay : credit_delay_;
    }
    arrive_delay_ = common(outs_, arrive_delay_);
    credit_delay_ = common(ins_, credit_delay_);
    extend_wheel(longest);
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::build_port(std::uint32_t r, std::uint32_t p) {
    const VcRouterOptions& options = plan_.router.vc;
    const NetworkPort& port = plan_.routers[r].ports[p];
    Group& state = groups_[r >> 6U];
    const Plane self = 1ULL << (r & 63U);
    const auto plane_of = [&](const PortEnd& end, std::uint32_t vc) {
        return static_cast<std::uint32_t>((end.router >> 6U) * slots() + (end.port << vc_bits() | vc));
    };
    const auto cycles = [](std::uint64_t delay) {
        require(delay <= UINT16_MAX, "delays fit the engine's counters");
        return static_cast<std::uint16_t>(delay);
    };
    const std::uint32_t sw = options.switch_alloc_delay;
    for (std::uint32_t vc = 0; vc < plan_.virtual_channels; ++vc) {
        const std::uint32_t local = p << vc_bits() | vc;
        In& in = ins_[index(r, local)];
        Out& out = outs_[index(r, local)];
        in.is_link = port.use == PortUse::link && port.from.exists() ? 1 : 0;
        out.is_link = port.use == PortUse::link && port.to.exists() ? 1 : 0;
        out.delay = cycles(std::uint64_t{sw} + options.traversal_delay + port.latency_cycles);
        if (port.use == PortUse::link) {
            if (port.from.exists()) {
                in.credit_plane = plane_of(port.from, vc);
                in.credit_bit = 1ULL << (port.from.router & 63U);
                in.delay = cycles(std::uint64_t{sw} + options.credit_delay_cycles +
                                  plan_.routers[port.from.router].ports[port.from.port].latency_cycles);
            }
            if (!port.to.exists()) {
                continue;
            }
            out.ring = static_cast<std::uint32_t>(index(port.to.router, port.to.port << vc_bits() | vc) << ring_bits_);
            out.arrive_plane = plane_of(port.to, vc);
            out.arrive_bit = 1ULL << (port.to.router & 63U);
            const std::uint32_t depth = plan_.routers[port.to.router].ports[port.to.port].buffer_flits;
            for (std::uint32_t k = 0; k < count_bits; ++k) {
                state.credit_count[local][k] |= (depth >> k & 1U) != 0 ? self : 0;
            }
        } else {
            in.credit_plane = out.ring = port.endpoint;
            in.delay = cycles(std::uint64_t{sw} + port.latency_cycles);
        }
        state.credit[local] |= self;
        heads_[r].free |= 1ULL << local;
        heads_[r].free_ports |= static_cast<std::uint16_t>(1U << p);
    }
    if (!slow_.empty()) {
        slow_[std::size_t(r) * ports() + p] = {port.interval_numerator, port.interval_denominator, 0};
    }
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::count_credits(std::uint32_t router, std::uint32_t port,
                                                                 std::uint32_t credits) {
    require(credits < 1U << count_bits, "credits fit the engine's counters");
    Group& state = groups_[router >> 6U];
    const Plane self = 1ULL << (router & 63U);
    for (std::uint32_t vc = 0; vc < plan_.virtual_channels; ++vc) {
        const std::uint32_t local = port << vc_bits() | vc;
        outs_[index(router, local)].arrive_bit = 1;
        for (std::uint32_t k = 0; k < count_bits; ++k) {
            state.credit_count[local][k] |= (credits >> k & 1U) != 0 ? self : 0;
        }
    }
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::extend_wheel(std::uint64_t delay) {
    const std::uint64_t size = std::bit_ceil(delay + 1);
    if (posted_.size() >= size) {
        return;
    }
    wheel_mask_ = size - 1;
    posted_.assign(size, 0);
    arrivals_.assign(size * plane_count_, 0);
    credits_.assign(size * plane_count_, 0);
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
std::uint64_t PlaneCore<Ports, VcBits, CountBits, Derived>::sent_in_all() const {
    std::uint64_t flits = 0;
    for (const Out& out : outs_) {
        flits += out.sent;
    }
    return flits;
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
template <class PacketText>
void PlaneCore<Ports, VcBits, CountBits, Derived>::describe_waits(std::size_t lines, const PacketText& packet_text,
                                                                  std::vector<std::string>& text) const {
    for (std::uint32_t r = 0; r < plan_.routers.size(); ++r) {
        const Group& state = groups_[r >> 6U];
        const auto is = [&](const PerSlot<Plane>& planes, std::uint32_t local) {
            return (planes[local] >> (r & 63U) & 1U) != 0;
        };
        for (std::uint32_t local = 0; local < plan_.routers[r].ports.size() << vc_bits() && text.size() < lines;
             ++local) {
            if (!is(state.occupied, local) || (is(state.active, local) && !is(state.starved, local))) {
                continue;
            }
            const In& in = ins_[index(r, local)];
            const Flit flit = rings_[(index(r, local) << ring_bits_) + in.head];
            Waiting waiting{r, local >> vc_bits(), vc_of(local), -1, routes_.lookup(r, local, flit.destination()), {}};
            if (is(state.active, local)) {
                waiting.output = in.out;
            }
            for (std::uint32_t vc = 0; vc < plan_.virtual_channels; ++vc) {
                const std::uint32_t output = waiting.entry.port << vc_bits() | vc;
                const bool mine = ((plan_.class_vcs[flit.message_class()] & waiting.entry.vcs) >> vc & 1U) != 0;
                if (waiting.entry.port < plan_.routers[r].ports.size() && mine &&
                    (heads_[r].free >> output & 1U) == 0) {
                    waiting.holders.push_back(outs_[index(r, output)].owner);
                }
            }
            text.push_back(wait_line(plan_, waiting, packet_text(flit.packet())));
        }
    }
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::audit_routers(std::uint32_t endpoint_credits) const {
    for (std::uint32_t r = 0; r < plan_.routers.size(); ++r) {
        const Group& state = groups_[r >> 6U];
        const auto bit = [&](Plane plane) { return plane >> (r & 63U) & 1U; };
        for (std::uint32_t p = 0; p < plan_.routers[r].ports.size(); ++p) {
            const NetworkPort& port = plan_.routers[r].ports[p];
            for (std::uint32_t vc = 0; vc < plan_.virtual_channels; ++vc) {
                const std::uint32_t local = p << vc_bits() | vc;
                std::uint32_t credits = 0;
                std::uint32_t count = 0;
                for (std::uint32_t k = 0; k < count_bits; ++k) {
                    credits |= static_cast<std::uint32_t>(bit(state.credit_count[local][k])) << k;
                    count |= static_cast<std::uint32_t>(bit(state.count[local][k])) << k;
                }
                const bool empty = count == 0 && bit(state.occupied[local]) == 0 && bit(state.active[local]) == 0;
                const bool has_output = port.use != PortUse::link || port.to.exists();
                const std::uint32_t home = port.use != PortUse::link ? endpoint_credits
                                           : has_output ? plan_.routers[port.to.router].ports[port.to.port].buffer_flits
                                                        : 0;
                audit_channel(plan_, r, p, vc, empty, !has_output || (heads_[r].free >> local & 1U) != 0, credits,
                              home);
            }
        }
    }
}

} // namespace intarsia::noc
