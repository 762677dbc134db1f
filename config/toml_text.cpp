#include "config/toml_text.hpp"

#include "config/document.hpp"
#include "config/faults.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>
#include <toml++/toml.h>

namespace intarsia::config {

namespace {

/// Measures how deeply a text nests before the parser, which descends recursively, sees it. Up to the first
/// fault of syntax it agrees with TOML on what is a string or a comment; beyond it the parser stops anyway.
class NestingScan {
  public:
    explicit NestingScan(const SourceFile& source) : source_(source), text_(source.content) {}

    void run() {
        while (at_ < text_.size()) {
            step();
        }
    }

  private:
    void step() {
        const char letter = text_[at_];
        switch (letter) {
        case '#':
            at_ = std::min(text_.find('\n', at_), text_.size());
            return;
        case '"':
        case '\'':
            skip_string(letter);
            return;
        case '[':
        case '{':
            parts_ = 0;
            if (++depth_ > max_nesting) {
                refuse(fmt::format("more than {} brackets within each other", max_nesting),
                       "nest the values less deeply");
            }
            break;
        case ']':
        case '}':
            parts_ = 0;
            depth_ -= depth_ > 0 ? 1 : 0;
            break;
        case '.':
            if (++parts_ >= max_key_parts) {
                refuse(fmt::format("a key of more than {} parts", max_key_parts), "use fewer tables within each other");
            }
            break;
        case '\n':
            ++line_;
            line_start_ = at_ + 1;
            parts_ = 0;
            break;
        case ',':
        case '=':
            parts_ = 0;
            break;
        default:
            break;
        }
        ++at_;
    }

    void skip_string(char quote) {
        const bool is_basic = quote == '"';
        const std::string fence(3, quote);
        const bool many_lines = text_.compare(at_, 3, fence) == 0;
        at_ += many_lines ? 3 : 1;
        for (; at_ < text_.size(); ++at_) {
            if (is_basic && text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n') {
                ++at_;
                continue;
            }
            if (text_[at_] == '\n') {
                if (!many_lines) {
                    return;
                }
                ++line_;
                line_start_ = at_ + 1;
            }
            if (!many_lines && text_[at_] == quote) {
                ++at_;
                return;
            }
            if (many_lines && text_.compare(at_, 3, fence) == 0) {
                at_ += 3;
                // Up to two more quotes belong to the string.
                for (int extra = 0; extra < 2 && at_ < text_.size() && text_[at_] == quote; ++extra) {
                    ++at_;
                }
                return;
            }
        }
    }

    [[noreturn]] void refuse(std::string message, std::string remedy) const {
        throw InputError(
            Diagnostic{{source_.path, line_, static_cast<std::uint32_t>(at_ - line_start_ + 1), source_.option},
                       std::move(message),
                       std::move(remedy)});
    }

    const SourceFile& source_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_start_ = 0;
    std::uint32_t line_ = 1;
    std::size_t depth_ = 0;
    std::size_t parts_ = 0;
};

/// Turns the library's tree into ours. Its depth is bounded by the scan above.
class Converter {
  public:
    explicit Converter(const std::shared_ptr<const SourceFile>& source) : source_(source) {}

    [[nodiscard]] Node convert(const toml::node& from) const {
        Node node;
        node.source = source_;
        node.line = from.source().begin.line;
        node.column = from.source().begin.column;
        if (const toml::table* table = from.as_table()) {
            node.kind = Node::Kind::table;
            for (const auto& [key, value] : *table) {
                node.members.push_back(
                    Member{std::string(key.str()), key.source().begin.line, key.source().begin.column, convert(value)});
            }
            std::sort(node.members.begin(), node.members.end(),
                      [](const Member& a, const Member& b) { return a.key < b.key; });
        } else if (const toml::array* array = from.as_array()) {
            node.kind = Node::Kind::array;
            node.elements.reserve(array->size());
            for (const toml::node& element : *array) {
                node.elements.push_back(convert(element));
            }
        } else if (const auto* text = from.as_string()) {
            node.kind = Node::Kind::text;
            node.text = text->get();
        } else if (const auto* integer = from.as_integer()) {
            node.kind = Node::Kind::integer;
            node.integer = integer->get();
        } else if (const auto* real = from.as_floating_point()) {
            node.kind = Node::Kind::real;
            node.real = real->get();
        } else if (const auto* flag = from.as_boolean()) {
            node.kind = Node::Kind::flag;
            node.flag = flag->get();
        } else {
            node.kind = Node::Kind::other;
        }
        return node;
    }

  private:
    std::shared_ptr<const SourceFile> source_;
};

} // namespace

Node parse_toml(const std::shared_ptr<const SourceFile>& source) {
    const SourcePlace whole{source->path, 0, 0, source->option};
    if (source->content.size() > max_file_bytes) {
        throw InputError(Diagnostic{whole, fmt::format("larger than {} bytes", max_file_bytes),
                                    "a description of a system is text of some hundred lines"});
    }
    NestingScan(*source).run();
    try {
        const toml::table table = toml::parse(std::string_view(source->content));
        return Converter(source).convert(table);
    } catch (const toml::parse_error& error) {
        const toml::source_position& at = error.source().begin;
        const std::string text(error.description());
        throw InputError(Diagnostic{{source->path, at.line, at.column, source->option},
                                    fmt::format("no valid TOML: {}", text),
                                    "mend the syntax; later faults show when this one is gone"});
    }
}

} // namespace intarsia::config
