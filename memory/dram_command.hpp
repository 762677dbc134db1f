// DRAM commands, and the address of a burst within a channel.
#pragma once

#include "memory/timing_set.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace intarsia::memory {

enum class CommandKind : std::uint8_t {
    activate,
    precharge,     ///< one bank
    precharge_all, ///< of a pseudo-channel
    read,
    write,
    refresh_all,     ///< all banks of a pseudo-channel
    read_precharge,  ///< read with auto-precharge
    write_precharge, ///< write with auto-precharge
    refresh_bank,    ///< one bank
    refresh_same,    ///< the bank of that number in every bank group of a stack id
};
inline constexpr std::size_t command_kinds = 10;

/// JEDEC's names, in the order of CommandKind.
inline constexpr std::array<std::string_view, command_kinds> command_names{"ACT",   "PRE", "PREA", "RD",    "WR",
                                                                           "REFab", "RDA", "WRA",  "REFpb", "REFsb"};

/// Which refresh commands a channel gets.
enum class RefreshMode : std::uint8_t {
    none,
    all_bank,  ///< REFab every nREFI
    per_bank,  ///< REFpb every nREFI_pb
    same_bank, ///< REFsb every nREFI_pb times the bank groups
};

/// Where a burst lies within its channel.
struct BurstAddress {
    std::uint32_t row = 0;
    std::uint16_t column = 0; ///< in bursts
    std::uint8_t pseudo_channel = 0;
    std::uint8_t stack_id = 0;
    std::uint8_t bank_group = 0;
    std::uint8_t bank = 0;
    bool operator==(const BurstAddress&) const = default;
};

/// One command of a channel. `tick` is its first edge; of `at`, only what the kind addresses is meaningful.
struct DramCommand {
    Tick tick = 0;
    CommandKind kind = CommandKind::activate;
    BurstAddress at;
};

/// Who looks at every command of a channel, in the order of issue. Off (null) unless somebody asks: the
/// controller pays one predicted branch a command.
struct CommandObserver {
    void (*on_command)(void* context, const DramCommand& command) = nullptr;
    void* context = nullptr;
};

} // namespace intarsia::memory
