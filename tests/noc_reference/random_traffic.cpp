#include "random_traffic.hpp"

#include <numeric>

namespace intarsia::tests {

namespace {

struct Shape {
    std::uint32_t load_percent = 10; ///< flits a node and 100 cycles
    std::uint32_t least_flits = 1;
    std::uint32_t most_flits = 1;
    std::uint32_t priorities = 1;
    std::vector<std::uint32_t> hot; ///< if not empty: nodes that `hot_percent` of the packets go to
    std::uint32_t hot_percent = 0;
    std::vector<std::uint32_t> partner; ///< if not empty: where all packets of a node go
};

Shape random_shape(Dice& dice, std::uint32_t nodes) {
    Shape shape;
    // Many nodes fill a network sooner than few.
    shape.load_percent = nodes > 24 ? dice.pick<std::uint32_t>({1, 2, 4, 8, 15, 30})
                                    : dice.pick<std::uint32_t>({3, 10, 20, 40, 70, 100, 150});
    shape.least_flits = dice.pick<std::uint32_t>({1, 1, 1, 2, 5});
    shape.most_flits = shape.least_flits + dice.pick<std::uint32_t>({0, 0, 3, 7, 30});
    shape.priorities = dice.pick<std::uint32_t>({1, 2, 8});
    const std::uint32_t pattern = dice.below(100);
    if (pattern < 15) {
        shape.hot = {dice.below(nodes), dice.below(nodes)};
        shape.hot_percent = dice.pick<std::uint32_t>({30, 100});
    } else if (pattern < 35) {
        shape.partner.resize(nodes);
        std::iota(shape.partner.begin(), shape.partner.end(), 0U);
        dice.shuffle(shape.partner);
    }
    return shape;
}

std::uint32_t random_destination(Dice& dice, const Shape& shape, std::uint32_t source, std::uint32_t nodes) {
    if (!shape.partner.empty()) {
        return shape.partner[source];
    }
    if (!shape.hot.empty() && dice.chance(shape.hot_percent)) {
        return dice.pick(shape.hot);
    }
    return dice.below(nodes);
}

} // namespace

std::vector<noc::TrafficPacket> random_traffic(Dice& dice, const noc::NetworkPlan& plan) {
    const auto nodes = static_cast<std::uint32_t>(plan.endpoints.size());
    const Shape shape = random_shape(dice, nodes);
    const std::uint32_t duration = dice.between(40, 200);
    const std::uint64_t pause = dice.chance(20) ? dice.between(100, 3000) : 0;
    const std::uint32_t mean_flits_twice = shape.least_flits + shape.most_flits;
    std::vector<noc::TrafficPacket> packets;
    for (std::uint64_t t = 0; t < duration; ++t) {
        for (std::uint32_t node = 0; node < nodes; ++node) {
            if (dice.below(100 * mean_flits_twice) >= 2 * shape.load_percent) {
                continue;
            }
            noc::TrafficPacket packet;
            packet.created = t < duration / 2 ? t : t + pause;
            packet.flits = dice.between(shape.least_flits, shape.most_flits);
            packet.source = static_cast<EndpointId>(node);
            packet.destination = static_cast<EndpointId>(random_destination(dice, shape, node, nodes));
            packet.message_class =
                static_cast<std::uint8_t>(dice.below(static_cast<std::uint32_t>(plan.class_vcs.size())));
            packet.priority = static_cast<std::uint8_t>(dice.below(shape.priorities));
            packet.random = static_cast<std::uint8_t>(dice.below(256));
            packets.push_back(packet);
        }
    }
    std::vector<std::uint64_t> ids(packets.size());
    std::iota(ids.begin(), ids.end(), 0U);
    dice.shuffle(ids);
    for (std::size_t k = 0; k < packets.size(); ++k) {
        packets[k].id = ids[k];
    }
    return packets;
}

} // namespace intarsia::tests
