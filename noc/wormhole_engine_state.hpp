// The flat records of the wormhole engine. Ports of all routers are numbered through (first port of the router + port);
// a port's number is also that of its input FIFO among the buffers. Output FIFOs and relay stations follow.
#pragma once

#include "noc/network_engine.hpp"

#include <cstdint>
#include <vector>

namespace intarsia::noc {

/// Ports of a router that the wormhole engine can have: sets of them are one machine word.
inline constexpr std::uint32_t wormhole_most_ports = 64;

/// A flit in a buffer: 16 bytes, with all of its packet that routers look at.
struct alignas(16) WormholeFlit {
    static constexpr std::uint32_t tail_bit = 1U << 31U;
    std::uint32_t packet = 0; ///< slot in the packet table
    std::uint32_t number = 0; ///< index in its packet, and tail_bit
    std::uint32_t hops = 0;   ///< routers left so far
    EndpointId destination = 0;
    std::uint8_t message_class = 0;
    std::uint8_t random = 0;
    [[nodiscard]] bool head() const { return (number & ~tail_bit) == 0; }
    [[nodiscard]] bool tail() const { return (number & tail_bit) != 0; }
    [[nodiscard]] std::uint32_t index() const { return number & ~tail_bit; }
};

/// A packet under way, or in its source's queue.
struct WormholePacket {
    TrafficPacket traffic;
    std::uint32_t next = UINT32_MAX; ///< slot of the one behind it in its source's queue, or in the list of free slots
    std::uint64_t inject_head = 0;
    std::uint64_t inject_tail = 0;
    std::uint64_t eject_head = 0;
    std::uint64_t latency_sum = 0; ///< ejections less injections so far, modulo 2^64
};

/// A ring of flits: input FIFO, output FIFO or relay station.
struct alignas(32) WormholeBuffer {
    std::uint32_t base = 0; ///< of its places among all
    std::uint32_t mask = 0; ///< places - 1
    std::uint32_t capacity = 0;
    std::uint32_t count = 0;
    std::uint32_t head = 0;
    /// Input FIFO: the port that its front wants (or, empty, that the last one wanted). Relay station: the buffer or
    /// sink behind it. Output FIFO: its port.
    std::uint32_t next = 0;
    std::uint32_t router = 0; ///< of input FIFOs
    std::uint32_t port = 0;   ///< of input FIFOs, within the router
    [[nodiscard]] bool accepts() const { return count < capacity; }
};

/// What a channel does with a flit that enters it.
enum class WormholeChannel : std::uint8_t {
    wire,    ///< into the target in the same cycle: next input FIFO, first relay station
    credits, ///< into the input FIFO after the latency, against a credit
    sink,    ///< into the sink in the same cycle
};

/// An output: arbitration on one side, its channel on the other.
struct alignas(64) WormholeOutput {
    std::uint64_t wanted_by = 0;    ///< inputs whose front wants it
    std::uint64_t eligible = ~0ULL; ///< inputs that may have it: all, or the one that it is locked to or held by
    std::uint64_t free_at = 0;      ///< slow channels: first free moment, in cycles / interval_denominator
    std::uint32_t target = 0;       ///< buffer, or endpoint of the sink
    std::uint32_t credits = 0;      ///< usable now
    std::uint32_t latency = 0;      ///< of credit channels
    std::uint32_t interval_numerator = 1;
    std::uint32_t interval_denominator = 1;
    std::uint32_t fifo = UINT32_MAX; ///< buffer between crossbar and channel
    WormholeChannel channel = WormholeChannel::wire;
    bool slow = false;
    bool locked = false;
};

struct WormholeStalls {
    std::uint64_t no_vc = 0;
    std::uint64_t no_credit = 0;
    std::uint64_t lost_allocation = 0;
};

/// The queue of an endpoint: a list through the packet table.
struct WormholeSource {
    std::uint32_t first = UINT32_MAX;
    std::uint32_t last = UINT32_MAX;
    std::uint32_t sent = 0; ///< flits of the first packet that have entered
    std::uint32_t port = 0; ///< its input FIFO
};

/// A flit that a crossbar passes on in this cycle.
struct WormholeCrossing {
    std::uint32_t input = 0;  ///< buffer
    std::uint32_t output = 0; ///< port
};

/// What becomes visible in one cycle to come (credit channels).
struct WormholeDue {
    struct Arrival {
        std::uint32_t buffer = 0;
        WormholeFlit flit;
    };
    std::vector<Arrival> arrivals;
    std::vector<std::uint32_t> credits; ///< ports
};

} // namespace intarsia::noc
