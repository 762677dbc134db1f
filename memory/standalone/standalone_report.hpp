// The figures of a stand-alone run as JSON and as text.
#pragma once

#include "memory/standalone/standalone_run.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace intarsia::memory {

/// Figures about the simulator itself, which are not the same for equal inputs.
struct HostFigures {
    double wall_s = 0;
    std::uint64_t peak_rss_bytes = 0;
};

/// One JSON object, ending with a newline. Its keys: bandwidth_bytes_per_s, fraction_of_peak, read_latency_ns {mean,
/// min, p50, p99, max}, row_hit_rate, acts_per_column_command, commands (by JEDEC's names), bus_time (by cause, summing
/// to 1), energy_pj_per_bit, simulated_cycles (CK), requests; and host, if it is given.
[[nodiscard]] std::string result_json(const StandaloneResult& result,
                                      const std::optional<HostFigures>& host = std::nullopt);

/// The same for people, with what binds in words. Lines are at most 100 characters wide.
[[nodiscard]] std::string result_text(const StandaloneConfig& config, const StandaloneResult& result);

} // namespace intarsia::memory
