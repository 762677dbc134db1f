#include "noc/topology/custom.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace intarsia::noc {

namespace {

using config::Faults;
using config::in_quotes;

/// Both routers of a link; a fault for each that there is not.
std::optional<std::pair<std::uint32_t, std::uint32_t>>
ends(const Wiring& wiring, const std::string& from, const std::string& to, const SourcePlace& place, Faults& faults) {
    const auto a = wiring.find_router(from);
    const auto b = wiring.find_router(to);
    for (const auto& [found, name] : {std::pair(a, from), std::pair(b, to)}) {
        if (!found) {
            faults.add(place, fmt::format("no router is named {}", in_quotes(name)),
                       fmt::format("give a name, such as {}, or a number below {}",
                                   in_quotes(wiring.plan.routers.empty() ? "" : wiring.plan.routers.front().name),
                                   wiring.plan.routers.size()));
        }
    }
    if (!a || !b) {
        return std::nullopt;
    }
    if (*a == *b) {
        faults.add(place, fmt::format("a link joins router {} with itself", in_quotes(from)), "give two routers");
        return std::nullopt;
    }
    return std::pair(*a, *b);
}

class CustomWiring {
  public:
    CustomWiring(const NocConfig& config, const config::Node& root, Faults& faults)
        : config_(config), root_(root), faults_(faults) {}

    Wiring wire() {
        const std::vector<ListedRouter> routers = listed_routers(config_, root_, faults_);
        for (const ListedRouter& router : routers) {
            if (wiring_.has_router(router.entry.name)) {
                faults_.add(router.place, fmt::format("a second router is named {}", in_quotes(router.entry.name)),
                            "give each its own name");
            }
            wiring_.add_router(router.entry.name, {});
        }
        for (const ListedLink& link : listed_links(config_, root_, faults_)) {
            add_link(link);
        }
        std::uint64_t endpoints = 0;
        for (const ListedRouter& router : routers) {
            endpoints += router.entry.endpoints;
        }
        if (endpoints > max_network_endpoints || routers.size() > max_network_routers) {
            faults_.add(config::place_of(root_, {"noc", "topology"}).place(),
                        fmt::format("the network has {} routers and {} endpoints", routers.size(), endpoints),
                        fmt::format("the largest has {} and {}", max_network_routers, max_network_endpoints));
            return std::move(wiring_);
        }
        std::uint32_t number = 0;
        for (std::uint32_t r = 0; r < routers.size(); ++r) {
            const std::uint32_t here = routers[r].entry.endpoints;
            for (std::uint32_t k = 0; k < here; ++k) {
                wiring_.add_endpoint(r, number++, *config_.endpoint_latency_cycles, endpoint_port_name(k, here));
            }
            if (wiring_.tags[r].size() > max_network_ports) {
                faults_.add(
                    routers[r].place,
                    fmt::format("router {} has {} ports", in_quotes(routers[r].entry.name), wiring_.tags[r].size()),
                    fmt::format("the most are {}", max_network_ports));
            }
        }
        return std::move(wiring_);
    }

  private:
    void add_link(const ListedLink& link) {
        const auto routers = ends(wiring_, link.entry.from.text, link.entry.to.text, link.place, faults_);
        const LinkRate rate = checked_rate(link.entry.shape(), usual_link(config_), link.place, faults_);
        if (config_.router.model == RouterModel::vc && link.entry.latency_cycles == 0U) {
            faults_.add(link.place, "a link of a vc network takes at least one cycle", "give 1 or more");
        }
        if (!routers) {
            return;
        }
        const auto [from, to] = *routers;
        if (std::max(wiring_.tags[from].size(), wiring_.tags[to].size()) > max_network_ports) {
            return; // told once the endpoints are there too
        }
        const auto& names = wiring_.plan.routers;
        const std::string far_name = link.entry.one_way ? "from " + names[from].name : "to " + names[from].name;
        const std::uint32_t a = port(from, link.entry.from_port, "to " + names[to].name, true, link);
        const std::uint32_t b = port(to, link.entry.to_port, far_name, false, link);
        wiring_.join({from, a}, {to, b}, rate, link.entry.one_way);
    }

    /// The port of that name, new or with the direction free; without a name a new one called `otherwise`.
    std::uint32_t port(std::uint32_t router, const std::string& name, const std::string& otherwise, bool sends,
                       const ListedLink& link) {
        const std::vector<NetworkPort>& ports = wiring_.plan.routers[router].ports;
        const auto find = [&](const std::string& wanted) {
            return std::find_if(ports.begin(), ports.end(), [&](const NetworkPort& p) { return p.name == wanted; });
        };
        if (name.empty()) {
            std::string free_name = otherwise;
            for (std::uint32_t copy = 2; find(free_name) != ports.end(); ++copy) {
                free_name = fmt::format("{} #{}", otherwise, copy);
            }
            return wiring_.add_port(router, std::move(free_name), {});
        }
        const auto found = find(name);
        if (found == ports.end()) {
            return wiring_.add_port(router, name, {});
        }
        const bool send_taken = found->to.exists() && (sends || !link.entry.one_way);
        const bool receive_taken = found->from.exists() && (!sends || !link.entry.one_way);
        if (send_taken || receive_taken) {
            faults_.add(link.place,
                        fmt::format("port {} of router {} has a link already", in_quotes(name),
                                    in_quotes(wiring_.plan.routers[router].name)),
                        "give each link its own port");
        }
        return static_cast<std::uint32_t>(found - ports.begin());
    }

    const NocConfig& config_;
    const config::Node& root_;
    Faults& faults_;
    Wiring wiring_;
};

} // namespace

LinkShape usual_link(const NocConfig& config) {
    return {config.link_latency_cycles, config.link_width, config.link_clock_ratio};
}

LinkRate checked_rate(const LinkShape& shape, const LinkShape& usual, const SourcePlace& place, Faults& faults) {
    const auto rate = rate_of(shape, usual);
    if (!rate) {
        faults.add(place, "width x clock ratio of the link is no simple ratio",
                   "choose a product whose numerator and denominator are at most 1000000 in lowest terms");
    }
    return rate.value_or(LinkRate{});
}

Wiring wire_custom(const NocConfig& config, const config::Node& root, Faults& faults) {
    return CustomWiring(config, root, faults).wire();
}

void change_links(Wiring& wiring, const NocConfig& config, const config::Node& root, Faults& faults) {
    for (const ListedLink& link : listed_links(config, root, faults)) {
        const auto routers = ends(wiring, link.entry.from.text, link.entry.to.text, link.place, faults);
        const LinkRate rate = checked_rate(link.entry.shape(), usual_link(config), link.place, faults);
        const bool changes_rate = link.entry.width || link.entry.clock_ratio;
        if (config.router.model == RouterModel::vc && link.entry.latency_cycles == 0U) {
            faults.add(link.place, "a link of a vc network takes at least one cycle", "give 1 or more");
        }
        if (!routers) {
            continue;
        }
        bool found = false;
        const auto change = [&](std::uint32_t from, std::uint32_t to) {
            for (NetworkPort& port : wiring.plan.routers[from].ports) {
                if (port.use == PortUse::link && port.to.exists() && port.to.router == to) {
                    found = true;
                    port.latency_cycles = link.entry.latency_cycles.value_or(port.latency_cycles);
                    port.interval_numerator = changes_rate ? rate.interval.numerator : port.interval_numerator;
                    port.interval_denominator = changes_rate ? rate.interval.denominator : port.interval_denominator;
                }
            }
        };
        change(routers->first, routers->second);
        if (!link.entry.one_way) {
            change(routers->second, routers->first);
        }
        if (!found) {
            faults.add(link.place,
                       fmt::format("routers {} and {} are no neighbours", in_quotes(link.entry.from.text),
                                   in_quotes(link.entry.to.text)),
                       fmt::format("only links of topology '{}' can be changed", config.topology));
        }
    }
}

void remove_missing(Wiring& wiring, const NocConfig& config, const config::Node& root, Faults& faults) {
    std::vector<std::vector<bool>> gone(wiring.plan.routers.size());
    for (std::size_t r = 0; r < gone.size(); ++r) {
        gone[r].resize(wiring.tags[r].size());
    }
    for (std::size_t i = 0; i < config.missing_links.size(); ++i) {
        const MissingLink& missing = config.missing_links[i];
        const SourcePlace place = config::place_of(root, {"noc", "missing_link", i, "from"}).place();
        const auto routers = ends(wiring, missing.from.text, missing.to.text, place, faults);
        if (!routers) {
            continue;
        }
        bool found = false;
        for (const auto& [from, to] :
             {std::pair(routers->first, routers->second), std::pair(routers->second, routers->first)}) {
            const std::vector<NetworkPort>& ports = wiring.plan.routers[from].ports;
            for (std::size_t p = 0; p < ports.size(); ++p) {
                if (ports[p].use == PortUse::link && ports[p].to.exists() && ports[p].to.router == to) {
                    gone[from][p] = true;
                    found = true;
                }
            }
        }
        if (!found) {
            faults.add(place,
                       fmt::format("no link joins routers {} and {}", in_quotes(missing.from.text),
                                   in_quotes(missing.to.text)),
                       "name two neighbours");
        }
    }
    wiring.remove_links([&](std::uint32_t router, std::uint32_t port) { return bool{gone[router][port]}; });
}

} // namespace intarsia::noc
