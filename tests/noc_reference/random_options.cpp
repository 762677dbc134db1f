#include "random_options.hpp"

#include "random_traffic.hpp"

namespace intarsia::tests {

noc::VcRouterOptions random_vc_options(Dice& dice, bool common) {
    noc::VcRouterOptions options;
    options.switch_alloc_delay = dice.pick<std::uint32_t>({1, 1, 1, 2, 3});
    options.traversal_delay = dice.pick<std::uint32_t>({1, 1, 1, 2, 4});
    options.credit_delay_cycles = dice.pick<std::uint32_t>({0, 1, 1, 2, 5});
    options.allocator = dice.chance(70) ? noc::Allocator::islip : noc::Allocator::separable_output_first;
    if (common) {
        return options;
    }
    options.route_delay = dice.pick<std::uint32_t>({0, 0, 1, 3});
    options.vc_alloc_delay = dice.pick<std::uint32_t>({1, 1, 2, 3});
    options.speculative = dice.chance(40);
    options.priorities = dice.chance(30);
    options.arbiter = dice.chance(30) ? noc::Arbiter::oldest_first : noc::Arbiter::round_robin;
    options.allocator = dice.pick<noc::Allocator>(
        {noc::Allocator::islip, noc::Allocator::separable_input_first, noc::Allocator::separable_output_first});
    return options;
}

noc::WormholeRouterOptions random_wormhole_options(Dice& dice) {
    using Arbiter = noc::WormholeArbiter;
    noc::WormholeRouterOptions options;
    options.input_fifo_flits = dice.pick<std::uint32_t>({1, 2, 2, 3, 8});
    options.output_fifo_flits = dice.pick<std::uint32_t>({0, 0, 1, 2, 4});
    options.flow_control = dice.chance(50) ? noc::WormholeRouterOptions::FlowControl::ready_valid
                                           : noc::WormholeRouterOptions::FlowControl::credit;
    options.credit_delay_cycles = dice.below(4);
    options.arbiter.order =
        dice.pick<Arbiter::Order>({Arbiter::Order::increasing, Arbiter::Order::decreasing, Arbiter::Order::fixed});
    options.arbiter.reset =
        dice.pick<Arbiter::Reset>({Arbiter::Reset::lowest, Arbiter::Reset::highest, Arbiter::Reset::after_lowest});
    options.arbiter.advance = dice.chance(60) ? Arbiter::Advance::on_transfer : Arbiter::Advance::on_grant;
    options.arbiter.hold = dice.chance(40);
    options.packet_lock = dice.chance(80);
    return options;
}

noc::SinkOptions random_sink(Dice& dice) {
    noc::SinkOptions sink;
    if (dice.chance(60)) {
        return sink;
    }
    sink.period = dice.between(2, 9);
    sink.stall = dice.between(1, static_cast<std::uint32_t>(sink.period) - 1);
    sink.phase = dice.below(6);
    sink.buffer_flits = dice.between(1, 8);
    return sink;
}

void add_traffic(Dice& dice, RandomCase& made) {
    made.sink = random_sink(dice);
    made.packets = random_traffic(dice, made.plan);
    const std::uint64_t last = made.packets.empty() ? 0 : made.packets.back().created;
    made.limit = last + 800 + 20 * made.plan.routers.size();
    made.skip_idle = dice.chance(50);
}

} // namespace intarsia::tests
