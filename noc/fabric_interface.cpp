// The network interfaces' side towards the network.
#include "noc/bit_scan.hpp"
#include "noc/fabric_core.hpp"

namespace intarsia::noc {

void FabricCore::take_interface_credit(std::uint32_t interface_vc) {
    const std::uint32_t index = interface_vc >> vc_bits_;
    const std::uint32_t vc = interface_vc & ((1U << vc_bits_) - 1);
    Interface& interface = interfaces_[index];
    if (interface.credits[vc]++ == 0) {
        interface.with_credit |= static_cast<std::uint16_t>(1U << vc);
        InterfaceStream& stream = interface.streams[class_of_vc(vc)];
        if (stream.flits_left > 0 && stream.vc == vc) {
            stream.credit_wait += static_cast<std::uint32_t>(now_) - stream.credit_since;
        }
        refresh_interface(index);
    }
}

bool FabricCore::sendable(const Interface& from, std::uint32_t message_class) const {
    const InterfaceStream& stream = from.streams[message_class];
    if (stream.flits_left > 0) {
        return (from.with_credit >> stream.vc & 1U) != 0;
    }
    return stream.size > 0 && (from.with_credit & class_vcs_[message_class]) != 0;
}

void FabricCore::refresh_interface(std::uint32_t index) {
    const Interface& interface = interfaces_[index];
    const std::uint64_t bit = 1ULL << (index & 63U);
    if (sendable(interface, 0) || sendable(interface, 1)) {
        busy_interfaces_[index >> 6U] |= bit;
    } else {
        busy_interfaces_[index >> 6U] &= ~bit;
    }
}

void FabricCore::send_from_interface(std::uint32_t index) {
    Interface& interface = interfaces_[index];
    const std::uint32_t message_class = sendable(interface, interface.turn) ? interface.turn : 1U - interface.turn;
    interface.turn = static_cast<std::uint8_t>(1 - message_class);
    InterfaceStream& stream = interface.streams[message_class];
    const std::uint32_t slot = stream.queue[stream.first];
    const Packet& packet = packets_[slot];
    PacketState& state = states_[slot];
    const auto now = static_cast<std::uint32_t>(now_);
    const bool head = stream.flits_left == 0;
    if (head) {
        const std::uint32_t choice = interface.with_credit & class_vcs_[message_class];
        stream.vc = static_cast<std::uint8_t>(first_from(choice, stream.next_vc));
        stream.next_vc = stream.vc + 1U;
        stream.flits_left = packet.flits;
        state = PacketState{};
        state.entered = now;
        state.head_due = now + 2;
    } else if (stream.eligible != now) {
        state.body_credit += stream.credit_wait;
        state.body_allocation += now - stream.eligible - stream.credit_wait;
    }
    const std::uint32_t vc = interface.port << vc_bits_ | stream.vc;
    InputVc& buffer = in_vcs_[vc];
    Flit& place = rings_[buffer.ring + (buffer.tail++ & buffer.mask)];
    place.packet = slot;
    place.destination = packet.destination;
    place.head = head;
    place.tail = stream.flits_left == 1;
    slot_at(now_ + 2).arrivals.push_back(vc);
    ++counters_.injected.flits[message_class];
    last_progress_ = now_;
    if (--interface.credits[stream.vc] == 0) {
        interface.with_credit &= static_cast<std::uint16_t>(~(1U << stream.vc));
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

} // namespace intarsia::noc
