// The routers' cycle: arrivals, credits, traversal.
#include "noc/fabric_core.hpp"

namespace intarsia::noc {

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
    routers_[router].want |= RouterState::bit(message_class, buffer.out_port);
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
            routers_[router].free |= RouterState::bit(message_class, out_port);
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
