// Which source creates its next packet when.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace intarsia::noc::standalone {

inline constexpr std::uint64_t never = UINT64_MAX;

/// One entry a node. The near future is a wheel of cycles with a bit a node, the far future a heap; so an entry costs a
/// few instructions however many nodes there are, and cycles without entries cost nothing.
class Calendar {
  public:
    explicit Calendar(std::uint32_t nodes)
        : words_((nodes + 63) / 64), summary_words_((words_ + 63) / 64), nodes_(slots * words_),
          summary_(slots * summary_words_) {}

    /// Node has no entry, and `cycle` is not before one that take() was called with.
    void schedule(std::uint32_t node, std::uint64_t cycle) {
        if (cycle - now_ < slots) {
            put(node, cycle);
        } else if (cycle != never) {
            far_.emplace_back(cycle, node);
            std::push_heap(far_.begin(), far_.end(), std::greater<>());
        }
    }

    /// Cycle of the first entry, or `never`.
    [[nodiscard]] std::uint64_t next() const {
        const std::uint64_t from = now_ % slots;
        // The word of `from` is looked at twice: its bits from there on first, those before it last.
        std::uint64_t word = from / 64;
        std::uint64_t bits = occupied_[word] & (~0ULL << (from % 64));
        for (std::size_t looked = 0; looked <= occupied_.size(); ++looked) {
            if (bits != 0) {
                const std::uint64_t slot = word * 64 + static_cast<std::uint64_t>(std::countr_zero(bits));
                return now_ + (slot - from) % slots;
            }
            word = (word + 1) % occupied_.size();
            bits = occupied_[word];
        }
        return far_.empty() ? never : far_.front().first;
    }

    /// Removes the entries of `cycle`, which is next() or earlier, and calls visit(node) in rising order of nodes;
    /// visit may schedule the node again, for a later cycle.
    template <class Visit>
    void take(std::uint64_t cycle, Visit&& visit) {
        now_ = cycle;
        while (!far_.empty() && far_.front().first - now_ < slots) {
            put(far_.front().second, far_.front().first);
            std::pop_heap(far_.begin(), far_.end(), std::greater<>());
            far_.pop_back();
        }
        const std::uint64_t slot = cycle % slots;
        if ((occupied_[slot / 64] >> (slot % 64) & 1U) == 0) {
            return;
        }
        occupied_[slot / 64] &= ~(1ULL << (slot % 64));
        for (std::uint32_t s = 0; s < summary_words_; ++s) {
            std::uint64_t words = std::exchange(summary_[slot * summary_words_ + s], 0);
            for (; words != 0; words &= words - 1) {
                const std::uint32_t w = s * 64 + static_cast<std::uint32_t>(std::countr_zero(words));
                std::uint64_t due = std::exchange(nodes_[slot * words_ + w], 0);
                for (; due != 0; due &= due - 1) {
                    visit(w * 64 + static_cast<std::uint32_t>(std::countr_zero(due)));
                }
            }
        }
    }

  private:
    static constexpr std::uint64_t slots = 256;

    void put(std::uint32_t node, std::uint64_t cycle) {
        const std::uint64_t slot = cycle % slots;
        const std::uint32_t word = node / 64;
        nodes_[slot * words_ + word] |= 1ULL << (node % 64);
        summary_[slot * summary_words_ + word / 64] |= 1ULL << (word % 64);
        occupied_[slot / 64] |= 1ULL << (slot % 64);
    }

    std::uint32_t words_;
    std::uint32_t summary_words_;
    std::vector<std::uint64_t> nodes_;                         // [slot][word]: a bit a node
    std::vector<std::uint64_t> summary_;                       // [slot][word]: a bit a word of nodes_
    std::array<std::uint64_t, slots / 64> occupied_{};         // a bit a slot
    std::vector<std::pair<std::uint64_t, std::uint32_t>> far_; // heap of (cycle, node), from now_ + slots on
    std::uint64_t now_ = 0;                                    // the wheel holds [now_, now_ + slots)
};

} // namespace intarsia::noc::standalone
