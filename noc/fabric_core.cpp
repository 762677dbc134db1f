#include "noc/fabric_core.hpp"

#include <bit>

namespace intarsia::noc {

namespace {

constexpr std::uint32_t no_interface = UINT32_MAX;
constexpr std::size_t words_for(std::size_t bits) {
    return (bits + 63) / 64;
}
std::uint32_t bits_for(std::size_t count) {
    return static_cast<std::uint32_t>(std::bit_width(count - 1));
}

} // namespace

FabricCore::FabricCore(const PackagePlan& plan, std::uint32_t die, Clock clock)
    : plan_(plan), die_(plan.die(die)), die_index_(die), clock_(clock) {
    std::size_t ports = 1;
    for (const RouterPlan& router : die_.routers) {
        ports = std::max(ports, router.ports.size());
    }
    require(ports <= max_router_ports && die_.virtual_channels() <= max_virtual_channels,
            "the plan keeps routers within the engine's masks");
    port_bits_ = bits_for(ports);
    vc_bits_ = bits_for(die_.virtual_channels());
    words_ = static_cast<std::uint32_t>(words_for(std::size_t(1) << (port_bits_ + vc_bits_)));
    reply_from_ = die_.network.request_vcs;
    class_vcs_[0] = static_cast<std::uint16_t>((1U << die_.network.request_vcs) - 1);
    class_vcs_[1] = static_cast<std::uint16_t>(((1U << die_.network.reply_vcs) - 1) << reply_from_);
    hop_cycles_ = 2 + die_.network.link_latency_cycles;
    credit_cycles_ = 1 + die_.network.link_latency_cycles + die_.network.credit_delay_cycles;
    const std::size_t horizon = std::max(std::max(hop_cycles_, credit_cycles_), 3U) + 1;
    wheel_.resize(std::bit_ceil(horizon));
    wheel_mask_ = wheel_.size() - 1;
    build_ports();
    build_interfaces();
}

void FabricCore::build_ports() {
    const std::size_t routers = die_.routers.size();
    const std::size_t port_slots = routers << port_bits_;
    routers_.resize(routers);
    busy_routers_.resize(words_for(routers));
    in_ports_.resize(port_slots);
    out_ports_.resize(port_slots);
    in_vcs_.resize(port_slots << vc_bits_);
    out_vcs_.resize(port_slots << vc_bits_);
    wanted_by_.resize(port_slots * message_classes * words_);
    link_inputs_.resize(die_.link_ports.size());
    const std::uint32_t vcs = die_.virtual_channels();
    for (std::uint32_t r = 0; r < routers; ++r) {
        const std::vector<PortPlan>& ports = die_.routers[r].ports;
        for (std::uint32_t p = 0; p < ports.size(); ++p) {
            const PortPlan& port = ports[p];
            const std::uint32_t index = port_index(r, p);
            InputPort& in = in_ports_[index];
            OutputPort& out = out_ports_[index];
            in.kind = out.kind = port.kind;
            std::uint32_t depth = die_.network.vc_buffer_flits;
            std::uint32_t credits = die_.network.vc_buffer_flits;
            if (port.kind == PortKind::mesh) {
                in.upstream = out.target = port_index(port.peer_router, port.peer_port);
            } else if (port.kind == PortKind::link) {
                in.upstream = out.target = port.link_port;
                depth = die_.link_ports[port.link_port].receive_buffer_flits;
                credits = die_.link_ports[port.link_port].tx_buffer_flits;
                link_inputs_[port.link_port].port = index;
                link_inputs_[port.link_port].packet.fill(no_packet);
            } // ports to endpoints: build_interfaces; their credits are never used up
            out.free = static_cast<std::uint16_t>(class_vcs_[0] | class_vcs_[1]);
            for (std::uint32_t c = 0; c < message_classes; ++c) {
                routers_[r].free |= class_vcs_[c] != 0 ? 1U << (c * max_router_ports + p) : 0;
            }
            require(depth <= max_buffer_flits && credits <= max_buffer_flits,
                    "the plan keeps buffers within the engine's counters");
            const auto capacity = std::bit_ceil(depth);
            for (std::uint32_t v = 0; v < vcs; ++v) {
                InputVc& vc = in_vcs_[index << vc_bits_ | v];
                vc.ring = static_cast<std::uint32_t>(rings_.size());
                vc.mask = static_cast<std::uint16_t>(capacity - 1);
                rings_.resize(rings_.size() + capacity);
                out_vcs_[index << vc_bits_ | v].credits = static_cast<std::uint16_t>(credits);
            }
        }
    }
}

void FabricCore::build_interfaces() {
    interface_of_.assign(plan_.endpoint_count(), no_interface);
    busy_interfaces_.resize(words_for(die_.endpoints.size()));
    for (const EndpointId id : die_.endpoints) {
        const EndpointPlan& plan = plan_.endpoint(id);
        const auto index = static_cast<std::uint32_t>(interfaces_.size());
        interface_of_[id] = index;
        Interface interface;
        interface.endpoint = id;
        interface.port = port_index(plan.router, plan.port);
        interface.with_credit = static_cast<std::uint16_t>(class_vcs_[0] | class_vcs_[1]);
        interface.credits.fill(static_cast<std::uint16_t>(die_.network.vc_buffer_flits));
        for (std::uint32_t c = 0; c < message_classes; ++c) {
            interface.streams[c].queue.assign(die_.network.interface_queue_packets, no_packet);
            interface.streams[c].next_vc = static_cast<std::uint8_t>(c == 0 ? 0 : reply_from_);
        }
        interface.gated = plan.request_credits > 0;
        interface.request_credits = plan.request_credits;
        in_ports_[interface.port].upstream = index;
        out_ports_[interface.port].target = index;
        interfaces_.push_back(std::move(interface));
    }
}

std::uint32_t FabricCore::new_slot() {
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

void FabricCore::recycle() {
    free_slots_.insert(free_slots_.end(), recycled_.begin(), recycled_.end());
    recycled_.clear();
    ejected_.clear();
    departures_.clear();
    queue_credits_.clear();
    link_credits_.clear();
}

void FabricCore::inject(const Packet& packet, std::uint64_t cycle) {
    const auto message_class = static_cast<std::uint32_t>(class_of(packet.kind));
    const std::uint32_t index = interface_of_[packet.source];
    require(index != no_interface, "a packet enters the network at an interface of its source's die");
    require(packet.flits > 0 && class_vcs_[message_class] != 0, "a packet has flits, and its class virtual channels");
    Interface& interface = interfaces_[index];
    InterfaceStream& stream = interface.streams[message_class];
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

std::uint32_t FabricCore::queue_space(EndpointId endpoint, MessageClass message_class) const {
    const InterfaceStream& stream =
        interfaces_[interface_of_[endpoint]].streams[static_cast<std::size_t>(message_class)];
    return static_cast<std::uint32_t>(stream.queue.size()) - stream.size;
}

void FabricCore::return_request_credit(EndpointId endpoint, std::uint64_t cycle) {
    require(interface_of_[endpoint] != no_interface, "a packet credit comes from an endpoint of the die");
    Interface& interface = interfaces_[interface_of_[endpoint]];
    require(interface.gated && interface.request_credits < plan_.endpoint(endpoint).request_credits,
            "an endpoint returns only the packet credits that were taken");
    if (interface.request_credits++ == 0) {
        interface.starved += static_cast<std::uint32_t>(cycle) - interface.starved_since;
        if ((out_ports_[interface.port].free & class_vcs_[0]) != 0) {
            const std::uint32_t router = interface.port >> port_bits_;
            routers_[router].free |= 1U << (interface.port & ((1U << port_bits_) - 1));
            mark_busy(router);
        }
    }
}

void FabricCore::receive_flit(std::uint32_t link_port, const LinkFlit& flit, std::uint64_t cycle) {
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
        packets_[slot].journey.append(metrics::Leaf::d2d_transit,
                                      clock_.edge(cycle)); // the way into the buffer
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
    const std::uint32_t vc = input.port << vc_bits_ | flit.vc;
    InputVc& buffer = in_vcs_[vc];
    const LinkPortPlan& plan = die_.link_ports[link_port];
    require(static_cast<std::uint16_t>(buffer.tail - buffer.head) < plan.receive_buffer_flits,
            "a receive buffer never overflows: the link owns credits");
    Flit& place = rings_[buffer.ring + (buffer.tail++ & buffer.mask)];
    place.packet = slot;
    place.destination = packets_[slot].destination;
    place.head = flit.head;
    place.tail = flit.tail;
    now_ = cycle;
    last_progress_ = cycle;
    arrive(vc);
}

void FabricCore::return_link_credit(std::uint32_t link_port, std::uint8_t vc, std::uint64_t cycle) {
    const LinkPortPlan& plan = die_.link_ports[link_port];
    const std::uint32_t output_vc = port_index(plan.router, plan.port) << vc_bits_ | vc;
    require(vc < die_.virtual_channels(), "a link's credit is for a virtual channel of the die");
    now_ = cycle;
    if (die_.network.credit_delay_cycles == 0) {
        take_credit(output_vc);
    } else {
        slot_at(cycle + die_.network.credit_delay_cycles).credits.push_back(output_vc);
    }
}

void FabricCore::tick(std::uint64_t cycle) {
    now_ = cycle;
    recycle();
    take_wheel_slot();
    for (std::size_t word = 0; word < busy_interfaces_.size(); ++word) {
        for (std::uint64_t busy = busy_interfaces_[word]; busy != 0; busy &= busy - 1) {
            send_from_interface(static_cast<std::uint32_t>(word * 64 + std::countr_zero(busy)));
        }
    }
    for (std::size_t word = 0; word < busy_routers_.size(); ++word) {
        for (std::uint64_t busy = busy_routers_[word]; busy != 0; busy &= busy - 1) {
            run_router(static_cast<std::uint32_t>(word * 64 + std::countr_zero(busy)));
        }
    }
}

std::uint64_t FabricCore::next_cycle(std::uint64_t cycle) const {
    for (const std::uint64_t word : busy_routers_) {
        if (word != 0) {
            return cycle + 1;
        }
    }
    for (const std::uint64_t word : busy_interfaces_) {
        if (word != 0) {
            return cycle + 1;
        }
    }
    for (std::uint64_t ahead = 1; ahead <= wheel_mask_; ++ahead) {
        if (!wheel_[(cycle + ahead) & wheel_mask_].empty()) {
            return cycle + ahead;
        }
    }
    return UINT64_MAX;
}

} // namespace intarsia::noc
