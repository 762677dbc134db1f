// What travels between modules: packets, and the flits of packets on die-to-die links.
#pragma once

#include "config/units.hpp"
#include "metrics/journey.hpp"

#include <cstdint>

namespace intarsia {

/// Number of a network interface, unique in the package: the cores of every die, then the interfaces of every stack
/// (models/address_map and noc/package_plan agree on the numbering).
using EndpointId = std::uint16_t;

/// Requests and replies travel on separate virtual channels, so that a reply never waits for a request.
enum class MessageClass : std::uint8_t { request, reply };
inline constexpr std::size_t message_classes = 2;

enum class PacketKind : std::uint8_t {
    read_request,  ///< header only; asks a stack for `bytes` at `address`
    write_request, ///< header and `bytes` of data for `address`
    read_reply,    ///< header and `bytes` of data
    write_reply,   ///< header only
    push,          ///< header and `bytes` of data from core to core, into landing space reserved there
    push_reply,    ///< header only
};

[[nodiscard]] constexpr MessageClass class_of(PacketKind kind) {
    const bool reply =
        kind == PacketKind::read_reply || kind == PacketKind::write_reply || kind == PacketKind::push_reply;
    return reply ? MessageClass::reply : MessageClass::request;
}

[[nodiscard]] constexpr bool carries_data(PacketKind kind) {
    return kind == PacketKind::write_request || kind == PacketKind::read_reply || kind == PacketKind::push;
}

/// A packet's descriptor. It moves by value from module to module; inside a fabric, flits refer to it by index.
struct Packet {
    std::uint64_t transaction = 0; ///< the requester's name for it; a reply carries the request's
    std::uint64_t address = 0;     ///< flat physical byte address (pushes: the receiver's name for the landing place)
    std::uint32_t bytes = 0;       ///< asked for or carried
    EndpointId source = 0;
    EndpointId destination = 0;
    PacketKind kind = PacketKind::read_request;
    std::uint32_t flits = 1; ///< on the network of the die it was created on
    metrics::Journey journey;
};

/// Flits of a packet: header and data share flits.
[[nodiscard]] constexpr std::uint32_t flits_of(PacketKind kind, std::uint32_t bytes, std::uint32_t header_bytes,
                                               std::uint32_t flit_bytes) {
    const std::uint32_t total = header_bytes + (carries_data(kind) ? bytes : 0);
    return total <= flit_bytes ? 1 : (total + flit_bytes - 1) / flit_bytes;
}

/// One flit on its way over a die-to-die link. `packet` is meaningful in the head flit only.
struct LinkFlit {
    std::uint8_t vc = 0;
    bool head = false;
    bool tail = false;
    /// Tail flits: of the time by which the tail lags behind the head, what the packet waited for credits of links.
    Picoseconds credit_lag;
    Packet packet;
};

/// Space handed back to the sender: one flit of buffer of a virtual channel (links), or one packet of a message class
/// at an endpoint (network interfaces).
struct Credit {
    EndpointId endpoint = 0; ///< network interfaces only
    std::uint8_t vc = 0;     ///< links: virtual channel; network interfaces: message class
};

} // namespace intarsia
