// One end of a link: the state of its transmitter and of its receiver, and the retry protocol between the two ends.
#pragma once

#include "d2d/bit_errors.hpp"
#include "d2d/link_parameters.hpp"
#include "d2d/ring.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

namespace intarsia::d2d {

// By value: the references of std::min and std::max put times into memory.
[[nodiscard]] constexpr Picoseconds earlier(Picoseconds a, Picoseconds b) {
    return a < b ? a : b;
}
[[nodiscard]] constexpr Picoseconds later(Picoseconds a, Picoseconds b) {
    return a < b ? b : a;
}

/// What a slot of the lanes was used for, or why it was lost.
enum class SlotUse : std::uint8_t {
    payload,            ///< a d2d_flit that is sent for the first time, with payload
    credit,             ///< one sent for the credits in it only
    ack,                ///< one sent for the Ack or Nak in its header only
    replay,             ///< one sent again
    no_data,            ///< nothing to send
    no_credit,          ///< payload waits, but the far receive buffer has no space
    replay_buffer_full, ///< payload waits, but too much is unacknowledged
    training,           ///< after a failure of lanes
};
inline constexpr std::size_t sent_uses = 4;
inline constexpr std::size_t slot_uses = 8;
inline constexpr std::array<std::string_view, slot_uses> slot_use_names{
    "payload", "credit", "ack", "replay", "no_data", "no_credit", "replay_buffer_full", "training"};

/// Of one direction, counted where it is sent.
struct DirectionCounters {
    std::array<std::uint64_t, sent_uses> flits{}; ///< d2d_flits by use
    std::array<Picoseconds, slot_uses> time{};    ///< of the lanes, by use
    std::uint64_t payload_bytes = 0;              ///< sent for the first time
    std::uint64_t credit_bytes = 0;               ///< of the payload area, taken by credits
    std::uint64_t padding_bytes = 0;              ///< of the payload area of those d2d_flits, left empty
    std::uint64_t damaged = 0;                    ///< d2d_flits with wrong bits
    std::uint64_t naks = 0;                       ///< received
    std::uint64_t timeouts = 0;
    std::uint64_t replay_occupancy_sum = 0; ///< d2d_flits in the replay buffer, at each new one
    std::uint32_t replay_occupancy_max = 0;
    std::uint64_t receive_occupancy_sum = 0; ///< bytes of the far receive buffer in use or on the way, all channels,
    std::uint64_t receive_occupancy_max = 0; ///< at each new d2d_flit
};

/// A d2d_flit on the wire, as the far end will see it. Whether a receiver takes it depends only on what the same sender
/// sent before, so that is known when it leaves.
struct Arrival {
    enum class Kind : std::uint8_t {
        damaged,   ///< CRC error
        plain,     ///< without sequence number: header only
        accepted,  ///< the one expected
        duplicate, ///< one that the receiver has already
        gap,       ///< one after the expected, which never came
    };
    Picoseconds time;
    std::uint64_t ack = 0;       ///< its sender expects this sequence number next
    std::uint32_t epoch = 0;     ///< replays asked for that its sender has obeyed
    std::uint32_t nak_epoch = 0; ///< not 0: its sender asks for this replay
    Kind kind = Kind::plain;
    std::uint8_t credits = 0; ///< entries of the credit inbox that came with it
};

struct CreditUpdate {
    std::uint8_t channel = 0;
    std::uint32_t bytes = 0;
};

/// The part of a unit of payload (a network flit, or a packet) that is in one d2d_flit.
struct UnitPart {
    std::uint32_t tag = 0; ///< the client's name for the unit; of the last part only
    std::uint32_t bytes = 0;
    std::uint8_t channel = 0;
    bool is_last = false;
    bool first_half = false; ///< of the d2d_flit
};

/// One end. Sequence numbers count d2d_flits with payload or credits from 0; d2d_flits that carry nothing but an Ack or
/// a Nak have none and are not kept. The header of every d2d_flit carries the state of its sender's receiver: the
/// sequence number it expects, and whether it waits for a replay. A receiver that sees a damaged d2d_flit or a gap asks
/// for a replay from the number that it expects (go-back-N, no selective Nak; UCIe 1.1 specification, 3.8) and then
/// waits: what was sent before the request was obeyed carries an older `epoch` and is passed over in silence. A
/// d2d_flit of the new epoch that is still not the one expected makes it ask again. A request is always answered, by a
/// header at least, so a damaged header is told again. The timer catches the one case that is left: the last d2d_flit
/// of a replay is damaged, and nothing follows that would show it.
struct LinkEnd {
    LinkEnd(const LinkParameters& link, std::size_t direction)
        : slot(link.slot), errors(link.ber[direction], link.burst_bits, RandomStream(link.seed, direction)),
          sent(std::bit_ceil(std::size_t{link.replay_buffer})), sent_mask(sent.size() - 1), credits(link.channels),
          left(link.channels), owed(link.channels) {
        std::fill(credits.begin(), credits.end(), link.receive_buffer_bytes);
    }

    struct SentFlit {
        std::uint16_t parts = 0; ///< of the undelivered ones
        std::uint8_t credits = 0;
    };
    /// The d2d_flit being filled.
    struct OpenFlit {
        Picoseconds opened;
        std::uint32_t space = 0;
        std::uint32_t payload = 0;
        std::uint16_t parts = 0;
        std::uint8_t credits = 0;
        bool begun = false;
        bool direct = false; ///< it will arrive and be taken: its contents are handed on as they are put in
    };

    // Lanes.
    SlotTime slot;
    Picoseconds busy_until;
    std::uint64_t fraction = 0; ///< of a picosecond, by which the slot's exact end lies after busy_until
    Picoseconds accounted;      ///< until when the time of the lanes is in the counters
    SlotUse idle_reason = SlotUse::no_data;
    SlotUse last_use = SlotUse::no_data;
    bool trained_again = false;
    BitErrors errors;
    // Transmitter.
    std::vector<SentFlit> sent; ///< ring by sequence number
    std::uint64_t sent_mask;
    std::uint64_t next_sequence = 0;
    std::uint64_t acked = 0;        ///< all before are
    std::uint64_t replay_at = 0;    ///< next to be sent (again); next_sequence: no replay
    std::uint64_t far_expected = 0; ///< what the far receiver will expect once all that was sent is there
    std::uint32_t epoch = 0;
    std::uint32_t fruitless_replays = 0;
    Picoseconds deadline = never; ///< of the timer
    OpenFlit open;
    Ring<UnitPart> undelivered;         ///< in the open d2d_flit or in ones that the receiver has not taken
    Ring<CreditUpdate> untold_credits;  ///< likewise
    std::vector<std::uint32_t> credits; ///< bytes of the far buffer, by channel
    std::uint64_t outstanding = 0;      ///< bytes of the far buffer without credit here, all channels
    std::vector<std::uint32_t> left;    ///< bytes of a unit that is partly sent, by channel
    std::uint32_t turn = 0;             ///< channel whose turn it is
    std::uint32_t broken_mask = 0;      ///< without retry: channels whose present unit has lost a part
    // Receiver.
    Ring<Arrival> arrivals;
    Ring<CreditUpdate> credit_inbox;
    std::uint64_t expected = 0;
    std::uint32_t asked_epoch = 0;
    bool waits_for_replay = false;
    bool answer_due = false; ///< a Nak, or the answer to one
    Picoseconds ack_due = never;
    struct Release {
        Picoseconds time;
        std::uint32_t bytes = 0;
        std::uint8_t channel = 0;
    };
    Ring<Release> releases;
    std::vector<std::uint32_t> owed; ///< bytes freed here that the far end has not been told, by channel
    std::uint32_t owed_mask = 0;

    Picoseconds due; ///< when this end acts next
    DirectionCounters counters;

    void ask_for_replay() {
        ++asked_epoch;
        waits_for_replay = true;
        answer_due = true;
    }

    /// The receiver's and the transmitter's part of what comes in.
    void take(const Arrival& arrival, const LinkParameters& link) {
        if (arrival.kind == Arrival::Kind::damaged) [[unlikely]] {
            if (link.retry && !waits_for_replay) {
                ask_for_replay();
            }
            return;
        }
        for (std::uint8_t i = 0; i < arrival.credits; ++i) {
            credits[credit_inbox.front().channel] += credit_inbox.front().bytes;
            outstanding -= credit_inbox.front().bytes;
            credit_inbox.pop();
        }
        if (!link.retry) {
            return;
        }
        const bool in_step = arrival.epoch == asked_epoch;
        waits_for_replay = waits_for_replay && !in_step;
        if (arrival.kind == Arrival::Kind::accepted) [[likely]] {
            ++expected;
            waits_for_replay = false;
            ack_due = earlier(ack_due, arrival.time + link.ack_delay);
        } else if (arrival.kind == Arrival::Kind::duplicate) {
            ack_due = earlier(ack_due, arrival.time + link.ack_delay);
        } else if (arrival.kind == Arrival::Kind::gap && in_step) {
            ask_for_replay();
        }
        if (arrival.ack > acked) {
            acked = arrival.ack;
            replay_at = std::max(replay_at, acked);
            fruitless_replays = 0;
            deadline = acked == next_sequence ? never : arrival.time + link.replay_timeout;
        }
        if (arrival.nak_epoch > epoch) [[unlikely]] {
            epoch = arrival.nak_epoch;
            ++counters.naks;
            answer_due = true;
            replay(arrival.time, link);
        }
    }

    /// Sends everything again that is not acknowledged.
    void replay(Picoseconds now, const LinkParameters& link) {
        if (acked != next_sequence) {
            replay_at = acked;
            deadline = now + link.replay_timeout;
            ++fruitless_replays;
        }
    }

    /// End of a slot that starts at `now`. Slots that follow each other keep their fractions.
    [[nodiscard]] Picoseconds slot_end(Picoseconds now) const {
        const std::uint64_t exact = (now == busy_until ? fraction : 0) + slot.rest;
        return now + Picoseconds(slot.whole + static_cast<std::uint64_t>(exact >= slot.denominator));
    }

    /// A slot from `now` on; returns its end.
    Picoseconds occupy(Picoseconds now, SlotUse use) {
        account(now);
        const Picoseconds end = slot_end(now);
        fraction = ((now == busy_until ? fraction : 0) + slot.rest) & (slot.denominator - 1);
        counters.time[static_cast<std::size_t>(use)] += end - now;
        ++counters.flits[static_cast<std::size_t>(use)];
        accounted = end;
        busy_until = end;
        last_use = use;
        return end;
    }

    /// Charges idle time until `now` to its reason.
    void account(Picoseconds now) {
        if (now > accounted) {
            counters.time[static_cast<std::size_t>(idle_reason)] += now - accounted;
            accounted = now;
        }
    }
};

} // namespace intarsia::d2d
