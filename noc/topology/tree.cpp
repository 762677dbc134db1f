#include "noc/topology/tree.hpp"

#include "noc/topology/grid.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace intarsia::noc {

namespace {

constexpr auto no_row = std::numeric_limits<std::uint32_t>::max();

class TreeRouting {
  public:
    TreeRouting(const Wiring& wiring, const Tree& tree, std::uint32_t virtual_channels)
        : wiring_(wiring), tree_(tree), virtual_channels_(virtual_channels),
          all_(static_cast<std::uint16_t>((1U << virtual_channels) - 1)),
          place_level_(static_cast<std::uint32_t>(tree.children.size())) {}

    RouteTables tables() {
        std::vector<std::uint32_t> ports;
        for (const NetworkRouter& router : wiring_.plan.routers) {
            ports.push_back(static_cast<std::uint32_t>(router.ports.size()));
        }
        std::vector<std::uint32_t> extents = tree_.children;
        extents.push_back(tree_.concentration);
        std::vector<std::uint8_t> order(extents.size());
        for (std::size_t k = 0; k < order.size(); ++k) {
            order[k] = static_cast<std::uint8_t>(k);
        }
        tables_ = RouteTables(vc_bits_of(virtual_channels_), ports, extents, coordinates(), {order});
        for (std::uint32_t r = 0; r < ports.size(); ++r) {
            set_router(r);
        }
        return std::move(tables_);
    }

  private:
    [[nodiscard]] std::vector<std::uint16_t> coordinates() const {
        std::vector<std::uint16_t> all;
        all.reserve(wiring_.plan.endpoints.size() * (place_level_ + 1));
        for (std::uint32_t e = 0; e < wiring_.plan.endpoints.size(); ++e) {
            const NetworkRouter& leaf = wiring_.plan.routers[wiring_.plan.endpoints[e].router];
            all.insert(all.end(), leaf.at.begin(), leaf.at.end());
            all.push_back(static_cast<std::uint16_t>(e % tree_.concentration));
        }
        return all;
    }

    void set_router(std::uint32_t r) {
        const std::size_t ports = wiring_.tags[r].size();
        std::uint32_t injection = no_row;
        for (std::uint32_t p = 0; p < ports; ++p) {
            const PortTag tag = wiring_.tags[r][p];
            std::uint32_t row = injection;
            if (tag.dimension != PortTag::no_dimension || injection == no_row) {
                row = add_row(r, tag);
            }
            if (tag.dimension == PortTag::no_dimension) {
                injection = row;
            }
            for (std::uint32_t vc = 0; vc < virtual_channels_; ++vc) {
                tables_.set_row(r, p << tables_.vc_bits() | vc, row);
            }
        }
    }

    /// The row of what comes from `from`: the parent sends nothing up again, a child nothing back to itself.
    std::uint32_t add_row(std::uint32_t r, PortTag from) {
        const std::uint32_t row = tables_.add_row();
        const std::vector<std::uint32_t>& path = wiring_.plan.routers[r].at;
        const auto depth = static_cast<std::uint32_t>(path.size());
        const bool from_parent = from.way == tree_parent;
        for (std::uint32_t level = 0; level < depth; ++level) {
            const auto parent = wiring_.find_port(r, {static_cast<std::uint8_t>(depth - 1), tree_parent});
            for (std::uint32_t child = 0; child < tree_.children[level]; ++child) {
                if (child != path[level]) {
                    const RouteEntry up{static_cast<std::uint16_t>(*parent), all_};
                    tables_.set(row, level, child, from_parent ? RouteEntry{} : up);
                }
            }
        }
        if (depth < place_level_) {
            for (std::uint32_t child = 0; child < tree_.children[depth]; ++child) {
                const PortTag down{static_cast<std::uint8_t>(depth), child};
                const RouteEntry entry{static_cast<std::uint16_t>(*wiring_.find_port(r, down)), all_};
                tables_.set(row, depth, child, from == down ? RouteEntry{} : entry);
            }
        }
        // Routers above the leaves decide before the last level.
        std::uint32_t place = 0;
        for (std::uint32_t p = 0; p < wiring_.plan.routers[r].ports.size(); ++p) {
            if (wiring_.plan.routers[r].ports[p].use == PortUse::endpoint) {
                tables_.set(row, place_level_, place++, {static_cast<std::uint16_t>(p), all_});
            }
        }
        for (; place < tree_.concentration; ++place) {
            tables_.set(row, place_level_, place, RouteEntry{});
        }
        return row;
    }

    const Wiring& wiring_;
    const Tree& tree_;
    RouteTables tables_;
    std::uint32_t virtual_channels_;
    std::uint16_t all_;
    std::uint32_t place_level_;
};

} // namespace

std::uint64_t tree_routers(const std::vector<std::uint32_t>& children) {
    std::uint64_t all = 1;
    std::uint64_t at_depth = 1;
    for (const std::uint32_t each : children) {
        at_depth = std::min<std::uint64_t>(at_depth * each, UINT32_MAX);
        all += at_depth;
    }
    return all;
}

std::uint64_t tree_table_entries(const Tree& tree) {
    std::uint64_t row = tree.concentration;
    std::uint64_t most_rows = 2;
    for (const std::uint32_t each : tree.children) {
        row += each;
        most_rows = std::max<std::uint64_t>(most_rows, each + 1);
    }
    return tree_routers(tree.children) * most_rows * row;
}

Wiring wire_tree(const Tree& tree) {
    Wiring wiring;
    wiring.add_router("root", {});
    std::uint32_t first = 0;  // router of the depth that is being given children
    std::uint32_t behind = 1; // the one after the last
    for (std::size_t depth = 0; depth < tree.children.size(); ++depth) {
        for (std::uint32_t r = first; r < behind; ++r) {
            for (std::uint32_t child = 0; child < tree.children[depth]; ++child) {
                std::vector<std::uint32_t> path = wiring.plan.routers[r].at;
                path.push_back(child);
                wiring.add_router(fmt::format("t{}", fmt::join(path, ".")), path);
                const PortTag down{static_cast<std::uint8_t>(depth), child};
                wiring.add_port(r, fmt::format("c{}", child), down);
            }
        }
        first = behind;
        behind = static_cast<std::uint32_t>(wiring.plan.routers.size());
    }
    std::uint32_t below = 1;
    for (std::uint32_t r = 0; r < first; ++r) {
        const auto children = static_cast<std::uint32_t>(wiring.tags[r].size());
        for (std::uint32_t port = 0; port < children; ++port) {
            if (wiring.tags[r][port].way == tree_parent) {
                continue;
            }
            const std::uint8_t depth = wiring.tags[r][port].dimension;
            const std::uint32_t up = wiring.add_port(below, "up", {depth, tree_parent});
            wiring.join({r, port}, {below, up}, tree.rates[depth]);
            ++below;
        }
    }
    std::uint32_t endpoint = 0;
    for (std::uint32_t leaf = first; leaf < behind; ++leaf) {
        for (std::uint32_t k = 0; k < tree.concentration; ++k) {
            wiring.add_endpoint(leaf, endpoint++, tree.endpoint_latency_cycles,
                                endpoint_port_name(k, tree.concentration));
        }
    }
    return wiring;
}

RouteTables tree_tables(const Wiring& wiring, const Tree& tree, std::uint32_t virtual_channels) {
    return TreeRouting(wiring, tree, virtual_channels).tables();
}

} // namespace intarsia::noc
