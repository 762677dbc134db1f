// Page policies, schedulers, queues and refresh modes: the commands that they lead to, and what they gain.
#include "config/errors.hpp"
#include "tests/memory/channel_driver.hpp"

using namespace intarsia::tests;

namespace {

struct Request {
    Tick tick;
    Direction direction;
    BurstAddress address;
};

constexpr Direction rd = Direction::read;
constexpr Direction wr = Direction::write;

BurstAddress at(std::uint8_t group, std::uint8_t bank, std::uint32_t row = 1, std::uint16_t column = 0) {
    return {row, column, 0, 0, group, bank};
}

struct Outcome {
    std::string commands; ///< "ACT0 RD62 ..."
    std::vector<BurstCompletion> done;
    ChannelCounters counters;
};

// What the HBM3 set's channel does with `requests`, under the checker.
Outcome run(const ControllerPolicy& policy, const std::vector<Request>& requests, Tick until = 11'000, Tick from = 0) {
    const TimingSet timing = timing_set(hbm3);
    struct Recorder {
        TimingChecker checker;
        std::vector<DramCommand> trace;
    } recorder{TimingChecker(timing, policy.refresh), {}};
    ChannelController channel(timing, policy,
                              {[](void* context, const DramCommand& command) {
                                   auto* const r = static_cast<Recorder*>(context);
                                   r->checker.observe(command);
                                   r->trace.push_back(command);
                               },
                               &recorder});
    std::uint32_t token = 0;
    for (const Request& request : requests) {
        while (channel.next_event() < request.tick) {
            channel.advance(channel.next_event());
        }
        REQUIRE(channel.can_accept(request.address, request.direction));
        channel.accept(request.address, request.direction, token++, request.tick);
    }
    while (channel.next_event() <= until) {
        channel.advance(channel.next_event());
    }
    recorder.checker.finish(until);
    if (!recorder.checker.violations().empty()) {
        FAIL(recorder.checker.violations().front().text);
    }
    Outcome outcome{"", channel.completions(), channel.counters_until(until + 1)};
    for (const DramCommand& command : recorder.trace) {
        if (command.tick >= from) {
            outcome.commands += (outcome.commands.empty() ? "" : " ") +
                                std::string(command_names[static_cast<std::size_t>(command.kind)]) +
                                std::to_string(command.tick);
        }
    }
    return outcome;
}

ControllerPolicy with_page(PagePolicy page) {
    ControllerPolicy policy;
    policy.refresh = RefreshMode::none;
    policy.page_policy = page;
    return policy;
}

Pattern saturated(bool random, std::uint64_t accesses) {
    Pattern pattern;
    pattern.burst = random ? uniform(11) : sequential;
    pattern.accesses = accesses;
    pattern.warm_up = accesses / 10;
    pattern.pipelined = true;
    return pattern;
}

} // namespace

TEST_CASE("closed pages: every access opens its row, and closes it with its own command") {
    const ControllerPolicy closed = with_page(PagePolicy::closed);
    // The bank is ready again at the later of tRAS (45 CK) and tRCD + tRTP, plus tRP, and tRC: 72 CK.
    CHECK(run(closed, {{0, rd, at(0, 0)}, {0, rd, at(0, 0, 1, 1)}}).commands == "ACT0 RDA62 ACT144 RDA206");
    // After a write at 15 CK: 10 + 2 + 33 CK to the end of tWR at 60 CK, and tRP: 86 CK.
    CHECK(run(closed, {{0, wr, at(0, 0)}, {0, wr, at(0, 0, 2)}}).commands == "ACT0 WRA30 ACT172 WRA202");
    const Outcome outcome = run(closed, {{0, rd, at(0, 0)}, {0, rd, at(1, 0)}});
    CHECK(outcome.counters.auto_precharges == 2);
    CHECK(outcome.counters.precharges == 0);
    CHECK(outcome.counters.row_misses == 2);
}

TEST_CASE("adaptive pages: the last access that waits for a row closes it") {
    const ControllerPolicy adaptive = with_page(PagePolicy::adaptive);
    CHECK(run(adaptive, {{0, rd, at(0, 0)}, {0, rd, at(0, 0, 1, 1)}, {0, rd, at(0, 0, 1, 2)}}).commands ==
          "ACT0 RD62 RD70 RDA78");
    // A write that waits for the row keeps it open for its turn.
    CHECK(run(adaptive, {{0, rd, at(0, 0)}, {0, wr, at(0, 0, 1, 1)}}).commands == "ACT0 RD62 WRA102");
}

TEST_CASE("closed_cap: a row is closed at the first chance after so many accesses, or by the access before that") {
    ControllerPolicy capped = with_page(PagePolicy::closed_cap);
    // One access, then tRAS is over before anything else comes.
    CHECK(run(capped, {{0, rd, at(0, 0)}}).commands == "ACT0 RD62 PRE90");
    // The second access comes before.
    CHECK(run(capped, {{0, rd, at(0, 0)}, {0, rd, at(0, 0, 1, 1)}}).commands == "ACT0 RD62 RDA70");
    capped.page_cap = 3;
    CHECK(run(capped, {{0, rd, at(0, 0)}, {0, rd, at(0, 0, 1, 1)}}).commands == "ACT0 RD62 RD70");
    CHECK(run(capped, {{0, rd, at(0, 0)}, {0, rd, at(0, 0, 1, 1)}, {0, rd, at(0, 0, 1, 2)}}).commands ==
          "ACT0 RD62 RD70 RD78 PRE96");
}

TEST_CASE("timeout: an unused row is closed, each access gives it new time") {
    ControllerPolicy timeout = with_page(PagePolicy::timeout);
    timeout.page_timeout = intarsia::Picoseconds(100'000); // 320 ticks
    CHECK(run(timeout, {{0, rd, at(0, 0)}}).commands == "ACT0 RD62 PRE382");
    CHECK(run(timeout, {{0, rd, at(0, 0)}, {300, rd, at(0, 0, 1, 1)}}).commands == "ACT0 RD62 RD300 PRE620");
}

TEST_CASE("FCFS moves data in the order of arrival, and opens rows ahead") {
    ControllerPolicy fcfs;
    fcfs.refresh = RefreshMode::none;
    fcfs.scheduler = Scheduler::fcfs;
    const std::vector<Request> requests = {
        {0, rd, at(0, 0)}, {0, rd, at(0, 0, 2)}, {0, rd, at(0, 0, 1, 1)}, {0, rd, at(1, 0)}};
    const Outcome in_order = run(fcfs, requests);
    // FR-FCFS would serve the hit on row 1 before the conflict, and the other bank before both.
    CHECK(in_order.commands == "ACT0 ACT8 RD62 PRE90 ACT144 RD206 PRE234 ACT288 RD350 RD354");
    for (std::size_t i = 0; i < in_order.done.size(); ++i) {
        CHECK(in_order.done[i].token == i);
    }
    // A write between reads is not put off.
    const Outcome mixed = run(fcfs, {{0, rd, at(0, 0)}, {0, wr, at(1, 0)}, {0, rd, at(2, 0)}});
    CHECK(mixed.commands == "ACT0 ACT8 ACT16 RD62 WR102 RD140");
    // It is what makes it slow.
    const TimingSet timing = timing_set(hbm3);
    CHECK(drive(timing, fcfs, saturated(true, 10'000)).fraction_of_peak <
          0.9 * drive(timing, with_page(PagePolicy::open), saturated(true, 10'000)).fraction_of_peak);
}

TEST_CASE("reads of a burst that is being fetched share its answer, where told") {
    ControllerPolicy policy;
    policy.refresh = RefreshMode::none;
    const std::vector<Request> requests = {{0, rd, at(0, 0)}, {0, rd, at(0, 0, 2)}, {10, rd, at(0, 0, 2)}};
    CHECK(run(policy, requests).counters.reads == 3);
    policy.merge_reads = true;
    const Outcome merged = run(policy, requests);
    CHECK(merged.counters.reads == 2);
    CHECK(merged.counters.merged == 1);
    REQUIRE(merged.done.size() == 3);
    CHECK(merged.done[1].finish == merged.done[2].finish);
    CHECK(merged.done[2].token == 2);
    check_stages(merged.done[2], 10);
}

TEST_CASE("queues of banks: a full one blocks its bank alone, and a front holds what it cannot take") {
    const TimingSet timing = timing_set(hbm3);
    ControllerPolicy policy;
    policy.bank_queue = 2;
    policy.read_queue = 0;
    policy.write_queue = 0;
    policy.drain_above = 1;
    policy.drain_until = 1;
    for (const std::uint32_t front : {0U, 3U}) {
        policy.read_queue = front;
        ChannelController channel(timing, policy);
        std::uint32_t accepted = 0;
        for (std::uint16_t column = 0; channel.can_accept(at(0, 0, 1, column), rd); ++column) {
            channel.accept(at(0, 0, 1, column), rd, accepted++, 0);
        }
        CHECK(accepted == 2 + front);
        CHECK(channel.can_accept(at(0, 1), rd));
        CHECK(channel.can_accept(at(0, 0, 5), wr));
    }
    // The scheduler sees two of a bank only: a hit behind two conflicts does not pass.
    policy.read_queue = 8;
    policy.refresh = RefreshMode::none;
    const std::vector<Request> requests = {
        {0, rd, at(0, 0)}, {1, rd, at(0, 0, 2)}, {1, rd, at(0, 0, 3)}, {1, rd, at(0, 0, 1, 1)}};
    CHECK(run(policy, requests).commands.rfind("ACT0 RD62 PRE90", 0) == 0);
    policy.bank_queue = 0;
    CHECK(run(policy, requests).commands.rfind("ACT0 RD62 RD70 PRE90", 0) == 0);
}

TEST_CASE("refreshes of single banks come when due and leave the other banks alone") {
    ControllerPolicy policy;
    policy.refresh = RefreshMode::per_bank;
    // nREFI_pb = 195 CK; the second pseudo-channel half an interval later. Idle banks are taken from the first on.
    CHECK(run(policy, {}, 1'000).commands == "REFpb390 REFpb585 REFpb780 REFpb975");
    // A bank in use is not the one that is refreshed.
    CHECK(run(policy, {{380, rd, at(0, 0)}}, 584).commands == "ACT380 REFpb390 RD442");
    policy.refresh = RefreshMode::same_bank;
    CHECK(run(policy, {}, 3'200).commands == "REFsb1560 REFsb2340 REFsb3120");
}

TEST_CASE("refresh of single banks gains over refresh of all on a sequential stream") {
    // All-bank refresh takes (nRTP + nRP + nRFC + nRCD) / nREFI = 10 % of the time. A single bank is away as long a
    // share, but the others work on.
    for (const char* id : {"ramulator21_HBM3_6400Mbps_16Gb_8hi", "ramulator21_HBM2_2000Mbps_4Gb"}) {
        INFO(id);
        const TimingSet timing = timing_set(id);
        const auto fraction = [&](RefreshMode mode) {
            ControllerPolicy policy;
            policy.refresh = mode;
            return drive(timing, policy, saturated(false, 60'000)).fraction_of_peak;
        };
        const double none = fraction(RefreshMode::none);
        const double all = fraction(RefreshMode::all_bank);
        const double away =
            static_cast<double>(timing.nRP + timing.nRFC_pb + timing.nRCDRD) / timing.nREFI; // of a bank's time
        CHECK(fraction(RefreshMode::per_bank) > all + 0.05);
        CHECK(fraction(RefreshMode::per_bank) > none * (1 - away));
        CHECK(fraction(RefreshMode::same_bank) > all + 0.04);
    }
}

TEST_CASE("a postponed refresh waits for an idle moment, but not for ever") {
    const Tick interval = 12'480;
    ControllerPolicy policy;
    policy.postpone = 8;
    // When the first is due, one pseudo-channel is idle and the other has just got a request: it goes first.
    const std::string commands = run(policy, {{interval - 1, rd, at(0, 0)}}, 14'000, interval - 10).commands;
    CHECK(commands == "REFab12480 ACT12482 RD12544 PREA12572 REFab12626");
    // A stream without a gap: the first refresh comes within nine intervals (the checker looks), then one an interval.
    Pattern stream = saturated(true, 60'000);
    stream.warm_up = 0;
    const Measured late = drive(timing_set(hbm3), policy, stream);
    const std::uint64_t due = late.ticks / interval;
    REQUIRE(due > 12);
    CHECK(late.counters.refreshes >= 2 * (due - 9));
    CHECK(late.counters.refreshes <= 2 * (due - 7));
}

TEST_CASE("refreshes that come early are saved up for when there is work") {
    ControllerPolicy policy;
    policy.pull_in = 4;
    const Outcome outcome = run(policy, {}, 12'479);
    CHECK(outcome.counters.refreshes == 2 * 4);
    policy.refresh = RefreshMode::per_bank;
    CHECK(run(policy, {}, 12'479).counters.single_refreshes >= 2 * 4 * 32);
}
