#include "config/expand.hpp"

#include "config/system_schema.hpp"

#include <fmt/format.h>

namespace intarsia::config {

namespace {

Node text_node(const Node& like, std::string text) {
    Node node;
    node.kind = Node::Kind::text;
    node.text = std::move(text);
    node.source = like.source;
    node.line = like.line;
    node.column = like.column;
    return node;
}

Node router_node(const Node& like, RouterPosition router) {
    Node node = text_node(like, "");
    node.kind = Node::Kind::array;
    for (const std::uint32_t value : {router.column, router.row}) {
        Node& element = node.elements.emplace_back(text_node(like, ""));
        element.kind = Node::Kind::integer;
        element.integer = value;
    }
    return node;
}

/// The elements of an array of tables, if it is one and holds no more than `most`: more would be refused
/// anyway, and copying defaults into them could take any amount of memory.
std::vector<Node>* elements_of(Node& root, std::string_view key, std::size_t most) {
    Node* array = root.find(key);
    const bool usable = array != nullptr && array->is(Node::Kind::array) && array->elements.size() <= most;
    return usable ? &array->elements : nullptr;
}

/// Reads a table of defaults for its faults. Only faultless defaults are passed on: they are small, and a
/// fault is reported once.
template <class T>
bool are_good(const Section<T>& section, const Node& node, Context& context) {
    const std::size_t before = context.faults.size();
    T scratch;
    section.read(node, scratch, context);
    return context.faults.size() == before;
}

/// [network] and [core] into the dies.
template <class T>
void inherit_table(Node& root, const std::string& key, const Section<T>& section, Context& context) {
    const Node* defaults = root.find(key);
    std::vector<Node>* dies = elements_of(root, "die", max_dies);
    if (defaults != nullptr && are_good(section, *defaults, context) && dies != nullptr) {
        for (Node& die : *dies) {
            if (die.is(Node::Kind::table)) {
                const Node* own = die.find(key);
                die.put(key, own == nullptr ? *defaults : merge(*defaults, *own, context.faults));
            }
        }
    }
}

/// [hbm] into the stacks.
void inherit_hbm(Node& root, Context& context) {
    const Node* defaults = root.find("hbm");
    std::vector<Node>* stacks = elements_of(root, "stack", max_stacks);
    if (defaults != nullptr && are_good(hbm_section(), *defaults, context) && stacks != nullptr) {
        for (Node& stack : *stacks) {
            if (stack.is(Node::Kind::table)) {
                stack = merge(*defaults, stack, context.faults);
            }
        }
    }
}

std::vector<DieConfig> read_dies(Node& root, Context& context) {
    std::vector<DieConfig> dies;
    std::vector<std::string> names;
    if (const std::vector<Node>* elements = elements_of(root, "die", max_dies)) {
        for (const Node& element : *elements) {
            die_section().read(element, dies.emplace_back(), context);
            names.push_back(element.name());
        }
    }
    context.names["die"] = std::move(names);
    return dies;
}

/// Which way the second of two dies lies from the first.
enum class Facing : std::uint8_t { east, west, north, south, none };

bool rows_meet(const DieConfig& a, const DieConfig& b) {
    return a.position.y < b.position.y + b.height && b.position.y < a.position.y + a.height;
}

bool columns_meet(const DieConfig& a, const DieConfig& b) {
    return a.position.x < b.position.x + b.width && b.position.x < a.position.x + a.width;
}

bool overlap(const DieConfig& a, const DieConfig& b) {
    return rows_meet(a, b) && columns_meet(a, b);
}

Facing facing(const DieConfig& from, const DieConfig& to) {
    if (rows_meet(from, to) == columns_meet(from, to)) {
        return Facing::none;
    }
    if (rows_meet(from, to)) {
        return from.position.x < to.position.x ? Facing::east : Facing::west;
    }
    return from.position.y < to.position.y ? Facing::north : Facing::south;
}

/// The router at place `along` of a die's edge that faces `side`.
RouterPosition edge_router(const NetworkConfig& network, Facing side, std::uint32_t along) {
    switch (side) {
    case Facing::east:
        return {network.columns - 1, along};
    case Facing::west:
        return {0, along};
    case Facing::north:
        return {along, network.rows - 1};
    default:
        return {along, 0};
    }
}

/// One [[d2d]] with `between`: what it says, and the nodes it stands for.
class LinkBundle {
  public:
    LinkBundle(const Node& element, const std::vector<DieConfig>& dies, Context& context)
        : element_(element), dies_(dies), context_(context) {}

    std::vector<Node> links() {
        const std::size_t before = context_.faults.size();
        if (dies_.empty()) {
            return {}; // that there is no die is a fault of its own
        }
        for (const char* key : {"from_die", "from_router", "to_die", "to_router"}) {
            if (const Node* node = element_.find(key)) {
                context_.fault(*node, fmt::format("'{}' and 'between' exclude each other", key), "remove one of them");
            }
        }
        read_ends();
        Node model = element_;
        model.erase("between");
        model.erase("links");
        set_ends(model, RouterPosition{}, RouterPosition{});
        // The parameters of a bundle are checked once, before it is multiplied.
        if (context_.faults.size() != before || !are_good(d2d_section(), model, context_)) {
            return {model};
        }
        std::vector<Node> links;
        const std::uint32_t number = number_of_links();
        const auto spread = [&](std::uint32_t edge, std::uint32_t i) { return (2 * i + 1) * edge / (2 * number); };
        for (std::uint32_t i = 0; i < number; ++i) {
            Node& link = links.emplace_back(model);
            const Node* name = model.find("name");
            link.put("name", text_node(*name, fmt::format("{}.{}", name->text, i)));
            set_ends(link, edge_router(dies_[ends_.front()].network, side_, spread(edge_length(ends_.front()), i)),
                     edge_router(dies_[ends_.back()].network, opposite(side_), spread(edge_length(ends_.back()), i)));
        }
        return links.empty() ? std::vector<Node>{model} : links;
    }

  private:
    static Facing opposite(Facing side) {
        switch (side) {
        case Facing::east:
            return Facing::west;
        case Facing::west:
            return Facing::east;
        case Facing::north:
            return Facing::south;
        default:
            return Facing::north;
        }
    }

    [[nodiscard]] bool is_horizontal() const { return side_ == Facing::east || side_ == Facing::west; }
    [[nodiscard]] std::uint32_t edge_length(std::uint32_t die) const {
        const NetworkConfig& network = dies_[die].network;
        return is_horizontal() ? network.rows : network.columns;
    }

    void read_ends() {
        const Node& between = *element_.find("between");
        const auto ends =
            Codec<std::vector<std::uint32_t>>::read(between, {"between", reference("die").items(2, 2), ""}, context_);
        if (!ends) {
            return;
        }
        ends_ = *ends;
        if (ends_.front() == ends_.back()) {
            context_.fault(between,
                           fmt::format("the link joins die {} to itself", in_quotes(dies_[ends_.front()].name)),
                           "name two different dies");
            return;
        }
        side_ = facing(dies_[ends_.front()], dies_[ends_.back()]);
        if (side_ == Facing::none) {
            const DieConfig& from = dies_[ends_.front()];
            const DieConfig& to = dies_[ends_.back()];
            context_.fault(between,
                           fmt::format("dies {} and {} {}", in_quotes(from.name), in_quotes(to.name),
                                       overlap(from, to) ? "overlap" : "do not lie side by side"),
                           "correct their positions, or give the link's routers by from_router and to_router");
        }
    }

    /// How many links; 0 with a fault.
    std::uint32_t number_of_links() {
        const Node* wish = element_.find("links");
        const Node& place = wish == nullptr ? element_ : *wish;
        const std::uint32_t from = edge_length(ends_.front());
        const std::uint32_t to = edge_length(ends_.back());
        if (wish != nullptr && wish->is(Node::Kind::integer)) {
            return Codec<std::uint32_t>::read(*wish, {"links", count(1, std::min(from, to)), ""}, context_).value_or(0);
        }
        const std::string fitting = is_horizontal() ? "per_row" : "per_column";
        const std::string said = wish == nullptr ? fitting : wish->text;
        if (wish != nullptr && !read_text(*wish, {"links", one_of({"per_row", "per_column"}), ""}, context_)) {
            return 0;
        }
        if (said != fitting) {
            context_.fault(place, fmt::format("the dies lie {}", is_horizontal() ? "side by side" : "above each other"),
                           fmt::format("write links = \"{}\"", fitting));
            return 0;
        }
        if (from != to) {
            context_.fault(place, fmt::format("the facing edges have {} and {} routers", from, to),
                           "give a number of links");
            return 0;
        }
        return from;
    }

    void set_ends(Node& link, RouterPosition from, RouterPosition to) const {
        const Node& between = *element_.find("between");
        const std::vector<std::string>& names = context_.names["die"];
        const auto name = [&](std::size_t end) { return end < names.size() ? names[end] : std::string(); };
        link.put("from_die", text_node(between, name(ends_.empty() ? 0 : ends_.front())));
        link.put("to_die", text_node(between, name(ends_.empty() ? 0 : ends_.back())));
        link.put("from_router", router_node(between, from));
        link.put("to_router", router_node(between, to));
    }

    const Node& element_;
    const std::vector<DieConfig>& dies_;
    Context& context_;
    std::vector<std::uint32_t> ends_;
    Facing side_ = Facing::none;
};

void expand_links(Node& root, const std::vector<DieConfig>& dies, Context& context) {
    std::vector<Node>* elements = elements_of(root, "d2d", max_links);
    if (elements == nullptr) {
        return;
    }
    std::vector<Node> links;
    for (std::size_t i = 0; i < elements->size(); ++i) {
        Node& element = (*elements)[i];
        if (element.is(Node::Kind::table) && element.find("name") == nullptr) {
            element.put("name", text_node(Node{}, fmt::format("link{}", i)));
        }
        if (element.find("between") == nullptr) {
            if (const Node* number = element.find("links")) {
                context.fault(*number, "'links' has no 'between'", "name the two dies by between = [\"...\", \"...\"]");
                element.erase("links");
            }
            links.push_back(std::move(element));
            continue;
        }
        for (Node& link : LinkBundle(element, dies, context).links()) {
            links.push_back(std::move(link));
        }
        if (links.size() > max_links) {
            break; // too many already, and refused when read
        }
    }
    *elements = std::move(links);
}

} // namespace

void expand_short_forms(Node& root, Context& context) {
    inherit_table(root, "network", network_section(), context);
    inherit_table(root, "core", core_section(), context);
    inherit_hbm(root, context);
    for (const char* key : {"network", "core", "hbm"}) {
        root.erase(key);
    }
    const std::vector<DieConfig> dies = read_dies(root, context);
    expand_links(root, dies, context);
}

} // namespace intarsia::config
