#include "noc/proof_package.hpp"

#include <fmt/format.h>
#include <utility>

namespace intarsia::noc {

namespace {

std::uint16_t vcs(const DiePlan& die, MessageClass message_class) {
    return static_cast<std::uint16_t>(((1U << die.vcs(message_class)) - 1) << die.first_vc(message_class));
}

NetworkPort network_port(const PackagePlan& plan, const std::vector<std::uint32_t>& first_router, std::uint32_t die,
                         const PortPlan& port) {
    NetworkPort made;
    made.name = port.name;
    if (port.kind == PortKind::endpoint) {
        made.use = PortUse::endpoint;
        made.endpoint = port.endpoint;
        return made;
    }
    if (port.kind == PortKind::mesh) {
        made.to = {first_router[die] + port.peer_router, port.peer_port};
    } else {
        const LinkPortPlan& end = plan.die(die).link_ports[port.link_port];
        const LinkPortPlan& peer = plan.die(end.peer_die).link_ports[end.peer_link_port];
        made.to = {first_router[end.peer_die] + peer.router, peer.port};
    }
    made.from = made.to; // both directions of a link end at the same two ports
    return made;
}

} // namespace

NetworkPlan joined_network(const PackagePlan& plan, bool replies) {
    NetworkPlan network;
    network.name = plan.name();
    std::vector<std::uint32_t> first_router;
    std::vector<std::uint32_t> ports;
    for (std::uint32_t d = 0; d < plan.die_count(); ++d) {
        first_router.push_back(static_cast<std::uint32_t>(ports.size()));
        for (const RouterPlan& router : plan.die(d).routers) {
            ports.push_back(static_cast<std::uint32_t>(router.ports.size()));
        }
    }
    const DiePlan& first = plan.die(0); // linked dies have equal virtual channels, and all dies are linked
    network.virtual_channels = first.virtual_channels();
    network.class_vcs.push_back(vcs(first, MessageClass::request));
    if (replies) {
        const bool own = first.vcs(MessageClass::reply) > 0;
        network.class_vcs.push_back(vcs(first, own ? MessageClass::reply : MessageClass::request));
    }
    std::uint32_t vc_bits = 0;
    while (1U << vc_bits < network.virtual_channels) {
        ++vc_bits;
    }
    network.routes = RouteTables(vc_bits, ports, plan.endpoint_count());
    const auto all_vcs = static_cast<std::uint16_t>((1U << network.virtual_channels) - 1);
    for (std::uint32_t d = 0; d < plan.die_count(); ++d) {
        const DiePlan& die = plan.die(d);
        for (std::uint32_t r = 0; r < die.routers.size(); ++r) {
            NetworkRouter router;
            router.name =
                fmt::format("{}.noc ({},{})", die.name, die.routers[r].position.column, die.routers[r].position.row);
            for (const PortPlan& port : die.routers[r].ports) {
                router.ports.push_back(network_port(plan, first_router, d, port));
            }
            const std::uint32_t row = network.routes.add_row();
            for (std::uint32_t e = 0; e < plan.endpoint_count(); ++e) {
                const auto destination = static_cast<EndpointId>(e);
                network.routes.set(row, destination,
                                   {static_cast<std::uint16_t>(plan.out_port(d, r, destination)), all_vcs});
            }
            for (std::uint32_t input = 0; input < ports[network.routers.size()] << vc_bits; ++input) {
                network.routes.set_row(static_cast<std::uint32_t>(network.routers.size()), input, row);
            }
            network.routers.push_back(std::move(router));
        }
    }
    for (std::uint32_t e = 0; e < plan.endpoint_count(); ++e) {
        const EndpointPlan& endpoint = plan.endpoint(static_cast<EndpointId>(e));
        network.endpoints.push_back({first_router[endpoint.die] + endpoint.router, endpoint.port, endpoint.name});
    }
    return network;
}

ProofOptions package_traffic(const PackagePlan& plan, bool replies) {
    ProofOptions options;
    options.request_reply = replies;
    if (replies) {
        std::vector<std::uint8_t> cores;
        for (std::uint32_t e = 0; e < plan.endpoint_count(); ++e) {
            cores.push_back(plan.endpoint(static_cast<EndpointId>(e)).stack ? 0 : 1);
        }
        options.traffic = {{cores, {}}, {{}, cores}};
    }
    return options;
}

} // namespace intarsia::noc
