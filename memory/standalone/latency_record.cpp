#include "memory/standalone/latency_record.hpp"

#include <algorithm>

namespace intarsia::memory {

Tick LatencyRecord::percentile(std::uint64_t percent) const {
    // ceil(percent / 100 * count), without the product overflowing.
    const std::uint64_t rank = count_ / 100 * percent + (count_ % 100 * percent + 99) / 100;
    std::uint64_t seen = 0;
    for (std::size_t latency = 0; latency < counts_.size(); ++latency) {
        seen += counts_[latency];
        if (seen != 0 && seen >= rank) {
            return latency;
        }
    }
    for (const auto& [latency, times] : above_) {
        seen += times;
        if (seen >= rank) {
            return latency;
        }
    }
    return 0;
}

} // namespace intarsia::memory
