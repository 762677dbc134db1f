#include "memory/standalone/bus_time.hpp"

#include "config/errors.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace intarsia::memory {

namespace {

struct Cause {
    std::string_view key;
    std::uint64_t LostTicks::*ticks;
    std::string_view title;
};

constexpr std::string_view data_key = "data";
constexpr std::string_view no_request_key = "no_request";
constexpr double busy_bus = 0.9;

// The order is that of LostTicks: of causes that end together, the first is charged.
constexpr std::array causes = {
    Cause{no_request_key, &LostTicks::no_request, "no request"},
    Cause{"queue_full", &LostTicks::queue_full, "queues full with requests for others"},
    Cause{"tCCD", &LostTicks::column, "tCCD, column-command bus"},
    Cause{"tFAW_tRRD", &LostTicks::activate, "tFAW, tRRD"},
    Cause{"row_command_bus", &LostTicks::row_bus, "row-command bus"},
    Cause{"tRC", &LostTicks::bank, "tRC, bank conflict"},
    Cause{"turnaround", &LostTicks::turnaround, "read/write turnaround"},
    Cause{"refresh", &LostTicks::refresh, "refresh"},
};

} // namespace

std::vector<BusShare> bus_time(const ChannelCounters& counters, Tick ticks, std::uint32_t pseudo_channels) {
    std::uint64_t counted = counters.data_bus_ticks;
    for (const Cause& cause : causes) {
        counted += counters.lost.*cause.ticks;
    }
    // A burst is counted with its command, so the counts may run a little ahead of the time: then they are the whole.
    const std::uint64_t whole = std::max<std::uint64_t>({counted, ticks * pseudo_channels, 1});
    const auto share = [&](std::uint64_t part) { return static_cast<double>(part) / static_cast<double>(whole); };
    std::vector<BusShare> shares = {{data_key, share(counters.data_bus_ticks)}};
    for (const Cause& cause : causes) {
        const std::uint64_t rest = cause.key == no_request_key ? whole - counted : 0;
        shares.push_back({cause.key, share(counters.lost.*cause.ticks + rest)});
    }
    return shares;
}

std::string_view binding_constraint(const std::vector<BusShare>& shares) {
    require(!shares.empty() && shares.front().key == data_key, "shares of the bus begin with data");
    if (shares.front().share >= busy_bus) {
        return data_key;
    }
    return std::max_element(shares.begin() + 1, shares.end(),
                            [](const BusShare& a, const BusShare& b) { return a.share < b.share; })
        ->key;
}

std::string_view title_of(std::string_view key) {
    if (key == data_key) {
        return "data";
    }
    const auto* const cause = std::find_if(causes.begin(), causes.end(), [&](const Cause& c) { return c.key == key; });
    require(cause != causes.end(), "a cause of lost bus time is in the table");
    return cause->title;
}

std::string explanation_of(std::string_view key, const TimingSet& timing) {
    const double activates = std::max<double>(timing.nRRD_S, timing.nFAW / 4.0);
    if (key == data_key) {
        return "The data bus itself: it carries data nine tenths of the time or more. Only more channels or a higher "
               "data rate give more.";
    }
    if (key == no_request_key) {
        return "The source: no request was waiting. More accesses in flight (traffic.outstanding) or a higher offered "
               "rate give more, the DRAM does not stand in the way.";
    }
    if (key == "queue_full") {
        return "The queues: they are full of requests for other banks or the other pseudo-channel, and what this one "
               "could serve waits upstream. Deeper queues (read_queue, write_queue) or an address_order that spreads "
               "consecutive accesses (pc and bankgroup low) give more.";
    }
    if (key == "tCCD") {
        return fmt::format("tCCD, the distance of column commands: {} CK within a bank group, {} between groups, for "
                           "bursts of {}. Consecutive accesses should change the bank group (bankgroup low in "
                           "address_order).",
                           timing.nCCD_L, timing.nCCD_S, timing.burst_nck);
    }
    if (key == "tFAW_tRRD") {
        return fmt::format("tFAW and tRRD, the rate of activates: a pseudo-channel opens at most four rows in nFAW = "
                           "{} CK and one in nRRD_S = {}, which is {:.0f} % of the peak for one burst a row. More "
                           "accesses to a row while it is open give more.",
                           timing.nFAW, timing.nRRD_S, 100.0 * std::min(1.0, timing.burst_nck / activates));
    }
    if (key == "row_command_bus") {
        return "The row-command bus, which the pseudo-channels share: activates and precharges leave no room on it. "
               "More accesses to a row while it is open give more.";
    }
    if (key == "tRC") {
        return fmt::format("Bank conflicts: a bank opens a new row nRC = {} CK after the last one, and its first data "
                           "comes nRCDRD = {} CK after that. Spread consecutive accesses over more banks (bankgroup "
                           "and bank low in address_order, or xor), or keep more accesses in flight.",
                           timing.nRC, timing.nRCDRD);
    }
    if (key == "turnaround") {
        return fmt::format("Changes between reads and writes: {} CK from a read to a write, {} from a write to a read. "
                           "Longer runs of one kind (write_queue, write_drain) give more.",
                           timing.nRTW, timing.nCWL + timing.burst_nck + timing.nWTR_S);
    }
    return fmt::format(
        "Refresh: the banks are away for nRFC_ab = {} of every nREFI = {} CK, and what is open is closed "
        "and opened again.",
        timing.nRFC_ab, timing.nREFI);
}

} // namespace intarsia::memory
