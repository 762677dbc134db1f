// The engine of one die's network: all its virtual-channel routers and network interfaces.
#pragma once

#include "config/clock.hpp"
#include "noc/package_plan.hpp"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace intarsia::noc {

/// A flit put on a D2D link.
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

/// What an output counts.
struct ChannelCounters {
    std::uint64_t flits = 0;             ///< each keeps the channel busy one cycle
    std::uint64_t allocation_stalls = 0; ///< flit-cycles at the front of a VC without VC or switch
    std::uint64_t credit_stalls = 0;     ///< flit-cycles at the front of a VC without credit
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

/// The network of a die between its cores, stacks and D2D links. The routers are those of VcCore (the common router,
/// docs/models/network.md); this adds what a package has at their edges.
///
/// Network interfaces: one flit a cycle enters, round robin between the classes; a class sends one packet at
/// a time, on the next of its VCs with credit. One flit a cycle leaves; cores always take it, and interfaces
/// with packet credits let a request's head take an ejection VC only against such a credit. A packet handed to an
/// idle interface in cycle t is received by the first router in t + 2 and, of P flits, taken by its
/// destination in t + 2 + 4 R + (R - 1)(L - 1) + (P - 1) after R routers.
///
/// Use: for each cycle in which there is work (next_cycle), first hand over what arrives in it, then tick,
/// then read the outputs, which stay valid until the next call of any of the inputs.
class FabricCore {
  public:
    virtual ~FabricCore() = default;
    FabricCore(const FabricCore&) = delete;
    FabricCore& operator=(const FabricCore&) = delete;

    // --- Inputs of cycle `cycle`, before tick(cycle) ---

    /// A packet enters the queue of its source's interface, which must have space (queue_space).
    virtual void inject(const Packet& packet, std::uint64_t cycle) = 0;
    [[nodiscard]] virtual std::uint32_t queue_space(EndpointId endpoint, MessageClass message_class) const = 0;
    /// An endpoint that takes requests against credits can take one more.
    virtual void return_request_credit(EndpointId endpoint, std::uint64_t cycle) = 0;
    /// A flit comes in over a D2D link, at most one a cycle and link port.
    virtual void receive_flit(std::uint32_t link_port, const LinkFlit& flit, std::uint64_t cycle) = 0;
    /// A slot of a link's transmit buffer is free again; usable after the credit delay.
    virtual void return_link_credit(std::uint32_t link_port, std::uint8_t vc, std::uint64_t cycle) = 0;

    virtual void tick(std::uint64_t cycle) = 0;

    // --- Outputs of the last tick ---

    /// Slots of packets whose tail reached its endpoint in this cycle; the journey ends now.
    [[nodiscard]] const std::vector<std::uint32_t>& ejected() const { return ejected_; }
    /// Flits put on D2D links in this cycle (crossbar traversal); for a head, packet(slot)'s journey ends
    /// now.
    [[nodiscard]] const std::vector<LinkDeparture>& departures() const { return departures_; }
    /// Interface queue slots whose packet's tail has left the queue.
    [[nodiscard]] const std::vector<QueueCredit>& queue_credits() const { return queue_credits_; }
    /// Receive buffer slots freed.
    [[nodiscard]] const std::vector<LinkCredit>& link_credits() const { return link_credits_; }
    [[nodiscard]] const Packet& packet(std::uint32_t slot) const { return packets_[slot]; }
    /// What a tail that leaves for a further link brings along (LinkFlit::credit_lag).
    [[nodiscard]] Picoseconds credit_lag(std::uint32_t slot) const { return credit_lags_[slot]; }

    /// The next cycle after `cycle` in which something can happen of itself, or UINT64_MAX.
    [[nodiscard]] virtual std::uint64_t next_cycle(std::uint64_t cycle) const = 0;

    // --- Accounts ---

    [[nodiscard]] virtual FabricCounters counters() const = 0;
    [[nodiscard]] virtual ChannelCounters channel(std::uint32_t router, std::uint32_t port) const = 0;
    [[nodiscard]] const DiePlan& die() const { return die_; }
    /// The last cycle in which a flit moved.
    [[nodiscard]] virtual std::uint64_t last_progress() const = 0;
    /// Whether packets are under way or queued.
    [[nodiscard]] bool busy() const { return free_slots_.size() + recycled_.size() != packets_.size(); }
    /// Who waits for whom, one blocked head or interface a line, at most `lines`.
    [[nodiscard]] virtual std::vector<std::string> describe_waits(std::size_t lines) const = 0;
    /// Checks, once all traffic has drained and all credits have come back: no flit left, all credits home,
    /// and as many packets and flits of each class in as out. Throws InvariantError with the first account
    /// that is off.
    virtual void audit() const = 0;

  protected:
    explicit FabricCore(const DiePlan& die) : die_(die) {}

    const DiePlan& die_;
    std::vector<Packet> packets_;
    std::vector<Picoseconds> credit_lags_; ///< of packets that came over a link: LinkFlit::credit_lag
    std::vector<std::uint32_t> free_slots_;
    std::vector<std::uint32_t> recycled_; ///< free once the outputs have been read
    std::vector<std::uint32_t> ejected_;
    std::vector<LinkDeparture> departures_;
    std::vector<QueueCredit> queue_credits_;
    std::vector<LinkCredit> link_credits_;
};

/// `plan` must outlive the core. `clock` is the network's; it turns cycles into the times of the journeys.
std::unique_ptr<FabricCore> make_fabric_core(const PackagePlan& plan, std::uint32_t die, Clock clock);

} // namespace intarsia::noc
