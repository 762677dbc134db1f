#include "config/rule.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fmt/format.h>

namespace intarsia::config {

namespace {

std::uint64_t declared_quantity(std::string_view written, Unit unit) {
    const auto parsed = parse_quantity(written, unit);
    require(std::holds_alternative<std::uint64_t>(parsed), "a declared limit is a valid quantity");
    return std::get<std::uint64_t>(parsed);
}

bool has_symbols(Unit unit) {
    return !symbols_of(unit).empty();
}

std::optional<ValueFault> identifier_problem(const std::string& name, bool with_dots) {
    const bool good = std::all_of(name.begin(), name.end(), [&](char letter) {
        return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '-' ||
               (with_dots && letter == '.');
    });
    if (good && !name.empty() && name.size() <= 64) {
        return std::nullopt;
    }
    return ValueFault{"is no name",
                      fmt::format("use 1 to 64 letters, digits, '_'{} '-'", with_dots ? ", '.' and" : " and")};
}

std::optional<std::uint64_t> read_reference(const Node& node, const Field& field, Context& context) {
    if (!node.is(Node::Kind::text)) {
        context.fault(node, fmt::format("'{}' must be text, not {}", field.name, node.kind_text()),
                      fmt::format("give the name of a [[{}]]", field.rule.refers_to));
        return std::nullopt;
    }
    const std::vector<std::string>& names = context.names[field.rule.refers_to];
    const auto found = std::find(names.begin(), names.end(), node.text);
    if (found == names.end()) {
        context.fault(node, fmt::format("no [[{}]] is named {}", field.rule.refers_to, in_quotes(node.text)),
                      suggestion(node.text, names, "the names are"));
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(found - names.begin());
}

/// Reads a value with a unit; adds a fault and returns nothing if it is none.
std::optional<std::uint64_t> read_quantity(const Node& node, const Field& field, Context& context) {
    const Unit unit = field.rule.unit;
    if (node.is(Node::Kind::integer) || node.is(Node::Kind::real)) {
        context.fault(node, fmt::format("'{}' has no unit", field.name),
                      fmt::format("write {} such as \"{}\"", unit_name(unit), unit_example(unit)));
        return std::nullopt;
    }
    if (!node.is(Node::Kind::text)) {
        context.fault(node, fmt::format("'{}' must be {}, not {}", field.name, unit_name(unit), node.kind_text()),
                      fmt::format("write \"{}\"", unit_example(unit)));
        return std::nullopt;
    }
    const auto parsed = parse_quantity(node.text, unit);
    if (const auto* fault = std::get_if<ValueFault>(&parsed)) {
        context.fault(node, fmt::format("'{}' = {} {}", field.name, in_quotes(node.text), fault->message),
                      fault->remedy);
        return std::nullopt;
    }
    return std::get<std::uint64_t>(parsed);
}

/// Reads a plain whole number; adds a fault and returns nothing if it is none.
std::optional<std::uint64_t> read_count(const Node& node, const Field& field, Context& context) {
    if (!node.is(Node::Kind::integer)) {
        context.fault(node, fmt::format("'{}' must be a whole number, not {}", field.name, node.kind_text()),
                      "write plain digits, without quotes, unit or fraction");
        return std::nullopt;
    }
    if (node.integer < 0) {
        context.fault(node, fmt::format("'{}' = {} is negative", field.name, node.integer),
                      fmt::format("the smallest value is {}", field.rule.least));
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(node.integer);
}

} // namespace

Rule Rule::mandatory() && {
    is_mandatory = true;
    return std::move(*this);
}

Rule Rule::by_default(std::string words) && {
    default_words = std::move(words);
    return std::move(*this);
}

Rule Rule::items(std::size_t fewest, std::size_t most_allowed) && {
    fewest_items = fewest;
    most_items = most_allowed;
    return std::move(*this);
}

Rule count(std::uint64_t least, std::uint64_t most) {
    Rule rule;
    rule.unit = Unit::count;
    rule.least = least;
    rule.most = most;
    return rule;
}

Rule quantity(Unit unit, std::string_view least, std::string_view most) {
    Rule rule;
    rule.unit = unit;
    rule.least = declared_quantity(least, unit);
    rule.most = declared_quantity(most, unit);
    return rule;
}

Rule real(double least, double most) {
    Rule rule;
    rule.unit = Unit::fraction;
    rule.least_real = least;
    rule.most_real = most;
    return rule;
}

Rule flag() {
    Rule rule;
    rule.unit = Unit::flag;
    return rule;
}

Rule text() {
    return {};
}

Rule one_of(std::vector<std::string> choices) {
    Rule rule;
    rule.choices = std::move(choices);
    return rule;
}

Rule text_that(std::function<std::optional<ValueFault>(const std::string&)> problem) {
    Rule rule;
    rule.problem = std::move(problem);
    return rule;
}

Rule identifier(bool with_dots) {
    return text_that([with_dots](const std::string& name) { return identifier_problem(name, with_dots); });
}

Rule reference(std::string array) {
    Rule rule;
    rule.refers_to = std::move(array);
    return rule;
}

Rule numbers_by_key(std::vector<std::string> keys) {
    Rule rule;
    rule.unit = Unit::fraction;
    rule.choices = std::move(keys);
    return rule;
}

std::optional<std::uint64_t> read_integer(const Node& node, const Field& field, std::uint64_t most, Context& context) {
    const Rule& rule = field.rule;
    if (!rule.refers_to.empty()) {
        return read_reference(node, field, context);
    }
    const auto value = has_symbols(rule.unit) ? read_quantity(node, field, context) : read_count(node, field, context);
    if (!value) {
        return std::nullopt;
    }
    const std::uint64_t largest = std::min(rule.most, most);
    if (*value < rule.least) {
        context.fault(node, fmt::format("'{}' = {} is too small", field.name, quantity_text(*value, rule.unit)),
                      fmt::format("the smallest value is {}", quantity_text(rule.least, rule.unit)));
        return std::nullopt;
    }
    if (*value > largest) {
        context.fault(node, fmt::format("'{}' = {} is too large", field.name, quantity_text(*value, rule.unit)),
                      fmt::format("the largest value is {}", quantity_text(largest, rule.unit)));
        return std::nullopt;
    }
    return value;
}

std::optional<double> read_real(const Node& node, const Field& field, Context& context) {
    if (!node.is(Node::Kind::integer) && !node.is(Node::Kind::real)) {
        context.fault(node, fmt::format("'{}' must be a number, not {}", field.name, node.kind_text()),
                      "write a plain number, without quotes or unit");
        return std::nullopt;
    }
    const double value = node.is(Node::Kind::integer) ? static_cast<double>(node.integer) : node.real;
    if (!std::isfinite(value) || value < field.rule.least_real || value > field.rule.most_real) {
        context.fault(node, fmt::format("'{}' = {} is out of range", field.name, value),
                      fmt::format("give a value from {} to {}", field.rule.least_real, field.rule.most_real));
        return std::nullopt;
    }
    return value;
}

std::optional<bool> read_flag(const Node& node, const Field& field, Context& context) {
    if (!node.is(Node::Kind::flag)) {
        context.fault(node, fmt::format("'{}' must be true or false, not {}", field.name, node.kind_text()),
                      "write true or false, without quotes");
        return std::nullopt;
    }
    return node.flag;
}

std::optional<std::string> read_text(const Node& node, const Field& field, Context& context) {
    if (!node.is(Node::Kind::text)) {
        context.fault(node, fmt::format("'{}' must be text, not {}", field.name, node.kind_text()),
                      "write it in quotes");
        return std::nullopt;
    }
    const std::vector<std::string>& choices = field.rule.choices;
    if (!choices.empty() && std::find(choices.begin(), choices.end(), node.text) == choices.end()) {
        context.fault(node, fmt::format("'{}' cannot be {}", field.name, in_quotes(node.text)),
                      suggestion(node.text, choices, "the choices are"));
        return std::nullopt;
    }
    if (field.rule.problem) {
        if (const auto problem = field.rule.problem(node.text)) {
            context.fault(node, fmt::format("'{}' = {} {}", field.name, in_quotes(node.text), problem->message),
                          problem->remedy);
            return std::nullopt;
        }
    } else if (choices.empty() && (node.text.empty() || node.text.size() > 200)) {
        context.fault(node, fmt::format("'{}' has {} characters", field.name, node.text.size()), "give 1 to 200");
        return std::nullopt;
    }
    return node.text;
}

std::optional<std::map<std::string, double>> read_numbers(const Node& node, const Field& field, Context& context) {
    if (!node.is(Node::Kind::table)) {
        context.fault(node, fmt::format("'{}' must be a table, not {}", field.name, node.kind_text()),
                      fmt::format("write {} = {{ {} = 1 }}", field.name, field.rule.choices.front()));
        return std::nullopt;
    }
    std::map<std::string, double> values;
    bool good = true;
    for (const Member& member : node.members) {
        const std::vector<std::string>& keys = field.rule.choices;
        if (std::find(keys.begin(), keys.end(), member.key) == keys.end()) {
            SourcePlace place = member.value.place();
            place.line = member.line;
            place.column = member.column;
            context.faults.add(place, fmt::format("unknown key {} in '{}'", in_quotes(member.key), field.name),
                               suggestion(member.key, keys, "the keys are"));
            good = false;
            continue;
        }
        if (const auto value = read_real(member.value, {member.key, real(0, 1e9), ""}, context)) {
            values[member.key] = *value;
        } else {
            good = false;
        }
    }
    return good ? std::optional(std::move(values)) : std::nullopt;
}

const std::vector<Node>* read_list(const Node& node, const Field& field, Context& context) {
    if (!node.is(Node::Kind::array)) {
        context.fault(node, fmt::format("'{}' must be a list, not {}", field.name, node.kind_text()),
                      fmt::format("write it in brackets: {} = [...]", field.name));
        return nullptr;
    }
    const std::size_t size = node.elements.size();
    if (size < field.rule.fewest_items || size > field.rule.most_items) {
        context.fault(node, fmt::format("'{}' has {} elements", field.name, size),
                      field.rule.fewest_items == field.rule.most_items
                          ? fmt::format("give {}", field.rule.most_items)
                          : fmt::format("give {} to {}", field.rule.fewest_items, field.rule.most_items));
        return nullptr;
    }
    return &node.elements;
}

std::string integer_toml(std::uint64_t value, const Rule& rule, const Context& context) {
    if (!rule.refers_to.empty()) {
        return text_toml(context.names.at(rule.refers_to).at(value));
    }
    const std::string text = quantity_text(value, rule.unit);
    return has_symbols(rule.unit) ? text_toml(text) : text;
}

std::string real_toml(double value) {
    std::string text = fmt::format("{}", value);
    // TOML tells the two kinds of number apart by point or exponent.
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string text_toml(std::string_view value) {
    std::string text = "\"";
    for (const char letter : value) {
        const auto code = static_cast<unsigned char>(letter);
        if (letter == '"' || letter == '\\') {
            text += '\\';
            text += letter;
        } else if (code < 0x20U || code == 0x7FU) {
            text += fmt::format("\\u{:04X}", code);
        } else {
            text += letter;
        }
    }
    return text + '"';
}

std::string numbers_toml(const std::map<std::string, double>& values) {
    std::string text;
    for (const auto& [key, value] : values) {
        text += fmt::format("{}{} = {}", text.empty() ? "{ " : ", ", key_toml(key), real_toml(value));
    }
    return text.empty() ? "{}" : text + " }";
}

std::string key_toml(std::string_view key) {
    const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char letter) {
        return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '-';
    });
    return bare ? std::string(key) : text_toml(key);
}

std::string range_text(const Rule& rule) {
    if (!rule.refers_to.empty()) {
        return fmt::format("name of a `[[{}]]`", rule.refers_to);
    }
    if (!rule.choices.empty()) {
        return fmt::format("`{}`", fmt::join(rule.choices, "`, `"));
    }
    switch (rule.unit) {
    case Unit::fraction:
        return fmt::format("{} to {}", rule.least_real, rule.most_real);
    case Unit::text:
    case Unit::flag:
        return "";
    default:
        return rule.most == static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())
                   ? fmt::format("{} or more", quantity_text(rule.least, rule.unit))
                   : fmt::format("{} to {}", quantity_text(rule.least, rule.unit), quantity_text(rule.most, rule.unit));
    }
}

std::string type_text(const Rule& rule) {
    if (rule.unit == Unit::fraction && !rule.choices.empty()) {
        return "table of numbers";
    }
    if (!rule.refers_to.empty()) {
        return "name";
    }
    if (rule.unit == Unit::flag) {
        return "true or false";
    }
    std::string name = unit_name(rule.unit);
    return name.starts_with("a ") ? name.substr(2) : name;
}

} // namespace intarsia::config
