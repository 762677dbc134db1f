#include "noc/standalone/point.hpp"
#include "noc/standalone/zero_load.hpp"
#include "tests/noc_standalone/fake_network.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

using namespace intarsia;
using namespace intarsia::noc::standalone;
using tests::FakeNetwork;

namespace {

NetworkSetup fake_setup(std::uint32_t nodes, FakeNetwork::Behaviour behaviour = {}, std::uint32_t classes = 1) {
    NetworkSetup setup;
    setup.plan = tests::fake_plan(nodes, classes);
    setup.grid = {nodes, {nodes}};
    setup.traffic.warmup_cycles = 500;
    setup.traffic.measure_cycles = 4'000;
    setup.make = [behaviour](const noc::NetworkPlan& plan, const noc::SinkOptions&) {
        return std::make_unique<FakeNetwork>(plan, behaviour);
    };
    return setup;
}

double zero_load(const NetworkSetup& setup) {
    return zero_load_latency(setup, lone_packets(setup));
}

} // namespace

TEST_CASE("Zero-load latency comes from the engine, packet by packet") {
    NetworkSetup setup = fake_setup(5);
    CHECK(zero_load(setup) == Approx(10));
    setup.traffic.packet_flits.parts = {{1, 1}, {5, 3}};
    CHECK(zero_load(setup) == Approx(10 + 0.75 * 4));
    setup.traffic.request_reply = true;
    setup.traffic.reply_flits.parts = {{9, 1}};
    CHECK(zero_load(setup) == Approx((13 + 18) / 2.0));
}

TEST_CASE("Zero-load latency of many nodes is taken from a sample") {
    NetworkSetup setup = fake_setup(300);
    CHECK(lone_packets(setup).size() == most_lone_packets);
    CHECK(zero_load(setup) == Approx(10));
}

TEST_CASE("A network with latency only gives exactly that") {
    const NetworkSetup setup = fake_setup(16);
    const PointFigures point = run_point(setup, 0.3, zero_load(setup));
    CHECK(point.packet_latency.mean == Approx(10));
    CHECK(point.packet_latency.min == 10);
    CHECK(point.packet_latency.max == 10);
    CHECK(point.network_latency.p99 == 10);
    CHECK(point.flit_latency_mean == Approx(10));
    CHECK(point.hops_mean == 1);
    CHECK(point.stable);
    CHECK(point.offered == Approx(0.3).epsilon(0.02));
    CHECK(point.packets == static_cast<std::uint64_t>(std::llround(point.offered * 16 * 4'000)));
    CHECK(point.unfinished_packets == 0);
    CHECK(point.window_cycles == 4'000);
    CHECK(point.simulated_cycles >= 4'500);
    CHECK(point.simulated_cycles <= 4'510);
    double utilisation = 0;
    for (const OutputFigures& output : point.outputs) {
        utilisation += output.utilisation / 16;
        CHECK(output.counters.no_credit == 2 * output.counters.flits.front());
    }
    CHECK(utilisation == Approx(point.accepted));
}

TEST_CASE("Counters are cut at the ends of the window, not at packets") {
    // One packet every 1000 cycles or so: nothing happens at the window's ends.
    NetworkSetup setup = fake_setup(2);
    setup.traffic.warmup_cycles = 100'000;
    setup.traffic.measure_cycles = 1'000'000;
    std::vector<noc::DeliveredPacket> packets;
    const PointFigures point = run_point(setup, 0.001, 10, {&packets, nullptr});
    std::uint64_t arrived = 0;
    std::uint64_t measured = 0;
    for (const noc::DeliveredPacket& packet : packets) {
        arrived += packet.eject_tail >= 100'000 && packet.eject_tail < 1'100'000 ? 1 : 0;
        measured += packet.packet.created >= 100'000 && packet.packet.created < 1'100'000 ? 1 : 0;
    }
    CHECK(point.accepted == Approx(static_cast<double>(arrived) / 2e6).epsilon(1e-12));
    CHECK(point.packets == measured);
}

TEST_CASE("Idle cycles are not ticked") {
    FakeNetwork* engine = nullptr;
    std::uint64_t ticks = 0;
    NetworkSetup setup = fake_setup(4);
    setup.traffic.measure_cycles = 100'000'000;
    struct Counting : FakeNetwork {
        Counting(const noc::NetworkPlan& plan, std::uint64_t* sum) : FakeNetwork(plan, {}), sum_(sum) {}
        ~Counting() override { *sum_ += ticks(); }
        std::uint64_t* sum_;
    };
    setup.make = [&](const noc::NetworkPlan& plan, const noc::SinkOptions&) {
        auto made = std::make_unique<Counting>(plan, &ticks);
        engine = made.get();
        return made;
    };
    const PointFigures point = run_point(setup, 1e-6, 10);
    REQUIRE(engine != nullptr);
    CHECK(point.packets > 200);
    CHECK(ticks <= 2 * (point.packets + 20));
}

TEST_CASE("Beyond saturation a point is given up, and its accepted rate stays right") {
    NetworkSetup setup = fake_setup(8, {10, 4, UINT64_MAX});
    const double zero = zero_load(setup);
    const PointFigures below = run_point(setup, 0.2, zero);
    CHECK(below.stable);
    CHECK(below.packet_latency.mean > 10);
    const PointFigures above = run_point(setup, 0.8, zero);
    CHECK_FALSE(above.stable);
    CHECK(above.unfinished_packets > 0);
    CHECK(above.accepted == Approx(0.25).epsilon(0.001));
    CHECK(above.simulated_cycles < 3 * 4'500);
    CHECK(is_stable(setup, 0.2, zero));
    CHECK_FALSE(is_stable(setup, 0.8, zero));
}

TEST_CASE("An overloaded point whose packets all arrive in time keeps its latencies") {
    // Just above saturation: the mean is between 3 and 10 times the zero-load latency.
    NetworkSetup setup = fake_setup(8, {10, 4, UINT64_MAX});
    setup.traffic.measure_cycles = 1'000;
    setup.traffic.warmup_cycles = 0;
    const PointFigures point = run_point(setup, 0.27, 10);
    CHECK(point.unfinished_packets == 0);
    CHECK(point.packet_latency.mean > 30);
    CHECK_FALSE(point.stable);
}

TEST_CASE("Whether a load is stable is the same, found out early or late") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        NetworkSetup setup = fake_setup(8, {10, 4, UINT64_MAX});
        setup.traffic.seed = seed;
        for (const double load : {0.1, 0.2, 0.22, 0.23, 0.24, 0.25, 0.26, 0.3, 1.0}) {
            INFO("seed " << seed << " load " << load);
            CHECK(is_stable(setup, load, 10) == run_point(setup, load, 10).stable);
        }
    }
}

TEST_CASE("Requests are answered in the cycle after they arrived") {
    NetworkSetup setup = fake_setup(4, {}, 2);
    setup.traffic.request_reply = true;
    setup.traffic.reply_flits.parts = {{3, 1}};
    std::vector<noc::DeliveredPacket> packets;
    const PointFigures point = run_point(setup, 0.05, 11, {&packets, nullptr});
    std::vector<noc::DeliveredPacket> replies;
    std::vector<noc::DeliveredPacket> requests;
    for (const noc::DeliveredPacket& packet : packets) {
        (packet.packet.message_class == 1 ? replies : requests).push_back(packet);
    }
    REQUIRE(replies.size() == requests.size());
    REQUIRE(requests.size() > 500);
    // Both in order of arrival; equal latencies keep the order from request to reply a node.
    for (std::uint32_t node = 0; node < 4; ++node) {
        std::vector<std::uint64_t> asked;
        std::vector<std::uint64_t> answered;
        for (const noc::DeliveredPacket& packet : requests) {
            if (packet.packet.destination == node) {
                asked.push_back(packet.eject_tail + 1);
            }
        }
        for (const noc::DeliveredPacket& packet : replies) {
            if (packet.packet.source == node) {
                CHECK(packet.packet.flits == 3);
                answered.push_back(packet.packet.created);
            }
        }
        std::sort(answered.begin(), answered.end());
        CHECK(asked == answered);
    }
    REQUIRE(point.classes.size() == 2);
    CHECK(point.classes[0].packets + point.classes[1].packets == point.packets);
    CHECK(point.classes[1].packet_latency.min == 12);
    CHECK(point.offered == Approx(0.05 * 4).epsilon(0.1));
}

TEST_CASE("The watchdog names the cycle since which nothing moved") {
    FakeNetwork::Behaviour behaviour;
    behaviour.swallow_after = 700;
    NetworkSetup setup = fake_setup(4, behaviour);
    setup.traffic.watchdog_cycles = 1'000;
    std::string text;
    try {
        (void)run_point(setup, 1.0, 10);
    } catch (const StuckError& error) {
        text = error.what();
    }
    INFO(text);
    CHECK(text.find("nothing has moved since cycle 699") != std::string::npos);
    CHECK(text.find("r0 waits for r1") != std::string::npos);
}

TEST_CASE("An idle network is no stuck one") {
    NetworkSetup setup = fake_setup(2);
    setup.traffic.watchdog_cycles = 100;
    setup.traffic.measure_cycles = 1'000'000;
    CHECK(run_point(setup, 0.0001, 10).stable);
}

TEST_CASE("Equal seeds give equal runs, other seeds others") {
    NetworkSetup setup = fake_setup(8, {10, 3, UINT64_MAX});
    const auto mean = [&] { return run_point(setup, 0.25, 10).packet_latency.mean; };
    const double first = mean();
    CHECK(mean() == first);
    setup.traffic.seed = 2;
    CHECK(mean() != first);
}

TEST_CASE("Packets of a file enter in the order of ids, and count from their creation") {
    NetworkSetup setup = fake_setup(3);
    // Packet 2 of node 1 was created before packet 1 of it, and has to wait for that.
    const std::vector<StimulusPacket> stimulus{{1, 100, 1, 1, 0, 0}, {2, 90, 2, 1, 2, 0}, {7, 50, 1, 0, 0, 0}};
    std::vector<noc::DeliveredPacket> packets;
    const PointFigures point = run_packets(setup, stimulus, {&packets, nullptr});
    std::map<std::uint64_t, noc::DeliveredPacket> by_id;
    for (const noc::DeliveredPacket& packet : packets) {
        by_id[packet.packet.id] = packet;
    }
    REQUIRE(by_id.size() == 3);
    CHECK(by_id[1].inject_head == 100);
    CHECK(by_id[2].packet.created == 90);
    CHECK(by_id[2].inject_head == 101);
    CHECK(by_id[2].eject_tail == 112);
    CHECK(by_id[7].eject_tail == 60);
    CHECK(point.packets == 3);
    CHECK(point.packet_latency.max == 22);
    CHECK(point.window_cycles == 63); // 50 to 112
    CHECK(point.accepted == Approx(4.0 / 3 / 63));
    CHECK(point.simulated_cycles == 113);
    CHECK(point.from_file);
}
