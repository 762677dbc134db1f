// FabricEngine: network interfaces, D2D link ports, packet credits. Included by fabric_engine.hpp.
#pragma once

#include "noc/fabric_engine.hpp"

namespace intarsia::noc {

template <class Shape>
FabricEngine<Shape>::FabricEngine(const PackagePlan& plan, std::uint32_t die, Clock clock)
    : DieNetwork{plan_of_die(plan, die)}, FabricCore(plan.die(die)), Core(DieNetwork::network), package_(plan),
      die_index_(die), clock_(clock) {
    build_edges();
}

template <class Shape>
void FabricEngine<Shape>::build_edges() {
    // Ejection takes three cycles, nothing else at the edges longer but credits of links.
    edges_.resize(std::bit_ceil(std::max(3U, die_.network.credit_delay_cycles) + 1));
    edge_mask_ = edges_.size() - 1;
    const std::uint32_t depth = die_.network.vc_buffer_flits;
    const std::uint32_t all_vcs = (1U << die_.virtual_channels()) - 1;
    interface_of_.assign(package_.endpoint_count(), no_interface);
    gates_.assign(die_.routers.size() * max_router_ports, no_interface);
    busy_interfaces_.resize((die_.endpoints.size() + 63) / 64);
    for (const EndpointId id : die_.endpoints) {
        const EndpointPlan& endpoint = package_.endpoint(id);
        const auto index = static_cast<std::uint32_t>(interfaces_.size());
        interface_of_[id] = index;
        Interface interface;
        interface.endpoint = id;
        interface.router = endpoint.router;
        interface.port = endpoint.port;
        interface.with_credit = static_cast<std::uint16_t>(all_vcs);
        interface.place_mask = static_cast<std::uint16_t>(std::bit_ceil(depth) - 1);
        interface.credits.fill(static_cast<std::uint16_t>(depth));
        for (std::uint32_t c = 0; c < message_classes; ++c) {
            interface.streams[c].queue.assign(die_.network.interface_queue_packets, no_packet);
            interface.streams[c].next_vc = static_cast<std::uint8_t>(die_.first_vc(static_cast<MessageClass>(c)));
        }
        interface.gated = endpoint.request_credits > 0;
        interface.request_credits = endpoint.request_credits;
        if (interface.gated) {
            gates_[endpoint.router * max_router_ports + endpoint.port] = index;
        }
        interfaces_.push_back(std::move(interface));
    }
    for (const LinkPortPlan& link : die_.link_ports) {
        LinkInput input;
        input.packet.fill(no_packet);
        input.place_mask = static_cast<std::uint16_t>(std::bit_ceil(link.receive_buffer_flits) - 1);
        link_inputs_.push_back(input);
    }
}

template <class Shape>
std::uint32_t FabricEngine<Shape>::new_slot() {
    if (free_slots_.empty()) {
        packets_.emplace_back();
        states_.emplace_back();
        credit_lags_.emplace_back();
        return static_cast<std::uint32_t>(packets_.size() - 1);
    }
    const std::uint32_t slot = free_slots_.back();
    free_slots_.pop_back();
    credit_lags_[slot] = Picoseconds(0);
    return slot;
}

template <class Shape>
void FabricEngine<Shape>::recycle() {
    free_slots_.insert(free_slots_.end(), recycled_.begin(), recycled_.end());
    recycled_.clear();
    ejected_.clear();
    departures_.clear();
    queue_credits_.clear();
    link_credits_.clear();
}

template <class Shape>
void FabricEngine<Shape>::inject(const Packet& packet, std::uint64_t cycle) {
    const auto message_class = static_cast<std::uint32_t>(class_of(packet.kind));
    const std::uint32_t index = interface_of_[packet.source];
    require(index != no_interface, "a packet enters the network at an interface of its source's die");
    require(packet.flits > 0 && this->plan_.class_vcs[message_class] != 0,
            "a packet has flits, and its class virtual channels");
    Stream& stream = interfaces_[index].streams[message_class];
    require(stream.size < stream.queue.size(), "an interface queue never overflows: its client owns credits");
    const std::uint32_t slot = new_slot();
    packets_[slot] = packet;
    packets_[slot].journey.append(metrics::Leaf::noc_transit, clock_.edge(cycle)); // the way into the queue
    std::uint32_t place = stream.first + stream.size;
    place = place < stream.queue.size() ? place : place - static_cast<std::uint32_t>(stream.queue.size());
    stream.queue[place] = slot;
    ++stream.size;
    refresh_interface(index);
}

template <class Shape>
std::uint32_t FabricEngine<Shape>::queue_space(EndpointId endpoint, MessageClass message_class) const {
    const Stream& stream = interfaces_[interface_of_[endpoint]].streams[static_cast<std::size_t>(message_class)];
    return static_cast<std::uint32_t>(stream.queue.size()) - stream.size;
}

template <class Shape>
void FabricEngine<Shape>::return_request_credit(EndpointId endpoint, std::uint64_t cycle) {
    require(interface_of_[endpoint] != no_interface, "a packet credit comes from an endpoint of the die");
    Interface& interface = interfaces_[interface_of_[endpoint]];
    require(interface.gated && interface.request_credits < package_.endpoint(endpoint).request_credits,
            "an endpoint returns only the packet credits that were taken");
    if (interface.request_credits++ == 0) {
        interface.starved += static_cast<std::uint32_t>(cycle) - interface.starved_since;
        auto& sets = this->blocks_[interface.router].sets;
        if (field(sets.free, interface.port << this->vc_bits(), 1U << this->vc_bits()) != 0) {
            sets.free_ports |= member<typename Shape::PortMask>(interface.port);
            this->wake(interface.router);
        }
    }
}

template <class Shape>
void FabricEngine<Shape>::receive_flit(std::uint32_t link_port, const LinkFlit& flit, std::uint64_t cycle) {
    LinkInput& input = link_inputs_[link_port];
    require(input.last_cycle != cycle, "a link hands over one flit a cycle");
    require(flit.vc < die_.virtual_channels(), "a link's flit comes on a virtual channel of the die");
    input.last_cycle = cycle;
    const auto cycle32 = static_cast<std::uint32_t>(cycle);
    if (flit.head) {
        require(input.packet[flit.vc] == no_packet, "packets do not interleave on a link's virtual channel");
        const std::uint32_t slot = new_slot();
        input.packet[flit.vc] = slot;
        packets_[slot] = flit.packet;
        packets_[slot].journey.append(metrics::Leaf::d2d_transit, clock_.edge(cycle)); // the way into the buffer
        states_[slot] = PacketState{};
        states_[slot].entered = cycle32;
        states_[slot].head_due = cycle32;
    }
    const std::uint32_t slot = input.packet[flit.vc];
    require(slot != no_packet, "a packet's head is the first to come over a link");
    const std::uint32_t message_class = class_of_vc(flit.vc);
    ++counters_.received.flits[message_class];
    if (flit.tail) {
        input.packet[flit.vc] = no_packet;
        credit_lags_[slot] = flit.credit_lag;
        states_[slot].arrival_lag = cycle32 - states_[slot].entered - (packets_[slot].flits - 1);
        ++counters_.received.packets[message_class];
    }
    const LinkPortPlan& plan = die_.link_ports[link_port];
    require(input.held[flit.vc]++ < plan.receive_buffer_flits,
            "a receive buffer never overflows: the link owns credits");
    const std::uint32_t place = input.place[flit.vc];
    input.place[flit.vc] = static_cast<std::uint16_t>((place + 1) & input.place_mask);
    this->post_flit(plan.router, plan.port << this->vc_bits() | flit.vc, place,
                    Flit(slot, packets_[slot].destination, message_class, flit.head, flit.tail), cycle);
    this->last_progress_ = cycle;
}

template <class Shape>
void FabricEngine<Shape>::return_link_credit(std::uint32_t link_port, std::uint8_t vc, std::uint64_t cycle) {
    require(vc < die_.virtual_channels(), "a link's credit is for a virtual channel of the die");
    edge_at(cycle + die_.network.credit_delay_cycles).link_credits.push_back({link_port, vc});
}

template <class Shape>
void FabricEngine<Shape>::tick(std::uint64_t cycle) {
    this->now_ = cycle;
    recycle();
    take_edge_slot();
    for (std::size_t word = 0; word < busy_interfaces_.size(); ++word) {
        for (std::uint64_t busy = busy_interfaces_[word]; busy != 0; busy &= busy - 1) {
            send_from_interface(static_cast<std::uint32_t>(word * 64) +
                                static_cast<std::uint32_t>(std::countr_zero(busy)));
        }
    }
    this->run_routers(cycle);
}

template <class Shape>
std::uint64_t FabricEngine<Shape>::next_cycle(std::uint64_t cycle) const {
    if (std::any_of(busy_interfaces_.begin(), busy_interfaces_.end(), [](std::uint64_t word) { return word != 0; })) {
        return cycle + 1;
    }
    std::uint64_t next = this->next_router_cycle(cycle);
    for (std::uint64_t ahead = 1; ahead <= edge_mask_ && cycle + ahead < next; ++ahead) {
        if (!edges_[(cycle + ahead) & edge_mask_].empty()) {
            next = cycle + ahead;
        }
    }
    return next;
}

template <class Shape>
void FabricEngine<Shape>::take_edge_slot() {
    EdgeSlot& slot = edge_at(this->now_);
    for (const std::uint32_t credit : slot.interface_credits) {
        take_interface_credit(credit >> 4U, credit & 15U);
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
    for (const LinkCredit& credit : slot.link_credits) {
        const LinkPortPlan& plan = die_.link_ports[credit.link_port];
        this->add_credit(plan.router, plan.port << this->vc_bits() | credit.vc);
    }
    slot.link_credits.clear();
    slot.interface_credits.clear();
    slot.ejections.clear();
    slot.departures.clear();
}

template <class Shape>
void FabricEngine<Shape>::take_interface_credit(std::uint32_t index, std::uint32_t vc) {
    Interface& interface = interfaces_[index];
    if (interface.credits[vc]++ == 0) {
        interface.with_credit |= static_cast<std::uint16_t>(1U << vc);
        Stream& stream = interface.streams[class_of_vc(vc)];
        if (stream.flits_left > 0 && stream.vc == vc) {
            stream.credit_wait += static_cast<std::uint32_t>(this->now_) - stream.credit_since;
        }
        refresh_interface(index);
    }
}

template <class Shape>
bool FabricEngine<Shape>::sendable(const Interface& from, std::uint32_t message_class) const {
    const Stream& stream = from.streams[message_class];
    if (stream.flits_left > 0) {
        return (from.with_credit >> stream.vc & 1U) != 0;
    }
    return stream.size > 0 && (from.with_credit & this->plan_.class_vcs[message_class]) != 0;
}

template <class Shape>
void FabricEngine<Shape>::refresh_interface(std::uint32_t index) {
    const Interface& interface = interfaces_[index];
    const std::uint64_t bit = 1ULL << (index & 63U);
    if (sendable(interface, 0) || sendable(interface, 1)) {
        busy_interfaces_[index >> 6U] |= bit;
    } else {
        busy_interfaces_[index >> 6U] &= ~bit;
    }
}

template <class Shape>
void FabricEngine<Shape>::send_from_interface(std::uint32_t index) {
    Interface& interface = interfaces_[index];
    const std::uint32_t message_class = sendable(interface, interface.turn) ? interface.turn : 1U - interface.turn;
    interface.turn = static_cast<std::uint8_t>(1 - message_class);
    Stream& stream = interface.streams[message_class];
    const std::uint32_t slot = stream.queue[stream.first];
    const Packet& packet = packets_[slot];
    PacketState& state = states_[slot];
    const auto now = static_cast<std::uint32_t>(this->now_);
    const bool head = stream.flits_left == 0;
    if (head) {
        const std::uint32_t choice = interface.with_credit & this->plan_.class_vcs[message_class];
        stream.vc = static_cast<std::uint8_t>(first_at_or_after<std::uint32_t>(choice, stream.next_vc));
        stream.next_vc = stream.vc + 1U;
        stream.flits_left = packet.flits;
        state = PacketState{};
        state.entered = now;
        state.head_due = now + 2;
    } else if (stream.eligible != now) {
        state.body_credit += stream.credit_wait;
        state.body_allocation += now - stream.eligible - stream.credit_wait;
    }
    const std::uint32_t vc = stream.vc;
    const std::uint32_t place = interface.place[vc];
    interface.place[vc] = static_cast<std::uint16_t>((place + 1) & interface.place_mask);
    this->post_flit(interface.router, interface.port << this->vc_bits() | vc, place,
                    Flit(slot, packet.destination, message_class, head, stream.flits_left == 1), this->now_ + 2);
    ++counters_.injected.flits[message_class];
    this->last_progress_ = this->now_;
    if (--interface.credits[vc] == 0) {
        interface.with_credit &= static_cast<std::uint16_t>(~(1U << vc));
    }
    stream.eligible = now + 1;
    stream.credit_wait = 0;
    stream.credit_since = now + 1;
    if (--stream.flits_left == 0) {
        stream.first = stream.first + 1 < stream.queue.size() ? stream.first + 1 : 0;
        --stream.size;
        ++counters_.injected.packets[message_class];
        queue_credits_.push_back({interface.endpoint, static_cast<MessageClass>(message_class)});
    }
    refresh_interface(index);
}

template <class Shape>
void FabricEngine<Shape>::eject(std::uint32_t, std::uint32_t, Flit flit, std::uint32_t delay) {
    PacketState& state = states_[flit.packet()];
    if (flit.head()) {
        state.head_due = static_cast<std::uint32_t>(this->now_) + delay;
        state.routers = flit.hops();
    }
    if (flit.tail()) {
        edge_at(this->now_ + delay).ejections.push_back(flit.packet());
    }
}

template <class Shape>
void FabricEngine<Shape>::depart(std::uint32_t link_port, std::uint32_t vc, Flit flit) {
    PacketState& state = states_[flit.packet()];
    if (flit.head()) {
        state.head_due = static_cast<std::uint32_t>(this->now_) + 1;
        state.routers = flit.hops();
    }
    edge_at(this->now_ + 1)
        .departures.push_back({link_port, flit.packet(), static_cast<std::uint8_t>(vc), flit.head(), flit.tail()});
}

template <class Shape>
void FabricEngine<Shape>::freed(PortUse use, std::uint32_t number, std::uint32_t vc, std::uint32_t delay) {
    if (use == PortUse::endpoint) {
        edge_at(this->now_ + delay).interface_credits.push_back(number << 4U | vc);
    } else {
        --link_inputs_[number].held[vc];
        link_credits_.push_back({number, static_cast<std::uint8_t>(vc)});
    }
}

// Packet credits of interfaces that take requests only against them.

template <class Shape>
const typename FabricEngine<Shape>::Interface* FabricEngine<Shape>::gate(std::uint32_t router,
                                                                         std::uint32_t port) const {
    const std::uint32_t index = gates_[router * max_router_ports + port];
    return index == no_interface ? nullptr : &interfaces_[index];
}

template <class Shape>
std::uint32_t FabricEngine<Shape>::narrow(std::uint32_t router, std::uint32_t port, std::uint32_t offered) const {
    if (const Interface* interface = gate(router, port)) {
        std::uint32_t requests = offered & this->plan_.class_vcs[0];
        while (static_cast<std::uint32_t>(std::popcount(requests)) > interface->request_credits) {
            requests &= requests - 1;
        }
        return requests | (offered & this->plan_.class_vcs[1]);
    }
    return offered;
}

template <class Shape>
bool FabricEngine<Shape>::given(std::uint32_t router, std::uint32_t port, std::uint32_t vc) {
    const std::uint32_t index = gates_[router * max_router_ports + port];
    if (index == no_interface || class_of_vc(vc) != 0 || --interfaces_[index].request_credits > 0) {
        return false;
    }
    interfaces_[index].starved_since = static_cast<std::uint32_t>(this->now_) + 1;
    return true;
}

template <class Shape>
bool FabricEngine<Shape>::closed(std::uint32_t router, std::uint32_t port) const {
    const Interface* interface = gate(router, port);
    return interface != nullptr && interface->request_credits == 0;
}

template <class Shape>
void FabricEngine<Shape>::asks(std::uint32_t router, std::uint32_t port, Flit head, std::uint32_t since) {
    if (const Interface* interface = gate(router, port)) {
        const std::uint32_t lacking = interface->request_credits == 0 ? since - interface->starved_since : 0;
        states_[head.packet()].gate_base = interface->starved + lacking;
    }
}

template <class Shape>
std::uint32_t FabricEngine<Shape>::gated(std::uint32_t router, std::uint32_t port, Flit head) const {
    const Interface* interface = gate(router, port);
    return interface == nullptr ? 0 : interface->starved - states_[head.packet()].gate_base;
}

} // namespace intarsia::noc
