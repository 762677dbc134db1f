// A die-to-die link that packs network flits into d2d_flits: adapter, retry and lanes under a package's link.
#pragma once

#include "config/system.hpp"
#include "d2d/link_core.hpp"
#include "kernel/packet.hpp"
#include "models/d2d_link_core.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace intarsia::models {

/// What the link core executes for a link of a system whose format is not `stream`; the receive buffer of a virtual
/// channel holds whole network flits. `seed`: of the link's bit errors.
[[nodiscard]] d2d::LinkParameters framed_link_parameters(const config::D2dLinkConfig& link, std::uint32_t flit_bytes,
                                                         std::uint32_t virtual_channels, std::uint64_t seed);

/// Both directions of a framed link (d2d/link_core.hpp) with their transmit buffers. Each virtual channel is a channel
/// of the link core, so none waits for another's credits. A flit leaves its transmit buffer when the slot of the
/// d2d_flit ends that takes its last byte, or at once when it goes into one that still waits for more.
class FramedLinkCore {
  public:
    FramedLinkCore(const d2d::LinkParameters& link, std::uint32_t flit_bytes, std::uint32_t tx_buffer_flits);
    FramedLinkCore(const FramedLinkCore&) = delete;
    FramedLinkCore& operator=(const FramedLinkCore&) = delete;

    /// A flit enters the transmit buffer of its virtual channel at an end; the sender owned a credit for it.
    void accept(std::size_t end, const LinkFlit& flit, Picoseconds now);
    /// The router at `end` freed a flit of its receive buffer.
    void freed(std::size_t end, std::uint8_t vc, Picoseconds now) { core_.release(end, vc, flit_bytes_, now); }
    /// Does all that is due by `now`.
    void step(Picoseconds now);
    /// When there is something to do next; `never`: only what comes in can tell.
    [[nodiscard]] Picoseconds due() const { return std::min(core_.due(0), core_.due(1)); }

    /// The link gave up: its replays never got through.
    [[nodiscard]] bool down() const { return core_.down(); }

    struct Departure {
        LinkFlit flit;
        std::uint8_t end = 0; ///< where it entered
        Picoseconds arrival;  ///< at the other end
    };
    struct Freed {
        std::uint8_t end = 0;
        std::uint8_t vc = 0;
        Picoseconds due;
    };
    /// What the last steps brought: flits on their way to the far ends, and space in transmit buffers. In order of time
    /// at each end; the caller takes all and clears.
    std::vector<Departure> departures;
    std::vector<Freed> freed_space;

    [[nodiscard]] D2dCounters counters(std::size_t end) const;
    [[nodiscard]] const d2d::DirectionCounters& link_counters(std::size_t end) const { return core_.counters(end); }
    void audit() const;

    // What the link core asks for (d2d/link_core.hpp).
    [[nodiscard]] std::uint32_t waiting(std::size_t end, std::uint32_t vc, Picoseconds) const {
        return channels_[end * virtual_channels_ + vc].queued > 0 ? flit_bytes_ : 0;
    }
    void start(std::size_t, std::uint32_t, Picoseconds) {}
    std::uint32_t leave(std::size_t end, std::uint32_t vc);
    void part(std::size_t, std::uint8_t, std::uint32_t, Picoseconds) {}
    void deliver(std::size_t end, std::uint8_t vc, std::uint32_t tag, Picoseconds when);
    void lose(std::size_t, std::uint8_t, std::uint32_t, Picoseconds);
    [[nodiscard]] Picoseconds next_waiting(std::size_t, Picoseconds) const { return never; }

  private:
    struct Underway {
        LinkFlit flit;
        Picoseconds first_sent = never; // end of the slot in which it was sent first; never: on its way right now
        Picoseconds without_credit;     // of its wait
    };
    /// A virtual channel at an end. `ring` holds the transmit buffer and, before it, flits that have left it and are
    /// not there yet.
    struct Channel {
        std::vector<Underway> ring;
        std::uint64_t head = 0;      // oldest on the link
        std::uint64_t next = 0;      // oldest in the transmit buffer
        std::uint64_t unstamped = 0; // oldest without first_sent
        std::uint32_t queued = 0;    // in the transmit buffer
        std::uint32_t tag = 0;       // of the next that leaves
        std::uint32_t arrived = 0;   // tag of the next to arrive
        Picoseconds blocked_since = never;
        Picoseconds blocked;         // time without credit, with flits
        Picoseconds blocked_at_head; // of it, before the present packet's head left
    };
    [[nodiscard]] Picoseconds blocked_until(const Channel& channel, Picoseconds now) const {
        return channel.blocked_since == never ? channel.blocked : channel.blocked + (now - channel.blocked_since);
    }
    void update(std::size_t end, Picoseconds now);

    std::uint32_t flit_bytes_;
    std::uint32_t tx_buffer_;
    std::size_t virtual_channels_;
    Picoseconds latency_;
    Picoseconds now_;
    std::vector<Channel> channels_; // by end and virtual channel
    std::array<std::uint64_t, 2> flits_{};
    std::array<std::uint64_t, 2> packets_{};
    d2d::LinkCore<FramedLinkCore> core_;
};

} // namespace intarsia::models
