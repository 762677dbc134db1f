// Accounts of the fabric: what must hold when it has drained, and who waits when it does not.
#include "noc/fabric_core.hpp"

#include <fmt/format.h>

namespace intarsia::noc {

namespace {

void check(bool holds, const std::string& what) {
    if (!holds) {
        throw InvariantError(what);
    }
}

constexpr std::array<const char*, message_classes> class_names{"request", "reply"};

} // namespace

void FabricCore::audit() const {
    const std::uint32_t vcs = die_.virtual_channels();
    for (std::uint32_t c = 0; c < message_classes; ++c) {
        const auto in_packets = counters_.injected.packets[c] + counters_.received.packets[c];
        const auto out_packets = counters_.ejected.packets[c] + counters_.sent.packets[c];
        check(in_packets == out_packets, fmt::format("{}: {} {} packets went in, {} came out", die_.name, in_packets,
                                                     class_names[c], out_packets));
        const auto in_flits = counters_.injected.flits[c] + counters_.received.flits[c];
        const auto out_flits = counters_.ejected.flits[c] + counters_.sent.flits[c];
        check(in_flits == out_flits,
              fmt::format("{}: {} {} flits went in, {} came out", die_.name, in_flits, class_names[c], out_flits));
    }
    for (const WheelSlot& slot : wheel_) {
        check(slot.empty(), fmt::format("{}: something is still under way in the network", die_.name));
    }
    for (std::uint32_t r = 0; r < die_.routers.size(); ++r) {
        for (std::uint32_t p = 0; p < die_.routers[r].ports.size(); ++p) {
            const std::uint32_t index = port_index(r, p);
            std::uint32_t credits = die_.network.vc_buffer_flits;
            if (out_ports_[index].kind == PortKind::link) {
                credits = die_.link_ports[out_ports_[index].target].tx_buffer_flits;
            }
            for (std::uint32_t v = 0; v < vcs; ++v) {
                const InputVc& buffer = in_vcs_[index << vc_bits_ | v];
                const OutputVc& output = out_vcs_[index << vc_bits_ | v];
                const auto where = [&] { return fmt::format("{} vc {}", plan_.channel_name(die_index_, r, p), v); };
                check(buffer.count == 0 && buffer.head == buffer.tail && buffer.state == VcState::idle,
                      "a flit is left in the buffer facing " + where());
                check(output.owner == no_owner, "a packet still owns " + where());
                check(output.credits == credits,
                      fmt::format("{} of {} credits are home at {}", output.credits, credits, where()));
            }
        }
    }
    for (const Interface& interface : interfaces_) {
        const EndpointPlan& endpoint = plan_.endpoint(interface.endpoint);
        for (std::uint32_t v = 0; v < vcs; ++v) {
            check(interface.credits[v] == die_.network.vc_buffer_flits,
                  fmt::format("credits of the interface of {} are missing", endpoint.name));
        }
        check(interface.streams[0].size == 0 && interface.streams[1].size == 0,
              fmt::format("packets are left in the queues of {}", endpoint.name));
        check(interface.request_credits == endpoint.request_credits,
              fmt::format("{} of {} packet credits of {} are home", interface.request_credits, endpoint.request_credits,
                          endpoint.name));
    }
    check(!busy(), fmt::format("{}: packets are left in the packet table", die_.name));
}

std::vector<std::string> FabricCore::describe_waits(std::size_t lines) const {
    std::vector<std::string> text;
    const std::uint32_t vcs = die_.virtual_channels();
    const auto packet_text = [&](std::uint32_t slot) {
        const Packet& packet = packets_[slot];
        return fmt::format("{} {} -> {}", class_names[static_cast<std::size_t>(class_of(packet.kind))],
                           plan_.endpoint(packet.source).name, plan_.endpoint(packet.destination).name);
    };
    for (std::uint32_t r = 0; r < die_.routers.size(); ++r) {
        for (std::uint32_t p = 0; p < die_.routers[r].ports.size(); ++p) {
            const std::uint32_t index = port_index(r, p);
            for (std::uint32_t v = 0; v < vcs && text.size() < lines; ++v) {
                const InputVc& buffer = in_vcs_[index << vc_bits_ | v];
                if (buffer.count == 0 || (in_ports_[index].ready >> v & 1U) != 0) {
                    continue;
                }
                const std::uint32_t out = port_index(r, buffer.out_port);
                const std::string channel = plan_.channel_name(die_index_, r, buffer.out_port);
                std::string line = fmt::format("{} (input {} vc {} of router ({},{})) ",
                                               packet_text(rings_[buffer.ring + (buffer.head & buffer.mask)].packet),
                                               die_.routers[r].ports[p].name, v, die_.routers[r].position.column,
                                               die_.routers[r].position.row);
                const std::uint32_t message_class = class_of_vc(v);
                if (buffer.state == VcState::active) {
                    line += fmt::format("waits for a credit of {} vc {}", channel, buffer.out_vc);
                } else if ((out_ports_[out].free & class_vcs_[message_class]) != 0) {
                    line += fmt::format("waits for its destination to take a request from {}", channel);
                } else {
                    line += fmt::format("waits for a {} virtual channel of {}, held by", class_names[message_class],
                                        channel);
                    for (std::uint32_t o = 0; o < vcs; ++o) {
                        const std::uint16_t owner = out_vcs_[out << vc_bits_ | o].owner;
                        if (owner != no_owner && class_of_vc(o) == message_class) {
                            line += fmt::format(" [input {} vc {}]", die_.routers[r].ports[owner >> vc_bits_].name,
                                                owner & ((1U << vc_bits_) - 1));
                        }
                    }
                }
                text.push_back(std::move(line));
            }
        }
    }
    for (const Interface& interface : interfaces_) {
        for (std::uint32_t c = 0; c < message_classes && text.size() < lines; ++c) {
            const InterfaceStream& stream = interface.streams[c];
            if (stream.size > 0 && !sendable(interface, c)) {
                text.push_back(fmt::format("{} (first of {} in its interface queue) waits for a credit of its router",
                                           packet_text(stream.queue[stream.first]), stream.size));
            }
        }
    }
    return text;
}

} // namespace intarsia::noc
