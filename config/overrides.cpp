#include "config/overrides.hpp"

#include "config/document.hpp"
#include "config/toml_text.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <span>

namespace intarsia::config {

namespace {

std::string trimmed(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t");
    const std::size_t last = text.find_last_not_of(" \t");
    return first == std::string::npos ? std::string() : text.substr(first, last - first + 1);
}

std::vector<std::string> split(const std::string& path) {
    std::vector<std::string> parts;
    std::size_t start = 0;
    for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', start)) {
        parts.push_back(path.substr(start, dot - start));
        start = dot + 1;
    }
    parts.push_back(path.substr(start));
    return parts;
}

/// The value as TOML if it is TOML, else as plain text.
Node parse_value(const std::string& value, const std::shared_ptr<const SourceFile>& source) {
    Node node;
    try {
        SourceFile assignment = *source;
        assignment.content = "value = " + value;
        const Node table = parse_toml(std::make_shared<SourceFile>(std::move(assignment)));
        // More than one member: the value held a line break and went on as a document.
        if (table.members.size() == 1 && table.members.front().key == "value") {
            node = table.members.front().value;
        } else {
            node.kind = Node::Kind::text;
            node.text = value;
        }
    } catch (const InputError&) {
        node.kind = Node::Kind::text;
        node.text = value;
    }
    return node;
}

/// An option has no lines: every part of its value stands at the option itself.
void set_source(Node& node, const std::shared_ptr<const SourceFile>& source) {
    node.source = source;
    node.line = 0;
    node.column = 0;
    for (Member& member : node.members) {
        member.line = 0;
        member.column = 0;
        set_source(member.value, source);
    }
    for (Node& element : node.elements) {
        set_source(element, source);
    }
}

struct Step {
    Node* node = nullptr;
    std::size_t parts = 0; ///< of the path, used up by this step
};

/// The element of an array that the front of `parts` addresses: by name (which may hold dots), or by index.
Step element(Node& array, std::span<const std::string> parts) {
    std::string joined;
    Step found;
    for (std::size_t used = 0; used < parts.size(); ++used) {
        joined += (used > 0 ? "." : "") + parts[used];
        for (Node& each : array.elements) {
            if (each.name() == joined) {
                found = {&each, used + 1};
            }
        }
    }
    if (found.node != nullptr) {
        return found;
    }
    std::size_t index = 0;
    const std::string& digits = parts.front();
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    const bool is_index = parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size();
    return is_index && index < array.elements.size() ? Step{&array.elements[index], 1} : Step{};
}

std::string elements_of(const Node& array) {
    std::vector<std::string> names;
    for (const Node& each : array.elements) {
        if (!each.name().empty()) {
            names.push_back(each.name());
        }
    }
    return array.elements.empty() ? std::string("it has no elements")
           : names.empty()        ? fmt::format("give an index from 0 to {}", array.elements.size() - 1)
                                  : fmt::format("the elements are {}", fmt::join(names, ", "));
}

} // namespace

void apply_override(Node& root, const std::string& option, Faults& faults) {
    const auto source = std::make_shared<SourceFile>();
    const std::size_t equals = option.find('=');
    const std::string path = trimmed(option.substr(0, equals));
    source->option = "--set " + path;
    source->label = source->option;
    const SourcePlace place{"", 0, 0, source->option};
    const auto refuse = [&](std::string message, std::string remedy) {
        faults.add(place, std::move(message), std::move(remedy));
    };
    if (equals == std::string::npos) {
        refuse("has no '='", "write --set path=value");
        return;
    }
    const std::vector<std::string> parts = split(path);
    if (parts.size() > max_key_parts || std::find(parts.begin(), parts.end(), "") != parts.end()) {
        refuse("is no path", fmt::format("write 1 to {} names with dots between them", max_key_parts));
        return;
    }
    Node value = parse_value(trimmed(option.substr(equals + 1)), source);
    set_source(value, source);

    Node* node = &root;
    std::string walked;
    const std::span<const std::string> all(parts);
    for (std::size_t at = 0; at < parts.size();) {
        std::size_t used = 1;
        const bool is_last = at + 1 == parts.size();
        if (node->is(Node::Kind::array)) {
            const Step step = element(*node, all.subspan(at));
            if (step.node == nullptr) {
                refuse(fmt::format("'{}' has no element {}", walked, in_quotes(parts[at])), elements_of(*node));
                return;
            }
            node = step.node;
            used = step.parts;
        } else if (node->is(Node::Kind::table)) {
            if (node->find(parts[at]) == nullptr) {
                Node made;
                made.source = source;
                node->put(parts[at], is_last ? value : std::move(made));
            }
            node = node->find(parts[at]);
        } else {
            refuse(fmt::format("'{}' is {}, with nothing below it", walked, node->kind_text()), "shorten the path");
            return;
        }
        for (std::size_t part = at; part < at + used; ++part) {
            walked += (walked.empty() ? "" : ".") + parts[part];
        }
        at += used;
    }
    *node = std::move(value);
}

} // namespace intarsia::config
