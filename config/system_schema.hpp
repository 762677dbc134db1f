// The declarations of all parameters of a system: the one place that names their units, ranges and meaning.
#pragma once

#include "config/section.hpp"
#include "config/system.hpp"

namespace intarsia::config {

/// A point as ["0 mm", "26 mm"].
template <>
struct Codec<Point> {
    static constexpr const char* shape = "[x, y], each a {}";
    static std::optional<Point> read(const Node& node, const Field& field, Context& context);
    static std::string toml(const Point& value, const Rule& rule, const Context& context);
};

/// A router as [column, row].
template <>
struct Codec<RouterPosition> {
    static constexpr const char* shape = "[column, row]";
    static std::optional<RouterPosition> read(const Node& node, const Field& field, Context& context);
    static std::string toml(const RouterPosition& value, const Rule& rule, const Context& context);
};

// Largest numbers of a system's parts.
inline constexpr std::size_t max_dies = 64;
inline constexpr std::size_t max_stacks = 256;
inline constexpr std::size_t max_links = 4096;
inline constexpr std::uint32_t max_mesh_side = 64;

[[nodiscard]] Section<NetworkConfig> network_section();
[[nodiscard]] Section<CoreConfig> core_section();
[[nodiscard]] Section<HbmControllerConfig> controller_section();
/// What [hbm] gives to all stacks, and a [[stack]] may give for itself.
[[nodiscard]] Section<HbmStackConfig> hbm_section();
[[nodiscard]] Section<DieConfig> die_section();
[[nodiscard]] Section<D2dLinkConfig> d2d_section();
[[nodiscard]] Section<HbmStackConfig> stack_section();
[[nodiscard]] Section<SystemConfig> system_section();

} // namespace intarsia::config
