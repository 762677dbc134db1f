// Parameters, each declared once. From a Section follow reading, checking, suggestions, effective.toml and
// the generated reference.
//
// Usage:
//
//     struct LayerConfig { std::uint32_t heads = 32; Bytes cache{1 << 20}; };      // defaults stand here,
//     only struct ModelConfig { std::string name; double dropout = 0; LayerConfig layer; };
//
//     Section<LayerConfig> layer_section() {
//         return Section<LayerConfig>("layer", "One transformer layer.")
//             .field("heads", &LayerConfig::heads, count(1, 1024), "Attention heads.")
//             .field("cache", &LayerConfig::cache, quantity(Unit::size, "1 KiB", "1 TiB"), "Bytes kept for
//             keys.");
//     }
//     Section<ModelConfig> model_section() {
//         return Section<ModelConfig>("", "A model to train.")
//             .field("name", &ModelConfig::name, identifier(), "What the traces are called.")
//             .field("dropout", &ModelConfig::dropout, real(0, 1), "Share of activations set to zero.")
//             .table("layer", &ModelConfig::layer, layer_section());    // [layer]; .tables(...) for
//             [[layer]]
//     }
//
//     Document document = load_document("MODEL.toml", overrides);       // throws InputError: syntax, bases,
//     options Faults faults; Context context{faults, {}}; ModelConfig model;
//     model_section().read(document.root, model, context);              // collects every fault
//     if (model.layer.heads % 2 != 0) { context.fault(place_of(document.root, {"layer", "heads"}), ...); }
//     faults.throw_if_any();                                            // one InputError with all of them
//     std::string effective = effective_toml(model_section(), model, document.root, context);
//     std::string reference = parameter_reference(model_section());     // Markdown
#pragma once

#include "config/codec.hpp"
#include "config/section_text.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace intarsia::config {

/// The declared parameters of a T: the fields of one TOML table, and the tables below it.
template <class T>
class Section {
  public:
    /// `title` is the table as users know it ("core" for [core]; "" for the top of the file).
    Section(std::string title, std::string sentence) : title_(std::move(title)), sentence_(std::move(sentence)) {}

    [[nodiscard]] const std::string& title() const { return title_; }
    [[nodiscard]] const std::string& sentence() const { return sentence_; }

    /// Declares one parameter: its key, the member that holds it, what it may be, and what it means. The
    /// default is the member's initialiser.
    template <class M>
    Section& field(std::string name, M T::*member, Rule rule, std::string sentence) {
        const Field declared{std::move(name), std::move(rule), std::move(sentence)};
        Entry entry;
        entry.name = declared.name;
        entry.is_mandatory = declared.rule.is_mandatory;
        entry.read = [declared, member](const Node& node, T& value, Context& context) {
            if (auto read_value = Codec<M>::read(node, declared, context)) {
                value.*member = std::move(*read_value);
            }
        };
        entry.write = [declared, member](const T& value, const Node* node, const Context& context, TomlWriter& writer) {
            if constexpr (requires { (value.*member).has_value(); }) {
                if (!(value.*member).has_value()) {
                    return; // something else follows from its absence
                }
            }
            writer.value(declared.name, Codec<M>::toml(value.*member, declared.rule, context), node);
        };
        entry.describe = [declared, member](const T& defaults, std::size_t table, ReferenceText& text) {
            Faults none;
            const Context context{none, {}};
            const Rule& kept = declared.rule;
            std::string given = kept.default_words;
            if (given.empty() && !kept.is_mandatory) {
                given = "`" + Codec<M>::toml(defaults.*member, kept, context) + "`";
            }
            text.add_row(table, {declared.name, Codec<M>::shape, given, kept, declared.sentence});
        };
        entries_.push_back(std::move(entry));
        return *this;
    }

    /// Declares a table below this one, held in a member.
    template <class M>
    Section& table(const std::string& name, M T::*member, Section<M> section) {
        return add_table(
            name, std::move(section), [member](auto& value) -> auto& { return value.*member; });
    }

    /// Declares a table below this one whose parameters are members of T itself.
    Section& table(const std::string& name, Section<T> section) {
        return add_table(
            name, std::move(section), [](auto& value) -> auto& { return value; });
    }

    /// Declares an array of tables. If its elements have a field `name`, rules may refer to them: see
    /// reference().
    template <class E>
    Section& tables(const std::string& name, std::vector<E> T::*member, Section<E> section, std::size_t most) {
        const auto shared = std::make_shared<const Section<E>>(std::move(section));
        Entry entry;
        entry.name = name;
        entry.is_table = true;
        entry.read = [name, member, shared, most](const Node& node, T& value, Context& context) {
            const std::vector<Node>* elements = read_tables(node, name, most, context);
            if (elements == nullptr) {
                return;
            }
            auto& list = value.*member;
            list.clear();
            std::vector<std::string> names;
            for (const Node& element : *elements) {
                names.push_back(element.name());
                shared->read(element, list.emplace_back(), context);
            }
            context.names[name] = std::move(names);
        };
        entry.write = [name, member, shared](const T& value, const Node* node, const Context& context,
                                             TomlWriter& writer) {
            std::size_t index = 0;
            for (const E& element : value.*member) {
                writer.open_element(name);
                const bool has_node = node != nullptr && index < node->elements.size();
                shared->write(element, has_node ? &node->elements[index] : nullptr, context, writer);
                writer.close();
                ++index;
            }
        };
        entry.describe = [name, shared](const T&, std::size_t, ReferenceText& text) {
            text.open("[[" + text.path(name) + "]]", name);
            shared->describe(E{}, text);
            text.close();
        };
        entries_.push_back(std::move(entry));
        return *this;
    }

    /// Declares a key that is dealt with before this section is read (bases, inherited defaults): it is known
    /// to suggestions and described in the reference, with its own section if it is a table.
    template <class M>
    Section& elsewhere(const std::string& name, Section<M> section) {
        const auto shared = std::make_shared<const Section<M>>(std::move(section));
        Entry entry;
        entry.name = name;
        entry.is_table = true;
        entry.read = [](const Node&, T&, Context&) {};
        entry.write = [](const T&, const Node*, const Context&, TomlWriter&) {};
        entry.describe = [name, shared](const T&, std::size_t, ReferenceText& text) {
            text.open("[" + text.path(name) + "]", name);
            shared->describe(M{}, text);
            text.close();
        };
        entries_.push_back(std::move(entry));
        return *this;
    }

    /// The same for a plain key.
    Section& elsewhere(const std::string& name, Rule rule, std::string sentence) {
        Entry entry;
        entry.name = name;
        entry.read = [](const Node&, T&, Context&) {};
        entry.write = [](const T&, const Node*, const Context&, TomlWriter&) {};
        entry.describe = [name, kept = std::move(rule), said = std::move(sentence)](const T&, std::size_t table,
                                                                                    ReferenceText& text) {
            text.add_row(table, {name, kept.most_items == 1 ? "{}" : "list of {}", "", kept, said});
        };
        entries_.push_back(std::move(entry));
        return *this;
    }

    /// Takes over all declarations of another section of T.
    Section& include(const Section& other) {
        entries_.insert(entries_.end(), other.entries_.begin(), other.entries_.end());
        return *this;
    }

    /// Whether the table cannot be left out.
    [[nodiscard]] bool has_mandatory() const {
        return std::any_of(entries_.begin(), entries_.end(), [](const Entry& entry) { return entry.is_mandatory; });
    }

    /// All keys of the table, in order of declaration.
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> all;
        all.reserve(entries_.size());
        for (const Entry& entry : entries_) {
            all.push_back(entry.name);
        }
        return all;
    }

    /// Adds a fault for each key of `node` that is not declared.
    void check_keys(const Node& node, Context& context) const { check_table_keys(node, title_, names(), context); }

    /// Reads the table `node` over `value`: keys that are absent leave it as it is. Adds a fault for
    /// everything that is wrong and reads on.
    void read(const Node& node, T& value, Context& context) const {
        if (!is_table(node, title_, context)) {
            return;
        }
        check_keys(node, context);
        for (const Entry& entry : entries_) {
            if (const Node* member = node.find(entry.name)) {
                entry.read(*member, value, context);
            } else if (entry.is_mandatory) {
                missing_key(node, title_, entry.name, entry.is_table, context);
            }
        }
    }

    /// Writes every value with its origin, which `node` (the table that was read; null: none) tells.
    void write(const T& value, const Node* node, const Context& context, TomlWriter& writer) const {
        // Tables come after plain values: in TOML, a header ends the table before it.
        for (const bool tables_turn : {false, true}) {
            for (const Entry& entry : entries_) {
                if (entry.is_table == tables_turn) {
                    entry.write(value, node == nullptr ? nullptr : node->find(entry.name), context, writer);
                }
            }
        }
    }

    /// Adds this table and those below it to the reference; a table that stands there already is only
    /// referred to.
    void describe(const T& defaults, ReferenceText& text) const {
        if (const auto table = text.begin_table(title_, sentence_)) {
            for (const Entry& entry : entries_) {
                entry.describe(defaults, *table, text);
            }
        }
    }

  private:
    struct Entry {
        std::string name;
        bool is_table = false;
        bool is_mandatory = false;
        std::function<void(const Node&, T&, Context&)> read;
        std::function<void(const T&, const Node*, const Context&, TomlWriter&)> write;
        std::function<void(const T& defaults, std::size_t table, ReferenceText&)> describe;
    };

    template <class M, class Get>
    Section& add_table(const std::string& name, Section<M> section, Get get) {
        const auto shared = std::make_shared<const Section<M>>(std::move(section));
        Entry entry;
        entry.name = name;
        entry.is_table = true;
        entry.is_mandatory = shared->has_mandatory();
        entry.read = [shared, get](const Node& node, T& value, Context& context) {
            shared->read(node, get(value), context);
        };
        entry.write = [name, shared, get](const T& value, const Node* node, const Context& context,
                                          TomlWriter& writer) {
            writer.open_table(name);
            shared->write(get(value), node, context, writer);
            writer.close();
        };
        entry.describe = [name, shared, get](const T& defaults, std::size_t, ReferenceText& text) {
            text.open("[" + text.path(name) + "]", name);
            shared->describe(get(defaults), text);
            text.close();
        };
        entries_.push_back(std::move(entry));
        return *this;
    }

    std::string title_;
    std::string sentence_;
    std::vector<Entry> entries_;
};

/// All values of `value`, each with its origin as a comment; read again, the text gives the same values.
template <class T>
[[nodiscard]] std::string effective_toml(const Section<T>& section, const T& value, const Node& root,
                                         const Context& context) {
    TomlWriter writer;
    section.write(value, &root, context, writer);
    return writer.text();
}

/// The reference of all parameters of `section`, in Markdown.
template <class T>
[[nodiscard]] std::string parameter_reference(const Section<T>& section) {
    ReferenceText text;
    section.describe(T{}, text);
    return text.markdown();
}

} // namespace intarsia::config
