#include "noc/reference/vc_network.hpp"

#include "config/errors.hpp"
#include "noc/reference/vc_interface_module.hpp"
#include "noc/reference/vc_link_module.hpp"
#include "noc/reference/vc_router_module.hpp"
#include "noc/reference/vc_sink_module.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

namespace intarsia::noc::reference {

namespace {

/// From a flit's departure until its credit counts: the pipeline, the longest channel there and back, the credit's
/// delay, and one cycle for each of the two ends.
std::uint64_t settle_cycles(const NetworkPlan& plan) {
    std::uint32_t longest = 1;
    for (const NetworkRouter& router : plan.routers) {
        for (const NetworkPort& port : router.ports) {
            longest = std::max(longest, port.latency_cycles);
        }
    }
    const VcRouterOptions& router = plan.router.vc;
    return router.switch_alloc_delay + router.traversal_delay + router.credit_delay_cycles + 2ULL * longest + 2;
}

/// Slots a virtual channel downstream of an output; nothing where credits never lack.
std::optional<std::uint32_t> credits_of(const NetworkPlan& plan, const SinkOptions& sink, const NetworkPort& port) {
    if (port.use == PortUse::endpoint) {
        return sink.stall == 0 ? std::nullopt : std::optional(sink.buffer_flits);
    }
    return port.to.exists() ? plan.routers[port.to.router].ports[port.to.port].buffer_flits : 0;
}

} // namespace

struct VcNetwork::Modules {
    Modules(const NetworkPlan& plan, const SinkOptions& sink, ReferenceClock& clock);

    /// The pins at the sending and at the receiving end of a channel.
    struct Ends {
        VcChannel* sender;
        VcChannel* receiver;
    };
    Ends add_channel(const std::string& name, std::uint32_t latency, ReferenceClock& clock);
    void connect_router_output(const NetworkPlan& plan, std::uint32_t router, std::uint32_t port,
                               ReferenceClock& clock);
    void connect_router_input(const NetworkPlan& plan, std::uint32_t router, std::uint32_t port, ReferenceClock& clock);

    std::vector<std::unique_ptr<VcRouterModule>> routers;
    std::vector<std::unique_ptr<VcLinkModule>> links;
    std::vector<std::unique_ptr<VcInterfaceModule>> interfaces; ///< by endpoint
    std::vector<std::unique_ptr<VcSinkModule>> sinks;           ///< by endpoint
    std::vector<std::unique_ptr<VcChannel>> channels;
};

VcNetwork::Modules::Modules(const NetworkPlan& plan, const SinkOptions& sink, ReferenceClock& clock) {
    for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
        std::vector<std::optional<std::uint32_t>> credits;
        for (const NetworkPort& port : plan.routers[r].ports) {
            credits.push_back(credits_of(plan, sink, port));
        }
        routers.push_back(std::make_unique<VcRouterModule>(fmt::format("router_{}", r).c_str(), plan, r, credits));
        routers.back()->cycle(clock.cycle);
    }
    for (std::uint32_t n = 0; n < plan.endpoints.size(); ++n) {
        interfaces.push_back(std::make_unique<VcInterfaceModule>(fmt::format("interface_{}", n).c_str(), plan, n));
        interfaces.back()->cycle(clock.cycle);
        sinks.push_back(std::make_unique<VcSinkModule>(fmt::format("sink_{}", n).c_str(), plan, sink, n));
        sinks.back()->cycle(clock.cycle);
    }
    for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
        for (std::uint32_t p = 0; p < plan.routers[r].ports.size(); ++p) {
            connect_router_output(plan, r, p, clock);
            connect_router_input(plan, r, p, clock);
        }
    }
}

VcNetwork::Modules::Ends VcNetwork::Modules::add_channel(const std::string& name, std::uint32_t latency,
                                                         ReferenceClock& clock) {
    require(latency >= 1, "a channel of the vc model takes at least one cycle");
    VcChannel* sender = channels.emplace_back(std::make_unique<VcChannel>()).get();
    if (latency == 1) {
        return {sender, sender};
    }
    VcChannel* receiver = channels.emplace_back(std::make_unique<VcChannel>()).get();
    VcLinkModule& link = *links.emplace_back(std::make_unique<VcLinkModule>(name.c_str(), latency));
    link.cycle(clock.cycle);
    link.flit_in(sender->flit);
    link.flit_out(receiver->flit);
    link.credit_in(receiver->credit);
    link.credit_out(sender->credit);
    return {sender, receiver};
}

// The channel from an output to the next router's input or to the sink; an output that leads nowhere gets pins all the
// same.
void VcNetwork::Modules::connect_router_output(const NetworkPlan& plan, std::uint32_t router, std::uint32_t port,
                                               ReferenceClock& clock) {
    const NetworkPort& what = plan.routers[router].ports[port];
    const Ends ends = add_channel(fmt::format("link_{}_{}", router, port), what.latency_cycles, clock);
    routers[router]->flit_out[port](ends.sender->flit);
    routers[router]->credit_in[port](ends.sender->credit);
    if (what.use == PortUse::endpoint) {
        sinks[what.endpoint]->flit_in(ends.receiver->flit);
        sinks[what.endpoint]->credit_out(ends.receiver->credit);
    } else if (what.to.exists()) {
        routers[what.to.router]->flit_in[what.to.port](ends.receiver->flit);
        routers[what.to.router]->credit_out[what.to.port](ends.receiver->credit);
    }
}

// The channel from an interface; inputs from other routers were connected at the other end.
void VcNetwork::Modules::connect_router_input(const NetworkPlan& plan, std::uint32_t router, std::uint32_t port,
                                              ReferenceClock& clock) {
    const NetworkPort& what = plan.routers[router].ports[port];
    if (what.use == PortUse::link && what.from.exists()) {
        return;
    }
    const Ends ends = add_channel(fmt::format("injection_{}_{}", router, port), what.latency_cycles, clock);
    routers[router]->flit_in[port](ends.receiver->flit);
    routers[router]->credit_out[port](ends.receiver->credit);
    if (what.use == PortUse::endpoint) {
        interfaces[what.endpoint]->flit_out(ends.sender->flit);
        interfaces[what.endpoint]->credit_in(ends.sender->credit);
    }
}

VcNetwork::VcNetwork(const NetworkPlan& network, const SinkOptions& sink)
    : ReferenceEngine(network, settle_cycles(network)) {
    const KernelContext::Scope scope(context());
    modules_ = std::make_unique<Modules>(network, sink, clock());
}

VcNetwork::~VcNetwork() {
    const KernelContext::Scope scope(context());
    modules_.reset();
}

void VcNetwork::queue_packet(const TrafficPacket& packet) {
    modules_->interfaces[packet.source]->offer(packet);
}

void VcNetwork::collect_delivered(std::vector<DeliveredPacket>& delivered) const {
    for (const auto& sink : modules_->sinks) {
        delivered.insert(delivered.end(), sink->delivered().begin(), sink->delivered().end());
    }
}

void VcNetwork::collect_hops(std::vector<FlitHop>& hops) const {
    for (const auto& router : modules_->routers) {
        hops.insert(hops.end(), router->hops().begin(), router->hops().end());
    }
}

bool VcNetwork::moved() const {
    const auto sent = [](const auto& interface) { return interface->sent(); };
    const auto crossed = [](const auto& router) { return !router->hops().empty(); };
    const auto took = [](const auto& sink) { return sink->took(); };
    return std::any_of(modules_->interfaces.begin(), modules_->interfaces.end(), sent) ||
           std::any_of(modules_->routers.begin(), modules_->routers.end(), crossed) ||
           std::any_of(modules_->sinks.begin(), modules_->sinks.end(), took);
}

std::uint64_t VcNetwork::flit_hops() const {
    std::uint64_t sum = 0;
    for (const auto& router : modules_->routers) {
        sum += router->flits_switched();
    }
    return sum;
}

std::uint64_t VcNetwork::ejected_flits() const {
    std::uint64_t sum = 0;
    for (const auto& sink : modules_->sinks) {
        sum += sink->flits_taken();
    }
    return sum;
}

OutputCounters VcNetwork::counters(std::uint32_t router, std::uint32_t port) const {
    return modules_->routers[router]->counters(port);
}

std::vector<std::string> VcNetwork::describe_waits(std::size_t lines) const {
    std::vector<std::string> all;
    for (const auto& router : modules_->routers) {
        const std::vector<std::string> waits = router->describe_waits();
        all.insert(all.end(), waits.begin(), waits.end());
    }
    all.resize(std::min(all.size(), lines));
    return all;
}

void VcNetwork::audit() const {
    for (const auto& router : modules_->routers) {
        router->audit();
    }
    for (const auto& interface : modules_->interfaces) {
        interface->audit();
    }
    for (const auto& sink : modules_->sinks) {
        sink->audit();
    }
    require(in_flight() == 0, "as many packets came out as went in");
}

} // namespace intarsia::noc::reference
