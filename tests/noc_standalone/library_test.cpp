// The public library, used by its header; and the engine under it, driven by hand, to compare with.
#include "include/intarsia/network.hpp"
#include "noc/standalone/load_setup.hpp"
#include "noc/standalone/source_random.hpp"
#include "tests/noc_standalone/scratch.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <tuple>
#include <vector>

using Catch::Contains;
using intarsia::Network;
using intarsia::NetworkError;

namespace {

const std::string mesh = "[noc]\ntopology = \"mesh\"\ndims = [8, 8]\n";

Network::Packet packet_of(std::uint64_t id, std::uint32_t source, std::uint32_t destination, std::uint32_t flits,
                          std::uint8_t message_class = 0) {
    Network::Packet packet;
    packet.id = id;
    packet.source = source;
    packet.destination = destination;
    packet.flits = flits;
    packet.message_class = message_class;
    return packet;
}

/// Packets at random times from random nodes: bursts, single ones, and silence.
struct Created {
    std::uint64_t cycle;
    Network::Packet packet;
};
std::vector<Created> random_packets(std::uint32_t nodes, std::uint32_t classes, std::uint64_t seed) {
    intarsia::noc::standalone::SourceRandom random(seed, 0);
    const auto below = [&](std::uint32_t n) {
        return intarsia::noc::standalone::SourceRandom::below(random.next(), n);
    };
    std::vector<Created> packets;
    std::uint64_t cycle = 0;
    for (std::uint64_t id = 0; id < 3'000; ++id) {
        cycle += below(50) == 0 ? below(400) : below(4) / 3;
        packets.push_back({cycle, packet_of(id, below(nodes), below(nodes), 1 + below(6),
                                            static_cast<std::uint8_t>(below(classes)))});
    }
    return packets;
}

using Arrival = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint32_t>; // id, injected, ejected, hops

/// With advance() called at other times, too: every `step` cycles.
std::vector<Arrival> run_library(Network network, const std::vector<Created>& packets, std::uint64_t step) {
    std::vector<Arrival> arrivals;
    std::uint64_t last_cycle = 0;
    const auto poll = [&] {
        while (const auto packet = network.poll()) {
            REQUIRE(packet->eject_tail < network.now());
            REQUIRE(packet->eject_tail >= last_cycle);
            last_cycle = packet->eject_tail;
            arrivals.emplace_back(packet->id, packet->inject_head, packet->eject_tail, packet->hops);
        }
    };
    for (const Created& each : packets) {
        while (network.now() < each.cycle) {
            network.advance(std::min(each.cycle, network.now() + step));
            poll();
        }
        network.inject(each.packet);
    }
    while (network.advance_to_delivery(Network::never)) {
        poll();
    }
    CHECK(network.in_flight() == 0);
    CHECK(network.next_event() == Network::never);
    std::sort(arrivals.begin(), arrivals.end());
    return arrivals;
}

/// The engine itself, ticked in every single cycle.
std::vector<Arrival> run_engine(const std::string& toml, const std::vector<Created>& packets) {
    const auto loaded = intarsia::noc::standalone::parse_embedded_network(toml, "text", {});
    const auto engine = loaded.setup.make(loaded.setup.plan, loaded.setup.sink);
    std::vector<Arrival> arrivals;
    std::size_t next = 0;
    for (std::uint64_t cycle = 0; arrivals.size() < packets.size(); ++cycle) {
        for (; next < packets.size() && packets[next].cycle == cycle; ++next) {
            const Network::Packet& from = packets[next].packet;
            intarsia::noc::TrafficPacket packet;
            packet.id = from.id;
            packet.created = cycle;
            packet.flits = from.flits;
            packet.source = static_cast<intarsia::EndpointId>(from.source);
            packet.destination = static_cast<intarsia::EndpointId>(from.destination);
            packet.message_class = from.message_class;
            packet.random = static_cast<std::uint8_t>(intarsia::noc::standalone::mix64(next));
            engine->offer(packet);
        }
        engine->tick(cycle);
        for (const intarsia::noc::DeliveredPacket& each : engine->delivered()) {
            arrivals.emplace_back(each.packet.id, each.inject_head, each.eject_tail, each.hops);
        }
    }
    std::sort(arrivals.begin(), arrivals.end());
    return arrivals;
}

std::string fault_of(const std::string& toml, const std::vector<std::string>& overrides = {}) {
    try {
        static_cast<void>(Network::from_text(toml, overrides));
    } catch (const NetworkError& error) {
        return error.what();
    }
    return "accepted";
}

} // namespace

TEST_CASE("library: tells what network it is") {
    const Network network = Network::from_text(mesh, {"noc.message_classes=2"});
    CHECK(network.node_count() == 64);
    CHECK(network.router_count() == 64);
    CHECK(network.class_count() == 2);
    CHECK(network.router_name(10) == "(2,1)");
    CHECK(network.node_name(10) == "n10");
    CHECK(network.port_count(0) == 3); // a corner: two links and the node
    CHECK(network.port_count(10) == 5);
    CHECK(network.now() == 0);
    CHECK(network.in_flight() == 0);
    CHECK(network.next_event() == Network::never);
}

TEST_CASE("library: a packet alone takes 2 + 4 R + (P - 1) cycles") {
    Network network = Network::from_text(mesh);
    network.advance(100);
    network.inject(packet_of(7, 0, 63, 5));
    CHECK(network.in_flight() == 1);
    CHECK(network.in_flight(0) == 1);
    CHECK(network.in_flight(63) == 0);
    CHECK(network.next_event() == 100);
    const std::uint64_t arrival = 100 + 2 + 4 * 15 + 4;
    network.advance(arrival);
    CHECK_FALSE(network.poll());
    network.advance(arrival + 1);
    const auto packet = network.poll();
    REQUIRE(packet);
    CHECK(packet->id == 7);
    CHECK(packet->source == 0);
    CHECK(packet->destination == 63);
    CHECK(packet->flits == 5);
    CHECK(packet->hops == 15);
    CHECK(packet->created == 100);
    CHECK(packet->inject_head == 100);
    CHECK(packet->inject_tail == 104);
    CHECK(packet->eject_head == arrival - 4);
    CHECK(packet->eject_tail == arrival);
    CHECK_FALSE(network.poll());
    CHECK(network.in_flight() == 0);
    CHECK(network.in_flight(0) == 0);
}

TEST_CASE("library: gives what the engine gives when it is ticked in every cycle") {
    const std::string toml =
        GENERATE(as<std::string>(), mesh, mesh + "message_classes = 2\n[sink]\nstall = 3\n",
                 "[noc]\ntopology = \"torus\"\ndims = [4, 4]\n[noc.router]\nspeculative = true\n",
                 "[noc]\ntopology = \"mesh\"\ndims = [5, 3]\nrouting = \"o1turn\"\n",
                 "[noc]\ntopology = \"mesh\"\ndims = [4, 4]\n[noc.router]\nmodel = \"wormhole\"\n[sink]\nstall = 2\n");
    INFO(toml);
    const Network network = Network::from_text(toml);
    const std::vector<Created> packets = random_packets(network.node_count(), network.class_count(), 5);
    const std::vector<Arrival> expected = run_engine(toml, packets);
    REQUIRE(expected.size() == packets.size());
    for (const std::uint64_t step : {1, 7, 1'000}) {
        INFO(step);
        CHECK(run_library(Network::from_text(toml), packets, step) == expected);
    }
}

TEST_CASE("library: deliveries stop the clock, so that a host can answer in the next cycle") {
    Network network = Network::from_text(mesh, {"noc.message_classes=2", "traffic.request_reply=true"});
    network.inject(packet_of(1, 0, 1, 1));
    REQUIRE(network.advance_to_delivery(1'000));
    CHECK(network.now() == 2 + 4 * 2 + 1);
    CHECK(network.advance_to_delivery(1'000)); // not before it is polled
    CHECK(network.now() == 11);
    REQUIRE(network.poll());
    network.inject(packet_of(2, 1, 0, 5, 1));
    REQUIRE(network.advance_to_delivery(1'000));
    const auto reply = network.poll();
    REQUIRE(reply);
    CHECK(reply->message_class == 1);
    CHECK(reply->created == 11);
    CHECK(reply->eject_tail == 11 + 2 + 4 * 2 + 4);
    CHECK_FALSE(network.advance_to_delivery(1'000));
    CHECK(network.now() == 1'000);
    CHECK_FALSE(network.advance_to_delivery(Network::never));
    CHECK(network.now() == 1'000);
}

TEST_CASE("library: packets of one cycle come in the order of destinations") {
    Network network = Network::from_text(mesh);
    for (const std::uint32_t node : {40, 8, 24, 56, 0}) { // each to its right neighbour
        network.inject(packet_of(node, node, node + 1, 1));
    }
    network.advance(50);
    for (const std::uint32_t node : {0, 8, 24, 40, 56}) {
        const auto packet = network.poll();
        REQUIRE(packet);
        CHECK(packet->id == node);
        CHECK(packet->eject_tail == 10);
    }
}

TEST_CASE("library: time without packets costs nothing") {
    Network network = Network::from_text(mesh);
    constexpr std::uint64_t gap = 1'000'000'000'000'000; // in single cycles, a fortnight of run time
    for (std::uint64_t i = 0; i < 1'000; ++i) {
        network.advance(i * gap);
        network.inject(packet_of(i, 3, 60, 2));
    }
    network.advance(1'000 * gap);
    for (std::uint64_t i = 0; i < 1'000; ++i) {
        const auto packet = network.poll();
        REQUIRE(packet);
        CHECK(packet->eject_tail - packet->created == 2 + 4 * 9 + 1);
    }
}

TEST_CASE("library: packets on a link that is slower than the watchdog are not stuck") {
    const std::string toml = GENERATE(
        as<std::string>(), "[noc]\ntopology = \"mesh\"\ndims = [3]\nlink_latency_cycles = 20_000\n",
        "[noc]\ntopology = \"mesh\"\ndims = [3]\nlink_latency_cycles = 20_000\n[noc.router]\nmodel = \"wormhole\"\n");
    Network network = Network::from_text(toml, {"traffic.watchdog_cycles=100"});
    network.inject(packet_of(1, 0, 2, 20)); // more flits than buffers: credits come home over the link, too
    REQUIRE(network.advance_to_delivery(Network::never));
    CHECK(network.poll()->eject_tail > 40'000);
}

TEST_CASE("library: counters tell the flits of each port and class") {
    Network network = Network::from_text(mesh, {"noc.message_classes=2"});
    network.inject(packet_of(1, 0, 2, 5));
    network.inject(packet_of(2, 0, 1, 3, 1));
    network.advance(200);
    std::uint64_t sum = 0;
    std::vector<std::tuple<std::uint32_t, std::uint64_t, std::uint64_t>> seen;
    for (std::uint32_t router = 0; router < network.router_count(); ++router) {
        for (std::uint32_t port = 0; port < network.port_count(router); ++port) {
            const Network::PortCounters counters = network.counters(router, port);
            REQUIRE(counters.flits.size() == 2);
            sum += counters.flits[0] + counters.flits[1];
            if (counters.flits[0] + counters.flits[1] > 0) {
                seen.emplace_back(router, counters.flits[0], counters.flits[1]);
            }
            if (router == 0 && network.port_name(router, port) == "E") {
                CHECK(counters.flits == std::vector<std::uint64_t>{5, 3});
            }
        }
    }
    std::sort(seen.begin(), seen.end());
    // Router 0 to the east; 1 to the east and to its node; 2 to its node.
    CHECK(seen == std::vector<std::tuple<std::uint32_t, std::uint64_t, std::uint64_t>>{
                      {0, 5, 3}, {1, 0, 3}, {1, 5, 0}, {2, 5, 0}});
    CHECK(sum == network.flit_hops());
}

TEST_CASE("library: ports that packets fight for count who lost") {
    Network network = Network::from_text(mesh);
    for (std::uint32_t node = 0; node < 7; ++node) {
        network.inject(packet_of(node, node, 7, 50));
    }
    network.advance(1'000);
    std::uint64_t lost = 0;
    for (std::uint32_t port = 0; port < network.port_count(6); ++port) {
        const Network::PortCounters counters = network.counters(6, port);
        lost += counters.lost_allocation + counters.no_credit + counters.no_vc;
    }
    CHECK(lost > 100);
}

TEST_CASE("library: a description is refused with all its faults and their places") {
    CHECK_THAT(fault_of("[noc]\ntopology = \"mesh\"\ndims = [8, 8]\nbuffer_flits = -1\nnonsense = 3\n"),
               Contains("text:4") && Contains("text:5") && Contains("nonsense"));
    CHECK_THAT(fault_of("[noc\n"), Contains("text:1"));
    CHECK_THAT(fault_of(mesh, {"noc.buffer_flits=none"}), Contains("--set noc.buffer_flits"));
    CHECK_THAT(fault_of(std::string("\x7f\x45\x4c\x46\0\0\x01", 7)), Contains("text"));
    CHECK_THROWS_AS(Network::from_file("/none/such.toml"), NetworkError);
}

TEST_CASE("library: whatever a description holds, it gives a network or a NetworkError") {
    const std::string toml = "[noc]\ntopology = \"mesh\"\ndims = [3, 3]\nrouting = \"o1turn\"\nvirtual_channels = 4\n"
                             "[noc.router]\nmodel = \"vc\"\n[[noc.link]]\nfrom = 0\nto = 1\nlatency_cycles = 3\n"
                             "[sink]\nstall = 2\n[traffic]\nrequest_reply = false\n";
    REQUIRE(fault_of(toml) == "accepted");
    std::size_t refused = 0;
    for (std::size_t length = 0; length < toml.size(); ++length) {
        refused += fault_of(toml.substr(0, length)) == "accepted" ? 0 : 1;
    }
    CHECK(refused > toml.size() / 2);
    intarsia::noc::standalone::SourceRandom random(11, 0);
    refused = 0;
    for (int i = 0; i < 500; ++i) {
        std::string damaged = toml;
        for (int k = 0; k < 2; ++k) {
            damaged[random.next() % damaged.size()] = static_cast<char>(random.next());
        }
        refused += fault_of(damaged) == "accepted" ? 0 : 1;
    }
    CHECK(refused > 250);
}

TEST_CASE("library: a network that can deadlock is refused with the cycle") {
    CHECK_THAT(fault_of("[noc]\ntopology = \"torus\"\ndims = [4, 4]\ndateline = false\n"), Contains("->"));
    CHECK_THAT(fault_of(mesh + "[traffic]\nrequest_reply = true\n"), Contains("->"));
    CHECK(fault_of(mesh + "message_classes = 2\n[traffic]\nrequest_reply = true\n") == "accepted");
}

TEST_CASE("library: the traffic's pattern need not suit the network") {
    CHECK(fault_of("[noc]\ntopology = \"mesh\"\ndims = [5, 3]\n[traffic]\npattern = \"bitrev\"\n") == "accepted");
}

TEST_CASE("library: networks come from files and presets, too") {
    const intarsia::tests::Scratch scratch;
    Network network = Network::from_file(scratch.write("net.toml", mesh), {"noc.dims=[3, 2]"});
    CHECK(network.node_count() == 6);
    network = Network::from_file("bsg_wormhole_4x4");
    CHECK(network.node_count() == 16);
}

TEST_CASE("library: misuse throws standard exceptions and changes nothing") {
    Network network = Network::from_text(mesh);
    CHECK_THROWS_AS(network.inject(packet_of(0, 64, 0, 1)), std::out_of_range);
    CHECK_THROWS_AS(network.inject(packet_of(0, 0, 64, 1)), std::out_of_range);
    CHECK_THROWS_AS(network.inject(packet_of(0, 0, 1, 1, 1)), std::out_of_range);
    CHECK_THROWS_AS(network.inject(packet_of(0, 0, 1, 0)), std::invalid_argument);
    CHECK_THROWS_AS(network.inject(packet_of(0, 0, 1, Network::max_packet_flits + 1)), std::invalid_argument);
    CHECK_THROWS_AS(network.counters(64, 0), std::out_of_range);
    CHECK_THROWS_AS(network.counters(0, 3), std::out_of_range);
    CHECK_THROWS_AS(network.port_name(0, 3), std::out_of_range);
    CHECK_THROWS_AS(network.node_name(64), std::out_of_range);
    CHECK_THROWS_AS(network.in_flight(64), std::out_of_range);
    CHECK(network.in_flight() == 0);
    network.advance(50);
    CHECK_THROWS_AS(network.advance(49), std::invalid_argument);
    CHECK_THROWS_AS(network.advance(Network::never), std::invalid_argument);
    CHECK_THROWS_AS(network.advance_to_delivery(49), std::invalid_argument);
    Network moved = std::move(network);
    CHECK(moved.now() == 50);
}
