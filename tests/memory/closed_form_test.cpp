// Traffic whose speed follows from the timing set by a formula.
#include "config/errors.hpp"
#include "tests/memory/channel_driver.hpp"

using namespace intarsia::tests;

namespace {

// Share of time that all-bank refresh leaves to a pseudo-channel that is kept busy.
double refresh_factor(const TimingSet& t) {
    return 1.0 - static_cast<double>(t.nRTP + t.nRP + t.nRFC_ab + t.nRCDRD) / t.nREFI;
}

ControllerPolicy without_refresh() {
    ControllerPolicy policy;
    policy.refresh = RefreshMode::none;
    return policy;
}

// Latencies, in CK, of reads that each begin when the last has ended.
std::vector<double> chain(const TimingSet& timing, const std::vector<BurstAddress>& addresses, Tick start) {
    TimingChecker checker(timing, RefreshMode::none);
    ChannelController channel(timing, without_refresh(), checker.observer());
    std::vector<double> latencies;
    Tick tick = start;
    for (const BurstAddress& address : addresses) {
        const Tick arrival = tick;
        while (channel.next_event() < arrival) {
            channel.advance(channel.next_event());
        }
        channel.accept(address, Direction::read, 0, arrival);
        while (channel.completions().empty()) {
            tick = channel.next_event();
            channel.advance(tick);
        }
        tick = channel.completions().front().finish;
        channel.clear_completions();
        latencies.push_back(static_cast<double>(tick - arrival) / ticks_per_ck);
    }
    CHECK(checker.violations().empty());
    return latencies;
}

// The bursts of one bank (pseudo-channel 0), `columns` of each row.
std::function<std::uint64_t(std::uint64_t)> one_bank(const TimingSet& timing, std::uint32_t columns) {
    return [mapping = ChannelMapping(timing, bank_interleaved), columns, rows = timing.rows](std::uint64_t i) {
        BurstAddress address;
        address.row = static_cast<std::uint32_t>(i / columns % rows);
        address.column = static_cast<std::uint16_t>(i % columns);
        return mapping.burst_of(address);
    };
}

} // namespace

TEST_CASE("a dependent chain of reads has the latencies of the timing table, for every complete set") {
    for (const std::string_view id : timing_set_ids()) {
        TimingSet t;
        try {
            t = timing_set(std::string(id));
        } catch (const intarsia::InputError&) {
            continue; // not complete
        }
        INFO(id);
        const BurstAddress first{5, 0, 0, 0, 0, 0};
        BurstAddress hit = first;
        hit.column = 3;
        BurstAddress conflict = first;
        conflict.row = 6;
        BurstAddress closed = first;
        closed.bank = 1;
        // The bank has been open long enough for tRAS when the conflict comes: after two hits and a closed bank.
        const std::vector<double> ck = chain(t, {first, hit, closed, hit, hit, conflict}, 0);
        const std::uint32_t data = t.nCL + t.burst_nck;
        CHECK(ck[0] == t.nRCDRD + data);
        CHECK(ck[1] == data);
        CHECK(ck[2] == t.nRCDRD + data);
        CHECK(ck[3] == data);
        CHECK(ck[5] == t.nRP + t.nRCDRD + data);
    }
}

TEST_CASE("sequential reads reach the refresh factor and lose one CK at each change of stack id") {
    const TimingSet t = timing_set(hbm3);
    Pattern pattern;
    pattern.burst = sequential;
    pattern.accesses = 100'000;
    pattern.warm_up = 10'000;
    // 32 bursts (16 a pseudo-channel) go to one stack id, then nCCD_R - nCCD_S = 1 CK is lost.
    CHECK(drive(t, {}, pattern).fraction_of_peak == Approx(refresh_factor(t) * 32 / 33).epsilon(0.01));
    CHECK(drive(t, without_refresh(), pattern).fraction_of_peak == Approx(32.0 / 33).epsilon(0.01));
}

TEST_CASE("one bank with a new row each time runs at tRC") {
    const TimingSet t = timing_set(hbm3);
    Pattern pattern;
    pattern.burst = one_bank(t, 1);
    pattern.accesses = 4'000;
    pattern.warm_up = 400;
    const double peak_of_one = static_cast<double>(t.burst_nck) / t.nRC / t.pseudo_channels;
    CHECK(drive(t, without_refresh(), pattern).fraction_of_peak == Approx(peak_of_one).epsilon(0.001));
    // A refresh takes less from a bank that is closed half the time.
    const double upper = 1.0 - static_cast<double>(t.nRFC_ab) / t.nREFI;
    const double measured = drive(t, {}, pattern).fraction_of_peak;
    CHECK(measured < upper * peak_of_one * 1.001);
    CHECK(measured > 0.99 * refresh_factor(t) * peak_of_one);
}

TEST_CASE("one open row runs at tCCD_L, several hits a row at the row cycle") {
    const TimingSet t = timing_set(hbm3);
    Pattern pattern;
    pattern.accesses = 20'000;
    pattern.warm_up = 2'000;
    pattern.burst = [row = one_bank(t, t.columns()), n = t.columns()](std::uint64_t i) { return row(i % n); };
    const double share = static_cast<double>(t.burst_nck) / t.pseudo_channels;
    CHECK(drive(t, without_refresh(), pattern).fraction_of_peak == Approx(share / t.nCCD_L).epsilon(0.001));
    for (const std::uint32_t hits : {2U, 8U, 16U, 32U}) {
        INFO(hits << " hits a row");
        pattern.burst = one_bank(t, hits);
        const std::uint32_t cycle = std::max((hits - 1) * t.nCCD_L + t.nRTP + t.nRP + t.nRCDRD, t.nRC);
        CHECK(drive(t, without_refresh(), pattern).fraction_of_peak == Approx(share * hits / cycle).epsilon(0.005));
    }
}

TEST_CASE("random reads run at the rate of activates") {
    const TimingSet t = timing_set(hbm3);
    Pattern pattern;
    pattern.burst = uniform(3);
    pattern.accesses = 40'000;
    pattern.warm_up = 4'000;
    const double activates = t.burst_nck / std::max<double>(t.nRRD_S, t.nFAW / 4.0);
    const Measured measured = drive(t, {}, pattern);
    CHECK(measured.fraction_of_peak < refresh_factor(t) * activates * 1.005);
    CHECK(measured.fraction_of_peak > refresh_factor(t) * activates * 0.97);
    CHECK(measured.activates_per_column == Approx(1).epsilon(0.01));
}

TEST_CASE("the row-command bus limits what the activate window would allow") {
    // Without tFAW and with a short tRRD, ACT (1.5 CK, from rising edges) and PRE (0.5 CK) share 2 CK of the bus.
    const TimingSet t = timing_set(hbm3, {{"nFAW", 4}, {"nRRD_S", 1}, {"nRRD_L", 1}});
    Pattern pattern;
    pattern.burst = uniform(4);
    pattern.accesses = 40'000;
    pattern.warm_up = 4'000;
    const double accesses_per_ck =
        drive(t, without_refresh(), pattern).fraction_of_peak * t.pseudo_channels / t.burst_nck;
    CHECK(accesses_per_ck < 0.5);
    CHECK(accesses_per_ck > 0.4);
}

TEST_CASE("lost data-bus ticks account for every idle tick") {
    const TimingSet t = timing_set(hbm3);
    for (const std::uint32_t window : {0U, 8U}) {
        Pattern pattern;
        pattern.burst = uniform(5);
        pattern.is_write = [](std::uint64_t i) { return i % 4 == 1; };
        pattern.window = window;
        pattern.accesses = 20'000;
        const Measured measured = drive(t, {}, pattern);
        const LostTicks& lost = measured.counters.lost;
        const double counted =
            static_cast<double>(measured.counters.data_bus_ticks + lost.no_request + lost.queue_full + lost.refresh +
                                lost.turnaround + lost.bank + lost.column + lost.activate + lost.row_bus);
        // The pseudo-channels' last bursts end a little before the run.
        CHECK(counted <= static_cast<double>(measured.ticks * t.pseudo_channels));
        CHECK(counted > 0.99 * static_cast<double>(measured.ticks * t.pseudo_channels));
        CHECK(lost.refresh > 0);
        CHECK(lost.turnaround > 0);
        CHECK(measured.counters.bytes == (measured.counters.reads + measured.counters.writes) * t.access_bytes());
        CHECK(measured.counters.row_hits + measured.counters.row_misses + measured.counters.row_conflicts ==
              measured.counters.reads + measured.counters.writes);
    }
}
