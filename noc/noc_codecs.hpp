// How values of [noc] that are no plain numbers or texts are read from TOML and written back.
#pragma once

#include "config/section.hpp"
#include "noc/noc_config.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>

namespace intarsia::config {

/// A value from whose absence something else follows: read like the value, and written only if it is there.
template <class M>
struct Codec<std::optional<M>> {
    static constexpr const char* shape = Codec<M>::shape;
    static std::optional<std::optional<M>> read(const Node& node, const Field& field, Context& context) {
        auto value = Codec<M>::read(node, field, context);
        return value ? std::optional<std::optional<M>>(std::move(value)) : std::nullopt;
    }
    static std::string toml(const std::optional<M>& value, const Rule& rule, const Context& context) {
        return value ? Codec<M>::toml(*value, rule, context) : "";
    }
};

/// One of the rule's choices, in the order of the enumeration.
template <class E>
requires(std::is_enum_v<E>) struct Codec<E> {
    static constexpr const char* shape = "{}";
    static std::optional<E> read(const Node& node, const Field& field, Context& context) {
        const auto word = read_text(node, field, context);
        if (!word) {
            return std::nullopt;
        }
        const auto& choices = field.rule.choices;
        return static_cast<E>(std::find(choices.begin(), choices.end(), *word) - choices.begin());
    }
    static std::string toml(E value, const Rule& rule, const Context&) {
        return text_toml(rule.choices[static_cast<std::size_t>(value)]);
    }
};

template <>
struct Codec<noc::Ratio> {
    static constexpr const char* shape = "number or fraction";
    static std::optional<noc::Ratio> read(const Node& node, const Field& field, Context& context);
    static std::string toml(const noc::Ratio& value, const Rule& rule, const Context& context);
};

template <>
struct Codec<noc::RouterName> {
    static constexpr const char* shape = "name or number";
    static std::optional<noc::RouterName> read(const Node& node, const Field& field, Context& context);
    static std::string toml(const noc::RouterName& value, const Rule& rule, const Context& context);
};

/// `arbiter` of [noc.router]: text for `vc`, a table for `wormhole`.
template <>
struct Codec<noc::ArbiterChoice> {
    static constexpr const char* shape = "`round_robin`, `oldest_first`, or {{order, reset, advance, hold}}";
    static std::optional<noc::ArbiterChoice> read(const Node& node, const Field& field, Context& context);
    static std::string toml(const noc::ArbiterChoice& value, const Rule& rule, const Context& context);
};

/// "1/3", "0.25", "2": a ratio from 0.000001 to 1000, decimals exact to the sixth.
[[nodiscard]] std::optional<noc::Ratio> parse_ratio(std::string_view text);
inline constexpr const char* ratio_remedy =
    "give a number from 0.000001 to 1000 with at most 6 decimals, or a fraction such as \"1/3\"";

} // namespace intarsia::config
