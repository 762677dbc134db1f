#include "models/framed_link_core.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <random>

using namespace intarsia;
using models::FramedLinkCore;

namespace {

config::D2dLinkConfig link_config() {
    config::D2dLinkConfig link;
    link.flit_format = "256B";
    link.flight_time = Picoseconds(14);
    link.tx_latency = Picoseconds(1'000);
    link.rx_latency = Picoseconds(1'500);
    return link;
}

LinkFlit flit(std::uint8_t vc, bool head, bool tail, Picoseconds created = Picoseconds(0)) {
    LinkFlit f;
    f.vc = vc;
    f.head = head;
    f.tail = tail;
    f.packet.journey = metrics::Journey(created);
    return f;
}

FramedLinkCore link_of(const config::D2dLinkConfig& config, std::uint32_t vcs, std::uint64_t seed = 1) {
    return FramedLinkCore(models::framed_link_parameters(config, 136, vcs, seed), 136, config.tx_buffer_flits);
}

} // namespace

TEST_CASE("a flit alone takes a slot of a d2d_flit and the latencies of both sides") {
    FramedLinkCore link = link_of(link_config(), 2);
    link.step(Picoseconds(0));
    CHECK(link.due() == never);
    link.accept(0, flit(1, true, true, Picoseconds(7'000)), Picoseconds(7'300));
    CHECK(link.due() == Picoseconds(7'300));
    link.step(Picoseconds(7'300));
    REQUIRE(link.departures.size() == 1);
    // 64 lanes x 32 GT/s: 256 bytes in 1 ns.
    CHECK(link.departures[0].arrival == Picoseconds(7'300 + 1'000 + 2'514));
    CHECK(link.departures[0].end == 0);
    REQUIRE(link.freed_space.size() == 1);
    CHECK(link.freed_space[0].due == Picoseconds(8'300));
    CHECK(link.freed_space[0].vc == 1);
    const metrics::Journey& journey = link.departures[0].flit.packet.journey;
    REQUIRE(journey.stages() == 2);
    CHECK(journey.leaf(0) == metrics::Leaf::d2d_serialisation);
    CHECK(journey.end_of(0) == Picoseconds(8'300));
    CHECK(journey.leaf(1) == metrics::Leaf::d2d_transit);
}

TEST_CASE("flits share a d2d_flit, and one that straddles two arrives with the second") {
    FramedLinkCore link = link_of(link_config(), 1);
    for (int i = 0; i < 3; ++i) {
        link.accept(0, flit(0, i == 0, i == 2), Picoseconds(0));
    }
    link.step(Picoseconds(0));
    REQUIRE(link.departures.size() == 1); // 136 of 240 bytes; 104 of the next
    link.step(Picoseconds(1'000));
    REQUIRE(link.departures.size() == 3);
    CHECK(link.departures[0].arrival == Picoseconds(3'514));
    CHECK(link.departures[1].arrival == Picoseconds(4'514));
    CHECK(link.departures[2].arrival == Picoseconds(4'514));
}

TEST_CASE("framed: without a credit a flit waits, and its journey says so") {
    config::D2dLinkConfig config = link_config();
    config.receive_buffer_flits = 1;
    FramedLinkCore link = link_of(config, 1);
    link.accept(0, flit(0, true, true), Picoseconds(0));
    link.accept(0, flit(0, true, true), Picoseconds(0));
    link.step(Picoseconds(0));
    REQUIRE(link.departures.size() == 1);
    while (link.due() < Picoseconds(20'000)) {
        link.step(link.due());
    }
    REQUIRE(link.departures.size() == 1);
    link.freed(1, 0, Picoseconds(20'000));
    while (link.departures.size() == 1) {
        REQUIRE(link.due() != never);
        link.step(link.due());
    }
    // The credit takes a d2d_flit of its own on the way back: 1 ns and 2.514 ns.
    CHECK(link.departures[1].arrival == Picoseconds(20'000 + 2 * 3'514));
    const metrics::Journey& journey = link.departures[1].flit.packet.journey;
    CHECK(journey.leaf(0) == metrics::Leaf::d2d_credit);
    CHECK(journey.end_of(0) == Picoseconds(23'514));
    CHECK(link.counters(0).credit_blocked_slots >= 20);
}

TEST_CASE("a virtual channel without credit does not hold up another") {
    config::D2dLinkConfig config = link_config();
    config.receive_buffer_flits = 1;
    FramedLinkCore link = link_of(config, 2);
    link.accept(0, flit(0, true, false), Picoseconds(0));
    link.accept(0, flit(0, false, true), Picoseconds(0));
    link.accept(0, flit(1, true, true), Picoseconds(0));
    while (link.due() != never) {
        link.step(link.due());
    }
    REQUIRE(link.departures.size() == 2);
    CHECK(link.departures[1].flit.vc == 1);
}

TEST_CASE("random traffic under errors: every flit arrives once and in order of its channel, and all is settled") {
    std::mt19937_64 random(11);
    std::uint64_t retried = 0;
    for (int round = 0; round < 40; ++round) {
        config::D2dLinkConfig config = link_config();
        config.flit_format = round % 2 == 0 ? "256B" : "68B";
        config.tx_buffer_flits = 1 + static_cast<std::uint32_t>(random() % 6);
        config.receive_buffer_flits = 1 + static_cast<std::uint32_t>(random() % 10);
        config.replay_buffer = static_cast<std::uint32_t>(random() % 8);
        config.ber = round % 4 == 0 ? 0 : 2e-5;
        config.flush_wait = Picoseconds(random() % 2 * 2'000);
        const auto vcs = static_cast<std::uint32_t>(1 + random() % 4);
        FramedLinkCore link = link_of(config, vcs, static_cast<std::uint64_t>(round));
        std::vector<std::uint32_t> space(2 * vcs, config.tx_buffer_flits);
        std::vector<std::uint64_t> sent(2 * vcs);
        std::vector<std::uint64_t> arrived(2 * vcs);
        std::deque<FramedLinkCore::Freed> taken; // by the far router
        std::deque<FramedLinkCore::Freed> coming;
        Picoseconds now;
        std::uint64_t left = 600;
        while (left > 0 || link.due() != never || !taken.empty()) {
            now += Picoseconds(1 + random() % 700);
            REQUIRE(now < Picoseconds(1'000'000'000));
            while (link.due() < now) {
                link.step(link.due());
            }
            while (!taken.empty() && taken.front().due <= now) {
                link.freed(taken.front().end, taken.front().vc, now);
                taken.pop_front();
            }
            while (!coming.empty() && coming.front().due <= now) {
                ++space[coming.front().end * vcs + coming.front().vc];
                coming.pop_front();
            }
            const std::size_t end = random() % 2;
            const auto vc = static_cast<std::uint8_t>(random() % vcs);
            if (left > 0 && space[end * vcs + vc] > 0) {
                LinkFlit f = flit(vc, true, true, now);
                f.packet.transaction = sent[end * vcs + vc]++;
                link.accept(end, f, now);
                --space[end * vcs + vc];
                --left;
            }
            while (link.due() <= now) {
                link.step(link.due());
            }
            for (const FramedLinkCore::Freed& freed : link.freed_space) {
                coming.push_back(freed);
            }
            std::sort(coming.begin(), coming.end(), [](const auto& a, const auto& b) { return a.due < b.due; });
            for (const FramedLinkCore::Departure& departure : link.departures) {
                const std::size_t place = departure.end * vcs + departure.flit.vc;
                CHECK(departure.flit.packet.transaction == arrived[place]++);
                CHECK(departure.flit.packet.journey.end() == departure.arrival);
                for (std::size_t stage = 0; stage < departure.flit.packet.journey.stages(); ++stage) {
                    retried += departure.flit.packet.journey.leaf(stage) == metrics::Leaf::d2d_retry ? 1 : 0;
                }
                const Picoseconds due = std::max(departure.arrival + Picoseconds(random() % 9'000),
                                                 taken.empty() ? Picoseconds(0) : taken.back().due);
                taken.push_back({static_cast<std::uint8_t>(1 - departure.end), departure.flit.vc, due});
            }
            link.freed_space.clear();
            link.departures.clear();
        }
        CHECK(arrived == sent);
        CHECK_NOTHROW(link.audit());
    }
    CHECK(retried > 50);
}
