#include "noc/reference/reference_network.hpp"

#include "noc/reference/vc_network.hpp"
#include "noc/reference/wormhole_network.hpp"

namespace intarsia::noc::reference {

std::unique_ptr<NetworkEngine> make_reference_network(const NetworkPlan& plan, const SinkOptions& sink) {
    if (plan.router.model == RouterModel::wormhole) {
        return std::make_unique<WormholeNetwork>(plan, sink);
    }
    return std::make_unique<VcNetwork>(plan, sink);
}

} // namespace intarsia::noc::reference
