// Who looks at the commands of a stand-alone run: counts by kind, and on demand a file and the timing checker.
#pragma once

#include "memory/standalone/command_csv.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace intarsia::memory {

using CommandCounts = std::array<std::uint64_t, command_kinds>; ///< by CommandKind

[[nodiscard]] constexpr bool is_read(CommandKind kind) {
    return kind == CommandKind::read || kind == CommandKind::read_precharge;
}
[[nodiscard]] constexpr bool is_write(CommandKind kind) {
    return kind == CommandKind::write || kind == CommandKind::write_precharge;
}

/// The observers of all channels of a run. A violation of the timing checker is a bug of the controller: it throws
/// InvariantError at once.
class CommandWatch {
  public:
    /// `csv` (may be null) must outlive the watch.
    CommandWatch(const TimingSet& timing, RefreshMode refresh, std::uint32_t channels, CommandCsv* csv, bool check);

    /// One a channel; they hold pointers into this object.
    [[nodiscard]] std::vector<CommandObserver> observers();
    [[nodiscard]] CommandCounts counts() const;
    /// The run ended at `tick`: lets the checkers look for refreshes that are overdue by then.
    void finish(Tick tick);

  private:
    struct Channel {
        std::uint32_t number = 0;
        CommandCounts counts{};
        CommandCsv* csv = nullptr;
        std::unique_ptr<TimingChecker> checker;
    };
    static void observe(Channel& channel, const DramCommand& command);

    std::vector<Channel> channels_;
};

} // namespace intarsia::memory
