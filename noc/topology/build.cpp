// From a [noc] to the plan that engines execute.
#include "noc/noc_config.hpp"
#include "noc/topology/check.hpp"
#include "noc/topology/custom.hpp"
#include "noc/topology/graph_routing.hpp"
#include "noc/topology/grid_routing.hpp"
#include "noc/topology/tree.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <numeric>

namespace intarsia::noc {

namespace {

class Builder {
  public:
    Builder(const NocConfig& config, const config::Node& root, config::Faults& faults)
        : config_(config), root_(root), faults_(faults) {
        complete(config_);
    }

    std::optional<NetworkPlan> build() {
        check_config(config_, root_, faults_);
        if (failed()) {
            return std::nullopt;
        }
        wire();
        if (failed()) {
            return std::nullopt;
        }
        remove_missing(wiring_, config_, root_, faults_);
        if (wiring_.plan.endpoints.empty()) {
            fault({"noc", "topology"}, "the network has no endpoint", "give it one");
        }
        order_ports();
        if (failed()) {
            return std::nullopt;
        }
        set_options();
        set_routes();
        return failed() ? std::nullopt : std::optional(std::move(wiring_.plan));
    }

  private:
    using Path = std::initializer_list<std::variant<std::string_view, std::size_t>>;

    /// Nothing is built of a description with faults, those that its reading found included.
    [[nodiscard]] bool failed() const { return !faults_.empty(); }
    [[nodiscard]] SourcePlace place(Path path) const { return config::place_of(root_, path).place(); }
    void fault(Path path, std::string message, std::string remedy) {
        faults_.add(place(path), std::move(message), std::move(remedy));
    }

    void wire() {
        const std::string& topology = config_.topology;
        if (topology == "custom") {
            wiring_ = wire_custom(config_, root_, faults_);
            return;
        }
        if (topology == "tree") {
            describe_tree();
            wiring_ = wire_tree(tree_);
        } else {
            describe_grid();
            wiring_ = wire_grid(grid_);
        }
        change_links(wiring_, config_, root_, faults_);
    }

    [[nodiscard]] std::vector<LinkRate> rates() {
        std::vector<LinkRate> all;
        const auto& latencies = config_.dimension_latency_cycles;
        const auto& widths = config_.dimension_width;
        const auto& clocks = config_.dimension_clock_ratio;
        for (std::size_t d = 0; d < config_.dims.size(); ++d) {
            LinkShape shape;
            shape.latency_cycles = latencies.empty() ? shape.latency_cycles : std::optional(latencies[d]);
            shape.width = widths.empty() ? shape.width : std::optional(widths[d]);
            shape.clock_ratio = clocks.empty() ? shape.clock_ratio : std::optional(clocks[d]);
            const bool own = shape.width.has_value() || shape.clock_ratio.has_value();
            all.push_back(checked_rate(shape, usual_link(config_),
                                       place({"noc", own ? "dimension_width" : "link_width"}), faults_));
        }
        return all;
    }

    void describe_tree() {
        tree_.children = config_.dims;
        tree_.concentration = *config_.concentration;
        tree_.rates = rates();
        tree_.endpoint_latency_cycles = *config_.endpoint_latency_cycles;
    }

    void describe_grid() {
        const std::string& topology = config_.topology;
        grid_.dims = config_.dims;
        grid_.concentration = *config_.concentration;
        grid_.empty = config_.empty_sites;
        grid_.rates = rates();
        grid_.endpoint_latency_cycles = *config_.endpoint_latency_cycles;
        grid_.y_grows_north = config_.router.y_grows == "north";
        grid_.blocks = topology == "cmesh";
        if (topology == "torus" || topology == "ring") {
            grid_.lines = Grid::Lines::closed;
        } else if (topology == "flattened_butterfly" || topology == "fully_connected") {
            grid_.lines = Grid::Lines::complete;
        } else if (topology == "crossbar") {
            grid_.dims = {1};
            grid_.concentration = config_.dims.front();
        } else if (topology == "tiled") {
            grid_.die = config_.dims;
            for (std::size_t d = 0; d < grid_.dims.size(); ++d) {
                grid_.dims[d] *= config_.dies[d];
            }
            grid_.die_rate = checked_rate(config_.die_link, usual_link(config_), place({"noc", "die_link"}), faults_);
        }
    }

    void order_ports() {
        const std::vector<std::string>& order = config_.router.port_order;
        if (order.empty()) {
            return;
        }
        std::vector<std::string> names{"P"};
        for (const NetworkRouter& router : wiring_.plan.routers) {
            for (const NetworkPort& port : router.ports) {
                if (port.use == PortUse::link && names.size() <= 1'000 &&
                    std::find(names.begin(), names.end(), port.name) == names.end()) {
                    names.push_back(port.name);
                }
            }
        }
        for (std::size_t i = 0; i < order.size(); ++i) {
            if (std::find(names.begin(), names.end(), order[i]) == names.end()) {
                fault({"noc", "router", "port_order", i},
                      fmt::format("no port is named {}", config::in_quotes(order[i])),
                      config::suggestion(order[i], names, "the names are"));
            } else if (std::count(order.begin(), order.end(), order[i]) > 1) {
                fault({"noc", "router", "port_order", i},
                      fmt::format("port {} stands twice", config::in_quotes(order[i])), "name each once");
            }
        }
        for (const std::string& name : names) {
            if (std::find(order.begin(), order.end(), name) == order.end()) {
                fault({"noc", "router", "port_order"},
                      fmt::format("port {} is missing from port_order", config::in_quotes(name)), "name all ports");
            }
        }
        if (!failed()) {
            wiring_.order_ports(order);
        }
    }

    void set_options() {
        NetworkPlan& plan = wiring_.plan;
        const RouterConfig& router = config_.router;
        plan.name = config_.dims.empty() ? config_.topology
                                         : fmt::format("{} {}", config_.topology, fmt::join(config_.dims, "x"));
        plan.virtual_channels = *config_.virtual_channels;
        const auto all = static_cast<std::uint16_t>((1U << plan.virtual_channels) - 1);
        std::uint32_t first = 0;
        for (std::uint32_t c = 0; c < *config_.message_classes; ++c) {
            if (config_.classes_share_channels) {
                plan.class_vcs.push_back(all);
                continue;
            }
            const std::uint32_t count = config_.class_virtual_channels[c];
            plan.class_vcs.push_back(static_cast<std::uint16_t>(((1U << count) - 1) << first));
            first += count;
        }
        plan.router.model = router.model;
        plan.router.vc = {router.route_delay,
                          router.vc_alloc_delay,
                          router.switch_alloc_delay,
                          router.traversal_delay,
                          *config_.credit_delay_cycles,
                          router.speculative,
                          router.priorities,
                          router.allocator,
                          router.arbiter.vc.value_or(Arbiter{})};
        plan.router.wormhole = {router.input_fifo_flits,
                                router.output_fifo_flits,
                                router.flow_control,
                                *config_.credit_delay_cycles,
                                router.arbiter.wormhole.value_or(WormholeArbiter{}),
                                router.packet_lock};
        const bool wormhole = router.model == RouterModel::wormhole;
        for (NetworkRouter& each : plan.routers) {
            for (NetworkPort& port : each.ports) {
                port.buffer_flits = wormhole ? router.input_fifo_flits : config_.buffer_flits;
            }
        }
    }

    /// Whether tables of so many entries are small enough; else a fault.
    bool fits(std::uint64_t entries) {
        if (entries > max_table_entries) {
            fault({"noc", "routing"},
                  fmt::format("routing '{}' needs tables of {} entries for this network", *config_.routing, entries),
                  fmt::format("the largest hold {}: make the network smaller{}", max_table_entries,
                              *config_.routing == "dor" ? "" : ", or route by dimension order"));
        }
        return entries <= max_table_entries;
    }

    void set_routes() {
        const std::string& routing = *config_.routing;
        NetworkPlan& plan = wiring_.plan;
        if (routing == "table" && config_.tables_csv.empty()) {
            walk(std::make_unique<ShortestPaths>(plan), 1);
        } else if (routing == "table") {
            set_given_tables();
        } else if (routing == "updown") {
            set_updown();
        } else if (routing == "o1turn") {
            walk(std::make_unique<O1Turn>(wiring_), 2);
        } else if (config_.topology == "tree") {
            if (fits(tree_table_entries(tree_))) {
                plan.routes = tree_tables(wiring_, tree_, plan.virtual_channels);
            }
        } else {
            set_dimension_order();
        }
    }

    void set_given_tables() {
        const NetworkPlan& plan = wiring_.plan;
        if (!fits(std::uint64_t(plan.routers.size()) * plan.endpoints.size())) {
            return;
        }
        auto routing = std::make_unique<GivenTables>(static_cast<std::uint32_t>(plan.endpoints.size()),
                                                     listed_tables(config_, wiring_, root_, faults_));
        for (std::uint32_t destination = 0; destination < plan.endpoints.size(); ++destination) {
            const std::vector<std::uint32_t> circle = routing->circle(plan, static_cast<EndpointId>(destination));
            if (!circle.empty()) {
                std::string routers;
                for (const std::uint32_t router : circle) {
                    routers += plan.routers[router].name + ", ";
                }
                fault({"noc", "tables_csv"},
                      fmt::format("packets to endpoint {} go round in a circle: {}{}", destination, routers,
                                  plan.routers[circle.front()].name),
                      "lead them to their destination");
            }
        }
        walk(std::move(routing), 1);
    }

    void set_dimension_order() {
        NetworkPlan& plan = wiring_.plan;
        DimensionOrder order;
        for (std::uint32_t d = 0; d < grid_.dims.size(); ++d) {
            order.order.push_back(
                static_cast<std::uint8_t>(config_.routing_order.empty() ? d : config_.routing_order[d]));
        }
        if (*config_.routing == "yx") {
            std::reverse(order.order.begin(), order.order.end());
        }
        order.dateline = config_.dateline;
        order.class_vcs = plan.class_vcs;
        order.virtual_channels = plan.virtual_channels;
        if (*config_.routing == "min_adaptive") {
            walk(std::make_unique<MinimalAdaptive>(wiring_, grid_, order), 1);
        } else if (fits(grid_table_entries(grid_))) {
            plan.routes = grid_tables(wiring_, grid_, order);
        }
    }

    void set_updown() {
        const NetworkPlan& plan = wiring_.plan;
        if (config_.updown_root >= plan.routers.size()) {
            fault({"noc", "updown_root"}, fmt::format("there is no router {}", config_.updown_root),
                  fmt::format("give a number below {}", plan.routers.size()));
            return;
        }
        for (const NetworkRouter& router : plan.routers) {
            for (const NetworkPort& port : router.ports) {
                const bool both_ways = port.to.router == port.from.router;
                if (port.use == PortUse::link && !both_ways) {
                    fault({"noc", "routing"},
                          fmt::format("updown needs links that go both ways; port {} of router {} does not",
                                      config::in_quotes(port.name), config::in_quotes(router.name)),
                          "set routing = \"table\", or add the way back to the same port");
                    return;
                }
            }
        }
        auto routing = std::make_unique<UpDown>(plan, config_.updown_root);
        const std::vector<std::uint32_t> unreached = routing->unreached();
        if (!unreached.empty()) {
            fault({"noc", "topology"},
                  fmt::format("no way leads to {} of {} routers, {} among them", unreached.size(), plan.routers.size(),
                              config::in_quotes(plan.routers[unreached.front()].name)),
                  "join them with a link");
            return;
        }
        walk(std::move(routing), 1);
    }

    void walk(const std::unique_ptr<RoutingFunction>& routing, std::uint32_t groups) {
        NetworkPlan& plan = wiring_.plan;
        if (failed() || !fits(dense_table_entries(plan, groups))) {
            return;
        }
        DenseTables tables = dense_tables(plan, *routing);
        for (const auto& [head, destination] : tables.stranded) {
            fault({"noc", config_.tables_csv.empty() ? "topology" : "tables_csv"},
                  fmt::format("no way leads on from router {} to endpoint {} at router {}",
                              config::in_quotes(plan.routers[head.router].name), destination,
                              config::in_quotes(plan.routers[plan.endpoints[destination].router].name)),
                  config_.tables_csv.empty() ? "join them with a link" : "add it to the table");
        }
        plan.routes = std::move(tables.routes);
    }

    NocConfig config_;
    const config::Node& root_;
    config::Faults& faults_;
    Grid grid_;
    Tree tree_;
    Wiring wiring_;
};

} // namespace

std::optional<NetworkPlan> build_network(const NocConfig& config, const config::Node& root, config::Faults& faults) {
    return Builder(config, root, faults).build();
}

NetworkPlan build_network(const NocConfig& config) {
    config::Faults faults;
    const config::Node nothing;
    auto plan = build_network(config, nothing, faults);
    faults.throw_if_any();
    require(plan.has_value(), "a network without faults has a plan");
    return std::move(*plan);
}

} // namespace intarsia::noc
