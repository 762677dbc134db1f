#include "noc/standalone/calendar.hpp"
#include "noc/standalone/driver.hpp"
#include "noc/standalone/point.hpp"
#include "noc/standalone/source_random.hpp"
#include "noc/standalone/zero_load.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>

namespace intarsia::noc::standalone {

namespace {

/// Packets in the order in which they enter source queues.
class StimulusSource {
  public:
    StimulusSource(const std::vector<StimulusPacket>& packets, std::uint32_t nodes)
        : packets_(packets), enters_(packets.size()), order_(packets.size()) {
        std::vector<std::uint64_t> latest(nodes, 0);
        for (std::size_t i = 0; i < packets.size(); ++i) {
            std::uint64_t& so_far = latest[packets[i].source];
            so_far = std::max(so_far, packets[i].created);
            enters_[i] = so_far;
        }
        std::iota(order_.begin(), order_.end(), 0U);
        std::stable_sort(order_.begin(), order_.end(),
                         [&](std::uint32_t a, std::uint32_t b) { return enters_[a] < enters_[b]; });
    }

    [[nodiscard]] std::uint64_t next_cycle() const { return at_ == order_.size() ? never : enters_[order_[at_]]; }

    /// Calls take(packet) for each that enters in `cycle`; its id is its place in the list.
    template <class Take>
    void create(std::uint64_t cycle, Take&& take) {
        for (; next_cycle() == cycle; ++at_) {
            const std::uint32_t index = order_[at_];
            const StimulusPacket& from = packets_[index];
            TrafficPacket packet;
            packet.id = index;
            packet.created = cycle;
            packet.flits = from.flits;
            packet.source = from.source;
            packet.destination = from.destination;
            packet.message_class = from.message_class;
            packet.random = static_cast<std::uint8_t>(mix64(from.id));
            take(packet);
        }
    }

  private:
    const std::vector<StimulusPacket>& packets_;
    std::vector<std::uint64_t> enters_;
    std::vector<std::uint32_t> order_;
    std::size_t at_ = 0;
};

/// Packets of the file, evenly spaced, as if each had the network to itself.
std::vector<LonePacket> sample(const std::vector<StimulusPacket>& packets) {
    const std::size_t step = packets.size() / most_lone_packets + 1;
    std::vector<LonePacket> lone;
    for (std::size_t i = 0; i < packets.size(); i += step) {
        LonePacket& one = lone.emplace_back();
        one.packet.flits = packets[i].flits;
        one.packet.source = packets[i].source;
        one.packet.destination = packets[i].destination;
        one.packet.message_class = packets[i].message_class;
        one.packet.random = static_cast<std::uint8_t>(mix64(packets[i].id));
    }
    return lone;
}

} // namespace

PointFigures run_packets(const NetworkSetup& setup, const std::vector<StimulusPacket>& packets,
                         const Recording& recording) {
    const auto started = std::chrono::steady_clock::now();
    const auto engine = setup.make(setup.plan, setup.sink);
    Driver driver(*engine, watchdog_cycles(setup));
    StimulusSource source(packets, setup.grid.nodes);
    std::uint64_t first = never;
    std::vector<std::uint64_t> ids;
    ids.reserve(packets.size());
    for (const StimulusPacket& packet : packets) {
        first = std::min(first, packet.created);
        ids.push_back(packet.id);
    }
    if (recording.hops != nullptr) {
        recording.hops->attach(*engine);
        recording.hops->rename(std::move(ids));
    }
    Measurement measurement(setup.plan, first, never);
    std::uint64_t last = first;
    for (std::uint64_t cycle = 0; (cycle = driver.next_cycle(source.next_cycle())) != never;) {
        measurement.before(cycle, *engine);
        source.create(cycle, [&](const TrafficPacket& packet) {
            driver.offer(packet);
            measurement.create(packet, packets[packet.id].created);
        });
        for (const DeliveredPacket& delivered : driver.tick(cycle)) {
            const StimulusPacket& origin = packets[delivered.packet.id];
            measurement.deliver(delivered, origin.created);
            last = std::max(last, delivered.eject_tail);
            if (recording.packets != nullptr) {
                DeliveredPacket& kept = recording.packets->emplace_back(delivered);
                kept.packet.id = origin.id;
                kept.packet.created = origin.created;
            }
        }
        if (recording.hops != nullptr) {
            recording.hops->collect();
        }
    }
    measurement.close(last + 1, *engine);
    engine->audit();
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
    PointFigures point = measurement.figures(zero_load_latency(setup, sample(packets)));
    point.from_file = true;
    point.load = point.offered;
    point.simulated_cycles = last + 1;
    point.flit_hops = engine->flit_hops();
    point.wall_s = wall.count();
    return point;
}

} // namespace intarsia::noc::standalone
