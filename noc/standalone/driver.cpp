#include "noc/standalone/driver.hpp"

#include "config/errors.hpp"
#include "noc/standalone/calendar.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace intarsia::noc::standalone {

namespace {
constexpr std::size_t waits_shown = 20;
}

std::uint64_t Driver::next_cycle(std::uint64_t creation) const {
    const std::uint64_t own = started_ ? engine_.next_cycle(cycle_) : never;
    const std::uint64_t next = std::min(own, creation);
    if (next == never && !empty()) {
        throw_stuck(std::max(busy_since_, engine_.last_progress()));
    }
    return next;
}

std::span<const DeliveredPacket> Driver::tick(std::uint64_t cycle) {
    engine_.tick(cycle);
    cycle_ = cycle;
    started_ = true;
    const std::vector<DeliveredPacket>& arrived = engine_.delivered();
    delivered_ += arrived.size();
    if (cycle >= next_look_) {
        const std::uint64_t since = std::max(busy_since_, engine_.last_progress());
        if (!empty() && cycle > since && cycle - since >= watchdog_cycles_) {
            throw_stuck(since);
        }
        next_look_ = cycle + watchdog_cycles_ / 8 + 1;
    }
    return arrived;
}

void Driver::throw_stuck(std::uint64_t since) const {
    std::string text = fmt::format("error: the network is stuck: nothing has moved since cycle {}, and {} packets wait",
                                   since, offered_ - delivered_);
    for (const std::string& line : engine_.describe_waits(waits_shown)) {
        text += "\n  " + line;
    }
    throw StuckError(text);
}

} // namespace intarsia::noc::standalone
