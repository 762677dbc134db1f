#include "report/console.hpp"
#include "report/progress.hpp"
#include "report/text_table.hpp"
#include "sample_report.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <regex>
#include <sstream>

using namespace intarsia;
using namespace intarsia::report;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

// Cells of a row after its label: tenths of percent, 0 for "-".
std::vector<long> tenths_of(const std::string& line) {
    std::vector<long> cells;
    const std::regex cell("([0-9]+)\\.([0-9]) %|-(?= |$)");
    for (std::sregex_iterator match(line.begin(), line.end(), cell), end; match != end; ++match) {
        cells.push_back((*match)[1].matched ? std::stol((*match)[1]) * 10 + std::stol((*match)[2]) : 0);
    }
    return cells;
}

std::size_t indent_of(const std::string& line) {
    return std::min(line.find_first_not_of(' '), line.size());
}

// What a stream received.
std::string written(const std::function<void(std::FILE*)>& write) {
    std::FILE* file = std::tmpfile();
    write(file);
    std::rewind(file);
    std::string text;
    for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) {
        text.push_back(static_cast<char>(c));
    }
    std::fclose(file);
    return text;
}

} // namespace

TEST_CASE("the console report of the sample") {
    RunReport report = tests::sample_report();
    report.host = HostReport{2, 3'000'000, 500'000, 10'000, 64'000'000};
    CHECK(console_text(report, false) ==
          R"(intarsia 1.2.3: two_dies, trace traces/step, seed 18000000000000000000

Simulated time    1.000 us
Throughput        10.00 TFLOP/s, 25.0 % of the peak of 40.00 TFLOP/s
Tokens            4.096 Gtoken/s
Bytes moved       HBM read 600.0 kB, written 200.0 kB; on-die links 136.0 kB, die-to-die 128.0 kB

Core cycles                              die0     die1
  computing                            58.3 %   58.3 %
    matrix                             58.3 %   58.3 %
  memory                               12.5 %   12.5 %
    bank                               12.5 %   12.5 %
  d2d                                  24.9 %   24.9 %
    transit                            24.9 %   24.9 %
  idle                                  4.3 %    4.3 %
  total                               100.0 %  100.0 %
  cores x cycles                      2 x 600  2 x 600

Hidden (overlapped, beside the above)   die0   die1
  noc                                  2.5 %  2.5 %

HBM                                       read   written   bandwidth  of peak  row hits
  hbm0 at die0                        600.0 kB  200.0 kB  800.0 GB/s   50.0 %    75.0 %

Links, busiest first                  utilisation     bytes
  die-to-die, mean and sum of 2            50.0 %  128.0 kB
    die0-die1                              75.0 %  96.00 kB
    die1-die0                              25.0 %  32.00 kB
  on-die network, mean and sum of 1        50.0 %  136.0 kB
    die0.noc.(0,0)-(1,0)                   50.0 %  136.0 kB

Accounting        1 of 1 conservation checks balance
warning: hbm0 can carry less than its peak
Simulator         2 s wall, 500.0 simulated ns/s, 64.00 MB resident at most
                  1.500 M flit-hops/s, 250.0 k DRAM commands/s, 5.000 k activations/s
)");
}

TEST_CASE("printed leaves and groups sum to 100.0 % for every chiplet, within the width") {
    std::mt19937_64 random(77);
    for (int round = 0; round < 100; ++round) {
        const RunReport report = tests::random_report(random);
        std::size_t chiplets_seen = 0;
        std::vector<long> leaves;
        std::vector<long> groups;
        bool in_table = false;
        for (const std::string& line : lines_of(console_text(report, false))) {
            REQUIRE(text_width(line) <= console_width);
            if (line.rfind("Core cycles", 0) == 0) {
                in_table = true;
                leaves.assign(20, 0);
                groups.assign(20, 0);
            } else if (in_table && line.rfind("  total", 0) == 0) {
                const std::size_t columns = tenths_of(line).size();
                for (std::size_t column = 0; column < columns; ++column) {
                    const ChipletReport& chiplet = report.chiplets.at(chiplets_seen + column);
                    const long expected = chiplet.elapsed_cycles > 0 ? 1000 : 0;
                    REQUIRE(groups[column] == expected);
                    REQUIRE(leaves[column] == expected);
                }
                chiplets_seen += columns;
                in_table = false;
            } else if (in_table) {
                const std::vector<long> cells = tenths_of(line);
                const bool is_idle = line.rfind("  idle", 0) == 0;
                for (std::size_t column = 0; column < cells.size(); ++column) {
                    (indent_of(line) == 2 ? groups : leaves)[column] += cells[column];
                    leaves[column] += is_idle ? cells[column] : 0; // a group without leaves below it
                }
            }
        }
        REQUIRE(chiplets_seen == report.chiplets.size());
    }
}

TEST_CASE("leaves without cycles are omitted, the busiest links named") {
    RunReport report = tests::sample_report();
    for (int index = 0; index < 50; ++index) {
        report.links.push_back({"die0.noc.link" + std::to_string(index), LinkKind::noc, 0.001 * index, 10, 10});
    }
    const std::string text = console_text(report, false);
    CHECK(text.find("refresh") == std::string::npos);
    CHECK(text.find("collective") == std::string::npos);
    CHECK(text.find("mean and sum of 51") != std::string::npos);
    CHECK(text.find("die0.noc.(0,0)-(1,0)") != std::string::npos);
    CHECK(text.find("die0.noc.link49") != std::string::npos);
    CHECK(text.find("die0.noc.link47") != std::string::npos);
    CHECK(text.find("die0.noc.link46") == std::string::npos);
}

TEST_CASE("an empty report, an interrupted one, colours") {
    CHECK_NOTHROW(console_text(RunReport(), false));
    RunReport report = tests::sample_report();
    report.complete = false;
    report.incomplete_reason = "interrupted";
    CHECK(console_text(report, false).find("INCOMPLETE        interrupted") != std::string::npos);
    CHECK(console_text(report, false).find('\x1b') == std::string::npos);
    CHECK(console_text(report, true).find("\x1b[1mCore cycles") != std::string::npos);
    std::FILE* file = std::tmpfile();
    CHECK_FALSE(shows_colour(file));
    std::fclose(file);
}

TEST_CASE("progress rewrites one line, a few times a second, and erases it") {
    double wall_s = 100;
    const std::string text = written([&](std::FILE* file) {
        Progress progress(file, 40, true, [&] { return wall_s; });
        progress.update(Picoseconds(0), 0); // too early
        wall_s += 1;
        progress.update(Picoseconds(2'000'000), 10);
        wall_s += 0.01;
        progress.update(Picoseconds(2'100'000), 11); // too early
        wall_s += 0.49;
        progress.update(Picoseconds(3'000'000), 20);
    });
    CHECK(text == "\r2.000 us simulated, nodes 10/40, 2.000 us simulated a second\x1b[K"
                  "\r3.000 us simulated, nodes 20/40, 2.000 us simulated a second\x1b[K"
                  "\r\x1b[K");
}

TEST_CASE("progress says nothing when the stream is no terminal") {
    CHECK(written([](std::FILE* file) {
              Progress progress(file, 40);
              progress.update(Picoseconds(2'000'000), 10);
          }).empty());
}
