#include "report/si_format.hpp"

#include <array>
#include <cmath>
#include <fmt/format.h>

namespace intarsia::report {

namespace {

struct Prefix {
    std::string_view name;
    double factor;
};

constexpr std::array<Prefix, 11> prefixes{{{"p", 1e-12},
                                           {"n", 1e-9},
                                           {"u", 1e-6},
                                           {"m", 1e-3},
                                           {"", 1},
                                           {"k", 1e3},
                                           {"M", 1e6},
                                           {"G", 1e9},
                                           {"T", 1e12},
                                           {"P", 1e15},
                                           {"E", 1e18}}};

} // namespace

std::string si(double value, std::string_view unit) {
    std::size_t prefix = 0;
    // 999.95 would be printed as 1000.0, so it belongs to the next prefix.
    while (prefix + 1 < prefixes.size() && std::abs(value) / prefixes[prefix].factor >= 999.95) {
        ++prefix;
    }
    const bool small_and_whole = std::abs(value) < 1000 && value == std::floor(value);
    const double scaled = value / prefixes[prefix].factor;
    const int decimals = std::abs(scaled) < 9.9995 ? 3 : std::abs(scaled) < 99.995 ? 2 : 1;
    std::string text = small_and_whole ? fmt::format("{:.0f}", value) : fmt::format("{:.{}f}", scaled, decimals);
    const std::string_view name = small_and_whole ? "" : prefixes[prefix].name;
    if (!name.empty() || !unit.empty()) {
        text += fmt::format(" {}{}", name, unit);
    }
    return text;
}

std::string si_time(std::uint64_t picoseconds) {
    constexpr std::array<std::string_view, 5> units{"ps", "ns", "us", "ms", "s"};
    std::uint64_t unit_ps = 1;
    std::size_t unit = 0;
    while (unit + 1 < units.size() && picoseconds / unit_ps >= 1000) {
        unit_ps *= 1000;
        ++unit;
    }
    if (unit == 0) {
        return fmt::format("{} ps", picoseconds);
    }
    // Three decimals, rounded down, so that 999.9999 us never becomes 1000.
    return fmt::format("{}.{:03} {}", picoseconds / unit_ps, picoseconds % unit_ps / (unit_ps / 1000), units[unit]);
}

std::string percent(double fraction) {
    return fmt::format("{:.1f} %", fraction * 100);
}

} // namespace intarsia::report
