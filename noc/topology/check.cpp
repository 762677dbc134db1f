#include "noc/topology/check.hpp"

#include "noc/topology/tree.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <initializer_list>
#include <numeric>
#include <string_view>
#include <variant>

namespace intarsia::noc {

namespace {

using Path = std::initializer_list<std::variant<std::string_view, std::size_t>>;

class Checker {
  public:
    Checker(const NocConfig& config, const config::Node& root, config::Faults& faults)
        : config_(config), root_(root), faults_(faults), topology_(config.topology), routing_(*config.routing) {}

    void run() {
        check_keys();
        check_channels();
        check_latencies();
        check_arbiter();
        if (topology_ == "custom") {
            check_custom();
            return;
        }
        if (config_.dims.empty()) {
            // Dimensions that could not be read have their own fault.
            const config::Node& node = config::place_of(root_, {"noc", "dims"});
            if (!node.is(config::Node::Kind::array) || node.elements.empty()) {
                fault({"noc", "dims"}, fmt::format("'dims' is missing for topology '{}'", topology_),
                      "give the routers along each dimension, as dims = [8, 8]");
            }
            return;
        }
        check_dimensions();
        check_size();
        check_routing();
        check_sites();
    }

  private:
    void fault(Path path, std::string message, std::string remedy) {
        faults_.add(config::place_of(root_, path).place(), std::move(message), std::move(remedy));
    }

    /// A key that says nothing about this topology.
    void unused(bool given, std::string_view key, std::string_view what_for) {
        if (given) {
            fault({"noc", key}, fmt::format("'{}' means nothing for topology '{}'", key, topology_),
                  fmt::format("remove it; it is for {}", what_for));
        }
    }

    void check_keys() {
        const bool custom = topology_ == "custom";
        unused(!config_.dies.empty() && topology_ != "tiled", "dies", "'tiled'");
        unused(!config_.router_list.empty() && !custom, "router_list", "'custom'");
        unused(config_.routers != 0 && !custom, "routers", "'custom'");
        unused(!config_.routers_csv.empty() && !custom, "routers_csv", "'custom'");
        unused(!config_.dims.empty() && custom, "dims", "the regular topologies");
        const bool has_sites = is_grid(topology_) && topology_ != "cmesh";
        unused(!config_.empty_sites.empty() && !has_sites, "empty_sites", "grids of routers");
        unused(*config_.concentration > 1 && topology_ == "crossbar", "concentration", "networks of several routers");
        const bool has_dimensions = is_grid(topology_) || topology_ == "tree";
        unused(!config_.dimension_latency_cycles.empty() && !has_dimensions, "dimension_latency_cycles", "grids");
        unused(!config_.dimension_width.empty() && !has_dimensions, "dimension_width", "grids");
        unused(!config_.dimension_clock_ratio.empty() && !has_dimensions, "dimension_clock_ratio", "grids");
        if (!config_.tables_csv.empty() && routing_ != "table") {
            fault({"noc", "tables_csv"}, fmt::format("tables are given, but routing is '{}'", routing_),
                  "set routing = \"table\", or remove the tables");
        }
        for (std::size_t i = 0; i < config_.links.size(); ++i) {
            const LinkEntry& link = config_.links[i];
            if (!custom && (!link.from_port.empty() || !link.to_port.empty())) {
                fault({"noc", "link", i, link.from_port.empty() ? "to_port" : "from_port"},
                      fmt::format("ports of topology '{}' have their names", topology_), "remove it");
            }
        }
    }

    void check_channels() {
        const std::uint32_t channels = *config_.virtual_channels;
        const std::uint32_t classes = *config_.message_classes;
        if (config_.router.model == RouterModel::wormhole && channels != 1) {
            fault({"noc", "virtual_channels"}, fmt::format("a wormhole router has no {} virtual channels", channels),
                  "remove virtual_channels, or set model = \"vc\"");
        }
        if (config_.classes_share_channels) {
            return;
        }
        const std::vector<std::uint32_t>& each = config_.class_virtual_channels;
        if (each.size() != classes) {
            fault({"noc", "class_virtual_channels"},
                  fmt::format("virtual channels of {} classes are given, but there are {}", each.size(), classes),
                  "give a number for each of message_classes");
        } else if (classes > channels) {
            fault({"noc", "message_classes"},
                  fmt::format("{} message classes cannot have virtual channels of their own: there are {}", classes,
                              channels),
                  "raise virtual_channels, or set classes_share_channels = true");
        } else if (std::accumulate(each.begin(), each.end(), 0U) != channels) {
            fault({"noc", "class_virtual_channels"},
                  fmt::format("the classes have {} virtual channels together, but virtual_channels is {}",
                              std::accumulate(each.begin(), each.end(), 0U), channels),
                  "make the sum equal");
        }
    }

    void check_latencies() {
        if (config_.router.model == RouterModel::wormhole) {
            return;
        }
        const auto check = [&](const std::optional<std::uint32_t>& latency, Path path) {
            if (latency == 0U) {
                fault(path, "a link of a vc network takes at least one cycle", "give 1 or more");
            }
        };
        check(config_.link_latency_cycles, {"noc", "link_latency_cycles"});
        check(config_.endpoint_latency_cycles, {"noc", "endpoint_latency_cycles"});
        check(config_.die_link.latency_cycles, {"noc", "die_link", "latency_cycles"});
        for (std::size_t d = 0; d < config_.dimension_latency_cycles.size(); ++d) {
            check(config_.dimension_latency_cycles[d], {"noc", "dimension_latency_cycles", d});
        }
    }

    void check_arbiter() {
        const bool wormhole = config_.router.model == RouterModel::wormhole;
        if (wormhole && config_.router.arbiter.vc) {
            fault({"noc", "router", "arbiter"}, "the arbiter of a wormhole router is a table",
                  "write arbiter = { order = \"increasing\", reset = \"lowest\" }");
        } else if (!wormhole && config_.router.arbiter.wormhole) {
            fault({"noc", "router", "arbiter"}, "the arbiter of a vc router is a word",
                  "write \"round_robin\" or \"oldest_first\"");
        }
    }

    void check_custom() {
        const int ways = (config_.routers != 0 ? 1 : 0) + (config_.router_list.empty() ? 0 : 1) +
                         (config_.routers_csv.empty() ? 0 : 1);
        if (ways != 1) {
            fault({"noc", "topology"}, ways == 0 ? "a custom network has no routers" : "routers are listed twice",
                  "give one of [[noc.router_list]], routers and routers_csv");
        }
        if (routing_ != "table" && routing_ != "updown") {
            fault({"noc", "routing"}, fmt::format("a custom network has no dimensions for routing '{}'", routing_),
                  "set routing = \"table\" or \"updown\"");
        }
    }

    void check_dimensions() {
        const std::size_t dimensions = config_.dims.size();
        const bool line = topology_ == "ring" || topology_ == "crossbar" || topology_ == "fully_connected";
        if (line && dimensions != 1) {
            fault({"noc", "dims"}, fmt::format("topology '{}' has one dimension, not {}", topology_, dimensions),
                  "give one number");
        }
        if (topology_ == "tiled" && config_.dies.size() != dimensions) {
            fault({"noc", "dies"}, fmt::format("dies has {} numbers, dims has {}", config_.dies.size(), dimensions),
                  "give the dies along each dimension, as dies = [5, 5]");
        }
        const auto same = [&](std::size_t given, std::string_view key) {
            if (given != 0 && given != dimensions) {
                fault({"noc", key}, fmt::format("{} has {} values for {} dimensions", key, given, dimensions),
                      "give one for each of dims");
            }
        };
        same(config_.dimension_latency_cycles.size(), "dimension_latency_cycles");
        same(config_.dimension_width.size(), "dimension_width");
        same(config_.dimension_clock_ratio.size(), "dimension_clock_ratio");
    }

    void check_size() {
        std::uint64_t routers = bounded_product(config_.dims);
        std::uint64_t leaves = routers;
        std::uint64_t ports = *config_.concentration;
        if (topology_ == "crossbar") {
            ports = config_.dims.front();
            routers = 1;
        } else if (topology_ == "tree") {
            routers = tree_routers(config_.dims);
            const std::uint32_t widest = *std::max_element(config_.dims.begin(), config_.dims.end());
            ports = std::max<std::uint64_t>(ports, widest) + 1;
        } else {
            leaves = routers = routers * bounded_product(config_.dies);
            for (const std::uint32_t extent : config_.dims) {
                const bool complete = topology_ == "flattened_butterfly" || topology_ == "fully_connected";
                ports += complete ? extent - 1 : 2;
            }
        }
        const std::uint64_t endpoints = leaves * *config_.concentration;
        const auto too_many = [&](std::uint64_t number, std::uint64_t most, const char* what) {
            if (number > most) {
                fault({"noc", "dims"},
                      fmt::format("the network has {}{} {}", number >= UINT32_MAX ? "at least " : "",
                                  std::min<std::uint64_t>(number, UINT32_MAX), what),
                      fmt::format("the largest has {}", most));
            }
        };
        too_many(routers, max_network_routers, "routers");
        too_many(endpoints, max_network_endpoints, "endpoints");
        too_many(ports, max_network_ports, "ports at a router");
    }

    void check_routing() {
        const std::size_t dimensions = config_.dims.size();
        const bool grid = is_grid(topology_);
        const bool anywhere = routing_ == "updown" || routing_ == "table";
        const bool closed = topology_ == "torus" || topology_ == "ring";
        const bool complete = topology_ == "flattened_butterfly" || topology_ == "fully_connected";
        const auto refuse = [&](const std::string& why) {
            fault({"noc", "routing"}, why, "choose another routing: \"dor\", \"updown\" and \"table\" serve most");
        };
        if (!grid && !anywhere && routing_ != "dor") {
            refuse(fmt::format("topology '{}' has no dimensions for routing '{}'", topology_, routing_));
        } else if ((routing_ == "xy" || routing_ == "yx" || routing_ == "o1turn") && dimensions != 2) {
            refuse(fmt::format("routing '{}' is for two dimensions, not {}", routing_, dimensions));
        } else if (routing_ == "o1turn" && (closed || complete)) {
            refuse(fmt::format("routing 'o1turn' is for meshes, not for '{}'", topology_));
        }
        if (routing_ == "min_adaptive" && config_.router.model == RouterModel::wormhole) {
            refuse("routing 'min_adaptive' needs virtual channels, which a wormhole router has not");
        }
        if (routing_ == "o1turn" && !config_.classes_share_channels) {
            const std::vector<std::uint32_t>& each = config_.class_virtual_channels;
            for (std::size_t c = 0; c < each.size(); ++c) {
                if (each[c] < 2) {
                    fault({"noc", "virtual_channels"},
                          fmt::format("o1turn needs two virtual channels a class; class {} has {}", c, each[c]),
                          "raise virtual_channels");
                }
            }
        } else if (routing_ == "o1turn" && *config_.virtual_channels < 2) {
            fault({"noc", "virtual_channels"}, "o1turn needs two virtual channels", "raise virtual_channels");
        }
        if (!config_.missing_links.empty() && !anywhere) {
            fault({"noc", "routing"}, fmt::format("routing '{}' needs the links that are missing", routing_),
                  "set routing = \"updown\" or \"table\"");
        }
        if (!config_.routing_order.empty()) {
            std::vector<std::uint32_t> sorted = config_.routing_order;
            std::sort(sorted.begin(), sorted.end());
            std::vector<std::uint32_t> all(dimensions);
            std::iota(all.begin(), all.end(), 0U);
            if (!grid || (routing_ != "dor" && routing_ != "min_adaptive")) {
                fault({"noc", "routing_order"}, "an order of dimensions is for routing 'dor' and 'min_adaptive'",
                      "remove it");
            } else if (sorted != all) {
                fault({"noc", "routing_order"}, "routing_order does not name each dimension once",
                      fmt::format("order the numbers from 0 to {}", dimensions - 1));
            }
        }
    }

    void check_sites() {
        for (std::size_t i = 0; i < config_.empty_sites.size(); ++i) {
            const std::vector<std::uint32_t>& site = config_.empty_sites[i];
            bool inside = site.size() == config_.dims.size();
            for (std::size_t d = 0; inside && d < site.size(); ++d) {
                inside = site[d] < config_.dims[d];
            }
            if (!inside) {
                fault({"noc", "empty_sites", i}, fmt::format("[{}] is no router", fmt::join(site, ", ")),
                      fmt::format("give coordinates below [{}]", fmt::join(config_.dims, ", ")));
            }
        }
    }

    const NocConfig& config_;
    const config::Node& root_;
    config::Faults& faults_;
    const std::string& topology_;
    const std::string& routing_;
};

} // namespace

void check_config(const NocConfig& config, const config::Node& root, config::Faults& faults) {
    Checker(config, root, faults).run();
}

std::uint64_t bounded_product(const std::vector<std::uint32_t>& numbers) {
    std::uint64_t product = 1;
    for (const std::uint32_t number : numbers) {
        product = std::min<std::uint64_t>(product * number, UINT32_MAX);
    }
    return product;
}

bool is_grid(const std::string& topology) {
    return topology != "tree" && topology != "crossbar" && topology != "custom";
}

} // namespace intarsia::noc
