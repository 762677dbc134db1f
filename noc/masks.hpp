// Sets of a router's virtual channels or ports as machine words: one word where that suffices, several where not.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace intarsia::noc {

/// A set of `Words` x 64 members, with the operators of an unsigned integer as far as sets need them.
template <unsigned Words>
struct WideMask {
    std::array<std::uint64_t, Words> words{};

    friend WideMask operator&(WideMask a, const WideMask& b) {
        for (unsigned w = 0; w < Words; ++w) {
            a.words[w] &= b.words[w];
        }
        return a;
    }
    friend WideMask operator|(WideMask a, const WideMask& b) {
        for (unsigned w = 0; w < Words; ++w) {
            a.words[w] |= b.words[w];
        }
        return a;
    }
    WideMask operator~() const {
        WideMask inverse;
        for (unsigned w = 0; w < Words; ++w) {
            inverse.words[w] = ~words[w];
        }
        return inverse;
    }
    WideMask& operator&=(const WideMask& b) { return *this = *this & b; }
    WideMask& operator|=(const WideMask& b) { return *this = *this | b; }
    explicit operator bool() const {
        std::uint64_t all = 0;
        for (const std::uint64_t word : words) {
            all |= word;
        }
        return all != 0;
    }
};

template <class Mask>
inline constexpr std::uint32_t mask_bits = sizeof(Mask) * 8;
template <class Mask>
inline constexpr bool one_word = requires(Mask m) {
    m << 1U;
};

/// The set of member `i`.
template <class Mask>
inline Mask member(std::uint32_t i) {
    if constexpr (one_word<Mask>) {
        return static_cast<Mask>(Mask{1} << i);
    } else {
        Mask set;
        set.words[i >> 6U] = 1ULL << (i & 63U);
        return set;
    }
}

template <class Mask>
inline bool has(const Mask& set, std::uint32_t i) {
    if constexpr (one_word<Mask>) {
        return (set >> i & 1U) != 0;
    } else {
        return (set.words[i >> 6U] >> (i & 63U) & 1U) != 0;
    }
}

/// Lowest member of a set that is not empty.
template <class Mask>
inline std::uint32_t lowest_of(const Mask& set) {
    if constexpr (one_word<Mask>) {
        return static_cast<std::uint32_t>(std::countr_zero(set));
    } else {
        std::uint32_t word = 0;
        while (set.words[word] == 0) {
            ++word;
        }
        return word * 64 + static_cast<std::uint32_t>(std::countr_zero(set.words[word]));
    }
}

template <class Mask>
inline void drop_lowest(Mask& set) {
    if constexpr (one_word<Mask>) {
        set &= static_cast<Mask>(set - 1);
    } else {
        for (std::uint64_t& word : set.words) {
            if (word != 0) {
                word &= word - 1;
                return;
            }
        }
    }
}

/// Whether a set that is not empty has just one member.
template <class Mask>
inline bool is_single(const Mask& set) {
    if constexpr (one_word<Mask>) {
        return (set & (set - 1)) == 0;
    } else {
        Mask rest = set;
        drop_lowest(rest);
        return !rest;
    }
}

/// First member at or after `from` (below mask_bits), else the lowest; the set is not empty.
template <class Mask>
inline std::uint32_t first_at_or_after(const Mask& set, std::uint32_t from) {
    if constexpr (one_word<Mask>) {
        const Mask later = static_cast<Mask>(set & static_cast<Mask>(~Mask{0} << from));
        return lowest_of<Mask>(later != 0 ? later : set);
    } else {
        std::uint32_t word = from >> 6U;
        std::uint64_t bits = set.words[word] & (~0ULL << (from & 63U));
        while (bits == 0) {
            if (++word == set.words.size()) {
                return lowest_of(set);
            }
            bits = set.words[word];
        }
        return word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
    }
}

/// The `count` members from `at` on (a power of two at a multiple of itself), moved to bit 0.
template <class Mask>
inline std::uint32_t field(const Mask& set, std::uint32_t at, std::uint32_t count) {
    const std::uint32_t all = (1U << count) - 1;
    if constexpr (one_word<Mask>) {
        return static_cast<std::uint32_t>(set >> at) & all;
    } else {
        return static_cast<std::uint32_t>(set.words[at >> 6U] >> (at & 63U)) & all;
    }
}

/// The first member of every group of 2^group_bits that has any member, kept at the group's first place.
template <class Mask>
inline Mask group_heads(Mask set, std::uint32_t group_bits) {
    if constexpr (one_word<Mask>) {
        for (std::uint32_t shift = 1; shift < 1U << group_bits; shift <<= 1U) {
            set |= static_cast<Mask>(set >> shift);
        }
        return static_cast<Mask>(set & static_cast<Mask>(~Mask{0} / ((Mask{1} << (1U << group_bits)) - 1)));
    } else {
        for (std::uint64_t& word : set.words) {
            for (std::uint32_t shift = 1; shift < 1U << group_bits; shift <<= 1U) {
                word |= word >> shift;
            }
            word &= ~0ULL / ((1ULL << (1U << group_bits)) - 1);
        }
        return set;
    }
}

} // namespace intarsia::noc
