#include "noc/topology/lists.hpp"

#include "noc/noc_codecs.hpp"
#include "noc/topology/csv.hpp"
#include "noc/topology/graph_routing.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <optional>

namespace intarsia::noc {

namespace {

using config::Faults;
using config::in_quotes;

std::optional<std::uint32_t> whole_number(std::string_view text, std::uint32_t most) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool good = error == std::errc{} && end == text.data() + text.size() && value <= most;
    return good ? std::optional(value) : std::nullopt;
}

/// A number in a CSV field; a fault if it is none. Nothing without a fault: the field is empty.
std::optional<std::uint32_t> read_number(const CsvRow& row, const std::string& text, const char* name,
                                         std::uint32_t most, Faults& faults) {
    const auto value = whole_number(text, most);
    if (!value && !text.empty()) {
        faults.add(row.place, fmt::format("'{}' = {} is no whole number up to {}", name, in_quotes(text), most),
                   "write plain digits");
    }
    return value;
}

std::optional<Ratio> read_ratio(const CsvRow& row, const std::string& text, const char* name, Faults& faults) {
    const auto ratio = config::parse_ratio(text);
    if (!ratio && !text.empty()) {
        faults.add(row.place, fmt::format("'{}' = {} is no ratio", name, in_quotes(text)), config::ratio_remedy);
    }
    return ratio;
}

/// Virtual channels as numbers and ranges with blanks between them: "0 2-3". Nothing if the text is no such list.
std::optional<std::uint16_t> read_channels(std::string_view text, std::uint32_t virtual_channels) {
    std::uint16_t channels = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view item = text.substr(0, end);
        const std::size_t dash = std::min(item.find('-'), item.size());
        const auto first = whole_number(item.substr(0, dash), virtual_channels - 1);
        const auto last = dash == item.size() ? first : whole_number(item.substr(dash + 1), virtual_channels - 1);
        if (!first || !last || *first > *last) {
            return std::nullopt;
        }
        for (std::uint32_t vc = *first; vc <= *last; ++vc) {
            channels = static_cast<std::uint16_t>(channels | 1U << vc);
        }
        text.remove_prefix(std::min(text.find_first_not_of(' ', end), text.size()));
    }
    return channels == 0 ? std::nullopt : std::optional(channels);
}

std::optional<std::uint32_t> find_port(const NetworkRouter& router, const std::string& text) {
    const auto named =
        std::find_if(router.ports.begin(), router.ports.end(), [&](const NetworkPort& p) { return p.name == text; });
    if (named != router.ports.end()) {
        return static_cast<std::uint32_t>(named - router.ports.begin());
    }
    return router.ports.empty() ? std::nullopt
                                : whole_number(text, static_cast<std::uint32_t>(router.ports.size() - 1));
}

std::optional<std::uint32_t> find_endpoint(const NetworkPlan& plan, const std::string& text) {
    const std::string_view digits = text.starts_with('n') ? std::string_view(text).substr(1) : std::string_view(text);
    return plan.endpoints.empty() ? std::nullopt
                                  : whole_number(digits, static_cast<std::uint32_t>(plan.endpoints.size() - 1));
}

/// Reads one line of routing tables into `entries`.
class TableReader {
  public:
    TableReader(const Wiring& wiring, Faults& faults, std::vector<RouteOption>& entries)
        : wiring_(wiring), faults_(faults), entries_(entries) {}

    void take(const CsvRow& row) {
        const NetworkPlan& plan = wiring_.plan;
        const auto router = wiring_.find_router(row.fields[0]);
        const auto destination = find_endpoint(plan, row.fields[1]);
        if (!router) {
            faults_.add(row.place, fmt::format("no router is named {}", in_quotes(row.fields[0])),
                        "give a name or a number");
        }
        if (!destination) {
            faults_.add(row.place, fmt::format("no endpoint has the number {}", in_quotes(row.fields[1])),
                        fmt::format("the network has {}", plan.endpoints.size()));
        }
        if (!router || !destination) {
            return;
        }
        const auto port = find_port(plan.routers[*router], row.fields[2]);
        const auto channels = row.fields[3].empty()
                                  ? std::optional(static_cast<std::uint16_t>((1U << plan.virtual_channels) - 1))
                                  : read_channels(row.fields[3], plan.virtual_channels);
        if (!port) {
            faults_.add(row.place,
                        fmt::format("router {} has no port {}", in_quotes(plan.routers[*router].name),
                                    in_quotes(row.fields[2])),
                        "give a name or a number");
        }
        if (!channels) {
            faults_.add(row.place, fmt::format("{} are no virtual channels", in_quotes(row.fields[3])),
                        fmt::format("give numbers and ranges from 0 to {}, as \"0 2-3\"", plan.virtual_channels - 1));
        }
        if (port && channels) {
            enter(row.place, *router, *destination, {static_cast<std::uint16_t>(*port), *channels, false});
        }
    }

  private:
    void enter(const SourcePlace& place, std::uint32_t router, std::uint32_t destination, RouteOption option) {
        const NetworkEndpoint& target = wiring_.plan.endpoints[destination];
        RouteOption& entry = entries_[std::size_t(router) * wiring_.plan.endpoints.size() + destination];
        if (entry.port != GivenTables::no_port) {
            faults_.add(place,
                        fmt::format("a second way from router {} to endpoint {}",
                                    in_quotes(wiring_.plan.routers[router].name), destination),
                        "remove one");
        } else if (router == target.router && option.port != target.port) {
            faults_.add(place, fmt::format("endpoint {} is at another port of this router", destination),
                        fmt::format("give port {}", in_quotes(wiring_.plan.routers[router].ports[target.port].name)));
        }
        entry = option;
    }

    const Wiring& wiring_;
    Faults& faults_;
    std::vector<RouteOption>& entries_;
};

} // namespace

std::string path_of(const config::Node& root, const char* key, const std::string& value) {
    const config::Node& node = config::place_of(root, {"noc", key});
    const bool in_file = node.source != nullptr && node.source->option.empty() && !node.source->path.empty();
    const std::filesystem::path folder = in_file ? std::filesystem::path(node.source->path).parent_path() : "";
    return (folder / value).string();
}

std::vector<ListedRouter> listed_routers(const NocConfig& config, const config::Node& root, Faults& faults) {
    std::vector<ListedRouter> all;
    for (std::uint32_t r = 0; r < config.routers; ++r) {
        all.push_back(
            {{fmt::format("r{}", r), *config.concentration}, config::place_of(root, {"noc", "routers"}).place()});
    }
    for (std::size_t i = 0; i < config.router_list.size(); ++i) {
        all.push_back({config.router_list[i], config::place_of(root, {"noc", "router_list", i, "name"}).place()});
    }
    if (!config.routers_csv.empty()) {
        const std::vector<CsvColumn> columns{{"name", true}, {"endpoints", false}};
        read_csv(path_of(root, "routers_csv", config.routers_csv), columns, faults, [&](const CsvRow& row) {
            RouterEntry entry{row.fields[0], *config.concentration};
            entry.endpoints =
                read_number(row, row.fields[1], "endpoints", max_network_ports, faults).value_or(entry.endpoints);
            if (entry.name.empty() || entry.name.size() > 64) {
                faults.add(row.place, fmt::format("{} is no name", in_quotes(entry.name)), "give 1 to 64 characters");
            }
            if (all.size() <= max_network_routers) {
                all.push_back({std::move(entry), row.place});
            }
        });
    }
    return all;
}

std::vector<ListedLink> listed_links(const NocConfig& config, const config::Node& root, Faults& faults) {
    constexpr std::size_t most_links = 1'000'000;
    std::vector<ListedLink> all;
    for (std::size_t i = 0; i < config.links.size(); ++i) {
        all.push_back({config.links[i], config::place_of(root, {"noc", "link", i, "from"}).place()});
    }
    if (config.links_csv.empty()) {
        return all;
    }
    const std::vector<CsvColumn> columns{{"from", true},       {"to", true},           {"latency_cycles", false},
                                         {"width", false},     {"clock_ratio", false}, {"one_way", false},
                                         {"from_port", false}, {"to_port", false}};
    read_csv(path_of(root, "links_csv", config.links_csv), columns, faults, [&](const CsvRow& row) {
        LinkEntry entry;
        entry.from = row.fields[0];
        entry.to = row.fields[1];
        entry.latency_cycles = read_number(row, row.fields[2], "latency_cycles", 100'000, faults);
        entry.width = read_ratio(row, row.fields[3], "width", faults);
        entry.clock_ratio = read_ratio(row, row.fields[4], "clock_ratio", faults);
        const std::string& one_way = row.fields[5];
        if (!one_way.empty() && one_way != "true" && one_way != "false") {
            faults.add(row.place, fmt::format("'one_way' = {} is neither", in_quotes(one_way)), "write true or false");
        }
        entry.one_way = one_way == "true";
        entry.from_port = row.fields[6];
        entry.to_port = row.fields[7];
        if (all.size() < most_links) {
            all.push_back({std::move(entry), row.place});
        }
    });
    return all;
}

std::vector<RouteOption> listed_tables(const NocConfig& config, const Wiring& wiring, const config::Node& root,
                                       Faults& faults) {
    std::vector<RouteOption> entries(wiring.plan.routers.size() * wiring.plan.endpoints.size(),
                                     {GivenTables::no_port, 0, false});
    const std::vector<CsvColumn> columns{{"router", true}, {"destination", true}, {"port", true}, {"vcs", false}};
    TableReader reader(wiring, faults, entries);
    read_csv(path_of(root, "tables_csv", config.tables_csv), columns, faults,
             [&](const CsvRow& row) { reader.take(row); });
    return entries;
}

} // namespace intarsia::noc
