// Everything that a finished run has to say, as plain figures: what the models fill and the printers and
// stores read.
#pragma once

#include "config/units.hpp"
#include "metrics/stall.hpp"
#include "metrics/statistics.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace intarsia::report {

/// Version of the layout of summary.json and run.sqlite; grows with every change that a reader would notice.
inline constexpr std::uint32_t schema_version = 1;

/// An input file and the XXH64 of its content (report/input_hash.hpp).
struct InputFile {
    std::string file;
    std::string xxh64; ///< 16 hexadecimal digits
};

/// A compute chiplet over the whole run, its counters cut at the run's end.
struct ChipletReport {
    std::string name;
    std::uint32_t cores = 0;
    double clock_hz = 0;              ///< of the cores
    std::uint64_t elapsed_cycles = 0; ///< of the core clock, from time 0 to the end of the run
    std::uint64_t flops = 0;
    std::uint64_t nodes = 0;                           ///< of the trace, done here
    metrics::StallCycles stalls{};                     ///< summed over cores: cores x elapsed_cycles in all
    metrics::StallCycles hidden{};                     ///< overlapped time, summed over cores
    std::vector<metrics::StallCycles> stalls_of_cores; ///< each sums to elapsed_cycles
};

/// A memory channel of a stack. Its path among the statistics is "<stack>.<name>".
struct ChannelReport {
    std::string name;
    std::uint64_t read_bytes = 0;
    std::uint64_t write_bytes = 0;
    std::uint64_t row_hits = 0;
    std::uint64_t column_commands = 0;
    double bus_busy = 0; ///< share of the run in which its data bus moved data, 0 to 1
};

/// An HBM stack: sums over its channels.
struct StackReport {
    std::string name;
    std::string die; ///< that it is attached to
    std::uint64_t read_bytes = 0;
    std::uint64_t write_bytes = 0;
    double peak_bytes_per_s = 0;
    std::uint64_t row_hits = 0; ///< column commands that found their row open
    std::uint64_t column_commands = 0;
    std::uint64_t activates = 0;
    std::uint64_t refreshes = 0;
    std::vector<ChannelReport> channels;
};

enum class LinkKind : std::uint8_t { d2d, noc };
inline constexpr std::array<std::string_view, 2> link_kind_names{"d2d", "noc"};

/// One direction of a link. Names are unique over both kinds.
struct LinkReport {
    std::string name;
    LinkKind kind = LinkKind::noc;
    double utilisation = 0; ///< share of the run in which it carried flits, 0 to 1
    std::uint64_t bytes = 0;
    std::uint64_t flits = 0;
};

struct BytesMoved {
    std::uint64_t hbm_read = 0;
    std::uint64_t hbm_write = 0;
    std::uint64_t noc = 0; ///< over all on-die links: bytes times hops
    std::uint64_t d2d = 0;
};

/// How often operands shared by the cores of a die were read.
struct OperandReads {
    std::uint64_t once_per_die_bytes = 0;  ///< read once and handed to all cores of the die
    std::uint64_t once_per_core_bytes = 0; ///< read by every core for itself
};

/// A conservation check, such as bytes asked for and bytes delivered: both sides are equal, else a model is
/// wrong.
struct AccountingEntry {
    std::string what;
    std::uint64_t left = 0;
    std::uint64_t right = 0;
};

/// Figures about the simulator itself; they differ from run to run.
struct HostReport {
    double wall_s = 0;
    std::uint64_t flit_hops = 0;
    std::uint64_t dram_commands = 0;
    std::uint64_t events = 0; ///< activations of modules by the simulation kernel
    std::uint64_t peak_rss_bytes = 0;
};

struct RunReport {
    std::uint32_t schema = schema_version;
    std::string tool_version;
    std::string system;
    std::string trace; ///< prefix of the trace's files
    std::uint64_t seed = 0;
    std::vector<InputFile> inputs;
    bool complete = true;
    std::string incomplete_reason; ///< empty when complete
    Picoseconds time;              ///< the last completion, or the time of the interruption
    std::uint64_t flops = 0;
    double peak_flops_per_s = 0;
    std::uint64_t tokens = 0; ///< 0: unknown
    std::vector<ChipletReport> chiplets;
    std::vector<StackReport> stacks;
    std::vector<LinkReport> links;
    BytesMoved bytes_moved;
    OperandReads operand_reads;
    std::vector<AccountingEntry> accounting;
    std::vector<std::string> warnings;
    metrics::Statistics statistics; ///< what the models count beyond the above
    std::optional<HostReport> host;
};

/// Throws InvariantError with both sides when an accounting entry does not balance, or the stall leaves of a
/// chiplet or core do not sum to its cycles: such results must not be published.
void require_balanced(const RunReport& report);

} // namespace intarsia::report
