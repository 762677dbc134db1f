// What the pins of the reference network carry.
#pragma once

#include "noc/network_engine.hpp"

#include <cstdint>
#include <ostream>
#include <string>
#include <systemc>

namespace intarsia::noc::reference {

/// The data pins of a channel: one flit, or none (`valid` is false). A flit carries its packet's description whole, so
/// that a module needs nothing but its pins.
struct Flit {
    bool valid = false;
    std::uint8_t vc = 0;        ///< virtual channel of the channel it is on
    std::uint32_t index = 0;    ///< in its packet
    std::uint32_t hops = 0;     ///< routers crossed so far
    std::uint64_t injected = 0; ///< cycle
    TrafficPacket packet;

    [[nodiscard]] bool head() const { return index == 0; }
    [[nodiscard]] bool tail() const { return index + 1 == packet.flits; }

    /// Flits are the same if they are the same flit at the same place: ids of packets are unique.
    bool operator==(const Flit& other) const {
        return valid == other.valid && vc == other.vc && index == other.index && hops == other.hops &&
               injected == other.injected && packet.id == other.packet.id;
    }
};

/// The credit pins of a channel: bit v is high for one cycle when a slot of virtual channel v has become free
/// downstream.
using CreditPins = std::uint16_t;

inline std::ostream& operator<<(std::ostream& out, const Flit& flit) {
    if (!flit.valid) {
        return out << "-";
    }
    return out << "packet " << flit.packet.id << " flit " << flit.index << " vc " << static_cast<unsigned>(flit.vc);
}

/// Waveforms show a channel as valid, packet, flit and virtual channel.
inline void sc_trace(sc_core::sc_trace_file* file, const Flit& flit, const std::string& name) {
    sc_core::sc_trace(file, flit.valid, name + ".valid");
    sc_core::sc_trace(file, flit.packet.id, name + ".packet");
    sc_core::sc_trace(file, flit.index, name + ".flit");
    sc_core::sc_trace(file, flit.vc, name + ".vc");
}

/// The clock of the reference network, counted: a new value is a new cycle.
using CycleIn = sc_core::sc_in<std::uint64_t>;

/// The two directions of one virtual-channel link: flits go down it, credits come back up it.
struct VcChannel {
    sc_core::sc_signal<Flit> flit;
    sc_core::sc_signal<CreditPins> credit;
};

/// One hop of the way between two wormhole routers (or to a sink). A flit moves at the edge of a cycle in which it is
/// on the pins and, with ready/valid, `ready` is high; with credits `credit` is high in a cycle in which a flit leaves
/// the buffer behind.
struct WormholeChannel {
    sc_core::sc_signal<Flit> flit;
    sc_core::sc_signal<bool> ready;
    sc_core::sc_signal<bool> credit;
};

} // namespace intarsia::noc::reference
