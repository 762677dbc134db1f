#include "noc/proof_channels.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace intarsia::noc {

namespace {

bool same(PortEnd end, std::uint32_t router, std::uint32_t port) {
    return end.router == router && end.port == port;
}

void check_port(const NetworkPlan& plan, std::uint32_t r, std::uint32_t p, ProofFaults& faults) {
    const NetworkPort& port = plan.routers[r].ports[p];
    if (port.use == PortUse::endpoint) {
        if (port.endpoint >= plan.endpoints.size() || plan.endpoints[port.endpoint].router != r ||
            plan.endpoints[port.endpoint].port != p) {
            faults.add(
                fmt::format("{} leads to endpoint {}, which sits elsewhere", plan.channel_name(r, p), port.endpoint),
                "give each endpoint one port, and each endpoint port its endpoint");
        }
        return;
    }
    if (port.use == PortUse::border) {
        return;
    }
    const auto far = [&](PortEnd end) -> const NetworkPort* {
        return end.router < plan.routers.size() && end.port < plan.routers[end.router].ports.size()
                   ? &plan.routers[end.router].ports[end.port]
                   : nullptr;
    };
    for (const bool out : {true, false}) {
        const PortEnd end = out ? port.to : port.from;
        const NetworkPort* other = end.exists() ? far(end) : nullptr;
        if (end.exists() &&
            (other == nullptr || other->use != PortUse::link || !same(out ? other->from : other->to, r, p))) {
            faults.add(fmt::format("the {} side of {} is joined to a port that is not joined to it",
                                   out ? "output" : "input", plan.channel_name(r, p)),
                       "join the two ends of each link to each other");
        }
    }
}

} // namespace

void check_wiring(const NetworkPlan& plan, ProofFaults& faults) {
    if (plan.virtual_channels == 0 || plan.virtual_channels > 16 ||
        plan.virtual_channels > 1U << plan.routes.vc_bits()) {
        faults.add(fmt::format("{} virtual channels", plan.virtual_channels), "take 1 to 16 virtual channels");
    }
    if (plan.class_vcs.empty()) {
        faults.add("the network has no message class", "name at least one class");
    }
    for (std::size_t c = 0; c < plan.class_vcs.size(); ++c) {
        if (plan.class_vcs[c] == 0 || plan.class_vcs[c] >> std::min(plan.virtual_channels, 16U) != 0) {
            faults.add(fmt::format("message class {} owns no virtual channel, or one that does not exist", c),
                       fmt::format("give it some of the {} virtual channels", plan.virtual_channels));
        }
    }
    if (plan.endpoints.size() > plan.routes.endpoints()) {
        faults.add(
            fmt::format("the routing tables know {} of {} endpoints", plan.routes.endpoints(), plan.endpoints.size()),
            "give every endpoint its entries");
    }
    for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
        for (std::uint32_t p = 0; p < plan.routers[r].ports.size(); ++p) {
            check_port(plan, r, p, faults);
        }
    }
    for (std::size_t e = 0; e < plan.endpoints.size(); ++e) {
        const NetworkEndpoint& at = plan.endpoints[e];
        if (at.router >= plan.routers.size() || at.port >= plan.routers[at.router].ports.size() ||
            plan.routers[at.router].ports[at.port].use != PortUse::endpoint ||
            plan.routers[at.router].ports[at.port].endpoint != e) {
            faults.add(fmt::format("endpoint {} sits on no port of a router", at.name),
                       "give each endpoint one port, and each endpoint port its endpoint");
        }
    }
}

// Splits the virtual channels until every class, every list and entry, and every two inputs with different rows tell
// apart whole groups only.
ProofChannels::ProofChannels(const NetworkPlan& plan, const ProofRows& rows) : plan_(plan) {
    for (const NetworkRouter& router : plan.routers) {
        first_port_.push_back(ports_);
        ports_ += static_cast<std::uint32_t>(router.ports.size());
    }
    group_vcs_.push_back((1U << plan.virtual_channels) - 1);
    std::vector<std::uint8_t> seen(1U << 16);
    const auto split = [&](std::uint32_t vcs) {
        vcs &= (1U << plan.virtual_channels) - 1;
        if (seen[vcs] != 0) {
            return;
        }
        seen[vcs] = 1;
        for (std::size_t g = 0, known = group_vcs_.size(); g < known; ++g) {
            const std::uint32_t within = group_vcs_[g] & vcs;
            const std::uint32_t without = group_vcs_[g] & ~vcs;
            if (within != 0 && without != 0) {
                group_vcs_[g] = within;
                group_vcs_.push_back(without);
            }
        }
    };
    for (const std::uint16_t vcs : plan.class_vcs) {
        split(vcs);
    }
    std::vector<std::uint8_t> listed(1U << 16);
    for (const ProofRows::Part& part : rows.parts()) {
        if (part.entry.port == RouteEntry::is_list) {
            if (listed[part.entry.vcs] == 0) {
                listed[part.entry.vcs] = 1;
                for (const RouteOption& option : plan.routes.list(part.entry).options) {
                    split(option.vcs);
                }
            }
        } else if (part.entry.port != RouteEntry::none) {
            split(part.entry.vcs);
        }
    }
    for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
        for (std::uint32_t p = 0; p < plan.routers[r].ports.size(); ++p) {
            const std::uint32_t first = p << plan.routes.vc_bits();
            for (std::uint32_t vc = 0; vc < plan.virtual_channels; ++vc) {
                std::uint32_t alike = 0;
                for (std::uint32_t other = 0; other < plan.virtual_channels; ++other) {
                    alike |=
                        plan.routes.row_of(r, first | vc) == plan.routes.row_of(r, first | other) ? 1U << other : 0U;
                }
                split(alike);
            }
        }
    }
    std::sort(group_vcs_.begin(), group_vcs_.end(),
              [](std::uint32_t a, std::uint32_t b) { return __builtin_ctz(a) < __builtin_ctz(b); });
}

PortEnd ProofChannels::port_of(std::uint32_t channel) const {
    const std::uint32_t place = channel / groups() % ports_;
    const auto after = std::upper_bound(first_port_.begin(), first_port_.end(), place);
    const auto router = static_cast<std::uint32_t>(after - first_port_.begin() - 1);
    return {router, place - first_port_[router]};
}

PortEnd ProofChannels::arrival(std::uint32_t channel) const {
    const PortEnd at = port_of(channel);
    const NetworkPort& port = plan_.routers[at.router].ports[at.port];
    if (is_injection(channel)) {
        return port.use == PortUse::link ? PortEnd{} : at;
    }
    return port.use == PortUse::link ? port.to : PortEnd{};
}

std::string ProofChannels::name(std::uint32_t channel, const std::vector<std::string>& class_names) const {
    const PortEnd at = port_of(channel);
    const NetworkPort& port = plan_.routers[at.router].ports[at.port];
    const std::uint32_t vcs = group_vcs_[group_of(channel)];
    std::string text = !is_injection(channel)          ? plan_.channel_name(at.router, at.port)
                       : port.use == PortUse::endpoint ? plan_.endpoints[port.endpoint].name + "->network"
                                                       : port.name + "->" + plan_.routers[at.router].name;
    text += (vcs & (vcs - 1)) == 0 ? " vc " : " vcs ";
    for (std::uint32_t vc = 0; vc < 16; ++vc) { // "0-2,5"
        const std::uint32_t run = static_cast<std::uint32_t>(__builtin_ctz(~(vcs >> vc)));
        if (run > 0) {
            text += vcs & ((1U << vc) - 1) ? "," : "";
            text += run == 1 ? fmt::format("{}", vc) : fmt::format("{}-{}", vc, vc + run - 1);
            vc += run;
        }
    }
    if (plan_.class_vcs.size() > 1) {
        std::string classes;
        for (std::size_t c = 0; c < plan_.class_vcs.size(); ++c) {
            if ((plan_.class_vcs[c] & vcs) != 0) {
                classes += classes.empty() ? "" : " and ";
                classes += c < class_names.size() ? class_names[c] : fmt::format("class {}", c);
            }
        }
        text += " [" + classes + "]";
    }
    return text;
}

} // namespace intarsia::noc
