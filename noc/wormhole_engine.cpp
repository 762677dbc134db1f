#include "noc/wormhole_engine.hpp"

namespace intarsia::noc {

std::unique_ptr<NetworkEngine> make_wormhole_engine(const NetworkPlan& plan, const SinkOptions& sink) {
    switch (plan.router.wormhole.arbiter.order) {
    case WormholeArbiter::Order::increasing:
        return std::make_unique<WormholeEngine<IncreasingRoundRobin>>(plan, sink);
    case WormholeArbiter::Order::decreasing:
        return std::make_unique<WormholeEngine<DecreasingRoundRobin>>(plan, sink);
    case WormholeArbiter::Order::fixed:
        break;
    }
    return std::make_unique<WormholeEngine<FixedPriority>>(plan, sink);
}

} // namespace intarsia::noc
