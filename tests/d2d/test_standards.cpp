// The presets against the public figures that they stand for.
#include "config/d2d_formats.hpp"
#include "d2d/link_config.hpp"
#include "tests/reference.hpp"

#include <catch2/catch.hpp>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

using namespace intarsia;

namespace {

/// Fields of a CSV line; quotes protect commas.
std::vector<std::string> fields(const std::string& line) {
    std::vector<std::string> all(1);
    bool quoted = false;
    for (const char letter : line) {
        if (letter == '"') {
            quoted = !quoted;
        } else if (letter == ',' && !quoted) {
            all.emplace_back();
        } else {
            all.back() += letter;
        }
    }
    return all;
}

/// A field that is one plain number.
std::optional<double> number(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// Equal within rounding of the source: three figures, or its last digit.
bool agrees(double ours, double theirs) {
    return std::abs(ours - theirs) <=
           std::max(std::abs(theirs) * 0.0005, 0.5 * std::pow(10, std::floor(std::log10(theirs)) - 2));
}

/// The preset of a row, by the row's name.
std::string preset_of(const std::string& id) {
    static const std::map<std::string, std::string> others{{"ucie_3d_9um", "ucie_3d"},
                                                           {"bow_256", "bow"},
                                                           {"bow_512", "bow"},
                                                           {"xsr_112", "serdes_xsr_112"},
                                                           {"pcie5_phy", "pcie5"}};
    if (const auto found = others.find(id); found != others.end()) {
        return found->second;
    }
    return id.rfind("ucie_s_", 0) == 0 ? "ucie_standard" : id.rfind("ucie_a_", 0) == 0 ? "ucie_advanced" : id;
}

} // namespace

TEST_CASE("every row of the public figures comes out of its preset") {
    const auto path = tests::reference_path("packaging/d2d.csv");
    if (!path) {
        return;
    }
    std::ifstream file(*path);
    REQUIRE(file.good());
    std::string line;
    std::getline(file, line);
    REQUIRE(line.rfind("id,family,variant,package_class,lanes_per_unit_per_direction,rate_gtps,raw_bw", 0) == 0);
    int rows = 0;
    int figures = 0;
    fmt::print("{:<18}{:>12}{:>12}{:>12}{:>12}{:>12}{:>12}{:>10}{:>10}\n", "", "GB/s", "source", "GB/s/mm", "source",
               "GB/s/mm2", "source", "pJ/bit", "source");
    while (std::getline(file, line)) {
        const std::vector<std::string> row = fields(line);
        REQUIRE(row.size() >= 13);
        const d2d::Standard* standard = d2d::find_standard(preset_of(row[0]));
        INFO(row[0]);
        REQUIRE(standard != nullptr); // each row has a preset
        const auto lanes = number(row[4]);
        const auto rate = number(row[5]);
        const auto bandwidth = number(row[6]);
        const auto shoreline = number(row[9]);
        const auto areal = number(row[10]);
        const auto energy = number(row[11]);
        const auto latency = number(row[12]);
        const d2d::LinkConfig link =
            d2d::link_of_standard(*standard, rate ? static_cast<std::uint64_t>(std::llround(*rate * 1e9)) : 0);
        d2d::LinkConfig line_rate = link;
        line_rate.code_efficiency = 1; // the figures are of the lanes
        const double ours = d2d::raw_bytes_per_s(line_rate) / 1e9;
        const double edge = d2d::edge_mm(link) > 0 ? 2 * ours / d2d::edge_mm(link) : 0;
        const double area = d2d::area_mm2(link) > 0 ? 2 * ours / d2d::area_mm2(link) : 0;
        const auto text = [](std::optional<double> value) { return value ? fmt::format("{:g}", *value) : "-"; };
        fmt::print("{:<18}{:>12.6g}{:>12}{:>12.5g}{:>12}{:>12.6g}{:>12}{:>10g}{:>10}\n", row[0], ours, text(bandwidth),
                   edge, text(shoreline), area, text(areal), link.energy_pj_per_bit, text(energy));
        ++rows;
        const auto compare = [&](double mine, const std::optional<double>& theirs) {
            if (theirs) {
                INFO(mine << " for " << *theirs);
                CHECK(agrees(mine, *theirs));
                ++figures;
            }
        };
        compare(link.lanes, lanes);
        compare(ours, bandwidth);
        compare(edge, shoreline);
        compare(area, areal);
        compare(link.energy_pj_per_bit, energy);
        compare(static_cast<double>((link.tx_adapter + link.tx_phy + link.rx_phy + link.rx_adapter).count()) / 1e3,
                latency);
        const d2d::RatePoint* point = standard->find_rate(link.transfers_per_s);
        REQUIRE(point != nullptr);
        if (row[14] == "yes" || row[14] == "no") {
            CHECK(point->needs_retry == (row[14] == "yes"));
            compare(point->raw_ber * 1e30, number(row[13]) ? std::optional(*number(row[13]) * 1e30) : std::nullopt);
        }
    }
    CHECK(rows == 32);
    CHECK(figures > 120);
}

TEST_CASE("the published end points of UCIe come out of the presets") {
    const auto density = [](const char* name, std::uint64_t rate) {
        return d2d::find_standard(name)->edge_gbytes_per_s_mm(rate * 1'000'000'000);
    };
    CHECK(density("ucie_standard", 32) == Approx(224).epsilon(0.001));
    CHECK(density("ucie_advanced", 32) == Approx(1'317).epsilon(0.001));
    CHECK(density("ucie_standard", 4) == Approx(28).epsilon(0.001));
    CHECK(d2d::find_standard("ucie_3d")->module_area_mm2() == Approx(0.02));
    CHECK(d2d::find_standard("nv_hbi")->raw_gbytes_per_s(32'000'000'000) == 5'000);
}

TEST_CASE("every standard has what a link needs, and says where it is from") {
    for (const d2d::Standard& standard : d2d::standards()) {
        INFO(standard.name);
        CHECK(standard.lanes > 0);
        CHECK(standard.least_lanes <= standard.lanes);
        REQUIRE(standard.usual_rate < standard.rates.size());
        CHECK(d2d::find_flit_format(standard.flit_format) != nullptr);
        CHECK_FALSE(standard.source.empty());
    }
}

TEST_CASE("the formats that a system may name are those of the link model") {
    REQUIRE(config::d2d_formats.size() == d2d::flit_formats().size());
    for (const config::D2dFormat& format : config::d2d_formats) {
        const d2d::FlitFormat* model = d2d::find_flit_format(format.name);
        REQUIRE(model != nullptr);
        CHECK(format.payload_efficiency == model->efficiency());
        CHECK(format.has_crc == (model->crc_bytes > 0));
    }
}
