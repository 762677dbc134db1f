#include "noc/standalone/traffic_source.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

using namespace intarsia;
using namespace intarsia::noc::standalone;

namespace {

const NodeGrid grid{64, {8, 8}};

std::vector<noc::TrafficPacket> created(const TrafficConfig& traffic, double load, std::uint64_t cycles,
                                        const NodeGrid& where = grid) {
    TrafficSource source(traffic, where, load);
    std::vector<noc::TrafficPacket> packets;
    while (source.next_cycle() < cycles) {
        source.create(source.next_cycle(), [&](const noc::TrafficPacket& packet) { packets.push_back(packet); });
    }
    return packets;
}

double flits_a_node_a_cycle(const std::vector<noc::TrafficPacket>& packets, double cycles) {
    double flits = 0;
    for (const noc::TrafficPacket& packet : packets) {
        flits += packet.flits;
    }
    return flits / cycles / grid.nodes;
}

} // namespace

TEST_CASE("Bernoulli injection has the load that is asked for") {
    TrafficConfig traffic;
    const std::uint32_t length = GENERATE(1U, 8U);
    const double load = GENERATE(0.02, 0.4, 1.0);
    traffic.packet_flits.parts = {{length, 1}};
    constexpr double cycles = 100'000;
    const double p = load / length;
    const double deviation = length * std::sqrt(p * (1 - p) / (cycles * grid.nodes));
    CHECK(std::abs(flits_a_node_a_cycle(created(traffic, load, 100'000), cycles) - load) <= 5 * deviation);
}

TEST_CASE("Gaps between packets of a node are geometric") {
    const TrafficConfig traffic;
    const double p = GENERATE(0.9, 0.3, 0.01);
    std::map<std::uint32_t, std::uint64_t> last;
    std::vector<double> gaps(8, 0); // the last: 8 and more
    double count = 0;
    int zero_gaps = 0;
    for (const noc::TrafficPacket& packet : created(traffic, p, 100'000)) {
        if (const auto before = last.find(packet.source); before != last.end()) {
            const std::uint64_t gap = packet.created - before->second;
            gaps[std::clamp<std::uint64_t>(gap, 1, 8) - 1] += 1;
            zero_gaps += gap == 0 ? 1 : 0;
            count += 1;
        }
        last[packet.source] = packet.created;
    }
    CHECK(zero_gaps == 0);
    for (std::size_t g = 0; g < gaps.size(); ++g) {
        const double chance = g == 7 ? std::pow(1 - p, 7) : p * std::pow(1 - p, static_cast<double>(g));
        INFO("gap " << g + 1);
        CHECK(std::abs(gaps[g] / count - chance) <= 5 * std::sqrt(chance * (1 - chance) / count) + 1e-9);
    }
}

TEST_CASE("The first packet of a node may come in cycle 0, with the chance of any cycle") {
    TrafficConfig traffic;
    double first = 0;
    for (traffic.seed = 0; traffic.seed < 500; ++traffic.seed) {
        first += static_cast<double>(created(traffic, 0.25, 1).size());
    }
    const double trials = 500.0 * grid.nodes;
    CHECK(std::abs(first / trials - 0.25) <= 5 * std::sqrt(0.25 * 0.75 / trials));
}

TEST_CASE("Bursty injection keeps the mean load and comes in bursts") {
    TrafficConfig traffic;
    traffic.injection = "bursty";
    traffic.burst_cycles = 50;
    traffic.burst_load = GENERATE(1.0, 0.5);
    const double load = GENERATE(0.05, 0.3, 0.5);
    const std::vector<noc::TrafficPacket> packets = created(traffic, load, 200'000);
    // Whole bursts come and go: the deviation is that of their number.
    const double deviation = load * std::sqrt(2 * traffic.burst_cycles / (load * 200'000.0 * grid.nodes));
    CHECK(std::abs(flits_a_node_a_cycle(packets, 200'000) - load) <= 5 * deviation);

    // Within a burst, the next packet comes in the next cycle with chance burst_load.
    std::map<std::uint32_t, std::uint64_t> last;
    double next_cycle = 0;
    for (const noc::TrafficPacket& packet : packets) {
        const auto before = last.find(packet.source);
        next_cycle += before != last.end() && packet.created == before->second + 1 ? 1 : 0;
        last[packet.source] = packet.created;
    }
    const double seen = next_cycle / static_cast<double>(packets.size());
    const double stays = 1 - 1 / traffic.burst_cycles;
    const double silence = traffic.burst_cycles * (traffic.burst_load / load - 1);
    const double expected = traffic.burst_load * (stays + (1 - stays) / (1 + silence));
    CHECK(seen == Approx(expected).epsilon(0.02));
}

TEST_CASE("Lengths and priorities are mixed by their shares") {
    TrafficConfig traffic;
    traffic.packet_flits.parts = {{1, 3}, {5, 1}, {2, 0}};
    traffic.priority_share = 0.25;
    const std::vector<noc::TrafficPacket> packets = created(traffic, 0.4, 50'000);
    std::map<std::uint32_t, double> lengths;
    double urgent = 0;
    for (const noc::TrafficPacket& packet : packets) {
        lengths[packet.flits] += 1;
        urgent += packet.priority;
    }
    const auto count = static_cast<double>(packets.size());
    CHECK(traffic.packet_flits.mean() == 2);
    CHECK(lengths.size() == 2);
    CHECK(lengths[1] / count == Approx(0.75).epsilon(0.01));
    CHECK(urgent / count == Approx(0.25).epsilon(0.02));
    CHECK(flits_a_node_a_cycle(packets, 50'000) == Approx(0.4).epsilon(0.01));
}

TEST_CASE("A source's packets depend on the seed and the node only") {
    TrafficConfig traffic;
    traffic.pattern = "neighbor";
    traffic.seed = 42;
    const auto of_node_3 = [&](const NodeGrid& where) {
        std::vector<std::uint64_t> cycles;
        for (const noc::TrafficPacket& packet : created(traffic, 0.1, 2'000, where)) {
            if (packet.source == 3) {
                cycles.push_back(packet.created);
            }
        }
        return cycles;
    };
    const auto cycles = of_node_3({8, {8}});
    CHECK(cycles.size() > 100);
    CHECK(cycles == of_node_3(grid));
    traffic.seed = 43;
    CHECK(cycles != of_node_3(grid));
}

TEST_CASE("Packets of a cycle come in order of nodes, and silent nodes never") {
    TrafficConfig traffic;
    traffic.pattern = "transpose";
    traffic.include_self = false;
    const std::vector<noc::TrafficPacket> packets = created(traffic, 0.9, 300);
    for (std::size_t i = 0; i < packets.size(); ++i) {
        CHECK(packets[i].source != packets[i].destination);
        if (i > 0) {
            const auto key = [](const noc::TrafficPacket& p) { return std::pair(p.created, p.source); };
            REQUIRE(key(packets[i - 1]) < key(packets[i]));
        }
    }
}
