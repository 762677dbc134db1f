#include "noc/topology/zero_load.hpp"

#include "config/errors.hpp"

#include <algorithm>
#include <bit>

namespace intarsia::noc {

namespace {

/// The option that the packet takes, narrowed to its class.
RouteOption chosen(const NetworkPlan& plan, RouteEntry entry, std::uint16_t class_vcs, std::uint8_t random) {
    if (entry.port != RouteEntry::is_list) {
        return {entry.port, static_cast<std::uint16_t>(entry.vcs & class_vcs), false};
    }
    const RouteList& list = plan.routes.list(entry);
    if (!list.adaptive) {
        const RouteOption& option = list.options[random >> list.random_bit & 1U];
        return {option.port, static_cast<std::uint16_t>(option.vcs & class_vcs), false};
    }
    for (const RouteOption& option : list.options) {
        if ((option.vcs & class_vcs) != 0) {
            return {option.port, static_cast<std::uint16_t>(option.vcs & class_vcs), option.escape};
        }
    }
    return {};
}

/// Cycles by which the tail leaves after the head where a flit may leave every n/d cycles.
std::uint64_t tail_lag(std::uint32_t flits, std::uint64_t numerator, std::uint64_t denominator) {
    return ((flits - 1) * numerator + denominator - 1) / denominator;
}

} // namespace

ZeroLoadPath zero_load_path(const NetworkPlan& plan, EndpointId source, EndpointId destination, std::uint32_t flits,
                            std::uint8_t message_class, std::uint8_t random) {
    const bool wormhole = plan.router.model == RouterModel::wormhole;
    const VcRouterOptions& vc_router = plan.router.vc;
    const WormholeRouterOptions& fifo_router = plan.router.wormhole;
    const NetworkEndpoint& start = plan.endpoints[source];
    const NetworkEndpoint& end = plan.endpoints[destination];
    const std::uint16_t class_vcs = plan.class_vcs[message_class];

    ZeroLoadPath path;
    std::uint64_t lag = flits - 1;
    std::uint64_t per_router = std::uint64_t(vc_router.route_delay) + vc_router.vc_alloc_delay +
                               vc_router.switch_alloc_delay + vc_router.traversal_delay;
    if (wormhole) {
        per_router = fifo_router.output_fifo_flits > 0 ? 2 : 1;
        const bool slow = fifo_router.input_fifo_flits == 1 || fifo_router.output_fifo_flits == 1;
        lag = tail_lag(flits, slow ? 2 : 1, 1);
    } else {
        path.cycles = 1 + plan.routers[start.router].ports[start.port].latency_cycles;
    }
    std::uint32_t router = start.router;
    std::uint32_t port = start.port;
    auto vc = static_cast<std::uint32_t>(std::countr_zero(class_vcs));
    while (true) {
        require(path.routers.size() <= plan.routers.size() * plan.virtual_channels * 2,
                "tables lead every packet to its destination");
        path.routers.push_back(router);
        const RouteEntry entry = plan.routes.lookup(router, port << plan.routes.vc_bits() | vc, destination);
        require(entry.port != RouteEntry::none, "tables have an entry wherever a packet gets to");
        const RouteOption option = chosen(plan, entry, class_vcs, random);
        require(option.vcs != 0, "tables offer a channel of every message class");
        const NetworkPort& out = plan.routers[router].ports[option.port];
        path.cycles += per_router + out.latency_cycles;
        lag = std::max(lag, tail_lag(flits, out.interval_numerator, out.interval_denominator));
        if (router == end.router && option.port == end.port) {
            break;
        }
        router = out.to.router;
        port = out.to.port;
        vc = static_cast<std::uint32_t>(std::countr_zero(option.vcs));
    }
    path.cycles += lag;
    return path;
}

ZeroLoadMeans zero_load_means(const NetworkPlan& plan, std::span<const EndpointPair> pairs, std::uint32_t flits) {
    std::uint64_t hops = 0;
    std::uint64_t cycles = 0;
    for (const EndpointPair& pair : pairs) {
        const ZeroLoadPath path = zero_load_path(plan, pair.source, pair.destination, flits);
        hops += path.routers.size();
        cycles += path.cycles;
    }
    const auto count = static_cast<double>(std::max<std::size_t>(pairs.size(), 1));
    return {static_cast<double>(hops) / count, static_cast<double>(cycles) / count};
}

} // namespace intarsia::noc
