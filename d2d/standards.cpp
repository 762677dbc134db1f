#include "d2d/standards.hpp"

#include "config/quantity_text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace intarsia::d2d {

namespace {

constexpr std::uint64_t giga = 1'000'000'000;

constexpr std::string_view ucie_source =
    "UCIe 1.0/1.1 key performance targets (end points confirmed by the Hot Interconnects 2025 summary of "
    "convergedigest.com); UCIe 3.0 announcement, 2025-08, for 48 and 64 GT/s";

// BER 1e-27 needs no retry, 1e-15 does; 64 GT/s is relaxed to 1e-12 (EE Times, 2025-08). Energy above 32 GT/s is not
// published: the 32 GT/s target is carried over.
constexpr std::array<RatePoint, 8> ucie_standard_rates{{{4 * giga, 0.5, 1e-27, false},
                                                        {8 * giga, 0.5, 1e-27, false},
                                                        {12 * giga, 0.5, 1e-15, true},
                                                        {16 * giga, 0.5, 1e-15, true},
                                                        {24 * giga, 0.75, 1e-15, true},
                                                        {32 * giga, 0.75, 1e-15, true},
                                                        {48 * giga, 0.75, 1e-15, true},
                                                        {64 * giga, 0.75, 1e-12, true}}};
constexpr std::array<RatePoint, 8> ucie_advanced_rates{{{4 * giga, 0.25, 1e-27, false},
                                                        {8 * giga, 0.25, 1e-27, false},
                                                        {12 * giga, 0.25, 1e-27, false},
                                                        {16 * giga, 0.3, 1e-15, true},
                                                        {24 * giga, 0.3, 1e-15, true},
                                                        {32 * giga, 0.3, 1e-15, true},
                                                        {48 * giga, 0.3, 1e-15, true},
                                                        {64 * giga, 0.3, 1e-12, true}}};
constexpr std::array<RatePoint, 1> ucie_3d_9um_rates{{{4 * giga, 0.05, 1e-27, false}}};
constexpr std::array<RatePoint, 1> ucie_3d_1um_rates{{{4 * giga, 0.01, 1e-27, false}}};
constexpr std::array<RatePoint, 2> bow_rates{{{16 * giga, 0.5, 1e-15, true}, {32 * giga, 0.5, 1e-15, true}}};
constexpr std::array<RatePoint, 1> aib_1_rates{{{2 * giga, 0.85, 1e-24, false}}};
constexpr std::array<RatePoint, 1> aib_2_rates{{{6'400'000'000, 0.5, 1e-24, false}}};
constexpr std::array<RatePoint, 1> hbi_rates{{{32 * giga, 0.3, 1e-15, true}}};
constexpr std::array<RatePoint, 1> if_ap_rates{{{16 * giga, 0.4, 1e-15, true}}};
constexpr std::array<RatePoint, 1> if_op_rates{{{16 * giga, 2.0, 1e-15, true}}};
constexpr std::array<RatePoint, 1> lipincon_rates{{{8 * giga, 0.56, 1e-27, false}}};
constexpr std::array<RatePoint, 1> c2c_rates{{{40 * giga, 1.3, 1e-15, true}}};
constexpr std::array<RatePoint, 1> usr_rates{{{32 * giga, 0.5, 1e-15, true}}};
constexpr std::array<RatePoint, 1> xsr_rates{{{112 * giga, 1.5, 1e-9, true}}};
constexpr std::array<RatePoint, 1> lr_112_rates{{{112 * giga, 6.0, 1e-4, true}}};
constexpr std::array<RatePoint, 1> lr_224_rates{{{224 * giga, 5.0, 1e-4, true}}};
constexpr std::array<RatePoint, 1> pcie5_rates{{{32 * giga, 11.4, 1e-12, true}}};
constexpr std::array<RatePoint, 1> nvlink4_rates{{{100 * giga, 6.0, 1e-12, true}}};
constexpr std::array<RatePoint, 1> nvlink5_rates{{{200 * giga, 5.0, 1e-12, true}}};
constexpr std::array<RatePoint, 1> dojo_rates{{{112 * giga, 1.5, 1e-12, true}}};

using enum Confidence;

constexpr std::array<Standard, 21> table{{
    {"ucie_standard", "UCIe standard package, x16", 16, 0, 8, ucie_standard_rates, 5, 571.5, 0, 110, 25, 500, 500, 1,
     "256B", high, ucie_source,
     "no spare lanes: x16 degrades to x8; one row of modules at 110 um; edge density above 32 GT/s is a linear "
     "extrapolation"},
    {"ucie_advanced", "UCIe advanced package, x64", 64, 4, 32, ucie_advanced_rates, 5, 388.8, 0, 45, 2, 500, 500, 1,
     "256B", high, ucie_source, "4 spare lanes a direction (from general knowledge), then x64 degrades to x32; 45 um"},
    {"ucie_3d", "UCIe-3D, 9 um", 80, 0, 80, ucie_3d_9um_rates, 0, 0, 4'000, 9, 0, 0, 250, 1, "raw", medium,
     "Das Sharma et al., Nature Electronics 2024, doi 10.1038/s41928-024-01126-y; UCIe 2.0 overview",
     "no adapter, the clock of the network; under 0.5 ns for both sides; 0.12 pJ/bit near 25 um"},
    {"ucie_3d_1um", "UCIe-3D, 1 um", 80, 0, 80, ucie_3d_1um_rates, 0, 0, 300'000, 1, 0, 0, 250, 1, "raw", medium,
     "Das Sharma et al., Nature Electronics 2024, doi 10.1038/s41928-024-01126-y; Hot Interconnects 2025", ""},
    {"bow", "OCP Bunch of Wires PHY 2.0, x16", 16, 0, 16, bow_rates, 1, 0, 0, 130, 25, 500, 1'000, 1, "256B", medium,
     "OCP Bunch of Wires PHY 2.0 (as summarised in a public catalogue)",
     "2 to 4 ns without FEC; edge density depends on the implementation; the adapter is none of its own"},
    {"aib_1", "AIB 1.0, 20 lanes", 20, 0, 20, aib_1_rates, 0, 156.25, 0, 55, 10, 0, 1'500, 1, "raw", low,
     "from general knowledge (Intel Stratix 10, DARPA CHIPS)", "edge from about 256 Gb/s/mm of transmitters"},
    {"aib_2", "AIB 2.0, 40 lanes", 40, 0, 40, aib_2_rates, 0, 156.288, 0, 55, 10, 0, 1'500, 1, "raw", low,
     "from general knowledge (CHIPS Alliance AIB 2.0)", "edge from 1638 Gb/s/mm of transmitters"},
    {"nv_hbi", "NV-HBI-like: the seam of NVIDIA B200", 1'250, 0, 1'250, hbi_rates, 0, 0, 0, 45, 1, 500, 500, 1, "256B",
     low, "NVIDIA Blackwell briefs: 10 TB/s",
     "5 TB/s a direction if 10 TB/s counts both, else set modules = 2; lanes, rate, energy and latency are assumptions "
     "of the class of UCIe advanced"},
    {"if_ap_horizontal", "Infinity-Fabric-AP-like: AMD MI300X, short edges of the IODs", 600, 0, 600, if_ap_rates, 0, 0,
     0, 45, 2, 500, 500, 1, "256B", medium,
     "1.2 TB/s a direction, derived from 2.7 TB/s of ingress an IOD over two edges (Chips and Cheese, CDNA 3, 2023)",
     "lanes, rate and latency are assumptions; AMD slides show 2.4 TB/s, which reads as both directions"},
    {"if_ap_vertical", "Infinity-Fabric-AP-like: AMD MI300X, long edges of the IODs", 750, 0, 750, if_ap_rates, 0, 0, 0,
     45, 2, 500, 500, 1, "256B", medium,
     "1.5 TB/s a direction, derived as for if_ap_horizontal (Chips and Cheese, CDNA 3, 2023)",
     "lanes, rate and latency are assumptions"},
    {"if_op", "Infinity Fabric on an organic package: AMD Zen CCD to IOD", 32, 0, 32, if_op_rates, 0, 0, 0, 130, 25,
     2'250, 2'250, 1, "256B", low, "from general knowledge (AMD, ISSCC 2020: about 2 pJ/bit); about 9 ns a hop",
     "64 GB/s is the read direction; writes have half of it"},
    {"lipincon", "TSMC LIPINCON", 320, 0, 320, lipincon_rates, 0, 0, 400, 40, 0.5, 0, 500, 1, "raw", medium,
     "VLSI 2019 test chip (8 Gb/s a pin, 320 GB/s, 0.56 pJ/bit)",
     "density 200 GB/s/mm2 a direction; latency is an assumption"},
    {"nvlink_c2c", "NVLink-C2C: Grace Hopper, ten links of nine lanes", 90, 0, 90, c2c_rates, 0, 0, 0, 130, 60, 1'000,
     4'000, 1, "256B", medium, "NVIDIA Grace Hopper whitepaper: 900 GB/s both directions, 1.3 pJ/bit (high)",
     "lanes are of that class; latency is an assumption"},
    {"usr", "OIF USR class, single-ended, one lane", 1, 0, 1, usr_rates, 0, 0, 0, 55, 10, 500, 1'000, 1, "256B", low,
     "from general knowledge; 20 to 32 GT/s", "2 to 4 ns"},
    {"serdes_xsr_112", "OIF CEI-112G-XSR, one pair", 1, 0, 1, xsr_rates, 0, 0, 0, 130, 50, 1'500, 6'000, 1, "256B", low,
     "from general knowledge; 1.0 to 1.7 pJ/bit reported",
     "10 to 20 ns with FEC; the FEC's share of the line is 0 here"},
    {"serdes_lr_112", "112G long-reach SerDes, one pair", 1, 0, 1, lr_112_rates, 0, 0, 0, 0, 1'000, 2'500, 60'000,
     514.0 / 544.0, "256B", low, "from general knowledge; 5 to 7 pJ/bit; RS(544, 514) of IEEE 802.3 clause 91",
     "100 to 150 ns with FEC; raw BER 1e-4 is before FEC"},
    {"serdes_lr_224", "224G long-reach SerDes, one pair", 1, 0, 1, lr_224_rates, 0, 0, 0, 0, 1'000, 2'500, 60'000,
     514.0 / 544.0, "256B", low, "estimate: twice the 112G line at the same latency",
     "energy and latency are estimates; raw BER 1e-4 is before FEC"},
    {"pcie5", "PCIe 5.0 SerDes, one pair", 1, 0, 1, pcie5_rates, 0, 0, 0, 0, 300, 2'500, 10'000, 128.0 / 130.0,
     "256B_end_header", medium, "CICC 2020, doi 10.1109/CICC48029.2020: 11.4 pJ/bit, 10 nm, 37 dB",
     "128b/130b line code; latency and framing are assumptions"},
    {"nvlink_4", "NVLink-4-like: a link of two pairs (NVIDIA H100 has 18)", 2, 0, 2, nvlink4_rates, 0, 0, 0, 0, 1'000,
     2'500, 60'000, 1, "256B", low, "NVIDIA: 450 GB/s a direction over 18 links; two pairs of 100 Gb/s of payload",
     "rate after line code and FEC; energy, latency and framing are assumptions of the 112G class"},
    {"nvlink_5", "NVLink-5-like: a link of two pairs (NVIDIA B200 has 18)", 2, 0, 2, nvlink5_rates, 0, 0, 0, 0, 1'000,
     2'500, 60'000, 1, "256B", low, "NVIDIA: 900 GB/s a direction over 18 links; two pairs of 200 Gb/s of payload",
     "rate after line code and FEC; energy, latency and framing are assumptions of the 224G class"},
    {"dojo_edge", "Dojo-edge-like: die to die on a tile, 144 lanes an edge", 144, 0, 144, dojo_rates, 0, 0, 0, 130, 50,
     2'500, 47'000, 1, "256B", low,
     "Tesla, Hot Chips 34, doi 10.1109/HCS55958.2022.9895534: about 100 ns die to die; 112G SerDes",
     "2 TB/s a direction an edge; split of the latency, energy and framing are assumptions"},
}};

} // namespace

std::string_view name_of(Confidence confidence) {
    constexpr std::array<std::string_view, 3> names{"low", "medium", "high"};
    return names[static_cast<std::size_t>(confidence)];
}

const RatePoint* Standard::find_rate(std::uint64_t transfers_per_s) const {
    const auto found = std::find_if(rates.begin(), rates.end(),
                                    [&](const RatePoint& rate) { return rate.transfers_per_s == transfers_per_s; });
    return found == rates.end() ? nullptr : &*found;
}

double Standard::raw_gbytes_per_s(std::uint64_t transfers_per_s) const {
    return static_cast<double>(lanes) * static_cast<double>(transfers_per_s) / 8e9;
}

double Standard::edge_gbytes_per_s_mm(std::uint64_t transfers_per_s) const {
    return module_edge_um > 0 ? 2 * raw_gbytes_per_s(transfers_per_s) / (module_edge_um / 1'000) : 0;
}

double Standard::module_area_mm2() const {
    return areal_gbytes_per_mm2 > 0 ? 2 * raw_gbytes_per_s(rates.back().transfers_per_s) / areal_gbytes_per_mm2 : 0;
}

std::span<const Standard> standards() {
    return table;
}

const Standard* find_standard(std::string_view name) {
    const auto* found =
        std::find_if(table.begin(), table.end(), [&](const Standard& each) { return each.name == name; });
    return found == table.end() ? nullptr : found;
}

std::vector<std::string> standard_names() {
    std::vector<std::string> names;
    names.reserve(table.size());
    for (const Standard& each : table) {
        names.emplace_back(each.name);
    }
    return names;
}

std::string standards_markdown() {
    std::string text =
        "| standard | lanes | rates, GT/s | GB/s a module and direction | edge, GB/s/mm | pJ/bit | TX + RX, "
        "ns | confidence | source | notes |\n|---|---|---|---|---|---|---|---|---|---|\n";
    const auto known = [](double value, const char* format) {
        return value > 0 ? fmt::format(fmt::runtime(format), value) : std::string("-");
    };
    for (const Standard& each : table) {
        std::string rates;
        std::string energies;
        for (const RatePoint& rate : each.rates) {
            rates += fmt::format("{}{:g}", rates.empty() ? "" : ", ", static_cast<double>(rate.transfers_per_s) / 1e9);
        }
        const auto [least, most] =
            std::minmax_element(each.rates.begin(), each.rates.end(), [](const RatePoint& a, const RatePoint& b) {
                return a.energy_pj_per_bit < b.energy_pj_per_bit;
            });
        energies = least->energy_pj_per_bit == most->energy_pj_per_bit
                       ? fmt::format("{:g}", least->energy_pj_per_bit)
                       : fmt::format("{:g} to {:g}", least->energy_pj_per_bit, most->energy_pj_per_bit);
        const std::uint64_t slowest = each.rates.front().transfers_per_s;
        const std::uint64_t fastest = each.rates.back().transfers_per_s;
        const auto range = [&](double low_value, double high_value) {
            return low_value == high_value ? known(high_value, "{:.4g}")
                                           : fmt::format("{:.4g} to {:.4g}", low_value, high_value);
        };
        text +=
            fmt::format("| `{}`: {} | {} | {} | {} | {} | {} | {:g} | {} | {} | {} |\n", each.name, each.title,
                        each.lanes, rates, range(each.raw_gbytes_per_s(slowest), each.raw_gbytes_per_s(fastest)),
                        range(each.edge_gbytes_per_s_mm(slowest), each.edge_gbytes_per_s_mm(fastest)), energies,
                        2 * (each.adapter_ps + each.phy_ps) / 1e3, name_of(each.confidence), each.source, each.note);
    }
    return text;
}

} // namespace intarsia::d2d
