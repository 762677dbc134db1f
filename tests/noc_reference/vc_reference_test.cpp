// The pin-level reference of the vc router, alone: latencies and rates that follow from its specification on paper, and
// BookSim 2's figures for the same cases.
#include "drive.hpp"
#include "noc/reference/reference_network.hpp"
#include "plan_builder.hpp"

#include <catch2/catch.hpp>
#include <memory>

using namespace intarsia;
using namespace intarsia::tests;

namespace {

noc::TrafficPacket packet(std::uint64_t id, std::uint64_t created, std::uint32_t source, std::uint32_t destination,
                          std::uint32_t flits) {
    noc::TrafficPacket p;
    p.id = id;
    p.created = created;
    p.source = static_cast<EndpointId>(source);
    p.destination = static_cast<EndpointId>(destination);
    p.flits = flits;
    return p;
}

/// A line of routers with one endpoint each; `latencies` of the links between them.
PlanBuilder line(const std::vector<std::uint32_t>& latencies, std::uint32_t vcs, std::uint32_t buffer_flits) {
    PlanBuilder builder(static_cast<std::uint32_t>(latencies.size() + 1), vcs);
    const ChannelFigures local{1, 1, 1, buffer_flits};
    for (std::uint32_t r = 0; r <= latencies.size(); ++r) {
        builder.add_endpoint(r, local);
    }
    for (std::uint32_t r = 0; r < latencies.size(); ++r) {
        builder.connect(r, r + 1, {latencies[r], 1, 1, buffer_flits});
    }
    builder.route_shortest();
    return builder;
}

std::uint64_t latency_of_one(const noc::NetworkPlan& plan, std::uint32_t source, std::uint32_t destination,
                             std::uint32_t flits) {
    const auto network = noc::reference::make_reference_network(plan, {});
    const DriveResult result = drive(*network, {packet(5, 3, source, destination, flits)}, {});
    REQUIRE(result.drained);
    network->audit();
    return result.delivered.at(5).eject_tail - 3;
}

/// Accepted flits per node and cycle when both nodes of two joined routers send to each other as fast as they can.
double accepted_rate(std::uint32_t vcs, std::uint32_t buffer_flits, std::uint32_t credit_delay, std::uint32_t flits) {
    PlanBuilder builder = line({1}, vcs, buffer_flits);
    builder.plan().router.vc.credit_delay_cycles = credit_delay;
    const std::uint64_t warmup = 2'000;
    const std::uint64_t measured = 12'600; // a multiple of 5, 6, 7 and 9
    std::vector<noc::TrafficPacket> packets;
    for (std::uint64_t k = 0; k < (warmup + measured) / flits + 1; ++k) {
        packets.push_back(packet(2 * k, 0, 0, 1, flits));
        packets.push_back(packet(2 * k + 1, 0, 1, 0, flits));
    }
    const auto network = noc::reference::make_reference_network(builder.plan(), {});
    DriveOptions until;
    until.exactly = true;
    until.limit = warmup;
    drive(*network, packets, until);
    const std::uint64_t before = network->ejected_flits();
    for (std::uint64_t cycle = warmup; cycle < warmup + measured; ++cycle) {
        network->tick(cycle);
    }
    return static_cast<double>(network->ejected_flits() - before) / (2.0 * static_cast<double>(measured));
}

} // namespace

TEST_CASE("a flit alone takes 2 + 4 R + sum(L - 1) + (P - 1) cycles") {
    PlanBuilder builder = line({1, 3, 6, 2, 1}, 4, 8);
    for (std::uint32_t source = 0; source < 6; ++source) {
        for (std::uint32_t destination = 0; destination < 6; ++destination) {
            for (const std::uint32_t flits : {1U, 2U, 8U}) {
                const std::vector<std::uint32_t> latencies = {1, 3, 6, 2, 1};
                std::uint64_t expected = 2 + (flits - 1);
                for (std::uint32_t r = std::min(source, destination); r < std::max(source, destination); ++r) {
                    expected += 4 + latencies[r] - 1;
                }
                expected += 4;
                CHECK(latency_of_one(builder.plan(), source, destination, flits) == expected);
            }
        }
    }
}

TEST_CASE("each delay of the pipeline adds its cycles at each router") {
    PlanBuilder builder = line({1, 1, 1}, 2, 8);
    const std::uint64_t base = latency_of_one(builder.plan(), 0, 3, 1);
    CHECK(base == 2 + 4 * 4);
    noc::VcRouterOptions& options = builder.plan().router.vc;
    options.route_delay = 2;
    CHECK(latency_of_one(builder.plan(), 0, 3, 1) == base + 4 * 2);
    options.vc_alloc_delay = 3;
    CHECK(latency_of_one(builder.plan(), 0, 3, 1) == base + 4 * (2 + 2));
    options.switch_alloc_delay = 2;
    CHECK(latency_of_one(builder.plan(), 0, 3, 1) == base + 4 * (2 + 2 + 1));
    options.traversal_delay = 4;
    CHECK(latency_of_one(builder.plan(), 0, 3, 1) == base + 4 * (2 + 2 + 1 + 3));
    options = {};
    options.speculative = true;
    // The switch is asked for together with the virtual channel.
    CHECK(latency_of_one(builder.plan(), 0, 3, 1) == base - 4);
}

TEST_CASE("the credit loop gives BookSim 2's rates") {
    // Body flits: a slot is usable 5 + credit delay cycles after the grant that used it.
    CHECK(accepted_rate(1, 1, 1, 200) == Approx(0.1665).margin(0.0005));
    CHECK(accepted_rate(1, 2, 1, 200) == Approx(0.3328).margin(0.0005));
    CHECK(accepted_rate(1, 3, 1, 200) == Approx(0.4994).margin(0.0005));
    CHECK(accepted_rate(1, 4, 1, 200) == Approx(0.6645).margin(0.0005));
    CHECK(accepted_rate(1, 5, 1, 200) == Approx(0.8299).margin(0.0005));
    CHECK(accepted_rate(1, 4, 0, 200) == Approx(0.7968).margin(0.0005));
    CHECK(accepted_rate(1, 4, 2, 200) == Approx(0.5699).margin(0.0005));
    // Packets of one flit spend one cycle more on a virtual channel.
    CHECK(accepted_rate(1, 1, 1, 1) == Approx(1.0 / 7).margin(0.00005));
    CHECK(accepted_rate(1, 2, 1, 1) == Approx(2.0 / 7).margin(0.00005));
}

TEST_CASE("the turnaround of virtual channels gives BookSim 2's rates") {
    CHECK(accepted_rate(1, 8, 1, 1) == Approx(0.5));
    CHECK(accepted_rate(2, 8, 1, 1) == Approx(1.0));
    CHECK(accepted_rate(2, 1, 1, 1) == Approx(2.0 / 7).margin(0.00005));
    CHECK(accepted_rate(4, 1, 1, 1) == Approx(0.5));
    CHECK(accepted_rate(1, 8, 1, 8) == Approx(8.0 / 9).margin(0.00005));
}
