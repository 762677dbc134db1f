#include "noc/standalone/pattern.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>

using namespace intarsia;
using namespace intarsia::noc::standalone;

namespace {

NodeGrid grid_of(std::vector<std::uint32_t> extents) {
    NodeGrid grid{1, std::move(extents)};
    for (const std::uint32_t extent : grid.extents) {
        grid.nodes *= extent;
    }
    return grid;
}

std::uint32_t destination(const std::string& pattern, const NodeGrid& grid, std::uint32_t source) {
    TrafficConfig traffic;
    traffic.pattern = pattern;
    SourceRandom random(1, source);
    return Pattern(traffic, grid).draw(source, random.next(), random);
}

/// How often each destination is drawn from `source`.
std::vector<double> frequencies(const TrafficConfig& traffic, const NodeGrid& grid, std::uint32_t source, int draws) {
    const Pattern pattern(traffic, grid);
    SourceRandom random(3, source);
    std::vector<double> counts(grid.nodes, 0);
    for (int i = 0; i < draws; ++i) {
        counts[pattern.draw(source, random.next(), random)] += 1.0 / draws;
    }
    return counts;
}

} // namespace

TEST_CASE("Patterns by definition on the 8x8 grid") {
    const NodeGrid grid = grid_of({8, 8});
    for (std::uint32_t node = 0; node < 64; ++node) {
        const std::uint32_t x = node % 8;
        const std::uint32_t y = node / 8;
        CHECK(destination("transpose", grid, node) == y + 8 * x);
        CHECK(destination("bitcomp", grid, node) == 63 - node);
        CHECK(destination("tornado", grid, node) == (x + 3) % 8 + 8 * ((y + 3) % 8));
        CHECK(destination("neighbor", grid, node) == (x + 1) % 8 + 8 * ((y + 1) % 8));
    }
    CHECK(destination("bitrev", grid, 0b000001) == 0b100000);
    CHECK(destination("bitrev", grid, 0b110100) == 0b001011);
    CHECK(destination("shuffle", grid, 0b100001) == 0b000011);
    CHECK(destination("shuffle", grid, 0b011010) == 0b110100);
}

TEST_CASE("Patterns on other grids") {
    CHECK(destination("tornado", grid_of({5, 4, 3}), 0) == 2 + 5 * (1 + 4 * 1));
    CHECK(destination("neighbor", grid_of({5, 4, 3}), 59) == 0);
    CHECK(destination("tornado", grid_of({8}), 6) == 1);
    CHECK(destination("transpose", grid_of({16}), 6) == 9); // 16 nodes in a line count as 4 x 4
    CHECK(destination("bitcomp", grid_of({4, 2}), 5) == 2);
    CHECK(destination("shuffle", grid_of({1}), 0) == 0);
}

TEST_CASE("Patterns that are undefined on a network say why") {
    const auto refused = [](const std::string& pattern, const NodeGrid& grid) {
        return pattern_problem(pattern, grid).has_value();
    };
    CHECK(refused("transpose", grid_of({4, 16})));
    CHECK(refused("transpose", grid_of({8})));
    CHECK_FALSE(refused("transpose", grid_of({5, 5})));
    CHECK_FALSE(refused("transpose", grid_of({4, 4, 4})));
    for (const std::string pattern : {"bitcomp", "bitrev", "shuffle"}) {
        CHECK(refused(pattern, grid_of({6, 6})));
        CHECK_FALSE(refused(pattern, grid_of({4, 2})));
    }
    for (const std::string pattern : {"uniform", "tornado", "neighbor", "hotspot"}) {
        CHECK_FALSE(refused(pattern, grid_of({3, 7})));
    }
}

TEST_CASE("Every fixed pattern but hotspot and uniform is a permutation") {
    const NodeGrid grid = grid_of({8, 8});
    for (const std::string& pattern : pattern_names()) {
        if (pattern == "uniform" || pattern == "hotspot") {
            continue;
        }
        std::vector<int> hits(64, 0);
        for (std::uint32_t node = 0; node < 64; ++node) {
            ++hits[destination(pattern, grid, node)];
        }
        INFO(pattern);
        CHECK(hits == std::vector<int>(64, 1));
    }
}

TEST_CASE("Drawn destinations have the chances that the pattern tells") {
    TrafficConfig traffic;
    const NodeGrid grid = grid_of({4, 3});
    traffic.pattern = GENERATE("uniform", "hotspot");
    traffic.include_self = GENERATE(true, false);
    traffic.nodes = {2, 7, 11};
    traffic.share = 0.6;
    const Pattern pattern(traffic, grid);
    constexpr int draws = 200'000;
    for (const std::uint32_t source : {0U, 7U}) {
        const std::vector<double> counts = frequencies(traffic, grid, source, draws);
        double sum = 0;
        for (std::uint32_t d = 0; d < grid.nodes; ++d) {
            const double chance = pattern.chance(source, d);
            sum += chance;
            INFO(fmt::format("{} to {}", source, d));
            // Five standard deviations.
            CHECK(std::abs(counts[d] - chance) <= 5 * std::sqrt(chance * (1 - chance) / draws));
        }
        CHECK(sum == Approx(1));
        CHECK((pattern.chance(source, source) > 0) == traffic.include_self);
    }
}

TEST_CASE("Nodes that could only send to themselves are silent without include_self") {
    TrafficConfig traffic;
    traffic.pattern = "transpose";
    const NodeGrid grid = grid_of({4, 4});
    CHECK(Pattern(traffic, grid).sends(5));
    traffic.include_self = false;
    const Pattern pattern(traffic, grid);
    for (std::uint32_t node = 0; node < 16; ++node) {
        CHECK(pattern.sends(node) == (node % 5 != 0));
    }
}
