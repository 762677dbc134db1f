#include "d2d/flit_format.hpp"

#include <algorithm>
#include <array>

namespace intarsia::d2d {

namespace {

constexpr std::array<FlitFormat, 6> formats{{
    {"raw", 64, 64, 0, 0, 0, false, "UCIe 1.1 specification, 3.3.1: no adapter bytes"},
    {"68B", 68, 64, 2, 2, 0, false, "UCIe 1.1 specification, 3.3.2: 2 header, 64 payload, 2 CRC"},
    {"256B", 256, 240, 2, 4, 10, false, "UCIe 1.1 specification, 3.3.3: start header; 2 header, 10 reserved, 4 CRC"},
    {"256B_end_header", 256, 236, 2, 4, 14, false,
     "UCIe 1.1 specification, 3.3.3: PCIe; 236 TLP, 4 DLP, 2 header, 10 reserved, 4 CRC"},
    {"256B_latency", 256, 240, 2, 4, 10, true,
     "UCIe 1.1 specification, 3.3.4: two halves of 128 B, each with its CRC; no optional bytes"},
    {"256B_latency_optional", 256, 250, 2, 4, 0, true,
     "UCIe 1.1 specification, 3.3.4: the same with the optional bytes as payload"},
}};

} // namespace

std::span<const FlitFormat> flit_formats() {
    return formats;
}

const FlitFormat* find_flit_format(std::string_view name) {
    const auto* found =
        std::find_if(formats.begin(), formats.end(), [&](const FlitFormat& format) { return format.name == name; });
    return found == formats.end() ? nullptr : found;
}

} // namespace intarsia::d2d
