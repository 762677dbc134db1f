#include "config/node.hpp"

#include "config/faults.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <set>

namespace intarsia::config {

namespace {

struct KeyLess {
    bool operator()(const Member& member, std::string_view key) const { return member.key < key; }
};

bool is_named_table(const Node& node) {
    return node.is(Node::Kind::table) && !node.name().empty();
}

bool is_named_array(const Node& node) {
    return node.is(Node::Kind::array) && !node.elements.empty() &&
           std::all_of(node.elements.begin(), node.elements.end(), is_named_table);
}

bool is_removal(const Node& element) {
    const Node* remove = element.find("remove");
    return remove != nullptr && remove->is(Node::Kind::flag) && remove->flag;
}

void merge_elements(Node& base, const Node& over, Faults& faults) {
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < base.elements.size(); ++i) {
        places.emplace(base.elements[i].name(), i);
    }
    std::set<std::size_t> removed;
    for (const Node& element : over.elements) {
        const std::string name = element.name();
        const auto same = places.find(name);
        if (is_removal(element)) {
            if (same == places.end() || !removed.insert(same->second).second) {
                faults.add(element.place(), fmt::format("nothing named {} to remove", in_quotes(name)),
                           "delete this element, or name one of the base");
            }
        } else if (same == places.end()) {
            places.emplace(name, base.elements.size());
            base.elements.push_back(element);
        } else if (element.source == base.elements[same->second].source) {
            base.elements.push_back(element); // twice in one file: a fault that reading names
        } else {
            Node& below = base.elements[same->second];
            below = merge(std::move(below), element, faults);
        }
    }
    std::vector<Node> kept;
    for (std::size_t i = 0; i < base.elements.size(); ++i) {
        if (removed.count(i) == 0) {
            kept.push_back(std::move(base.elements[i]));
        }
    }
    base.elements = std::move(kept);
}

/// Both lists are sorted by key, and so is the result.
void merge_members(Node& base, const Node& over, Faults& faults) {
    std::vector<Member> merged;
    merged.reserve(base.members.size() + over.members.size());
    auto below = base.members.begin();
    for (const Member& member : over.members) {
        while (below != base.members.end() && below->key < member.key) {
            merged.push_back(std::move(*below++));
        }
        if (below != base.members.end() && below->key == member.key) {
            merged.push_back(
                Member{member.key, member.line, member.column, merge(std::move(below->value), member.value, faults)});
            ++below;
        } else {
            merged.push_back(member);
        }
    }
    merged.insert(merged.end(), std::make_move_iterator(below), std::make_move_iterator(base.members.end()));
    base.members = std::move(merged);
}

} // namespace

const Node* Node::find(std::string_view key) const {
    const auto found = std::lower_bound(members.begin(), members.end(), key, KeyLess{});
    return found != members.end() && found->key == key ? &found->value : nullptr;
}

Node* Node::find(std::string_view key) {
    const auto found = std::lower_bound(members.begin(), members.end(), key, KeyLess{});
    return found != members.end() && found->key == key ? &found->value : nullptr;
}

void Node::put(const std::string& key, Node value) {
    const auto found = std::lower_bound(members.begin(), members.end(), key, KeyLess{});
    if (found != members.end() && found->key == key) {
        found->value = std::move(value);
        return;
    }
    const std::uint32_t key_line = value.line;
    const std::uint32_t key_column = value.column;
    members.insert(found, Member{key, key_line, key_column, std::move(value)});
}

void Node::erase(std::string_view key) {
    const auto found = std::lower_bound(members.begin(), members.end(), key, KeyLess{});
    if (found != members.end() && found->key == key) {
        members.erase(found);
    }
}

SourcePlace Node::place() const {
    return source == nullptr ? SourcePlace{} : SourcePlace{source->path, line, column, source->option};
}

std::string Node::origin() const {
    if (source == nullptr) {
        return "default";
    }
    return line == 0 ? source->label : fmt::format("{}:{}", source->label, line);
}

std::string Node::name() const {
    const Node* found = find("name");
    return found != nullptr && found->is(Kind::text) ? found->text : std::string();
}

const char* Node::kind_text() const {
    switch (kind) {
    case Kind::table:
        return "a table";
    case Kind::array:
        return "a list";
    case Kind::text:
        return "text";
    case Kind::integer:
        return "a whole number";
    case Kind::real:
        return "a number with a fraction";
    case Kind::flag:
        return "true or false";
    case Kind::other:
        break;
    }
    return "a date or time";
}

Node merge(Node base, const Node& over, Faults& faults) {
    if (base.is(Node::Kind::table) && over.is(Node::Kind::table)) {
        merge_members(base, over, faults);
        base.source = over.source;
        base.line = over.line;
        base.column = over.column;
        return base;
    }
    if (is_named_array(base) && is_named_array(over)) {
        merge_elements(base, over, faults);
        return base;
    }
    return over;
}

} // namespace intarsia::config
