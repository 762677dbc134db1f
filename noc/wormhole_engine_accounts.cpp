// The wormhole engine's counters, its audit, and who waits for whom.
#include "config/errors.hpp"
#include "noc/wormhole_engine_core.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

namespace intarsia::noc {

OutputCounters WormholeCore::counters(std::uint32_t router, std::uint32_t port) const {
    const std::uint32_t number = first_port_[router] + port;
    OutputCounters counters;
    const auto first = flits_sent_.begin() + static_cast<std::ptrdiff_t>(std::size_t(number) * classes_);
    counters.flits.assign(first, first + classes_);
    counters.no_vc = stalls_[number].no_vc;
    counters.no_credit = stalls_[number].no_credit;
    counters.lost_allocation = stalls_[number].lost_allocation;
    return counters;
}

std::string WormholeCore::packet_text(std::uint32_t slot) const {
    const TrafficPacket& packet = packets_[slot].traffic;
    return fmt::format("packet {} ({} to {}, {} flits)", packet.id, plan_.endpoints[packet.source].name,
                       plan_.endpoints[packet.destination].name, packet.flits);
}

// Why nothing can enter what stands behind a crossbar output.
std::string WormholeCore::obstacle_text(std::uint32_t router, std::uint32_t port) const {
    const NetworkPort& described = plan_.routers[router].ports[port];
    const WormholeOutput& output = outputs_[first_port_[router] + port];
    if (output.fifo != UINT32_MAX && !buffers_[output.fifo].accepts()) {
        return "its output FIFO is full";
    }
    if (output.slow && now_ * output.interval_denominator < output.free_at) {
        return "the slow link is busy";
    }
    if (described.use == PortUse::endpoint) {
        return fmt::format("endpoint {} does not take it", plan_.endpoints[described.endpoint].name);
    }
    const NetworkRouter& next = plan_.routers[described.to.router];
    const char* const what =
        output.channel == WormholeChannel::credits ? "no credit for" : "no space on the way to, or in,";
    return fmt::format("{} input {} of {}", what, next.ports[described.to.port].name, next.name);
}

std::vector<std::string> WormholeCore::describe_waits(std::size_t lines) const {
    std::vector<std::string> text;
    for (std::uint32_t number = 0; number < port_count() && text.size() < lines; ++number) {
        const WormholeBuffer& input = buffers_[number];
        if (input.count == 0) {
            continue;
        }
        const NetworkRouter& router = plan_.routers[input.router];
        const std::uint32_t out = input.next - first_port_[input.router];
        const WormholeOutput& output = outputs_[input.next];
        std::string cause = obstacle_text(input.router, out);
        if (output.locked && output.eligible != 1ULL << input.port) {
            const auto owner = static_cast<std::uint32_t>(std::countr_zero(output.eligible));
            cause = fmt::format("which is locked to input {}", router.ports[owner].name);
        }
        text.push_back(fmt::format("{} input {}: {} waits at flit {} for output {}; {}", router.name,
                                   router.ports[input.port].name, packet_text(front(input).packet),
                                   front(input).index(), router.ports[out].name, cause));
    }
    for (std::uint32_t endpoint = 0; endpoint < sources_.size() && text.size() < lines; ++endpoint) {
        const WormholeSource& source = sources_[endpoint];
        if (source.first != UINT32_MAX && !buffers_[source.port].accepts()) {
            text.push_back(fmt::format("endpoint {}: {} waits at flit {}; its input FIFO at {} is full",
                                       plan_.endpoints[endpoint].name, packet_text(source.first), source.sent,
                                       plan_.routers[buffers_[source.port].router].name));
        }
    }
    return text;
}

void WormholeCore::audit() const {
    require(offered_ == arrived_, "every packet offered to the wormhole network has arrived");
    require(injected_flits_ == ejected_flits_, "as many flits have left the wormhole network as entered it");
    require(due_count_ == 0, "no flit or credit is on a channel of the drained wormhole network");
    for (const WormholeBuffer& buffer : buffers_) {
        require(buffer.count == 0, "buffers of the drained wormhole network are empty");
    }
    for (const WormholeSource& source : sources_) {
        require(source.first == UINT32_MAX && source.sent == 0, "sources of the drained wormhole network are empty");
    }
    for (const WormholeOutput& output : outputs_) {
        require(output.wanted_by == 0, "no output of the drained wormhole network is asked for");
        require(!output.locked && output.eligible == ~0ULL, "no output of the drained wormhole network is held");
        require(output.channel != WormholeChannel::credits || output.credits == plan_.router.wormhole.input_fifo_flits,
                "all credits of the drained wormhole network are home");
    }
    const auto nothing = [](std::uint64_t word) { return word == 0; };
    require(std::all_of(wanted_outputs_.begin(), wanted_outputs_.end(), nothing) &&
                std::all_of(busy_routers_.begin(), busy_routers_.end(), nothing) &&
                std::all_of(busy_chain_.begin(), busy_chain_.end(), nothing) &&
                std::all_of(busy_sources_.begin(), busy_sources_.end(), nothing),
            "the drained wormhole network rests");
    std::size_t free = 0;
    for (std::uint32_t slot = free_packet_; slot != UINT32_MAX && free <= packets_.size(); slot = packets_[slot].next) {
        ++free;
    }
    require(free == packets_.size(), "every place in the packet table of the drained wormhole network is free");
}

} // namespace intarsia::noc
