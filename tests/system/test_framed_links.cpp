// Packages whose die-to-die links pack flits into d2d_flits, with bit errors and retry.
#include "d2d/flit_format.hpp"
#include "program_runs.hpp"
#include "small_systems.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::tests;
using workloads::Collective;

namespace {

workloads::Workload both_ways() {
    WorkloadBuilder work(2);
    for (std::uint32_t rank = 0; rank < 2; ++rank) {
        work.load(rank, 40'000);
        work.collective(rank, Collective::all_reduce, 60'000);
        work.send(rank, 1 - rank, 30'000);
        work.receive(rank, 1 - rank, 30'000);
    }
    return work.build();
}

std::vector<std::string> framed(std::string_view format, const std::string& ber) {
    return {fmt::format("d2d.d2d.flit_format={}", format), "d2d.d2d.ber=" + ber, "placement.home=interleaved"};
}

} // namespace

// Each run checks its accounts at the end: every flit over every link once, every credit home.
TEST_CASE("a package runs on every format, and every account balances under errors", "[framed]") {
    const auto elapsed = [](const std::string& system, const workloads::Workload& work,
                            const std::vector<std::string>& options) {
        return in_child([&] { return SystemRun(system, work, options).outcome.end.count(); });
    };
    for (const d2d::FlitFormat& format : d2d::flit_formats()) {
        INFO(format.name);
        CHECK(elapsed(two_dies, both_ways(), framed(format.name, "0")) > 0);
        if (format.crc_bytes > 0) {
            CHECK(elapsed(two_dies, both_ways(), framed(format.name, "1e-5")) > 0);
            CHECK(elapsed(two_dies, both_ways(), framed(format.name, "1e-4")) > 0);
            // One load after the other: nothing but the link's replays can change the time much.
            const std::uint64_t clean = elapsed(memory_across, chain_of_loads(100, 512), framed(format.name, "0"));
            CHECK(elapsed(memory_across, chain_of_loads(100, 512), framed(format.name, "1e-4")) > clean);
        }
    }
}

TEST_CASE("replays that a core waits for are d2d.retry", "[framed]") {
    // A round trip of 200 ns and more for each damaged d2d_flit, and 18 % of them are (1 - (1 - 1e-4)^2048).
    auto options = framed("256B", "1e-4");
    options.emplace_back("d2d.d2d.flight_time=\"100 ns\"");
    const SystemRun run(memory_across, chain_of_loads(200, 512), options);
    INFO(stall_text(run, 0));
    CHECK(run.cycles(0, metrics::Leaf::d2d_retry) > 0);
}

TEST_CASE("without errors nothing waits for retry", "[framed]") {
    const SystemRun run(memory_across, chain_of_loads(50, 512), framed("256B", "0"));
    CHECK(run.cycles(0, metrics::Leaf::d2d_retry) == 0);
}

TEST_CASE("a framed link with errors is deterministic, whatever the order of modules", "[framed]") {
    const RunFiles files(two_dies, both_ways());
    const std::string options =
        "--set d2d.d2d.flit_format=256B --set d2d.d2d.ber=2e-6 --set placement.home=interleaved";
    REQUIRE(files.run("plain", options).exit_code == 0);
    for (const std::uint64_t seed : {1ULL, 77ULL}) {
        const std::string out = fmt::format("shuffled{}", seed);
        REQUIRE(files.run(out, options + fmt::format(" --set simulation.shuffle_seed={}", seed)).exit_code == 0);
        CHECK(files.read(out + "/summary.json") == files.read("plain/summary.json"));
    }
}

TEST_CASE("a d2d_flit of less than a picosecond is refused", "[framed]") {
    const RunFiles files(two_dies, both_ways());
    const ProgramRun run = files.run("refused", "--set d2d.d2d.flit_format=256B --set d2d.d2d.lanes=4096 "
                                                "--set d2d.d2d.transfer_rate='\"1000 GT/s\"'");
    INFO(run.err);
    CHECK(run.exit_code == 2);
    CHECK(run.err.find("less than a picosecond") != std::string::npos);
}

TEST_CASE("run refuses bit errors without retry", "[framed]") {
    const RunFiles files(two_dies, both_ways());
    for (const char* options : {"--set d2d.d2d.ber=1e-9", "--set d2d.d2d.ber=1e-9 --set d2d.d2d.flit_format=raw",
                                "--set d2d.d2d.ber=1e-9 --set d2d.d2d.flit_format=256B --set d2d.d2d.retry=false"}) {
        const ProgramRun run = files.run("refused", options);
        INFO(options << run.err);
        CHECK(run.exit_code == 2);
        CHECK(run.err.find("bit errors but no retry") != std::string::npos);
    }
}
