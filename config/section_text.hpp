// What sections are written to: effective.toml and the parameter reference.
#pragma once

#include "config/rule.hpp"

#include <initializer_list>
#include <string>
#include <variant>
#include <vector>

namespace intarsia::config {

/// Writes TOML, one value a line with its origin as a comment.
class TomlWriter {
  public:
    /// `key = toml  # origin of node` (or "default" without a node).
    void value(const std::string& key, const std::string& toml, const Node* node);
    void open_table(const std::string& key);
    void open_element(const std::string& key);
    void close();
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    void open(const std::string& key, const char* before, const char* after);

    std::string text_;
    std::vector<std::string> path_;
};

/// One row of the reference.
struct ReferenceRow {
    std::string name;
    std::string shape;
    std::string default_text; ///< in Markdown; "": has none
    Rule rule;
    std::string sentence;
};

/// The parameter reference being built: tables in order, and where in the document the next one stands.
class ReferenceText {
  public:
    /// The dotted path of `key` here.
    [[nodiscard]] std::string path(const std::string& key) const;
    void open(std::string heading, const std::string& key);
    void close();
    /// Starts the table of a section under the heading opened last and returns its number; nothing if a
    /// section of that title stands in the reference already, and a line that refers to it takes its place.
    [[nodiscard]] std::optional<std::size_t> begin_table(const std::string& title, const std::string& sentence);
    void add_row(std::size_t table, ReferenceRow row);
    [[nodiscard]] std::string markdown() const;

  private:
    struct Table {
        std::string heading;
        std::string title;
        std::string sentence;
        std::vector<ReferenceRow> rows;
    };
    std::vector<std::string> path_;
    std::vector<std::string> headings_;
    std::vector<Table> tables_;
};

// Parts of Section that need no type.

void check_table_keys(const Node& node, const std::string& title, const std::vector<std::string>& names,
                      Context& context);
[[nodiscard]] bool is_table(const Node& node, const std::string& title, Context& context);
void missing_key(const Node& node, const std::string& title, const std::string& key, bool key_is_table,
                 Context& context);
[[nodiscard]] const std::vector<Node>* read_tables(const Node& node, const std::string& name, std::size_t most,
                                                   Context& context);

/// The value at a path of keys and indices, or the nearest value above it that was written: where a fault of
/// several values together is reported.
[[nodiscard]] const Node& place_of(const Node& root,
                                   std::initializer_list<std::variant<std::string_view, std::size_t>> path);

} // namespace intarsia::config
