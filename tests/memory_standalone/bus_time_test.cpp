// Explaining bandwidth: shares of the bus, and which constraint binds.
#include "tests/memory_standalone/support.hpp"

#include <map>

using namespace intarsia;
using namespace intarsia::tests;
using memory::BusShare;
using memory::StandaloneResult;

namespace {

double share(const StandaloneResult& result, std::string_view key) {
    for (const BusShare& each : result.bus_time) {
        if (each.key == key) {
            return each.share;
        }
    }
    FAIL("no share " << key);
    return 0;
}

std::string_view binding(const StandaloneResult& result) {
    return memory::binding_constraint(result.bus_time);
}

} // namespace

TEST_CASE("shares of the bus sum to one and data is the bandwidth") {
    const std::vector<std::vector<std::string>> traffics = {
        {},
        {"traffic.pattern=random", "traffic.write_percent=33"},
        {"traffic.pattern=row_conflict", "traffic.requests=2000"},
        {"traffic.pattern=random", "traffic.outstanding=3"},
        {"traffic.offered_fraction_of_peak=0.1"},
        {"memory.channels=2", "traffic.pattern=strided", "traffic.stride=7"}};
    for (const auto& traffic : traffics) {
        const StandaloneResult result = run(hbm3, traffic);
        double sum = 0;
        for (const BusShare& each : result.bus_time) {
            CHECK(each.share >= 0);
            sum += each.share;
        }
        CHECK(sum == Approx(1).epsilon(1e-9));
        CHECK(share(result, "data") == Approx(result.fraction_of_peak).epsilon(0.01));
    }
}

TEST_CASE("the binding constraint is the one that the traffic is made for") {
    const auto of = [&](std::vector<std::string> overrides) {
        overrides.emplace_back("memory.refresh=none");
        return run(hbm3, overrides);
    };
    CHECK(binding(of({})) == "data");
    CHECK(binding(of({"traffic.pattern=random"})) == "tFAW_tRRD");
    CHECK(binding(of({"traffic.offered_fraction_of_peak=0.2"})) == "no_request");
    CHECK(binding(of({"traffic.outstanding=1"})) == "no_request");
    const StandaloneResult conflict =
        of({"memory.pseudo_channels=1", "traffic.pattern=row_conflict", "traffic.requests=2000"});
    CHECK(binding(conflict) == "tRC");
    CHECK(share(conflict, "tRC") > 0.9);
    const StandaloneResult turning = of({"traffic.write_percent=33", "memory.write_queue=4", "memory.read_queue=4"});
    CHECK(share(turning, "turnaround") > 0.1);
    // One bank group at a time: column commands every nCCD_L, twice a burst, but where the next group begins.
    const StandaloneResult one_group = of({"memory.address_order=pc-column-bank-bankgroup-sid-row"});
    CHECK(binding(one_group) == "tCCD");
    CHECK(share(one_group, "tCCD") > 0.4);
    CHECK(share(one_group, "tCCD") + share(one_group, "data") > 0.98);
    const StandaloneResult refreshing = run(hbm3, {"traffic.requests=100000"});
    CHECK(binding(refreshing) == "refresh");
    const memory::TimingSet t = memory_of(hbm3).setup.timing;
    CHECK(share(refreshing, "refresh") == Approx(static_cast<double>(t.nRFC_ab) / t.nREFI).epsilon(0.15));
}

TEST_CASE("the report says in words what binds") {
    const memory::StandaloneConfig config = memory_of(hbm3, {"traffic.pattern=random", "memory.refresh=none"});
    const std::string text = memory::result_text(config, run(config));
    CHECK_THAT(text, Catch::Contains("What binds\n  tFAW and tRRD, the rate of activates"));
    CHECK_THAT(text, Catch::Contains("nFAW = 24 CK"));
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        CHECK(end - at <= 100);
        at = end + 1;
    }
    for (const BusShare& each : run(hbm3).bus_time) {
        CHECK_FALSE(memory::title_of(each.key).empty());
        CHECK(memory::explanation_of(each.key, config.setup.timing).size() > 60);
    }
}

TEST_CASE("energy follows the published figures of HBM2") {
    // DRAMsim3 on HBM2_8Gb_x128: 1.98 pJ a bit for saturated sequential reads, 4.47 for random ones.
    const auto energy = [](const char* pattern) {
        return run("dramsim3_HBM2_8Gb_x128", {std::string("traffic.pattern=") + pattern}).energy_pj_per_bit;
    };
    CHECK(energy("sequential") == Approx(1.98).epsilon(0.03));
    CHECK(energy("random") == Approx(4.47).epsilon(0.03));
}
