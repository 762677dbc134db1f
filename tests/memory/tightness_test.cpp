// The controller issues each command at the earliest legal tick: directed traffic on the HBM3 set, whose command ticks
// are known (CK times 2).
#include "tests/memory/channel_driver.hpp"

using namespace intarsia::tests;

namespace {

struct Request {
    Tick tick;
    Direction direction;
    BurstAddress address;
};

BurstAddress at(std::uint8_t pc, std::uint8_t sid, std::uint8_t group, std::uint8_t bank, std::uint32_t row = 1,
                std::uint16_t column = 0) {
    return {row, column, pc, sid, group, bank};
}

constexpr Direction rd = Direction::read;
constexpr Direction wr = Direction::write;

// One letter a kind: A activate, P precharge, N precharge all, R read, W write, F refresh; r and w with auto-precharge,
// f and s refreshes of single banks and of the same bank of all groups.
std::string text(const DramCommand& command) {
    return std::string(1, "APNRWFrwfs"[static_cast<std::size_t>(command.kind)]) + std::to_string(command.tick);
}

// The commands that answer `requests`, from tick `from` to `until`, as "A0 R62 ...".
std::string commands(const std::vector<Request>& requests, Tick from = 0, Tick until = 11'000,
                     const ControllerPolicy& policy = {}) {
    const TimingSet timing = timing_set(hbm3);
    TimingChecker checker(timing, policy.refresh);
    struct Recorder {
        TimingChecker* checker;
        std::vector<DramCommand> trace;
    } recorder{&checker, {}};
    const CommandObserver observer{[](void* context, const DramCommand& command) {
                                       auto* const r = static_cast<Recorder*>(context);
                                       r->checker->observe(command);
                                       r->trace.push_back(command);
                                   },
                                   &recorder};
    ChannelController channel(timing, policy, observer);
    for (const Request& request : requests) {
        while (channel.next_event() < request.tick) {
            channel.advance(channel.next_event());
        }
        REQUIRE(channel.can_accept(request.address, request.direction));
        channel.accept(request.address, request.direction, 0, request.tick);
    }
    while (channel.next_event() <= until) {
        channel.advance(channel.next_event());
    }
    if (!checker.violations().empty()) {
        FAIL(checker.violations().front().text);
    }
    std::string trace;
    for (const DramCommand& command : recorder.trace) {
        if (command.tick >= from) {
            trace += (trace.empty() ? "" : " ") + text(command);
        }
    }
    return trace;
}

} // namespace

TEST_CASE("row commands follow tRCD, tRAS, tRP and tRC at once") {
    CHECK(commands({{0, rd, at(0, 0, 0, 0)}}) == "A0 R62");
    CHECK(commands({{0, wr, at(0, 0, 0, 0)}}) == "A0 W30");
    // PRE after tRAS (45 CK), ACT after tRC (72 CK, one more than tRAS + tRP).
    CHECK(commands({{0, rd, at(0, 0, 0, 0)}, {0, rd, at(0, 0, 0, 0, 2)}}) == "A0 R62 P90 A144 R206");
    // After a late read, tRTP (9 CK) and tRP (26 CK) count; after a late write, tWR: 10 + 2 + 33 CK.
    CHECK(commands({{0, rd, at(0, 0, 0, 0)}, {200, rd, at(0, 0, 0, 0)}, {201, rd, at(0, 0, 0, 0, 2)}}, 200) ==
          "R200 P218 A270 R332");
    CHECK(commands({{0, rd, at(0, 0, 0, 0)}, {200, wr, at(0, 0, 0, 0)}, {201, wr, at(0, 0, 0, 0, 2)}}, 200) ==
          "W200 P290 A342 W372");
}

TEST_CASE("activates keep tRRD and tFAW and no more") {
    CHECK(commands({{0, rd, at(0, 0, 0, 0)}, {0, rd, at(0, 0, 1, 0)}}) == "A0 A8 R62 R70");
    CHECK(commands({{0, rd, at(0, 0, 0, 0)}, {0, rd, at(0, 0, 0, 1)}}) == "A0 A10 R62 R72");
    CHECK(commands({{0, rd, at(0, 0, 0, 0)},
                    {0, rd, at(0, 0, 1, 0)},
                    {0, rd, at(0, 0, 2, 0)},
                    {0, rd, at(0, 0, 3, 0)},
                    {0, rd, at(0, 1, 0, 0)}}) == "A0 A8 A16 A24 A48 R62 R70 R78 R86 R110");
    // The other pseudo-channel waits for the bus only: ACT takes three ticks, the next rising edge is the fourth.
    CHECK(commands({{0, rd, at(0, 0, 0, 0)}, {0, rd, at(1, 0, 0, 0)}}) == "A0 A4 R62 R66");
}

TEST_CASE("column commands keep tCCD and the turnarounds and no more") {
    const auto after_opening = [](BurstAddress first, Direction one, BurstAddress second, Direction two) {
        return commands({{0, rd, first}, {0, rd, second}, {400, one, first}, {402, two, second}}, 400);
    };
    const BurstAddress a = at(0, 0, 0, 0);
    CHECK(after_opening(a, rd, at(0, 0, 1, 0), rd) == "R400 R404");
    CHECK(after_opening(a, rd, at(0, 0, 0, 1), rd) == "R400 R408");
    CHECK(after_opening(a, rd, at(0, 1, 0, 0), rd) == "R400 R406");
    CHECK(after_opening(a, rd, at(1, 0, 0, 0), rd) == "R400 R402");
    CHECK(after_opening(a, wr, at(0, 0, 1, 0), wr) == "W400 W404");
    CHECK(after_opening(a, wr, at(0, 0, 0, 1), wr) == "W400 W408");
    CHECK(after_opening(a, wr, at(0, 1, 0, 0), wr) == "W400 W404");
    CHECK(after_opening(a, rd, at(0, 0, 1, 0), wr) == "R400 W440");
    CHECK(after_opening(a, wr, at(0, 0, 1, 0), rd) == "W400 R438");
    CHECK(after_opening(a, wr, at(0, 0, 0, 1), rd) == "W400 R444");
    CHECK(after_opening(a, wr, at(1, 0, 0, 0), rd) == "W400 R402");
}

TEST_CASE("precharges keep tPPD within a pseudo-channel and use either edge") {
    const auto conflicts = [](BurstAddress first, BurstAddress second) {
        BurstAddress first_row = first;
        BurstAddress second_row = second;
        first_row.row = 2;
        second_row.row = 2;
        return commands({{0, rd, first}, {0, rd, second}, {401, rd, first_row}, {401, rd, second_row}}, 400);
    };
    CHECK(conflicts(at(0, 0, 0, 0), at(0, 0, 1, 0)) == "P401 P405 A454 A462 R516 R524");
    CHECK(conflicts(at(0, 0, 0, 0), at(1, 0, 0, 0)) == "P401 P402 A454 A458 R516 R520");
}

TEST_CASE("refreshes come at tREFI on both pseudo-channels") {
    const Tick due = 12'480;
    CHECK(commands({}, 0, 2 * due + 1000) == "F12480 F12481 F24960 F24961");
    // Open rows are closed first; what waits begins when tRFCab (560 CK) is over. The second pseudo-channel follows.
    CHECK(commands({{12'000, rd, at(0, 0, 0, 0)}, {due + 3, rd, at(0, 0, 0, 0)}}, due, due + 2000) ==
          "N12480 F12532 F12533 A13652 R13714");
    // A request that has its ACT is served before the refresh (tRAS and tRC count), one that has not waits for its end.
    CHECK(commands({{due - 20, rd, at(0, 0, 0, 0)}, {due - 1, rd, at(0, 0, 1, 0)}}, due - 20, due + 2000) ==
          "A12460 R12522 N12550 F12604 F12605 A13724 R13786");
}

TEST_CASE("a row with waiting hits is not closed for a conflict, unless capped") {
    std::vector<Request> requests{{0, rd, at(0, 0, 0, 0)}};
    requests.push_back({400, rd, at(0, 0, 0, 0, 2)}); // the conflict is older than all hits
    for (std::uint16_t column = 1; column <= 4; ++column) {
        requests.push_back({400, rd, at(0, 0, 0, 0, 1, column)});
    }
    CHECK(commands(requests, 400) == "R400 R408 R416 R424 P442 A494 R556");
    ControllerPolicy capped;
    capped.row_hit_cap = 2;
    CHECK(commands(requests, 400, 11'000, capped) == "R400 R408 P426 A478 R540 P568 A622 R684 R692");
}

TEST_CASE("writes wait for the high watermark or for the reads to end, and drain to the low one") {
    ControllerPolicy policy;
    policy.drain_above = 2;
    policy.drain_until = 1;
    const BurstAddress r = at(0, 0, 0, 0);
    const BurstAddress w = at(0, 0, 1, 0);
    std::vector<Request> requests{{0, rd, r}, {0, rd, w}};
    for (std::uint16_t i = 0; i < 6; ++i) {
        requests.push_back({400, rd, at(0, 0, 0, 0, 1, i)});
    }
    for (std::uint16_t i = 0; i < 2; ++i) {
        requests.push_back({400, wr, at(0, 0, 1, 0, 1, i)});
    }
    CHECK(commands(requests, 400, 2000, policy) == "R400 R408 R416 R424 R432 R440 W480 W488");
    requests.push_back({400, wr, at(0, 0, 1, 0, 1, 9)});
    CHECK(commands(requests, 400, 2000, policy) == "W400 W408 W416 R454 R462 R470 R478 R486 R494");
}
