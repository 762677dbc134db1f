#include "drive.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace intarsia::tests {

DriveResult drive(noc::NetworkEngine& engine, const std::vector<noc::TrafficPacket>& packets,
                  const DriveOptions& options) {
    DriveResult result;
    engine.record_hops(&result.hops);
    std::size_t next_packet = 0;
    std::uint64_t cycle = 0;
    while (cycle < options.limit) {
        while (next_packet < packets.size() && packets[next_packet].created == cycle) {
            engine.offer(packets[next_packet++]);
        }
        engine.tick(cycle);
        result.end = cycle;
        for (const noc::DeliveredPacket& packet : engine.delivered()) {
            if (!result.delivered.emplace(packet.packet.id, packet).second) {
                throw std::logic_error("packet " + std::to_string(packet.packet.id) + " was delivered twice");
            }
        }
        const std::uint64_t next_event = engine.next_cycle(cycle);
        const std::uint64_t next_offer = next_packet < packets.size() ? packets[next_packet].created : UINT64_MAX;
        if (!options.exactly && next_event == UINT64_MAX && next_offer == UINT64_MAX) {
            break;
        }
        cycle = options.skip_idle ? std::max(cycle + 1, std::min(next_event, next_offer)) : cycle + 1;
    }
    engine.record_hops(nullptr);
    result.drained = engine.in_flight() == 0 && next_packet == packets.size();
    return result;
}

} // namespace intarsia::tests
