// Reports for the tests of printers and stores: a small one with known figures, and random ones.
#pragma once

#include "metrics/stall_account.hpp"
#include "report/run_report.hpp"

#include <random>

namespace intarsia::tests {

inline report::ChipletReport sample_chiplet(const std::string& name) {
    using metrics::Leaf;
    report::ChipletReport chiplet;
    chiplet.name = name;
    chiplet.cores = 2;
    chiplet.clock_hz = 1.8e9;
    chiplet.elapsed_cycles = 600;
    chiplet.flops = 5'000'000;
    chiplet.nodes = 7;
    metrics::StallAccount first;
    first.add(Leaf::computing_matrix, 400);
    first.add(Leaf::memory_bank, 150);
    first.add(Leaf::idle, 50);
    first.hide(Leaf::noc_transit, 30);
    metrics::StallAccount second;
    second.add(Leaf::computing_matrix, 300);
    second.add(Leaf::d2d_transit, 299);
    second.add(Leaf::idle, 1);
    chiplet.stalls_of_cores = {first.stalls(), second.stalls()};
    metrics::add_cycles(chiplet.stalls, first.stalls());
    metrics::add_cycles(chiplet.stalls, second.stalls());
    metrics::add_cycles(chiplet.hidden, first.hidden());
    return chiplet;
}

/// Two chiplets, one stack of two channels, three links; 1 us long.
inline report::RunReport sample_report() {
    report::RunReport report;
    report.tool_version = "1.2.3";
    report.system = "two_dies";
    report.trace = "traces/step";
    report.seed = 18'000'000'000'000'000'000ULL; // beyond 2^63
    report.inputs = {{"two_dies.toml", "0123456789abcdef"}, {"traces/step.0.et", "fedcba9876543210"}};
    report.time = Picoseconds(1'000'000);
    report.flops = 10'000'000;
    report.peak_flops_per_s = 40e12;
    report.tokens = 4096;
    report.chiplets = {sample_chiplet("die0"), sample_chiplet("die1")};
    report.stacks = {{"hbm0", "die0", 600'000, 200'000, 1.6e12, 75, 100, 20, 3, {}}};
    report.stacks[0].channels = {{"channel0", 400'000, 100'000, 50, 60, 0.625},
                                 {"channel1", 200'000, 100'000, 25, 40, 0.375}};
    report.links = {{"die0-die1", report::LinkKind::d2d, 0.75, 96'000, 750},
                    {"die1-die0", report::LinkKind::d2d, 0.25, 32'000, 250},
                    {"die0.noc.(0,0)-(1,0)", report::LinkKind::noc, 0.5, 136'000, 1'000}};
    report.bytes_moved = {600'000, 200'000, 136'000, 128'000};
    report.operand_reads = {500'000, 1'000};
    report.accounting = {{"bytes asked for and delivered", 800'000, 800'000}};
    report.warnings = {"hbm0 can carry less than its peak"};
    report.statistics.add("die0.noc", {"packets", "1", "Packets sent."}, std::uint64_t{12});
    report.statistics.add("die0.noc", {"latency", "ns", "Mean latency of a packet."}, 1.5);
    report.statistics.add("die0.noc", {"routing", "", "The routing algorithm."}, std::string("xy"));
    return report;
}

/// Any number of chiplets and leaves, many of them zero.
inline report::RunReport random_report(std::mt19937_64& random) {
    report::RunReport report = sample_report();
    report.chiplets.clear();
    const std::uint64_t chiplets = 1 + random() % 13;
    for (std::uint64_t index = 0; index < chiplets; ++index) {
        report::ChipletReport chiplet;
        chiplet.name = "chiplet_with_a_long_name_" + std::to_string(index);
        chiplet.cores = 1;
        for (std::uint64_t& cycles : chiplet.stalls) {
            cycles = random() % 3 == 0 ? random() % (1ULL << (1 + random() % 50)) : 0;
            chiplet.elapsed_cycles += cycles;
        }
        report.chiplets.push_back(chiplet);
    }
    return report;
}

} // namespace intarsia::tests
