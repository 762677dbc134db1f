// Packets for a link, and what became of them, as CSV.
#pragma once

#include "config/units.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace intarsia::d2d {

/// A packet of a file: `pkt_id,src,bytes,create_ps`, `src` being the end (0 or 1) that sends it.
struct FilePacket {
    std::uint64_t id = 0;
    Picoseconds created;
    std::uint32_t bytes = 0;
    std::uint8_t source = 0;
};

/// What became of it. `never`: did not happen (lost, or the link went down).
struct PacketTimes {
    Picoseconds injected = never; ///< the d2d_flit with its first byte starts
    Picoseconds ejected = never;  ///< it is whole at the far end
    bool lost = false;
};

inline constexpr std::uint64_t max_packet_file_bytes = 1ULL << 30U;
inline constexpr std::uint32_t max_packet_bytes = 65'536;

/// Reads a file with the header `pkt_id,src,bytes,create_ps`; `src` and `pkt_id` may be left out (0; the number of the
/// line's packet), and columns may stand in any order. Packets of an end must be in order of time. Throws InputError
/// with the place of every fault (at most config::max_faults).
[[nodiscard]] std::vector<FilePacket> read_packets(const std::string& path);
/// The same for text at hand.
[[nodiscard]] std::vector<FilePacket> parse_packets(std::string_view text, const std::string& name);

/// `pkt_id,src,bytes,create_ps,inject_ps,eject_ps,status`, in the order of the input; status is `delivered`, `lost` or
/// `waiting` (the link went down), and times that never came are empty.
[[nodiscard]] std::string packets_csv(const std::vector<FilePacket>& packets, const std::vector<PacketTimes>& times);

} // namespace intarsia::d2d
