// Peak rate, capacity and unloaded latency of an HBM stack, from its timing set and overrides.
#pragma once

#include "config/system.hpp"

#include <cstdint>

namespace intarsia::config {

/// What follows from the geometry of a stack. 0 where the timing set leaves a value open.
struct HbmPeak {
    std::uint32_t channels = 0;       ///< that a stack of this kind has
    double channel_bytes_per_s = 0;   ///< data rate x pins of a channel
    double stack_bytes_per_s = 0;     ///< of the channels in use
    std::uint64_t capacity_bytes = 0; ///< of the channels in use
    double closed_row_read_ns = 0;    ///< nRP + nRCDRD + nCL + burst: a read that finds another row open
    double queue_stay_ns = 0;         ///< nRP + nRCDRD: how long such a read holds its place in the queue
    std::uint32_t access_bytes = 0;   ///< of one burst
};

[[nodiscard]] HbmPeak hbm_peak(const HbmStackConfig& stack);

} // namespace intarsia::config
