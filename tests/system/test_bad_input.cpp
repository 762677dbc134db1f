// Input that the program refuses: exit code 2, one line a fault with what to do, and nothing left behind.
#include "program_runs.hpp"
#include "small_systems.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <random>
#include <sstream>

using namespace intarsia;
using namespace intarsia::tests;
using Catch::Contains;

namespace {

// Lines of standard error; every one must be a whole message of ours.
std::vector<std::string> error_lines(const ProgramRun& run) {
    std::vector<std::string> lines;
    std::istringstream text(run.err);
    for (std::string line; std::getline(text, line);) {
        INFO(line);
        CHECK_THAT(line, Contains("error: ") && Contains("; "));
        lines.push_back(line);
    }
    return lines;
}

workloads::Workload small_work() {
    WorkloadBuilder work(1);
    work.gemm(0, 16, 16, 16);
    return work.build();
}

// A good system and trace, of which a test spoils one.
class Input {
  public:
    Input() {
        scratch_.write("system.toml", two_dies);
        trace(small_work());
    }
    Input& system(const std::string& toml) {
        scratch_.write("system.toml", toml);
        return *this;
    }
    Input& system_with(const std::string& what, const std::string& instead) {
        std::string toml = two_dies;
        const std::size_t at = toml.find(what);
        REQUIRE(at != std::string::npos);
        return system(toml.replace(at, what.size(), instead));
    }
    Input& trace(const workloads::Workload& workload) {
        workloads::write_workload(workload, scratch_.path("trace"));
        return *this;
    }
    Input& raw_trace(const std::string& bytes) {
        scratch_.write("trace.0.et", bytes);
        return *this;
    }
    Input& file(const std::string& name, const std::string& content) {
        scratch_.write(name, content);
        return *this;
    }
    [[nodiscard]] std::string path(const std::string& name) const { return scratch_.path(name); }
    [[nodiscard]] std::string trace_bytes() const { return scratch_.read("trace.0.et"); }

    // Refused, and no trace of the run on disk.
    [[nodiscard]] std::vector<std::string> refused(const std::string& more_options = "") const {
        const ProgramRun run = run_program(fmt::format("run {} --trace {} --out {} {}", path("system.toml"),
                                                       path("trace"), path("out"), more_options));
        INFO(run.err);
        CHECK(run.exit_code == 2);
        CHECK(run.out.empty());
        const bool left_behind = std::filesystem::exists(path("out"));
        CHECK_FALSE(left_behind);
        std::vector<std::string> lines = error_lines(run);
        CHECK_FALSE(lines.empty());
        lines.resize(std::max<std::size_t>(lines.size(), 1));
        return lines;
    }

  private:
    ScratchDirectory scratch_;
};

} // namespace

TEST_CASE("The good input of these tests runs", "[input]") {
    const Input input;
    const ProgramRun run = run_program(
        fmt::format("run {} --trace {} --out {}", input.path("system.toml"), input.path("trace"), input.path("out")));
    INFO(run.err);
    CHECK(run.exit_code == 0);
    CHECK(std::filesystem::exists(input.path("out/summary.json")));
}

TEST_CASE("A misspelled key is named with the nearest valid one", "[input]") {
    Input input;
    const auto lines = input.system_with("launch_overhead_cycles", "launch_overhead_cycle").refused();
    CHECK_THAT(lines[0], Contains("system.toml:9:1: error: unknown key 'launch_overhead_cycle' in [core]; did you mean "
                                  "'launch_overhead_cycles'?"));
}

TEST_CASE("A value of the wrong type, unit or range is refused where it stands", "[input]") {
    Input input;
    CHECK_THAT(input.system_with("channels = 1", "channels = \"one\"").refused()[0],
               Contains("system.toml:11:12: error: 'channels' must be a whole number, not text"));
    CHECK_THAT(input.system_with("\"27 mm\"", "\"27 GHz\"").refused()[0],
               Contains("has the unit 'GHz', which is not a length"));
    CHECK_THAT(input.system_with("channels = 1", "channels = 0").refused()[0], Contains("'channels' = 0"));
    CHECK_THAT(input.system_with("launch_overhead_cycles = 0", "launch_overhead_cycles = -1").refused()[0],
               Contains("is negative"));
}

TEST_CASE("A stack on a die that does not exist is refused", "[input]") {
    Input input;
    CHECK_THAT(input.system_with("die = \"die1\"\nrouters", "die = \"die7\"\nrouters").refused()[0],
               Contains("no [[die]] is named 'die7'"));
}

TEST_CASE("A router that the mesh does not have is refused", "[input]") {
    Input input;
    CHECK_THAT(input.system_with("to_router = [0, 0]", "to_router = [3, 0]").refused()[0],
               Contains("die 'die1' has no router [3, 0]"));
}

TEST_CASE("All faults of a file are told together", "[input]") {
    Input input;
    std::string toml = two_dies;
    for (const auto& [what, instead] : {std::pair{"columns = 1", "colums = 1"},
                                        {"channels = 1", "channels = \"one\""},
                                        {"\"27 mm\"", "\"27 GHz\""},
                                        {"from_die = \"die0\"", "from_die = \"die9\""}}) {
        toml.replace(toml.find(what), std::string(what).size(), instead);
    }
    CHECK(input.system(toml).refused().size() == 4);
}

TEST_CASE("What is no TOML is refused with its place", "[input]") {
    Input input;
    CHECK_THAT(input.system("name = \"a\"\n[network\n").refused()[0], Contains("system.toml:2:"));
    CHECK_THAT(input.system("").refused()[0], Contains("the system has no die"));
}

TEST_CASE("A missing system or trace is named", "[input]") {
    Input input;
    std::filesystem::remove(input.path("trace.0.et"));
    CHECK_THAT(input.refused()[0], Contains("there is no trace file"));
    std::filesystem::remove(input.path("system.toml"));
    CHECK(input.refused().size() == 1);
}

TEST_CASE("Empty, truncated and meaningless traces are refused", "[input]") {
    Input input;
    const std::string good = input.trace_bytes();
    CHECK_THAT(input.raw_trace("").refused()[0], Contains("byte 0: error: the file is empty"));
    CHECK_THAT(input.raw_trace(good.substr(0, good.size() - 3)).refused()[0], Contains("the file ends after"));
    CHECK_THAT(input.raw_trace("This is no trace, however long one looks at it.").refused()[0], Contains("byte 0"));
    std::mt19937_64 random(7);
    for (int round = 0; round < 20; ++round) {
        std::string damaged = good;
        damaged[random() % damaged.size()] = static_cast<char>(random());
        damaged.resize(random() % damaged.size() + 1);
        input.raw_trace(damaged);
        const ProgramRun run =
            run_program(fmt::format("run {} --trace {}", input.path("system.toml"), input.path("trace")));
        INFO(run.err);
        CHECK((run.exit_code == 0 || run.exit_code == 2));
    }
}

TEST_CASE("Nodes that wait for each other are refused with their cycle", "[input]") {
    WorkloadBuilder work(1);
    work.load(0, 512, {1});
    work.load(0, 512, {2});
    work.load(0, 512, {0});
    Input input;
    CHECK_THAT(input.trace(work.build()).refused()[0], Contains("3 nodes wait for each other in a cycle: "));
}

TEST_CASE("Identifiers that are used twice are refused", "[input]") {
    WorkloadBuilder work(1);
    work.load(0, 512);
    work.load(0, 512);
    workloads::Workload workload = work.build();
    workload.ranks[0].nodes[1].id = 0;
    Input input;
    CHECK_THAT(input.trace(workload).refused()[0], Contains("node 0") && Contains("already used"));
}

TEST_CASE("More ranks than dies are refused", "[input]") {
    WorkloadBuilder work(3);
    work.load(0, 512);
    work.load(1, 512);
    work.load(2, 512);
    Input input;
    CHECK_THAT(input.trace(work.build()).refused()[0], Contains("the trace has 3 ranks and the system places 2"));
}

TEST_CASE("Tensors that do not fit are refused with the numbers", "[input]") {
    WorkloadBuilder work(1);
    work.load_tensor(0, work.tensor(0, "huge", 1ULL << 44U));
    Input input;
    CHECK_THAT(input.trace(work.build()).refused()[0],
               Contains("17592186044416 bytes of tensors do not fit the stacks of die0, which hold "));
}

TEST_CASE("A trace without work is refused", "[input]") {
    WorkloadBuilder work(1);
    work.load(0, 0);
    Input input;
    CHECK_THAT(input.trace(work.build()).refused()[0], Contains("the trace has no work"));
}

TEST_CASE("A message to a rank that does not exist, or to oneself, is refused", "[input]") {
    WorkloadBuilder work(2);
    work.send(0, 5, 512);
    work.receive(1, 1, 512);
    Input input;
    CHECK(input.trace(work.build()).refused().size() == 2);
}

TEST_CASE("A directory that cannot be written is refused before the run", "[input]") {
    const Input input;
    const ProgramRun run = run_program(fmt::format("run {} --trace {} --out {}/below", input.path("system.toml"),
                                                   input.path("trace"), input.path("system.toml")));
    CHECK(run.exit_code == 2);
    CHECK(run.out.empty());
    CHECK_THAT(run.err, Contains("--out: error: cannot write"));
}

TEST_CASE("Wrong usage is one line and exit code 2", "[input]") {
    const Input input;
    for (const std::string& arguments :
         {std::string("runn"), std::string(""), std::string("run"), "run " + input.path("system.toml"),
          "run " + input.path("system.toml") + " --trace " + input.path("trace") + " --outt x"}) {
        const ProgramRun run = run_program(arguments);
        INFO(arguments);
        CHECK(run.exit_code == 2);
        CHECK(run.out.empty());
        CHECK(error_lines(run).size() == 1);
    }
    CHECK_THAT(input.refused("--set core.sran=1")[0], Contains("--set core.sran: error: ") && Contains("'sram'"));
    CHECK_THAT(input.refused("--set core.sram")[0], Contains("has no '='"));
    CHECK_THAT(input.refused("--events packets")[0], Contains("there is no level 'packets'"));
    CHECK_THAT(run_program("run nosuch --trace " + input.path("trace")).err, Contains("there is no preset 'nosuch'"));
}

TEST_CASE("Broken process groups are refused", "[input]") {
    Input input;
    const std::string option = "--groups " + input.path("groups.json");
    CHECK_THAT(input.refused(option)[0], Contains("groups.json") && Contains("cannot be opened"));
    CHECK_THAT(input.file("groups.json", "{\"1\": [0").refused(option)[0], Contains("is not JSON"));
    CHECK_THAT(input.file("groups.json", "{\"1\": [0, 9]}").refused(option)[0], Contains("group 1 names rank 9"));
    CHECK_THAT(input.file("groups.json", "{\"one\": [0]}").refused(option)[0], Contains("one"));
}

TEST_CASE("A collective of a group that nobody defines is refused", "[input]") {
    WorkloadBuilder work(2);
    work.collective(0, workloads::Collective::all_reduce, 512);
    work.collective(1, workloads::Collective::all_reduce, 512);
    workloads::Workload workload = work.build();
    workload.ranks[0].nodes[0].group = 5;
    Input input;
    CHECK_THAT(input.trace(workload).refused()[0], Contains("group 5"));
}

TEST_CASE("Recorded durations that no simulated time holds are refused", "[input]") {
    // 2^50 us are 35 years; 64 bits of picoseconds hold 213 days.
    WorkloadBuilder work(1);
    work.host(0, 1ULL << 50U);
    Input input;
    CHECK_THAT(input.trace(work.build()).refused()[0],
               Contains("the recorded durations of rank 0 sum to 1125899906842624 us"));
}

TEST_CASE("Latencies at the end of their ranges break nothing", "[input]") {
    WorkloadBuilder work(1);
    work.load(0, 512);
    const RunFiles files(memory_across, work.build());
    const ProgramRun run = files.run("out", "--set d2d.d2d.flight_time='\"1 ms\"' --set d2d.d2d.tx_latency='\"1 ms\"' "
                                            "--set d2d.d2d.rx_latency='\"1 ms\"' --set simulation.watchdog='\"1 s\"' "
                                            "--set hbm.controller.request_latency='\"1 ms\"'");
    INFO(run.err);
    CHECK(run.exit_code == 0);
}
