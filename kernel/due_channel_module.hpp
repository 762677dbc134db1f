// Due-time channels: the only way in which modules meet.
#pragma once

#include "kernel/due_ring.hpp"
#include "kernel/self_timed_module.hpp"

#include <systemc>

namespace intarsia {

/// The sending end, bound by sc_port.
template <class T>
class DueChannelIf : public sc_core::sc_interface {
  public:
    /// Hands over `value`, visible to the receiver at its first edge at or after `due`, plus the synchroniser edges
    /// of the channel. `due` must lie after the present time, so that the order of modules at one time cannot matter.
    virtual void push(const T& value, Picoseconds due) = 0;
};

/// The receiving end: a bounded ring that belongs to the receiver and wakes it. Export it with sc_export.
template <class T>
class DueInbox : public DueChannelIf<T> {
  public:
    /// `synchroniser_edges`: receiver edges added to every entry, where the sender's clock is another one.
    DueInbox(SelfTimedModule& receiver, std::size_t capacity, std::uint32_t synchroniser_edges = 0)
        : receiver_(&receiver), ring_(capacity), synchroniser_edges_(synchroniser_edges) {}

    void push(const T& value, Picoseconds due) override {
        const std::uint64_t cycle = receiver_->clock().first_edge_at_or_after(due) + synchroniser_edges_;
        const Picoseconds visible = receiver_->clock().edge(cycle);
        ring_.push(value, visible);
        receiver_->wake_at(visible);
    }

    [[nodiscard]] const T* front(Picoseconds now) const { return ring_.front(now); }
    void pop() { ring_.pop(); }
    [[nodiscard]] Picoseconds next_due() const { return ring_.next_due(); }
    [[nodiscard]] bool empty() const { return ring_.empty(); }
    [[nodiscard]] std::size_t size() const { return ring_.size(); }

  private:
    SelfTimedModule* receiver_;
    DueRing<T> ring_;
    std::uint32_t synchroniser_edges_;
};

} // namespace intarsia
