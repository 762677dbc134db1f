#include "noc/topology/wiring.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <numeric>

namespace intarsia::noc {

std::optional<LinkRate> rate_of(const LinkShape& shape, const LinkShape& otherwise) {
    constexpr std::uint64_t largest = 1'000'000;
    const Ratio width = shape.width.value_or(otherwise.width.value_or(Ratio{}));
    const Ratio clock = shape.clock_ratio.value_or(otherwise.clock_ratio.value_or(Ratio{}));
    std::uint64_t moved = std::uint64_t(width.numerator) * clock.numerator;
    std::uint64_t cycles = std::uint64_t(width.denominator) * clock.denominator;
    const std::uint64_t divisor = std::gcd(moved, cycles);
    moved /= divisor;
    cycles /= divisor;
    LinkRate rate;
    rate.latency_cycles = shape.latency_cycles.value_or(otherwise.latency_cycles.value_or(1));
    if (moved >= cycles) {
        return rate;
    }
    if (cycles > largest) {
        return std::nullopt;
    }
    rate.interval = {static_cast<std::uint32_t>(cycles), static_cast<std::uint32_t>(moved)};
    return rate;
}

std::uint32_t Wiring::add_router(std::string name, std::vector<std::uint32_t> at) {
    const auto number = static_cast<std::uint32_t>(plan.routers.size());
    by_name_.emplace(name, number);
    plan.routers.push_back({{}, std::move(name), std::move(at)});
    tags.emplace_back();
    return number;
}

std::uint32_t Wiring::add_port(std::uint32_t router, std::string name, PortTag tag) {
    NetworkPort port;
    port.name = std::move(name);
    plan.routers[router].ports.push_back(std::move(port));
    tags[router].push_back(tag);
    return static_cast<std::uint32_t>(tags[router].size() - 1);
}

void Wiring::join(PortEnd a, PortEnd b, const LinkRate& rate, bool one_way) {
    const auto lead = [&](PortEnd from, PortEnd to) {
        NetworkPort& sender = plan.routers[from.router].ports[from.port];
        sender.to = to;
        sender.latency_cycles = rate.latency_cycles;
        sender.interval_numerator = rate.interval.numerator;
        sender.interval_denominator = rate.interval.denominator;
        plan.routers[to.router].ports[to.port].from = from;
    };
    lead(a, b);
    if (!one_way) {
        lead(b, a);
    }
}

void Wiring::add_endpoint(std::uint32_t router, std::uint32_t number, std::uint32_t latency_cycles,
                          std::string port_name) {
    const std::uint32_t port = add_port(router, std::move(port_name), {});
    plan.routers[router].ports[port].use = PortUse::endpoint;
    plan.routers[router].ports[port].endpoint = number;
    plan.routers[router].ports[port].latency_cycles = latency_cycles;
    if (plan.endpoints.size() <= number) {
        plan.endpoints.resize(number + 1);
    }
    plan.endpoints[number] = {router, port, fmt::format("n{}", number)};
}

std::optional<std::uint32_t> Wiring::find_router(std::string_view name) const {
    if (const auto found = by_name_.find(name); found != by_name_.end()) {
        return found->second;
    }
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool good = error == std::errc{} && end == name.data() + name.size() && number < plan.routers.size();
    return good ? std::optional(number) : std::nullopt;
}

std::optional<std::uint32_t> Wiring::find_port(std::uint32_t router, PortTag tag) const {
    const std::vector<PortTag>& all = tags[router];
    const auto found = std::find(all.begin(), all.end(), tag);
    return found == all.end() ? std::nullopt : std::optional(static_cast<std::uint32_t>(found - all.begin()));
}

void Wiring::remove_links(const std::function<bool(std::uint32_t, std::uint32_t)>& gone) {
    std::vector<std::vector<std::uint32_t>> kept(plan.routers.size());
    for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
        for (std::uint32_t p = 0; p < plan.routers[r].ports.size(); ++p) {
            const NetworkPort& port = plan.routers[r].ports[p];
            const PortEnd other = port.to.exists() ? port.to : port.from;
            const bool out =
                port.use == PortUse::link && (gone(r, p) || (other.exists() && gone(other.router, other.port)));
            if (!out) {
                kept[r].push_back(p);
            }
        }
    }
    renumber(kept);
}

void Wiring::order_ports(const std::vector<std::string>& names) {
    std::vector<std::vector<std::uint32_t>> kept(plan.routers.size());
    for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
        const std::vector<NetworkPort>& ports = plan.routers[r].ports;
        const auto place = [&](std::uint32_t p) {
            return std::find(names.begin(), names.end(), ports[p].use == PortUse::endpoint ? "P" : ports[p].name);
        };
        kept[r].resize(ports.size());
        std::iota(kept[r].begin(), kept[r].end(), 0U);
        std::stable_sort(kept[r].begin(), kept[r].end(),
                         [&](std::uint32_t a, std::uint32_t b) { return place(a) < place(b); });
    }
    renumber(kept);
}

void Wiring::renumber(const std::vector<std::vector<std::uint32_t>>& kept) {
    std::vector<std::vector<std::uint32_t>> number(plan.routers.size()); // by the port's number before
    for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
        number[r].assign(plan.routers[r].ports.size(), UINT32_MAX);
        for (std::uint32_t p = 0; p < kept[r].size(); ++p) {
            number[r][kept[r][p]] = p;
        }
    }
    for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
        std::vector<NetworkPort> ports;
        std::vector<PortTag> kept_tags;
        for (const std::uint32_t before : kept[r]) {
            NetworkPort& port = plan.routers[r].ports[before];
            for (PortEnd* end : {&port.to, &port.from}) {
                if (end->exists()) {
                    end->port = number[end->router][end->port];
                }
            }
            if (port.use == PortUse::endpoint) {
                plan.endpoints[port.endpoint].port = static_cast<std::uint32_t>(ports.size());
            }
            ports.push_back(std::move(port));
            kept_tags.push_back(tags[r][before]);
        }
        plan.routers[r].ports = std::move(ports);
        tags[r] = std::move(kept_tags);
    }
}

std::string endpoint_port_name(std::uint32_t place, std::uint32_t endpoints) {
    return endpoints == 1 ? "P" : fmt::format("P{}", place);
}

} // namespace intarsia::noc
