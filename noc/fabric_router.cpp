// The routers' cycle: arrivals and credits, VC allocation, switch allocation and traversal.
#include "noc/fabric_core.hpp"

#include <bit>

namespace intarsia::noc {

namespace {

// The first set bit at or after `from`, round the end. `set` is not empty, `from` at most 31.
std::uint32_t first_from(std::uint32_t set, std::uint32_t from) {
    const std::uint32_t later = set & (~0U << from);
    return static_cast<std::uint32_t>(std::countr_zero(later != 0 ? later : set));
}

// The same over `words` words; `from` may be one past the end.
std::uint32_t first_from(const std::uint64_t* set, std::uint32_t words, std::uint32_t from) {
    std::uint32_t word = from >> 6U;
    if (word < words) {
        const std::uint64_t later = set[word] & (~0ULL << (from & 63U));
        if (later != 0) {
            return word * 64 + static_cast<std::uint32_t>(std::countr_zero(later));
        }
        for (++word; word < words; ++word) {
            if (set[word] != 0) {
                return word * 64 + static_cast<std::uint32_t>(std::countr_zero(set[word]));
            }
        }
    }
    for (word = 0; set[word] == 0; ++word) {
    }
    return word * 64 + static_cast<std::uint32_t>(std::countr_zero(set[word]));
}

constexpr std::uint32_t want_bit(std::uint32_t message_class, std::uint32_t out_port) {
    return 1U << (message_class * max_router_ports + out_port);
}

} // namespace

void FabricCore::take_wheel_slot() {
    WheelSlot& slot = slot_at(now_);
    for (const std::uint32_t vc : slot.arrivals) {
        arrive(vc);
    }
    for (const std::uint32_t vc : slot.credits) {
        take_credit(vc);
    }
    for (const std::uint32_t vc : slot.interface_credits) {
        take_interface_credit(vc);
    }
    for (const std::uint32_t packet : slot.ejections) {
        end_journey_at_endpoint(packet);
        ejected_.push_back(packet);
        recycled_.push_back(packet);
    }
    for (const LinkDeparture& departure : slot.departures) {
        if (departure.head) {
            end_journey_at_link(departure.packet);
        }
        const std::uint32_t message_class = class_of_vc(departure.vc);
        ++counters_.sent.flits[message_class];
        if (departure.tail) {
            ++counters_.sent.packets[message_class];
            recycled_.push_back(departure.packet);
        }
        departures_.push_back(departure);
    }
    slot.arrivals.clear();
    slot.credits.clear();
    slot.interface_credits.clear();
    slot.ejections.clear();
    slot.departures.clear();
}

void FabricCore::arrive(std::uint32_t vc) {
    InputVc& buffer = in_vcs_[vc];
    if (buffer.count++ > 0) {
        return;
    }
    const auto now = static_cast<std::uint32_t>(now_);
    if (buffer.state == VcState::idle) {
        buffer.eligible = now + 1;
        begin_waiting(vc, now);
        return;
    }
    // A body flit of the packet that owns an output VC: it may ask for the switch in this very cycle.
    buffer.eligible = now;
    buffer.credit_wait = 0;
    buffer.credit_since = now;
    const std::uint32_t router = router_of_vc(vc);
    if (out_vcs_[port_index(router, buffer.out_port) << vc_bits_ | buffer.out_vc].credits > 0) {
        make_ready(router, vc);
        mark_busy(router);
    }
}

// An input VC has a flit, an output VC and a credit.
inline void FabricCore::make_ready(std::uint32_t router, std::uint32_t vc) {
    const std::uint32_t in_port = vc >> vc_bits_;
    in_ports_[in_port].ready |= static_cast<std::uint16_t>(1U << (vc & ((1U << vc_bits_) - 1)));
    routers_[router].ready_ports |= 1U << (in_port & ((1U << port_bits_) - 1));
}

// A head has come to the front; `first_try` is the first cycle in which it takes part in VC allocation.
void FabricCore::begin_waiting(std::uint32_t vc, std::uint32_t first_try) {
    InputVc& buffer = in_vcs_[vc];
    const Flit& flit = rings_[buffer.ring + (buffer.head & buffer.mask)];
    const std::uint32_t router = router_of_vc(vc);
    const std::uint32_t message_class = class_of_vc(vc & ((1U << vc_bits_) - 1));
    buffer.state = VcState::waiting;
    buffer.out_port = die_.out_ports[router * interface_of_.size() + flit.destination];
    buffer.credit_wait = 0;
    const std::uint32_t out = port_index(router, buffer.out_port);
    if (out_ports_[out].kind == PortKind::endpoint) {
        const Interface& interface = interfaces_[out_ports_[out].target];
        const bool starving = interface.gated && interface.request_credits == 0;
        buffer.credit_since = interface.starved + (starving ? first_try - interface.starved_since : 0);
    }
    const std::uint32_t local = vc & ((1U << (port_bits_ + vc_bits_)) - 1);
    wanted_by(out, message_class)[local >> 6U] |= 1ULL << (local & 63U);
    routers_[router].want |= want_bit(message_class, buffer.out_port);
    mark_busy(router);
}

void FabricCore::take_credit(std::uint32_t output_vc) {
    OutputVc& out = out_vcs_[output_vc];
    if (out.credits++ > 0 || out.owner == no_owner) {
        return;
    }
    const std::uint32_t router = router_of_vc(output_vc);
    const std::uint32_t vc = router << (port_bits_ + vc_bits_) | out.owner;
    InputVc& buffer = in_vcs_[vc];
    if (buffer.count == 0) {
        return;
    }
    buffer.credit_wait += static_cast<std::uint32_t>(now_) - buffer.credit_since;
    make_ready(router, vc);
    mark_busy(router);
}

// VC allocation first, but what it gives takes part in switch allocation from the next cycle on; a VC or head
// that switch allocation sets free takes part in VC allocation from the next cycle on.
void FabricCore::run_router(std::uint32_t router) {
    RouterState& state = routers_[router];
    if ((state.want & state.free) != 0) {
        allocate_vcs(router);
    }
    if (state.ready_ports != 0) {
        allocate_switch(router);
    }
    if (winner_count_ > 0) {
        activate_winners(router);
    }
    if ((state.want & state.free) == 0 && state.ready_ports == 0) {
        busy_routers_[router >> 6U] &= ~(1ULL << (router & 63U));
    }
}

void FabricCore::allocate_vcs(std::uint32_t router) {
    const RouterState& state = routers_[router];
    for (std::uint32_t pending = state.want & state.free; pending != 0; pending &= pending - 1) {
        const auto bit = static_cast<std::uint32_t>(std::countr_zero(pending));
        allocate_vcs_at(router, bit % max_router_ports, bit / max_router_ports);
    }
}

// One iSLIP iteration: each free output VC grants one of the heads that ask, each head accepts one of its
// grants, both round robin from pointers that move past what was accepted.
void FabricCore::allocate_vcs_at(std::uint32_t router, std::uint32_t out_port, std::uint32_t message_class) {
    const std::uint32_t index = port_index(router, out_port);
    const OutputPort& out = out_ports_[index];
    std::uint32_t offered = out.free & class_vcs_[message_class];
    if (out.kind == PortKind::endpoint && message_class == 0 && interfaces_[out.target].gated) {
        while (static_cast<std::uint32_t>(std::popcount(offered)) > interfaces_[out.target].request_credits) {
            offered &= offered - 1;
        }
    }
    const std::uint64_t* asking = wanted_by(index, message_class);
    std::uint32_t winners = 0; // output VCs, each with the head it grants
    std::array<std::uint16_t, max_virtual_channels> granted{};
    const auto accept = [&](std::uint32_t local, std::uint32_t grants) {
        // The pointer runs over all output VCs of the router: within this port it counts, elsewhere it means
        // the first.
        const std::uint32_t pointer = in_vcs_[router << (port_bits_ + vc_bits_) | local].accept_from;
        const std::uint32_t from = pointer >> vc_bits_ == out_port ? pointer & ((1U << vc_bits_) - 1) : 0;
        give_vc(router, out_port, first_from(grants, from), local);
    };
    if (words_ == 1 && (asking[0] & (asking[0] - 1)) == 0) {
        accept(static_cast<std::uint32_t>(std::countr_zero(asking[0])), offered);
        return;
    }
    for (std::uint32_t rest = offered; rest != 0; rest &= rest - 1) {
        const auto vc = static_cast<std::uint32_t>(std::countr_zero(rest));
        granted[vc] =
            static_cast<std::uint16_t>(first_from(asking, words_, out_vcs_[index << vc_bits_ | vc].grant_from));
        winners |= 1U << vc;
    }
    while (winners != 0) {
        const std::uint16_t local = granted[static_cast<std::uint32_t>(std::countr_zero(winners))];
        std::uint32_t grants = 0;
        for (std::uint32_t rest = winners; rest != 0; rest &= rest - 1) {
            const auto vc = static_cast<std::uint32_t>(std::countr_zero(rest));
            grants |= granted[vc] == local ? 1U << vc : 0U;
        }
        winners &= ~grants;
        accept(local, grants);
    }
}

void FabricCore::give_vc(std::uint32_t router, std::uint32_t out_port, std::uint32_t vc, std::uint32_t local) {
    const std::uint32_t index = port_index(router, out_port);
    OutputPort& out = out_ports_[index];
    OutputVc& output = out_vcs_[index << vc_bits_ | vc];
    InputVc& head = in_vcs_[router << (port_bits_ + vc_bits_) | local];
    RouterState& state = routers_[router];
    const std::uint32_t message_class = class_of_vc(vc);
    output.owner = static_cast<std::uint16_t>(local);
    output.grant_from = static_cast<std::uint16_t>(local + 1);
    head.out_vc = static_cast<std::uint8_t>(vc);
    head.accept_from = static_cast<std::uint16_t>((out_port << vc_bits_ | vc) + 1);
    out.free &= static_cast<std::uint16_t>(~(1U << vc));
    if ((out.free & class_vcs_[message_class]) == 0) {
        state.free &= ~want_bit(message_class, out_port);
    }
    if (out.kind == PortKind::endpoint && message_class == 0 && interfaces_[out.target].gated) {
        Interface& interface = interfaces_[out.target];
        head.credit_wait = interface.starved - head.credit_since;
        if (--interface.request_credits == 0) {
            interface.starved_since = static_cast<std::uint32_t>(now_) + 1;
            state.free &= ~want_bit(message_class, out_port);
        }
    }
    std::uint64_t* asking = wanted_by(index, message_class);
    asking[local >> 6U] &= ~(1ULL << (local & 63U));
    std::uint64_t others = 0;
    for (std::uint32_t word = 0; word < words_; ++word) {
        others |= asking[word];
    }
    if (others == 0) {
        state.want &= ~want_bit(message_class, out_port);
    }
    winners_[winner_count_++] = static_cast<std::uint16_t>(local);
}

void FabricCore::activate_winners(std::uint32_t router) {
    const std::uint32_t first_vc = router << (port_bits_ + vc_bits_);
    for (std::uint32_t i = 0; i < winner_count_; ++i) {
        const std::uint32_t local = winners_[i];
        InputVc& head = in_vcs_[first_vc | local];
        head.state = VcState::active;
        head.credit_since = static_cast<std::uint32_t>(now_) + 1;
        if (out_vcs_[first_vc | std::uint32_t(head.out_port) << vc_bits_ | head.out_vc].credits > 0) {
            make_ready(router, first_vc | local);
        }
    }
    winner_count_ = 0;
}

// Each input puts forward one VC an output (round robin), then one iSLIP iteration over input and output
// ports.
void FabricCore::allocate_switch(std::uint32_t router) {
    const std::uint32_t ready_ports = routers_[router].ready_ports;
    if ((ready_ports & (ready_ports - 1)) == 0) {
        const auto in_port = static_cast<std::uint32_t>(std::countr_zero(ready_ports));
        const std::uint32_t ready = in_ports_[port_index(router, in_port)].ready;
        if ((ready & (ready - 1)) == 0) {
            const auto vc = static_cast<std::uint32_t>(std::countr_zero(ready));
            grant_switch(router, in_port, vc, in_vcs_[port_index(router, in_port) << vc_bits_ | vc].out_port);
            return;
        }
    }
    arbitrate_switch(router);
}

void FabricCore::grant_switch(std::uint32_t router, std::uint32_t in_port, std::uint32_t vc, std::uint32_t out_port) {
    InputPort& in = in_ports_[port_index(router, in_port)];
    in.accept_from = static_cast<std::uint8_t>(out_port + 1);
    in.first_vc = static_cast<std::uint8_t>(vc + 1);
    out_ports_[port_index(router, out_port)].grant_from = static_cast<std::uint8_t>(in_port + 1);
    send(router, in_port, vc, out_port);
}

void FabricCore::arbitrate_switch(std::uint32_t router) {
    std::array<std::uint16_t, max_router_ports> asked_by{};
    std::array<std::uint16_t, max_router_ports> granted{};
    std::array<std::uint8_t, max_router_ports * max_router_ports> forward; // [input][output], where asked_by says so
    std::uint32_t outputs = 0;
    const std::uint32_t first_port = port_index(router, 0);
    for (std::uint32_t ports = routers_[router].ready_ports; ports != 0; ports &= ports - 1) {
        const auto in_port = static_cast<std::uint32_t>(std::countr_zero(ports));
        const InputPort& in = in_ports_[first_port + in_port];
        const InputVc* vcs = &in_vcs_[(first_port + in_port) << vc_bits_];
        std::uint32_t seen = 0;
        const auto put_forward = [&](std::uint32_t set) {
            for (; set != 0; set &= set - 1) {
                const auto vc = static_cast<std::uint32_t>(std::countr_zero(set));
                const std::uint32_t out_port = vcs[vc].out_port;
                if ((seen >> out_port & 1U) == 0) {
                    seen |= 1U << out_port;
                    asked_by[out_port] |= static_cast<std::uint16_t>(1U << in_port);
                    forward[in_port * max_router_ports + out_port] = static_cast<std::uint8_t>(vc);
                }
            }
        };
        const std::uint32_t from_first = ~0U << in.first_vc;
        put_forward(in.ready & from_first);
        put_forward(in.ready & ~from_first);
        outputs |= seen;
    }
    std::uint32_t inputs = 0;
    for (; outputs != 0; outputs &= outputs - 1) {
        const auto out_port = static_cast<std::uint32_t>(std::countr_zero(outputs));
        const std::uint32_t in_port = first_from(asked_by[out_port], out_ports_[first_port + out_port].grant_from);
        granted[in_port] |= static_cast<std::uint16_t>(1U << out_port);
        inputs |= 1U << in_port;
    }
    for (; inputs != 0; inputs &= inputs - 1) {
        const auto in_port = static_cast<std::uint32_t>(std::countr_zero(inputs));
        const std::uint32_t out_port = first_from(granted[in_port], in_ports_[first_port + in_port].accept_from);
        grant_switch(router, in_port, forward[in_port * max_router_ports + out_port], out_port);
    }
}

void FabricCore::account_wait(const InputVc& from, const Flit& flit, OutputPort& out) {
    const std::uint32_t wait = static_cast<std::uint32_t>(now_) - from.eligible;
    const std::uint32_t allocation = wait - from.credit_wait;
    out.counters.allocation_stalls += allocation;
    out.counters.credit_stalls += from.credit_wait;
    PacketState& state = states_[flit.packet];
    if (flit.head) {
        state.allocation += allocation;
        state.credit += from.credit_wait;
    } else {
        state.body_allocation += allocation;
        state.body_credit += from.credit_wait;
    }
}

void FabricCore::send(std::uint32_t router, std::uint32_t in_port, std::uint32_t vc, std::uint32_t out_port) {
    const std::uint32_t in_index = port_index(router, in_port);
    const std::uint32_t out_index = port_index(router, out_port);
    const std::uint32_t in_vc = in_index << vc_bits_ | vc;
    InputPort& in = in_ports_[in_index];
    OutputPort& out = out_ports_[out_index];
    InputVc& from = in_vcs_[in_vc];
    const Flit flit = rings_[from.ring + (from.head++ & from.mask)];
    --from.count;
    const auto now = static_cast<std::uint32_t>(now_);
    if (from.eligible != now) {
        account_wait(from, flit, out);
    }
    OutputVc& output = out_vcs_[out_index << vc_bits_ | from.out_vc];
    ++out.counters.flits;
    ++counters_.flit_hops;
    last_progress_ = now_;

    switch (out.kind) {
    case PortKind::mesh: {
        const std::uint32_t to = out.target << vc_bits_ | from.out_vc;
        InputVc& next = in_vcs_[to];
        rings_[next.ring + (next.tail++ & next.mask)] = flit;
        slot_at(now_ + hop_cycles_).arrivals.push_back(to);
        --output.credits;
        if (flit.head) {
            states_[flit.packet].head_due = now + hop_cycles_;
            ++states_[flit.packet].routers;
        }
        break;
    }
    case PortKind::endpoint:
        if (flit.head) {
            states_[flit.packet].head_due = now + 3;
            ++states_[flit.packet].routers;
        }
        if (flit.tail) {
            slot_at(now_ + 3).ejections.push_back(flit.packet);
        }
        break;
    case PortKind::link:
        if (flit.head) {
            states_[flit.packet].head_due = now + 1;
            ++states_[flit.packet].routers;
        }
        --output.credits;
        slot_at(now_ + 1).departures.push_back({out.target, flit.packet, from.out_vc, flit.head, flit.tail});
        break;
    }
    switch (in.kind) {
    case PortKind::mesh:
        slot_at(now_ + credit_cycles_).credits.push_back(in.upstream << vc_bits_ | vc);
        break;
    case PortKind::endpoint:
        slot_at(now_ + 2).interface_credits.push_back(in.upstream << vc_bits_ | vc);
        break;
    case PortKind::link:
        link_credits_.push_back({in.upstream, static_cast<std::uint8_t>(vc)});
        break;
    }

    from.credit_wait = 0;
    bool ready = false;
    if (flit.tail) {
        const std::uint32_t message_class = class_of_vc(from.out_vc);
        output.owner = no_owner;
        out.free |= static_cast<std::uint16_t>(1U << from.out_vc);
        const bool starving = out.kind == PortKind::endpoint && message_class == 0 && interfaces_[out.target].gated &&
                              interfaces_[out.target].request_credits == 0;
        if (!starving) {
            routers_[router].free |= want_bit(message_class, out_port);
        }
        from.state = VcState::idle;
        if (from.count > 0) {
            const Flit& next_head = rings_[from.ring + (from.head & from.mask)];
            from.eligible = states_[next_head.packet].head_due + 1;
            begin_waiting(in_vc, now + 1);
        }
    } else if (from.count > 0) {
        from.eligible = now + 1;
        from.credit_since = now + 1;
        ready = output.credits > 0;
    }
    if (!ready) {
        in.ready &= static_cast<std::uint16_t>(~(1U << vc));
        if (in.ready == 0) {
            routers_[router].ready_ports &= ~(1U << in_port);
        }
    }
}

} // namespace intarsia::noc
