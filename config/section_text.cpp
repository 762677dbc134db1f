#include "config/section_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace intarsia::config {

namespace {

std::string section_name(const std::string& title) {
    return title.empty() ? std::string("the top of the file") : fmt::format("[{}]", title);
}

/// Markdown tables break at bars.
std::string cell(std::string text) {
    for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) {
        text.insert(at, 1, '\\');
    }
    return text;
}

} // namespace

void TomlWriter::value(const std::string& key, const std::string& toml, const Node* node) {
    std::string origin = node == nullptr ? "default" : node->origin();
    // A comment ends at a control character; a file's name may hold any.
    std::replace_if(
        origin.begin(), origin.end(),
        [](char letter) { return static_cast<unsigned char>(letter) < 0x20U || letter == 0x7F; }, '?');
    text_ += fmt::format("{} = {} # {}\n", key_toml(key), toml, origin);
}

void TomlWriter::open(const std::string& key, const char* before, const char* after) {
    path_.push_back(key_toml(key));
    text_ += fmt::format("{}{}{}{}\n", text_.empty() ? "" : "\n", before, fmt::join(path_, "."), after);
}

void TomlWriter::open_table(const std::string& key) {
    open(key, "[", "]");
}
void TomlWriter::open_element(const std::string& key) {
    open(key, "[[", "]]");
}
void TomlWriter::close() {
    path_.pop_back();
}

std::string ReferenceText::path(const std::string& key) const {
    std::string joined;
    for (const std::string& part : path_) {
        joined += part + ".";
    }
    return joined + key;
}

void ReferenceText::open(std::string heading, const std::string& key) {
    headings_.push_back(std::move(heading));
    path_.push_back(key);
}

void ReferenceText::close() {
    headings_.pop_back();
    path_.pop_back();
}

std::optional<std::size_t> ReferenceText::begin_table(const std::string& title, const std::string& sentence) {
    Table table{headings_.empty() ? "Top of the file" : "`" + headings_.back() + "`", title, sentence, {}};
    const auto same = std::find_if(tables_.begin(), tables_.end(),
                                   [&](const Table& other) { return !title.empty() && other.title == title; });
    if (same != tables_.end()) {
        table.title.clear();
        table.sentence = fmt::format("The keys of {}.", same->heading);
        tables_.push_back(std::move(table));
        return std::nullopt;
    }
    tables_.push_back(std::move(table));
    return tables_.size() - 1;
}

void ReferenceText::add_row(std::size_t table, ReferenceRow row) {
    tables_[table].rows.push_back(std::move(row));
}

std::string ReferenceText::markdown() const {
    std::string text;
    for (const Table& table : tables_) {
        text += fmt::format("{}## {}\n\n{}\n", text.empty() ? "" : "\n", table.heading, table.sentence);
        if (table.rows.empty()) {
            continue;
        }
        text += "\n| key | type | values | default | meaning |\n|---|---|---|---|---|\n";
        for (const ReferenceRow& row : table.rows) {
            const std::string type = fmt::format(fmt::runtime(row.shape), type_text(row.rule));
            const std::string given = row.rule.is_mandatory ? "must be given" : row.default_text;
            text += fmt::format("| `{}` | {} | {} | {} | {} |\n", row.name, cell(type), cell(range_text(row.rule)),
                                cell(given), cell(row.sentence));
        }
    }
    return text;
}

void check_table_keys(const Node& node, const std::string& title, const std::vector<std::string>& names,
                      Context& context) {
    for (const Member& member : node.members) {
        if (context.faults.size() >= max_faults) {
            return;
        }
        if (std::find(names.begin(), names.end(), member.key) == names.end()) {
            SourcePlace place = member.value.place();
            place.line = member.line;
            place.column = member.column;
            context.faults.add(place,
                               fmt::format("unknown key {} {} {}", in_quotes(member.key), title.empty() ? "at" : "in",
                                           section_name(title)),
                               suggestion(member.key, names, "the keys are"));
        }
    }
}

bool is_table(const Node& node, const std::string& title, Context& context) {
    if (node.is(Node::Kind::table)) {
        return true;
    }
    context.fault(node, fmt::format("'{}' must be a table, not {}", title, node.kind_text()),
                  fmt::format("write its keys below a line [{}]", title));
    return false;
}

void missing_key(const Node& node, const std::string& title, const std::string& key, bool key_is_table,
                 Context& context) {
    context.fault(node, fmt::format("{} has no '{}'", section_name(title), key),
                  key_is_table ? fmt::format("add [{}]", key) : fmt::format("add {} = ...", key));
}

const std::vector<Node>* read_tables(const Node& node, const std::string& name, std::size_t most, Context& context) {
    if (!node.is(Node::Kind::array)) {
        context.fault(node, fmt::format("'{}' must be an array of tables, not {}", name, node.kind_text()),
                      fmt::format("write each element below a line [[{}]]", name));
        return nullptr;
    }
    if (node.elements.size() > most) {
        context.fault(node, fmt::format("{} elements of [[{}]] are too many", node.elements.size(), name),
                      fmt::format("the largest number is {}", most));
        return nullptr;
    }
    return &node.elements;
}

const Node& place_of(const Node& root, std::initializer_list<std::variant<std::string_view, std::size_t>> path) {
    const Node* node = &root;
    for (const auto& step : path) {
        const Node* next = nullptr;
        if (const auto* key = std::get_if<std::string_view>(&step)) {
            next = node->find(*key);
        } else if (node->is(Node::Kind::array) && std::get<std::size_t>(step) < node->elements.size()) {
            next = &node->elements[std::get<std::size_t>(step)];
        }
        if (next == nullptr) {
            break;
        }
        node = next;
    }
    return *node;
}

} // namespace intarsia::config
