// Sums and differences of the counters of channels.
#pragma once

#include "memory/standalone/memory_channels.hpp"

namespace intarsia::memory {

/// The counters of all channels, each added up.
[[nodiscard]] ChannelCounters sum_of_counters(const MemoryChannels& memory);
/// The same, busy and lost bus time counted exactly up to the memory's present.
[[nodiscard]] ChannelCounters sum_of_counters_until_now(MemoryChannels& memory);
/// What was counted since `before`.
[[nodiscard]] ChannelCounters difference(const ChannelCounters& now, const ChannelCounters& before);

} // namespace intarsia::memory
