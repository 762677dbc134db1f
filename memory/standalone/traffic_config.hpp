// The [traffic] section of a stand-alone memory run: what is asked of the memory.
#pragma once

#include "config/section.hpp"

#include <cstdint>
#include <string>

namespace intarsia::memory {

/// Synthetic traffic. An access is one burst. `traffic_section` says what each value means and may be.
struct TrafficConfig {
    std::string pattern = "sequential";
    std::uint64_t stride = 1; ///< in bursts
    std::uint32_t write_percent = 0;
    std::uint32_t outstanding = 0;
    double offered_fraction_of_peak = 1.0;
    std::uint64_t requests = 100'000;
    std::uint64_t warmup_requests = 10'000;
    std::uint64_t seed = 1;
};

[[nodiscard]] config::Section<TrafficConfig> traffic_section();

} // namespace intarsia::memory
