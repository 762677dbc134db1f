// The network against published simulators and RTL.
#include "noc/standalone/curve.hpp"
#include "noc/standalone/load_setup.hpp"
#include "noc/standalone/zero_load.hpp"
#include "tests/noc_standalone/scratch.hpp"
#include "tests/reference.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fmt/format.h>

using namespace intarsia;
using namespace intarsia::noc::standalone;

namespace {

NetworkSetup preset(const std::string& name, const std::vector<std::string>& overrides = {}) {
    return load_network(INTARSIA_SOURCE_DIR "/presets/noc/" + name + ".toml", overrides, true).setup;
}

/// Mean of two seeds, as the reference has it.
PointFigures two_seeds(NetworkSetup setup, double load) {
    const double zero = zero_load_latency(setup, lone_packets(setup));
    setup.traffic.seed = 1;
    PointFigures sum = run_point(setup, load, zero);
    setup.traffic.seed = 2;
    const PointFigures other = run_point(setup, load, zero);
    sum.packet_latency.mean = (sum.packet_latency.mean + other.packet_latency.mean) / 2;
    sum.network_latency.mean = (sum.network_latency.mean + other.network_latency.mean) / 2;
    sum.accepted = (sum.accepted + other.accepted) / 2;
    return sum;
}

struct Reference {
    std::string name;
    std::vector<std::string> overrides;
    double zero_load; ///< by formula
    double load;      ///< at or below 80 % of saturation
    double latency;   ///< measured by BookSim 2, mean of two seeds
    double spread;    ///< between its seeds
    double accepted_beyond;
};

const std::vector<std::string> eight{"traffic.packet_flits=8", "traffic.warmup_cycles=4500",
                                     "traffic.measure_cycles=15000"};
const std::vector<std::string> transpose{"traffic.pattern=transpose", "traffic.warmup_cycles=2400",
                                         "traffic.measure_cycles=8000"};

} // namespace

// Figures of BookSim 2 (public repository booksim/booksim2, unchanged, vc_alloc_delay = sw_alloc_delay = st_final_delay
// = credit_delay = 1, routing_delay = 0, 4 VCs of 8 flits, islip, 2 seeds).
TEST_CASE("Curves of BookSim 2: latency within 1 %, accepted rate beyond saturation within 5 %") {
    const Reference reference =
        GENERATE(values<Reference>({{"mesh8", {}, 27, 0.3, 29.517, 0.053, 0.38038},
                                    {"mesh8", eight, 34, 0.3, 56.876, 0.063, 0.39152},
                                    {"mesh8", transpose, 27, 0.1, 27.507, 0.029, 0.34372},
                                    {"torus8", {}, 26, 0.4, 27.954, 0.008, 0.51659},
                                    {"chain8_d2d", {"traffic.packet_flits=1"}, 19, 0.35, 21.086, 0.010, 0.38499},
                                    {"chain8_d2d", {"traffic.measure_cycles=400000"}, 26, 0.2, 32.438, 0.076, 0}}));
    INFO(fmt::format("{} {}", reference.name, fmt::join(reference.overrides, " ")));
    const NetworkSetup setup = preset(reference.name, reference.overrides);
    CHECK(zero_load_latency(setup, lone_packets(setup)) == Approx(reference.zero_load).epsilon(1e-9));
    const PointFigures point = two_seeds(setup, reference.load);
    CHECK(point.stable);
    CHECK(std::abs(point.packet_latency.mean - reference.latency) <= 0.01 * reference.latency + reference.spread);
    if (reference.accepted_beyond > 0) {
        CHECK(run_point(setup, 1, reference.zero_load).accepted == Approx(reference.accepted_beyond).epsilon(0.05));
    }
}

TEST_CASE("Saturation of BookSim 2 within 3 %") {
    // Highest load with a mean latency of at most 3 times that of the empty network, lowest load above.
    const auto [overrides, stable, saturated] = GENERATE(table<std::vector<std::string>, double, double>(
        {{std::vector<std::string>{}, 0.42, 0.43}, {eight, 0.375, 0.382}}));
    const NetworkSetup setup = preset("mesh8", overrides);
    const double zero = zero_load_latency(setup, lone_packets(setup));
    CHECK(is_stable(setup, stable * 0.97, zero));
    CHECK_FALSE(is_stable(setup, saturated * 1.03, zero));
}

TEST_CASE("Links that carry as much as their credits allow (BookSim 2's microbenchmarks)") {
    // Two routers in line, each sending to the other only. Accepted rates have four digits.
    const auto [vcs, depth, flits, credit_delay, accepted] = GENERATE(table<int, int, int, int, double>({
        {1, 1, 200, 1, 0.1665},
        {1, 2, 200, 1, 0.3328},
        {1, 3, 200, 1, 0.4994},
        {1, 4, 200, 1, 0.6645},
        {1, 5, 200, 1, 0.8299},
        {1, 4, 200, 0, 0.7968},
        {1, 4, 200, 2, 0.5699},
        {1, 1, 1, 1, 0.1429},
        {1, 2, 1, 1, 0.2858},
        {1, 8, 1, 1, 0.5},
        {2, 8, 1, 1, 1.0},
        {2, 1, 1, 1, 0.2858},
        {4, 1, 1, 1, 0.5},
        {1, 8, 8, 1, 0.8889},
    }));
    const tests::Scratch scratch;
    const std::string file = scratch.write(
        "line.toml", fmt::format("[noc]\ntopology = \"mesh\"\ndims = [2]\nvirtual_channels = {}\nbuffer_flits = {}\n"
                                 "credit_delay_cycles = {}\n[traffic]\npattern = \"neighbor\"\npacket_flits = {}\n"
                                 "warmup_cycles = 20000\nmeasure_cycles = 200000\n",
                                 vcs, depth, credit_delay, flits));
    const NetworkSetup setup = load_network(file, {}, true).setup;
    INFO(fmt::format("{} VCs of {}, packets of {}, credits in {}", vcs, depth, flits, credit_delay));
    CHECK(std::abs(run_point(setup, 1, 10).accepted - accepted) <= 0.00015);
}

TEST_CASE("RTL cases, packet by packet and hop by hop [reference]") {
    const std::string router = GENERATE("bsg_mesh_4x4", "bsg_wormhole_4x4");
    const auto folder = tests::reference_path("rtl/" + router);
    if (!folder) {
        return;
    }
    int cases = 0;
    for (const auto& entry : std::filesystem::directory_iterator(*folder)) {
        if (!entry.is_directory()) {
            continue;
        }
        const tests::Scratch scratch;
        const std::string of_case = entry.path().string();
        INFO(of_case);
        const auto output = tests::run_intarsia(
            fmt::format("noc {}/presets/noc/{}.toml --packets {}/stimulus.csv --packets-out {} --hops-out {}",
                        INTARSIA_SOURCE_DIR, router, of_case, scratch.path("out.csv"), scratch.path("hops.csv")));
        CHECK(output.exit_code == 0);
        CHECK(scratch.read("out.csv") == tests::Scratch::read_file(of_case + "/expected.csv"));
        if (std::filesystem::exists(of_case + "/hops.csv")) {
            CHECK(scratch.read("hops.csv") == tests::Scratch::read_file(of_case + "/hops.csv"));
        }
        ++cases;
    }
    CHECK(cases >= 2);
}
