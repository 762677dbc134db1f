// What tests of topologies share: building from TOML, and walking tables in every way that a packet may take.
#pragma once

#include "config/document.hpp"
#include "noc/noc_config.hpp"
#include "noc/topology/zero_load.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

namespace intarsia::tests {

struct TwoTables {
    noc::NocConfig noc;
    noc::SinkOptions sink;
};

inline config::Section<TwoTables> two_tables() {
    return config::Section<TwoTables>("", "A network.")
        .table("noc", &TwoTables::noc, noc::noc_section())
        .table("sink", &TwoTables::sink, noc::sink_section());
}

/// The network that a document describes; throws InputError.
inline noc::NetworkPlan network(const std::string& toml, const std::string& file = "net.toml") {
    const config::Document document = config::parse_document(toml, file);
    config::Faults faults;
    config::Context context{faults, {}};
    TwoTables tables;
    two_tables().read(document.root, tables, context);
    noc::check_sink(tables.sink, document.root, faults);
    auto plan = noc::build_network(tables.noc, document.root, faults);
    faults.throw_if_any();
    REQUIRE(plan.has_value());
    return std::move(*plan);
}

/// All faults of a document as they are printed, one a line; "" if it has none.
inline std::string refusal(const std::string& toml, const std::string& file = "net.toml") {
    try {
        (void)network(toml, file);
    } catch (const InputError& error) {
        std::string text;
        for (const Diagnostic& fault : error.faults()) {
            text += fault.text() + "\n";
        }
        return text;
    }
    return "";
}

inline std::uint16_t all_vcs(const noc::NetworkPlan& plan) {
    return static_cast<std::uint16_t>((1U << plan.virtual_channels) - 1);
}

/// The options behind an entry.
inline std::vector<noc::RouteOption> options(const noc::RouteTables& routes, noc::RouteEntry entry) {
    if (entry.port == noc::RouteEntry::is_list) {
        return routes.list(entry).options;
    }
    return {{entry.port, entry.vcs, false}};
}

/// Fewest links from every router to `target`.
inline std::vector<std::uint32_t> distances(const noc::NetworkPlan& plan, std::uint32_t target) {
    std::vector<std::uint32_t> distance(plan.routers.size(), UINT32_MAX);
    std::vector<std::uint32_t> open{target};
    distance[target] = 0;
    for (std::size_t k = 0; k < open.size(); ++k) {
        for (const noc::NetworkPort& port : plan.routers[open[k]].ports) {
            if (port.use == noc::PortUse::link && port.from.exists() && distance[port.from.router] == UINT32_MAX) {
                distance[port.from.router] = distance[open[k]] + 1;
                open.push_back(port.from.router);
            }
        }
    }
    return distance;
}

struct Walk {
    std::size_t states = 0; ///< (router, input VC, destination) that packets get to
    bool minimal = true;    ///< every option brings packets nearer
    bool exact = true;      ///< entries stand only where packets get to
};

/// Follows every option for every class, source and destination, and fails where a packet cannot go on, does not
/// arrive, or would use a channel that another class owns.
inline Walk walk_all(const noc::NetworkPlan& plan) {
    Walk walk;
    const std::uint32_t bits = plan.routes.vc_bits();
    for (std::uint32_t destination = 0; destination < plan.endpoints.size(); ++destination) {
        const noc::NetworkEndpoint& target = plan.endpoints[destination];
        const std::vector<std::uint32_t> distance = distances(plan, target.router);
        std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
        for (const std::uint16_t class_vcs : plan.class_vcs) {
            std::vector<std::pair<std::uint32_t, std::uint32_t>> open;
            std::set<std::pair<std::uint32_t, std::uint32_t>> mine;
            const auto visit = [&](std::uint32_t router, std::uint32_t port, std::uint32_t vcs) {
                for (std::uint32_t vc = 0; vc < plan.virtual_channels; ++vc) {
                    if ((vcs >> vc & 1U) != 0 && mine.insert({router, port << bits | vc}).second) {
                        open.emplace_back(router, port << bits | vc);
                    }
                }
            };
            for (const noc::NetworkEndpoint& endpoint : plan.endpoints) {
                visit(endpoint.router, endpoint.port, class_vcs);
            }
            while (!open.empty()) {
                const auto [router, input] = open.back();
                open.pop_back();
                const noc::RouteEntry entry = plan.routes.lookup(router, input, static_cast<EndpointId>(destination));
                REQUIRE(entry.port != noc::RouteEntry::none);
                REQUIRE(entry.port != noc::RouteEntry::here);
                bool usable = false;
                for (const noc::RouteOption& option : options(plan.routes, entry)) {
                    REQUIRE(option.port < plan.routers[router].ports.size());
                    REQUIRE((option.vcs & ~all_vcs(plan)) == 0);
                    usable = usable || (option.vcs & class_vcs) != 0;
                    const noc::NetworkPort& port = plan.routers[router].ports[option.port];
                    if (port.use == noc::PortUse::endpoint) {
                        REQUIRE(port.endpoint == destination);
                        continue;
                    }
                    REQUIRE(port.to.exists());
                    walk.minimal = walk.minimal && distance[port.to.router] < distance[router];
                    visit(port.to.router, port.to.port, option.vcs & class_vcs);
                }
                REQUIRE(usable);
            }
            seen.insert(mine.begin(), mine.end());
        }
        walk.states += seen.size();
        for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
            for (std::uint32_t p = 0; p < plan.routers[r].ports.size(); ++p) {
                for (std::uint32_t vc = 0; vc < plan.virtual_channels; ++vc) {
                    const auto entry = plan.routes.lookup(r, p << bits | vc, static_cast<EndpointId>(destination));
                    walk.exact =
                        walk.exact && (entry.port == noc::RouteEntry::none || seen.count({r, p << bits | vc}) > 0);
                }
            }
        }
    }
    return walk;
}

/// Fails unless both ends of every channel agree, and endpoints and their ports.
inline void check_wiring(const noc::NetworkPlan& plan) {
    std::size_t endpoint_ports = 0;
    for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
        for (std::uint32_t p = 0; p < plan.routers[r].ports.size(); ++p) {
            const noc::NetworkPort& port = plan.routers[r].ports[p];
            if (port.use == noc::PortUse::endpoint) {
                ++endpoint_ports;
                REQUIRE(plan.endpoints.at(port.endpoint).router == r);
                REQUIRE(plan.endpoints.at(port.endpoint).port == p);
                continue;
            }
            REQUIRE((port.to.exists() || port.from.exists()));
            REQUIRE(port.to.router != r);
            if (port.to.exists()) {
                const noc::PortEnd back = plan.routers.at(port.to.router).ports.at(port.to.port).from;
                REQUIRE(back.router == r);
                REQUIRE(back.port == p);
            }
            if (port.from.exists()) {
                const noc::PortEnd forth = plan.routers.at(port.from.router).ports.at(port.from.port).to;
                REQUIRE(forth.router == r);
                REQUIRE(forth.port == p);
            }
            REQUIRE(port.interval_numerator >= port.interval_denominator);
        }
    }
    REQUIRE(endpoint_ports == plan.endpoints.size());
}

/// Channels between routers.
inline std::size_t channels(const noc::NetworkPlan& plan) {
    std::size_t count = 0;
    for (const noc::NetworkRouter& router : plan.routers) {
        for (const noc::NetworkPort& port : router.ports) {
            count += port.use == noc::PortUse::link && port.to.exists() ? 1 : 0;
        }
    }
    return count;
}

/// Names of a router's ports, in order.
inline std::vector<std::string> port_names(const noc::NetworkRouter& router) {
    std::vector<std::string> names;
    for (const noc::NetworkPort& port : router.ports) {
        names.push_back(port.name);
    }
    return names;
}

/// All pairs, the endpoint itself included.
inline std::vector<noc::EndpointPair> all_pairs(const noc::NetworkPlan& plan) {
    std::vector<noc::EndpointPair> pairs;
    for (std::uint32_t a = 0; a < plan.endpoints.size(); ++a) {
        for (std::uint32_t b = 0; b < plan.endpoints.size(); ++b) {
            pairs.push_back({static_cast<EndpointId>(a), static_cast<EndpointId>(b)});
        }
    }
    return pairs;
}

} // namespace intarsia::tests
