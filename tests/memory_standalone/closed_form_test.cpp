// Traffic whose speed follows from the timing set by a formula, driven as `intarsia memory` drives it.
#include "tests/memory_standalone/support.hpp"

#include <algorithm>
#include <fmt/format.h>

using namespace intarsia;
using namespace intarsia::tests;
using memory::StandaloneConfig;
using memory::StandaloneResult;
using memory::TimingSet;

namespace {

// Share of time that all-bank refresh leaves to a pseudo-channel that is kept busy.
double refresh_factor(const TimingSet& t) {
    return 1.0 - static_cast<double>(t.nRTP + t.nRP + t.nRFC_ab + t.nRCDRD) / t.nREFI;
}

double ck_ns(const TimingSet& t) {
    return 2e9 / t.tick_clock().hertz();
}

double ns(const StandaloneResult& result, std::uint64_t percent) {
    return static_cast<double>(result.measured.read_latency.percentile(percent)) * result.tick_ns;
}

std::vector<std::string> complete_sets() {
    std::vector<std::string> sets;
    for (const std::string_view id : memory::timing_set_ids()) {
        try {
            sets.push_back(memory::timing_set(std::string(id)).id);
        } catch (const InputError&) {
            continue; // its source leaves values open
        }
    }
    return sets;
}

std::vector<std::string> chain(const std::string& pattern) {
    return {"traffic.pattern=" + pattern, "traffic.outstanding=1", "memory.refresh=none", "traffic.requests=500",
            "traffic.warmup_requests=0"};
}

} // namespace

TEST_CASE("a dependent chain has exactly the latencies of the timing set, for every complete set") {
    const std::vector<std::string> sets = complete_sets();
    REQUIRE(sets.size() >= 16);
    for (const std::string& id : sets) {
        INFO(id);
        const StandaloneConfig hits = memory_of(id, chain("row_hit"));
        const TimingSet& t = hits.setup.timing;
        const double ck = ck_ns(t);
        const double data = t.nCL + t.burst_nck;
        const StandaloneResult hit = run(hits);
        CHECK(ns(hit, 1) == Approx(data * ck).epsilon(1e-12)); // an open row
        CHECK(ns(hit, 99) == Approx(data * ck).epsilon(1e-12));
        CHECK(ns(hit, 100) == Approx((t.nRCDRD + data) * ck).epsilon(1e-12)); // the first: a closed bank

        const StandaloneResult conflict = run(id, chain("row_conflict"));
        // The access before holds its row for tRAS and tRTP; the next comes one CK after its data.
        const double since_activate = t.nRCDRD + data + 1;
        const double held = std::max<double>(t.nRAS, t.nRCDRD + t.nRTP);
        const double wait = std::max(0.0, held - since_activate);
        CHECK(ns(conflict, 50) == Approx((wait + t.nRP + t.nRCDRD + data) * ck).epsilon(1e-12));
        CHECK(ns(conflict, 100) == Approx(ns(conflict, 50)).epsilon(1e-12));
        CHECK(ns(conflict, 0) == Approx((t.nRCDRD + data) * ck).epsilon(1e-12));
    }
}

TEST_CASE("sequential reads run at the refresh factor") {
    const std::vector<std::string> traffic = {"traffic.requests=100000", "traffic.warmup_requests=10000"};
    const StandaloneConfig one_id = memory_of(hbm2, traffic);
    CHECK(run(one_id).fraction_of_peak == Approx(refresh_factor(one_id.setup.timing)).epsilon(0.01));
    // 16 bursts of a pseudo-channel go to one stack id, then nCCD_R - nCCD_S = 1 CK of 33 is lost.
    const StandaloneConfig two_ids = memory_of(hbm3, traffic);
    REQUIRE(two_ids.setup.timing.stack_ids == 2);
    CHECK(run(two_ids).fraction_of_peak == Approx(refresh_factor(two_ids.setup.timing) * 32 / 33).epsilon(0.01));
    CHECK(run(hbm3, {"memory.refresh=none"}).fraction_of_peak == Approx(32.0 / 33).epsilon(0.01));
}

TEST_CASE("one bank with k hits a row runs at the row cycle") {
    for (const std::string& id : {hbm2, hbm3}) {
        const TimingSet t = memory_of(id).setup.timing;
        // This many bursts lie between neighbouring columns of a bank, and that many more between its rows.
        const std::uint32_t banks = t.pseudo_channels * t.banks_per_pseudo_channel();
        for (const std::uint32_t hits : {1U, 2U, 8U, 16U, 32U}) {
            INFO(id << ", " << hits << " hits a row");
            const std::vector<std::string> traffic = {
                "traffic.pattern=strided", fmt::format("traffic.stride={}", banks * t.columns() / hits),
                fmt::format("traffic.requests={}", hits == 1 ? 8000 : 15000), "traffic.warmup_requests=200"};
            std::vector<std::string> without_refresh = traffic;
            without_refresh.emplace_back("memory.refresh=none");
            const double cycle = std::max<double>((hits - 1.0) * t.nCCD_L + t.nRTP + t.nRP + t.nRCDRD, t.nRC);
            const double share = hits * static_cast<double>(t.burst_nck) / cycle / t.pseudo_channels;
            CHECK(run(id, without_refresh).fraction_of_peak == Approx(share).epsilon(0.005));
            const StandaloneResult result = run(id, traffic);
            if (hits > 1) {
                CHECK(result.fraction_of_peak == Approx(share * refresh_factor(t)).epsilon(0.01));
            } else {
                // A bank that is closed a third of the time loses less than closing and opening for each refresh.
                CHECK(result.fraction_of_peak > share * refresh_factor(t) * 0.99);
                CHECK(result.fraction_of_peak < share * (1 - static_cast<double>(t.nRFC_ab) / t.nREFI) * 1.01);
            }
            CHECK(result.acts_per_column_command == Approx(1.0 / hits).epsilon(0.05));
        }
    }
}

TEST_CASE("conflicts on two pseudo-channels run twice as fast, one open row at tCCD_L") {
    const TimingSet t = memory_of(hbm3).setup.timing;
    const double one_bank = static_cast<double>(t.burst_nck) / t.nRC / t.pseudo_channels;
    const std::vector<std::string> short_run = {"memory.refresh=none", "traffic.requests=4000",
                                                "traffic.warmup_requests=400"};
    const auto fraction = [&](const std::string& pattern) {
        std::vector<std::string> overrides = short_run;
        overrides.push_back("traffic.pattern=" + pattern);
        return run(hbm3, overrides).fraction_of_peak;
    };
    CHECK(fraction("row_conflict") == Approx(one_bank).epsilon(0.005));
    CHECK(fraction("row_conflict_2pc") == Approx(2 * one_bank).epsilon(0.005));
    CHECK(fraction("row_hit") ==
          Approx(static_cast<double>(t.burst_nck) / t.nCCD_L / t.pseudo_channels).epsilon(0.005));
}

TEST_CASE("random reads run at the rate of activates") {
    const std::vector<std::string> random = {"traffic.pattern=random", "traffic.requests=60000",
                                             "traffic.warmup_requests=6000"};
    for (const std::string& id : {hbm3, hbm3_one_stack_id}) {
        INFO(id);
        const StandaloneConfig config = memory_of(id, random);
        const TimingSet& t = config.setup.timing;
        const double activates = t.burst_nck / std::max<double>(t.nRRD_S, t.nFAW / 4.0);
        const StandaloneResult result = run(config);
        CHECK(result.fraction_of_peak == Approx(refresh_factor(t) * activates).epsilon(0.03));
        CHECK(result.acts_per_column_command == Approx(1).epsilon(0.01));
    }
}

TEST_CASE("a light random load waits for the row and half a refresh") {
    for (const std::string& id : {hbm2, hbm3}) {
        INFO(id);
        const StandaloneConfig config =
            memory_of(id, {"traffic.pattern=random", "traffic.offered_fraction_of_peak=0.02", "traffic.requests=40000",
                           "traffic.warmup_requests=4000"});
        const TimingSet& t = config.setup.timing;
        const double conflict = t.nRP + t.nRCDRD + t.nCL + t.burst_nck;
        const double refresh = static_cast<double>(t.nRFC_ab) * t.nRFC_ab / (2.0 * t.nREFI);
        const StandaloneResult result = run(config);
        CHECK(result.measured.read_latency.mean() * result.tick_ns ==
              Approx((conflict + refresh) * ck_ns(t)).epsilon(0.03));
        CHECK(result.fraction_of_peak == Approx(0.02).epsilon(0.005));
    }
}

TEST_CASE("several channels multiply the peak, and sequential traffic uses them all") {
    const StandaloneResult one = run(hbm3);
    const StandaloneResult four = run(hbm3, {"memory.channels=4", "traffic.requests=80000"});
    CHECK(four.peak_bytes_per_s == 4 * one.peak_bytes_per_s);
    CHECK(four.fraction_of_peak == Approx(one.fraction_of_peak).epsilon(0.03));
}
