#include "config/errors.hpp"
#include "memory/controller_policy.hpp"
#include "memory/timing_set.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace intarsia;
using namespace intarsia::memory;

namespace {

// Everything that is wrong with a set, one text.
std::string faults_of(const std::string& id, const std::map<std::string, double>& overrides, std::size_t count) {
    try {
        (void)timing_set(id, overrides, "stack");
    } catch (const InputError& error) {
        CHECK(error.faults().size() == count);
        for (const Diagnostic& fault : error.faults()) {
            CHECK(!fault.message.empty());
            CHECK(!fault.remedy.empty());
        }
        return error.what();
    }
    return "accepted";
}

const std::string default_set = "ramulator21_HBM3_6400Mbps_16Gb_8hi";

} // namespace

TEST_CASE("the default HBM3 set has the sizes and rates of its device") {
    const TimingSet set = timing_set(default_set);
    CHECK(set.access_bytes() == 32);
    CHECK(set.columns() == 32);
    CHECK(set.banks_per_pseudo_channel() == 32);
    CHECK(set.channel_bytes() == 1ULL << 30U); // 8 Gb
    CHECK(set.channel_peak() == BytesPerSecond(51'200'000'000));
    CHECK(set.tick_clock() == Clock(Hertz(3'200'000'000)));
    CHECK(set.nREFI == 6240);
    CHECK(set.act_bus_ticks == 3);
    CHECK(set.pre_bus_ticks == 1);
    CHECK(!set.source.empty());
}

TEST_CASE("HBM2 sends row commands in whole CK and derives nRTW") {
    const TimingSet set = timing_set("ramulator21_HBM2_2000Mbps_4Gb");
    CHECK(set.nRTW == 13); // nCL + nBL + 2 - nCWL
    CHECK(set.act_bus_ticks == 4);
    CHECK(set.pre_edge_ticks == 2);
    CHECK(set.tick_clock() == Clock(Hertz(2'000'000'000)));
    CHECK(set.channel_peak() == BytesPerSecond(32'000'000'000));
    // A derived value follows an overridden one, an overridden one stands.
    CHECK(timing_set("ramulator21_HBM2_2000Mbps_4Gb", {{"nCL", 16}}).nRTW == 15);
    CHECK(timing_set("ramulator21_HBM2_2000Mbps_4Gb", {{"nCL", 16}, {"nRTW", 20}}).nRTW == 20);
}

TEST_CASE("any value may be overridden by name") {
    const TimingSet set = timing_set(default_set, {{"nRCDRD", 33}, {"data_rate_Gbps", 5.2}, {"rows", 8192}});
    CHECK(set.nRCDRD == 33);
    CHECK(set.rows == 8192);
    CHECK(set.data_rate_mbps == 5200);
    CHECK(set.tick_clock() == Clock(Hertz(2'600'000'000)));
    for (const std::string_view name : timing_parameter_names()) {
        if (name == "data_rate_Gbps" || name == "pc_per_channel") {
            continue;
        }
        INFO(name);
        CHECK(faults_of(default_set, {{std::string(name), -1}}, 1).find(name) != std::string::npos);
        CHECK(faults_of(default_set, {{std::string(name), 3.5}}, 1).find(name) != std::string::npos);
        CHECK(faults_of(default_set, {{std::string(name), std::nan("")}}, 1).find(name) != std::string::npos);
        CHECK(faults_of(default_set, {{std::string(name), std::numeric_limits<double>::infinity()}}, 1).find(name) !=
              std::string::npos);
    }
}

TEST_CASE("unknown sets and names are refused, all faults at once") {
    CHECK(faults_of("HBM9", {}, 1).find(default_set) != std::string::npos);
    const std::string text = faults_of(default_set, {{"nRCD", 14}, {"tXYZ", 9}, {"nFAW", 0}}, 3);
    CHECK(text.find("\"nRCD\"") != std::string::npos);
    CHECK(text.find("\"tXYZ\"") != std::string::npos);
    CHECK(text.find("nFAW cannot be 0") != std::string::npos);
    CHECK(text.find("stack: error:") != std::string::npos);
}

TEST_CASE("incomplete sets are refused with what they lack, and may be completed") {
    const std::string text = faults_of("jedec_JESD270-4_HBM4", {}, 1);
    for (const char* name : {"nCL", "nRFC_ab", "rows", "stack_ids"}) {
        CHECK(text.find(name) != std::string::npos);
    }
    CHECK(faults_of("ramulator21_HBM4_8000Mbps", {{"rows", 16384}}, 1).find("no value for stack_ids, nRFC_ab") !=
          std::string::npos);
    const TimingSet completed =
        timing_set("ramulator21_HBM4_8000Mbps", {{"rows", 16384}, {"stack_ids", 2}, {"nRFC_ab", 900}});
    CHECK(completed.channel_bytes() == timing_set("ramulator21_HBM4_8000Mbps_8hi").channel_bytes());
}

TEST_CASE("values that contradict each other are refused") {
    CHECK(faults_of(default_set, {{"nRTW", 11}}, 1).find("nRTW") != std::string::npos);
    CHECK(faults_of(default_set, {{"nRAS", 20}}, 1).find("nRAS") != std::string::npos);
    CHECK(faults_of(default_set, {{"nREFI", 900}}, 1).find("nREFI") != std::string::npos);
    CHECK(faults_of(default_set, {{"page_bytes_per_pc", 1000}}, 1).find("page") != std::string::npos);
    CHECK(faults_of(default_set, {{"banks_per_group", 16}}, 1).find("banks") != std::string::npos);
}

TEST_CASE("every complete set is usable") {
    std::size_t complete = 0;
    for (const std::string_view id : timing_set_ids()) {
        try {
            const TimingSet set = timing_set(std::string(id));
            ++complete;
            CHECK(set.channel_bytes() > 0);
            CHECK(set.columns() > 0);
        } catch (const InputError& error) {
            CHECK(std::string(error.what()).find("is not complete") != std::string::npos);
        }
    }
    CHECK(complete == 16 + 5); // of the sources, and derived
}

TEST_CASE("times in ns become clock cycles, rounded up, at the clock of the set") {
    // HBM3 at 6.4 Gb/s: CK = 0.625 ns.
    CHECK(timing_set(default_set, {{"tRP", 16.25}}).nRP == 26);
    CHECK(timing_set(default_set, {{"tRP", 16.26}}).nRP == 27);
    // The clock is that of the overridden rate.
    CHECK(timing_set(default_set, {{"tRP", 16.25}, {"data_rate_Gbps", 12.8}}).nRP == 52);
    CHECK(faults_of(default_set, {{"tRP", -1}}, 1).find("tRP cannot be -1") != std::string::npos);
    CHECK(faults_of(default_set, {{"tCCD", 3}}, 1).find("\"tCCD\"") != std::string::npos);
}

TEST_CASE("refresh of single banks and power-down follow from the set where it leaves them open") {
    const TimingSet set = timing_set(default_set);
    CHECK(set.nRFC_pb == 320);
    CHECK(set.nRREFD == 8);
    CHECK(set.nREFI_pb == 195); // 6240 over 32 banks
    CHECK(set.nXP == 13);       // 8 ns
    CHECK(set.nXS == 576);      // tRFC and 10 ns
    CHECK(timing_set("ramulator21_HBM3_6400Mbps_4Gb").nREFI_pb == 390);
    CHECK(timing_set("dramsim3_HBM2_8Gb_x128").nRFC_pb == 0);
    const TimingSet device = timing_set("dramsys_HBM2_json");
    CHECK(device.nREFI_pb == 244);
    CHECK(device.nXS == 216);
}

TEST_CASE("derived sets keep the array's times and say so") {
    const TimingSet base = timing_set(default_set);
    for (const char* id : {"derived_HBM3E_9600Mbps_24Gb_8hi", "derived_HBM3E_9600Mbps_24Gb_12hi"}) {
        const TimingSet set = timing_set(id);
        CHECK(set.standard == "HBM3E");
        CHECK(set.source.rfind("derived: ", 0) == 0);
        CHECK(set.nRP == 39); // 26 CK at 6.4 Gb/s
        CHECK(set.nRCDRD == 47);
        CHECK(set.nCCD_L == base.nCCD_L);
        CHECK(set.nREFI == 9360);
    }
    CHECK(timing_set("derived_HBM3E_9600Mbps_24Gb_8hi").nRFC_ab == 1080);  // 450 ns
    CHECK(timing_set("derived_HBM3E_9600Mbps_24Gb_12hi").nRFC_ab == 1320); // 550 ns
    CHECK(timing_set("derived_HBM2E_3600Mbps_16Gb_8hi").channel_peak() == BytesPerSecond(57'600'000'000));
}

TEST_CASE("a controller refuses what it cannot do, all faults at once") {
    config::HbmControllerConfig config;
    CHECK(controller_policy(config).drain_above == 51);
    CHECK(controller_policy(config).drain_until == 13);
    config.read_queue = 0;
    config.write_queue = 1025;
    config.write_drain_low = 0.9;
    config.scheduler = "lifo";
    config.page_policy = "shut";
    config.refresh = "never";
    config.queue_kind = "heap";
    config.page_cap = 0;
    config.postpone = 9;
    try {
        (void)controller_policy(config);
        FAIL("accepted");
    } catch (const InputError& error) {
        CHECK(error.faults().size() == 9);
    }
    config = {};
    config.postpone = 5;
    config.pull_in = 4;
    config.scheduler = "fcfs";
    config.row_hit_cap = 4;
    CHECK_THROWS_AS(controller_policy(config), InputError);
    config = {};
    config.scheduler = "frfcfs_cap";
    CHECK(controller_policy(config).row_hit_cap == 4);
    config.queue_kind = "per_bank";
    config.read_queue = 0;
    config.write_queue = 0;
    CHECK(controller_policy(config).bank_queue == 8);
    CHECK(controller_policy(config).drain_above == 6); // of a bank's eight
    config = {};
    config.write_queue = 1;
    config.write_drain_high = 1;
    CHECK(controller_policy(config).drain_above == 0); // a full queue of one drains
}
