// A bounded queue whose entries carry the absolute time from which the receiver may see them.
#pragma once

#include "config/errors.hpp"
#include "config/units.hpp"

#include <bit>
#include <vector>

namespace intarsia {

/// One writer, one reader. Entries are pushed with due times that never run backwards, and become visible to the
/// reader at times at or after their due time. The writer knows that there is space from credits it owns, so a full
/// ring is a bug, not a condition.
template <class T>
class DueRing {
  public:
    explicit DueRing(std::size_t capacity) : slots_(std::bit_ceil(capacity)), mask_(slots_.size() - 1) {}

    void push(const T& value, Picoseconds due) {
        require(tail_ - head_ < slots_.size(), "a due-time channel never overflows: its writer owns credits");
        require(due >= last_due_, "due times of a channel never run backwards");
        last_due_ = due;
        Slot& slot = slots_[tail_++ & mask_];
        slot.due = due;
        slot.value = value;
    }

    [[nodiscard]] bool empty() const { return head_ == tail_; }
    [[nodiscard]] std::size_t size() const { return tail_ - head_; }
    /// Due time of the oldest entry, `never` when empty.
    [[nodiscard]] Picoseconds next_due() const { return empty() ? never : slots_[head_ & mask_].due; }
    /// The oldest entry, if it is due at `now`.
    [[nodiscard]] const T* front(Picoseconds now) const {
        return next_due() <= now ? &slots_[head_ & mask_].value : nullptr;
    }
    void pop() { ++head_; }

  private:
    struct Slot {
        Picoseconds due;
        T value;
    };
    std::vector<Slot> slots_;
    std::size_t mask_;
    std::size_t head_ = 0;
    std::size_t tail_ = 0;
    Picoseconds last_due_;
};

} // namespace intarsia
