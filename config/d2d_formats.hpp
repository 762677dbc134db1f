// The framings of die-to-die links that a system may name; the link model owns the full table (d2d/flit_format.hpp),
// and a test holds the two equal.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace intarsia::config {

struct D2dFormat {
    std::string_view name;
    double payload_efficiency; ///< payload over bytes on the lanes
    bool has_crc;
};

/// The framing without d2d_flits: a network flit a slot, `payload_efficiency` given as a parameter.
inline constexpr std::string_view stream_format = "stream";

inline constexpr std::array<D2dFormat, 6> d2d_formats{{{"raw", 1.0, false},
                                                       {"68B", 64.0 / 68, true},
                                                       {"256B", 240.0 / 256, true},
                                                       {"256B_end_header", 236.0 / 256, true},
                                                       {"256B_latency", 240.0 / 256, true},
                                                       {"256B_latency_optional", 250.0 / 256, true}}};

/// The framing of a name, or null for `stream`.
inline const D2dFormat* find_d2d_format(std::string_view name) {
    for (const D2dFormat& format : d2d_formats) {
        if (format.name == name) {
            return &format;
        }
    }
    return nullptr;
}

inline std::vector<std::string> d2d_format_names() {
    std::vector<std::string> names{std::string(stream_format)};
    for (const D2dFormat& format : d2d_formats) {
        names.emplace_back(format.name);
    }
    return names;
}

} // namespace intarsia::config
