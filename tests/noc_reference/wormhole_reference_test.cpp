// The pin-level reference of the wormhole router, alone: closed forms, and the traces of the RTL that it stands for.
#include "drive.hpp"
#include "noc/reference/reference_network.hpp"
#include "plan_builder.hpp"
#include "tests/reference.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>

using namespace intarsia;
using namespace intarsia::tests;

namespace {

using FlowControl = noc::WormholeRouterOptions::FlowControl;

/// Ports in the order P, W, E, N, S (those over the border left out), y grows to the south, x first.
PlanBuilder mesh(std::uint32_t columns, std::uint32_t rows, std::uint32_t latency) {
    PlanBuilder builder(columns * rows);
    const ChannelFigures wires{0, 1, 1, 2};
    const ChannelFigures link{latency, 1, 1, 2};
    for (std::uint32_t r = 0; r < columns * rows; ++r) {
        builder.add_endpoint(r, wires);
    }
    for (std::uint32_t r = 0; r < columns * rows; ++r) {
        if (r % columns + 1 < columns) {
            builder.connect(r, r + 1, link);
        }
    }
    for (std::uint32_t r = 0; r + columns < columns * rows; ++r) {
        builder.connect(r, r + columns, link);
    }
    builder.route_shortest();
    builder.drop_unused_entries();
    builder.plan().router.model = noc::RouterModel::wormhole;
    return builder;
}

noc::WormholeRouterOptions bsg_mesh_router() {
    noc::WormholeRouterOptions options;
    options.arbiter.order = noc::WormholeArbiter::Order::decreasing;
    options.arbiter.reset = noc::WormholeArbiter::Reset::highest;
    return options;
}

noc::WormholeRouterOptions bsg_wormhole_router() {
    noc::WormholeRouterOptions options;
    options.arbiter.reset = noc::WormholeArbiter::Reset::after_lowest;
    return options;
}

std::vector<std::vector<std::string>> read_csv(const std::string& path) {
    std::ifstream file(path);
    INFO(path);
    REQUIRE(file.good());
    std::vector<std::vector<std::string>> rows;
    std::string line;
    std::getline(file, line); // names of columns
    while (std::getline(file, line)) {
        std::istringstream fields(line);
        rows.emplace_back();
        for (std::string field; std::getline(fields, field, ',');) {
            rows.back().push_back(field);
        }
    }
    return rows;
}

noc::TrafficPacket packet_of(const std::vector<std::string>& row) {
    noc::TrafficPacket packet;
    packet.id = std::stoull(row.at(0));
    packet.source = static_cast<EndpointId>(std::stoul(row.at(1)));
    packet.destination = static_cast<EndpointId>(std::stoul(row.at(2)));
    packet.flits = static_cast<std::uint32_t>(std::stoul(row.at(3)));
    packet.created = std::stoull(row.at(4));
    return packet;
}

DriveResult replay(const std::string& folder, const noc::WormholeRouterOptions& options) {
    std::vector<noc::TrafficPacket> packets;
    for (const std::vector<std::string>& row : read_csv(folder + "/stimulus.csv")) {
        packets.push_back(packet_of(row));
    }
    std::stable_sort(packets.begin(), packets.end(),
                     [](const noc::TrafficPacket& a, const noc::TrafficPacket& b) { return a.created < b.created; });
    PlanBuilder builder = mesh(4, 4, 0);
    builder.plan().router.wormhole = options;
    const auto network = noc::reference::make_reference_network(builder.plan(), {});
    DriveOptions until;
    until.limit = 1'000'000;
    DriveResult result = drive(*network, packets, until);
    REQUIRE(result.drained);
    network->audit();
    return result;
}

std::uint64_t different_packets(const std::string& folder, const DriveResult& found) {
    const std::vector<std::vector<std::string>> rows = read_csv(folder + "/expected.csv");
    REQUIRE(rows.size() == found.delivered.size());
    std::uint64_t different = 0;
    for (const std::vector<std::string>& row : rows) {
        const noc::DeliveredPacket& p = found.delivered.at(std::stoull(row.at(0)));
        different += p.inject_head != std::stoull(row.at(5)) || p.inject_tail != std::stoull(row.at(6)) ||
                             p.eject_head != std::stoull(row.at(7)) || p.eject_tail != std::stoull(row.at(8))
                         ? 1
                         : 0;
    }
    return different;
}

/// "P", "W", "E", "N" or "S" in a mesh of four columns.
std::string direction(const noc::NetworkPlan& plan, std::uint32_t router, std::uint32_t port) {
    const noc::NetworkPort& by = plan.routers[router].ports[port];
    if (by.use == noc::PortUse::endpoint) {
        return "P";
    }
    if (by.to.router / 4 == router / 4) {
        return by.to.router > router ? "E" : "W";
    }
    return by.to.router > router ? "S" : "N";
}

} // namespace

TEST_CASE("a wormhole head takes a cycle a router, and what links and output FIFOs add") {
    for (const std::uint32_t latency : {0U, 1U, 3U}) {
        for (const std::uint32_t output_fifo : {0U, 2U}) {
            for (const FlowControl flow : {FlowControl::ready_valid, FlowControl::credit}) {
                PlanBuilder builder = mesh(3, 2, latency);
                noc::WormholeRouterOptions& options = builder.plan().router.wormhole;
                options.flow_control = flow;
                options.output_fifo_flits = output_fifo;
                options.input_fifo_flits = 8; // enough for the credit loop of 8 cycles
                noc::TrafficPacket packet;
                packet.created = 4;
                packet.flits = 5;
                packet.source = 0;
                packet.destination = 5; // over three links
                const auto network = noc::reference::make_reference_network(builder.plan(), {});
                const DriveResult result = drive(*network, {packet}, {});
                const noc::DeliveredPacket& arrived = result.delivered.at(0);
                const std::uint64_t routers = 4;
                CHECK(arrived.hops == routers);
                CHECK(arrived.inject_head == 4);
                CHECK(arrived.inject_tail == 4 + 4);
                CHECK(arrived.eject_head - arrived.inject_head == (output_fifo > 0 ? 2 : 1) * routers + 3 * latency);
                CHECK(arrived.eject_tail - arrived.eject_head == 4);
                CHECK(result.hops.size() == routers * 5);
                network->audit();
            }
        }
    }
}

TEST_CASE("the reference gives the BaseJump STL mesh router's traces", "[reference]") {
    for (const char* name : {"zeroload", "uniform_010", "uniform_090", "streams"}) {
        const auto folder = reference_path(std::string("rtl/bsg_mesh_4x4/") + name);
        if (!folder) {
            return;
        }
        INFO(name);
        CHECK(different_packets(*folder, replay(*folder, bsg_mesh_router())) == 0);
    }
}

TEST_CASE("the reference gives every hop of the BaseJump STL mesh router's streams", "[reference]") {
    const auto folder = reference_path("rtl/bsg_mesh_4x4/streams");
    if (!folder) {
        return;
    }
    const PlanBuilder builder = mesh(4, 4, 0);
    std::vector<std::vector<std::string>> hops;
    for (const noc::FlitHop& hop : replay(*folder, bsg_mesh_router()).hops) {
        hops.push_back({std::to_string(hop.cycle), std::to_string(hop.router),
                        direction(builder.plan(), hop.router, hop.port), std::to_string(hop.packet),
                        std::to_string(hop.flit)});
    }
    std::vector<std::vector<std::string>> expected = read_csv(*folder + "/hops.csv");
    std::sort(hops.begin(), hops.end());
    std::sort(expected.begin(), expected.end());
    CHECK(hops.size() == expected.size());
    CHECK(hops == expected);
}

TEST_CASE("the reference gives the BaseJump STL wormhole router's traces", "[reference]") {
    for (const char* name : {"zeroload", "uniform_010_len1to4"}) {
        const auto folder = reference_path(std::string("rtl/bsg_wormhole_4x4/") + name);
        if (!folder) {
            return;
        }
        INFO(name);
        CHECK(different_packets(*folder, replay(*folder, bsg_wormhole_router())) == 0);
        noc::WormholeRouterOptions wrong = bsg_wormhole_router();
        wrong.input_fifo_flits = 3;
        wrong.arbiter.order = noc::WormholeArbiter::Order::fixed;
        // One packet at a time cannot tell them apart; many can.
        CHECK((different_packets(*folder, replay(*folder, wrong)) > 0) == (std::string(name) != "zeroload"));
    }
}
