#include "tests/noc_standalone/scratch.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace intarsia;
using tests::run_intarsia;
using tests::Scratch;

namespace {

const std::string small = "[noc]\ntopology = \"mesh\"\ndims = [4, 4]\n[traffic]\nload = 0.2\nwarmup_cycles = 300\n"
                          "measure_cycles = 2000\n";
const std::string presets = INTARSIA_SOURCE_DIR "/presets/noc/";

nlohmann::json json_of(const std::string& arguments) {
    const auto output = run_intarsia(arguments, false);
    INFO(arguments);
    REQUIRE(output.exit_code == 0);
    return nlohmann::json::parse(output.text);
}

} // namespace

TEST_CASE("noc: the figures as JSON") {
    const Scratch scratch;
    const std::string file = scratch.write("net.toml", small);
    const nlohmann::json json = json_of(fmt::format("noc {} --json -", file));
    for (const char* name : {"packet_latency_cycles", "network_latency_cycles"}) {
        for (const char* figure : {"mean", "min", "p50", "p95", "p99", "max"}) {
            INFO(name << '.' << figure);
            CHECK(json[name][figure].get<double>() >= 6);
        }
    }
    CHECK(json["flit_latency_cycles"]["mean"].get<double>() >= 6);
    // 16 nodes on a 4x4 mesh: 3.5 routers, 2 + 4 each.
    CHECK(json["zero_load_latency_cycles"].get<double>() == Approx(16));
    CHECK(json["hops_mean"].get<double>() == Approx(3.5).epsilon(0.02));
    CHECK(json["offered_flits_per_node_per_cycle"].get<double>() == Approx(0.2).epsilon(0.05));
    CHECK(json["accepted_flits_per_node_per_cycle"].get<double>() == Approx(0.2).epsilon(0.05));
    CHECK(json["stable"] == true);
    CHECK(json["simulated_cycles"].get<int>() > 2'300);
    CHECK(json["flit_hops"].get<int>() > 2'300 * 16 * 0.2 * 3);
    REQUIRE(json["links"].size() == 2 * 2 * 4 * 3 + 16);
    double ejected = 0;
    for (const auto& link : json["links"]) {
        CHECK(link["utilisation"].get<double>() <= 1);
        CHECK(link["stalls"].contains("no_credit"));
        ejected += link["ejection"] == true ? link["utilisation"].get<double>() / 16 : 0;
    }
    // A flit is counted at its grant, and taken a few cycles later.
    CHECK(ejected == Approx(json["accepted_flits_per_node_per_cycle"].get<double>()).epsilon(0.01));
    CHECK_FALSE(json.contains("host"));
    CHECK(json_of(fmt::format("noc {} --json - --host", file))["host"]["wall_s"].get<double>() > 0);
}

TEST_CASE("noc: the same bytes for the same seed") {
    const Scratch scratch;
    const std::string file = scratch.write("net.toml", small);
    const auto once = run_intarsia(fmt::format("noc {} --json -", file));
    CHECK(once.text == run_intarsia(fmt::format("noc {} --json -", file)).text);
    CHECK(once.text != run_intarsia(fmt::format("noc {} --json - --set traffic.seed=2", file)).text);
    const std::string curve = fmt::format("noc {} --set traffic.load=[0.1,0.3] --json -", file);
    CHECK(run_intarsia(curve + " --jobs 1").text == run_intarsia(curve + " --jobs 3").text);
}

TEST_CASE("noc: recorded packets, fed in again, give the same run") {
    const std::string network = GENERATE("mesh8", "bsg_wormhole_4x4");
    const Scratch scratch;
    const std::string base =
        fmt::format("noc {} --set traffic.warmup_cycles=100 --set traffic.measure_cycles=500 ", network);
    REQUIRE(run_intarsia(
                fmt::format("{} --packets-out {} --hops-out {}", base, scratch.path("a.csv"), scratch.path("ha.csv")))
                .exit_code == 0);
    REQUIRE(run_intarsia(fmt::format("{} --packets {} --packets-out {} --hops-out {}", base, scratch.path("a.csv"),
                                     scratch.path("b.csv"), scratch.path("hb.csv")))
                .exit_code == 0);
    CHECK(scratch.read("a.csv").size() > 10'000);
    CHECK(scratch.read("a.csv") == scratch.read("b.csv"));
    CHECK(scratch.read("ha.csv") == scratch.read("hb.csv"));
}

TEST_CASE("noc: the console tells what matters") {
    const auto output = run_intarsia("noc mesh8 --set traffic.measure_cycles=2000");
    INFO(output.text);
    CHECK(output.exit_code == 0);
    for (const char* part : {"mesh 8x8: 64 routers, 64 nodes", "stable", "busiest channels", "no credit", "p99",
                             "waits in routers", "million flit-hops a second"}) {
        INFO(part);
        CHECK(output.text.find(part) != std::string::npos);
    }
}

TEST_CASE("noc: a list of loads gives a curve, as text, JSON and SVG") {
    const Scratch scratch;
    const std::string file = scratch.write("net.toml", small);
    const auto output = run_intarsia(fmt::format("noc {} --set traffic.load=[0.1,0.4,1.0] --curve-svg {} --json {}",
                                                 file, scratch.path("c.svg"), scratch.path("c.json")));
    INFO(output.text);
    CHECK(output.exit_code == 0);
    const auto json = nlohmann::json::parse(scratch.read("c.json"));
    CHECK(json["curve"].size() == 3);
    CHECK(json["saturation_load"].get<double>() > 0.5);
    CHECK(json["saturation_load"].get<double>() < 1);
    CHECK(scratch.read("c.svg").starts_with("<svg"));
    CHECK(output.text.find("saturation at 0.") != std::string::npos);
}

TEST_CASE("noc: every preset loads, and those of moderate size run") {
    for (const auto& entry : std::filesystem::directory_iterator(presets)) {
        const std::string name = entry.path().stem().string();
        INFO(name);
        CHECK(run_intarsia(fmt::format("noc {} --effective", name)).exit_code == 0);
        if (name != "wafer_scale") {
            const auto json = json_of(fmt::format("noc {} --json - --set traffic.load=0.05", entry.path().string()));
            CHECK(json["stable"] == true);
            CHECK(json["packet_latency_cycles"]["mean"].get<double>() ==
                  Approx(json["zero_load_latency_cycles"].get<double>()).epsilon(0.1));
        }
    }
}

TEST_CASE("noc: requests and replies") {
    const auto json = json_of("noc mesh8 --json - --set noc.message_classes=2 --set traffic.request_reply=true --set "
                              "traffic.reply_flits=5 --set traffic.load=0.02 --set traffic.measure_cycles=2000");
    REQUIRE(json["classes"].size() == 2);
    CHECK(json["classes"][0]["packet_latency_cycles"]["min"] == 6);
    CHECK(json["classes"][1]["packet_latency_cycles"]["min"] == 10);
    CHECK(json["stable"] == true);
    CHECK(json["accepted_flits_per_node_per_cycle"].get<double>() == Approx(0.12).epsilon(0.05));
}

TEST_CASE("noc: sinks that stall hold packets back") {
    const std::string base = "noc mesh8 --json - --set traffic.measure_cycles=2000 --set traffic.load=0.1 ";
    const double free = json_of(base)["packet_latency_cycles"]["mean"].get<double>();
    const double stalled = json_of(base + "--set sink.stall=4")["packet_latency_cycles"]["mean"].get<double>();
    CHECK(stalled > free + 1);
}

TEST_CASE("noc: exit codes and what is wrong") {
    const Scratch scratch;
    const std::string good = scratch.write("net.toml", small);
    const auto refused = [](const std::string& arguments, const std::string& part) {
        const auto output = run_intarsia(arguments);
        INFO(arguments << '\n' << output.text);
        CHECK(output.exit_code == 2);
        CHECK(output.text.find(part) != std::string::npos);
    };
    refused("noc", "no network is given");
    refused("noc nowhere.toml", "nowhere.toml");
    refused(fmt::format("noc {} --set noc.dims=[0]", good), "--set noc.dims: error");
    refused(fmt::format("noc {} --set traffic.lod=1", good), "did you mean 'load'");
    refused(fmt::format("noc {} --packets {}", good, scratch.write("bad.csv", "pkt_id\n")), "bad.csv:1:1");
    refused(fmt::format("noc {} --curve --packets x.csv", good), "--packets");
    refused(fmt::format("noc {} --curve --hops-out x.csv", good), "--hops-out");
    refused(fmt::format("noc {} --json {}/y.json", good, good), "--json");
    refused(fmt::format("noc {} --packets-out {}", good, scratch.path("")), "--packets-out");
    refused(fmt::format("noc {} --jobs 0", good), "--jobs");
    refused("noc mesh8 --set noc.topology=torus --set noc.dateline=false", "->");
    CHECK_FALSE(scratch.has("x.csv"));
}

TEST_CASE("noc: files are not written when the run is refused") {
    const Scratch scratch;
    const std::string file = scratch.write("net.toml", small);
    const std::string bad = scratch.write("bad.csv", "pkt_id,src,dst,len_flits,create_cycle\n1,99,0,1,0\n");
    CHECK(run_intarsia(fmt::format("noc {} --packets {} --packets-out {}", file, bad, scratch.path("out.csv")))
              .exit_code == 2);
    CHECK_FALSE(scratch.has("out.csv"));
}
