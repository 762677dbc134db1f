// Routers, links and routing tables that a network's description lists, in TOML or in CSV files.
#pragma once

#include "noc/topology/wiring.hpp"

#include <string>
#include <vector>

namespace intarsia::noc {

struct ListedRouter {
    RouterEntry entry;
    SourcePlace place;
};

struct ListedLink {
    LinkEntry entry;
    SourcePlace place;
};

/// The path that a key of [noc] names: relative to the file in which the key stands.
[[nodiscard]] std::string path_of(const config::Node& root, const char* key, const std::string& value);

/// From `routers`, [[noc.router_list]] or routers_csv.
[[nodiscard]] std::vector<ListedRouter> listed_routers(const NocConfig& config, const config::Node& root,
                                                       config::Faults& faults);
/// From [[noc.link]] and links_csv.
[[nodiscard]] std::vector<ListedLink> listed_links(const NocConfig& config, const config::Node& root,
                                                   config::Faults& faults);
/// tables_csv: by [router * endpoints + destination]; GivenTables::no_port where it says nothing.
[[nodiscard]] std::vector<RouteOption> listed_tables(const NocConfig& config, const Wiring& wiring,
                                                     const config::Node& root, config::Faults& faults);

} // namespace intarsia::noc
