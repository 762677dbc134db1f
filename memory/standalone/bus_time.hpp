// Where the time of the data buses went, and the words that explain it.
#pragma once

#include "memory/channel_controller.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace intarsia::memory {

/// A share of the data-bus time. `key` names it in JSON.
struct BusShare {
    std::string_view key;
    double share = 0;
};

/// Shares of the data-bus time of all pseudo-channels over `ticks`: first what carried data, then what was lost by
/// cause, in the order of LostTicks; they sum to 1. Time that the counters do not account for had no request.
[[nodiscard]] std::vector<BusShare> bus_time(const ChannelCounters& counters, Tick ticks,
                                             std::uint32_t pseudo_channels);

/// The key of the cause that keeps the bus from carrying more: the largest loss, or "data" where the bus carries data
/// at least nine tenths of the time.
[[nodiscard]] std::string_view binding_constraint(const std::vector<BusShare>& shares);

/// What a key means, as a heading of the report.
[[nodiscard]] std::string_view title_of(std::string_view key);
/// What it means that this key binds, and what would help, in a sentence or two.
[[nodiscard]] std::string explanation_of(std::string_view key, const TimingSet& timing);

} // namespace intarsia::memory
