// DRAM commands as a text file: written by a run, or checked against a timing set.
#pragma once

#include "memory/dram_command.hpp"
#include "memory/timing_checker.hpp"

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace intarsia::memory {

/// Columns of the file. `cycle` is the first edge of the command in CK; a command on a falling edge ends in ".5".
/// Fields that a command does not address are 0. Commands have JEDEC's names (command_names).
inline constexpr std::string_view command_csv_header = "cycle,channel,pc,sid,bankgroup,bank,row,column,command";

/// Writes every command it is given, in the order of issue.
class CommandCsv {
  public:
    /// Throws InputError where the file cannot be written.
    explicit CommandCsv(const std::string& path);
    void write(std::uint32_t channel, const DramCommand& command);
    /// Throws InputError if any of it could not be written.
    void close();

  private:
    std::string path_;
    std::ofstream file_;
    std::string buffer_;
};

/// What the independent TimingChecker says of a file of commands.
struct CommandCheck {
    std::uint64_t commands = 0;
    std::uint64_t violations = 0;   ///< the check ends at the thousandth
    std::vector<std::string> first; ///< the first of them, each with its line
};

/// Checks a file of commands, one TimingChecker a channel. The first line must name the columns of command_csv_header,
/// in any order; sid, and channel, may be missing (then 0). Throws InputError with every line that is wrong (at most
/// config::max_faults).
[[nodiscard]] CommandCheck check_commands(const std::string& path, const TimingSet& timing, RefreshMode refresh,
                                          std::uint32_t channels);

} // namespace intarsia::memory
