#include "report/console.hpp"

#include "metrics/stall_account.hpp"
#include "report/apportion.hpp"
#include "report/run_statistics.hpp"
#include "report/si_format.hpp"
#include "report/text_table.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <unistd.h>

namespace intarsia::report {

namespace {

using metrics::leaf_count;
using metrics::leaf_names;

constexpr std::size_t chiplets_side_by_side = 5;
constexpr std::size_t busiest_shown = 4;
constexpr std::size_t name_width = 36; // of the first column of all tables, unless names are longer

// Collects the text; a heading is the first line of a table.
class Page {
  public:
    explicit Page(bool colour) : colour_(colour) {}

    void line(const std::string& text) { text_ += wrap(text, console_width, label_width); }
    void labelled(std::string_view label, const std::string& text) {
        line(fmt::format("{:<{}}{}", label, label_width, text));
    }
    void table(const TextTable& table) {
        const std::vector<std::string> lines = table.lines(name_width, console_width);
        text_ += "\n" + (colour_ ? "\x1b[1m" + lines.front() + "\x1b[0m" : lines.front());
        for (std::size_t row = 1; row < lines.size(); ++row) {
            text_ += lines[row];
        }
    }
    void empty_line() { text_ += "\n"; }
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    static constexpr std::size_t label_width = 18;
    bool colour_;
    std::string text_;
};

std::string tenths(std::uint64_t count) {
    return fmt::format("{}.{} %", count / 10, count % 10);
}

// Percentages of some chiplets' core cycles in tenths, for one table.
struct StallColumn {
    const ChipletReport* chiplet;
    std::vector<std::uint64_t> tenths; // by leaf; sums to 1000
};

// Leaves of a group stand next to each other.
struct Group {
    std::size_t first;
    std::size_t end;
};

std::vector<Group> groups() {
    std::vector<Group> result;
    for (std::size_t leaf = 0; leaf < leaf_count; ++leaf) {
        if (result.empty() || leaf_names[leaf].group != leaf_names[result.back().first].group) {
            result.push_back({leaf, leaf});
        }
        result.back().end = leaf + 1;
    }
    return result;
}

// A row of the sums over [first, end), or nothing where no chiplet has any.
void stall_row(TextTable& table, const std::vector<StallColumn>& columns, const std::string& label, std::size_t first,
               std::size_t end) {
    std::vector<std::string> cells{label};
    bool any = false;
    for (const StallColumn& column : columns) {
        std::uint64_t cycles = 0;
        std::uint64_t share = 0;
        for (std::size_t leaf = first; leaf < end; ++leaf) {
            cycles += column.chiplet->stalls[leaf];
            share += column.tenths[leaf];
        }
        any = any || cycles > 0;
        cells.push_back(cycles > 0 ? tenths(share) : "-");
    }
    if (any) {
        table.row(std::move(cells));
    }
}

void stall_table(Page& page, const RunReport& report, std::size_t first, std::size_t end) {
    TextTable table;
    std::vector<StallColumn> columns;
    std::vector<std::string> heading{"Core cycles"};
    std::vector<std::string> total{"  total"};
    std::vector<std::string> cycles{"  cores x cycles"};
    for (std::size_t index = first; index < end; ++index) {
        const ChipletReport& chiplet = report.chiplets[index];
        columns.push_back({&chiplet, apportion({chiplet.stalls.begin(), chiplet.stalls.end()}, 1000)});
        heading.push_back(shorten(chiplet.name, 13));
        total.push_back(metrics::total_cycles(chiplet.stalls) > 0 ? "100.0 %" : "-");
        cycles.push_back(fmt::format("{} x {}", chiplet.cores, si(static_cast<double>(chiplet.elapsed_cycles), "")));
    }
    table.row(std::move(heading));
    for (const Group& group : groups()) {
        stall_row(table, columns, fmt::format("  {}", leaf_names[group.first].group), group.first, group.end);
        for (std::size_t leaf = group.first; group.end - group.first > 1 && leaf < group.end; ++leaf) {
            stall_row(table, columns, fmt::format("    {}", leaf_names[leaf].leaf), leaf, leaf + 1);
        }
    }
    table.row(std::move(total));
    table.row(std::move(cycles));
    page.table(table);
}

// Hidden cycles overlap, so their shares are of the core cycles and sum to nothing in particular.
void hidden_table(Page& page, const RunReport& report, std::size_t first, std::size_t end) {
    TextTable table;
    std::vector<std::string> heading{"Hidden (overlapped, beside the above)"};
    for (std::size_t index = first; index < end; ++index) {
        heading.push_back(shorten(report.chiplets[index].name, 13));
    }
    table.row(std::move(heading));
    bool any_row = false;
    for (const Group& group : groups()) {
        std::vector<std::string> cells{fmt::format("  {}", leaf_names[group.first].group)};
        bool any = false;
        for (std::size_t index = first; index < end; ++index) {
            const ChipletReport& chiplet = report.chiplets[index];
            std::uint64_t hidden = 0;
            for (std::size_t leaf = group.first; leaf < group.end; ++leaf) {
                hidden += chiplet.hidden[leaf];
            }
            const auto all = static_cast<double>(metrics::total_cycles(chiplet.stalls));
            any = any || hidden > 0;
            cells.push_back(hidden > 0 && all > 0 ? percent(static_cast<double>(hidden) / all) : "-");
        }
        if (any) {
            table.row(std::move(cells));
            any_row = true;
        }
    }
    if (any_row) {
        page.table(table);
    }
}

void chiplets(Page& page, const RunReport& report) {
    for (std::size_t first = 0; first < report.chiplets.size(); first += chiplets_side_by_side) {
        const std::size_t end = std::min(first + chiplets_side_by_side, report.chiplets.size());
        stall_table(page, report, first, end);
        hidden_table(page, report, first, end);
    }
}

void stacks(Page& page, const RunReport& report, const metrics::Statistics& statistics) {
    if (report.stacks.empty()) {
        return;
    }
    TextTable table;
    table.row({"HBM", "read", "written", "bandwidth", "of peak", "row hits"});
    for (const StackReport& stack : report.stacks) {
        const auto of = [&](std::string_view name) { return statistics.number(stack.name, name); };
        table.row({fmt::format("  {} at {}", stack.name, stack.die), si(static_cast<double>(stack.read_bytes), "B"),
                   si(static_cast<double>(stack.write_bytes), "B"), si(of("bandwidth_bytes_per_s"), "B/s"),
                   percent(of("fraction_of_peak")), stack.column_commands > 0 ? percent(of("row_hit_rate")) : "-"});
    }
    page.table(table);
}

void links_of_kind(TextTable& table, const RunReport& report, LinkKind kind, std::string_view label) {
    std::vector<const LinkReport*> links;
    double utilisation = 0;
    std::uint64_t bytes = 0;
    for (const LinkReport& link : report.links) {
        if (link.kind == kind) {
            links.push_back(&link);
            utilisation += link.utilisation;
            bytes += link.bytes;
        }
    }
    if (links.empty()) {
        return;
    }
    table.row({fmt::format("  {}, mean and sum of {}", label, links.size()),
               percent(utilisation / static_cast<double>(links.size())), si(static_cast<double>(bytes), "B")});
    std::stable_sort(links.begin(), links.end(),
                     [](const LinkReport* a, const LinkReport* b) { return a->utilisation > b->utilisation; });
    for (std::size_t rank = 0; rank < std::min(busiest_shown, links.size()); ++rank) {
        const LinkReport& link = *links[rank];
        if (link.flits > 0) {
            table.row({"    " + link.name, percent(link.utilisation), si(static_cast<double>(link.bytes), "B")});
        }
    }
}

void links(Page& page, const RunReport& report) {
    if (report.links.empty()) {
        return;
    }
    TextTable table;
    table.row({"Links, busiest first", "utilisation", "bytes"});
    links_of_kind(table, report, LinkKind::d2d, "die-to-die");
    links_of_kind(table, report, LinkKind::noc, "on-die network");
    page.table(table);
}

void summary(Page& page, const RunReport& report, const metrics::Statistics& statistics) {
    page.line(fmt::format("intarsia {}: {}, trace {}, seed {}", report.tool_version, report.system, report.trace,
                          report.seed));
    if (!report.complete) {
        page.labelled("INCOMPLETE", report.incomplete_reason + "; the figures cover the time until then");
    }
    page.empty_line();
    page.labelled("Simulated time", si_time(report.time.count()));
    page.labelled("Throughput",
                  fmt::format("{}, {} of the peak of {}", si(statistics.number("", "flops_per_s"), "FLOP/s"),
                              percent(statistics.number("", "fraction_of_peak")),
                              si(report.peak_flops_per_s, "FLOP/s")));
    if (report.tokens > 0) {
        page.labelled("Tokens", si(statistics.number("", "tokens_per_s"), "token/s"));
    }
    const auto bytes = [](std::uint64_t count) { return si(static_cast<double>(count), "B"); };
    page.labelled("Bytes moved", fmt::format("HBM read {}, written {}; on-die links {}, die-to-die {}",
                                             bytes(report.bytes_moved.hbm_read), bytes(report.bytes_moved.hbm_write),
                                             bytes(report.bytes_moved.noc), bytes(report.bytes_moved.d2d)));
}

void accounting(Page& page, const RunReport& report) {
    const auto broken =
        static_cast<std::size_t>(std::count_if(report.accounting.begin(), report.accounting.end(),
                                               [](const AccountingEntry& entry) { return entry.left != entry.right; }));
    if (!report.accounting.empty()) {
        page.labelled("Accounting", fmt::format("{} of {} conservation checks balance",
                                                report.accounting.size() - broken, report.accounting.size()));
    }
    for (const AccountingEntry& entry : report.accounting) {
        if (entry.left != entry.right) {
            page.labelled("  unbalanced", fmt::format("{}: {} and {}", entry.what, entry.left, entry.right));
        }
    }
    for (const std::string& warning : report.warnings) {
        page.line("warning: " + warning);
    }
}

void host(Page& page, const HostReport& host, Picoseconds time) {
    const auto rate = [&](std::uint64_t count) {
        return si(host.wall_s > 0 ? static_cast<double>(count) / host.wall_s : 0, "");
    };
    const double simulated_ns = static_cast<double>(time.count()) / 1000;
    page.labelled("Simulator", fmt::format("{} wall, {:.1f} simulated ns/s, {} resident at most", si(host.wall_s, "s"),
                                           host.wall_s > 0 ? simulated_ns / host.wall_s : 0,
                                           si(static_cast<double>(host.peak_rss_bytes), "B")));
    page.labelled("", fmt::format("{} flit-hops/s, {} DRAM commands/s, {} activations/s", rate(host.flit_hops),
                                  rate(host.dram_commands), rate(host.events)));
}

} // namespace

bool shows_colour(std::FILE* out) {
    const char* no_colour = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    return ::isatty(::fileno(out)) == 1 && (no_colour == nullptr || *no_colour == '\0') && terminal != nullptr &&
           std::string_view(terminal) != "dumb";
}

std::string console_text(const RunReport& report, bool colour) {
    const metrics::Statistics statistics = run_statistics(report);
    Page page(colour);
    summary(page, report, statistics);
    chiplets(page, report);
    stacks(page, report, statistics);
    links(page, report);
    page.empty_line();
    accounting(page, report);
    if (report.host) {
        host(page, *report.host, report.time);
    }
    return page.text();
}

} // namespace intarsia::report
