// The checker can fail: for every constraint, commands that are one edge too early are refused by its name, and the
// same commands at the exact distance are accepted. Distances are written out here from the HBM3 set (CK times 2).
#include "memory/timing_checker.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace intarsia::memory;

namespace {

constexpr BurstAddress at(std::uint8_t pc, std::uint8_t sid, std::uint8_t group, std::uint8_t bank,
                          std::uint32_t row = 1, std::uint16_t column = 0) {
    return {row, column, pc, sid, group, bank};
}
constexpr BurstAddress a = at(0, 0, 0, 0);
constexpr BurstAddress same_group = at(0, 0, 0, 1);
constexpr BurstAddress other_group = at(0, 0, 1, 0);
constexpr BurstAddress other_sid = at(0, 1, 0, 0);
constexpr BurstAddress other_pc = at(1, 0, 0, 0);

using enum CommandKind;
constexpr CommandKind rd = CommandKind::read; // the bare names are functions of the C library
constexpr CommandKind wr = CommandKind::write;

// Banks that are open long before the commands of a case; the case begins at this tick.
constexpr Tick begin = 4000;

std::vector<TimingViolation> run(const std::vector<BurstAddress>& open, const std::vector<DramCommand>& commands,
                                 RefreshMode refresh = RefreshMode::none) {
    TimingChecker checker(timing_set("ramulator21_HBM3_6400Mbps_16Gb_8hi"), refresh);
    Tick tick = 0;
    for (const BurstAddress& bank : open) {
        checker.observe({tick, activate, bank});
        tick += 200;
    }
    REQUIRE(checker.violations().empty());
    for (DramCommand command : commands) {
        command.tick += begin;
        checker.observe(command);
    }
    CHECK(checker.commands() == open.size() + commands.size());
    return checker.violations();
}

// Whether a violation of `constraint` is reported, with its name in the text.
bool names(const std::vector<TimingViolation>& violations, std::string_view constraint) {
    return std::any_of(violations.begin(), violations.end(), [&](const TimingViolation& v) {
        return v.constraint == constraint && v.text.find(constraint) != std::string::npos;
    });
}

// The last of `commands` is legal at its tick, and breaks `constraint` one edge earlier.
void check_bound(std::string_view constraint, const std::vector<BurstAddress>& open, std::vector<DramCommand> commands,
                 Tick edge) {
    INFO(constraint << " with the last command at " << commands.back().tick);
    const std::vector<TimingViolation> legal = run(open, commands);
    CHECK(legal.empty());
    if (!legal.empty()) {
        UNSCOPED_INFO(legal.front().text);
    }
    commands.back().tick -= edge;
    CHECK(names(run(open, commands), constraint));
}

} // namespace

TEST_CASE("every distance between commands is refused when too short and accepted when exact") {
    const Tick half = 1; // PRE and REF begin on either edge
    const Tick ck = 2;
    check_bound("tRCDRD", {}, {{0, activate, a}, {62, rd, a}}, ck);
    check_bound("tRCDWR", {}, {{0, activate, a}, {30, wr, a}}, ck);
    check_bound("tRAS", {}, {{0, activate, a}, {90, precharge, a}}, half);
    check_bound("tRAS", {}, {{0, activate, a}, {90, precharge_all, a}}, half);
    check_bound("tRP", {a}, {{0, precharge, a}, {52, activate, a}}, ck);
    check_bound("tRP", {a}, {{0, precharge_all, a}, {52, activate, a}}, ck);
    check_bound("tRP", {a}, {{0, precharge, a}, {52, refresh_all, a}}, half);
    check_bound("tRP", {a}, {{0, precharge_all, a}, {52, refresh_all, a}}, half);
    check_bound("tRC", {}, {{0, activate, a}, {90, precharge, a}, {144, activate, a}}, ck);
    check_bound("tRC", {}, {{0, activate, a}, {90, precharge, a}, {144, refresh_all, a}}, half);
    check_bound("tRTP", {a}, {{0, rd, a}, {18, precharge, a}}, half);
    check_bound("tRTP", {a}, {{0, rd, a}, {18, precharge_all, a}}, half);
    check_bound("tWR", {a}, {{0, wr, a}, {90, precharge, a}}, half); // nCWL + nBL + nWR = 45 CK
    check_bound("tWR", {a}, {{0, wr, a}, {90, precharge_all, a}}, half);
    check_bound("tCCD_S", {a, other_group}, {{0, rd, a}, {4, rd, other_group}}, ck);
    check_bound("tCCD_S", {a, other_group}, {{0, wr, a}, {4, wr, other_group}}, ck);
    check_bound("tCCD_L", {a, same_group}, {{0, rd, a}, {8, rd, same_group}}, ck);
    check_bound("tCCD_L", {a, same_group}, {{0, wr, a}, {8, wr, same_group}}, ck);
    check_bound("tCCD_L", {a}, {{0, rd, a}, {8, rd, a}}, ck);
    check_bound("tCCD_R", {a, other_sid}, {{0, rd, a}, {6, rd, other_sid}}, ck);
    check_bound("tWTR_S", {a, other_group}, {{0, wr, a}, {38, rd, other_group}}, ck); // 10 + 2 + 7 CK
    check_bound("tWTR_S", {a, other_sid}, {{0, wr, a}, {38, rd, other_sid}}, ck);
    check_bound("tWTR_L", {a, same_group}, {{0, wr, a}, {44, rd, same_group}}, ck); // 10 + 2 + 10 CK
    check_bound("tRTW", {a, other_group}, {{0, rd, a}, {40, wr, other_group}}, ck);
    check_bound("tRRD_S", {}, {{0, activate, a}, {8, activate, other_group}}, ck);
    check_bound("tRRD_L", {}, {{0, activate, a}, {10, activate, same_group}}, ck);
    check_bound("tFAW", {},
                {{0, activate, a},
                 {8, activate, other_group},
                 {16, activate, at(0, 0, 2, 0)},
                 {24, activate, at(0, 0, 3, 0)},
                 {48, activate, other_sid}},
                ck);
    check_bound("tPPD", {a, other_group}, {{0, precharge, a}, {4, precharge, other_group}}, half);
    check_bound("tPPD", {a, other_group}, {{0, precharge, a}, {4, precharge_all, a}}, half);
    check_bound("tRFCab", {}, {{0, refresh_all, a}, {1120, activate, a}}, ck);
    check_bound("tRFCab", {}, {{0, refresh_all, a}, {1120, refresh_all, a}}, half);
    check_bound("tRFCab", {}, {{0, refresh_all, a}, {1120, precharge_all, a}}, half);
}

TEST_CASE("accesses with auto-precharge keep every distance, and close their row when tRAS and tRTP or tWR are over") {
    const Tick ck = 2;
    check_bound("tRCDRD", {}, {{0, activate, a}, {62, read_precharge, a}}, ck);
    check_bound("tRCDWR", {}, {{0, activate, a}, {30, write_precharge, a}}, ck);
    check_bound("tCCD_L", {a, same_group}, {{0, rd, a}, {8, read_precharge, same_group}}, ck);
    check_bound("tCCD_L", {a, same_group}, {{0, read_precharge, a}, {8, rd, same_group}}, ck);
    check_bound("tWTR_S", {a, other_group}, {{0, write_precharge, a}, {38, read_precharge, other_group}}, ck);
    check_bound("tRTW", {a, other_group}, {{0, read_precharge, a}, {40, write_precharge, other_group}}, ck);
    // Row open long since: tRTP and tRP (9 + 26 CK); then tCWL + burst + tWR + tRP (10 + 2 + 33 + 26 CK).
    check_bound("tRP", {a}, {{0, read_precharge, a}, {70, activate, a}}, ck);
    check_bound("tRP", {a}, {{0, write_precharge, a}, {142, activate, a}}, ck);
    check_bound("tRP", {a}, {{0, read_precharge, a}, {70, refresh_all, a}}, 1);
    check_bound("tRP", {a}, {{0, write_precharge, a}, {142, refresh_bank, a}}, 1);
    // Just opened: tRAS is longer than tRCD and tRTP, then tRP; with a longer tRP it is what binds, not tRC.
    const TimingSet set = timing_set("ramulator21_HBM3_6400Mbps_16Gb_8hi", {{"nRP", 30}});
    for (const Tick early : {0U, 2U}) {
        TimingChecker checker(set, RefreshMode::none);
        checker.observe({0, activate, a});
        checker.observe({62, read_precharge, a});
        checker.observe({150 - early, activate, a}); // 45 + 30 CK
        CHECK(names(checker.violations(), "tRP") == (early != 0));
    }
    CHECK(names(run({a}, {{0, read_precharge, a}, {200, rd, a}}), "closed_bank"));
    CHECK(names(run({a}, {{0, write_precharge, a}, {200, precharge, a}}), "closed_bank"));
}

TEST_CASE("refreshes of single banks keep their distances from all that concerns their bank") {
    const Tick half = 1;
    const Tick ck = 2;
    for (const CommandKind kind : {refresh_bank, refresh_same}) {
        check_bound("tRC", {}, {{0, activate, a}, {90, precharge, a}, {144, kind, a}}, half);
        check_bound("tRP", {a}, {{0, precharge, a}, {52, kind, a}}, half);
        check_bound("tRP", {a}, {{0, precharge_all, a}, {52, kind, a}}, half);
        check_bound("tRRD_S", {}, {{0, activate, other_sid}, {8, kind, a}}, half);
        check_bound("tRRD_L", {}, {{0, activate, same_group}, {10, kind, a}}, half);
        check_bound("tRREFD", {}, {{0, kind, a}, {16, activate, same_group}}, ck);
        check_bound("tRREFD", {}, {{0, kind, a}, {16, kind, same_group}}, half);
        check_bound("tRFCpb", {}, {{0, kind, a}, {640, activate, a}}, ck);
        check_bound("tRFCpb", {}, {{0, kind, a}, {640, kind, a}}, half);
        check_bound("tRFCpb", {}, {{0, kind, a}, {640, refresh_all, a}}, half);
        check_bound("tRFCab", {}, {{0, refresh_all, a}, {1120, kind, a}}, half);
        check_bound("tFAW", {},
                    {{0, activate, a},
                     {8, activate, other_group},
                     {16, activate, at(0, 0, 2, 0)},
                     {24, activate, at(0, 0, 3, 0)},
                     {48, kind, other_sid}},
                    half);
        CHECK(names(run({a}, {{0, kind, a}}), "open_bank"));
        CHECK(run({a}, {{0, kind, same_group}, {0, rd, a}}).empty());
    }
    // The same bank of every group.
    check_bound("tRFCpb", {}, {{0, refresh_same, a}, {640, activate, other_group}}, ck);
    CHECK(run({}, {{0, refresh_bank, a}, {16, activate, other_group}}).empty());
    CHECK(names(run({other_group}, {{0, refresh_same, a}}), "open_bank"));
    CHECK(run({other_group}, {{0, refresh_bank, a}}).empty());
}

TEST_CASE("with refreshes of single banks, each bank is counted") {
    const TimingSet set = timing_set("ramulator21_HBM3_6400Mbps_16Gb_8hi", {{"pc_per_channel", 1}});
    const Tick interval = 12'480;
    // Bank 5 of 32 is left out for ten intervals, or for eight.
    for (const Tick intervals : {8U, 10U}) {
        TimingChecker checker(set, RefreshMode::per_bank);
        for (Tick i = 0; i < intervals; ++i) {
            for (std::uint8_t bank = 0; bank < 32; ++bank) {
                if (bank != 5) {
                    const BurstAddress each = at(0, bank / 16, bank / 4 % 4, bank % 4, 0);
                    checker.observe({i * interval + bank * 390U, refresh_bank, each});
                }
            }
        }
        checker.finish(intervals * interval);
        CHECK(checker.violations().size() == (intervals == 10 ? 1 : 0));
        CHECK((checker.violations().empty() || names(checker.violations(), "tREFI")));
    }
    // More than eight ahead of what is due is no refresh.
    TimingChecker early(set, RefreshMode::all_bank);
    for (Tick i = 0; i < 9; ++i) {
        CHECK(early.violations().empty());
        early.observe({i * 1200, refresh_all, a});
    }
    CHECK(names(early.violations(), "tREFI"));
}

TEST_CASE("command buses are shared by the pseudo-channels") {
    check_bound("row_bus", {other_pc}, {{0, activate, a}, {3, precharge, other_pc}}, 1);
    check_bound("row_bus", {}, {{0, activate, a}, {4, activate, other_pc}}, 2);
    check_bound("row_bus", {a, other_pc}, {{0, precharge, a}, {1, precharge, other_pc}}, 1);
    check_bound("column_bus", {a, other_pc}, {{0, rd, a}, {2, rd, other_pc}}, 2);
    // A row and a column command at once have a bus each.
    CHECK(run({a}, {{0, rd, a}, {0, activate, other_pc}}).empty());
}

TEST_CASE("commands begin on the edges that the standard gives them") {
    CHECK(names(run({}, {{1, activate, a}}), "command_edge"));
    CHECK(names(run({a}, {{1, rd, a}}), "command_edge"));
    CHECK(names(run({a}, {{1, wr, a}}), "command_edge"));
    CHECK(run({a}, {{1, precharge, a}}).empty());
    TimingChecker hbm2(timing_set("ramulator21_HBM2_2000Mbps_4Gb"), RefreshMode::none);
    hbm2.observe({0, activate, a});
    hbm2.observe({101, precharge, a});
    CHECK(names(hbm2.violations(), "command_edge"));
}

TEST_CASE("bursts must not overlap on the data bus, whatever the distances say") {
    // Without a bus rule of its own, nCCD_S = 1 would allow it: this set states the distance of the file, half a burst.
    const TimingSet set = timing_set("dramsim3_HBM2_8Gb_x128");
    for (const Tick distance : {Tick{2}, Tick{4}}) {
        TimingChecker checker(set, RefreshMode::none);
        checker.observe({0, activate, a});
        checker.observe({100, activate, other_group});
        checker.observe({200, rd, a});
        checker.observe({200 + distance, rd, other_group});
        CHECK(names(checker.violations(), "data_bus") == (distance == 2));
        CHECK(checker.violations().size() == (distance == 2 ? 1 : 0));
    }
}

TEST_CASE("the state of banks is checked") {
    CHECK(names(run({a}, {{0, activate, at(0, 0, 0, 0, 2)}}), "open_bank"));
    CHECK(names(run({a}, {{0, refresh_all, a}}), "open_bank"));
    CHECK(run({a}, {{0, refresh_all, other_pc}}).empty());
    CHECK(names(run({}, {{0, rd, a}}), "closed_bank"));
    CHECK(names(run({}, {{0, wr, a}}), "closed_bank"));
    CHECK(names(run({}, {{0, precharge, a}}), "closed_bank"));
    CHECK(names(run({a}, {{0, precharge_all, a}, {100, rd, a}}), "closed_bank"));
    CHECK(names(run({a}, {{0, rd, at(0, 0, 0, 0, 2)}}), "wrong_row"));
    CHECK(run({a}, {{0, rd, at(0, 0, 0, 0, 1, 31)}}).empty());
}

TEST_CASE("places outside the channel and time running backwards are refused") {
    CHECK(names(run({}, {{0, activate, at(2, 0, 0, 0)}}), "address"));
    CHECK(names(run({}, {{0, activate, at(0, 2, 0, 0)}}), "address"));
    CHECK(names(run({}, {{0, activate, at(0, 0, 4, 0)}}), "address"));
    CHECK(names(run({}, {{0, activate, at(0, 0, 0, 4)}}), "address"));
    CHECK(names(run({}, {{0, activate, at(0, 0, 0, 0, 16384)}}), "address"));
    CHECK(names(run({a}, {{0, rd, at(0, 0, 0, 0, 1, 32)}}), "address"));
    CHECK(names(run({}, {{100, activate, a}, {0, activate, other_pc}}), "order"));
}

TEST_CASE("overdue refreshes are found, in the stream and at its end") {
    const TimingSet set = timing_set("ramulator21_HBM3_6400Mbps_16Gb_8hi");
    const Tick limit = 9 * 2 * 6240;
    for (const Tick late : {Tick{0}, Tick{2}}) {
        TimingChecker checker(set);
        checker.observe({1000, refresh_all, a});
        checker.observe({1001, refresh_all, other_pc});
        checker.observe({1000 + limit + late, activate, a});
        CHECK(names(checker.violations(), "tREFI") == (late != 0));
        TimingChecker at_end(set);
        at_end.finish(limit + late);
        CHECK(at_end.violations().size() == (late != 0 ? 2 : 0)); // both pseudo-channels
    }
    TimingChecker without(set, RefreshMode::none);
    without.finish(100 * limit);
    CHECK(without.violations().empty());
}
