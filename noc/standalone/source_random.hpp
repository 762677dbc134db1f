// Random numbers of traffic: one stream a source, so that no source's numbers depend on what others do.
#pragma once

#include <cmath>
#include <cstdint>

namespace intarsia::noc::standalone {

/// Finaliser of SplitMix64: a bijection of 64 bits in which every bit of the input moves about half of the output.
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t x) {
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31U);
}

/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014): eight bytes a
/// stream. The start of a stream is a hash of (seed, stream).
class SourceRandom {
  public:
    SourceRandom() = default;
    SourceRandom(std::uint64_t seed, std::uint64_t stream) : state_(mix64(mix64(seed + gamma) + stream * gamma)) {}

    std::uint64_t next() { return mix64(state_ += gamma); }
    /// Above 0, at most 1, in steps of 2^-53.
    double unit() { return static_cast<double>((next() >> 11U) + 1) * 0x1p-53; }
    /// 0 to n - 1; off from equal chances by less than n / 2^32.
    static std::uint32_t below(std::uint64_t bits, std::uint32_t n) {
        return static_cast<std::uint32_t>(((bits >> 32U) * n) >> 32U);
    }

  private:
    static constexpr std::uint64_t gamma = 0x9E3779B97F4A7C15ULL;
    std::uint64_t state_ = 0;
};

/// Waiting times of a coin that is flipped once a cycle and shows heads with chance p: the number of flips up to and
/// with the first heads. One draw a packet then stands for a coin in each cycle, with the same distribution: by
/// inversion, 1 + floor(ln U / ln(1 - p)) for U uniform in (0, 1].
class GeometricGap {
  public:
    /// `p` above 0; from 1 on every flip shows heads.
    explicit GeometricGap(double p = 1) : factor_(p < 1 ? 1 / std::log1p(-p) : 0) {}

    [[nodiscard]] std::uint64_t draw(SourceRandom& random) const {
        if (factor_ == 0) {
            return 1;
        }
        const double flips = std::log(random.unit()) * factor_;
        return flips < longest ? 1 + static_cast<std::uint64_t>(flips) : static_cast<std::uint64_t>(longest);
    }

  private:
    static constexpr double longest = 0x1p50; // beyond any run
    double factor_;
};

} // namespace intarsia::noc::standalone
