// What a channel's controller is configured to do, checked.
#pragma once

#include "config/system.hpp"

#include <cstdint>
#include <string>

namespace intarsia::memory {

/// The controller's policy, checked: what config::HbmControllerConfig says of one channel.
struct ControllerPolicy {
    std::uint32_t read_queue = 64;
    std::uint32_t write_queue = 64;
    std::uint32_t drain_above = 51; ///< writes in the queue that start a drain
    std::uint32_t drain_until = 13; ///< fewer writes end it
    std::uint32_t row_hit_cap = 0;
    bool refresh = true;
};

/// Throws InputError with every value that this controller cannot honour.
[[nodiscard]] ControllerPolicy controller_policy(const config::HbmControllerConfig& config,
                                                 const std::string& where = "controller");

} // namespace intarsia::memory
