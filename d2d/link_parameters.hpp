// What the link core executes: plain numbers, everything resolved (d2d/link_config.hpp resolves them).
#pragma once

#include "config/errors.hpp"
#include "config/units.hpp"

#include <array>
#include <cstdint>

namespace intarsia::d2d {

inline constexpr std::uint32_t max_channels = 32;

/// Time of one d2d_flit on the lanes as an exact ratio of picoseconds: whole + rest / denominator. Slots that follow
/// each other keep the fraction, so nothing drifts. The denominator is a power of two.
struct SlotTime {
    static constexpr std::uint64_t code_parts = 1'000'000'000'000;

    std::uint64_t whole = 0;
    std::uint64_t rest = 0;
    std::uint64_t denominator = 1;

    /// wire_bytes x 8 / (lanes x transfers/s x code), `code` in parts of 10^12 (line code and FEC: payload over line
    /// bits).
    static SlotTime of(std::uint32_t wire_bytes, std::uint64_t lanes, std::uint64_t transfers_per_s,
                       std::uint64_t code = code_parts) {
        __extension__ using Wide = unsigned __int128;
        const Wide picosecond_bits = Wide{wire_bytes} * 8 * 1'000'000'000'000U * code_parts;
        const Wide bits_per_s = Wide{lanes} * transfers_per_s * code;
        require(bits_per_s > 0, "a link has lanes and a rate");
        SlotTime slot;
        slot.whole = static_cast<std::uint64_t>(picosecond_bits / bits_per_s);
        // The fraction to 2^-63 ps: a slot train of 10^9 slots is off by less than 10^-9 ps.
        slot.denominator = 1ULL << 63U;
        slot.rest = static_cast<std::uint64_t>(static_cast<long double>(picosecond_bits % bits_per_s) /
                                               static_cast<long double>(bits_per_s) * 9223372036854775808.0L);
        return slot;
    }

    [[nodiscard]] double picoseconds() const {
        return static_cast<double>(whole) + static_cast<double>(rest) / static_cast<double>(denominator);
    }
};

/// Lanes fail at a time: the d2d_flit on the wire is damaged, the link trains again and goes on with what it has left.
struct LaneFailure {
    Picoseconds at = never;
    Picoseconds training;
    SlotTime slot_after;
    bool down = false; ///< what is left is no link
};

struct LinkParameters {
    // Lanes and physical layer, a direction.
    SlotTime slot;
    Picoseconds latency; ///< of both adapters, both physical layers and the wire; follows the slot
    // Framing.
    std::uint32_t wire_bytes = 256;
    std::uint32_t payload_bytes = 240;
    std::uint32_t spare_bytes = 10; ///< of a d2d_flit, for credits
    bool halves = false;
    std::uint32_t credit_message_bytes = 4; ///< one channel's credits (a DLLP of PCIe 6 flit mode has 4 bytes)
    Picoseconds flush_wait;                 ///< how long a partly filled d2d_flit waits for more payload
    // Protocol.
    std::uint32_t channels = 1;                ///< message classes or virtual channels, each with its own credits
    std::uint32_t receive_buffer_bytes = 1920; ///< a channel
    // Retry.
    bool retry = true;
    std::uint32_t replay_buffer = 32;      ///< d2d_flits sent and not acknowledged
    Picoseconds ack_delay;                 ///< how long an Ack waits for a d2d_flit to ride on
    Picoseconds replay_timeout{1'000'000}; ///< without progress, everything unacknowledged is sent again
    std::uint32_t retry_limit = 256;       ///< replays in a row without progress: the link is down
    // Faults, by direction.
    std::array<double, 2> ber{};
    std::uint32_t burst_bits = 1;
    std::uint64_t seed = 1;
    LaneFailure failure;

    /// From the first bit of a d2d_flit until its Ack (or what it made room for) is back at its sender, if the way back
    /// is idle: two slots and two latencies.
    [[nodiscard]] double round_trip_ps() const {
        return 2 * (slot.picoseconds() + static_cast<double>(latency.count()));
    }
};

} // namespace intarsia::d2d
