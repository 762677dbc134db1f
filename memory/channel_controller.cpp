#include "memory/channel_controller.hpp"

#include "config/errors.hpp"

#include <algorithm>

namespace intarsia::memory {

ChannelController::ChannelController(const TimingSet& timing, const ControllerPolicy& policy, CommandObserver observer)
    : policy_(policy), observer_(observer), pseudo_channels_(static_cast<std::uint8_t>(timing.pseudo_channels)),
      bank_groups_(timing.bank_groups), banks_per_group_(timing.banks_per_group), access_bytes_(timing.access_bytes()),
      act_bus_(timing.act_bus_ticks), pre_bus_(timing.pre_bus_ticks), pre_edge_(timing.pre_edge_ticks),
      burst_(Tick{timing.burst_nck} * ticks_per_ck), latency_{Tick{timing.nCL} * ticks_per_ck,
                                                              Tick{timing.nCWL} * ticks_per_ck},
      // Write to read: nWTR_S and the difference of latencies; read to write: nRTW from command to command.
      turnaround_{Tick{timing.nWTR_S + timing.nCL} * ticks_per_ck,
                  Tick{timing.nRTW + timing.nCWL - timing.nCL - timing.burst_nck} * ticks_per_ck},
      refresh_interval_(Tick{timing.nREFI} * ticks_per_ck), queues_{RequestQueue(policy.read_queue),
                                                                    RequestQueue(policy.write_queue)},
      pcs_(timing.pseudo_channels, PseudoChannel(timing)),
      next_refresh_(policy.refresh ? refresh_interval_ : never_tick) {
    for (std::uint32_t bank = 0; bank < timing.banks_per_pseudo_channel(); ++bank) {
        group_of_bank_[bank] = static_cast<std::uint8_t>(bank / banks_per_group_);
    }
    active_order_.reserve(std::size_t{timing.pseudo_channels} * max_banks);
    completions_.reserve(256);
}

BankRef ChannelController::bank_of(const BurstAddress& address) const {
    const auto group = static_cast<std::uint8_t>(address.stack_id * bank_groups_ + address.bank_group);
    return {address.pseudo_channel, group, static_cast<std::uint8_t>(group * banks_per_group_ + address.bank)};
}

// Time that the pseudo-channel has spent on refreshes (draining included) before `tick`. A refresh is added
// when its command issues, with its known end; so what still lies ahead is taken off.
Tick ChannelController::refresh_time_before(const PseudoChannel& pc, Tick tick) const {
    if (pc.draining) {
        return pc.refresh_total + (tick - drain_start_);
    }
    return tick < pc.refresh_end ? pc.refresh_total - (pc.refresh_end - tick) : pc.refresh_total;
}

bool ChannelController::can_accept(const BurstAddress& address, Direction direction) const {
    if (queue(direction).full()) {
        return false;
    }
    if (direction == Direction::read) {
        return true;
    }
    const BankRef bank = bank_of(address);
    const PseudoChannel& pc = pcs_[bank.pseudo_channel];
    const QueuedRequest& active = pc.banks[bank.bank].active;
    const bool active_read = (pc.active >> bank.bank & 1U) != 0 && active.direction == Direction::read;
    return !queue(Direction::read).holds(address, bank) && !(active_read && active.address == address);
}

void ChannelController::accept(const BurstAddress& address, Direction direction, std::uint32_t token, Tick tick) {
    require(tick >= next_tick_ && tick <= next_event(), "a channel is up to date when a request arrives");
    require(!queue(direction).full(), "a request arrives at a queue with room");
    const BankRef bank = bank_of(address);
    PseudoChannel& pc = pcs_[bank.pseudo_channel];
    const bool active = (pc.active >> bank.bank & 1U) != 0;
    const Bank& state = pc.banks[bank.bank];
    if (direction == Direction::read) {
        const bool active_write =
            active && state.active.direction == Direction::write && state.active.address == address;
        if (active_write || queue(Direction::write).holds(address, bank)) {
            completions_.push_back({token, tick + 1, tick + 1, tick + 1, tick + 1, tick + 1});
            ++counters_.forwarded;
            return;
        }
    }
    if (waiting() == 0) {
        next_starvation_check_ = tick + refresh_interval_;
    }
    const std::uint32_t slot = queue(direction).insert(
        {address, bank, direction, token, next_sequence_++, tick, refresh_time_before(pc, tick)});
    const bool open = (pc.open >> bank.bank & 1U) != 0;
    if (open && (pc.closing >> bank.bank & 1U) == 0 && state.row == address.row) {
        queue(direction).add_hit(slot);
        if (!active) {
            queue(direction).publish_hits(bank);
            const Tick gate =
                std::max(pc.gates.column_gate(direction, bank.group), pc.gates.row_gate(direction, bank.bank));
            column_wake_ = std::min(column_wake_, std::max(tick, gate));
        }
    } else if (!active) {
        const Tick gate = open ? std::max(pc.gates.precharge_gate(), pc.gates.precharge_gate(bank.bank))
                               : std::max(pc.gates.activate_gate(), pc.gates.activate_gate(bank.group, bank.bank));
        row_wake_ = std::min(row_wake_, std::max(tick, gate));
    }
    if (wanted_direction() != direction_) {
        column_wake_ = std::min(column_wake_, tick);
        row_wake_ = std::min(row_wake_, tick);
    }
}

Tick ChannelController::next_event() const {
    Tick next = next_refresh_;
    if (column_wake_ != never_tick) {
        next = std::min(next, rising_edge(std::max(column_wake_, next_tick_)));
    }
    if (row_wake_ != never_tick) {
        next = std::min(next, std::max(row_wake_, next_tick_));
    }
    if (waiting() != 0) {
        next = std::min(next, std::max(next_starvation_check_, next_tick_));
    }
    return next;
}

void ChannelController::advance(Tick tick) {
    require(tick >= next_tick_, "a channel's time does not run backwards");
    next_tick_ = tick + 1;
    if (tick >= next_refresh_) {
        start_refresh(tick);
    }
    if (tick >= next_starvation_check_) {
        end_starvation(tick);
    }
    choose_direction(tick);
    if (tick >= column_wake_ && tick % ticks_per_ck == 0) {
        issue_column(tick);
        choose_direction(tick);
    }
    if (tick >= row_wake_) {
        issue_row(tick);
        choose_direction(tick);
    }
}

Direction ChannelController::wanted_direction() const {
    if (overdue_before_ != 0) {
        return direction_;
    }
    const std::uint32_t reads = queue(Direction::read).size();
    const std::uint32_t writes = queue(Direction::write).size();
    if (direction_ == Direction::read) {
        return writes > policy_.drain_above || (reads == 0 && writes != 0) ? Direction::write : Direction::read;
    }
    return reads != 0 && writes < policy_.drain_until ? Direction::read : Direction::write;
}

void ChannelController::choose_direction(Tick tick) {
    if (overdue_before_ != 0) {
        overdue_ &= queue(direction_).occupied();
        const bool active = std::any_of(active_order_.begin(), active_order_.end(), [&](BankRef bank) {
            const QueuedRequest& request = pcs_[bank.pseudo_channel].banks[bank.bank].active;
            return request.direction == direction_ && request.sequence < overdue_before_;
        });
        if (overdue_ == 0 && !active) {
            overdue_before_ = 0;
            column_wake_ = std::min(column_wake_, tick);
        }
    }
    if (const Direction wanted = wanted_direction(); wanted != direction_) {
        set_direction(wanted, tick);
    }
}

void ChannelController::set_direction(Direction direction, Tick tick) {
    direction_ = direction;
    direction_since_[index(direction)] = tick;
    column_wake_ = std::min(column_wake_, tick);
    row_wake_ = std::min(row_wake_, tick);
}

void ChannelController::start_refresh(Tick tick) {
    drain_start_ = next_refresh_;
    next_refresh_ += refresh_interval_;
    for (PseudoChannel& pc : pcs_) {
        require(!pc.draining, "a refresh is over before the next is due");
        pc.draining = true;
    }
    row_wake_ = std::min(row_wake_, tick);
}

// Once a refresh interval: requests that have waited for a whole interval get their turn.
void ChannelController::end_starvation(Tick tick) {
    next_starvation_check_ = tick + refresh_interval_;
    const QueuedRequest* oldest = nullptr;
    const auto is_overdue = [&](const QueuedRequest& r) { return r.arrival + refresh_interval_ <= tick; };
    const auto consider = [&](const QueuedRequest& request) {
        if (is_overdue(request) && (oldest == nullptr || request.sequence < oldest->sequence)) {
            oldest = &request;
        }
    };
    for (const BankRef bank : active_order_) {
        consider(pcs_[bank.pseudo_channel].banks[bank.bank].active);
    }
    for (RequestQueue& waiting_queue : queues_) {
        if (waiting_queue.size() != 0) {
            consider(waiting_queue.at(waiting_queue.oldest(waiting_queue.occupied())));
        }
        for (std::uint8_t p = 0; p < pseudo_channels_; ++p) {
            for_each_bit(waiting_queue.hit_banks(p) & ~pcs_[p].active, [&](std::uint8_t b) {
                const BankRef bank = bank_ref(p, b);
                const RequestQueue::Slots conflicts = waiting_queue.of_bank(bank) & ~waiting_queue.hits_of_bank(bank);
                if (conflicts != 0 && is_overdue(waiting_queue.at(waiting_queue.oldest(conflicts)))) {
                    close_soon(pcs_[p], bank, tick);
                }
            });
        }
    }
    if (oldest != nullptr && overdue_before_ == 0) {
        set_direction(oldest->direction, tick);
        overdue_ = queue(direction_).occupied();
        overdue_before_ = next_sequence_;
    }
}

void ChannelController::close_soon(PseudoChannel& pc, BankRef bank, Tick tick) {
    pc.closing |= RequestQueue::Banks{1} << bank.bank;
    clear_hits(bank);
    row_wake_ = std::min(row_wake_, tick);
}

void ChannelController::clear_hits(BankRef bank) {
    for (RequestQueue& waiting_queue : queues_) {
        waiting_queue.clear_hits(bank);
    }
}

} // namespace intarsia::memory
