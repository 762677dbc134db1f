#include "memory/standalone/traffic_config.hpp"

namespace intarsia::memory {

config::Section<TrafficConfig> traffic_section() {
    using namespace config;
    constexpr std::uint64_t most_requests = 1'000'000'000'000;
    return Section<TrafficConfig>("traffic",
                                  "Synthetic traffic of a stand-alone memory run. An access is one burst; the source "
                                  "is clocked by CK, offers its accesses in order and tries a refused one again. With "
                                  "`--trace` only `outstanding` applies.")
        .field("pattern", &TrafficConfig::pattern,
               one_of({"sequential", "strided", "random", "row_conflict", "row_conflict_2pc", "row_hit"}),
               "`sequential`: bursts in the order of `address_order`; `strided`: every `stride`th of them; `random`: "
               "uniform over the capacity; `row_conflict`: a new row of one bank each time; `row_conflict_2pc`: the "
               "same, alternating between two pseudo-channels; `row_hit`: the columns of one row in turn.")
        .field("stride", &TrafficConfig::stride, count(1, std::uint64_t{1} << 40U),
               "Distance of consecutive accesses of `strided`, in bursts; it wraps onto new addresses at the capacity.")
        .field("write_percent", &TrafficConfig::write_percent, count(0, 100),
               "Share of writes, evenly spread: 33 makes exactly every third access a write, 67 two of three.")
        .field("outstanding", &TrafficConfig::outstanding, count(0, 1'000'000),
               "Accesses in flight at once; 0: as many as the controller accepts; 1: a chain in which each access "
               "waits for the one before.")
        .field("offered_fraction_of_peak", &TrafficConfig::offered_fraction_of_peak, real(1e-6, 1),
               "Below 1: open loop, accesses are offered at this share of the peak data rate, evenly spaced; 1: as "
               "fast as they are accepted.")
        .field("requests", &TrafficConfig::requests, count(1, most_requests), "Accesses that are measured.")
        .field("warmup_requests", &TrafficConfig::warmup_requests, count(0, most_requests),
               "Accesses before them; the statistics begin when this many are complete.")
        .field("seed", &TrafficConfig::seed, count(0, std::numeric_limits<std::int64_t>::max()),
               "Seed of the pattern `random`.");
}

} // namespace intarsia::memory
