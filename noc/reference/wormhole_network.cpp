#include "noc/reference/wormhole_network.hpp"

#include "config/errors.hpp"
#include "noc/reference/wormhole_channel_module.hpp"
#include "noc/reference/wormhole_endpoint_module.hpp"
#include "noc/reference/wormhole_router_module.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace intarsia::noc::reference {

namespace {

/// From a flit's departure until its credit counts: the longest channel there and back, the credit's delay, and one
/// cycle for each of the two ends.
std::uint64_t settle_cycles(const NetworkPlan& plan) {
    std::uint32_t longest = 0;
    for (const NetworkRouter& router : plan.routers) {
        for (const NetworkPort& port : router.ports) {
            longest = std::max(longest, port.latency_cycles);
        }
    }
    return 2ULL * longest + std::max(1U, plan.router.wormhole.credit_delay_cycles) + 2;
}

} // namespace

struct WormholeNetwork::Modules {
    Modules(const NetworkPlan& plan, const SinkOptions& sink, ReferenceClock& clock);

    template <class Module, class... Arguments>
    Module& add(std::vector<std::unique_ptr<Module>>& modules, const std::string& name, const Arguments&... arguments) {
        Module& module = *modules.emplace_back(std::make_unique<Module>(name.c_str(), arguments...));
        module.cycle(clock_->cycle);
        module.edge(clock_->edge);
        return module;
    }
    WormholeChannel& add_channel() { return *channels.emplace_back(std::make_unique<WormholeChannel>()); }
    WormholeChannel& add_relay_stations(WormholeChannel& from, const std::string& name, std::uint32_t count);
    WormholeChannel& add_credit_link(WormholeChannel& from, const std::string& name, std::uint32_t latency);
    void connect_output(const NetworkPlan& plan, std::uint32_t router, std::uint32_t port);
    void connect_input(const NetworkPlan& plan, std::uint32_t router, std::uint32_t port);

    std::vector<std::unique_ptr<WormholeRouterModule>> routers;
    std::vector<std::unique_ptr<RelayStationModule>> stations;
    std::vector<std::unique_ptr<CreditLinkModule>> credit_links;
    std::vector<std::unique_ptr<WormholeSourceModule>> sources; ///< by endpoint
    std::vector<std::unique_ptr<WormholeSinkModule>> sinks;     ///< by endpoint
    std::vector<std::unique_ptr<WormholeChannel>> channels;

  private:
    ReferenceClock* clock_;
};

WormholeNetwork::Modules::Modules(const NetworkPlan& plan, const SinkOptions& sink, ReferenceClock& clock)
    : clock_(&clock) {
    for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
        add(routers, fmt::format("router_{}", r), plan, r);
    }
    for (std::uint32_t n = 0; n < plan.endpoints.size(); ++n) {
        add(sources, fmt::format("source_{}", n));
        add(sinks, fmt::format("sink_{}", n), sink, n);
    }
    for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
        for (std::uint32_t p = 0; p < plan.routers[r].ports.size(); ++p) {
            connect_output(plan, r, p);
            connect_input(plan, r, p);
        }
    }
}

WormholeChannel& WormholeNetwork::Modules::add_relay_stations(WormholeChannel& from, const std::string& name,
                                                              std::uint32_t count) {
    WormholeChannel* at = &from;
    for (std::uint32_t k = 0; k < count; ++k) {
        RelayStationModule& station = add(stations, fmt::format("{}_{}", name, k));
        WormholeChannel& behind = add_channel();
        station.flit_in(at->flit);
        station.ready_out(at->ready);
        station.flit_out(behind.flit);
        station.ready_in(behind.ready);
        at = &behind;
    }
    return *at;
}

WormholeChannel& WormholeNetwork::Modules::add_credit_link(WormholeChannel& from, const std::string& name,
                                                           std::uint32_t latency) {
    if (latency == 0) {
        return from;
    }
    CreditLinkModule& link = add(credit_links, name, latency);
    WormholeChannel& behind = add_channel();
    link.flit_in(from.flit);
    link.credit_out(from.credit);
    link.flit_out(behind.flit);
    link.credit_in(behind.credit);
    return behind;
}

// The channel of an output to the next router's input or to the sink; an output that leads nowhere gets pins all the
// same.
void WormholeNetwork::Modules::connect_output(const NetworkPlan& plan, std::uint32_t router, std::uint32_t port) {
    const NetworkPort& what = plan.routers[router].ports[port];
    const std::string name = fmt::format("link_{}_{}", router, port);
    const bool by_credit =
        what.use == PortUse::link && plan.router.wormhole.flow_control == WormholeRouterOptions::FlowControl::credit;
    WormholeChannel& begin = add_channel();
    routers[router]->flit_out[port](begin.flit);
    routers[router]->ready_in[port](begin.ready);
    routers[router]->credit_in[port](begin.credit);
    WormholeChannel& end = by_credit ? add_credit_link(begin, name, what.latency_cycles)
                                     : add_relay_stations(begin, name, what.latency_cycles);
    if (what.use == PortUse::endpoint) {
        sinks[what.endpoint]->flit_in(end.flit);
        sinks[what.endpoint]->ready_out(end.ready);
    } else if (what.to.exists()) {
        WormholeRouterModule& next = *routers[what.to.router];
        next.flit_in[what.to.port](end.flit);
        next.ready_out[what.to.port](end.ready);
        next.credit_out[what.to.port](end.credit);
    }
}

// The wires from a source; inputs from other routers are connected at the other end.
void WormholeNetwork::Modules::connect_input(const NetworkPlan& plan, std::uint32_t router, std::uint32_t port) {
    const NetworkPort& what = plan.routers[router].ports[port];
    if (what.use == PortUse::link && what.from.exists()) {
        return;
    }
    WormholeChannel& wires = add_channel();
    routers[router]->flit_in[port](wires.flit);
    routers[router]->ready_out[port](wires.ready);
    routers[router]->credit_out[port](wires.credit);
    if (what.use == PortUse::endpoint) {
        sources[what.endpoint]->flit_out(wires.flit);
        sources[what.endpoint]->ready_in(wires.ready);
    }
}

WormholeNetwork::WormholeNetwork(const NetworkPlan& network, const SinkOptions& sink)
    : ReferenceEngine(network, settle_cycles(network)) {
    const KernelContext::Scope scope(context());
    modules_ = std::make_unique<Modules>(network, sink, clock());
}

WormholeNetwork::~WormholeNetwork() {
    const KernelContext::Scope scope(context());
    modules_.reset();
}

void WormholeNetwork::queue_packet(const TrafficPacket& packet) {
    modules_->sources[packet.source]->offer(packet);
}

void WormholeNetwork::collect_delivered(std::vector<DeliveredPacket>& delivered) const {
    for (const auto& sink : modules_->sinks) {
        delivered.insert(delivered.end(), sink->delivered().begin(), sink->delivered().end());
    }
}

void WormholeNetwork::collect_hops(std::vector<FlitHop>& hops) const {
    for (const auto& router : modules_->routers) {
        hops.insert(hops.end(), router->hops().begin(), router->hops().end());
    }
}

bool WormholeNetwork::moved() const {
    const auto sent = [](const auto& source) { return source->sent(); };
    const auto moved = [](const auto& router) { return router->moved(); };
    const auto took = [](const auto& sink) { return sink->took(); };
    return std::any_of(modules_->sources.begin(), modules_->sources.end(), sent) ||
           std::any_of(modules_->routers.begin(), modules_->routers.end(), moved) ||
           std::any_of(modules_->sinks.begin(), modules_->sinks.end(), took);
}

std::uint64_t WormholeNetwork::flit_hops() const {
    std::uint64_t sum = 0;
    for (const auto& router : modules_->routers) {
        sum += router->flits_sent();
    }
    return sum;
}

std::uint64_t WormholeNetwork::ejected_flits() const {
    std::uint64_t sum = 0;
    for (const auto& sink : modules_->sinks) {
        sum += sink->flits_taken();
    }
    return sum;
}

OutputCounters WormholeNetwork::counters(std::uint32_t router, std::uint32_t port) const {
    return modules_->routers[router]->counters(port);
}

std::vector<std::string> WormholeNetwork::describe_waits(std::size_t lines) const {
    std::vector<std::string> all;
    for (const auto& router : modules_->routers) {
        const std::vector<std::string> waits = router->describe_waits();
        all.insert(all.end(), waits.begin(), waits.end());
    }
    all.resize(std::min(all.size(), lines));
    return all;
}

void WormholeNetwork::audit() const {
    for (const auto& router : modules_->routers) {
        router->audit();
    }
    for (const auto& source : modules_->sources) {
        source->audit();
    }
    for (const auto& station : modules_->stations) {
        require(station->empty(), "a drained network's relay stations hold no flit");
    }
    for (const auto& sink : modules_->sinks) {
        sink->audit();
    }
    require(in_flight() == 0, "as many packets came out as went in");
}

} // namespace intarsia::noc::reference
