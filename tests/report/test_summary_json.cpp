#include "report/summary_json.hpp"
#include "sample_report.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

using namespace intarsia;
using namespace intarsia::report;
using Json = nlohmann::ordered_json;

namespace {

Json parsed(const RunReport& report, bool with_host = false) {
    return Json::parse(summary_json(report, with_host));
}

std::vector<std::string> keys(const Json& object) {
    std::vector<std::string> names;
    for (const auto& item : object.items()) {
        names.push_back(item.key());
    }
    return names;
}

bool has_unit(const Json& units, const std::vector<std::string>& place) {
    // Any key of the place may stand as "*" in the map.
    for (unsigned mask = 0; mask < (1U << place.size()); ++mask) {
        std::string path;
        for (std::size_t part = 0; part < place.size(); ++part) {
            const bool list = place[part] == "[]";
            path += (path.empty() || list ? "" : ".") + (((mask >> part) & 1U) != 0 && !list ? "*" : place[part]);
        }
        if (units.contains(path)) {
            return true;
        }
    }
    return false;
}

void require_units(const Json& units, const Json& value, std::vector<std::string>& place) {
    if (value.is_number()) {
        std::string path;
        for (const std::string& part : place) {
            path += part + "/";
        }
        INFO(path);
        REQUIRE(has_unit(units, place));
    } else if (value.is_object()) {
        for (const auto& item : value.items()) {
            place.push_back(item.key());
            require_units(units, item.value(), place);
            place.pop_back();
        }
    } else if (value.is_array()) {
        place.emplace_back("[]");
        for (const Json& element : value) {
            require_units(units, element, place);
        }
        place.pop_back();
    }
}

void collect_keys(const Json& value, std::set<std::string>& names) {
    if (value.is_structured()) {
        for (const auto& item : value.items()) {
            if (value.is_object()) {
                names.insert(item.key());
            }
            collect_keys(item.value(), names);
        }
    }
}

} // namespace

TEST_CASE("summary.json has its keys, in their order") {
    const Json root = parsed(tests::sample_report());
    CHECK(keys(root) ==
          std::vector<std::string>{
              "schema",           "tool_version",  "system",       "trace",    "seed",        "inputs",
              "complete",         "time_ps",       "time_s",       "flops",    "flops_per_s", "peak_flops_per_s",
              "fraction_of_peak", "tokens",        "tokens_per_s", "chiplets", "stacks",      "links",
              "bytes_moved",      "operand_reads", "accounting",   "warnings", "statistics",  "units"});
    CHECK(keys(root["bytes_moved"]) == std::vector<std::string>{"hbm_read", "hbm_write", "noc", "d2d"});
    CHECK(keys(root["chiplets"][0]["stalls"]) ==
          std::vector<std::string>{"computing", "memory", "noc", "d2d", "collective", "local", "dependency", "idle"});
}

TEST_CASE("summary.json has the report's figures") {
    const Json root = parsed(tests::sample_report());
    CHECK(root["schema"] == schema_version);
    CHECK(root["seed"] == 18'000'000'000'000'000'000ULL);
    CHECK(root["inputs"][1] == Json{{"file", "traces/step.0.et"}, {"xxh64", "fedcba9876543210"}});
    CHECK(root["complete"] == true);
    CHECK(root["time_s"].get<double>() == Approx(1e-6));
    CHECK(root["fraction_of_peak"].get<double>() == Approx(0.25));
    CHECK(root["tokens_per_s"].get<double>() == Approx(4.096e9));
    CHECK(root["chiplets"][0]["name"] == "die0");
    CHECK(root["chiplets"][0]["elapsed_cycles"] == 600);
    CHECK(root["chiplets"][0]["stalls"]["memory"]["bank"] == 150);
    CHECK(root["chiplets"][0]["stalls"]["idle"]["idle"] == 51);
    CHECK(root["chiplets"][0]["hidden"]["noc"]["transit"] == 30);
    CHECK(root["stacks"][0]["row_hit_rate"].get<double>() == Approx(0.75));
    CHECK(root["stacks"][0]["channels"][1]["bus_busy"] == 0.375);
    CHECK(root["links"][2]["kind"] == "noc");
    CHECK(root["links"][0]["bytes"] == 96'000);
    CHECK(root["bytes_moved"]["d2d"] == 128'000);
    CHECK(root["statistics"][2] == Json{{"path", "die0.noc"}, {"name", "routing"}, {"unit", ""}, {"value", "xy"}});
}

TEST_CASE("a chiplet's leaves sum to its cores times its cycles") {
    std::mt19937_64 random(5);
    for (int round = 0; round < 20; ++round) {
        const Json root = parsed(tests::random_report(random));
        for (const Json& chiplet : root["chiplets"]) {
            std::uint64_t sum = 0;
            std::size_t leaves = 0;
            for (const Json& group : chiplet["stalls"]) {
                for (const Json& cycles : group) {
                    sum += cycles.get<std::uint64_t>();
                    ++leaves;
                }
            }
            REQUIRE(leaves == metrics::leaf_count);
            REQUIRE(sum == chiplet["elapsed_cycles"].get<std::uint64_t>() * chiplet["cores"].get<std::uint64_t>());
        }
    }
}

TEST_CASE("every figure has a unit, and every unit a figure") {
    RunReport report = tests::sample_report();
    report.host = HostReport{1, 2, 3, 4, 5};
    const Json root = parsed(report, true);
    Json figures = root;
    figures.erase("units");
    std::vector<std::string> place;
    require_units(root["units"], figures, place);
    // The map names nothing that is not there: each entry is the unit of some figure once its wildcards are
    // bound.
    for (const auto& unit : root["units"].items()) {
        std::vector<const Json*> found{&figures};
        std::string rest = unit.key() + ".";
        while (!rest.empty()) {
            const std::size_t dot = rest.find('.');
            std::string part = rest.substr(0, dot);
            rest.erase(0, dot + 1);
            const bool list = part.size() > 2 && part.substr(part.size() - 2) == "[]";
            part = list ? part.substr(0, part.size() - 2) : part;
            std::vector<const Json*> next;
            for (const Json* json : found) {
                for (const auto& item : json->items()) {
                    if (part == "*" || item.key() == part) {
                        next.push_back(list ? &item.value().at(0) : &item.value());
                    }
                }
            }
            found = next;
        }
        INFO(unit.key());
        REQUIRE_FALSE(found.empty());
        REQUIRE(found[0]->is_number());
    }
}

TEST_CASE("equal reports give equal bytes, and the host's figures only on request") {
    RunReport report = tests::sample_report();
    const std::string before = summary_json(report, false);
    CHECK(before == summary_json(tests::sample_report(), false));
    report.host = HostReport{2, 100, 200, 300, 400};
    CHECK(before == summary_json(report, false));
    const Json root = parsed(report, true);
    CHECK(root["host"]["wall_s"] == 2);
    CHECK(root["host"]["simulated_ns_per_s"] == 500);
    CHECK(before.back() == '\n');
}

TEST_CASE("an interrupted run says so, unknown tokens are absent, odd names are valid JSON") {
    RunReport report = tests::sample_report();
    report.complete = false;
    report.incomplete_reason = "interrupted";
    report.tokens = 0;
    report.trace = "caf\xe9";
    report.warnings = {"a \"quote\"\n"};
    const Json root = parsed(report);
    CHECK(root["complete"] == false);
    CHECK(root["incomplete_reason"] == "interrupted");
    CHECK_FALSE(root.contains("tokens"));
    CHECK_FALSE(root.contains("tokens_per_s"));
    CHECK(root["warnings"][0] == "a \"quote\"\n");
}

TEST_CASE("docs/outputs.md explains every key and every leaf") {
    std::ostringstream docs;
    docs << std::ifstream(INTARSIA_SOURCE_DIR "/docs/outputs.md").rdbuf();
    RunReport report = tests::sample_report();
    report.complete = false;
    report.host = HostReport{1, 2, 3, 4, 5};
    Json root = parsed(report, true);
    root.erase("units");
    std::set<std::string> names;
    collect_keys(root, names);
    REQUIRE(names.size() > 60);
    for (const std::string& name : names) {
        INFO(name);
        const bool explained = docs.str().find("`" + name) != std::string::npos ||
                               docs.str().find("| " + name + " |") != std::string::npos;
        CHECK(explained);
    }
}
