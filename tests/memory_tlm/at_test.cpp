// The socket with approximately timed initiators: phases, back pressure, order, references, bandwidth.
#include "tests/memory_tlm/tlm_harness.hpp"

#include <random>

using namespace intarsia;
using namespace intarsia::memory;
using namespace intarsia::tests;

namespace {

constexpr std::uint32_t burst = 32;

// Sends reads of `bytes` each, one after the other, as fast as END_REQ allows.
AtInitiator::Body stream(std::uint64_t payloads, std::uint32_t bytes) {
    return [payloads, bytes](AtInitiator& cpu) {
        for (std::uint64_t i = 0; i < payloads; ++i) {
            cpu.send(cpu.make(tlm::TLM_READ_COMMAND, i * bytes, Bytes8(bytes)));
        }
    };
}

// The tick at which the last of `bursts` reads is complete that are offered to the channels as fast as they take them.
Tick direct(const StandaloneConfig& config, std::uint64_t bursts) {
    MemoryChannels channels(config.setup.timing, config.setup.policy, config.setup.channels);
    const Addressing addressing = config.addressing();
    FinishedAccess done;
    for (std::uint64_t i = 0; i < bursts; ++i) {
        while (!channels.enqueue(addressing.at(i), Direction::read, i)) {
            channels.advance(channels.next_event() + 1);
        }
    }
    while (channels.in_flight() != 0) {
        channels.advance(channels.next_event() + 1);
        while (channels.poll(never_tick, done)) {
        }
    }
    return done.finish;
}

} // namespace

TEST_CASE("a read of four phases has the latency of the timing table, from its annotated time") {
    TlmStackModule stack("hbm", stack_config("refresh = \"none\"\n"));
    std::uint64_t answered = 0;
    AtInitiator initiator("cpu", stack, [&](AtInitiator& cpu) {
        OwnPayload& payload = cpu.make(tlm::TLM_READ_COMMAND, 0, Bytes8(burst));
        cpu.send(payload, sc_core::sc_time(20, sc_core::SC_NS));
        CHECK_FALSE(cpu.waits_for_end_request());
        sc_core::wait(cpu.response_event);
        answered = now_ps();
        CHECK_FALSE(payload.is_dmi_allowed());
    });
    sc_core::sc_start();
    stack.rethrow_failure();
    const TimingSet& t = stack.timing();
    const Clock clock = t.tick_clock();
    CHECK(answered ==
          clock.edge(clock.first_edge_at_or_after(Picoseconds(20'000)) + 2 * (t.nRCDRD + t.nCL + t.burst_nck)).count());
    CHECK(initiator.freed == 1);
    CHECK(stack.in_flight() == 0);
}

TEST_CASE("all ways to end a response give the same times and give every payload back") {
    std::vector<std::unique_ptr<TlmStackModule>> stacks;
    std::vector<std::unique_ptr<AtInitiator>> initiators;
    using Answer = AtInitiator::Answer;
    constexpr std::uint64_t payloads = 3'000;
    for (const Answer answer : {Answer::completed, Answer::updated, Answer::nested}) {
        const std::string number = std::to_string(stacks.size());
        stacks.push_back(std::make_unique<TlmStackModule>(("hbm" + number).c_str(), stack_config("channels = 2\n")));
        initiators.push_back(
            std::make_unique<AtInitiator>(("cpu" + number).c_str(), *stacks.back(), stream(payloads, 48)));
        initiators.back()->answer = answer;
    }
    sc_core::sc_start();
    for (std::size_t i = 0; i < stacks.size(); ++i) {
        stacks[i]->rethrow_failure();
        REQUIRE(initiators[i]->done.size() == payloads);
        CHECK(initiators[i]->freed == payloads);
        CHECK(initiators[i]->held_back > 0);
        CHECK(stacks[i]->in_flight() == 0);
        for (std::size_t k = 0; k < payloads; ++k) {
            REQUIRE(initiators[i]->done[k].begin_response_ps == initiators[0]->done[k].begin_response_ps);
        }
    }
}

TEST_CASE("responses that take time come one after the other") {
    TlmStackModule stack("hbm", stack_config());
    AtInitiator initiator("cpu", stack, stream(500, burst));
    initiator.answer = AtInitiator::Answer::updated;
    initiator.response_time = sc_core::sc_time(10, sc_core::SC_NS);
    sc_core::sc_start();
    stack.rethrow_failure();
    REQUIRE(initiator.done.size() == 500);
    // The harness holds each to the end of the last; none waits longer than to the next edge of half a CK.
    const std::uint64_t span = initiator.done.back().begin_response_ps - initiator.done.front().begin_response_ps;
    CHECK(span >= 499 * 10'000);
    CHECK(span <= 499 * (10'000 + 313));
}

TEST_CASE("without END_RESP requests are taken up to the slots, then END_REQ is held back") {
    TlmStackModule stack("hbm", stack_config(), {.request_slots = 4, .response_slots = 1});
    std::uint32_t sent = 0;
    AtInitiator initiator("cpu", stack, [&](AtInitiator& cpu) {
        cpu.answer = AtInitiator::Answer::held;
        for (; sent < 100; ++sent) {
            cpu.send(cpu.make(tlm::TLM_READ_COMMAND, std::uint64_t{sent} * burst, Bytes8(burst)));
        }
    });
    sc_core::sc_start(); // ends: the module sleeps until it hears from the initiator
    stack.rethrow_failure();
    // One holds the response slot, 4 request slots, and one has no END_REQ; the thread waits to send the next.
    CHECK(sent == 6);
    CHECK(initiator.waits_for_end_request());
    CHECK(initiator.done.size() == 1);
    CHECK(stack.in_flight() == 6);
    while (initiator.has_response()) {
        initiator.end_response();
        sc_core::sc_start();
    }
    stack.rethrow_failure();
    CHECK(sent == 100);
    CHECK(initiator.done.size() == 100);
    CHECK(initiator.freed == 100);
    CHECK(stack.in_flight() == 0);
}

TEST_CASE("random traffic with many outstanding returns what was written, in the order of the requests") {
    TlmStackModule stack("hbm", stack_config("channels = 4\n"));
    std::map<std::uint64_t, unsigned char> expected;
    std::map<const OwnPayload*, Bytes8> answers;
    std::uint64_t most_in_flight = 0;
    AtInitiator initiator("cpu", stack, [&](AtInitiator& cpu) {
        std::mt19937_64 random(11);
        for (int i = 0; i < 8'000; ++i) {
            const std::uint64_t address = random() % 2'000;
            Bytes8 data(1 + random() % 200);
            for (unsigned char& byte : data) {
                byte = static_cast<unsigned char>(random());
            }
            const bool is_write = random() % 2 == 0;
            OwnPayload& payload =
                cpu.make(is_write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, std::move(data));
            if (random() % 3 == 0) {
                payload.enable({0xff, 0, 0xff});
            }
            Bytes8 answer = payload.data;
            for (std::size_t b = 0; b < answer.size(); ++b) {
                if (payload.enables.empty() || payload.enables[b % 3] != 0) {
                    unsigned char& byte = expected[address + b];
                    (is_write ? byte : answer[b]) = is_write ? answer[b] : byte;
                }
            }
            answers[&payload] = std::move(answer);
            cpu.send(payload);
            most_in_flight = std::max(most_in_flight, cpu.in_flight);
            if (random() % 16 == 0) {
                sc_core::wait(static_cast<double>(random() % 50'000), sc_core::SC_PS);
            }
        }
    });
    sc_core::sc_start();
    stack.rethrow_failure();
    REQUIRE(initiator.done.size() == 8'000);
    CHECK(most_in_flight > 64);
    std::uint64_t wrong = 0;
    for (const AtInitiator::Done& done : initiator.done) {
        wrong += done.payload->data == answers[done.payload] ? 0 : 1;
    }
    CHECK(wrong == 0);
    CHECK(initiator.freed == 8'000);
}

TEST_CASE("a streaming initiator gets the bandwidth of the channels themselves") {
    const std::vector<std::pair<std::string, std::uint32_t>> cases{
        {"", burst}, {"", 256}, {"channels = 8\n", 64}, {"channels = 8\n", 4'096}};
    std::vector<std::unique_ptr<TlmStackModule>> stacks;
    std::vector<std::unique_ptr<AtInitiator>> initiators;
    constexpr std::uint64_t bytes = 2U << 20U;
    for (const auto& [lines, payload] : cases) {
        const std::string number = std::to_string(stacks.size());
        TlmStackOptions options;
        options.stores_data = false;
        stacks.push_back(std::make_unique<TlmStackModule>(("hbm" + number).c_str(), stack_config(lines), options));
        initiators.push_back(
            std::make_unique<AtInitiator>(("cpu" + number).c_str(), *stacks.back(), stream(bytes / payload, payload)));
    }
    sc_core::sc_start();
    for (std::size_t i = 0; i < cases.size(); ++i) {
        stacks[i]->rethrow_failure();
        INFO(cases[i].first << cases[i].second);
        const StandaloneConfig config = stack_config(cases[i].first);
        const auto alone =
            static_cast<double>(config.setup.timing.tick_clock().edge(direct(config, bytes / burst)).count());
        const auto through = static_cast<double>(initiators[i]->done.back().begin_response_ps);
        CHECK(through == Approx(alone).epsilon(0.02));
        const double peak = static_cast<double>(stacks[i]->timing().channel_peak().count()) * config.setup.channels;
        CAPTURE(alone, through, bytes / (through * 1e-12) / peak);
        CHECK(bytes / (through * 1e-12) / peak > 0.8);
    }
}

TEST_CASE("errors and empty transfers end at once, without a reference") {
    TlmStackModule stack("hbm", stack_config());
    AtInitiator initiator("cpu", stack, [&](AtInitiator& cpu) {
        OwnPayload& beyond = cpu.make(tlm::TLM_READ_COMMAND, stack.bytes(), Bytes8(4));
        cpu.send(beyond);
        CHECK(beyond.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE);
        OwnPayload& ignored = cpu.make(tlm::TLM_IGNORE_COMMAND, 0, Bytes8(4));
        cpu.send(ignored);
        CHECK(ignored.get_response_status() == tlm::TLM_OK_RESPONSE);
        CHECK(cpu.freed == 2);
        CHECK(cpu.in_flight == 0);
    });
    sc_core::sc_start();
    CHECK(initiator.done.size() == 2);
    CHECK(now_ps() == 0);
}

TEST_CASE("breaches of the base protocol are reported") {
    TlmStackModule stack("hbm", stack_config(), {.request_slots = 1, .response_slots = 1});
    bool finished = false;
    AtInitiator initiator("cpu", stack, [&](AtInitiator& cpu) {
        const auto breach = [&](OwnPayload& payload, tlm::tlm_phase phase) {
            sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
            CHECK_THROWS_AS(cpu.socket->nb_transport_fw(payload, phase, delay), sc_core::sc_report);
        };
        OwnPayload unmanaged(tlm::TLM_READ_COMMAND, 0, Bytes8(4));
        breach(unmanaged, tlm::BEGIN_REQ);
        breach(unmanaged, tlm::END_REQ);
        breach(unmanaged, tlm::BEGIN_RESP);
        breach(unmanaged, tlm::END_RESP);
        for (int i = 0; i < 2; ++i) {
            cpu.send(cpu.make(tlm::TLM_READ_COMMAND, 0, Bytes8(burst)));
        }
        REQUIRE(cpu.waits_for_end_request());
        breach(cpu.make(tlm::TLM_READ_COMMAND, 0, Bytes8(burst)), tlm::BEGIN_REQ);
        finished = true;
    });
    sc_core::sc_start();
    CHECK(finished);
    CHECK(initiator.done.size() == 2);
    CHECK(stack.in_flight() == 0);
}

TEST_CASE("an initiator's exception ends the simulation and keeps its type") {
    struct Thrower : sc_core::sc_module, tlm::tlm_bw_transport_if<> {
        explicit Thrower(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
            socket.bind(*this);
        }
        tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& /*payload*/, tlm::tlm_phase& /*phase*/,
                                           sc_core::sc_time& /*delay*/) override {
            throw std::out_of_range("mine");
        }
        void invalidate_direct_mem_ptr(sc_dt::uint64 /*begin*/, sc_dt::uint64 /*end*/) override {}
        tlm::tlm_initiator_socket<> socket;
    };
    TlmStackModule stack("hbm", stack_config());
    Thrower initiator("cpu");
    initiator.socket.bind(stack.socket);
    OwnPayload payload(tlm::TLM_READ_COMMAND, 0, Bytes8(burst));
    payload.manage();
    payload.acquire();
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    REQUIRE(initiator.socket->nb_transport_fw(payload, phase, delay) == tlm::TLM_UPDATED);
    CHECK_THROWS_AS(sc_core::sc_start(), std::out_of_range);
}
