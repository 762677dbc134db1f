// Files of DRAM commands: written by runs, checked by the independent checker.
#include "tests/memory_standalone/support.hpp"

#include <fmt/format.h>

using namespace intarsia;
using namespace intarsia::tests;
using memory::CommandCheck;

namespace {

const std::vector<std::string> mixed = {"traffic.pattern=random", "traffic.write_percent=33", "traffic.requests=3000",
                                        "traffic.warmup_requests=0"};

std::string commands_of(const std::vector<std::string>& overrides, const std::string& set = hbm3) {
    const Scratch scratch;
    memory::CommandCsv csv(scratch.path("c.csv"));
    memory::StandaloneInputs inputs;
    inputs.commands = &csv;
    const auto result = memory::run_standalone(memory_of(set, overrides), inputs);
    csv.close();
    std::string text = scratch.read("c.csv");
    CHECK(static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) == result.run_commands + 1);
    return text;
}

CommandCheck check(const std::string& text, const std::vector<std::string>& overrides = {},
                   const std::string& set = hbm3) {
    const Scratch scratch;
    const memory::StandaloneConfig config = memory_of(set, overrides);
    return memory::check_commands(scratch.write("c.csv", text), config.setup.timing, config.setup.policy.refresh,
                                  config.setup.channels);
}

std::string faults(const std::string& text) {
    return faults_of([&] { static_cast<void>(check(text)); });
}

constexpr const char* header = "cycle,channel,pc,sid,bankgroup,bank,row,column,command\n";

} // namespace

TEST_CASE("what a run writes, the checker finds legal, whatever the policy") {
    const std::vector<std::vector<std::string>> policies = {
        {}, {"memory.channels=3"}, {"memory.refresh=per_bank"}, {"memory.page_policy=closed"}, {"memory.refresh=none"}};
    for (const std::string& set : {hbm2, hbm3}) {
        for (const std::vector<std::string>& policy : policies) {
            std::vector<std::string> overrides = mixed;
            overrides.insert(overrides.end(), policy.begin(), policy.end());
            const std::string text = commands_of(overrides, set);
            const CommandCheck result = check(text, overrides, set);
            CHECK(result.violations == 0);
            CHECK(result.commands == static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) - 1);
        }
    }
}

TEST_CASE("a command that comes too early is found with its line") {
    const memory::TimingSet t = memory_of(hbm3).setup.timing;
    const auto sequence = [&](std::uint64_t read_at) {
        return std::string(header) + "10,0,0,0,0,0,5,0,ACT\n" + fmt::format("{},0,0,0,0,0,5,3,RD\n", read_at);
    };
    CHECK(check(sequence(10 + t.nRCDRD)).violations == 0);
    const CommandCheck early = check(sequence(10 + t.nRCDRD - 1));
    CHECK(early.violations == 1);
    REQUIRE(early.first.size() == 1);
    CHECK_THAT(early.first.front(), Catch::Contains("c.csv:3: channel 0") && Catch::Contains("tRCDRD"));

    // A run with one command moved: the tenth read comes with the ninth.
    std::string text = commands_of({"traffic.requests=200", "traffic.warmup_requests=0"});
    const std::size_t last = text.rfind("RD\n");
    const std::size_t line = text.rfind('\n', last) + 1;
    text.insert(line, text.substr(line, last + 3 - line));
    CHECK(check(text).violations > 0);
}

TEST_CASE("a refresh that never comes is found at the end") {
    const memory::TimingSet t = memory_of(hbm3).setup.timing;
    const std::string late = std::string(header) + "10,0,0,0,0,0,5,0,ACT\n" +
                             fmt::format("{},0,0,0,0,0,5,0,PRE\n", std::uint64_t{t.nREFI} * 10);
    const CommandCheck result = check(late);
    CHECK(result.violations >= 1);
    CHECK_THAT(result.first.front(), Catch::Contains("REFI"));
    CHECK(check(late, {"memory.refresh=none"}).violations == 0);
}

TEST_CASE("columns may come in any order, and half cycles are falling edges") {
    const std::string text = "command,row,column,bank,bankgroup,pc,cycle\nACT,5,0,0,0,0,10\nPRE,5,0,0,0,0,60.5\n";
    CHECK(check(text).violations == 0);
    CHECK(check(text, {}, hbm2).violations == 1); // HBM2 precharges on rising edges only
}

TEST_CASE("what is no file of commands is refused with its place") {
    CHECK_THAT(faults(""), Catch::Contains("holds no commands"));
    CHECK_THAT(faults("cycle,pc,bankgroup,bank,row,command\n"), Catch::Contains("the column column is missing"));
    CHECK_THAT(faults("cycle,cycle,pc,bankgroup,bank,row,column,command\n"), Catch::Contains("named twice"));
    CHECK_THAT(faults("when,pc,bankgroup,bank,row,column,command\n"), Catch::Contains("'when' is no column"));
    const auto line = [](const char* text) { return faults(std::string(header) + text + "\n"); };
    CHECK_THAT(line("1,0,0,0,0,0,5,0,JUMP"), Catch::Contains("c.csv:2:1") && Catch::Contains("'JUMP'"));
    CHECK_THAT(line("1.25,0,0,0,0,0,5,0,ACT"), Catch::Contains("'1.25' is no cycle"));
    CHECK_THAT(line("-1,0,0,0,0,0,5,0,ACT"), Catch::Contains("'-1' is no cycle"));
    CHECK_THAT(line("1,1,0,0,0,0,5,0,ACT"), Catch::Contains("there is no channel 1"));
    CHECK_THAT(line("1,0,300,0,0,0,5,0,ACT"), Catch::Contains("'300' is no pc"));
    CHECK_THAT(line("1,0,0,0,0,0,5,ACT"), Catch::Contains("9 columns"));
    CHECK(check(std::string(header) + "1,0,9,0,0,0,5,0,ACT\n").violations == 1); // a place that the set has not
    CHECK_THAT(faults(std::string(2'000'000, 'a')), Catch::Contains("c.csv:1:1"));
}
