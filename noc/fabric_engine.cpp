#include "noc/fabric_engine.hpp"

namespace intarsia::noc {

NetworkPlan plan_of_die(const PackagePlan& plan, std::uint32_t die_index) {
    const DiePlan& die = plan.die(die_index);
    NetworkPlan network;
    network.name = die.name + ".noc";
    network.virtual_channels = die.virtual_channels();
    const std::uint32_t requests = (1U << die.network.request_vcs) - 1;
    network.class_vcs = {static_cast<std::uint16_t>(requests),
                         static_cast<std::uint16_t>(((1U << die.virtual_channels()) - 1) & ~requests)};
    network.router.vc.credit_delay_cycles = die.network.credit_delay_cycles;
    std::vector<std::uint32_t> ports;
    std::vector<std::uint32_t> local_of(plan.endpoint_count(), 0);
    for (std::uint32_t e = 0; e < die.endpoints.size(); ++e) {
        const EndpointPlan& endpoint = plan.endpoint(die.endpoints[e]);
        local_of[die.endpoints[e]] = e;
        network.endpoints.push_back({endpoint.router, endpoint.port, endpoint.name});
    }
    for (const RouterPlan& router : die.routers) {
        NetworkRouter copy;
        copy.name = "(" + std::to_string(router.position.column) + "," + std::to_string(router.position.row) + ")";
        copy.at = {router.position.column, router.position.row};
        for (const PortPlan& port : router.ports) {
            NetworkPort side;
            side.name = port.name;
            side.buffer_flits = die.network.vc_buffer_flits;
            switch (port.kind) {
            case PortKind::mesh:
                side.to = side.from = {port.peer_router, port.peer_port};
                side.latency_cycles = die.network.link_latency_cycles;
                break;
            case PortKind::endpoint:
                side.use = PortUse::endpoint;
                side.endpoint = local_of[port.endpoint];
                break;
            case PortKind::link:
                side.use = PortUse::border;
                side.endpoint = port.link_port;
                side.buffer_flits = die.link_ports[port.link_port].receive_buffer_flits;
                side.credits = die.link_ports[port.link_port].tx_buffer_flits;
                break;
            }
            copy.ports.push_back(std::move(side));
        }
        ports.push_back(static_cast<std::uint32_t>(copy.ports.size()));
        network.routers.push_back(std::move(copy));
    }
    const auto vc_bits = static_cast<std::uint32_t>(std::bit_width(die.virtual_channels() - 1));
    network.routes = RouteTables(vc_bits, ports, plan.endpoint_count());
    const auto all = static_cast<std::uint16_t>((1U << die.virtual_channels()) - 1);
    for (std::uint32_t r = 0; r < die.routers.size(); ++r) {
        const std::uint32_t row = network.routes.add_row();
        for (std::uint32_t input = 0; input < ports[r] << vc_bits; ++input) {
            network.routes.set_row(r, input, row);
        }
        for (std::uint32_t e = 0; e < plan.endpoint_count(); ++e) {
            const auto destination = static_cast<EndpointId>(e);
            network.routes.set(row, destination,
                               {static_cast<std::uint16_t>(plan.out_port(die_index, r, destination)), all});
        }
    }
    return network;
}

std::unique_ptr<FabricCore> make_fabric_core(const PackagePlan& plan, std::uint32_t die, Clock clock) {
    std::size_t ports = 1;
    for (const RouterPlan& router : plan.die(die).routers) {
        ports = std::max(ports, router.ports.size());
    }
    const std::uint32_t vcs = plan.die(die).virtual_channels();
    const bool four = vcs == 3 || vcs == 4;
    if (four && ports <= 8) {
        return std::make_unique<FabricEngine<VcShape<std::uint32_t, 2, 8, false>>>(plan, die, clock);
    }
    if (four && ports <= 16) {
        return std::make_unique<FabricEngine<VcShape<std::uint64_t, 2, 16, false>>>(plan, die, clock);
    }
    return std::make_unique<FabricEngine<VcShape<WideMask<4>, -1, 64, false>>>(plan, die, clock);
}

} // namespace intarsia::noc
