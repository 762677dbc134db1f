// Where a packet's time in the fabric went, as stages of its journey.
#include "noc/fabric_core.hpp"

namespace intarsia::noc {

using metrics::Journey;
using metrics::Leaf;

// Stages of the head, from its entry on; returns the cycle in which they end. `transit` is what the pipeline,
// wires and serialisation cost by configuration, so the sum is checked against the clock by the caller.
std::uint64_t FabricCore::append_stages(Packet& packet, const PacketState& state, std::uint64_t transit) {
    const std::uint64_t entered = now_ - (static_cast<std::uint32_t>(now_) - state.entered);
    Journey& journey = packet.journey;
    if (plan_.die_of(packet.source) == die_index_) {
        journey.append(Leaf::noc_source_queue, clock_.edge(entered));
    }
    std::uint64_t end = entered + state.allocation;
    if (state.allocation > 0) {
        journey.append(Leaf::noc_allocation, clock_.edge(end));
    }
    if (state.credit > 0) {
        end += state.credit;
        journey.append(Leaf::noc_credit, clock_.edge(end));
    }
    end += transit;
    journey.append(Leaf::noc_transit, clock_.edge(end));
    return end;
}

void FabricCore::end_journey_at_endpoint(std::uint32_t slot) {
    Packet& packet = packets_[slot];
    const PacketState& state = states_[slot];
    const auto message_class = static_cast<std::size_t>(class_of(packet.kind));
    ++counters_.ejected.packets[message_class];
    counters_.ejected.flits[message_class] += packet.flits;
    const std::uint64_t injection = plan_.die_of(packet.source) == die_index_ ? 2 : 0;
    const std::uint64_t extra = die_.network.link_latency_cycles - 1;
    const std::uint64_t pipeline = injection + 4ULL * state.routers + (state.routers - 1) * extra;
    require(state.head_due - state.entered == pipeline + state.allocation + state.credit,
            "a head's time in a die is its pipeline, allocation and credit cycles");
    const std::uint64_t serialisation = packet.flits - 1;
    const std::uint64_t end = append_stages(packet, state, pipeline + serialisation);
    require(end <= now_, "a tail follows its head by at least its packet's flits");
    // The tail's further lag: first what it had before, as far as the head's waits here have not made up for
    // it.
    const std::uint64_t lag = now_ - end;
    const std::uint64_t brought = std::min<std::uint64_t>(lag, state.arrival_lag);
    if (brought > 0) {
        const Picoseconds until = clock_.edge(end + brought);
        packet.journey.append(Leaf::d2d_credit, std::min(until, clock_.edge(end) + credit_lags_[slot]));
        packet.journey.append(Leaf::d2d_serialisation, until);
    }
    if (lag > brought) {
        require(state.body_allocation + state.body_credit > 0, "a tail falls behind only where its flits were held");
        packet.journey.append(state.body_allocation > state.body_credit ? Leaf::noc_allocation : Leaf::noc_credit,
                              clock_.edge(now_));
    }
    require(packet.journey.end() == clock_.edge(now_), "a journey's stages sum to the measured time");
}

// The head alone: the rest of the packet follows at the link's pace.
void FabricCore::end_journey_at_link(std::uint32_t slot) {
    Packet& packet = packets_[slot];
    const PacketState& state = states_[slot];
    const std::uint64_t injection = plan_.die_of(packet.source) == die_index_ ? 2 : 0;
    const std::uint64_t extra = die_.network.link_latency_cycles - 1;
    const std::uint64_t pipeline = injection + (state.routers - 1) * (4 + extra) + 2;
    require(append_stages(packet, state, pipeline) == now_,
            "a head's time in a die is its pipeline, allocation and credit cycles");
}

} // namespace intarsia::noc
