#include "noc/vc_accounts.hpp"

#include "config/errors.hpp"

#include <fmt/format.h>

namespace intarsia::noc {

std::string wait_line(const NetworkPlan& plan, const Waiting& waiting, const std::string& packet) {
    const std::vector<NetworkPort>& ports = plan.routers[waiting.router].ports;
    const std::uint32_t bits = plan.routes.vc_bits();
    const auto vc_of = [&](std::uint32_t local) { return local & ((1U << bits) - 1); };
    std::string line = fmt::format("{} (input {} vc {} of router {}) waits for ", packet, ports[waiting.in_port].name,
                                   waiting.vc, plan.routers[waiting.router].name);
    if (waiting.output >= 0) {
        const auto local = static_cast<std::uint32_t>(waiting.output);
        return line +
               fmt::format("a credit of {} vc {}", plan.channel_name(waiting.router, local >> bits), vc_of(local));
    }
    if (waiting.entry.port >= ports.size()) {
        return line + "a virtual channel of one of several outputs";
    }
    const std::string channel = plan.channel_name(waiting.router, waiting.entry.port);
    if (waiting.refused) {
        return line + "its destination to take a request from " + channel;
    }
    line += "a virtual channel of " + channel;
    for (std::size_t i = 0; i < waiting.holders.size(); ++i) {
        line += fmt::format("{}input {} vc {}", i == 0 ? ", held by " : ", ", ports[waiting.holders[i] >> bits].name,
                            vc_of(waiting.holders[i]));
    }
    return line;
}

void audit_channel(const NetworkPlan& plan, std::uint32_t router, std::uint32_t port, std::uint32_t vc, bool empty,
                   bool free, std::uint32_t credits, std::uint32_t home) {
    const auto check = [](bool holds, const std::string& what) {
        if (!holds) {
            throw InvariantError(what);
        }
    };
    const auto where = [&] { return fmt::format("{} vc {}", plan.channel_name(router, port), vc); };
    check(empty, "a flit is left in the buffer facing " + where());
    check(free, "a packet still owns " + where());
    check(credits == home, fmt::format("{} of {} credits are home at {}", credits, home, where()));
}

} // namespace intarsia::noc
