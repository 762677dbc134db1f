// `intarsia trace` as its user meets it.
#include "tests/workloads/trace_files.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <utility>
#include <vector>

using namespace intarsia;
using namespace intarsia::tests;
using Catch::Contains;

namespace {

struct Outcome {
    int exit_code = 0;
    std::string text; // standard output and error
};

Outcome run(const std::string& arguments) {
    FILE* pipe = popen((std::string(INTARSIA_PROGRAM) + " trace " + arguments + " 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    Outcome outcome;
    char buffer[4096];
    for (std::size_t got = 0; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
        outcome.text.append(buffer, got);
    }
    outcome.exit_code = WEXITSTATUS(pclose(pipe));
    return outcome;
}

} // namespace

TEST_CASE("trace generate writes what trace info tells") {
    const TemporaryFolder folder;
    CHECK(run("generate --collective all-reduce --bytes '2 MiB' --ranks 4 --out " + (folder / "c")).exit_code == 0);
    const Outcome info = run("info --json " + (folder / "c"));
    CHECK(info.exit_code == 0);
    const auto json = nlohmann::json::parse(info.text);
    CHECK(json["trace"] == "c");
    CHECK(json["ranks"].size() == 4);
    CHECK(json["groups"]["0"].size() == 4);
    CHECK(json["files"][0]["bytes"] == std::filesystem::file_size(folder / "c.0.et"));
    CHECK(json["total"]["nodes"]["COMM_COLL_NODE"] == 4);
    CHECK(json["total"]["collectives"][0]["kind"] == "ALL_REDUCE");
    CHECK(json["total"]["collectives"][0]["bytes"] == 4 * (2U << 20U));

    CHECK(run("generate --gemm 64,32,16 --out " + (folder / "g")).exit_code == 0);
    const Outcome text = run("info " + (folder / "g"));
    CHECK(text.exit_code == 0);
    CHECK_THAT(text.text, Contains("g: 1 ranks, 1 nodes") && Contains("65536 matrix"));

    const std::string model = std::string(INTARSIA_SOURCE_DIR) + "/traces/gpt_layer_tp2/model.toml";
    CHECK(run("generate " + model + " --set model.layers=2 --out " + (folder / "m")).exit_code == 0);
    CHECK(workloads::read_workload(folder / "m").ranks[0].nodes.size() == 56);
}

TEST_CASE("trace refuses what it cannot do with exit code 2 and one line") {
    const TemporaryFolder folder;
    const std::string out = " --out " + (folder / "x");
    const std::vector<std::pair<std::string, std::string>> cases{
        {"generate" + out, "needs one of MODEL.toml"},
        {"generate --gemm 1,2,3 --collective barrier" + out, "needs one of MODEL.toml"},
        {"generate --gemm 1,2" + out, "--gemm: error: has 2 numbers"},
        {"generate --gemm 0,2,3" + out, "--gemm: error: 0 is out of range"},
        {"generate --collective all_reduec --bytes 4 --ranks 2" + out, "did you mean 'ALL_REDUCE'"},
        {"generate --collective all_reduce --ranks 2" + out, "needs its bytes"},
        {"generate --collective all_reduce --bytes 4 --ranks 1" + out, "--ranks: error: 1 is out of range"},
        {"generate --collective all_reduce --bytes 4x --ranks 2" + out, "--bytes: error: '4x'"},
        {"generate --gemm 4,4,4 --bytes 3" + out, "--bytes: error: is the size of a collective"},
        {"generate no_such_model.toml" + out, "no_such_model"},
        {"info " + (folder / "none"), "there is no trace file"},
    };
    for (const auto& [arguments, expected] : cases) {
        INFO(arguments);
        const Outcome outcome = run(arguments);
        CHECK(outcome.exit_code == 2);
        CHECK_THAT(outcome.text, Contains(expected));
        CHECK(std::count(outcome.text.begin(), outcome.text.end(), '\n') == 1);
        CHECK_FALSE(std::filesystem::exists(folder / "x.0.et"));
    }
}
