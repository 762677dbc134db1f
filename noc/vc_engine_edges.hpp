// VcEngine: source queues, network interfaces and sinks. Included by vc_engine.hpp.
#pragma once

#include "noc/vc_engine.hpp"

namespace intarsia::noc {

template <template <class> class CoreOf>
VcEngine<CoreOf>::VcEngine(const NetworkPlan& plan, const SinkOptions& sink)
    : Core(plan), sink_options_(sink), classes_(static_cast<std::uint32_t>(plan.class_vcs.size())) {
    std::uint64_t longest = 1;
    for (const NetworkEndpoint& endpoint : plan.endpoints) {
        const NetworkPort& port = plan.routers[endpoint.router].ports[endpoint.port];
        const VcRouterOptions& options = plan.router.vc;
        longest = std::max<std::uint64_t>(longest,
                                          options.switch_alloc_delay + options.traversal_delay + port.latency_cycles);
        this->extend_wheel(1 + port.latency_cycles + options.credit_delay_cycles);
    }
    slots_.resize(std::bit_ceil(longest + 1));
    slot_mask_ = slots_.size() - 1;
    build_interfaces();
    if (sink_options_.stall > 0) {
        build_sinks();
    }
}

template <template <class> class CoreOf>
void VcEngine<CoreOf>::build_interfaces() {
    const NetworkPlan& plan = this->plan_;
    for (const NetworkEndpoint& endpoint : plan.endpoints) {
        const NetworkPort& port = plan.routers[endpoint.router].ports[endpoint.port];
        Interface interface;
        interface.router = endpoint.router;
        interface.first = endpoint.port << this->vc_bits();
        interface.delay = 1 + port.latency_cycles;
        interface.place_mask = static_cast<std::uint16_t>(std::bit_ceil(port.buffer_flits) - 1);
        interface.with_credit = static_cast<std::uint16_t>((1U << plan.virtual_channels) - 1);
        interface.credits.fill(static_cast<std::uint16_t>(port.buffer_flits));
        interfaces_.push_back(interface);
        for (std::uint32_t c = 0; c < classes_; ++c) {
            Stream stream;
            stream.vcs = plan.class_vcs[c];
            streams_.push_back(stream);
        }
    }
    busy_interfaces_.assign((interfaces_.size() + 63) / 64, 0);
}

template <template <class> class CoreOf>
void VcEngine<CoreOf>::build_sinks() {
    const NetworkPlan& plan = this->plan_;
    const std::uint32_t depth = sink_options_.buffer_flits;
    sink_bits_ = static_cast<std::uint32_t>(std::bit_width(depth - 1));
    sinks_.resize(plan.endpoints.size());
    sink_rings_.resize((plan.endpoints.size() * 16) << sink_bits_);
    busy_sinks_.assign((sinks_.size() + 63) / 64, 0);
    for (std::uint32_t e = 0; e < plan.endpoints.size(); ++e) {
        const NetworkEndpoint& endpoint = plan.endpoints[e];
        this->count_credits(endpoint.router, endpoint.port, depth);
        sinks_[e].credit_delay =
            plan.routers[endpoint.router].ports[endpoint.port].latency_cycles + plan.router.vc.credit_delay_cycles;
    }
}

template <template <class> class CoreOf>
void VcEngine<CoreOf>::offer(const TrafficPacket& packet) {
    std::uint32_t slot = 0;
    if (unused_.empty()) {
        require(records_.size() < Flit::most_packets, "the packet table holds a thousand million packets");
        slot = static_cast<std::uint32_t>(records_.size());
        records_.emplace_back();
    } else {
        slot = unused_.back();
        unused_.pop_back();
    }
    Record& record = records_[slot];
    record.packet = packet;
    record.next = none;
    record.flit_latency_sum = 0;
    Stream& stream = streams_[packet.source * classes_ + packet.message_class];
    if (stream.first == none) {
        stream.first = slot;
    } else {
        records_[stream.last].next = slot;
    }
    stream.last = slot;
    ++in_flight_;
    offered_flits_ += packet.flits;
    if (stream.first == slot) {
        refresh(packet.source);
    }
}

template <template <class> class CoreOf>
inline bool VcEngine<CoreOf>::sendable(const Interface& from, const Stream& stream) const {
    const std::uint32_t usable = stream.flits_left > 0 ? 1U << stream.vc : stream.vcs;
    return stream.first != none && (from.with_credit & usable) != 0;
}

template <template <class> class CoreOf>
inline void VcEngine<CoreOf>::refresh(std::uint32_t endpoint) {
    bool busy = false;
    for (std::uint32_t c = 0; c < classes_; ++c) {
        busy = busy || sendable(interfaces_[endpoint], streams_[endpoint * classes_ + c]);
    }
    const std::uint64_t bit = 1ULL << (endpoint & 63U);
    if (busy) {
        busy_interfaces_[endpoint >> 6U] |= bit;
    } else {
        busy_interfaces_[endpoint >> 6U] &= ~bit;
    }
}

template <template <class> class CoreOf>
void VcEngine<CoreOf>::send_from(std::uint32_t endpoint) {
    Interface& interface = interfaces_[endpoint];
    std::uint32_t c = 0;
    if (classes_ > 1) {
        c = interface.turn < classes_ ? interface.turn : 0;
        while (!sendable(interface, streams_[endpoint * classes_ + c])) {
            c = c + 1 < classes_ ? c + 1 : 0;
        }
        interface.turn = c + 1;
    }
    Stream& stream = streams_[endpoint * classes_ + c];
    const std::uint32_t slot = stream.first;
    Record& record = records_[slot];
    const bool head = stream.flits_left == 0;
    if (head) {
        stream.vc = static_cast<std::uint8_t>(
            first_at_or_after<std::uint32_t>(interface.with_credit & stream.vcs, stream.next_vc));
        stream.next_vc = stream.vc + 1U;
        stream.flits_left = record.packet.flits;
        record.inject_head = this->now_;
    }
    const bool tail = --stream.flits_left == 0;
    record.flit_latency_sum -= this->now_;
    const std::uint32_t vc = stream.vc;
    const std::uint32_t place = interface.place[vc];
    interface.place[vc] = static_cast<std::uint16_t>((place + 1) & interface.place_mask);
    this->post_flit(interface.router, interface.first + vc, place,
                    Flit(slot, record.packet.destination, record.packet.message_class, head, tail),
                    this->now_ + interface.delay);
    this->last_progress_ = this->now_;
    if (--interface.credits[vc] == 0) {
        interface.with_credit &= static_cast<std::uint16_t>(~(1U << vc));
    }
    if (tail) {
        record.inject_tail = this->now_;
        stream.first = record.next;
        refresh(endpoint);
    } else if (interface.credits[vc] == 0) {
        refresh(endpoint);
    }
}

template <template <class> class CoreOf>
inline void VcEngine<CoreOf>::eject(std::uint32_t endpoint, std::uint32_t vc, Flit flit, std::uint32_t delay) {
    const std::uint64_t cycle = this->now_ + delay;
    Slot& slot = slot_at(cycle);
    if (!sinks_.empty()) [[unlikely]] {
        slot.sinks.push_back({endpoint, vc, flit});
        return;
    }
    ++slot.taken;
    take(flit, cycle);
    if (flit.tail()) {
        slot.tails.push_back(flit.packet());
    }
}

template <template <class> class CoreOf>
inline void VcEngine<CoreOf>::take(Flit flit, std::uint64_t cycle) {
    Record& record = records_[flit.packet()];
    record.flit_latency_sum += cycle;
    if (flit.head()) {
        record.eject_head = cycle;
        record.hops = flit.hops();
    }
}

template <template <class> class CoreOf>
inline void VcEngine<CoreOf>::freed(PortUse, std::uint32_t endpoint, std::uint32_t vc, std::uint32_t delay) {
    slot_at(this->now_ + delay).credits.push_back(endpoint << 4U | vc);
}

template <template <class> class CoreOf>
bool VcEngine<CoreOf>::older(Flit a, Flit b) const {
    const TrafficPacket& first = records_[a.packet()].packet;
    const TrafficPacket& second = records_[b.packet()].packet;
    return first.created != second.created ? first.created < second.created : first.id < second.id;
}

template <template <class> class CoreOf>
void VcEngine<CoreOf>::finish(std::uint32_t packet, std::uint64_t cycle) {
    const Record& record = records_[packet];
    delivered_.push_back({record.packet, record.hops, record.inject_head, record.inject_tail, record.eject_head, cycle,
                          record.flit_latency_sum});
    unused_.push_back(packet);
    --in_flight_;
}

template <template <class> class CoreOf>
void VcEngine<CoreOf>::run_sinks(std::uint64_t cycle) {
    for (std::size_t word = 0; word < busy_sinks_.size(); ++word) {
        for (std::uint64_t busy = busy_sinks_[word]; busy != 0; busy &= busy - 1) {
            const auto endpoint =
                static_cast<std::uint32_t>(word * 64 + static_cast<std::uint32_t>(std::countr_zero(busy)));
            if (!sink_options_.ready(cycle, endpoint)) {
                continue;
            }
            Sink& sink = sinks_[endpoint];
            const std::uint32_t vc = first_at_or_after<std::uint32_t>(sink.occupied, sink.pointer);
            sink.pointer = vc + 1;
            const Flit flit = sink_rings_[((std::size_t(endpoint) * 16 + vc) << sink_bits_) + sink.head[vc]];
            sink.head[vc] = static_cast<std::uint16_t>((sink.head[vc] + 1U) & ((1U << sink_bits_) - 1));
            if (--sink.count[vc] == 0) {
                sink.occupied &= static_cast<std::uint16_t>(~(1U << vc));
                if (sink.occupied == 0) {
                    busy_sinks_[word] &= ~(1ULL << (endpoint & 63U));
                }
            }
            ++ejected_flits_;
            this->last_progress_ = cycle;
            take(flit, cycle);
            if (flit.tail()) {
                finish(flit.packet(), cycle);
            }
            const Interface& port = interfaces_[endpoint];
            this->post_credit(port.router, port.first + vc, cycle + sink.credit_delay);
        }
    }
}

template <template <class> class CoreOf>
void VcEngine<CoreOf>::tick(std::uint64_t cycle) {
    this->now_ = cycle;
    delivered_.clear();
    Slot& slot = slot_at(cycle);
    for (const std::uint32_t credit : slot.credits) {
        Interface& interface = interfaces_[credit >> 4U];
        const std::uint32_t vc = credit & 15U;
        if (interface.credits[vc]++ == 0) {
            interface.with_credit |= static_cast<std::uint16_t>(1U << vc);
            refresh(credit >> 4U);
        }
    }
    slot.credits.clear();
    ejected_flits_ += slot.taken;
    slot.taken = 0;
    for (const std::uint32_t packet : slot.tails) {
        finish(packet, cycle);
    }
    slot.tails.clear();
    if (!sinks_.empty()) {
        for (const SinkArrival& arrival : slot.sinks) {
            Sink& sink = sinks_[arrival.endpoint];
            const std::uint32_t place = (sink.head[arrival.vc] + sink.count[arrival.vc]) & ((1U << sink_bits_) - 1);
            sink_rings_[((std::size_t(arrival.endpoint) * 16 + arrival.vc) << sink_bits_) + place] = arrival.flit;
            ++sink.count[arrival.vc];
            sink.occupied |= static_cast<std::uint16_t>(1U << arrival.vc);
            busy_sinks_[arrival.endpoint >> 6U] |= 1ULL << (arrival.endpoint & 63U);
        }
        slot.sinks.clear();
        run_sinks(cycle);
    }
    for (std::size_t word = 0; word < busy_interfaces_.size(); ++word) {
        for (std::uint64_t busy = busy_interfaces_[word]; busy != 0; busy &= busy - 1) {
            send_from(static_cast<std::uint32_t>(word * 64 + static_cast<std::uint32_t>(std::countr_zero(busy))));
        }
    }
    const std::size_t hops_before = this->hops_ != nullptr ? this->hops_->size() : 0;
    this->run_routers(cycle);
    if (this->hops_ != nullptr) {
        std::sort(this->hops_->begin() + static_cast<std::ptrdiff_t>(hops_before), this->hops_->end(),
                  [](const FlitHop& a, const FlitHop& b) {
                      return a.router != b.router ? a.router < b.router : a.port < b.port;
                  });
    }
}

template <template <class> class CoreOf>
std::uint64_t VcEngine<CoreOf>::next_cycle(std::uint64_t cycle) const {
    const auto any = [](const std::vector<std::uint64_t>& set) {
        return std::any_of(set.begin(), set.end(), [](std::uint64_t word) { return word != 0; });
    };
    if (any(busy_interfaces_) || any(busy_sinks_)) {
        return cycle + 1;
    }
    std::uint64_t next = this->next_router_cycle(cycle);
    for (std::uint64_t ahead = 1; ahead <= slot_mask_ && cycle + ahead < next; ++ahead) {
        if (!slots_[(cycle + ahead) & slot_mask_].empty()) {
            next = cycle + ahead;
        }
    }
    return next;
}

} // namespace intarsia::noc
