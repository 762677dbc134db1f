// Lowest bits and round-robin picks in bit masks.
#pragma once

#include <bit>
#include <cstdint>

namespace intarsia::noc {

/// Number of the lowest set bit; `set` is not empty.
inline std::uint32_t lowest(std::uint32_t set) {
    return static_cast<std::uint32_t>(std::countr_zero(set)) & 31U;
}

/// The first set bit at or after `from` (at most 31), else the lowest; `set` is not empty.
inline std::uint32_t first_from(std::uint32_t set, std::uint32_t from) {
    const std::uint32_t later = set & (~0U << from);
    return lowest(later != 0 ? later : set);
}

/// The same in a set of `words` words; `from` may be one past the end.
inline std::uint32_t first_from(const std::uint64_t* set, std::uint32_t words, std::uint32_t from) {
    const auto bit = [](std::uint32_t word, std::uint64_t bits) {
        return word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
    };
    std::uint32_t word = from >> 6U;
    if (word < words) {
        const std::uint64_t later = set[word] & (~0ULL << (from & 63U));
        if (later != 0) {
            return bit(word, later);
        }
        for (++word; word < words; ++word) {
            if (set[word] != 0) {
                return bit(word, set[word]);
            }
        }
    }
    for (word = 0; set[word] == 0; ++word) {
    }
    return bit(word, set[word]);
}

} // namespace intarsia::noc
