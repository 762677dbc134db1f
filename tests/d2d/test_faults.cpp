// Lanes that fail, and links that go down.
#include "tests/d2d/link_text.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using d2d::SlotUse;
using tests::link_with;
using tests::run_with;

TEST_CASE("spare lanes repair; beyond them a module degrades to half its width, and then to nothing") {
    const d2d::LinkConfig advanced = d2d::link_of_standard(*d2d::find_standard("ucie_advanced"));
    CHECK(d2d::lanes_left(advanced, 0) == 64);
    CHECK(d2d::lanes_left(advanced, 4) == 64);
    CHECK(d2d::lanes_left(advanced, 5) == 32);
    CHECK(d2d::lanes_left(advanced, 36) == 32);
    CHECK(d2d::lanes_left(advanced, 37) == 0);
    const d2d::LinkConfig standard = d2d::link_of_standard(*d2d::find_standard("ucie_standard"));
    CHECK(d2d::lanes_left(standard, 0) == 16);
    CHECK(d2d::lanes_left(standard, 1) == 8);
    CHECK(d2d::lanes_left(standard, 9) == 0);
}

TEST_CASE("a repaired link keeps its rate, a degraded one has half of it") {
    CHECK(run_with({"link.failed_lanes=4"}).payload_bytes_per_s() == Approx(240e9).epsilon(0.005));
    CHECK(run_with({"link.failed_lanes=5"}).payload_bytes_per_s() == Approx(120e9).epsilon(0.005));
}

TEST_CASE("lanes that fail while data flows: the link trains, replays what was damaged, and goes on") {
    // 10 us at full rate, 1 us of training, the rest at half rate; 240 bytes a ns before.
    const auto report = run_with({"link.failing_lanes=6", "link.failure_time=10.0003 us", "link.training_time=1 us",
                                  "traffic.packet_bytes=240", "traffic.packets=20000"});
    CHECK_FALSE(report.down);
    CHECK(report.directions[0].delivered == 20'000);
    CHECK(report.directions[0].out_of_order == 0);
    CHECK(report.directions[0].counters.damaged == 1);
    CHECK(report.directions[0].counters.time[static_cast<std::size_t>(SlotUse::training)] >= Picoseconds(999'000));
    CHECK(static_cast<double>(report.end.count()) == Approx(10'000'000 + 1'000'000 + 2 * 10'000'000).epsilon(0.005));
    // Repaired by spares: only the training costs.
    const auto repaired = run_with(
        {"link.failing_lanes=4", "link.failure_time=10 us", "traffic.packet_bytes=240", "traffic.packets=20000"});
    CHECK(static_cast<double>(repaired.end.count()) == Approx(21'000'000).epsilon(0.005));
}

TEST_CASE("a link that loses too many lanes is down, and says so") {
    const auto report = run_with({"link.failing_lanes=50", "link.failure_time=10 us"});
    CHECK(report.down);
    CHECK(report.directions[0].delivered < 100'000);
    CHECK(report.directions[0].delivered > 30'000);
    CHECK(report.end >= Picoseconds(10'000'000));
}

TEST_CASE("a link whose replays never get through is down in the end") {
    const auto report = run_with({"link.ber=1e-3", "link.retry_limit=3", "link.tx_phy=50 ns"});
    CHECK(report.down);
    CHECK(report.directions[0].delivered < 100'000);
}

TEST_CASE("a packet offered long after lanes failed on an idle link takes the narrower slot") {
    const d2d::LoadedLink link = link_with({"link.failing_lanes=5", "link.failure_time=1 us"});
    const std::vector<d2d::FilePacket> packets{{0, Picoseconds(0), 64, 0}, {1, Picoseconds(50'000'000), 64, 0}};
    const auto report = d2d::run_link(link, packets, true);
    CHECK((report.packets[0].ejected - report.packets[0].injected).count() == 3'014);
    CHECK((report.packets[1].ejected - report.packets[1].injected).count() == 4'014);
    CHECK(report.packets[1].injected == Picoseconds(50'000'000));
}

TEST_CASE("without retry, errors lose packets and are counted") {
    const auto report = run_with({"link.retry=false", "link.ber=1e-5"});
    CHECK(report.directions[0].lost > 500);
    CHECK(report.directions[0].delivered + report.directions[0].lost == 100'000);
    CHECK(report.directions[0].out_of_order == 0);
    CHECK(report.directions[0].counters.flits[3] == 0);
    // 64-byte packets in 240-byte payloads: a damaged d2d_flit takes 4.73 packets with it on average
    // ((240 + 64 - gcd(240, 64)) / 64 with both cut ones).
    const double per_flit =
        static_cast<double>(report.directions[0].lost) / static_cast<double>(report.directions[0].counters.damaged);
    CHECK(per_flit == Approx((240.0 + 64 - 16) / 64).epsilon(0.08));
}
