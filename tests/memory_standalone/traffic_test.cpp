// The patterns of [traffic], and how a source is served.
#include "tests/memory_standalone/support.hpp"

#include <set>

using namespace intarsia;
using namespace intarsia::tests;
using memory::Direction;
using memory::OfferedAccess;
using memory::PatternSource;
using memory::StandaloneConfig;

namespace {

std::vector<OfferedAccess> accesses_of(const std::vector<std::string>& overrides) {
    std::vector<std::string> all_overrides = {"traffic.requests=3000", "traffic.warmup_requests=0"};
    all_overrides.insert(all_overrides.end(), overrides.begin(), overrides.end());
    const StandaloneConfig config = memory_of(hbm3, all_overrides);
    const memory::Addressing addressing = config.addressing();
    PatternSource source(config.traffic, config.setup.timing, addressing);
    std::vector<OfferedAccess> all;
    for (; !source.done(); source.next()) {
        all.push_back(source.head());
    }
    return all;
}

std::vector<std::uint64_t> bursts_of(const std::vector<std::string>& overrides) {
    const memory::Addressing addressing = memory_of(hbm3, overrides).addressing();
    std::vector<std::uint64_t> bursts;
    for (const OfferedAccess& access : accesses_of(overrides)) {
        bursts.push_back(addressing.burst_of(access.place));
    }
    return bursts;
}

} // namespace

TEST_CASE("sequential and strided traffic count through the bursts and wrap onto new ones") {
    const std::vector<std::uint64_t> sequential = bursts_of({});
    for (std::uint64_t i = 0; i < sequential.size(); ++i) {
        REQUIRE(sequential[i] == i);
    }
    // 1024 strides cover the capacity once; the next round begins one burst further.
    const std::uint64_t capacity = memory_of(hbm3).addressing().bursts();
    const std::uint64_t stride = capacity / 1024;
    const std::vector<std::uint64_t> strided =
        bursts_of({"traffic.pattern=strided", "traffic.stride=" + std::to_string(stride)});
    CHECK(strided[1] == stride);
    CHECK(strided[1023] == 1023 * stride);
    CHECK(strided[1024] == 1);
    CHECK(strided[2047] == 1023 * stride + 1);
    CHECK(strided[2048] == 2);
    CHECK(std::set<std::uint64_t>(strided.begin(), strided.end()).size() == strided.size());
}

TEST_CASE("random traffic is uniform, and the seed alone decides it") {
    const std::vector<std::uint64_t> one = bursts_of({"traffic.pattern=random", "traffic.seed=5"});
    CHECK(one == bursts_of({"traffic.pattern=random", "traffic.seed=5"}));
    CHECK(one != bursts_of({"traffic.pattern=random", "traffic.seed=6"}));
    const std::uint64_t capacity = memory_of(hbm3).addressing().bursts();
    std::vector<int> eighths(8);
    for (const std::uint64_t burst : one) {
        REQUIRE(burst < capacity);
        ++eighths[burst * 8 / capacity];
    }
    for (const int count : eighths) {
        CHECK(count == Approx(3000 / 8).epsilon(0.2)); // four standard deviations
    }
}

TEST_CASE("conflict and hit patterns stay in their bank") {
    const auto conflicts = accesses_of({"traffic.pattern=row_conflict"});
    const auto both = accesses_of({"traffic.pattern=row_conflict_2pc"});
    const auto hits = accesses_of({"traffic.pattern=row_hit"});
    for (std::size_t i = 0; i < conflicts.size(); ++i) {
        REQUIRE(conflicts[i].place == memory::Place{0, {static_cast<std::uint32_t>(i), 0, 0, 0, 0, 0}});
        REQUIRE(both[i].place ==
                memory::Place{0, {static_cast<std::uint32_t>(i / 2), 0, static_cast<std::uint8_t>(i % 2), 0, 0, 0}});
        REQUIRE(hits[i].place == memory::Place{0, {0, static_cast<std::uint16_t>(i % 32), 0, 0, 0, 0}});
    }
}

TEST_CASE("two pseudo-channels are asked of a memory that has them") {
    const StandaloneConfig config = memory_of(hbm3, {"memory.pseudo_channels=1", "traffic.pattern=row_conflict_2pc"});
    CHECK_THAT(faults_of([&] { static_cast<void>(run(config)); }),
               Catch::Contains("needs two pseudo-channels") && Catch::Contains("row_conflict_2pc"));
}

TEST_CASE("writes are spread evenly, 33 percent being every third") {
    const auto thirds = accesses_of({"traffic.write_percent=33"});
    for (std::size_t i = 0; i < thirds.size(); ++i) {
        REQUIRE((thirds[i].direction == Direction::write) == (i % 3 == 2));
    }
    for (const int percent : {0, 7, 50, 67, 99, 100}) {
        const auto all = accesses_of({"traffic.write_percent=" + std::to_string(percent)});
        const auto writes = std::count_if(
            all.begin(), all.end(), [](const OfferedAccess& access) { return access.direction == Direction::write; });
        CHECK(writes == (percent == 67 ? 2000 : 30 * percent));
    }
}

TEST_CASE("an open loop offers at its rate, on edges of CK, without drifting") {
    // Peak: two pseudo-channels with a burst in 2 CK each, one burst a CK; 7 % is one in 14.2857 CK.
    const auto all = accesses_of({"traffic.offered_fraction_of_peak=0.07"});
    for (std::size_t i = 0; i < all.size(); ++i) {
        const double exact = static_cast<double>(i) / 0.07;
        const double offered = static_cast<double>(all[i].earliest) / memory::ticks_per_ck;
        REQUIRE(all[i].earliest % memory::ticks_per_ck == 0);
        REQUIRE(offered >= exact - 1e-6);
        REQUIRE(offered < exact + 1);
    }
}

TEST_CASE("a window bounds what is in flight") {
    // Little's law: bursts in flight = bandwidth x mean latency; the source reacts one CK after a completion.
    for (const std::uint32_t window : {1U, 4U, 16U}) {
        const auto result = run(hbm3, {"traffic.pattern=random", "traffic.outstanding=" + std::to_string(window)});
        const double cycles_an_access = static_cast<double>(result.simulated_cycles) / 20'000;
        const double latency = result.measured.read_latency.mean() / memory::ticks_per_ck;
        CHECK((latency + 1) / cycles_an_access == Approx(window).epsilon(0.002));
    }
}

TEST_CASE("only what completes after the warm-up is measured") {
    const auto whole = run(hbm3, {"traffic.requests=500", "traffic.warmup_requests=0"});
    const auto part = run(hbm3, {"traffic.requests=400", "traffic.warmup_requests=100"});
    CHECK(whole.measured.begin == 0);
    CHECK(part.measured.begin > 0);
    CHECK(part.measured.end == whole.measured.end);
    CHECK(part.measured.requests == 400);
    CHECK(part.measured.read_latency.count() == 400);
    CHECK(part.run_commands == whole.run_commands);
}

TEST_CASE("percentiles are exact by nearest rank, also beyond the table") {
    memory::LatencyRecord record;
    CHECK(record.percentile(50) == 0);
    for (std::uint64_t value = 1; value <= 200; ++value) {
        record.add(value * 1000);
    }
    CHECK(record.percentile(0) == 1000);
    CHECK(record.percentile(50) == 100'000);
    CHECK(record.percentile(99) == 198'000);
    CHECK(record.percentile(100) == 200'000);
    CHECK(record.mean() == Approx(100'500));
}
