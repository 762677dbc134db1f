// The flat records of the fabric engine. Indices: a port of the die is router << port_bits | port, a virtual
// channel is port << vc_bits | vc; `local` numbers are those within one router.
#pragma once

#include "kernel/packet.hpp"
#include "noc/package_plan.hpp"

#include <cstdint>
#include <vector>

namespace intarsia::noc {

inline constexpr std::uint32_t no_packet = UINT32_MAX;
inline constexpr std::uint16_t no_owner = UINT16_MAX;

/// A flit in a buffer: 8 bytes.
struct Flit {
    std::uint32_t packet = 0; ///< slot in the die's packet table
    EndpointId destination = 0;
    bool head = false;
    bool tail = false;
};

/// Where a packet's cycles in this die went; 32 bits of the cycle count suffice for differences.
struct alignas(32) PacketState {
    std::uint32_t entered = 0;         ///< head handed to the injection link, or received from a D2D link
    std::uint32_t head_due = 0;        ///< head's arrival where it is heading: next router, or endpoint
    std::uint32_t routers = 0;         ///< crossed by the head so far
    std::uint32_t allocation = 0;      ///< cycles of the head without a VC or the switch
    std::uint32_t credit = 0;          ///< cycles of the head without a credit
    std::uint32_t body_allocation = 0; ///< the same, of the other flits together
    std::uint32_t body_credit = 0;
    std::uint32_t arrival_lag = 0; ///< cycles that the tail came late behind the head over a D2D link
};

enum class VcState : std::uint8_t {
    idle,    ///< no packet at the front
    waiting, ///< a head at the front asks for an output VC
    active,  ///< the packet at the front owns an output VC
};

/// An input virtual channel: a ring of flits (its sender writes at `tail`, ahead of their arrival) and the
/// route of the packet at the front.
struct InputVc {
    std::uint32_t ring = 0;
    std::uint16_t mask = 0;
    std::uint16_t head = 0;
    std::uint16_t tail = 0;
    std::uint16_t count = 0; ///< flits that have arrived
    VcState state = VcState::idle;
    std::uint8_t out_port = 0;
    std::uint8_t out_vc = 0;
    std::uint16_t accept_from = 0;  ///< iSLIP accept pointer: local output VC
    std::uint32_t eligible = 0;     ///< first cycle in which the front flit could have won the switch
    std::uint32_t credit_wait = 0;  ///< cycles the front flit has lacked a credit
    std::uint32_t credit_since = 0; ///< start of the present lack; while waiting: the output's starved count before
};

struct OutputVc {
    std::uint16_t credits = 0;
    std::uint16_t owner = no_owner; ///< local input VC
    std::uint16_t grant_from = 0;   ///< iSLIP grant pointer: local input VC
};

struct InputPort {
    PortKind kind = PortKind::mesh;
    std::uint8_t first_vc = 0;    ///< round robin among VCs that want the same output
    std::uint8_t accept_from = 0; ///< iSLIP accept pointer: output port
    std::uint16_t ready = 0;      ///< VCs with a flit, an output VC and a credit
    std::uint32_t upstream = 0;   ///< port of the die that sends (mesh), interface (endpoint), or link port (link)
};

/// What an output counts.
struct ChannelCounters {
    std::uint64_t flits = 0;             ///< each keeps the channel busy one cycle
    std::uint64_t allocation_stalls = 0; ///< flit-cycles at the front of a VC without VC or switch
    std::uint64_t credit_stalls = 0;     ///< flit-cycles at the front of a VC without credit
};

struct OutputPort {
    PortKind kind = PortKind::mesh;
    std::uint8_t grant_from = 0; ///< iSLIP grant pointer: input port
    std::uint16_t free = 0;      ///< VCs that no packet owns
    std::uint32_t target = 0;    ///< port of the die that receives (mesh), interface, or link port
    ChannelCounters counters;
};

/// What is to do in a router. `want` and `free` have a bit for each message class and output port.
struct RouterState {
    static constexpr std::uint32_t bit(std::uint32_t message_class, std::uint32_t out_port) {
        return 1U << (message_class * max_router_ports + out_port);
    }
    std::uint32_t want = 0;        ///< heads wait for a VC there
    std::uint32_t free = 0;        ///< a VC is free there (and, where requests need one, a packet credit at hand)
    std::uint32_t ready_ports = 0; ///< input ports with ready VCs
};

/// One message class of a network interface.
struct InterfaceStream {
    std::vector<std::uint32_t> queue; ///< ring of packet slots
    std::uint32_t first = 0;
    std::uint32_t size = 0;
    std::uint32_t flits_left = 0; ///< of the first packet, once it has begun
    std::uint8_t vc = 0;          ///< of that packet
    std::uint8_t next_vc = 0;     ///< round robin
    std::uint32_t eligible = 0;   ///< as in InputVc
    std::uint32_t credit_wait = 0;
    std::uint32_t credit_since = 0;
};

struct Interface {
    EndpointId endpoint = 0;
    std::uint32_t port = 0;        ///< of the die
    std::uint16_t with_credit = 0; ///< VCs with credit towards the router
    std::uint8_t turn = 0;         ///< the class that goes first
    std::array<std::uint16_t, max_virtual_channels> credits{};
    std::array<InterfaceStream, message_classes> streams;
    // Packet credits of the other direction, where requests need them.
    bool gated = false;
    std::uint32_t request_credits = 0;
    std::uint32_t starved = 0;       ///< cycles without a credit in all periods that ended
    std::uint32_t starved_since = 0; ///< first cycle of the present period, while request_credits is 0
};

/// The receiving side of a D2D port.
struct LinkInput {
    std::uint32_t port = 0; ///< of the die
    std::uint64_t last_cycle = UINT64_MAX;
    std::array<std::uint32_t, max_virtual_channels> packet{}; ///< slot of the packet that arrives on each VC
};

/// A flit that leaves for a D2D link.
struct LinkDeparture {
    std::uint32_t link_port = 0;
    std::uint32_t packet = 0; ///< slot
    std::uint8_t vc = 0;
    bool head = false;
    bool tail = false;
};

struct LinkCredit {
    std::uint32_t link_port = 0;
    std::uint8_t vc = 0;
};

struct QueueCredit {
    EndpointId endpoint = 0;
    MessageClass message_class = MessageClass::request;
};

/// All that becomes visible in one cycle to come.
struct WheelSlot {
    std::vector<std::uint32_t> arrivals;          ///< input VCs of the die
    std::vector<std::uint32_t> credits;           ///< output VCs of the die
    std::vector<std::uint32_t> interface_credits; ///< interface << vc_bits | vc
    std::vector<std::uint32_t> ejections;         ///< packet slots, complete at their endpoint
    std::vector<LinkDeparture> departures;
    [[nodiscard]] bool empty() const {
        return arrivals.empty() && credits.empty() && interface_credits.empty() && ejections.empty() &&
               departures.empty();
    }
};

/// Packets and flits by message class.
struct ClassCounters {
    std::array<std::uint64_t, message_classes> packets{};
    std::array<std::uint64_t, message_classes> flits{};
};

/// What crossed the borders of a fabric.
struct FabricCounters {
    ClassCounters injected; ///< by the die's interfaces
    ClassCounters ejected;
    ClassCounters sent; ///< over D2D links
    ClassCounters received;
    std::uint64_t flit_hops = 0; ///< crossbar traversals
};

} // namespace intarsia::noc
