#include "noc/standalone/curve.hpp"
#include "noc/standalone/curve_plot.hpp"
#include "noc/standalone/noc_console.hpp"
#include "noc/standalone/noc_json.hpp"
#include "tests/noc_standalone/fake_network.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace intarsia;
using namespace intarsia::noc::standalone;
using tests::FakeNetwork;

namespace {

NetworkSetup fake_setup(std::uint64_t interval) {
    NetworkSetup setup;
    setup.plan = tests::fake_plan(8);
    setup.grid = {8, {8}};
    setup.traffic.warmup_cycles = 1'000;
    setup.traffic.measure_cycles = 10'000;
    setup.make = [interval](const noc::NetworkPlan& plan, const noc::SinkOptions&) {
        return std::make_unique<FakeNetwork>(plan, FakeNetwork::Behaviour{30, interval, UINT64_MAX});
    };
    return setup;
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++found;
    }
    return found;
}

} // namespace

TEST_CASE("Saturation is where the queues grow beyond three times the zero-load latency") {
    const NetworkSetup setup = fake_setup(4);
    const CurveFigures curve = run_curve(setup, {}, 1);
    CHECK(curve.zero_load_latency == Approx(30));
    // One flit in 4 cycles; a discrete queue with Bernoulli arrivals of rate p and service in 4 cycles waits
    // p 4 (4 - 1) / (2 (1 - 4 p)) cycles on average (Geo/D/1), 60 of them at p = 0.2439.
    CHECK(curve.saturation_load == Approx(0.2439).epsilon(0.02));
    CHECK(curve.unstable_load > curve.saturation_load);
    CHECK(curve.unstable_load <= curve.saturation_load * 1.006);
    CHECK(curve.accepted_at_highest == Approx(0.25).epsilon(0.001));
    REQUIRE(curve.points.size() == 16);
    for (const PointFigures& point : curve.points) {
        INFO(point.load);
        CHECK(point.stable == (point.load <= curve.saturation_load));
        CHECK(point.outputs.empty());
    }
    CHECK(curve.points.back().load == 1);
}

TEST_CASE("A network that never saturates has no unstable load") {
    const CurveFigures curve = run_curve(fake_setup(1), {0.9, 0.1, 0.9}, 1);
    CHECK(curve.saturation_load == 1);
    CHECK(curve.unstable_load == 0);
    CHECK(curve.accepted_at_highest == Approx(1));
    REQUIRE(curve.points.size() == 2);
    CHECK(curve.points[0].load == 0.1);
}

TEST_CASE("Curves do not depend on the number of threads") {
    const NetworkSetup setup = fake_setup(3);
    const std::string one = curve_json(setup, run_curve(setup, {}, 1), false);
    CHECK(curve_json(setup, run_curve(setup, {}, 2), false) == one);
    CHECK(curve_json(setup, run_curve(setup, {}, 7), false) == one);
    CHECK(one.find("host") == std::string::npos);
}

TEST_CASE("Tasks in parallel are each done once, and the first failure is told") {
    std::vector<int> done(1'000, 0);
    in_parallel(done.size(), 4, [&](std::size_t i) { ++done[i]; });
    CHECK(done == std::vector<int>(1'000, 1));
    try {
        in_parallel(100, 4, [](std::size_t i) {
            if (i % 10 == 7) {
                throw StuckError(std::to_string(i));
            }
        });
        FAIL("nothing was thrown");
    } catch (const StuckError& error) {
        CHECK(error.what() == std::string("7"));
    }
}

TEST_CASE("The curve as JSON, on the terminal and as a picture") {
    const NetworkSetup setup = fake_setup(4);
    const CurveFigures curve = run_curve(setup, {0.05, 0.2, 0.5}, 2);
    const auto json = nlohmann::json::parse(curve_json(setup, curve, true));
    CHECK(json["saturation_load"].get<double>() == curve.saturation_load);
    CHECK(json["curve"].size() == 3);
    CHECK(json["curve"][0]["packet_latency_cycles"]["mean"].get<double>() == curve.points[0].packet_latency.mean);
    CHECK(json["curve"][2]["packet_latency_cycles"]["mean"].is_null());
    CHECK(json["curve"][2]["stable"] == false);
    CHECK(json["host"].contains("wall_s"));

    const std::string plot = curve_braille(curve);
    CHECK(count(plot, "\n") == 18);
    CHECK(plot.find("mean packet latency") != std::string::npos);
    const std::string text = curve_text(setup, curve);
    CHECK(text.find("saturation at 0.24") != std::string::npos);
    CHECK(text.find("not stable") != std::string::npos);

    const std::string svg = curve_svg(setup, curve);
    CHECK(svg.starts_with("<svg "));
    CHECK(svg.ends_with("</svg>\n"));
    CHECK(count(svg, "<circle") == 2 + 2 + 2 + 3); // legend, mean, 99 %, accepted
    CHECK(svg.find("saturation 0.24") != std::string::npos);
    for (const char* element : {"text", "g", "clipPath", "style", "svg"}) {
        INFO(element);
        const std::string name = element;
        CHECK(count(svg, "<" + name + " ") + count(svg, "<" + name + ">") == count(svg, "</" + name + ">"));
    }
}

TEST_CASE("Names of networks cannot break the picture") {
    NetworkSetup setup = fake_setup(4);
    setup.plan.name = "a<b> & \x01";
    const std::string svg = curve_svg(setup, run_curve(setup, {0.05}, 1));
    CHECK(svg.find("a&lt;b&gt; &amp; ?") != std::string::npos);
}
