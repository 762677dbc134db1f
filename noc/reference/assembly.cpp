#include "noc/reference/assembly.hpp"

#include "config/errors.hpp"

namespace intarsia::noc::reference {

std::optional<DeliveredPacket> Assembly::take(const Flit& flit, std::uint64_t cycle) {
    Begun& begun = begun_[flit.packet.id];
    DeliveredPacket& packet = begun.packet;
    require(flit.index == begun.next_flit, "flits of a packet arrive in order");
    if (flit.head()) {
        packet.packet = flit.packet;
        packet.hops = flit.hops;
        packet.inject_head = flit.injected;
        packet.eject_head = cycle;
    }
    packet.inject_tail = flit.injected;
    packet.eject_tail = cycle;
    packet.flit_latency_sum += cycle - flit.injected;
    ++begun.next_flit;
    if (!flit.tail()) {
        return std::nullopt;
    }
    const DeliveredPacket whole = packet;
    begun_.erase(flit.packet.id);
    return whole;
}

} // namespace intarsia::noc::reference
