// Which d2d_flits are damaged on the wire.
#pragma once

#include "d2d/random.hpp"

#include <cstdint>
#include <limits>

namespace intarsia::d2d {

/// Bit errors of one direction at a given rate, drawn as the number of good bits before the next error, so that a
/// wire without errors costs a subtraction a d2d_flit. Errors come alone, or in bursts of `burst_bits` consecutive
/// wrong bits, which may reach into the next d2d_flits; the rate counts wrong bits in either case. Only bits of
/// transmitted d2d_flits count: errors in idle slots harm nobody.
class BitErrors {
  public:
    BitErrors(double ber, std::uint32_t burst_bits, RandomStream random) : burst_bits_(burst_bits), random_(random) {
        if (ber > 0) {
            // A cycle is a gap of mean (1 - q) / q good bits and a burst: burst / (burst + gap) = ber.
            const double start_rate = 1 / (1 + burst_bits * (1 / ber - 1));
            log_stays_good_ = std::log1p(-start_rate);
            good_bits_left_ = gap();
        }
    }

    /// Whether damages(bits) will say so next.
    [[nodiscard]] bool will_damage(std::uint64_t bits) const { return bits > good_bits_left_; }

    /// Sends `bits` over the wire. Returns whether any of them came out wrong.
    bool damages(std::uint64_t bits) {
        if (bits <= good_bits_left_) [[likely]] {
            good_bits_left_ -= bits;
            return false;
        }
        std::uint64_t position = good_bits_left_;
        do {
            // The burst that was cut by the end of the last d2d_flit goes on first.
            position += bad_bits_left_ > 0 ? bad_bits_left_ : burst_bits_;
            if (position > bits) {
                bad_bits_left_ = position - bits;
                good_bits_left_ = 0;
                return true;
            }
            bad_bits_left_ = 0;
            position += gap();
        } while (position < bits);
        good_bits_left_ = position - bits;
        return true;
    }

  private:
    std::uint64_t gap() {
        const double bits = std::floor(std::log(random_.unit()) / log_stays_good_);
        constexpr double most = 9e18;
        return bits < most ? static_cast<std::uint64_t>(bits) : static_cast<std::uint64_t>(most);
    }

    // Without errors: never used up (2^64 bits take 100 days at 2 Tb/s).
    std::uint64_t good_bits_left_ = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t bad_bits_left_ = 0;
    std::uint32_t burst_bits_;
    double log_stays_good_ = 0;
    RandomStream random_;
};

} // namespace intarsia::d2d
