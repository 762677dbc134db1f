// FabricEngine: where a packet's time in the fabric went, as stages of its journey. Included by fabric_engine.hpp.
#pragma once

#include "noc/fabric_engine.hpp"

namespace intarsia::noc {

template <class Shape>
void FabricEngine<Shape>::waited(Flit flit, std::uint32_t allocation, std::uint32_t credit) {
    PacketState& state = states_[flit.packet()];
    if (flit.head()) {
        state.allocation += allocation;
        state.credit += credit;
    } else {
        state.body_allocation += allocation;
        state.body_credit += credit;
    }
}

// Stages of the head, from its entry on; returns the cycle in which they end. `transit` is what the pipeline,
// wires and serialisation cost by configuration, so the sum is checked against the clock by the caller.
template <class Shape>
std::uint64_t FabricEngine<Shape>::append_stages(Packet& packet, const PacketState& state, std::uint64_t transit) {
    const std::uint64_t entered = this->now_ - (static_cast<std::uint32_t>(this->now_) - state.entered);
    metrics::Journey& journey = packet.journey;
    if (package_.die_of(packet.source) == die_index_) {
        journey.append(metrics::Leaf::noc_source_queue, clock_.edge(entered));
    }
    std::uint64_t end = entered + state.allocation;
    if (state.allocation > 0) {
        journey.append(metrics::Leaf::noc_allocation, clock_.edge(end));
    }
    if (state.credit > 0) {
        end += state.credit;
        journey.append(metrics::Leaf::noc_credit, clock_.edge(end));
    }
    end += transit;
    journey.append(metrics::Leaf::noc_transit, clock_.edge(end));
    return end;
}

template <class Shape>
void FabricEngine<Shape>::end_journey_at_endpoint(std::uint32_t slot) {
    Packet& packet = packets_[slot];
    const PacketState& state = states_[slot];
    const auto message_class = static_cast<std::size_t>(class_of(packet.kind));
    ++counters_.ejected.packets[message_class];
    counters_.ejected.flits[message_class] += packet.flits;
    const std::uint64_t injection = package_.die_of(packet.source) == die_index_ ? 2 : 0;
    const std::uint64_t extra = die_.network.link_latency_cycles - 1;
    const std::uint64_t pipeline = injection + 4ULL * state.routers + (state.routers - 1) * extra;
    require(state.head_due - state.entered == pipeline + state.allocation + state.credit,
            "a head's time in a die is its pipeline, allocation and credit cycles");
    const std::uint64_t serialisation = packet.flits - 1;
    const std::uint64_t end = append_stages(packet, state, pipeline + serialisation);
    require(end <= this->now_, "a tail follows its head by at least its packet's flits");
    // The tail's further lag: first what it had before, as far as the head's waits here have not made up for
    // it.
    const std::uint64_t lag = this->now_ - end;
    const std::uint64_t brought = std::min<std::uint64_t>(lag, state.arrival_lag);
    if (brought > 0) {
        const Picoseconds until = clock_.edge(end + brought);
        packet.journey.append(metrics::Leaf::d2d_credit, std::min(until, clock_.edge(end) + credit_lags_[slot]));
        packet.journey.append(metrics::Leaf::d2d_serialisation, until);
    }
    if (lag > brought) {
        require(state.body_allocation + state.body_credit > 0, "a tail falls behind only where its flits were held");
        packet.journey.append(state.body_allocation > state.body_credit ? metrics::Leaf::noc_allocation
                                                                        : metrics::Leaf::noc_credit,
                              clock_.edge(this->now_));
    }
    require(packet.journey.end() == clock_.edge(this->now_), "a journey's stages sum to the measured time");
}

// The head alone: the rest of the packet follows at the link's pace.
template <class Shape>
void FabricEngine<Shape>::end_journey_at_link(std::uint32_t slot) {
    Packet& packet = packets_[slot];
    const PacketState& state = states_[slot];
    const std::uint64_t injection = package_.die_of(packet.source) == die_index_ ? 2 : 0;
    const std::uint64_t extra = die_.network.link_latency_cycles - 1;
    const std::uint64_t pipeline = injection + (state.routers - 1) * (4 + extra) + 2;
    require(append_stages(packet, state, pipeline) == this->now_,
            "a head's time in a die is its pipeline, allocation and credit cycles");
}

} // namespace intarsia::noc
