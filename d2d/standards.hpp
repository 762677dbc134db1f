// Links by name: what the standards and products give, figure by figure, with sources.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace intarsia::d2d {

enum class Confidence : std::uint8_t { low, medium, high };
[[nodiscard]] std::string_view name_of(Confidence confidence);

/// What a standard gives at one data rate.
struct RatePoint {
    std::uint64_t transfers_per_s;
    double energy_pj_per_bit; ///< both ends together, a bit on the lanes
    double raw_ber;           ///< that the link trains to; for information, no default of `ber`
    bool needs_retry;
};

/// A standard, or what a product is known to do. Bandwidths are of one direction unless they say otherwise.
struct Standard {
    std::string_view name;
    std::string_view title;
    std::uint32_t lanes;       ///< data lanes of a module, a direction
    std::uint32_t spare_lanes; ///< of a module, a direction, for repair
    std::uint32_t least_lanes; ///< narrowest width that a module degrades to; `lanes`: it does not
    std::span<const RatePoint> rates;
    std::size_t usual_rate;      ///< index of the default
    double module_edge_um;       ///< die edge that a module takes, both directions; 0: not published
    double areal_gbytes_per_mm2; ///< 3D: both directions over the area, at the fastest rate; 0: not published
    double bump_pitch_um;
    double reach_mm;
    std::uint32_t adapter_ps; ///< of each side
    std::uint32_t phy_ps;     ///< of each side
    double code_efficiency;   ///< share of the line's bits left by line code and FEC
    std::string_view flit_format;
    Confidence confidence;
    std::string_view source;
    std::string_view note;

    [[nodiscard]] const RatePoint* find_rate(std::uint64_t transfers_per_s) const;
    /// GB/s (10^9 bytes) of the lanes of one module in one direction.
    [[nodiscard]] double raw_gbytes_per_s(std::uint64_t transfers_per_s) const;
    /// GB/s of both directions a millimetre of die edge; 0: not known.
    [[nodiscard]] double edge_gbytes_per_s_mm(std::uint64_t transfers_per_s) const;
    /// Die area of a module in mm2 (3D); 0: not known.
    [[nodiscard]] double module_area_mm2() const;
};

/// Idle power as a share of the power of a busy lane: a UCIe performance target is to save 85 % in idle (UCIe
/// consortium, key performance targets, recalled; medium confidence), carried to the others as an assumption.
inline constexpr double idle_power_share = 0.15;

/// Signal speed along the wire: 7 ps/mm (relative permittivity about 4; medium confidence).
inline constexpr double flight_ps_per_mm = 7;

[[nodiscard]] std::span<const Standard> standards();
[[nodiscard]] const Standard* find_standard(std::string_view name);
[[nodiscard]] std::vector<std::string> standard_names();
/// All standards as a Markdown table, with sources.
[[nodiscard]] std::string standards_markdown();

} // namespace intarsia::d2d
