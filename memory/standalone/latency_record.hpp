// Exact order statistics of latencies.
#pragma once

#include "memory/timing_set.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace intarsia::memory {

/// Counts how often each latency occurs: in a flat table up to a limit that only stalled accesses exceed, in a map
/// above. So the percentiles are exact, however many accesses there are.
class LatencyRecord {
  public:
    LatencyRecord() : counts_(table_size) {}

    void add(Tick latency) {
        ++(latency < table_size ? counts_[latency] : above_[latency]);
        ++count_;
        sum_ += latency;
    }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    /// 0 when nothing was counted, as are the others.
    [[nodiscard]] double mean() const {
        return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
    }
    /// The smallest latency that at least `percent` of all do not exceed (nearest rank); 0: the least.
    [[nodiscard]] Tick percentile(std::uint64_t percent) const;

  private:
    static constexpr std::size_t table_size = 8192;
    std::vector<std::uint64_t> counts_;
    std::map<Tick, std::uint64_t> above_;
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
};

} // namespace intarsia::memory
