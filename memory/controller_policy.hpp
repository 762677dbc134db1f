// What a channel's controller is configured to do, checked.
#pragma once

#include "config/system.hpp"
#include "memory/dram_command.hpp"

#include <cstdint>
#include <string>

namespace intarsia::memory {

enum class Scheduler : std::uint8_t {
    frfcfs, ///< row hits first, then the oldest
    fcfs,   ///< data moves in the order of arrival; banks of later requests are opened ahead
};

enum class PagePolicy : std::uint8_t {
    open,       ///< a row stays open until another row of its bank is needed
    closed,     ///< every access opens its row and closes it again (auto-precharge)
    closed_cap, ///< a row is closed after page_cap accesses
    adaptive,   ///< the last waiting access to a row closes it (auto-precharge)
    timeout,    ///< a row that nobody used for page_timeout is closed
};

/// The controller's policy, checked: what config::HbmControllerConfig says of one channel.
struct ControllerPolicy {
    std::uint32_t read_queue = 64;  ///< a channel's; with bank_queue, of the front
    std::uint32_t write_queue = 64; ///< likewise
    std::uint32_t bank_queue = 0;   ///< entries a bank and direction that the scheduler sees; 0: all of the queue
    std::uint32_t drain_above = 51; ///< writes in the queue that start a drain
    std::uint32_t drain_until = 13; ///< fewer writes end it
    Scheduler scheduler = Scheduler::frfcfs;
    std::uint32_t row_hit_cap = 0; ///< 0: none
    PagePolicy page_policy = PagePolicy::open;
    std::uint32_t page_cap = 1;
    Picoseconds page_timeout{100'000};
    RefreshMode refresh = RefreshMode::all_bank;
    std::uint32_t postpone = 0; ///< refresh intervals that a refresh may come late
    std::uint32_t pull_in = 0;  ///< refresh intervals that it may come early, while nothing waits
    bool merge_reads = false;   ///< a read of a burst that a waiting read fetches shares its answer
};

/// Throws InputError with every value that this controller cannot honour.
[[nodiscard]] ControllerPolicy controller_policy(const config::HbmControllerConfig& config,
                                                 const std::string& where = "controller");

/// Throws InputError where the DRAM cannot do what the policy asks.
void check_policy(const TimingSet& timing, const ControllerPolicy& policy, const std::string& where = "controller");

} // namespace intarsia::memory
