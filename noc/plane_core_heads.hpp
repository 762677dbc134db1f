// PlaneCore: heads, their routes and virtual channels, router by router. Included by plane_core.hpp.
#pragma once

#include "noc/plane_core.hpp"

namespace intarsia::noc {

// A head is at the front of its buffer from cycle `since` on (this one or the next).
template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
inline void PlaneCore<Ports, VcBits, CountBits, Derived>::come_to_front(const Tables& at, Group& state,
                                                                        std::uint32_t router, std::uint32_t local,
                                                                        std::uint64_t since) {
    In& in = at.ins[index(router, local)];
    const Flit flit = at.rings[(index(router, local) << at.ring_bits) + in.head];
    RouteEntry entry = routes_.lookup(router, local, flit.destination());
    if (entry.port == RouteEntry::is_list) [[unlikely]] {
        const RouteList& list = routes_.list(entry);
        const RouteOption& option = list.options[derived().random_of(flit) >> list.random_bit & 1U];
        entry = {option.port, option.vcs};
    }
    in.allowed = static_cast<std::uint16_t>(entry.vcs & plan_.class_vcs[flit.message_class()]);
    in.front_since = static_cast<std::uint32_t>(since);
    Heads& heads = at.heads[router];
    heads.wants[entry.port] |= 1ULL << local;
    heads.want_ports |= static_cast<std::uint16_t>(1U << entry.port);
    if ((heads.want_ports & heads.free_ports) != 0) {
        state.trying |= 1ULL << (router & 63U);
    }
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
inline void PlaneCore<Ports, VcBits, CountBits, Derived>::allocate_vcs(const Tables& at, Group& state,
                                                                       std::uint32_t router) {
    Heads& heads = at.heads[router];
    for (std::uint32_t rest = heads.want_ports & heads.free_ports; rest != 0; rest &= rest - 1) {
        const std::uint32_t port = lowest_of(rest);
        const std::uint64_t asking = heads.wants[port];
        if (!is_single(asking)) {
            allocate_contended(state, router, port);
            continue;
        }
        const std::uint32_t local = lowest_of(asking);
        const In& in = at.ins[index(router, local)];
        const std::uint32_t offered = field(heads.free, port << vc_bits(), 1U << vc_bits()) & in.allowed;
        if (offered != 0) {
            // The pointer runs over all output VCs of the router: elsewhere than in this port it means the first.
            const std::uint32_t from = std::uint32_t{in.accept_from} >> vc_bits() == port ? vc_of(in.accept_from) : 0;
            give_vc(at, state, router, local, port << vc_bits() | first_at_or_after(offered, from));
        }
    }
    if ((heads.want_ports & heads.free_ports) != 0) {
        state.trying |= 1ULL << (router & 63U);
    }
}

// Each free output VC grants one of the heads that may have it, each head accepts one of its grants.
template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
void PlaneCore<Ports, VcBits, CountBits, Derived>::allocate_contended(Group& state, std::uint32_t router,
                                                                      std::uint32_t port) {
    const Tables at = tables();
    const std::uint64_t asking = heads_[router].wants[port];
    const std::uint32_t first = port << vc_bits();
    std::uint32_t common = ~0U;
    for (std::uint64_t rest = asking; rest != 0; rest &= rest - 1) {
        common &= ins_[index(router, lowest_of(rest))].allowed;
    }
    std::array<std::uint16_t, 16> granted; // by VC of the port, where `granting` says so
    std::uint32_t granting = 0;
    for (std::uint32_t rest = field(heads_[router].free, first, 1U << vc_bits()); rest != 0; rest &= rest - 1) {
        const std::uint32_t vc = lowest_of(rest);
        std::uint64_t may = (common >> vc & 1U) != 0 ? asking : 0;
        for (std::uint64_t others = asking & ~may; others != 0; others &= others - 1) {
            const std::uint32_t local = lowest_of(others);
            may |= std::uint64_t{ins_[index(router, local)].allowed >> vc & 1U} << local;
        }
        if (may != 0) {
            granted[vc] =
                static_cast<std::uint16_t>(first_at_or_after(may, outs_[index(router, first | vc)].grant_from));
            granting |= 1U << vc;
        }
    }
    while (granting != 0) {
        const std::uint32_t local = granted[lowest_of(granting)];
        std::uint32_t grants = 0;
        for (std::uint32_t rest = granting; rest != 0; rest &= rest - 1) {
            const std::uint32_t vc = lowest_of(rest);
            grants |= granted[vc] == local ? 1U << vc : 0U;
        }
        granting &= ~grants;
        const std::uint32_t pointer = ins_[index(router, local)].accept_from;
        const std::uint32_t from = pointer >> vc_bits() == port ? vc_of(pointer) : 0;
        give_vc(at, state, router, local, first | first_at_or_after(grants, from));
    }
}

template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
[[gnu::always_inline]] inline void
PlaneCore<Ports, VcBits, CountBits, Derived>::give_vc(const Tables& at, Group& state, std::uint32_t router,
                                                      std::uint32_t local, std::uint32_t output) {
    const std::uint32_t port = output >> vc_bits();
    const std::uint64_t self = 1ULL << (router & 63U);
    Heads& heads = at.heads[router];
    In& in = at.ins[index(router, local)];
    Out& out = at.outs[index(router, output)];
    out.owner = static_cast<std::uint16_t>(local);
    out.grant_from = static_cast<std::uint16_t>((local + 1) & 63U);
    in.out = static_cast<std::uint16_t>(output);
    in.accept_from = static_cast<std::uint16_t>((output + 1) & 63U);
    heads.free &= ~(1ULL << output);
    if (field(heads.free, port << vc_bits(), 1U << vc_bits()) == 0) {
        heads.free_ports &= static_cast<std::uint16_t>(~(1U << port));
    }
    heads.wants[port] &= ~(1ULL << local);
    if (heads.wants[port] == 0) {
        heads.want_ports &= static_cast<std::uint16_t>(~(1U << port));
    }
    const std::uint32_t waited = static_cast<std::uint32_t>(at.now) - in.front_since;
    if (waited != 0) {
        stalls_[std::size_t(router) * ports() + port].no_vc += waited;
    }
    state.active[local] |= self;
    state.to[port][local] |= self;
    // Without a credit it cannot ask for the switch; a credit wakes it.
    state.starved[local] = (state.starved[local] & ~self) | (self & ~state.credit[output]);
}

} // namespace intarsia::noc
