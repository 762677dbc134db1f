// Drives a stand-alone memory with a source of accesses and measures what comes out.
#pragma once

#include "memory/standalone/latency_record.hpp"
#include "memory/standalone/memory_channels.hpp"
#include "memory/standalone/traffic_source.hpp"

#include <cstdint>
#include <functional>

namespace intarsia::memory {

/// How a source is served.
struct DriveOptions {
    std::uint64_t total = 0;        ///< accesses of the source
    std::uint64_t warm_up = 0;      ///< the first of these to complete are not measured
    std::uint32_t outstanding = 0;  ///< in flight at once; 0: as many as are accepted
    std::function<void()> at_begin; ///< called when the measurement begins after a warm-up
};

/// What was measured from the completion of the last warm-up access (without one: from tick 0) to that of the last.
struct Measurement {
    std::uint64_t requests = 0;
    Tick begin = 0;
    Tick end = 0;
    Tick run_end = 0;           ///< end of the whole run, as commands see it
    LatencyRecord read_latency; ///< from acceptance by the controller to the last data beat
    ChannelCounters counters;   ///< of all channels, in `counted_ticks`
    Tick counted_ticks = 0;     ///< from the edge at which the source saw the begin to that at which it saw the end
};

/// Runs a source to its end. The source is clocked by CK: it sees a completion, or room in a queue, at the first rising
/// edge after it, as tools that tick do. Accesses are offered in order; one that is refused blocks those behind it.
[[nodiscard]] Measurement drive(MemoryChannels& memory, PatternSource& source, const DriveOptions& options);
[[nodiscard]] Measurement drive(MemoryChannels& memory, TraceSource& source, const DriveOptions& options);

} // namespace intarsia::memory
