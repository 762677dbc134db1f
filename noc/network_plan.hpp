// A network as an engine executes it: routers, their ports, what is wired to what, and the routing tables.
#pragma once

#include "noc/route_tables.hpp"
#include "noc/router_options.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace intarsia::noc {

enum class PortUse : std::uint8_t {
    link,     ///< to and from other routers
    endpoint, ///< injection on the input side, ejection on the output side
    border,   ///< out of this network: a die-to-die link whose other end another engine simulates
};

/// The far end of one direction of a port.
struct PortEnd {
    std::uint32_t router = UINT32_MAX; ///< UINT32_MAX: that direction does not exist
    std::uint32_t port = 0;
    [[nodiscard]] bool exists() const { return router != UINT32_MAX; }
};

/// One port of a router: an output channel and an input channel, normally to and from the same neighbour.
struct NetworkPort {
    PortUse use = PortUse::link;
    PortEnd to;                       ///< link ports: where the output channel ends
    PortEnd from;                     ///< link ports: where the input channel begins
    std::uint32_t endpoint = 0;       ///< endpoint ports: number of the endpoint; border ports: number of the border
    std::uint32_t latency_cycles = 1; ///< of the output channel (vc: at least 1; wormhole: may be 0)
    /// Cycles of the network for which a flit occupies the output channel, as a ratio >= 1 in lowest terms: 1 / (width
    /// x clock ratio) of the link.
    std::uint32_t interval_numerator = 1;
    std::uint32_t interval_denominator = 1;
    std::uint32_t buffer_flits = 8; ///< of the input side, per virtual channel
    std::uint32_t credits = 0;      ///< border ports: of the output side, per virtual channel
    std::string name;               ///< "E", "P", "to r7"
};

struct NetworkRouter {
    std::vector<NetworkPort> ports;
    std::string name;              ///< "(2,1)", "r7"
    std::vector<std::uint32_t> at; ///< coordinates where the topology has them
};

struct NetworkEndpoint {
    std::uint32_t router = 0;
    std::uint32_t port = 0;
    std::string name;
};

/// Everything static about a network. Virtual channels of all ports are numbered alike; each message class owns the set
/// `class_vcs[c]`, and a packet travels on those of its class only.
struct NetworkPlan {
    std::string name;
    std::vector<NetworkRouter> routers;
    std::vector<NetworkEndpoint> endpoints;
    std::uint32_t virtual_channels = 4;   ///< at most 16; wormhole: 1
    std::vector<std::uint16_t> class_vcs; ///< by message class
    RouterOptions router;
    RouteTables routes;

    [[nodiscard]] std::uint32_t most_ports() const {
        std::size_t most = 0;
        for (const NetworkRouter& r : routers) {
            most = r.ports.size() > most ? r.ports.size() : most;
        }
        return static_cast<std::uint32_t>(most);
    }
    /// "(2,1)->E"
    [[nodiscard]] std::string channel_name(std::uint32_t router_index, std::uint32_t port) const {
        return routers[router_index].name + "->" + routers[router_index].ports[port].name;
    }
};

} // namespace intarsia::noc
