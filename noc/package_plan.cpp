#include "noc/package_plan.hpp"

#include "noc/routing.hpp"

#include <fmt/format.h>
#include <utility>

namespace intarsia::noc {

namespace {

using config::NetworkConfig;
using config::RouterPosition;

std::string position_text(RouterPosition position) {
    return fmt::format("({},{})", position.column, position.row);
}

bool inside(const NetworkConfig& network, RouterPosition position) {
    return position.column < network.columns && position.row < network.rows;
}

std::uint32_t router_at(const NetworkConfig& network, RouterPosition position) {
    return position.row * network.columns + position.column;
}

/// Collects faults, so that all of them are shown at once.
class Faults {
  public:
    explicit Faults(const std::string& system) : system_(system) {}
    void add(std::string where, std::string message, std::string remedy) {
        Diagnostic fault;
        fault.place.file = system_;
        fault.place.where = std::move(where);
        fault.message = std::move(message);
        fault.remedy = std::move(remedy);
        list_.push_back(std::move(fault));
    }
    void throw_if_any() {
        if (!list_.empty()) {
            throw InputError(std::move(list_));
        }
    }

  private:
    std::string system_;
    std::vector<Diagnostic> list_;
};

void check_dies(const config::SystemConfig& system, Faults& faults) {
    for (const config::DieConfig& die : system.dies) {
        const NetworkConfig& network = die.network;
        if (network.columns == 0 || network.rows == 0) {
            faults.add(die.name, "the mesh has no routers", "give the network at least one column and one row");
        }
        if (die.core.columns > network.columns || die.core.rows > network.rows) {
            faults.add(die.name,
                       fmt::format("a grid of {} x {} cores does not fit on a mesh of {} x {} routers",
                                   die.core.columns, die.core.rows, network.columns, network.rows),
                       "enlarge the network or remove cores");
        }
        const std::uint32_t vcs = network.request_vcs + network.reply_vcs;
        if (network.request_vcs == 0 || vcs > max_virtual_channels) {
            faults.add(die.name,
                       fmt::format("{} request and {} reply virtual channels", network.request_vcs, network.reply_vcs),
                       fmt::format("take at least one for requests and at most {} in all", max_virtual_channels));
        }
        if (network.vc_buffer_flits > max_buffer_flits) {
            faults.add(die.name, fmt::format("{} flits in a virtual channel's buffer", network.vc_buffer_flits),
                       fmt::format("make vc_buffer_flits at most {}", max_buffer_flits));
        }
        if (network.vc_buffer_flits == 0 || network.link_latency_cycles == 0 || network.interface_queue_packets == 0) {
            faults.add(die.name, "a buffer, queue or link latency of the network is zero",
                       "make vc_buffer_flits, interface_queue_packets and link_latency_cycles at least 1");
        }
    }
}

void check_links(const config::SystemConfig& system, Faults& faults) {
    for (const config::D2dLinkConfig& link : system.links) {
        if (link.from_die >= system.dies.size() || link.to_die >= system.dies.size() || link.from_die == link.to_die) {
            faults.add(link.name, "the link does not join two different dies of the package", "name two dies");
            continue;
        }
        const config::DieConfig& from = system.dies[link.from_die];
        const config::DieConfig& to = system.dies[link.to_die];
        for (const auto& [die, router] : {std::pair(&from, link.from_router), std::pair(&to, link.to_router)}) {
            if (!inside(die->network, router)) {
                faults.add(link.name, fmt::format("{} has no router {}", die->name, position_text(router)),
                           fmt::format("name a router of its {} x {} mesh", die->network.columns, die->network.rows));
            }
        }
        if (from.network.request_vcs != to.network.request_vcs || from.network.reply_vcs != to.network.reply_vcs) {
            faults.add(link.name,
                       fmt::format("{} and {} have different numbers of virtual channels", from.name, to.name),
                       "give both networks the same request_vcs and reply_vcs");
        }
        const auto holds = [](std::uint32_t flits) { return flits > 0 && flits <= max_buffer_flits; };
        if (!holds(link.tx_buffer_flits) || !holds(link.receive_buffer_flits)) {
            faults.add(link.name, "a buffer of the link holds no flit, or more than the engine can count",
                       fmt::format("make tx_buffer_flits and receive_buffer_flits 1 to {}", max_buffer_flits));
        }
    }
}

void check_stacks(const config::SystemConfig& system, Faults& faults) {
    for (const config::HbmStackConfig& stack : system.stacks) {
        if (stack.die >= system.dies.size()) {
            faults.add(stack.name, "the stack sits on no die of the package", "name a die");
            continue;
        }
        const config::DieConfig& die = system.dies[stack.die];
        for (const RouterPosition router : stack.routers) {
            if (!inside(die.network, router)) {
                faults.add(stack.name, fmt::format("{} has no router {}", die.name, position_text(router)),
                           fmt::format("name a router of its {} x {} mesh", die.network.columns, die.network.rows));
            }
        }
        if (stack.controller.request_slots == 0) {
            faults.add(stack.name, "an interface with no request slot never takes a request",
                       "make request_slots at least 1");
        }
    }
}

/// Routers with their mesh ports; endpoints and links are added by whoever owns them.
std::vector<RouterPlan> build_mesh(const NetworkConfig& network) {
    std::vector<RouterPlan> routers(std::size_t(network.columns) * network.rows);
    const auto connected = [&](RouterPosition at, Direction direction) {
        switch (direction) {
        case Direction::east:
            return at.column + 1 < network.columns;
        case Direction::west:
            return at.column > 0;
        case Direction::north:
            return at.row + 1 < network.rows;
        default:
            return at.row > 0;
        }
    };
    // Of a router's mesh ports in the order of Direction, the position of one.
    const auto port_of = [&](RouterPosition at, Direction direction) {
        std::uint32_t port = 0;
        for (std::uint8_t d = 0; d < static_cast<std::uint8_t>(direction); ++d) {
            port += connected(at, static_cast<Direction>(d)) ? 1 : 0;
        }
        return port;
    };
    constexpr std::array<Direction, 4> opposite{Direction::west, Direction::east, Direction::south, Direction::north};
    for (std::uint32_t r = 0; r < routers.size(); ++r) {
        const RouterPosition at{r % network.columns, r / network.columns};
        routers[r].position = at;
        for (std::uint8_t d = 0; d < 4; ++d) {
            const auto direction = static_cast<Direction>(d);
            if (!connected(at, direction)) {
                continue;
            }
            RouterPosition neighbour = at;
            neighbour.column += direction == Direction::east ? 1U : direction == Direction::west ? ~0U : 0U;
            neighbour.row += direction == Direction::north ? 1U : direction == Direction::south ? ~0U : 0U;
            PortPlan port;
            port.kind = PortKind::mesh;
            port.direction = direction;
            port.peer_router = router_at(network, neighbour);
            port.peer_port = port_of(neighbour, opposite[d]);
            port.name = direction_names[d];
            routers[r].ports.push_back(std::move(port));
        }
    }
    return routers;
}

void add_endpoint(DiePlan& die, EndpointPlan& endpoint, EndpointId id, const std::string& port_name) {
    RouterPlan& router = die.routers[endpoint.router];
    endpoint.port = static_cast<std::uint32_t>(router.ports.size());
    PortPlan port;
    port.kind = PortKind::endpoint;
    port.endpoint = id;
    port.name = port_name;
    router.ports.push_back(std::move(port));
    die.endpoints.push_back(id);
}

} // namespace

PackagePlan::PackagePlan(const config::SystemConfig& system) : name_(system.name) {
    Faults faults(system.name);
    check_dies(system, faults);
    check_links(system, faults);
    check_stacks(system, faults);
    faults.throw_if_any();
    std::size_t endpoints = 0;
    for (const config::DieConfig& die : system.dies) {
        endpoints += std::size_t(die.core.columns) * die.core.rows;
    }
    for (const config::HbmStackConfig& stack : system.stacks) {
        endpoints += stack.routers.size();
    }
    if (endpoints > UINT16_MAX) {
        faults.add("dies", fmt::format("{} cores and stack interfaces", endpoints),
                   fmt::format("a package holds at most {}", UINT16_MAX));
        faults.throw_if_any();
    }

    for (std::uint32_t d = 0; d < system.dies.size(); ++d) {
        const config::DieConfig& config = system.dies[d];
        DiePlan die;
        die.name = config.name;
        die.network = config.network;
        die.routers = build_mesh(config.network);
        const std::uint32_t cores = config.core.columns * config.core.rows;
        die.clients.push_back({std::nullopt, static_cast<EndpointId>(endpoints_.size()), cores});
        for (std::uint32_t core = 0; core < cores; ++core) {
            const RouterPosition at{core % config.core.columns, core / config.core.columns};
            EndpointPlan endpoint;
            endpoint.die = d;
            endpoint.router = router_at(config.network, at);
            endpoint.name = fmt::format("{}.core{}", config.name, position_text(at));
            add_endpoint(die, endpoint, static_cast<EndpointId>(endpoints_.size()), "core" + position_text(at));
            endpoints_.push_back(std::move(endpoint));
        }
        dies_.push_back(std::move(die));
    }
    for (std::uint32_t s = 0; s < system.stacks.size(); ++s) {
        const config::HbmStackConfig& stack = system.stacks[s];
        DiePlan& die = dies_[stack.die];
        const auto client = static_cast<std::uint32_t>(die.clients.size());
        die.clients.push_back(
            {s, static_cast<EndpointId>(endpoints_.size()), static_cast<std::uint32_t>(stack.routers.size())});
        stack_first_.push_back(static_cast<std::uint32_t>(endpoints_.size()));
        stack_sizes_.push_back(static_cast<std::uint32_t>(stack.routers.size()));
        for (std::uint32_t i = 0; i < stack.routers.size(); ++i) {
            EndpointPlan endpoint;
            endpoint.die = stack.die;
            endpoint.router = router_at(die.network, stack.routers[i]);
            endpoint.client = client;
            endpoint.stack = s;
            endpoint.request_credits = stack.controller.request_slots;
            endpoint.name = fmt::format("{}.{}", stack.name, i);
            add_endpoint(die, endpoint, static_cast<EndpointId>(endpoints_.size()), endpoint.name);
            endpoints_.push_back(std::move(endpoint));
        }
    }
    for (std::uint32_t l = 0; l < system.links.size(); ++l) {
        const config::D2dLinkConfig& link = system.links[l];
        const std::array<std::uint32_t, 2> ends{link.from_die, link.to_die};
        const std::array<RouterPosition, 2> routers{link.from_router, link.to_router};
        std::array<std::uint32_t, 2> indices{};
        for (std::uint32_t side = 0; side < 2; ++side) {
            indices[side] = static_cast<std::uint32_t>(dies_[ends[side]].link_ports.size());
            DiePlan& die = dies_[ends[side]];
            LinkPortPlan end;
            end.link = l;
            end.side = side;
            end.router = router_at(die.network, routers[side]);
            end.port = static_cast<std::uint32_t>(die.routers[end.router].ports.size());
            end.peer_die = ends[1 - side];
            end.tx_buffer_flits = link.tx_buffer_flits;
            end.receive_buffer_flits = link.receive_buffer_flits;
            die.link_ports.push_back(end);
            PortPlan port;
            port.kind = PortKind::link;
            port.link_port = indices[side];
            port.name = link.name;
            die.routers[end.router].ports.push_back(std::move(port));
        }
        dies_[ends[0]].link_ports[indices[0]].peer_link_port = indices[1];
        dies_[ends[1]].link_ports[indices[1]].peer_link_port = indices[0];
        link_ports_.push_back(indices);
    }

    for (const DiePlan& die : dies_) {
        for (const RouterPlan& router : die.routers) {
            if (router.ports.size() > max_router_ports) {
                faults.add(die.name,
                           fmt::format("router {} has {} ports", position_text(router.position), router.ports.size()),
                           fmt::format("spread interfaces and links over more routers; a router has at most {} ports",
                                       max_router_ports));
            }
        }
    }
    const DieRoutes routes(system, dies_);
    for (const auto& [from, to] : routes.unreachable()) {
        faults.add(dies_[from].name, fmt::format("no way leads to {}", dies_[to].name), "join the dies by D2D links");
    }
    faults.throw_if_any();
    for (std::uint32_t d = 0; d < dies_.size(); ++d) {
        dies_[d].out_ports = routes.out_ports(dies_, endpoints_, d);
    }
}

std::string PackagePlan::channel_name(std::uint32_t die, std::uint32_t router, std::uint32_t port) const {
    const RouterPlan& plan = dies_[die].routers[router];
    return fmt::format("{}.noc {}->{}", dies_[die].name, position_text(plan.position), plan.ports[port].name);
}

std::uint64_t PackagePlan::zero_load_cycles(EndpointId source, EndpointId destination, std::uint32_t flits) const {
    const EndpointPlan& from = endpoints_[source];
    const EndpointPlan& to = endpoints_[destination];
    require(from.die == to.die, "zero_load_cycles is for two endpoints of one die");
    const NetworkConfig& network = dies_[from.die].network;
    const auto distance = [](std::uint32_t a, std::uint32_t b) { return a > b ? a - b : b - a; };
    const std::uint64_t links = distance(from.router % network.columns, to.router % network.columns) +
                                distance(from.router / network.columns, to.router / network.columns);
    return 2 + 4 * (links + 1) + links * (network.link_latency_cycles - 1) + (flits - 1);
}

} // namespace intarsia::noc
