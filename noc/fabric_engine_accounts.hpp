// FabricEngine: counters, who waits for whom, and the audit of a drained fabric. Included by fabric_engine.hpp.
#pragma once

#include "noc/fabric_engine.hpp"

#include <fmt/format.h>

namespace intarsia::noc {

inline constexpr std::array<const char*, message_classes> message_class_names{"request", "reply"};

template <class Shape>
FabricCounters FabricEngine<Shape>::counters() const {
    FabricCounters counters = counters_;
    counters.flit_hops = this->sent_in_all();
    return counters;
}

template <class Shape>
ChannelCounters FabricEngine<Shape>::channel(std::uint32_t router, std::uint32_t port) const {
    ChannelCounters counters;
    for (std::uint32_t vc = 0; vc < die_.virtual_channels(); ++vc) {
        counters.flits += this->sent(router, port << this->vc_bits() | vc);
    }
    const StallCounters stalls = this->stalls(router, port);
    counters.allocation_stalls = stalls.no_vc + stalls.lost_allocation;
    counters.credit_stalls = stalls.no_credit;
    return counters;
}

template <class Shape>
void FabricEngine<Shape>::audit() const {
    const auto check = [](bool holds, const std::string& what) {
        if (!holds) {
            throw InvariantError(what);
        }
    };
    for (std::uint32_t c = 0; c < message_classes; ++c) {
        const auto in_packets = counters_.injected.packets[c] + counters_.received.packets[c];
        const auto out_packets = counters_.ejected.packets[c] + counters_.sent.packets[c];
        check(in_packets == out_packets, fmt::format("{}: {} {} packets went in, {} came out", die_.name, in_packets,
                                                     message_class_names[c], out_packets));
        const auto in_flits = counters_.injected.flits[c] + counters_.received.flits[c];
        const auto out_flits = counters_.ejected.flits[c] + counters_.sent.flits[c];
        check(in_flits == out_flits, fmt::format("{}: {} {} flits went in, {} came out", die_.name, in_flits,
                                                 message_class_names[c], out_flits));
    }
    check(next_cycle(this->now_) == UINT64_MAX,
          fmt::format("{}: something is still under way in the network", die_.name));
    this->audit_routers(0);
    for (const Interface& interface : interfaces_) {
        const EndpointPlan& endpoint = package_.endpoint(interface.endpoint);
        for (std::uint32_t v = 0; v < die_.virtual_channels(); ++v) {
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

template <class Shape>
std::vector<std::string> FabricEngine<Shape>::describe_waits(std::size_t lines) const {
    std::vector<std::string> text;
    const auto packet_text = [&](std::uint32_t slot) {
        const Packet& packet = packets_[slot];
        return fmt::format("{} {} -> {}", message_class_names[static_cast<std::size_t>(class_of(packet.kind))],
                           package_.endpoint(packet.source).name, package_.endpoint(packet.destination).name);
    };
    Core::describe_waits(lines, packet_text, text);
    for (const Interface& interface : interfaces_) {
        for (std::uint32_t c = 0; c < message_classes && text.size() < lines; ++c) {
            const Stream& stream = interface.streams[c];
            if (stream.size > 0 && !sendable(interface, c)) {
                text.push_back(fmt::format("{} (first of {} in its interface queue) waits for a credit of its router",
                                           packet_text(stream.queue[stream.first]), stream.size));
            }
        }
    }
    return text;
}

} // namespace intarsia::noc
