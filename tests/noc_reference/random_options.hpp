// Random settings of routers and sinks.
#pragma once

#include "dice.hpp"
#include "noc/router_options.hpp"
#include "random_network.hpp"

namespace intarsia::tests {

/// `common`: only what the fast engine has short ways for; otherwise everything there is.
noc::VcRouterOptions random_vc_options(Dice& dice, bool common);
noc::WormholeRouterOptions random_wormhole_options(Dice& dice);
noc::SinkOptions random_sink(Dice& dice);

/// Sinks, packets and the length of the run, for a plan that is there.
void add_traffic(Dice& dice, RandomCase& made);

} // namespace intarsia::tests
