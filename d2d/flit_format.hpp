// How an adapter frames payload into d2d_flits.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace intarsia::d2d {

/// One framing of the adapter: what of a `d2d_flit` is payload and what is overhead. The payload area is a stream of
/// bytes, so network flits share a d2d_flit and may straddle two. Source: UCIe 1.1 specification, sections 3.3.1 to
/// 3.3.4 (flit formats).
struct FlitFormat {
    std::string_view name;
    std::uint32_t wire_bytes;    ///< on the lanes
    std::uint32_t payload_bytes; ///< of the protocol layer
    std::uint32_t header_bytes;  ///< sequence number, Ack or Nak
    std::uint32_t crc_bytes;     ///< 0: errors are not seen, so there is no retry
    std::uint32_t spare_bytes;   ///< reserved or DLP bytes; credits ride in them. Without any, credits take payload
    bool halves;                 ///< the receiver forwards the first half as soon as that half's CRC is checked
    std::string_view source;

    [[nodiscard]] double efficiency() const { return static_cast<double>(payload_bytes) / wire_bytes; }
};

/// All formats.
[[nodiscard]] std::span<const FlitFormat> flit_formats();
/// The format of a name, or null.
[[nodiscard]] const FlitFormat* find_flit_format(std::string_view name);

} // namespace intarsia::d2d
