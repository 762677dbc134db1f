#include "tests/memory/stack_harness.hpp"

#include <map>

using namespace intarsia;
using namespace intarsia::memory;
using namespace intarsia::tests;

namespace {

using metrics::Leaf;

StackNetwork network_of(std::uint32_t interfaces, std::uint32_t credits = 8) {
    StackNetwork network;
    network.interfaces = interfaces;
    network.reply_credits = credits;
    return network;
}

// Advances up to `until` and gives back what came out, with the tick.
std::vector<std::pair<Tick, Packet>> run_until(StackCore& core, Tick until) {
    std::vector<std::pair<Tick, Packet>> replies;
    while (core.next_event() <= until) {
        const Tick tick = core.next_event();
        core.advance(tick);
        for (const StackCore::Reply& reply : core.replies()) {
            replies.emplace_back(tick, reply.packet);
        }
        core.clear_outputs();
    }
    return replies;
}

std::vector<std::pair<Leaf, std::uint64_t>> stages_of(const metrics::Journey& journey) {
    std::vector<std::pair<Leaf, std::uint64_t>> stages;
    Picoseconds begin = journey.start();
    for (std::size_t s = 0; s < journey.stages(); ++s) {
        stages.emplace_back(journey.leaf(s), (journey.end_of(s) - begin).count());
        begin = journey.end_of(s);
    }
    return stages;
}

using Stages = std::vector<std::pair<Leaf, std::uint64_t>>;

} // namespace

TEST_CASE("a lone burst takes the two latencies, its bank and its beats") {
    const config::SystemConfig system = one_stack(1);
    const AddressMap map(system);
    StackCore core(system.stacks[0], network_of(1), map, 0, true);
    core.accept(request(1, PacketKind::read_request, 0, 32, Picoseconds(0)), 0, 0);
    core.accept(request(2, PacketKind::write_request, 1ULL << 20U, 32, Picoseconds(0)), 0, 0);
    const auto replies = run_until(core, 1000);
    REQUIRE(replies.size() == 2);
    // Write: 5 ns, ACT one bus slot after the read's or first, nRCDWR 15 + nCWL 10 CK, 2 CK of beats, 5 ns.
    // Read: nRCDRD 31 + nCL 20 CK.
    const auto& read = replies[0].second.transaction == 1 ? replies[0] : replies[1];
    CHECK(stages_of(read.second.journey) ==
          Stages{{Leaf::memory_bus, 5'000}, {Leaf::memory_bank, 51 * 625}, {Leaf::memory_bus, 2 * 625 + 5'000}});
    CHECK(core.clock().edge(read.first) + Picoseconds(5'000) == read.second.journey.end());
    CHECK(core.counters(0).reads == 1);
    CHECK(core.counters(0).writes == 1);
    core.audit();
    CHECK(core.idle());
}

TEST_CASE("a row conflict, a refresh and a queue show in the journey") {
    config::SystemConfig system = one_stack(1);
    system.stacks[0].controller.request_latency = Picoseconds(0);
    system.stacks[0].controller.reply_latency = Picoseconds(0);
    const AddressMap map(system);
    const std::uint64_t row = 64 * 1024; // bytes until the next row of the same bank
    const auto run = [&](const std::vector<std::pair<Tick, std::uint64_t>>& reads) {
        StackCore core(system.stacks[0], network_of(1), map, 0, true);
        for (const auto& [tick, address] : reads) {
            run_until(core, tick - 1);
            core.accept(request(address, PacketKind::read_request, address, 32, core.clock().edge(tick)), 0, tick);
        }
        std::map<std::uint64_t, Stages> stages;
        for (const auto& [tick, packet] : run_until(core, 40'000)) {
            stages[packet.transaction] = stages_of(packet.journey);
        }
        return stages;
    };
    // The conflict comes when tRAS and tRTP of the first are long over: precharge, activate, column latency.
    CHECK(run({{100, 0}, {1000, row}})[row] ==
          Stages{{Leaf::memory_bank, (26 + 31 + 20) * 625}, {Leaf::memory_bus, 1250}});
    // It comes with the first: it waits for PRE at tRAS (45 CK), then tRC 72 - 45 to ACT.
    CHECK(run({{100, 0}, {100, row}})[row] ==
          Stages{{Leaf::memory_queue, 45 * 625}, {Leaf::memory_bank, (27 + 31 + 20) * 625}, {Leaf::memory_bus, 1250}});
    // It comes during the refresh at 12480 ticks: the rest of tRFC (560 CK), then its bank.
    CHECK(run({{12'500, 0}})[0] ==
          Stages{{Leaf::memory_refresh, (560 - 10) * 625}, {Leaf::memory_bank, 51 * 625}, {Leaf::memory_bus, 1250}});
    // A hit that waits for tCCD_L behind another hit waits for the bus.
    CHECK(run({{100, 0}, {1000, 2048}, {1000, 4096}})[4096] ==
          Stages{{Leaf::memory_bank, 20 * 625}, {Leaf::memory_bus, (4 + 2) * 625}});
}

TEST_CASE("a packet is split into the bursts that it touches") {
    const config::SystemConfig system = one_stack(1);
    const AddressMap map(system);
    StackCore core(system.stacks[0], network_of(1), map, 0, true);
    core.accept(request(1, PacketKind::read_request, 0, 512, Picoseconds(0)), 0, 0);
    core.accept(request(2, PacketKind::read_request, 512 + 31, 2, Picoseconds(0)), 0, 0); // two bursts, a byte each
    core.accept(request(3, PacketKind::write_request, 1024, 1, Picoseconds(0)), 0, 0);
    CHECK(run_until(core, 5000).size() == 3);
    CHECK(core.counters(0).reads == 18);
    CHECK(core.counters(0).writes == 1);
    CHECK(core.counters(0).bytes == 19 * 32);
}

TEST_CASE("no request enters a channel without space for its reply") {
    config::SystemConfig system = one_stack(4);
    system.stacks[0].controller.reply_slots = 2;
    const AddressMap map(system);
    StackCore core(system.stacks[0], network_of(1, 0), map, 0, true); // the network takes no replies
    // Three requests to each channel.
    for (std::uint64_t i = 0; i < 12; ++i) {
        core.accept(request(i, PacketKind::read_request, i * 512, 512, Picoseconds(0)), 0, 0);
    }
    const auto reads = [&] {
        std::uint64_t sum = 0;
        for (std::uint32_t c = 0; c < 4; ++c) {
            sum += core.counters(c).reads;
        }
        return sum;
    };
    CHECK(run_until(core, 10'000).empty());
    CHECK(reads() == 2 * 16);
    core.audit();
    // Each credit lets one reply out and one more request in, the channels in turn.
    Tick tick = 10'000;
    for (std::uint64_t sent = 1; sent <= 12; ++sent) {
        core.add_reply_credit(0);
        core.advance(++tick);
        CHECK(core.sent_replies() == sent);
        core.clear_outputs();
        run_until(core, tick += 1'000);
        CHECK(reads() == std::min<std::uint64_t>(2 + sent, 12) * 16);
        core.audit();
        // Channel 0 came first and took both slots; then it is the turn of the others.
        if (sent <= 3) {
            CHECK(core.counters(0).reads == 32);
            CHECK(core.counters(static_cast<std::uint32_t>(sent)).reads == 16);
        }
    }
    CHECK(core.idle());
}

TEST_CASE("every request is answered once, for random stacks and traffic") {
    std::mt19937_64 random(11);
    for (int round = 0; round < 25; ++round) {
        const std::uint32_t interfaces = 1U << random() % 3;
        config::SystemConfig system = one_stack(interfaces * (1 + random() % 3));
        config::HbmStackConfig& stack = system.stacks[0];
        stack.timing["rows"] = 64; // conflicts
        stack.controller.request_slots = 1 + random() % 20;
        stack.controller.reply_slots = 1 + random() % 20;
        stack.controller.read_queue = 1 + random() % 64;
        stack.controller.write_queue = 1 + random() % 64;
        stack.controller.row_hit_cap = random() % 4;
        stack.controller.refresh = random() % 3 == 0 ? "none" : "all_bank";
        stack.controller.request_latency = Picoseconds(random() % 8'000);
        stack.controller.reply_latency = Picoseconds(random() % 8'000);
        stack.controller.address_order = random() % 2 == 0 ? "column-pc-bankgroup-bank-sid-row"
                                                           : "pc-bankgroup:1-column:2-bankgroup-bank-sid-column-row";
        const AddressMap map(system);
        const StackNetwork network = network_of(interfaces, 1 + random() % 8);
        StackCore core(stack, network, map, 0, true);
        std::vector<std::uint32_t> slots(interfaces, stack.controller.request_slots);
        std::map<std::uint64_t, Packet> open;
        const std::uint64_t total = 1'500;
        std::uint64_t sent = 0;
        std::vector<std::pair<Tick, std::uint32_t>> returning; // reply credits on their way back
        Tick tick = 0;
        while (core.sent_replies() < total) {
            for (auto& [due, interface] : returning) {
                if (due == tick) {
                    core.add_reply_credit(interface);
                }
            }
            std::erase_if(returning, [&](const auto& credit) { return credit.first <= tick; });
            while (sent < total && random() % 4 != 0) {
                Packet packet = random_request(sent, map, random, core.clock().edge(tick));
                const std::uint32_t channel = map.locate(packet.address).channel;
                const std::uint32_t interface = interface_of_channel(channel, stack.channels, interfaces);
                if (slots[interface] == 0) {
                    break;
                }
                --slots[interface];
                packet.destination = static_cast<EndpointId>(100 + interface);
                core.accept(packet, interface, tick);
                open[sent++] = packet;
            }
            core.advance(tick);
            for (const StackCore::Reply& reply : core.replies()) {
                const auto asked = open.find(reply.packet.transaction);
                REQUIRE(asked != open.end());
                check_reply(asked->second, reply.packet, network);
                REQUIRE(reply.packet.journey.end() <= core.clock().edge(tick) + stack.controller.reply_latency);
                open.erase(asked);
                returning.emplace_back(tick + 1 + random() % 50, reply.interface);
            }
            for (const std::uint32_t interface : core.freed_request_slots()) {
                ++slots[interface];
                REQUIRE(slots[interface] <= stack.controller.request_slots);
            }
            core.clear_outputs();
            if (random() % 500 == 0) {
                core.audit();
            }
            ++tick;
        }
        core.audit();
        CHECK(open.empty());
        CHECK(core.idle());
        CHECK(core.checked_commands() > 0);
        for (const std::uint32_t free : slots) {
            CHECK(free == stack.controller.request_slots);
        }
    }
}

TEST_CASE("a stack of sixteen channels streams near its peak, in the default order of addresses too") {
    config::SystemConfig system = one_stack(16);
    const AddressMap map(system);
    for (const std::string& order :
         {system.stacks[0].controller.address_order, config::HbmControllerConfig().address_order}) {
        INFO(order);
        system.stacks[0].controller.address_order = order;
        StackCore core(system.stacks[0], network_of(16, 1'000'000), map, 0, true);
        CHECK(core.peak() == BytesPerSecond(819'200'000'000));
        std::vector<std::uint32_t> slots(16, 16);
        std::vector<std::uint64_t> next(16, 0); // block of each channel
        const Tick end = 60'000;
        std::uint64_t transaction = 0;
        for (Tick tick = 0; tick < end; ++tick) {
            for (std::uint32_t c = 0; c < 16; ++c) {
                while (slots[c] > 0) {
                    --slots[c];
                    core.accept(request(transaction++, PacketKind::read_request, (next[c]++ * 16 + c) * 512, 512,
                                        core.clock().edge(tick)),
                                c, tick);
                }
            }
            core.advance(tick);
            for (const std::uint32_t interface : core.freed_request_slots()) {
                ++slots[interface];
            }
            core.clear_outputs();
        }
        const double seconds = static_cast<double>(core.clock().edge(end).count()) * 1e-12;
        const double rate = static_cast<double>(core.sent_replies()) * 512 / seconds;
        CHECK(rate / static_cast<double>(core.peak().count()) > 0.85);
    }
}

TEST_CASE("a stack answers alike however often it is asked to advance") {
    config::SystemConfig system = one_stack(2);
    system.stacks[0].timing["rows"] = 64;
    system.stacks[0].controller.request_slots = 64;
    const AddressMap map(system);
    const auto log = [&](bool every_tick) {
        StackCore core(system.stacks[0], network_of(1, 1'000'000), map, 0, true);
        std::mt19937_64 random(4);
        std::vector<std::pair<Tick, std::uint64_t>> replies;
        std::uint64_t sent = 0;
        for (Tick tick = 0; tick < 40'000; ++tick) {
            if (random() % 40 == 0 && sent - replies.size() < 60) {
                core.accept(random_request(sent++, map, random, core.clock().edge(tick)), 0, tick);
            }
            if (every_tick || tick >= core.next_event()) {
                core.advance(tick);
            }
            for (const StackCore::Reply& reply : core.replies()) {
                replies.emplace_back(tick, reply.packet.transaction * 1'000'000 +
                                               reply.packet.journey.end().count() % 1'000'000);
            }
            core.clear_outputs();
        }
        CHECK(replies.size() > 500);
        return replies;
    };
    CHECK((log(true) == log(false)));
}

TEST_CASE("a stack refuses a bad configuration with all faults, and misuse as a bug") {
    config::SystemConfig system = one_stack(6);
    const AddressMap map(system);
    config::HbmStackConfig bad = system.stacks[0];
    bad.timing["nRCD"] = 3;
    bad.controller.scheduler = "fifo";
    bad.controller.request_slots = 0;
    bad.controller.reply_slots = 0;
    try {
        const StackCore core(bad, network_of(4), map, 0);
        FAIL("accepted");
    } catch (const InputError& error) {
        CHECK(error.faults().size() == 5); // and six channels for four interfaces
        CHECK(std::string(error.what()).find("stack \"hbm\"") != std::string::npos);
    }
    StackCore core(system.stacks[0], network_of(3), map, 0, true);
    const auto read = [](std::uint64_t address, std::uint32_t bytes) {
        return request(0, PacketKind::read_request, address, bytes, Picoseconds(0));
    };
    CHECK_THROWS_AS(core.accept(read(0, 32), 1, 0), InvariantError);           // not its interface
    CHECK_THROWS_AS(core.accept(read(500, 32), 0, 0), InvariantError);         // crosses a block
    CHECK_THROWS_AS(core.accept(read(0, 0), 0, 0), InvariantError);            // nothing
    CHECK_THROWS_AS(core.accept(read(map.bytes(), 32), 0, 0), InvariantError); // nowhere
    for (int i = 0; i < 16; ++i) {
        core.accept(read(0, 32), 0, 0);
    }
    CHECK_THROWS_AS(core.accept(read(0, 32), 0, 0), InvariantError); // no slot
}
