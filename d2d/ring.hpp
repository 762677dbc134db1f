// A queue over a flat array of a power of two, which grows while a run warms up and allocates nothing afterwards.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace intarsia::d2d {

template <class T>
class Ring {
  public:
    void push(const T& value) {
        if (tail_ - head_ > mask_) [[unlikely]] {
            grow();
        }
        slots_[tail_++ & mask_] = value;
    }
    [[nodiscard]] bool empty() const { return head_ == tail_; }
    [[nodiscard]] const T& front() const { return slots_[head_ & mask_]; }
    [[nodiscard]] T& back() { return slots_[(tail_ - 1) & mask_]; }
    void pop() { ++head_; }

  private:
    // Out of line, so that push() stays small.
    [[gnu::noinline]] void grow() {
        std::vector<T> larger(slots_.size() * 2);
        for (std::size_t i = 0; i < slots_.size(); ++i) {
            larger[i] = slots_[(head_ + i) & mask_];
        }
        tail_ -= head_;
        head_ = 0;
        slots_ = std::move(larger);
        mask_ = slots_.size() - 1;
    }

    std::vector<T> slots_ = std::vector<T>(16);
    std::size_t mask_ = 15;
    std::size_t head_ = 0;
    std::size_t tail_ = 0;
};

} // namespace intarsia::d2d
