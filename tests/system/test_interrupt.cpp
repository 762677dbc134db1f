// A run that is interrupted leaves valid results of what it had done.
#include "program_runs.hpp"
#include "small_systems.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace intarsia;
using namespace intarsia::tests;

namespace {

// Starts the program, sends `signal` once it has begun to simulate, and returns its exit code.
int interrupted_run(const RunFiles& files, int signal) {
    const pid_t child = ::fork();
    if (child == 0) {
        const int nowhere = ::open("/dev/null", O_RDWR);
        ::dup2(nowhere, STDOUT_FILENO);
        ::dup2(nowhere, STDERR_FILENO);
        const std::string system = files.path("system.toml");
        const std::string trace = files.path("trace");
        const std::string out = files.path("out");
        ::execl(INTARSIA_PROGRAM, INTARSIA_PROGRAM, "run", system.c_str(), "--trace", trace.c_str(), "--out",
                out.c_str(), "--events", "node", nullptr);
        ::_exit(127);
    }
    // The directory appears shortly before the simulation starts.
    for (int i = 0; i < 1000 && !std::filesystem::exists(files.path("out")); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    ::kill(child, signal);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Two ranks that compute, load and reduce for far longer than the test waits.
workloads::Workload long_workload() {
    WorkloadBuilder work(2);
    for (std::uint32_t rank = 0; rank < 2; ++rank) {
        std::vector<std::uint32_t> last;
        for (int i = 0; i < 2000; ++i) {
            last = {work.gemm(rank, 512, 512, 512, last)};
            last = {work.collective(rank, workloads::Collective::all_reduce, 512 << 10U, last)};
        }
    }
    return work.build();
}

} // namespace

TEST_CASE("An interrupted run exits with 130 and leaves results that balance", "[interrupt]") {
    const auto signal = GENERATE(SIGINT, SIGTERM);
    const RunFiles files(two_dies, long_workload());
    REQUIRE(interrupted_run(files, signal) == 130);
    const nlohmann::json summary = files.summary("out");
    CHECK(summary["complete"] == false);
    CHECK(summary["time_ps"] > 0);
    for (const auto& chiplet : summary["chiplets"]) {
        CHECK(chiplet["nodes"] > 0);
        CHECK(chiplet["nodes"] < 4000);
        std::uint64_t cycles = 0;
        for (const auto& [group, leaves] : chiplet["stalls"].items()) {
            for (const auto& [leaf, count] : leaves.items()) {
                cycles += count.get<std::uint64_t>();
            }
        }
        CHECK(cycles == chiplet["elapsed_cycles"].get<std::uint64_t>() * chiplet["cores"].get<std::uint64_t>());
    }
    CHECK_FALSE(files.read("out/run.sqlite").empty());
    CHECK_FALSE(files.read("out/effective.toml").empty());
    for (const auto& entry : std::filesystem::directory_iterator(files.path("out"))) {
        CHECK(entry.path().extension() != ".partial");
    }
}
