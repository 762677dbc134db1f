// The socket with a loosely timed initiator: latencies, errors, data, debug access.
#include "tests/memory_tlm/tlm_harness.hpp"

#include <deque>
#include <random>

using namespace intarsia;
using namespace intarsia::memory;
using namespace intarsia::tests;

TEST_CASE("a lone blocking read has the latency of the timing table to the picosecond, for every complete set") {
    std::vector<std::unique_ptr<TlmStackModule>> stacks;
    std::vector<std::unique_ptr<LtInitiator>> initiators;
    std::size_t finished = 0;
    for (const std::string_view id : timing_set_ids()) {
        std::unique_ptr<StandaloneConfig> config;
        try {
            config = std::make_unique<StandaloneConfig>(
                parse_standalone("[memory]\ntiming_set = \"" + std::string(id) + "\"\nrefresh = \"none\"\n", "text"));
        } catch (const InputError&) {
            continue; // not complete
        }
        const std::string number = std::to_string(stacks.size());
        stacks.push_back(std::make_unique<TlmStackModule>(("hbm" + number).c_str(), *config));
        const TlmStackModule& stack = *stacks.back();
        const auto body = [&stack, &finished, id, addressing = config->addressing()](LtInitiator& initiator) {
            const TimingSet& t = stack.timing();
            const Clock clock = t.tick_clock();
            const auto check = [&](const BurstAddress& at, std::uint32_t ck) {
                INFO(id);
                Bytes8 data(stack.burst_bytes());
                OwnPayload payload(tlm::TLM_READ_COMMAND, addressing.burst_of({0, at}) * stack.burst_bytes(), data);
                const Tick start = clock.first_edge_at_or_after(Picoseconds(now_ps()));
                initiator.transport(payload);
                CHECK(payload.get_response_status() == tlm::TLM_OK_RESPONSE);
                CHECK(now_ps() == clock.edge(start + Tick{ck} * ticks_per_ck).count());
            };
            const std::uint32_t data = t.nCL + t.burst_nck;
            const BurstAddress first{5, 0, 0, 0, 0, 0};
            BurstAddress hit = first;
            hit.column = 3;
            BurstAddress conflict = first;
            conflict.row = 6;
            BurstAddress closed = first;
            closed.bank = 1;
            check(first, t.nRCDRD + data);
            check(hit, data);
            check(closed, t.nRCDRD + data);
            check(hit, data);
            // Between edges, the next edge on a rising CK takes the request.
            const Tick later = clock.first_edge_after(Picoseconds(now_ps()));
            sc_core::wait(sc_core::sc_time::from_value(clock.edge(later + 1).count() - now_ps() - 1));
            check(hit, data);
            check(conflict, t.nRP + t.nRCDRD + data);
            ++finished;
        };
        initiators.push_back(std::make_unique<LtInitiator>(("cpu" + number).c_str(), *stacks.back(), body));
    }
    REQUIRE(stacks.size() >= 4);
    sc_core::sc_start();
    CHECK(finished == stacks.size());
}

TEST_CASE("every error has its response, takes no time and moves nothing") {
    TlmStackModule stack("hbm", stack_config());
    bool finished = false;
    LtInitiator initiator("cpu", stack, [&](LtInitiator& cpu) {
        const auto response = [&](auto&& spoil) {
            OwnPayload payload(tlm::TLM_WRITE_COMMAND, 0, Bytes8(64, 0x5a));
            spoil(payload);
            CHECK(cpu.transport(payload) == 0);
            return payload.get_response_status();
        };
        CHECK(response([&](auto& p) { p.set_address(stack.bytes()); }) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
        CHECK(response([&](auto& p) { p.set_address(stack.bytes() - 63); }) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
        CHECK(response([&](auto& p) { p.set_address(UINT64_MAX); }) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
        CHECK(response([](auto& p) { p.set_command(static_cast<tlm::tlm_command>(7)); }) ==
              tlm::TLM_COMMAND_ERROR_RESPONSE);
        CHECK(response([](auto& p) { p.set_data_length(0); }) == tlm::TLM_BURST_ERROR_RESPONSE);
        CHECK(response([](auto& p) { p.set_streaming_width(0); }) == tlm::TLM_BURST_ERROR_RESPONSE);
        CHECK(response([](auto& p) { p.enable({0xff, 0x01}); }) == tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
        CHECK(response([](auto& p) {
                  p.enable({0xff});
                  p.set_byte_enable_length(0);
              }) == tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
        CHECK(response([](auto& p) { p.set_data_ptr(nullptr); }) == tlm::TLM_GENERIC_ERROR_RESPONSE);
        // Not errors: nothing to move.
        CHECK(response([](auto& p) { p.set_command(tlm::TLM_IGNORE_COMMAND); }) == tlm::TLM_OK_RESPONSE);
        CHECK(response([](auto& p) { p.enable({0, 0}); }) == tlm::TLM_OK_RESPONSE);
        CHECK(stack.channels().counters(0).writes == 0);
        OwnPayload look(tlm::TLM_READ_COMMAND, 0, Bytes8(64, 0xaa));
        CHECK(cpu.socket->transport_dbg(look) == 64);
        CHECK(look.data == Bytes8(64, 0));
        finished = true;
    });
    sc_core::sc_start();
    CHECK(finished);
}

TEST_CASE("random transfers return what was written, byte enables and streaming included") {
    TlmStackModule stack("hbm", stack_config("channels = 4\n"));
    std::map<std::uint64_t, unsigned char> expected;
    bool finished = false;
    const auto body = [&](LtInitiator& cpu) {
        std::mt19937_64 random(7);
        for (int i = 0; i < 3'000; ++i) {
            const bool is_write = random() % 2 == 0;
            // Two regions: one dense, and one over a page's border far away.
            const std::uint64_t address = random() % 1'000 + (random() % 2 == 0 ? 0 : (1U << 30U) - 500);
            Bytes8 data(1 + random() % 300);
            for (unsigned char& byte : data) {
                byte = static_cast<unsigned char>(random());
            }
            OwnPayload payload(is_write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, data);
            if (random() % 4 == 0) {
                payload.set_streaming_width(static_cast<unsigned int>(1 + random() % 80));
            }
            if (random() % 2 == 0) {
                Bytes8 enables(1 + random() % 20);
                for (unsigned char& enable : enables) {
                    enable = random() % 2 == 0 ? 0 : 0xff;
                }
                payload.enable(enables);
            }
            cpu.transport(payload);
            REQUIRE(payload.get_response_status() == tlm::TLM_OK_RESPONSE);
            bool same = true;
            for (std::size_t b = 0; b < data.size(); ++b) {
                const std::uint64_t at = address + b % payload.get_streaming_width();
                const bool enabled = payload.enables.empty() || payload.enables[b % payload.enables.size()] != 0;
                if (is_write && enabled) {
                    expected[at] = data[b];
                } else if (!is_write) {
                    same = same && payload.data[b] == (enabled ? expected[at] : data[b]);
                }
            }
            REQUIRE(same);
        }
        finished = true;
    };
    LtInitiator initiator("cpu", stack, body);
    sc_core::sc_start();
    CHECK(finished);
    CHECK(stack.in_flight() == 0);
    stack.rethrow_failure();
}

TEST_CASE("partial and unaligned transfers cost the bursts that they touch") {
    TlmStackModule stack("hbm", stack_config());
    LtInitiator initiator("cpu", stack, [&](LtInitiator& cpu) {
        const auto writes = [&](auto&& payload) {
            const std::uint64_t before = stack.channels().counters(0).writes;
            CHECK(cpu.transport(payload) > 0);
            return stack.channels().counters(0).writes - before;
        };
        REQUIRE(stack.burst_bytes() == 32);
        CHECK(writes(OwnPayload(tlm::TLM_WRITE_COMMAND, 0, Bytes8(1))) == 1);
        CHECK(writes(OwnPayload(tlm::TLM_WRITE_COMMAND, 31, Bytes8(2))) == 2);
        CHECK(writes(OwnPayload(tlm::TLM_WRITE_COMMAND, 1, Bytes8(4096))) == 129);
        OwnPayload sparse(tlm::TLM_WRITE_COMMAND, 0, Bytes8(128));
        Bytes8 enables(64, 0);
        enables[40] = 0xff;
        sparse.enable(enables);
        CHECK(writes(sparse) == 2);
    });
    sc_core::sc_start();
    stack.rethrow_failure();
}

TEST_CASE("an annotated delay is waited for first, and many threads share the channels") {
    TlmStackModule stack("hbm", stack_config("refresh = \"none\"\n"));
    std::uint64_t together = 0;
    std::uint64_t alone = 0;
    LtInitiator initiator("cpu", stack, [&](LtInitiator& cpu) {
        OwnPayload first(tlm::TLM_READ_COMMAND, 0, Bytes8(32));
        sc_core::sc_time delay(20, sc_core::SC_NS);
        cpu.socket->b_transport(first, delay);
        CHECK(delay == sc_core::SC_ZERO_TIME);
        const TimingSet& t = stack.timing();
        const Clock clock = t.tick_clock();
        CHECK(now_ps() ==
              clock.edge(clock.first_edge_at_or_after(Picoseconds(20'000)) + 2 * (t.nRCDRD + t.nCL + t.burst_nck))
                  .count());
        OwnPayload hit(tlm::TLM_READ_COMMAND, 0, Bytes8(32));
        alone = cpu.transport(hit);
        std::deque<OwnPayload> payloads;
        std::vector<sc_core::sc_process_handle> handles;
        const std::uint64_t begin = now_ps();
        for (std::uint32_t i = 0; i < 32; ++i) {
            payloads.emplace_back(tlm::TLM_READ_COMMAND, 0, Bytes8(32));
            handles.push_back(sc_core::sc_spawn([&cpu, &payload = payloads.back()] { cpu.transport(payload); }));
        }
        for (sc_core::sc_process_handle& handle : handles) {
            if (!handle.terminated()) {
                sc_core::wait(handle.terminated_event());
            }
        }
        together = now_ps() - begin;
        for (const OwnPayload& payload : payloads) {
            CHECK(payload.get_response_status() == tlm::TLM_OK_RESPONSE);
        }
    });
    sc_core::sc_start();
    stack.rethrow_failure();
    // One open row: nCCD_L apart.
    const TimingSet& t = stack.timing();
    const double ck_ps = 2e12 / t.tick_clock().hertz();
    CHECK(static_cast<double>(together - alone) == Approx(31.0 * t.nCCD_L * ck_ps).margin(2 * ck_ps));
}

TEST_CASE("debug access reads and writes what is stored, direct memory is refused") {
    TlmStackModule stack("hbm", stack_config());
    TlmStackModule empty("empty", stack_config(), {.stores_data = false});
    bool finished = false;
    LtInitiator initiator("cpu", stack, [&](LtInitiator& cpu) {
        OwnPayload poke(tlm::TLM_WRITE_COMMAND, 4'090, Bytes8(20, 0x77));
        CHECK(cpu.socket->transport_dbg(poke) == 20);
        OwnPayload read(tlm::TLM_READ_COMMAND, 4'089, Bytes8(22, 0xff));
        cpu.transport(read);
        Bytes8 expected(22, 0x77);
        expected.front() = expected.back() = 0;
        CHECK(read.data == expected);
        OwnPayload last(tlm::TLM_READ_COMMAND, stack.bytes() - 5, Bytes8(20));
        CHECK(cpu.socket->transport_dbg(last) == 5);
        OwnPayload beyond(tlm::TLM_READ_COMMAND, stack.bytes(), Bytes8(20));
        CHECK(cpu.socket->transport_dbg(beyond) == 0);
        OwnPayload ignored(tlm::TLM_IGNORE_COMMAND, 0, Bytes8(20));
        CHECK(cpu.socket->transport_dbg(ignored) == 0);
        tlm::tlm_dmi dmi;
        CHECK_FALSE(cpu.socket->get_direct_mem_ptr(read, dmi));
        CHECK(dmi.get_end_address() == UINT64_MAX);
        finished = true;
    });
    LtInitiator other("other", empty, [&](LtInitiator& cpu) {
        OwnPayload write(tlm::TLM_WRITE_COMMAND, 0, Bytes8(20, 0x77));
        CHECK(cpu.transport(write) > 0);
        OwnPayload read(tlm::TLM_READ_COMMAND, 0, Bytes8(20, 0x12));
        CHECK(cpu.transport(read) > 0);
        CHECK(read.get_response_status() == tlm::TLM_OK_RESPONSE);
        CHECK(read.data == Bytes8(20, 0x12));
        CHECK(cpu.socket->transport_dbg(read) == 0);
    });
    sc_core::sc_start();
    CHECK(finished);
}

TEST_CASE("an idle stack lets the simulation end, and catches up on its refreshes") {
    TlmStackModule stack("hbm", stack_config());
    LtInitiator initiator("cpu", stack, [&](LtInitiator& cpu) {
        OwnPayload payload(tlm::TLM_READ_COMMAND, 0, Bytes8(32));
        cpu.transport(payload);
        sc_core::wait(1, sc_core::SC_MS);
        cpu.transport(payload);
    });
    sc_core::sc_start();
    CHECK(now_ps() > 1'000'000'000);
    CHECK(now_ps() < 1'001'000'000);
    const TimingSet& t = stack.timing();
    const double intervals = 1e-3 * t.tick_clock().hertz() / 2 / t.nREFI;
    CHECK(static_cast<double>(stack.channels().counters(0).refreshes) ==
          Approx(intervals * t.pseudo_channels).margin(2 * t.pseudo_channels));
}

TEST_CASE("what the socket cannot do is refused with every fault") {
    try {
        const TlmStackModule stack("hbm", stack_config(), {0, 0, true});
        FAIL("a socket without slots is accepted");
    } catch (const InputError& error) {
        CHECK(error.faults().size() == 2);
    }
}
