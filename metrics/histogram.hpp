// Histograms of fixed size: no allocation while counting, whatever the values.
#pragma once

#include "config/errors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace intarsia::metrics {

/// Buckets of equal width from 0; the last one takes everything above.
template <std::uint64_t width, std::size_t buckets>
struct LinearBuckets {
    static_assert(width > 0 && buckets > 1);
    static constexpr std::size_t count = buckets;
    static constexpr std::size_t index(std::uint64_t value) {
        return std::min<std::uint64_t>(value / width, buckets - 1);
    }
    /// Largest value of a bucket.
    static constexpr std::uint64_t top(std::size_t bucket) {
        return bucket + 1 == buckets ? UINT64_MAX : (bucket + 1) * width - 1;
    }
};

/// Every power of two is split into 2^bits equal buckets, so that a bucket is narrower than 2^-bits of its
/// values; values below 2^bits are exact. Covers all of uint64.
template <unsigned bits>
struct LogBuckets {
    static_assert(bits < 16);
    static constexpr std::uint64_t steps = 1ULL << bits;
    static constexpr std::size_t count = (65 - bits) << bits;
    static constexpr std::size_t index(std::uint64_t value) {
        if (value < steps) {
            return value;
        }
        const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - 1 - bits;
        return (std::size_t{shift} << bits) + static_cast<std::size_t>(value >> shift);
    }
    static constexpr std::uint64_t top(std::size_t bucket) {
        if (bucket < 2 * steps) {
            return bucket;
        }
        const unsigned shift = static_cast<unsigned>(bucket >> bits) - 1;
        const std::uint64_t leading = bucket - (std::uint64_t{shift} << bits);
        return (leading << shift) + ((1ULL << shift) - 1);
    }
};

template <class Buckets>
class Histogram {
  public:
    void add(std::uint64_t value, std::uint64_t times = 1) {
        if (times == 0) {
            return;
        }
        counts_[Buckets::index(value)] += times;
        count_ += times;
        sum_ += static_cast<double>(value) * static_cast<double>(times);
        min_ = std::min(min_, value);
        max_ = std::max(max_, value);
    }

    void merge(const Histogram& other) {
        for (std::size_t bucket = 0; bucket < Buckets::count; ++bucket) {
            counts_[bucket] += other.counts_[bucket];
        }
        count_ += other.count_;
        sum_ += other.sum_;
        min_ = std::min(min_, other.min_);
        max_ = std::max(max_, other.max_);
    }

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] std::uint64_t min() const { return count_ == 0 ? 0 : min_; }
    [[nodiscard]] std::uint64_t max() const { return max_; }
    [[nodiscard]] double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

    /// The smallest value that at least the share `percent` / 100 of the values does not exceed (nearest
    /// rank), rounded up to the top of its bucket, and never above the largest value; 0 when nothing was
    /// counted.
    [[nodiscard]] std::uint64_t percentile(double percent) const {
        require(percent >= 0 && percent <= 100, "a percentile lies between 0 and 100");
        const auto exact = std::ceil(percent / 100 * static_cast<double>(count_));
        const std::uint64_t rank =
            std::clamp<std::uint64_t>(static_cast<std::uint64_t>(exact), 1, std::max<std::uint64_t>(count_, 1));
        std::uint64_t seen = 0;
        for (std::size_t bucket = 0; bucket < Buckets::count; ++bucket) {
            seen += counts_[bucket];
            if (seen >= rank) {
                return std::min(Buckets::top(bucket), max_);
            }
        }
        return max_;
    }

    [[nodiscard]] const std::array<std::uint64_t, Buckets::count>& counts() const { return counts_; }

  private:
    std::array<std::uint64_t, Buckets::count> counts_{};
    std::uint64_t count_ = 0;
    double sum_ = 0;
    std::uint64_t min_ = UINT64_MAX;
    std::uint64_t max_ = 0;
};

template <std::uint64_t width, std::size_t buckets>
using LinearHistogram = Histogram<LinearBuckets<width, buckets>>;

/// Values within an eighth.
using LogHistogram = Histogram<LogBuckets<3>>;

} // namespace intarsia::metrics
