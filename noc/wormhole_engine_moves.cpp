// The wormhole engine's cycle, arbitration apart: decisions of chains and sources, and the moves.
#include "config/errors.hpp"
#include "noc/wormhole_engine_core.hpp"

#include <bit>

namespace intarsia::noc {

void WormholeCore::offer(const TrafficPacket& packet) {
    require(packet.source < endpoints_ && packet.destination < endpoints_ && packet.flits > 0 &&
                packet.flits <= WormholeFlit::tail_bit && packet.message_class < classes_,
            "an offered packet has existing ends, a class and flits");
    std::uint32_t slot = free_packet_;
    if (slot == UINT32_MAX) {
        slot = static_cast<std::uint32_t>(packets_.size());
        packets_.emplace_back();
    } else {
        free_packet_ = packets_[slot].next;
    }
    packets_[slot] = WormholePacket{};
    packets_[slot].traffic = packet;
    WormholeSource& source = sources_[packet.source];
    if (source.first == UINT32_MAX) {
        source.first = slot;
        busy_sources_[packet.source >> 6U] |= 1ULL << (packet.source & 63U);
    } else {
        packets_[source.last].next = slot;
    }
    source.last = slot;
    ++offered_;
}

std::uint64_t WormholeCore::next_cycle(std::uint64_t cycle) const {
    return in_flight() > 0 || due_count_ > 0 ? cycle + 1 : UINT64_MAX;
}

void WormholeCore::begin(std::uint64_t cycle) {
    now_ = cycle;
    delivered_.clear();
    crossing_count_ = 0;
    leaving_count_ = 0;
    injecting_count_ = 0;
    if (due_count_ == 0) {
        return;
    }
    WormholeDue& due = due_at(cycle);
    due_count_ -= due.arrivals.size() + due.credits.size();
    for (const WormholeDue::Arrival& arrival : due.arrivals) {
        push(arrival.buffer, arrival.flit);
    }
    for (const std::uint32_t port : due.credits) {
        ++outputs_[port].credits;
    }
    due.arrivals.clear();
    due.credits.clear();
}

void WormholeCore::decide_chain() {
    for (std::size_t word = 0; word < busy_chain_.size(); ++word) {
        for (std::uint64_t set = busy_chain_[word]; set != 0; set &= set - 1) {
            const auto index =
                static_cast<std::uint32_t>(word * 64) + static_cast<std::uint32_t>(std::countr_zero(set));
            const std::uint32_t next = buffers_[index].next;
            bool moves = false;
            if (index < fifo_end_) {
                moves = channel_takes(outputs_[next]);
            } else if ((next & sink_bit) != 0) {
                moves = sink_.ready(now_, next & ~sink_bit);
            } else {
                moves = buffers_[next].accepts();
            }
            if (moves) {
                leaving_[leaving_count_++] = index;
            }
        }
    }
}

void WormholeCore::decide_sources() {
    for (std::size_t word = 0; word < busy_sources_.size(); ++word) {
        for (std::uint64_t set = busy_sources_[word]; set != 0; set &= set - 1) {
            const auto index =
                static_cast<std::uint32_t>(word * 64) + static_cast<std::uint32_t>(std::countr_zero(set));
            if (buffers_[sources_[index].port].accepts()) {
                injecting_[injecting_count_++] = index;
            }
        }
    }
}

// Small functions of the hot loop, which the compiler would otherwise call.
[[gnu::always_inline]] inline std::uint32_t WormholeCore::route(std::uint32_t input, const WormholeFlit& flit) const {
    if (!ways_.empty()) {
        const std::uint8_t way = ways_[std::size_t(input) * endpoints_ + flit.destination];
        if (way != ask_tables) {
            return way;
        }
    }
    return route_by_tables(buffers_[input], flit);
}

// A flit has come to the front of an input FIFO: its output learns of it.
[[gnu::always_inline]] inline void WormholeCore::show_front(std::uint32_t input) {
    WormholeBuffer& buffer = buffers_[input];
    const WormholeFlit& flit = front(buffer);
    const std::uint32_t first = input - buffer.port;
    if (!packet_lock_ || flit.head()) {
        buffer.next = first + route(input, flit);
    }
    outputs_[buffer.next].wanted_by |= 1ULL << buffer.port;
    std::uint64_t& wanted = wanted_outputs_[buffer.router];
    if (wanted == 0) {
        busy_routers_[buffer.router >> 6U] |= 1ULL << (buffer.router & 63U);
    }
    wanted |= 1ULL << (buffer.next - first);
}

[[gnu::always_inline]] inline void WormholeCore::push(std::uint32_t buffer, const WormholeFlit& flit) {
    WormholeBuffer& to = buffers_[buffer];
    flits_[to.base + ((to.head + to.count) & to.mask)] = flit;
    if (to.count++ > 0) {
        return;
    }
    if (buffer < port_count()) {
        show_front(buffer);
    } else {
        busy_chain_[buffer >> 6U] |= 1ULL << (buffer & 63U);
    }
}

[[gnu::always_inline]] inline void WormholeCore::drop_front(WormholeBuffer& buffer) {
    ++buffer.head;
    --buffer.count;
}

// A flit leaves its router.
[[gnu::always_inline]] inline void WormholeCore::enter_channel(std::uint32_t port, const WormholeFlit& leaving) {
    WormholeOutput& output = outputs_[port];
    WormholeFlit flit = leaving;
    ++flit.hops;
    ++flit_hops_;
    ++flits_sent_[std::size_t(port) * classes_ + flit.message_class];
    if (hops_ != nullptr) {
        const std::uint32_t router = buffers_[port].router;
        hops_->push_back({now_, router, buffers_[port].port, packets_[flit.packet].traffic.id, flit.index()});
    }
    if (output.slow) {
        const std::uint64_t moment = now_ * output.interval_denominator;
        const bool follows_on = output.free_at + output.interval_denominator > moment;
        output.free_at = (follows_on ? output.free_at : moment) + output.interval_numerator;
    }
    switch (output.channel) {
    case WormholeChannel::wire:
        push(output.target, flit);
        break;
    case WormholeChannel::credits:
        --output.credits;
        due_at(now_ + output.latency + 1).arrivals.push_back({output.target, flit});
        ++due_count_;
        break;
    case WormholeChannel::sink:
        eject(flit);
        break;
    }
}

// The front of an input FIFO moves through its crossbar.
[[gnu::always_inline]] inline void WormholeCore::cross(const WormholeCrossing& crossing) {
    WormholeBuffer& input = buffers_[crossing.input];
    WormholeOutput& output = outputs_[crossing.output];
    const WormholeFlit flit = front(input);
    const std::uint64_t bit = 1ULL << input.port;
    output.locked = packet_lock_ && !flit.tail();
    output.eligible = output.locked ? bit : ~0ULL;
    output.wanted_by &= ~bit;
    drop_front(input);
    if (input.count > 0) {
        show_front(crossing.input);
    }
    if (output.wanted_by == 0) {
        std::uint64_t& wanted = wanted_outputs_[input.router];
        wanted &= ~(1ULL << (crossing.output - (crossing.input - input.port)));
        if (wanted == 0) {
            busy_routers_[input.router >> 6U] &= ~(1ULL << (input.router & 63U));
        }
    }
    if (uses_credits_) {
        return_credit(crossing.input);
    }
    if (output.fifo != UINT32_MAX) {
        push(output.fifo, flit);
    } else {
        enter_channel(crossing.output, flit);
    }
}

void WormholeCore::finish() {
    decide_chain();
    decide_sources();
    for (std::uint32_t k = 0; k < crossing_count_; ++k) {
        cross(crossings_[k]);
    }
    for (std::uint32_t k = 0; k < leaving_count_; ++k) {
        leave_chain(leaving_[k]);
    }
    for (std::uint32_t k = 0; k < injecting_count_; ++k) {
        inject(injecting_[k]);
    }
    if (crossing_count_ + leaving_count_ + injecting_count_ > 0) {
        last_progress_ = now_;
    }
}

std::uint32_t WormholeCore::route_by_tables(const WormholeBuffer& input, const WormholeFlit& flit) const {
    const RouteEntry entry = plan_.routes.lookup(input.router, input.port << plan_.routes.vc_bits(), flit.destination);
    if (entry.port != RouteEntry::is_list) {
        require(entry.port < plan_.routers[input.router].ports.size(), "routing tables lead every packet on");
        return entry.port;
    }
    const RouteList& list = plan_.routes.list(entry);
    const std::uint32_t option = static_cast<std::uint32_t>(flit.random) >> list.random_bit & 1U;
    require(!list.adaptive && option < list.options.size(), "a wormhole packet has one way on");
    return list.options[option].port;
}

void WormholeCore::return_credit(std::uint32_t input) {
    const std::uint32_t sender = credit_to_[input];
    if (sender != UINT32_MAX) {
        due_at(now_ + outputs_[sender].latency + credit_delay_).credits.push_back(sender);
        ++due_count_;
    }
}

void WormholeCore::leave_chain(std::uint32_t buffer) {
    WormholeBuffer& from = buffers_[buffer];
    const WormholeFlit flit = front(from);
    drop_front(from);
    if (from.count == 0) {
        busy_chain_[buffer >> 6U] &= ~(1ULL << (buffer & 63U));
    }
    if (buffer < fifo_end_) {
        enter_channel(from.next, flit);
    } else if ((from.next & sink_bit) != 0) {
        eject(flit);
    } else {
        push(from.next, flit);
    }
}

void WormholeCore::inject(std::uint32_t endpoint) {
    WormholeSource& source = sources_[endpoint];
    const std::uint32_t slot = source.first;
    WormholePacket& packet = packets_[slot];
    const TrafficPacket& traffic = packet.traffic;
    WormholeFlit flit{slot, source.sent, 0, traffic.destination, traffic.message_class, traffic.random};
    if (flit.head()) {
        require(traffic.created <= now_, "a packet is offered when it is created");
        packet.inject_head = now_;
    }
    packet.latency_sum -= now_;
    ++injected_flits_;
    if (++source.sent == traffic.flits) {
        packet.inject_tail = now_;
        flit.number |= WormholeFlit::tail_bit;
        source.sent = 0;
        source.first = packet.next;
        if (source.first == UINT32_MAX) {
            busy_sources_[endpoint >> 6U] &= ~(1ULL << (endpoint & 63U));
        }
    }
    push(source.port, flit);
}

void WormholeCore::eject(const WormholeFlit& flit) {
    WormholePacket& packet = packets_[flit.packet];
    packet.latency_sum += now_;
    ++ejected_flits_;
    if (flit.head()) {
        packet.eject_head = now_;
    }
    if (flit.tail()) {
        delivered_.push_back({packet.traffic, flit.hops, packet.inject_head, packet.inject_tail, packet.eject_head,
                              now_, packet.latency_sum});
        packet.next = free_packet_;
        free_packet_ = flit.packet;
        ++arrived_;
    }
}

} // namespace intarsia::noc
