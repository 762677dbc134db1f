#include "noc/standalone/zero_load.hpp"

#include "noc/standalone/driver.hpp"
#include "noc/standalone/traffic_source.hpp"

#include <algorithm>

namespace intarsia::noc::standalone {

namespace {

// Apart from the streams of sources, which are numbered by node.
constexpr std::uint64_t sampling_stream = 1ULL << 32U;

class LonePackets {
  public:
    explicit LonePackets(const NetworkSetup& setup)
        : traffic_(setup.traffic), pattern_(setup.traffic, setup.grid), nodes_(setup.grid.nodes),
          reply_class_(setup.plan.class_vcs.size() > 1 ? 1 : 0) {}

    std::vector<LonePacket> all_or_sample() {
        const std::size_t lengths = traffic_.packet_flits.parts.size() + traffic_.reply_flits.parts.size();
        if (std::size_t{nodes_} * nodes_ * lengths <= most_lone_packets * 2) {
            enumerate();
        } else {
            sample();
        }
        return std::move(packets_);
    }

  private:
    void enumerate() {
        for (std::uint32_t source = 0; source < nodes_; ++source) {
            for (std::uint32_t destination = 0; pattern_.sends(source) && destination < nodes_; ++destination) {
                const double chance = pattern_.chance(source, destination);
                for (const LengthShare& part : traffic_.packet_flits.parts) {
                    add(source, destination, part.flits, 0, chance * part.share / shares(traffic_.packet_flits));
                }
                for (const LengthShare& part : traffic_.reply_flits.parts) {
                    add_reply(source, destination, part.flits, chance * part.share / shares(traffic_.reply_flits));
                }
            }
        }
    }

    void sample() {
        SourceRandom random(traffic_.seed, sampling_stream);
        const LengthDraw lengths(traffic_.packet_flits);
        const LengthDraw reply_lengths(traffic_.reply_flits);
        std::vector<std::uint32_t> senders;
        for (std::uint32_t node = 0; node < nodes_; ++node) {
            if (pattern_.sends(node)) {
                senders.push_back(node);
            }
        }
        const std::size_t most = traffic_.request_reply ? most_lone_packets / 2 : most_lone_packets;
        for (std::size_t i = 0; i < most && !senders.empty(); ++i) {
            const std::uint32_t source =
                senders[SourceRandom::below(random.next(), static_cast<std::uint32_t>(senders.size()))];
            const std::uint32_t destination = pattern_.draw(source, random.next(), random);
            add(source, destination, lengths.draw(random), 0, 1);
            add_reply(source, destination, reply_lengths.draw(random), 1);
        }
    }

    static double shares(const PacketLengths& lengths) {
        double sum = 0;
        for (const LengthShare& part : lengths.parts) {
            sum += part.share;
        }
        return sum;
    }

    void add_reply(std::uint32_t source, std::uint32_t destination, std::uint32_t flits, double weight) {
        if (traffic_.request_reply) {
            add(destination, source, flits, reply_class_, weight);
        }
    }

    void add(std::uint32_t source, std::uint32_t destination, std::uint32_t flits, std::uint8_t message_class,
             double weight) {
        if (weight <= 0) {
            return;
        }
        TrafficPacket packet;
        packet.source = static_cast<EndpointId>(source);
        packet.destination = static_cast<EndpointId>(destination);
        packet.flits = flits;
        packet.message_class = message_class;
        packet.random = static_cast<std::uint8_t>(mix64(packets_.size()));
        packets_.push_back({packet, weight});
    }

    const TrafficConfig& traffic_;
    Pattern pattern_;
    std::uint32_t nodes_;
    std::uint8_t reply_class_;
    std::vector<LonePacket> packets_;
};

} // namespace

std::vector<LonePacket> lone_packets(const NetworkSetup& setup) {
    return LonePackets(setup).all_or_sample();
}

double zero_load_latency(const NetworkSetup& setup, const std::vector<LonePacket>& packets) {
    const auto engine = setup.make(setup.plan, SinkOptions{});
    Driver driver(*engine, watchdog_cycles(setup));
    double sum = 0;
    double weights = 0;
    std::uint64_t cycle = 0;
    for (const LonePacket& lone : packets) {
        TrafficPacket packet = lone.packet;
        packet.id = driver.offered();
        packet.created = cycle;
        driver.offer(packet);
        // Ends when credits are home, too.
        for (; cycle != never; cycle = driver.next_cycle(never)) {
            for (const DeliveredPacket& delivered : driver.tick(cycle)) {
                sum += lone.weight * static_cast<double>(delivered.eject_tail - delivered.packet.created);
            }
        }
        weights += lone.weight;
        cycle = driver.cycle() + 1;
    }
    return weights > 0 ? sum / weights : 0;
}

} // namespace intarsia::noc::standalone
