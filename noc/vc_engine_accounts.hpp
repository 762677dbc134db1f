// VcEngine: counters, who waits for whom, and the audit of a drained network. Included by vc_engine.hpp.
#pragma once

#include "noc/vc_engine.hpp"

#include <fmt/format.h>

namespace intarsia::noc {

template <template <class> class CoreOf>
std::uint64_t VcEngine<CoreOf>::flit_hops() const {
    return this->sent_in_all();
}

template <template <class> class CoreOf>
OutputCounters VcEngine<CoreOf>::counters(std::uint32_t router, std::uint32_t port) const {
    const StallCounters stalls = Core::stalls(router, port);
    OutputCounters counters;
    for (const std::uint16_t vcs : this->plan_.class_vcs) {
        std::uint64_t flits = 0;
        for (std::uint32_t set = vcs; set != 0; set &= set - 1) {
            flits += this->sent(router, port << this->vc_bits() | lowest_of(set));
        }
        counters.flits.push_back(flits);
    }
    counters.no_vc = stalls.no_vc;
    counters.no_credit = stalls.no_credit;
    counters.lost_allocation = stalls.lost_allocation;
    return counters;
}

template <template <class> class CoreOf>
std::vector<std::string> VcEngine<CoreOf>::describe_waits(std::size_t lines) const {
    std::vector<std::string> text;
    const NetworkPlan& plan = this->plan_;
    const auto packet_text = [&](std::uint32_t slot) {
        const TrafficPacket& packet = records_[slot].packet;
        return fmt::format("packet {} ({} -> {})", packet.id, plan.endpoints[packet.source].name,
                           plan.endpoints[packet.destination].name);
    };
    Core::describe_waits(lines, packet_text, text);
    for (std::uint32_t e = 0; e < interfaces_.size() && text.size() < lines; ++e) {
        for (std::uint32_t c = 0; c < classes_; ++c) {
            const Stream& stream = streams_[e * classes_ + c];
            if (stream.first != none && !sendable(interfaces_[e], stream)) {
                text.push_back(packet_text(stream.first) +
                               " (first in its source queue) waits for a credit of its router");
            }
        }
    }
    return text;
}

template <template <class> class CoreOf>
void VcEngine<CoreOf>::audit() const {
    const auto check = [](bool holds, const std::string& what) {
        if (!holds) {
            throw InvariantError(what);
        }
    };
    const NetworkPlan& plan = this->plan_;
    check(in_flight_ == 0, fmt::format("{} packets have not arrived", in_flight_));
    check(ejected_flits_ == offered_flits_,
          fmt::format("{} flits went in, {} came out", offered_flits_, ejected_flits_));
    this->audit_routers(sinks_.empty() ? 0 : sink_options_.buffer_flits);
    for (std::uint32_t e = 0; e < interfaces_.size(); ++e) {
        const NetworkEndpoint& endpoint = plan.endpoints[e];
        const std::uint32_t depth = plan.routers[endpoint.router].ports[endpoint.port].buffer_flits;
        for (std::uint32_t vc = 0; vc < plan.virtual_channels; ++vc) {
            check(interfaces_[e].credits[vc] == depth,
                  fmt::format("credits of the interface of {} are missing", endpoint.name));
        }
    }
}

} // namespace intarsia::noc
