// Ticks an engine in the cycles in which something can happen, and watches that something does.
#pragma once

#include "noc/network_engine.hpp"

#include <cstdint>
#include <span>

namespace intarsia::noc::standalone {

/// Usage, cycle by cycle:
///
///     while ((cycle = driver.next_cycle(next_creation)) != never) {
///         for (each packet of the cycle) { driver.offer(packet); }
///         for (const DeliveredPacket& packet : driver.tick(cycle)) { ... }
///     }
class Driver {
  public:
    /// No movement for `watchdog_cycles` while packets are in the network: it is stuck.
    Driver(NetworkEngine& engine, std::uint64_t watchdog_cycles) : engine_(engine), watchdog_cycles_(watchdog_cycles) {}

    /// The next cycle to tick when the next packet is created in cycle `creation`, or `never` when all is done. Throws
    /// StuckError when packets wait and nothing will ever move.
    [[nodiscard]] std::uint64_t next_cycle(std::uint64_t creation) const;

    /// Gives the packet to its source queue; packet.created is the next cycle ticked. Numbers are handed out in order.
    void offer(const TrafficPacket& packet) {
        if (offered_ == delivered_) {
            busy_since_ = packet.created;
        }
        ++offered_;
        engine_.offer(packet);
    }
    [[nodiscard]] std::uint64_t offered() const { return offered_; }
    [[nodiscard]] bool empty() const { return offered_ == delivered_; }

    /// Simulates `cycle` and returns the packets that arrived in it. Throws StuckError by the watchdog.
    std::span<const DeliveredPacket> tick(std::uint64_t cycle);
    /// The last cycle that was ticked.
    [[nodiscard]] std::uint64_t cycle() const { return cycle_; }
    [[nodiscard]] NetworkEngine& engine() { return engine_; }

  private:
    [[noreturn]] void throw_stuck(std::uint64_t since) const;

    NetworkEngine& engine_;
    std::uint64_t watchdog_cycles_;
    std::uint64_t cycle_ = 0;
    bool started_ = false;
    std::uint64_t offered_ = 0;
    std::uint64_t delivered_ = 0;
    std::uint64_t busy_since_ = 0; // the cycle since which there is always a packet in the network
    std::uint64_t next_look_ = 0;  // of the watchdog
};

} // namespace intarsia::noc::standalone
