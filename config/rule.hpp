// What a parameter may be: unit, range, choices. And the context in which values are read.
#pragma once

#include "config/faults.hpp"
#include "config/node.hpp"
#include "config/quantity_text.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace intarsia::config {

/// The rule that a parameter's values (of a list: each of its elements) keep to. Made by the functions below.
struct Rule {
    Unit unit = Unit::text;
    std::uint64_t least = 0; ///< of whole numbers, in the base unit
    std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    double least_real = 0;
    double most_real = 0;
    std::vector<std::string> choices; ///< of a text, or the keys of a table of numbers; empty: any
    std::string refers_to;            ///< the value is the name of an element of this array of tables
    std::size_t fewest_items = 0;     ///< of a list
    std::size_t most_items = 65'536;
    bool is_mandatory = false;
    std::string default_words; ///< what the default is, where it follows from other values
    std::function<std::optional<ValueFault>(const std::string&)> problem; ///< what is wrong with a text, if anything

    /// The parameter has no default: the table must give it.
    [[nodiscard]] Rule mandatory() &&;
    /// The default follows from other values; these words tell the reference how.
    [[nodiscard]] Rule by_default(std::string words) &&;
    /// A list holds this many elements.
    [[nodiscard]] Rule items(std::size_t fewest, std::size_t most_allowed) &&;
};

/// A plain whole number.
[[nodiscard]] Rule count(std::uint64_t least, std::uint64_t most);
/// A whole number of a unit, its limits written as in TOML: quantity(Unit::frequency, "1 MHz", "20 GHz").
[[nodiscard]] Rule quantity(Unit unit, std::string_view least, std::string_view most);
/// A plain number that may have a fraction.
[[nodiscard]] Rule real(double least, double most);
[[nodiscard]] Rule flag();
/// A text of 1 to 200 characters.
[[nodiscard]] Rule text();
[[nodiscard]] Rule one_of(std::vector<std::string> choices);
/// A text for which `problem` finds nothing wrong.
[[nodiscard]] Rule text_that(std::function<std::optional<ValueFault>(const std::string&)> problem);
/// A name: letters, digits, `_` and `-` (and `.` where told), at most 64.
[[nodiscard]] Rule identifier(bool with_dots = false);
/// The name of an element of an array of tables that is read earlier; held as its index.
[[nodiscard]] Rule reference(std::string array);
/// A table of plain numbers whose keys are among `keys`.
[[nodiscard]] Rule numbers_by_key(std::vector<std::string> keys);

/// One parameter, as declared.
struct Field {
    std::string name;
    Rule rule;
    std::string sentence;
};

/// What reading needs beside the value: where faults go, and the names that references refer to.
struct Context {
    Faults& faults;
    std::map<std::string, std::vector<std::string>> names; ///< by array of tables, in order

    void fault(const Node& node, std::string message, std::string remedy) {
        faults.add(node.place(), std::move(message), std::move(remedy));
    }
};

// Scalars: each reads `node` by the field's rule, or adds a fault and returns nothing.

/// Whole numbers of any unit, and references. `most` is what the destination can hold.
[[nodiscard]] std::optional<std::uint64_t> read_integer(const Node& node, const Field& field, std::uint64_t most,
                                                        Context& context);
[[nodiscard]] std::optional<double> read_real(const Node& node, const Field& field, Context& context);
[[nodiscard]] std::optional<bool> read_flag(const Node& node, const Field& field, Context& context);
[[nodiscard]] std::optional<std::string> read_text(const Node& node, const Field& field, Context& context);
[[nodiscard]] std::optional<std::map<std::string, double>> read_numbers(const Node& node, const Field& field,
                                                                        Context& context);
/// The elements of a list, its length checked.
[[nodiscard]] const std::vector<Node>* read_list(const Node& node, const Field& field, Context& context);

// And back to TOML.

[[nodiscard]] std::string integer_toml(std::uint64_t value, const Rule& rule, const Context& context);
[[nodiscard]] std::string real_toml(double value);
[[nodiscard]] std::string text_toml(std::string_view value);
[[nodiscard]] std::string numbers_toml(const std::map<std::string, double>& values);
/// A key: bare if it may be, else quoted.
[[nodiscard]] std::string key_toml(std::string_view key);

/// "1 MHz to 20 GHz", "`a`, `b`", ...: the values that a rule allows, for the reference.
[[nodiscard]] std::string range_text(const Rule& rule);
/// "frequency", "whole number", "text", ...: for the reference.
[[nodiscard]] std::string type_text(const Rule& rule);

} // namespace intarsia::config
