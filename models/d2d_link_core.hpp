// One direction of a die-to-die link: transmit buffers, flit slots, credits of the receive buffer.
#pragma once

#include "config/clock.hpp"
#include "config/system.hpp"
#include "kernel/due_ring.hpp"
#include "kernel/packet.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace intarsia::models {

/// The clock of a link's flit slots: lanes x transfers/s x payload efficiency / bits of a network flit. The rate is
/// kept as an exact ratio (the efficiency in millionths), so slots never drift.
[[nodiscard]] Clock flit_slot_clock(const config::D2dLinkConfig& link, std::uint32_t flit_bytes);

/// Payload rate of one direction in bytes per second, before headers of packets.
[[nodiscard]] double raw_flit_rate_bytes_per_s(const config::D2dLinkConfig& link);

struct D2dCounters {
    std::uint64_t flits = 0;                ///< sent, one a slot
    std::uint64_t packets = 0;              ///< heads sent
    std::uint64_t credit_blocked_slots = 0; ///< a flit waited, and no virtual channel with a flit had a credit
};

/// Cycle k of this core is slot k of the link: a flit that starts in slot k has left the wire at edge k + 1 plus the
/// latencies of both adapters and PHYs and the flight time. A flit leaves its transmit buffer when its slot ends.
/// Virtual channels with a flit and a credit take slots in turn (round robin). Credits come back over the link in the
/// same latency; they ride in the reserved header bytes of the link's own flit format (UCIe 1.1, 256-byte formats
/// carry 10 reserved bytes), so they take time but no slot.
class D2dDirectionCore {
  public:
    D2dDirectionCore(const config::D2dLinkConfig& link, std::uint32_t flit_bytes, std::uint32_t virtual_channels);

    /// A flit enters the transmit buffer of its virtual channel; the sender owned a credit for it.
    void accept(const LinkFlit& flit, std::uint64_t slot);
    /// The far router freed a slot of the receive buffer; usable here from `due`.
    void credit_returned(std::uint8_t vc, Picoseconds due) { returning_.push(vc, due); }

    struct Departure {
        LinkFlit flit;
        Picoseconds slot_end; ///< the transmit buffer slot is free
        Picoseconds arrival;  ///< at the far die
    };
    /// Sends at most one flit in `slot`.
    std::optional<Departure> send(std::uint64_t slot, Picoseconds now);

    /// The first slot after `slot` in which there may be something to do; never_cycle if only a new entry can tell.
    [[nodiscard]] std::uint64_t next_work(std::uint64_t slot) const;

    [[nodiscard]] Picoseconds latency() const { return latency_; }
    [[nodiscard]] const D2dCounters& counters() const { return counters_; }
    [[nodiscard]] bool blocked() const { return queued_ > 0; }
    /// Checks that every flit has left and every credit is home.
    void audit() const;

  private:
    struct Queued {
        LinkFlit flit;
        std::uint64_t blocked_before; // the channel's credit-blocked slots when the flit came
    };
    struct VirtualChannel {
        std::vector<Queued> ring;
        std::uint32_t head = 0;
        std::uint32_t count = 0;
        std::uint32_t credits = 0;
        std::uint64_t blocked_slots = 0;   // slots in which it had flits but no credit
        std::uint64_t blocked_at_head = 0; // of them, before the present packet's head left
        std::uint64_t blocked_from = 0;    // first such slot of the present block
        bool blocked = false;
    };
    void take_credits(std::uint64_t slot, Picoseconds now);
    void update_blocked(VirtualChannel& channel, std::uint64_t slot);

    Clock clock_;
    Picoseconds latency_;
    std::uint32_t receive_buffer_;
    std::vector<VirtualChannel> channels_;
    DueRing<std::uint8_t> returning_;
    std::uint32_t queued_ = 0;
    std::uint32_t next_channel_ = 0;
    std::uint64_t all_blocked_from_ = 0;
    bool all_blocked_ = false;
    D2dCounters counters_;
};

} // namespace intarsia::models
