#include "metrics/stall_account.hpp"

#include <algorithm>
#include <numeric>

namespace intarsia::metrics {

std::uint64_t total_cycles(const StallCycles& cycles) {
    return std::accumulate(cycles.begin(), cycles.end(), std::uint64_t{0});
}

void add_cycles(StallCycles& into, const StallCycles& from) {
    for (std::size_t leaf = 0; leaf < leaf_count; ++leaf) {
        into[leaf] += from[leaf];
    }
}

void cut_cycles(StallCycles& into, std::uint64_t first_cycle, std::uint64_t last_cycle, const Journey& journey,
                const Clock& clock, Leaf before_start) {
    require(first_cycle <= last_cycle, "a wait ends at or after its beginning");
    std::uint64_t done = first_cycle; // cycles before this one have their leaf
    const auto give_until = [&](Leaf leaf, std::uint64_t cycle) {
        const std::uint64_t until = std::clamp(cycle, done, last_cycle);
        into[static_cast<std::size_t>(leaf)] += until - done;
        done = until;
    };
    Leaf last_leaf = before_start;
    give_until(before_start, clock.first_edge_at_or_after(journey.start()));
    for (std::size_t stage = 0; stage < journey.stages() && done < last_cycle; ++stage) {
        last_leaf = journey.leaf(stage);
        give_until(last_leaf, clock.first_edge_at_or_after(journey.end_of(stage)));
    }
    give_until(last_leaf, last_cycle);
}

} // namespace intarsia::metrics
