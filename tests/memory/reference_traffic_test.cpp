// The controller against public simulators on the same timing set and traffic. The figures are those of Ramulator 2.1
// (github.com/CMU-SAFARI/ramulator2, commit c5b1c3a), FR-FCFS with row-hit protection, queues of 64 and 64, write drain
// from 80 % to 20 %, all-bank refresh unless stated; HBM2 on one pseudo-channel.
#include "tests/memory/channel_driver.hpp"

using namespace intarsia::tests;

namespace {

struct Reference {
    std::string name;
    bool random;
    std::uint32_t write_percent; // 0, 33 (every third access), 100
    std::uint32_t window;        // 0: unlimited source
    bool refresh;
    double fraction_of_peak;
    double mean_read_ns; // 0: no reads, or measures the depth of the queue only
    double tolerance;
};

Pattern traffic(const Reference& reference) {
    Pattern pattern;
    pattern.burst = reference.random ? uniform(7) : sequential;
    if (reference.write_percent != 0) {
        const std::uint64_t every = reference.write_percent == 100 ? 1 : 3;
        pattern.is_write = [every](std::uint64_t i) { return i % every == every - 1; };
    }
    pattern.window = reference.window;
    pattern.accesses = 100'000;
    pattern.warm_up = 10'000;
    pattern.pipelined = true;
    return pattern;
}

void compare(const TimingSet& timing, const std::vector<Reference>& references) {
    for (const Reference& reference : references) {
        ControllerPolicy policy;
        policy.refresh = reference.refresh ? RefreshMode::all_bank : RefreshMode::none;
        const Measured measured = drive(timing, policy, traffic(reference));
        INFO(reference.name << ": " << measured.fraction_of_peak << " of peak, mean read latency "
                            << measured.mean_read_ns << " ns");
        CHECK(measured.fraction_of_peak == Approx(reference.fraction_of_peak).epsilon(reference.tolerance));
        if (reference.mean_read_ns != 0) {
            CHECK(measured.mean_read_ns == Approx(reference.mean_read_ns).epsilon(reference.tolerance));
        }
    }
}

} // namespace

TEST_CASE("an HBM3 channel matches Ramulator 2.1 in bandwidth and latency") {
    compare(timing_set(hbm3), {
                                  {"sequential reads", false, 0, 0, true, 0.87345, 0, 0.01},
                                  {"sequential writes", false, 100, 0, true, 0.86537, 0, 0.01},
                                  {"sequential reads without refresh", false, 0, 0, false, 0.97583, 0, 0.01},
                                  {"sequential reads, one", false, 0, 1, true, 0.02478, 24.911, 0.02},
                                  {"sequential reads, window of 4", false, 0, 4, true, 0.13364, 18.395, 0.02},
                                  {"sequential reads, window of 8", false, 0, 8, true, 0.28203, 17.416, 0.02},
                                  {"sequential reads, window of 16", false, 0, 16, true, 0.56386, 17.423, 0.02},
                                  {"sequential reads, window of 64", false, 0, 64, true, 0.85072, 46.713, 0.01},
                                  {"sequential reads, window of 128", false, 0, 128, true, 0.87466, 60.135, 0.01},
                                  {"random reads", true, 0, 0, true, 0.29213, 0, 0.02},
                                  {"random writes", true, 100, 0, true, 0.29462, 0, 0.02},
                                  {"random reads without refresh", true, 0, 0, false, 0.32581, 0, 0.02},
                                  {"random reads, one", true, 0, 1, true, 0.01372, 45.249, 0.02},
                                  {"random reads, window of 4", true, 0, 4, true, 0.04742, 52.402, 0.02},
                                  {"random reads, window of 8", true, 0, 8, true, 0.08878, 56.004, 0.02},
                                  {"random reads, window of 16", true, 0, 16, true, 0.16198, 61.424, 0.02},
                                  {"random reads, window of 64", true, 0, 64, true, 0.29285, 136.272, 0.02},
                                  {"random reads, window of 128", true, 0, 128, true, 0.29372, 169.629, 0.02},
                              });
}

TEST_CASE("an HBM2 pseudo-channel matches Ramulator 2.1, mixes of reads and writes included") {
    compare(timing_set("ramulator21_HBM2_2000Mbps_4Gb", {{"pc_per_channel", 1}}),
            {
                {"sequential reads", false, 0, 0, true, 0.92022, 0, 0.01},
                {"sequential writes", false, 100, 0, true, 0.90526, 0, 0.01},
                {"sequential, a third writes", false, 33, 0, true, 0.83091, 247.246, 0.01},
                {"random reads", true, 0, 0, true, 0.46147, 0, 0.02},
                {"random writes", true, 100, 0, true, 0.45098, 0, 0.03},
                {"random, a third writes", true, 33, 0, true, 0.44526, 461.643, 0.01},
                {"random reads, window of 16", true, 0, 16, true, 0.35801, 88.385, 0.01},
            });
}
