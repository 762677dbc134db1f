// What must come out by calculation: zero-load latency, throughput of channels and buffers, order and conservation.
#include "rig.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

using namespace intarsia;
using namespace intarsia::tests;
using FlowControl = noc::WormholeRouterOptions::FlowControl;

namespace {

noc::TrafficPacket packet(std::uint64_t id, std::uint64_t created, std::uint32_t source, std::uint32_t destination,
                          std::uint32_t flits) {
    noc::TrafficPacket p;
    p.id = id;
    p.created = created;
    p.flits = flits;
    p.source = static_cast<EndpointId>(source);
    p.destination = static_cast<EndpointId>(destination);
    return p;
}

std::uint32_t mesh_hops(std::uint32_t columns, std::uint32_t a, std::uint32_t b) {
    const auto distance = [](std::uint32_t x, std::uint32_t y) { return x > y ? x - y : y - x; };
    return distance(a % columns, b % columns) + distance(a / columns, b / columns);
}

/// All pairs, one packet at a time, 200 cycles apart.
std::vector<noc::TrafficPacket> all_pairs(std::uint32_t endpoints, std::uint32_t flits) {
    std::vector<noc::TrafficPacket> packets;
    for (std::uint32_t source = 0; source < endpoints; ++source) {
        for (std::uint32_t destination = 0; destination < endpoints; ++destination) {
            packets.push_back(packet(packets.size(), packets.size() * 200, source, destination, flits));
        }
    }
    return packets;
}

/// Flits a cycle that arrive of a long stream from router 0 to 1 over the link's one direction.
double stream_rate(const noc::NetworkPlan& plan, std::uint32_t flits) {
    std::vector<noc::TrafficPacket> packets;
    for (std::uint32_t k = 0; k < 400; ++k) {
        packets.push_back(packet(k, 0, 0, 1, flits));
    }
    const Run run = run_packets(plan, packets);
    const auto gap = run.packets[350].eject_tail - run.packets[50].eject_tail;
    return 300.0 * flits / static_cast<double>(gap);
}

} // namespace

TEST_CASE("A head crosses a router a cycle, and its tail is L - 1 cycles behind") {
    for (const std::uint32_t flits : {1U, 2U, 7U}) {
        const Run run = run_packets(mesh_plan(5, 3, bsg_wormhole_options()), all_pairs(15, flits));
        REQUIRE(run.packets.size() == 225);
        for (const noc::DeliveredPacket& p : run.packets) {
            const std::uint32_t hops = mesh_hops(5, p.packet.source, p.packet.destination);
            CHECK(p.hops == hops + 1);
            CHECK(p.inject_head == p.packet.created);
            CHECK(p.inject_tail == p.inject_head + flits - 1);
            CHECK(p.eject_head - p.inject_head == hops + 1);
            CHECK(p.eject_tail - p.eject_head == flits - 1);
            CHECK(p.flit_latency_sum == std::uint64_t(hops + 1) * flits);
        }
    }
}

TEST_CASE("Links and output FIFOs add their cycles, whatever the flow control") {
    for (const std::uint32_t latency : {0U, 1U, 3U}) {
        for (const std::uint32_t output_fifo : {0U, 2U}) {
            for (const FlowControl flow : {FlowControl::ready_valid, FlowControl::credit}) {
                noc::RouterOptions options = bsg_wormhole_options();
                options.wormhole.output_fifo_flits = output_fifo;
                options.wormhole.flow_control = flow;
                options.wormhole.input_fifo_flits = 8; // enough for the credit loop of 8 cycles
                const Run run = run_packets(mesh_plan(3, 3, options, latency), all_pairs(9, 4));
                for (const noc::DeliveredPacket& p : run.packets) {
                    const std::uint32_t links = mesh_hops(3, p.packet.source, p.packet.destination);
                    const std::uint32_t routers = links + 1;
                    CHECK(p.eject_head - p.inject_head == routers * (output_fifo > 0 ? 2 : 1) + links * latency);
                    CHECK(p.eject_tail - p.eject_head == 3);
                }
            }
        }
    }
}

TEST_CASE("A channel to a sink has its own latency") {
    noc::NetworkPlan plan = mesh_plan(2, 1, bsg_wormhole_options());
    plan.routers[1].ports[port_p].latency_cycles = 5;
    const Run run = run_packets(plan, {packet(0, 10, 0, 1, 2)});
    CHECK(run.packets[0].eject_head == 10 + 2 + 5);
    CHECK(run.packets[0].eject_tail == 10 + 2 + 5 + 1);
    CHECK(run.hops.back().cycle == 13); // the tail left the last router
}

TEST_CASE("Relay stations pass a flit every cycle, however long the link") {
    CHECK(stream_rate(mesh_plan(2, 1, bsg_mesh_options(), 0), 1) == 1.0);
    CHECK(stream_rate(mesh_plan(2, 1, bsg_mesh_options(), 1), 1) == 1.0);
    CHECK(stream_rate(mesh_plan(2, 1, bsg_mesh_options(), 9), 3) == 1.0);
}

TEST_CASE("A buffer of one flit passes one in two cycles") {
    noc::RouterOptions options = bsg_mesh_options();
    options.wormhole.input_fifo_flits = 1;
    CHECK(stream_rate(mesh_plan(2, 1, options), 1) == 0.5);
    options.wormhole.input_fifo_flits = 2;
    options.wormhole.output_fifo_flits = 1;
    CHECK(stream_rate(mesh_plan(2, 1, options), 1) == 0.5);
    options.wormhole.output_fifo_flits = 2;
    CHECK(stream_rate(mesh_plan(2, 1, options), 1) == 1.0);
}

TEST_CASE("A credit loop passes as many flits as credits in its time") {
    for (const std::uint32_t latency : {0U, 1U, 4U}) {
        for (const std::uint32_t delay : {0U, 1U, 3U}) {
            for (const std::uint32_t fifo : {1U, 2U, 5U}) {
                noc::RouterOptions options = bsg_mesh_options();
                options.wormhole.flow_control = FlowControl::credit;
                options.wormhole.credit_delay_cycles = delay;
                options.wormhole.input_fifo_flits = fifo;
                const std::uint32_t loop = 1 + 2 * latency + std::max(1U, delay);
                // The source's wire into the first FIFO passes min(1, fifo / 2).
                const double expected =
                    std::min({1.0, static_cast<double>(fifo) / 2, static_cast<double>(fifo) / loop});
                INFO("latency " << latency << ", delay " << delay << ", FIFO " << fifo);
                CHECK(stream_rate(mesh_plan(2, 1, options, latency), 1) == Approx(expected).epsilon(0.005));
            }
        }
    }
}

TEST_CASE("A slow link passes a flit an interval, with both flow controls") {
    for (const FlowControl flow : {FlowControl::ready_valid, FlowControl::credit}) {
        noc::RouterOptions options = bsg_wormhole_options();
        options.wormhole.flow_control = flow;
        options.wormhole.input_fifo_flits = 4;
        noc::NetworkPlan plan = mesh_plan(2, 1, options);
        plan.routers[0].ports[port_e].interval_numerator = 5;
        plan.routers[0].ports[port_e].interval_denominator = 2;
        CHECK(stream_rate(plan, 2) == Approx(0.4).epsilon(0.002));
        const Run run = run_packets(plan, {packet(0, 100, 0, 1, 5)});
        std::vector<std::uint64_t> departures;
        for (const noc::FlitHop& hop : run.hops) {
            if (hop.router == 0) {
                departures.push_back(hop.cycle - 101);
            }
        }
        CHECK(departures == std::vector<std::uint64_t>{0, 3, 5, 8, 10});
    }
}

TEST_CASE("A sink that stalls refuses flits in its cycles, and loses none") {
    const noc::SinkOptions sink{8, 3, 3, 8};
    const noc::NetworkPlan plan = mesh_plan(4, 4, bsg_wormhole_options());
    const Run run = run_packets(plan, uniform_traffic(16, 0.4, 2000, 1, 4, 5), sink);
    std::uint64_t ejections = 0;
    for (const noc::FlitHop& hop : run.hops) {
        if (hop.port == port_p) {
            ++ejections;
            CHECK((hop.cycle + 3 * hop.router) % 8 >= 3);
        }
    }
    CHECK(ejections > 10'000);
    const Run free = run_packets(plan, uniform_traffic(16, 0.4, 2000, 1, 4, 5));
    CHECK(different_packets(run, free) > run.packets.size() / 2);
}

TEST_CASE("Packets of a pair arrive in the order in which they were offered") {
    for (const bool lock : {true, false}) {
        noc::RouterOptions options = bsg_wormhole_options();
        options.wormhole.packet_lock = lock;
        const Run run = run_packets(mesh_plan(4, 4, options), uniform_traffic(16, 0.8, 1500, 1, 5, 9));
        std::map<std::pair<EndpointId, EndpointId>, std::uint64_t> last;
        for (const noc::DeliveredPacket& p : run.packets) {
            std::uint64_t& before = last[{p.packet.source, p.packet.destination}];
            CHECK(p.eject_head > before);
            CHECK(p.eject_tail >= p.eject_head + p.packet.flits - 1);
            before = p.eject_tail;
        }
    }
}

TEST_CASE("Flits of packets mix on a link only without a packet lock") {
    for (const bool lock : {true, false}) {
        noc::RouterOptions options = bsg_wormhole_options();
        options.wormhole.packet_lock = lock;
        const Run run = run_packets(mesh_plan(4, 4, options), uniform_traffic(16, 0.5, 1000, 1, 4, 3));
        std::map<std::pair<std::uint32_t, std::uint32_t>, noc::FlitHop> last;
        std::uint64_t mixed = 0;
        for (const noc::FlitHop& hop : run.hops) {
            noc::FlitHop& before = last.try_emplace({hop.router, hop.port}, hop).first->second;
            const bool unfinished = before.flit + 1 < run.packets[before.packet].packet.flits;
            mixed += unfinished && hop.packet != before.packet ? 1 : 0;
            before = hop;
        }
        CHECK((mixed == 0) == lock);
    }
}

TEST_CASE("A network at rest asks for no cycle, and one packet for as many as it takes") {
    const noc::NetworkPlan plan = mesh_plan(8, 8, bsg_wormhole_options());
    const auto engine = noc::make_wormhole_engine(plan, {});
    CHECK(engine->next_cycle(0) == UINT64_MAX);
    const Run run = run_packets(*engine, {packet(0, 5, 0, 63, 4), packet(1, 5'000'000'000, 63, 0, 4)}, 6'000'000'000);
    CHECK(run.ticks == 2 * (14 + 1 + 4));
    CHECK(engine->next_cycle(6'000'000'000) == UINT64_MAX);
    CHECK(run.packets[1].eject_tail == 5'000'000'000 + 15 + 3);
    CHECK(engine->flit_hops() == 2 * 15 * 4);
    CHECK(engine->ejected_flits() == 8);
    CHECK(engine->last_progress() == run.packets[1].eject_tail);
}
