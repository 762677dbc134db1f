// A small seeded generator: one stream a source of randomness.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace intarsia::d2d {

/// xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 2021), its state
/// filled by SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) from a seed and the number of the stream.
class RandomStream {
  public:
    RandomStream(std::uint64_t seed, std::uint64_t stream) {
        std::uint64_t counter = seed * 0x9e3779b97f4a7c15U + stream * 0xd1b54a32d192ed03U;
        for (std::uint64_t& word : state_) {
            counter += 0x9e3779b97f4a7c15U;
            std::uint64_t mixed = counter;
            mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
            mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
            word = mixed ^ (mixed >> 31U);
        }
    }

    std::uint64_t next() {
        const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
        const std::uint64_t shifted = state_[1] << 17U;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

    /// Greater than 0, at most 1, so that its logarithm is finite.
    double unit() { return static_cast<double>((next() >> 11U) + 1) * 0x1.0p-53; }

    /// Exponentially distributed with mean 1.
    double exponential() { return -std::log(unit()); }

  private:
    std::array<std::uint64_t, 4> state_{};
};

} // namespace intarsia::d2d
