// What the wormhole engine sets up once: buffers, channels, sources, routes.
#include "config/errors.hpp"
#include "noc/wormhole_engine_core.hpp"

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace intarsia::noc {

namespace {

constexpr std::uint32_t relay_flits = 2; ///< of a relay station: the least that passes a flit every cycle

std::size_t words_for(std::size_t members) {
    return (members + 63) / 64;
}

} // namespace

WormholeCore::WormholeCore(const NetworkPlan& plan, const SinkOptions& sink)
    : plan_(plan), sink_(sink), packet_lock_(plan.router.wormhole.packet_lock),
      classes_(std::max<std::uint32_t>(1, static_cast<std::uint32_t>(plan.class_vcs.size()))),
      credit_delay_(std::max<std::uint32_t>(1, plan.router.wormhole.credit_delay_cycles)) {
    endpoints_ = static_cast<std::uint32_t>(plan.endpoints.size());
    uses_credits_ = plan.router.wormhole.flow_control == WormholeRouterOptions::FlowControl::credit;
    check_plan();
    first_port_.push_back(0);
    for (const NetworkRouter& router : plan.routers) {
        first_port_.push_back(first_port_.back() + static_cast<std::uint32_t>(router.ports.size()));
    }
    build_inputs();
    build_outputs();
    build_sources();
    build_routes();
    wanted_outputs_.resize(plan.routers.size());
    busy_routers_.resize(words_for(plan.routers.size()));
    crossings_.resize(port_count());
    busy_chain_.resize(words_for(buffers_.size()));
    leaving_.resize(buffers_.size() - port_count());
    stalls_.resize(port_count());
    flits_sent_.resize(std::size_t(port_count()) * classes_);
}

void WormholeCore::check_plan() const {
    require(plan_.virtual_channels == 1, "a wormhole network has one virtual channel");
    require(plan_.router.wormhole.input_fifo_flits >= 1, "a wormhole router's input FIFO holds at least one flit");
    require(sink_.stall == 0 || sink_.period > 0, "a sink that stalls has a period");
    for (const NetworkRouter& router : plan_.routers) {
        require(router.ports.size() <= wormhole_most_ports, "a wormhole router has at most 64 ports");
        for (const NetworkPort& port : router.ports) {
            require(port.use != PortUse::border, "a wormhole network has no border ports");
            require(port.interval_denominator >= 1 && port.interval_numerator >= port.interval_denominator,
                    "a flit occupies a channel for a cycle at least");
        }
    }
}

std::uint32_t WormholeCore::add_buffer(std::uint32_t capacity) {
    WormholeBuffer buffer;
    buffer.base = static_cast<std::uint32_t>(flits_.size());
    buffer.mask = std::bit_ceil(capacity) - 1;
    buffer.capacity = capacity;
    require(flits_.size() + buffer.mask < UINT32_MAX, "buffers of a network hold fewer than 2^32 flits");
    flits_.resize(flits_.size() + buffer.mask + 1);
    buffers_.push_back(buffer);
    return static_cast<std::uint32_t>(buffers_.size() - 1);
}

void WormholeCore::build_inputs() {
    for (std::uint32_t router = 0; router < plan_.routers.size(); ++router) {
        for (std::uint32_t port = 0; port < plan_.routers[router].ports.size(); ++port) {
            WormholeBuffer& input = buffers_[add_buffer(plan_.router.wormhole.input_fifo_flits)];
            input.router = router;
            input.port = port;
            input.next = first_port_[router] + port;
        }
    }
    credit_to_.assign(port_count(), UINT32_MAX);
}

void WormholeCore::build_outputs() {
    outputs_.resize(port_count());
    if (plan_.router.wormhole.output_fifo_flits > 0) {
        for (std::uint32_t port = 0; port < port_count(); ++port) {
            outputs_[port].fifo = add_buffer(plan_.router.wormhole.output_fifo_flits);
            buffers_[outputs_[port].fifo].next = port;
        }
    }
    fifo_end_ = static_cast<std::uint32_t>(buffers_.size());
    for (std::uint32_t router = 0; router < plan_.routers.size(); ++router) {
        for (std::uint32_t port = 0; port < plan_.routers[router].ports.size(); ++port) {
            build_channel(router, port);
        }
    }
}

void WormholeCore::build_channel(std::uint32_t router, std::uint32_t port) {
    const NetworkPort& described = plan_.routers[router].ports[port];
    const std::uint32_t number = first_port_[router] + port;
    WormholeOutput& output = outputs_[number];
    output.interval_numerator = described.interval_numerator;
    output.interval_denominator = described.interval_denominator;
    output.slow = described.interval_numerator > described.interval_denominator;
    const bool to_sink = described.use == PortUse::endpoint;
    if (!to_sink && !described.to.exists()) {
        return; // no route leads here
    }
    const std::uint32_t end = to_sink ? described.endpoint : first_port_[described.to.router] + described.to.port;
    if (!to_sink && uses_credits_) {
        output.channel = WormholeChannel::credits;
        output.target = end;
        output.latency = described.latency_cycles;
        output.credits = plan_.router.wormhole.input_fifo_flits;
        credit_to_[end] = number;
        const std::uint64_t most = std::uint64_t(described.latency_cycles) + credit_delay_ + 1;
        if (due_.size() < most + 1) {
            due_.resize(std::bit_ceil(most + 1));
            due_mask_ = due_.size() - 1;
        }
        return;
    }
    output.channel = to_sink ? WormholeChannel::sink : WormholeChannel::wire;
    output.target = end;
    for (std::uint32_t station = 0, before = 0; station < described.latency_cycles; ++station) {
        const std::uint32_t relay = add_buffer(relay_flits);
        buffers_[relay].next = to_sink ? end | sink_bit : end;
        if (station == 0) {
            output.channel = WormholeChannel::wire;
            output.target = relay;
        } else {
            buffers_[before].next = relay;
        }
        before = relay;
    }
}

void WormholeCore::build_sources() {
    sources_.resize(endpoints_);
    busy_sources_.resize(words_for(sources_.size()));
    injecting_.resize(sources_.size());
    for (std::uint32_t endpoint = 0; endpoint < sources_.size(); ++endpoint) {
        sources_[endpoint].port = first_port_[plan_.endpoints[endpoint].router] + plan_.endpoints[endpoint].port;
    }
}

void WormholeCore::build_routes() {
    constexpr std::size_t most_ways = 1U << 22U; // 4 MB; beyond that the tables themselves are the better cache
    const RouteTables& routes = plan_.routes;
    if (std::size_t(port_count()) * endpoints_ <= most_ways) {
        ways_.assign(std::size_t(port_count()) * endpoints_, ask_tables);
    }
    allowed_inputs_.resize(port_count());
    std::unordered_map<std::uint32_t, std::uint64_t> outputs_of_row; // many inputs share a row; looked up by key only
    for (std::uint32_t router = 0; router < plan_.routers.size(); ++router) {
        const std::vector<NetworkPort>& ports = plan_.routers[router].ports;
        for (std::uint32_t in = 0; in < ports.size(); ++in) {
            if (ports[in].use == PortUse::link && !ports[in].from.exists()) {
                continue;
            }
            const std::uint32_t local = in << routes.vc_bits();
            const auto [row, unseen] = outputs_of_row.try_emplace(routes.row_of(router, local), 0);
            for (std::uint32_t destination = 0; destination < endpoints_ && (unseen || !ways_.empty()); ++destination) {
                const RouteEntry entry = routes.lookup(router, local, static_cast<EndpointId>(destination));
                if (entry.port == RouteEntry::is_list) {
                    for (const RouteOption& option : routes.list(entry).options) {
                        row->second |= 1ULL << option.port;
                    }
                } else if (entry.port != RouteEntry::none) {
                    row->second |= 1ULL << entry.port;
                    if (!ways_.empty()) {
                        ways_[std::size_t(first_port_[router] + in) * endpoints_ + destination] =
                            static_cast<std::uint8_t>(entry.port);
                    }
                }
            }
            for (std::uint64_t outs = row->second; outs != 0; outs &= outs - 1) {
                allowed_inputs_[first_port_[router] + static_cast<std::uint32_t>(std::countr_zero(outs))] |= 1ULL << in;
            }
        }
    }
}

} // namespace intarsia::noc
