// Which engine runs a plan.
#include "config/errors.hpp"
#include "noc/network_engine.hpp"
#include "noc/vc_engine_choices.hpp"

namespace intarsia::noc {

namespace {

bool common_router(const NetworkPlan& plan) {
    const VcRouterOptions& options = plan.router.vc;
    return options.allocator != Allocator::separable_input_first && options.arbiter == Arbiter::round_robin &&
           !options.speculative && !options.priorities && options.route_delay == 0 && options.vc_alloc_delay == 1 &&
           !plan.routes.has_adaptive_lists();
}

// Whether 64 routers in a word pay: what the planes cost a cycle is shared by the routers of a word.
bool sliceable(const NetworkPlan& plan, const SinkOptions& sink) {
    constexpr std::uint32_t deepest = 63;
    const std::uint32_t depth = plan.routers.front().ports.front().buffer_flits;
    const auto alike = [&](const NetworkPort& port) {
        return port.use != PortUse::border && port.buffer_flits == depth;
    };
    return plan.routers.size() >= 32 && plan.most_ports() <= 8 && plan.most_ports() << plan.routes.vc_bits() <= 32 &&
           depth <= deepest && sink.buffer_flits <= deepest &&
           std::all_of(plan.routers.begin(), plan.routers.end(), [&](const NetworkRouter& router) {
               return std::all_of(router.ports.begin(), router.ports.end(), alike);
           });
}

} // namespace

std::unique_ptr<NetworkEngine> make_vc_engine(const NetworkPlan& plan, const SinkOptions& sink) {
    const std::uint32_t ports = plan.most_ports();
    const std::uint32_t vc_bits = plan.routes.vc_bits();
    const std::uint32_t slots = ports << vc_bits;
    require(ports <= 64 && plan.virtual_channels <= 16, "a plan keeps within the engine's ports and virtual channels");
    if (slots > 256) {
        return make_vc_engine_huge(plan, sink);
    }
    if (!common_router(plan)) {
        return make_vc_engine_general(plan, sink);
    }
    if (sliceable(plan, sink)) {
        return make_plane_engine(plan, sink);
    }
    if (vc_bits == 0 && ports <= 32) {
        return make_vc_engine_1vc(plan, sink);
    }
    if (vc_bits == 1 && ports <= 16) {
        return make_vc_engine_2vc(plan, sink);
    }
    if (vc_bits == 2 && ports <= 8) {
        return make_vc_engine_4vc(plan, sink);
    }
    if (vc_bits == 2 && ports <= 16) {
        return make_vc_engine_4vc_wide(plan, sink);
    }
    if (vc_bits == 3 && ports <= 8) {
        return make_vc_engine_8vc(plan, sink);
    }
    return make_vc_engine_wide(plan, sink);
}

std::unique_ptr<NetworkEngine> make_engine(const NetworkPlan& plan, const SinkOptions& sink) {
    return plan.router.model == RouterModel::vc ? make_vc_engine(plan, sink) : make_wormhole_engine(plan, sink);
}

} // namespace intarsia::noc
