// How values of a C++ type are read from TOML and written back. A new type takes part by specialising Codec.
#pragma once

#include "config/rule.hpp"
#include "config/units.hpp"

#include <array>
#include <concepts>
#include <vector>

namespace intarsia::config {

/// read() returns the value or adds a fault; toml() writes what read() reads back as the same value; `shape`
/// is put round the type in the reference ("{}" alone for scalars).
template <class M>
struct Codec;

template <std::unsigned_integral M>
requires(!std::same_as<M, bool>) struct Codec<M> {
    static constexpr const char* shape = "{}";
    static std::optional<M> read(const Node& node, const Field& field, Context& context) {
        const auto value = read_integer(node, field, std::numeric_limits<M>::max(), context);
        return value ? std::optional<M>(static_cast<M>(*value)) : std::nullopt;
    }
    static std::string toml(const M& value, const Rule& rule, const Context& context) {
        return integer_toml(value, rule, context);
    }
};

template <class Tag>
struct Codec<Quantity<Tag>> {
    static constexpr const char* shape = "{}";
    static std::optional<Quantity<Tag>> read(const Node& node, const Field& field, Context& context) {
        const auto value = read_integer(node, field, std::numeric_limits<std::uint64_t>::max(), context);
        return value ? std::optional(Quantity<Tag>(*value)) : std::nullopt;
    }
    static std::string toml(const Quantity<Tag>& value, const Rule& rule, const Context& context) {
        return integer_toml(value.count(), rule, context);
    }
};

template <>
struct Codec<double> {
    static constexpr const char* shape = "{}";
    static std::optional<double> read(const Node& node, const Field& field, Context& context) {
        return read_real(node, field, context);
    }
    static std::string toml(double value, const Rule&, const Context&) { return real_toml(value); }
};

template <>
struct Codec<bool> {
    static constexpr const char* shape = "{}";
    static std::optional<bool> read(const Node& node, const Field& field, Context& context) {
        return read_flag(node, field, context);
    }
    static std::string toml(bool value, const Rule&, const Context&) { return value ? "true" : "false"; }
};

template <>
struct Codec<std::string> {
    static constexpr const char* shape = "{}";
    static std::optional<std::string> read(const Node& node, const Field& field, Context& context) {
        return read_text(node, field, context);
    }
    static std::string toml(const std::string& value, const Rule&, const Context&) { return text_toml(value); }
};

template <>
struct Codec<std::map<std::string, double>> {
    static constexpr const char* shape = "{}";
    static auto read(const Node& node, const Field& field, Context& context) {
        return read_numbers(node, field, context);
    }
    static std::string toml(const std::map<std::string, double>& value, const Rule&, const Context&) {
        return numbers_toml(value);
    }
};

template <class E>
struct Codec<std::vector<E>> {
    static constexpr const char* shape = "list of {}";
    static std::optional<std::vector<E>> read(const Node& node, const Field& field, Context& context) {
        const std::vector<Node>* elements = read_list(node, field, context);
        if (elements == nullptr) {
            return std::nullopt;
        }
        std::vector<E> values;
        values.reserve(elements->size());
        for (const Node& element : *elements) {
            if (auto value = Codec<E>::read(element, field, context)) {
                values.push_back(std::move(*value));
            }
        }
        return values.size() == elements->size() ? std::optional(std::move(values)) : std::nullopt;
    }
    static std::string toml(const std::vector<E>& values, const Rule& rule, const Context& context) {
        std::string text = "[";
        for (const E& value : values) {
            text += (text.size() > 1 ? ", " : "") + Codec<E>::toml(value, rule, context);
        }
        return text + "]";
    }
};

} // namespace intarsia::config
