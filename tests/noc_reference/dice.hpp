// Random choices for generated networks, the same on every machine.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace intarsia::tests {

/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
        z = (z ^ z >> 30U) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ z >> 27U) * 0x94D049BB133111EBULL;
        return z ^ z >> 31U;
    }
    /// 0 to n - 1
    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>((next() >> 32U) * n >> 32U); }
    /// least to most, both included
    std::uint32_t between(std::uint32_t least, std::uint32_t most) { return least + below(most - least + 1); }
    bool chance(std::uint32_t percent) { return below(100) < percent; }
    template <class T>
    const T& pick(const std::vector<T>& values) {
        return values[below(static_cast<std::uint32_t>(values.size()))];
    }
    template <class T>
    void shuffle(std::vector<T>& values) {
        for (std::size_t k = values.size(); k > 1; --k) {
            std::swap(values[k - 1], values[below(static_cast<std::uint32_t>(k))]);
        }
    }

  private:
    std::uint64_t state_;
};

} // namespace intarsia::tests
