// Uniform random traffic against published BookSim 2 results for the same network, buffers and pipeline.
#include "tests/noc/rig.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::tests;

namespace {

struct Outcome {
    double latency = 0; ///< mean, of packets created in the measured window
    double accepted = 0;
};

Outcome run_uniform(const config::SystemConfig& system, std::uint32_t link_cycles, double load, std::uint32_t flits,
                    std::uint64_t warmup, std::uint64_t measured, std::uint64_t seed) {
    Rig rig(system, link_cycles);
    double sum = 0;
    std::uint64_t arrived = 0;
    std::uint64_t created = 0;
    std::uint64_t accepted_flits = 0;
    const auto in_window = [&](std::uint64_t cycle) { return cycle >= warmup && cycle < warmup + measured; };
    rig.on_arrival = [&](const Rig::Arrival& arrival) {
        if (in_window(arrival.created)) {
            sum += static_cast<double>(arrival.cycle - arrival.created);
            ++arrived;
        }
        accepted_flits += in_window(arrival.cycle) ? arrival.packet.flits : 0;
    };
    std::mt19937_64 random(seed);
    std::bernoulli_distribution coin(load / flits);
    const std::uint32_t nodes = rig.plan.endpoint_count();
    while (rig.cycle < warmup + measured || (arrived < created && rig.cycle < 2 * (warmup + measured))) {
        for (std::uint32_t node = 0; node < nodes; ++node) {
            if (coin(random)) {
                rig.offer(static_cast<EndpointId>(node), static_cast<EndpointId>(random() % nodes), flits);
                created += in_window(rig.cycle) ? 1 : 0;
            }
        }
        rig.step();
    }
    return {sum / static_cast<double>(arrived),
            static_cast<double>(accepted_flits) / static_cast<double>(nodes) / static_cast<double>(measured)};
}

struct Point {
    double load = 0;
    double latency = 0; ///< avg_packet_latency
    double tolerance = 0;
};

void check_points(const config::SystemConfig& system, std::uint32_t link_cycles, std::uint32_t flits,
                  std::uint64_t warmup, std::uint64_t measured, const std::vector<Point>& points) {
    for (const Point& point : points) {
        double latency = 0;
        for (const std::uint64_t seed : {1, 2}) {
            latency += run_uniform(system, link_cycles, point.load, flits, warmup, measured, seed).latency / 2;
        }
        INFO("load " << point.load << ", packets of " << flits);
        CHECK(latency == Approx(point.latency).epsilon(point.tolerance));
    }
}

config::SystemConfig mesh8() {
    config::SystemConfig system = make_mesh(8, 8);
    use_one_class(system, 4, 8);
    return system;
}

} // namespace

TEST_CASE("8x8 mesh, uniform traffic, single-flit packets: BookSim 2's latencies") {
    check_points(mesh8(), 1, 1, 1500, 10'000,
                 {{0.02, 27.016, 0.01}, {0.1, 27.246, 0.01}, {0.2, 27.881, 0.01}, {0.3, 29.517, 0.01}});
    check_points(mesh8(), 1, 1, 3000, 10'000, {{0.38, 34.863, 0.03}});
}

TEST_CASE("8x8 mesh, uniform traffic, 8-flit packets: BookSim 2's latencies") {
    check_points(mesh8(), 1, 8, 2000, 15'000,
                 {{0.02, 34.579, 0.015}, {0.1, 37.335, 0.01}, {0.2, 43.625, 0.015}, {0.3, 56.876, 0.02}});
}

TEST_CASE("8x8 mesh beyond saturation: BookSim 2's accepted rates") {
    CHECK(run_uniform(mesh8(), 1, 1.0, 1, 3000, 3000, 1).accepted == Approx(0.38038).epsilon(0.03));
    CHECK(run_uniform(mesh8(), 1, 1.0, 8, 6000, 5000, 1).accepted == Approx(0.39152).epsilon(0.03));
}

TEST_CASE("8 routers in a line over two dies, the D2D link of 6 cycles: BookSim 2's latencies") {
    config::SystemConfig system = make_die_grid(2, 1, 4, 1);
    use_one_class(system, 4, 8);
    check_points(system, 6, 1, 4000, 40'000, {{0.02, 19.010, 0.01}, {0.2, 19.404, 0.01}, {0.35, 21.086, 0.01}});
    check_points(system, 6, 8, 4000, 60'000, {{0.02, 26.185, 0.02}, {0.2, 32.438, 0.02}});
}
