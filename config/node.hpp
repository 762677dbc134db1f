// A parsed TOML value that remembers where each of its parts was written, through merges and overrides.
#pragma once

#include "config/errors.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace intarsia::config {

/// One input that values come from: a file, a preset, or a command-line option.
struct SourceFile {
    std::string path;    ///< as faults name it; empty for an option
    std::string label;   ///< as effective.toml names it: the path, "preset NAME", or the option
    std::string option;  ///< "--set core.sram=..." for values of the command line, else empty
    std::string content; ///< the bytes read
};

struct Member;

/// A TOML value. Which of the value members holds is told by `kind`.
struct Node {
    enum class Kind : std::uint8_t { table, array, text, integer, real, flag, other };

    Kind kind = Kind::table;
    bool flag = false;
    std::int64_t integer = 0;
    double real = 0;
    std::string text;
    std::vector<Member> members; ///< of a table, sorted by key
    std::vector<Node> elements;  ///< of an array

    std::shared_ptr<const SourceFile> source; ///< none: made by the program
    std::uint32_t line = 0;
    std::uint32_t column = 0;

    [[nodiscard]] bool is(Kind wanted) const { return kind == wanted; }
    /// The member of that name, or null (also for whatever is no table).
    [[nodiscard]] const Node* find(std::string_view key) const;
    [[nodiscard]] Node* find(std::string_view key);
    /// Adds or replaces a member.
    void put(const std::string& key, Node value);
    /// Removes a member, if there is one.
    void erase(std::string_view key);

    [[nodiscard]] SourcePlace place() const;
    /// "default" without a source; else "file:line", "preset NAME:line" or the option.
    [[nodiscard]] std::string origin() const;
    /// The text of its string member `name`, or "".
    [[nodiscard]] std::string name() const;
    /// What the value is, for messages: "text", "a whole number", ...
    [[nodiscard]] const char* kind_text() const;
};

/// A key of a table, with the place of the key itself.
struct Member {
    std::string key;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    Node value;
};

class Faults;

/// Lays `over` upon `base`: tables merge key by key at every depth; arrays of tables whose elements all carry
/// a `name` merge element by element, new names being appended and elements with `remove = true` taken out;
/// whatever else stands in `over` replaces. A `remove` without its element in `base` is a fault.
[[nodiscard]] Node merge(Node base, const Node& over, Faults& faults);

} // namespace intarsia::config
