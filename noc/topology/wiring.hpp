// Routers, ports and links while a network is put together; routing comes after.
#pragma once

#include "noc/noc_config.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace intarsia::noc {

/// What a link does with a flit.
struct LinkRate {
    std::uint32_t latency_cycles = 1;
    Ratio interval; ///< cycles of the network a flit, at least 1
};

/// The rate of a link of `shape`, what it leaves open taken from `otherwise`. Nothing if its interval is no ratio of
/// numbers up to 10^6. The interval is 1 / (width x clock ratio), at least 1: a router sends at most one flit a cycle.
[[nodiscard]] std::optional<LinkRate> rate_of(const LinkShape& shape, const LinkShape& otherwise);

/// Where a link port of a regular topology leads, whatever its number is.
struct PortTag {
    static constexpr std::uint8_t no_dimension = 0xFF;
    static constexpr std::uint32_t up = 0; ///< ways of meshes and tori: to the next coordinate
    static constexpr std::uint32_t down = 1;
    std::uint8_t dimension = no_dimension;
    std::uint32_t way = 0; ///< up or down; elsewhere the coordinate, or the child, that the port leads to
    bool operator==(const PortTag&) const = default;
};

/// A network plan without tables, and the tags of its ports.
class Wiring {
  public:
    NetworkPlan plan;
    std::vector<std::vector<PortTag>> tags; ///< [router][port]

    std::uint32_t add_router(std::string name, std::vector<std::uint32_t> at);
    /// A link port that leads nowhere yet; returns its number.
    std::uint32_t add_port(std::uint32_t router, std::string name, PortTag tag);
    /// Joins two ports, both ways or only from `a` to `b`.
    void join(PortEnd a, PortEnd b, const LinkRate& rate, bool one_way = false);
    /// Gives endpoint `number` a port of `router`; endpoints exist up to the highest number given.
    void add_endpoint(std::uint32_t router, std::uint32_t number, std::uint32_t latency_cycles, std::string port_name);

    [[nodiscard]] bool has_router(const std::string& name) const { return by_name_.find(name) != by_name_.end(); }
    /// Number of the router of that name, or of that number written in digits.
    [[nodiscard]] std::optional<std::uint32_t> find_router(std::string_view name) const;
    /// The port tagged so; nothing if the router has none.
    [[nodiscard]] std::optional<std::uint32_t> find_port(std::uint32_t router, PortTag tag) const;
    /// Takes out all link ports for which `gone(router, port)`, at both ends of what they were joined to.
    void remove_links(const std::function<bool(std::uint32_t, std::uint32_t)>& gone);
    /// Renumbers the ports of every router by the place of their names in `names`; endpoint ports stand where "P" does.
    void order_ports(const std::vector<std::string>& names);

  private:
    /// Gives each router its ports in the order of `kept` (numbers before), and mends what refers to them.
    void renumber(const std::vector<std::vector<std::uint32_t>>& kept);

    std::map<std::string, std::uint32_t, std::less<>> by_name_;
};

/// "P", or "P0", "P1", ... where a router has several endpoints.
[[nodiscard]] std::string endpoint_port_name(std::uint32_t place, std::uint32_t endpoints);

} // namespace intarsia::noc
