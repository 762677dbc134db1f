// An on-chip network as a library: no SystemC, and no other header of Intarsia.
//
//     intarsia::Network network = intarsia::Network::from_text("[noc]\ntopology = \"mesh\"\ndims = [8, 8]\n");
//     network.inject(packet);                                                  // at now()
//     network.advance(cycle_of_my_simulator);                                  // let time pass
//     while (auto packet = network.poll()) { my_receive(packet->id, packet->destination); }
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace intarsia {

/// What is wrong with a network's description, or a network that is stuck. what() has all of it, one line a fault
/// (`file:line:col: error: what is wrong; what to do`) or one line a waiting packet.
class NetworkError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Routers, links, source queues and sinks, as the tables `[noc]` and `[sink]` of a TOML describe them (the file of
/// `intarsia noc`). Of `[traffic]`, which is checked with the rest, only `request_reply` (packets of class 0 are
/// requests that endpoints answer with packets of class 1) and `watchdog_cycles` count. Before a network is made, it is
/// proved from its routing tables that it cannot deadlock.
///
/// Time is counted in cycles of the network. It stands at now() until advance() is called: all cycles before now() are
/// simulated, now() itself is not. A packet joins its source's queue at now(); a queue is unbounded, and sends in order
/// within a message class, one flit a cycle. Cycles in which nothing can happen cost nothing. The same calls give the
/// same answers: nothing depends on the host.
///
/// Not for use by several threads at once; different networks are independent of each other.
class Network {
  public:
    /// Longest packet, in flits.
    static constexpr std::uint32_t max_packet_flits = 65'535;
    static constexpr std::uint64_t never = UINT64_MAX;

    struct Packet {
        std::uint64_t id = 0; ///< comes back with the packet; where the oldest goes first, it decides between equals
        std::uint32_t source = 0;      ///< node
        std::uint32_t destination = 0; ///< node
        std::uint32_t flits = 1;
        std::uint8_t message_class = 0;
        std::uint8_t priority = 0; ///< higher goes first, with noc.router.priorities = true
    };

    /// A packet whose tail has been taken by its destination. With the `vc` router a flit is injected when it leaves
    /// the source queue and ejected when its destination takes it; with `wormhole` these are the handshakes of the
    /// local ports.
    struct Delivery {
        std::uint64_t id = 0;
        std::uint32_t source = 0;
        std::uint32_t destination = 0;
        std::uint32_t flits = 0;
        std::uint8_t message_class = 0;
        std::uint8_t priority = 0;
        std::uint32_t hops = 0;        ///< routers crossed
        std::uint64_t created = 0;     ///< cycle of inject()
        std::uint64_t inject_head = 0; ///< cycles
        std::uint64_t inject_tail = 0;
        std::uint64_t eject_head = 0;
        std::uint64_t eject_tail = 0;
    };

    /// Of one output port, since the begin. Stalls are cycles of flits at the front of an input buffer that could not
    /// leave by this port, by cause.
    struct PortCounters {
        std::vector<std::uint64_t> flits;  ///< sent, by message class
        std::uint64_t no_vc = 0;           ///< no free virtual channel (wormhole: port held by another packet)
        std::uint64_t no_credit = 0;       ///< next buffer full
        std::uint64_t lost_allocation = 0; ///< another input won the switch
    };

    /// A file, or a network of the presets by its name. Each override is "path=value", as for the program's --set. Both
    /// throw NetworkError with every fault of the description, or with the cycle of channels by which it can deadlock.
    static Network from_file(const std::string& path_or_preset, const std::vector<std::string>& overrides = {});
    static Network from_text(const std::string& toml, const std::vector<std::string>& overrides = {});

    Network(Network&&) noexcept;
    Network& operator=(Network&&) noexcept;
    ~Network();

    [[nodiscard]] std::uint32_t node_count() const;
    [[nodiscard]] std::uint32_t class_count() const;
    [[nodiscard]] std::uint32_t router_count() const;
    /// These throw std::out_of_range for a node, router or port that does not exist, as counters() does.
    [[nodiscard]] const std::string& node_name(std::uint32_t node) const;     ///< "n10"
    [[nodiscard]] const std::string& router_name(std::uint32_t router) const; ///< "(2,1)"
    [[nodiscard]] std::uint32_t port_count(std::uint32_t router) const;
    [[nodiscard]] const std::string& port_name(std::uint32_t router, std::uint32_t port) const; ///< "E"

    [[nodiscard]] std::uint64_t now() const;
    /// The packet joins its source's queue, and may leave it in the very cycle now(). Throws std::out_of_range for a
    /// node or class that does not exist, std::invalid_argument for a packet of no flit or of too many.
    void inject(const Packet& packet);
    /// Simulates all cycles before `cycle`, which becomes now(). Throws std::invalid_argument if it lies in the past or
    /// is never, and NetworkError, with who waits for whom, when packets wait and nothing has moved for
    /// watchdog_cycles.
    void advance(std::uint64_t cycle);
    /// The same, but ends after the first cycle in which a packet arrives, so that the host can answer it in the next.
    /// Time stands still while there are packets to poll. Returns whether there are. With cycle = never it runs until
    /// something arrives; time then stays where it is if nothing can.
    bool advance_to_delivery(std::uint64_t cycle);
    /// The next packet that has arrived before now(), by cycle of arrival, then by destination.
    std::optional<Delivery> poll();
    /// The first cycle from now() on in which something can happen by itself (advance(next_event() + 1) simulates it);
    /// never, if nothing is under way.
    [[nodiscard]] std::uint64_t next_event() const;

    /// Packets injected that have not arrived: in all, and of one source.
    [[nodiscard]] std::uint64_t in_flight() const;
    [[nodiscard]] std::uint64_t in_flight(std::uint32_t source) const;
    [[nodiscard]] PortCounters counters(std::uint32_t router, std::uint32_t port) const;
    /// Flits through routers, each router counted.
    [[nodiscard]] std::uint64_t flit_hops() const;

  private:
    struct Core;
    explicit Network(std::unique_ptr<Core> core);
    std::unique_ptr<Core> core_;
};

} // namespace intarsia
