#include "models/d2d_link_core.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <random>

using namespace intarsia;
using models::D2dDirectionCore;

namespace {

config::D2dLinkConfig link_config() {
    config::D2dLinkConfig link;
    link.lanes = 64;
    link.transfers_per_s = 32'000'000'000;
    link.payload_efficiency = 0.9375;
    link.tx_latency = Picoseconds(1'000);
    link.rx_latency = Picoseconds(1'500);
    link.flight_time = Picoseconds(14);
    link.tx_buffer_flits = 4;
    link.receive_buffer_flits = 8;
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

} // namespace

TEST_CASE("slots run at the link's payload rate over the flit's bits, exactly") {
    // 64 lanes x 32 GT/s x 0.9375 = 1.92e12 bit/s; 136-byte flits have 1088 bits: 1764705882.35... slots/s.
    const Clock slots = models::flit_slot_clock(link_config(), 136);
    CHECK(slots.edge(0) == Picoseconds(0));
    CHECK(slots.edge(1) == Picoseconds(566));   // 566.67
    CHECK(slots.edge(3) == Picoseconds(1'700)); // exactly 1700
    CHECK(slots.edge(3'000'000) == Picoseconds(1'700'000'000));
    CHECK(models::raw_flit_rate_bytes_per_s(link_config()) == Approx(240e9));
}

TEST_CASE("a flit takes one slot and the latencies of both sides") {
    D2dDirectionCore link(link_config(), 136, 2);
    const Clock slots = models::flit_slot_clock(link_config(), 136);
    link.accept(flit(1, true, true, Picoseconds(1'000)), 3);
    const auto departure = link.send(3, slots.edge(3));
    REQUIRE(departure);
    CHECK(departure->slot_end == slots.edge(4));
    CHECK(departure->arrival == slots.edge(4) + Picoseconds(2'514));
    const metrics::Journey& journey = departure->flit.packet.journey;
    REQUIRE(journey.stages() == 2);
    CHECK(journey.leaf(0) == metrics::Leaf::d2d_serialisation);
    CHECK(journey.end_of(0) == slots.edge(4));
    CHECK(journey.leaf(1) == metrics::Leaf::d2d_transit);
    CHECK(journey.end() == departure->arrival);
}

TEST_CASE("without a credit a flit waits, and its journey says so") {
    config::D2dLinkConfig config = link_config();
    config.receive_buffer_flits = 1;
    D2dDirectionCore link(config, 136, 1);
    const Clock slots = models::flit_slot_clock(config, 136);
    link.accept(flit(0, true, true), 0);
    link.accept(flit(0, true, true), 0);
    REQUIRE(link.send(0, slots.edge(0)));
    CHECK_FALSE(link.send(1, slots.edge(1)));
    CHECK(link.next_work(1) == UINT64_MAX); // only a credit can change that
    link.credit_returned(0, slots.edge(20));
    CHECK(link.next_work(1) == 20);
    CHECK_FALSE(link.send(19, slots.edge(19)));
    const auto departure = link.send(20, slots.edge(20));
    REQUIRE(departure);
    const metrics::Journey& journey = departure->flit.packet.journey;
    CHECK(journey.leaf(0) == metrics::Leaf::d2d_credit);
    CHECK(journey.end_of(0) == slots.edge(20) - slots.edge(1));
    CHECK(link.counters().credit_blocked_slots == 19);
}

TEST_CASE("virtual channels share the slots in turn") {
    D2dDirectionCore link(link_config(), 136, 2);
    const Clock slots = models::flit_slot_clock(link_config(), 136);
    for (int i = 0; i < 4; ++i) {
        link.accept(flit(0, i == 0, i == 3), 0);
        link.accept(flit(1, i == 0, i == 3), 0);
    }
    for (std::uint64_t slot = 0; slot < 8; ++slot) {
        const auto departure = link.send(slot, slots.edge(slot));
        REQUIRE(departure);
        CHECK(departure->flit.vc == slot % 2);
    }
    CHECK_FALSE(link.send(8, slots.edge(8)));
}

TEST_CASE("random traffic: every flit arrives once and in order of its channel, and the credits come home") {
    std::mt19937_64 random(11);
    for (int round = 0; round < 50; ++round) {
        config::D2dLinkConfig config = link_config();
        config.tx_buffer_flits = 1 + random() % 6;
        config.receive_buffer_flits = 1 + random() % 10;
        const std::uint32_t vcs = 1 + random() % 4;
        D2dDirectionCore link(config, 136, vcs);
        const Clock slots = models::flit_slot_clock(config, 136);
        std::vector<std::uint32_t> space(vcs, config.tx_buffer_flits);
        std::vector<std::uint64_t> sent(vcs);
        std::vector<std::uint64_t> arrived(vcs);
        std::deque<std::pair<std::uint64_t, std::uint8_t>> consumed; // slot in which the far router frees it
        std::uint64_t slot = 0;
        std::uint64_t left = 500;
        while (left > 0 || arrived != sent || !consumed.empty()) {
            REQUIRE(slot < 100'000);
            while (!consumed.empty() && consumed.front().first <= slot) {
                link.credit_returned(consumed.front().second, slots.edge(slot) + link.latency());
                consumed.pop_front();
            }
            const auto vc = static_cast<std::uint8_t>(random() % vcs);
            if (left > 0 && space[vc] > 0 && random() % 3 != 0) {
                LinkFlit f = flit(vc, true, true, slots.edge(slot));
                f.packet.transaction = sent[vc]++;
                link.accept(f, slot);
                --space[vc];
                --left;
            }
            if (const auto departure = link.send(slot, slots.edge(slot))) {
                CHECK(departure->flit.packet.transaction == arrived[departure->flit.vc]++);
                ++space[departure->flit.vc];
                const std::uint64_t ready = slot + 5 + random() % 20;
                consumed.emplace_back(std::max(ready, consumed.empty() ? 0 : consumed.back().first),
                                      departure->flit.vc);
            }
            ++slot;
        }
        CHECK_NOTHROW(link.audit());
    }
}
