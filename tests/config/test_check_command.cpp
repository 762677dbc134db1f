#include "tests/config/system_text.hpp"

#include <catch2/catch.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <sys/wait.h>

using namespace intarsia;

namespace {

struct Outcome {
    int exit_code = 0;
    std::string output; ///< both streams
};

Outcome run(const std::string& arguments) {
    const std::string command = std::string(INTARSIA_PROGRAM) + " " + arguments + " 2>&1";
    std::FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    Outcome outcome;
    std::array<char, 4096> block{};
    for (std::size_t n = 0; (n = std::fread(block.data(), 1, block.size(), pipe)) > 0;) {
        outcome.output.append(block.data(), n);
    }
    const int status = ::pclose(pipe);
    outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
}

bool has(const Outcome& outcome, const std::string& part) {
    return outcome.output.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("check tells what was understood") {
    const Outcome good = run("check dual_die_cowos");
    INFO(good.output);
    CHECK(good.exit_code == 0);
    CHECK(has(good, "943.7 TFLOP/s matrix"));
    CHECK(has(good, "1.088 TB/s over the bisection a direction"));
    CHECK(has(good, "stack hbm7: 16 channels at 4 network interfaces, 819.2 GB/s, 16 GiB"));
    CHECK(has(good, "64 lanes at 32 GT/s: 256.0 GB/s raw"));
    CHECK(has(good, "in all: 1887.4 TFLOP/s matrix, 128 MiB SRAM, 128 GiB of memory at 6.554 TB/s"));
    CHECK(has(good, "rank 1 on die1"));
    CHECK_FALSE(has(good, "warning"));
    CHECK(run("check " INTARSIA_SOURCE_DIR "/presets/dual_die_cowos.toml").output == good.output);
}

TEST_CASE("check warns, and still succeeds") {
    const Outcome warned = run("check dual_die_cowos --set core.dma_window=16 --set d2d.d2d.lanes=128");
    CHECK(warned.exit_code == 0);
    CHECK(has(warned, "--set core.dma_window: warning: "));
    CHECK(has(warned, "--set d2d.d2d.lanes: warning: "));
}

TEST_CASE("check refuses with exit code 2 and one line a fault") {
    const Outcome bad = run("check dual_die_cowos --set core.clock=1.8 --set 'core.sramm=1'");
    CHECK(bad.exit_code == 2);
    CHECK(bad.output == "--set core.sramm: error: unknown key 'sramm' in [core]; did you mean 'sram'?\n"
                        "--set core.clock: error: 'clock' has no unit; write a frequency such as \"1.8 GHz\"\n");
    CHECK(run("check nowhere.toml").exit_code == 2);
    CHECK(run("check").exit_code == 2);
    CHECK(run("check dual_die_cowos --nonsense").exit_code == 2);
}

TEST_CASE("check prints the effective values, which it accepts again") {
    const tests::ScratchFolder folder;
    const Outcome printed = run("check dual_die_cowos --effective --set stack.hbm0.channels=8");
    REQUIRE(printed.exit_code == 0);
    const std::string file = folder.write("effective.toml", printed.output);
    CHECK(has(run("check " + file), "stack hbm0: 8 channels at 4 network interfaces, 409.6 GB/s, 8 GiB"));
}

TEST_CASE("check prints the parameter reference") {
    const Outcome reference = run("check --parameters");
    CHECK(reference.exit_code == 0);
    CHECK(has(reference, "# Parameters of a system"));
}
