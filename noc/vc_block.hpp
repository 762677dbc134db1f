// The flat records of the virtual-channel engine: one block a router, sized at compile time.
#pragma once

#include "kernel/packet.hpp"
#include "noc/masks.hpp"
#include "noc/network_engine.hpp"

#include <array>
#include <cstdint>
#include <type_traits>

namespace intarsia::noc {

/// How an engine is compiled: sets of `Mask`, and the logarithm of the stride of virtual channels (-1: known at run
/// time only). `General` adds what the common router does without: further delays, allocators, priorities, adaptive
/// routes.
template <class MaskType, int FixedVcBits, std::uint32_t MostPorts, bool General>
struct VcShape {
    using Mask = MaskType;
    using Index = std::conditional_t<mask_bits<Mask> <= 256, std::uint8_t, std::uint16_t>;
    using PortMask = std::conditional_t<MostPorts <= 32, std::uint32_t, WideMask<(MostPorts + 63) / 64>>;
    static constexpr int fixed_vc_bits = FixedVcBits;
    static constexpr std::uint32_t slots = mask_bits<Mask>; ///< local virtual channels of a router
    static constexpr std::uint32_t most_ports = MostPorts;
    static constexpr bool general = General;
};

/// A flit in a buffer: 8 bytes, moved as one word.
class Flit {
  public:
    Flit() = default;
    Flit(std::uint32_t packet, EndpointId destination, std::uint32_t message_class, bool head, bool tail)
        : word_(std::uint64_t{packet} << 34U | (tail ? 1ULL << 33U : 0U) | (head ? 1ULL << 32U : 0U) |
                std::uint64_t{destination} << 16U | message_class << 13U) {}
    static constexpr std::uint32_t most_packets = 1U << 30U;
    [[nodiscard]] std::uint32_t packet() const { return static_cast<std::uint32_t>(word_ >> 34U); } ///< engine's slot
    [[nodiscard]] bool head() const { return (word_ >> 32U & 1U) != 0; }
    [[nodiscard]] bool tail() const { return (word_ >> 33U & 1U) != 0; }
    [[nodiscard]] EndpointId destination() const { return static_cast<EndpointId>(word_ >> 16U); }
    [[nodiscard]] std::uint32_t message_class() const { return static_cast<std::uint32_t>(word_) >> 13U & 7U; }
    [[nodiscard]] std::uint32_t hops() const { return word_ & 0x1FFFU; } ///< routers crossed
    /// No route crosses 8192 routers (the plan's builders see to it), so the count never runs into the class.
    void cross_router() { ++word_; }

  private:
    std::uint64_t word_ = 0;
};
static_assert(sizeof(Flit) == 8);

/// What a router receives in a cycle.
template <class Mask>
struct DueSets {
    Mask arrivals{}; ///< input VCs
    Mask credits{};  ///< output VCs
};

/// An input virtual channel: a ring of flits, which its sender fills ahead of their arrival, and the packet in front.
struct InputVc {
    Flit* ring = nullptr;
    std::uint32_t eligible = 0;      ///< first cycle in which the front flit could win the switch
    std::uint32_t starved_since = 0; ///< where starved
    std::uint32_t credit_wait = 0;   ///< cycles of the front flit without a credit
    std::uint16_t head = 0;          ///< place of the front flit
    std::uint16_t count = 0;         ///< flits that have arrived
    std::uint16_t mask = 0;          ///< of places
    std::uint16_t out = 0;           ///< of an active one: its output VC
    std::uint16_t allowed = 0;       ///< of a waiting head: the VCs it may have
    std::uint16_t accept_from = 0;   ///< allocation pointer over output VCs
};
static_assert(sizeof(InputVc) == 32);

/// An output virtual channel and where its flits go.
struct OutputVc {
    Flit* ring = nullptr;   ///< links: of the input VC at its end
    std::uint64_t sent = 0; ///< flits
    std::uint16_t credits = 0;
    std::uint16_t place = 0;      ///< of the next flit in the ring
    std::uint16_t mask = 0;       ///< of places
    std::uint16_t target = 0;     ///< links: local number of the input VC at its end
    std::uint16_t owner = 0;      ///< input VC, where not free
    std::uint16_t grant_from = 0; ///< allocation pointer over input VCs
    std::uint16_t home = 0;       ///< credits when the buffer at its end is empty
};
static_assert(sizeof(OutputVc) == 32);

/// An output port.
template <class Mask>
struct OutputPort {
    DueSets<Mask>* due = nullptr;  ///< links: the wheel of the router at its end
    std::uint64_t* busy = nullptr; ///< links: that router's word of the busy set, by cycle
    std::uint64_t busy_bit = 0;
    Mask to{};                     ///< active input VCs that go there
    Mask wants{};                  ///< input VCs whose head waits for a VC there
    std::uint32_t number = 0;      ///< of the endpoint or border
    std::uint16_t delay = 0;       ///< switch grant to arrival
    std::uint16_t grant_from = 0;  ///< switch pointer over inputs (as the local number of their VC 0)
    std::uint16_t credit_cost = 1; ///< 0: what it leads to takes whatever comes
    PortUse use = PortUse::link;
};

/// An input port: where its flits come from and its credits go.
template <class Mask>
struct InputPort {
    DueSets<Mask>* due = nullptr;  ///< links: the wheel of the router where it begins
    std::uint64_t* busy = nullptr; ///< links: that router's word of the busy set, by cycle
    std::uint64_t busy_bit = 0;
    std::uint32_t number = 0;      ///< of the endpoint or border
    std::uint16_t delay = 0;       ///< switch grant to usable credit
    std::uint16_t first = 0;       ///< links: local output VC of the port where it begins, for VC 0
    std::uint16_t accept_from = 0; ///< switch pointer over output ports
    std::uint16_t first_vc = 0;    ///< switch pointer over its VCs
    PortUse use = PortUse::link;
};

/// A channel that a flit occupies for longer than a cycle; times in 1 / denominator cycles.
struct SlowChannel {
    std::uint32_t numerator = 1;
    std::uint32_t denominator = 1;
    std::uint64_t free_at = 0;

    /// A flit goes in cycle `now`. The channel takes up the next one when it has done with this one, in the middle of a
    /// cycle too. Tells whether the next cycle is too early for another.
    bool occupy(std::uint64_t now) {
        if (numerator == denominator) {
            return false;
        }
        const std::uint64_t at = now * denominator;
        const bool in_time = free_at + denominator > at;
        free_at = (in_time ? free_at : at) + numerator;
        return at + denominator < free_at;
    }
    [[nodiscard]] bool free_in(std::uint64_t cycle) const { return cycle * denominator >= free_at; }
};

/// The sets by which a router decides; a visit keeps them in registers.
template <class Shape>
struct RouterSets {
    using Mask = typename Shape::Mask;
    using PortMask = typename Shape::PortMask;
    Mask occupied{};       ///< input VCs with a flit
    Mask active{};         ///< input VCs whose packet owns an output VC
    Mask starved{};        ///< active ones without a credit
    Mask free{};           ///< output VCs that no packet owns
    PortMask want_ports{}; ///< outputs with heads that wait for a VC
    PortMask free_ports{}; ///< outputs with a free VC
};

/// Everything about one router. A virtual channel's local number is port << vc_bits | vc, for inputs and outputs alike.
template <class Shape>
struct alignas(64) RouterBlock {
    using Mask = typename Shape::Mask;
    RouterSets<Shape> sets;
    typename Shape::PortMask blocked{}; ///< outputs whose slow channel is occupied
    std::array<OutputPort<Mask>, Shape::most_ports> outputs{};
    std::array<InputPort<Mask>, Shape::most_ports> inputs{};
    std::array<InputVc, Shape::slots> in{};
    std::array<OutputVc, Shape::slots> out{};
};

/// What only the general router needs.
template <class Shape>
struct GeneralBlock {
    using Mask = typename Shape::Mask;
    using Index = typename Shape::Index;
    std::array<RouteEntry, Shape::slots> route{}; ///< of a waiting head
    Mask waiting{};                               ///< heads that take part in VC allocation
    Mask granted{};                               ///< heads whose output VC takes effect later
    std::array<Index, Shape::most_ports> speculative_grant{};
    std::array<Index, Shape::most_ports> speculative_accept{};
    std::array<Index, Shape::most_ports> speculative_vc{};
};

/// Stalls at the front of input VCs, by the output wanted.
struct StallCounters {
    std::uint64_t no_vc = 0;
    std::uint64_t no_credit = 0;
    std::uint64_t lost_allocation = 0;
};

} // namespace intarsia::noc
