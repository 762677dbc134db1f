// Where the time of one transaction went, in the order in which it went.
#pragma once

#include "config/errors.hpp"
#include "config/units.hpp"
#include "metrics/stall.hpp"

#include <array>

namespace intarsia::metrics {

/// A contiguous sequence of stages, each a leaf and the time at which it ended. Every module that handles a
/// transaction appends the stages that passed there, up to the moment it hands the transaction on; the next stage
/// begins where the last ended. Stages of zero length are dropped; when the fixed space is used up, a new stage is
/// merged with the nearest earlier ones, which keeps the total and coarsens the order.
class Journey {
  public:
    static constexpr std::size_t capacity = 24;

    Journey() = default;
    explicit Journey(Picoseconds start) : start_(start) {}

    /// Time until `end` (absolute, not before the last stage's end) went to `leaf`.
    void append(Leaf leaf, Picoseconds end) {
        require(end >= this->end(), "a journey's stages run forward in time");
        if (end == this->end()) {
            return;
        }
        if (count_ > 0 && leaves_[count_ - 1] == leaf) {
            ends_[count_ - 1] = end.count();
            return;
        }
        if (count_ == capacity) {
            merge_last_two();
        }
        leaves_[count_] = leaf;
        ends_[count_] = end.count();
        ++count_;
    }

    [[nodiscard]] Picoseconds start() const { return start_; }
    [[nodiscard]] Picoseconds end() const { return count_ == 0 ? start_ : Picoseconds(ends_[count_ - 1]); }
    [[nodiscard]] std::size_t stages() const { return count_; }
    [[nodiscard]] Leaf leaf(std::size_t stage) const { return leaves_[stage]; }
    [[nodiscard]] Picoseconds end_of(std::size_t stage) const { return Picoseconds(ends_[stage]); }

  private:
    // The longer of the two gives the leaf.
    void merge_last_two() {
        const std::uint64_t before = count_ >= 3 ? ends_[count_ - 3] : start_.count();
        if (ends_[count_ - 1] - ends_[count_ - 2] > ends_[count_ - 2] - before) {
            leaves_[count_ - 2] = leaves_[count_ - 1];
        }
        ends_[count_ - 2] = ends_[count_ - 1];
        --count_;
    }

    Picoseconds start_;
    std::array<std::uint64_t, capacity> ends_{}; // ps
    std::array<Leaf, capacity> leaves_{};
    std::uint8_t count_ = 0;
};

} // namespace intarsia::metrics
