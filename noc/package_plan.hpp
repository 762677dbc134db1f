// The static plan of the on-package network: who sits where, what is wired to what, and which way packets go.
#pragma once

#include "config/system.hpp"
#include "kernel/packet.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace intarsia::noc {

/// Most ports of a router and most virtual channels of a port that the engine's bit masks hold.
inline constexpr std::uint32_t max_router_ports = 16;
inline constexpr std::uint32_t max_virtual_channels = 16;
/// Most flits that the buffer of one virtual channel can hold.
inline constexpr std::uint32_t max_buffer_flits = 32768;

/// Compass directions of a die's mesh: column grows east, row grows north. The order is that of a router's
/// ports.
enum class Direction : std::uint8_t { east, west, north, south };
inline constexpr std::array<std::string_view, 4> direction_names{"E", "W", "N", "S"};

enum class PortKind : std::uint8_t {
    mesh,     ///< to the neighbouring router of the die
    endpoint, ///< to a network interface (injection on the input side, ejection on the output side)
    link,     ///< to a die-to-die link
};

/// One port of a router, input and output side alike.
struct PortPlan {
    PortKind kind = PortKind::mesh;
    Direction direction = Direction::east; ///< mesh ports only
    std::uint32_t peer_router = 0;         ///< mesh ports only: the neighbour, and its port that faces this one
    std::uint32_t peer_port = 0;
    EndpointId endpoint = 0;     ///< endpoint ports only
    std::uint32_t link_port = 0; ///< link ports only: index into DiePlan::link_ports
    std::string name;            ///< "E", "core(2,1)", "hbm0.0", "link3"
};

struct RouterPlan {
    config::RouterPosition position;
    std::vector<PortPlan> ports; ///< mesh ports (E, W, N, S, those that exist), then endpoints, then links
};

/// Where an endpoint sits. Interfaces of stacks take requests against packet credits, cores always take what
/// comes.
struct EndpointPlan {
    std::uint32_t die = 0;
    std::uint32_t router = 0;           ///< row * columns + column
    std::uint32_t port = 0;             ///< of that router
    std::uint32_t client = 0;           ///< index into DiePlan::clients
    std::optional<std::uint32_t> stack; ///< the stack it belongs to; a core otherwise
    std::uint32_t request_credits = 0;  ///< packets; 0: requests are always taken
    std::string name;                   ///< "die0.core(2,1)", "hbm0.0"
};

/// One module beside the fabric: all cores of the die (client 0), or one stack.
struct ClientPlan {
    std::optional<std::uint32_t> stack;
    EndpointId first_endpoint = 0; ///< its endpoints are consecutive
    std::uint32_t endpoints = 0;
};

/// The die's end of a die-to-die link.
struct LinkPortPlan {
    std::uint32_t link = 0; ///< index into SystemConfig::links
    std::uint32_t side = 0; ///< 0: the link's `from` end, 1: its `to` end
    std::uint32_t router = 0;
    std::uint32_t port = 0; ///< of that router
    std::uint32_t peer_die = 0;
    std::uint32_t peer_link_port = 0;       ///< index into the peer's link_ports
    std::uint32_t tx_buffer_flits = 0;      ///< per virtual channel: credits of the output side
    std::uint32_t receive_buffer_flits = 0; ///< per virtual channel: depth of the input side
};

struct DiePlan {
    std::string name;
    config::NetworkConfig network;
    std::vector<RouterPlan> routers;      ///< row-major
    std::vector<ClientPlan> clients;      ///< the cores, then the die's stacks by index
    std::vector<EndpointId> endpoints;    ///< of all clients in order: the die's own network interfaces
    std::vector<LinkPortPlan> link_ports; ///< by link, then side
    std::vector<std::uint8_t> out_ports;  ///< [router * package endpoints + destination] -> port

    [[nodiscard]] std::uint32_t virtual_channels() const { return network.request_vcs + network.reply_vcs; }
    /// First virtual channel and number of virtual channels of a message class, on every port of the die.
    [[nodiscard]] std::uint32_t first_vc(MessageClass message_class) const {
        return message_class == MessageClass::request ? 0 : network.request_vcs;
    }
    [[nodiscard]] std::uint32_t vcs(MessageClass message_class) const {
        return message_class == MessageClass::request ? network.request_vcs : network.reply_vcs;
    }
};

/// Numbering, wiring and routing tables of a whole package.
///
/// Endpoints are numbered through the package: for each die in order its cores, row-major (row * core columns
/// + column); then for each stack in order its interfaces, in the order of HbmStackConfig::routers.
///
/// Inside a die packets go by XY dimension order. Between dies they go die by die: when the dies lie on a
/// grid (by the positions of their lower left corners), every link joins neighbours on it and every
/// dimension-ordered move has one, along x first and then y; otherwise along the shortest path, lower die
/// indices first. A horizontal move takes the link in the row of the router where the packet is (else the
/// nearest row, the lower of two), a vertical move the link in the destination's column (else the nearest,
/// the lower of two); links in one row (column) share the destinations. So a rectangle of dies with a link in
/// every row and column of facing routers routes exactly as one large XY mesh.
class PackagePlan {
  public:
    /// Throws InputError with all faults: a core, link end or interface outside its mesh, too many ports of a
    /// router, virtual channels or endpoints for the engine, unequal virtual channels at the ends of a link,
    /// dies that cannot reach each other.
    explicit PackagePlan(const config::SystemConfig& system);

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::uint32_t die_count() const { return static_cast<std::uint32_t>(dies_.size()); }
    [[nodiscard]] std::uint32_t endpoint_count() const { return static_cast<std::uint32_t>(endpoints_.size()); }
    [[nodiscard]] std::uint32_t core_count(std::uint32_t die) const { return dies_[die].clients[0].endpoints; }
    [[nodiscard]] std::uint32_t interface_count(std::uint32_t stack) const { return stack_sizes_[stack]; }

    /// Endpoint of core `core` (row * core columns + column) of a die.
    [[nodiscard]] EndpointId core_endpoint(std::uint32_t die, std::uint32_t core) const {
        return static_cast<EndpointId>(dies_[die].clients[0].first_endpoint + core);
    }
    /// Endpoint of interface `interface` of a stack.
    [[nodiscard]] EndpointId stack_endpoint(std::uint32_t stack, std::uint32_t interface) const {
        return static_cast<EndpointId>(stack_first_[stack] + interface);
    }
    [[nodiscard]] std::uint32_t die_of(EndpointId endpoint) const { return endpoints_[endpoint].die; }

    [[nodiscard]] const EndpointPlan& endpoint(EndpointId id) const { return endpoints_[id]; }
    [[nodiscard]] const DiePlan& die(std::uint32_t index) const { return dies_[index]; }
    [[nodiscard]] std::uint32_t out_port(std::uint32_t die, std::uint32_t router, EndpointId destination) const {
        return dies_[die].out_ports[std::size_t(router) * endpoints_.size() + destination];
    }
    /// Index into DiePlan::link_ports of a link's end (side 0: `from`, 1: `to`).
    [[nodiscard]] std::uint32_t link_port(std::uint32_t link, std::uint32_t side) const {
        return link_ports_[link][side];
    }

    /// Name of a router's output as it stands in reports: "die0.noc (2,1)->E".
    [[nodiscard]] std::string channel_name(std::uint32_t die, std::uint32_t router, std::uint32_t port) const;

    /// Latency in cycles of a packet that meets no other: 2 + 4 R + (R - 1)(L - 1) + (flits - 1), R routers
    /// crossed, L the link latency. Both endpoints must sit on one die. (The pipeline of BookSim 2's
    /// input-queued router with look-ahead routing, one cycle each of VC and switch allocation, and one of
    /// crossbar traversal.)
    [[nodiscard]] std::uint64_t zero_load_cycles(EndpointId source, EndpointId destination, std::uint32_t flits) const;

  private:
    std::string name_;
    std::vector<DiePlan> dies_;
    std::vector<EndpointPlan> endpoints_;
    std::vector<std::uint32_t> stack_first_;
    std::vector<std::uint32_t> stack_sizes_;
    std::vector<std::array<std::uint32_t, 2>> link_ports_;
};

} // namespace intarsia::noc
