#include "memory/channel_controller.hpp"

#include "config/errors.hpp"

#include <algorithm>

namespace intarsia::memory {

namespace {

constexpr std::uint16_t most_merged = 256;

QueueLimits limits_of(const ControllerPolicy& policy, Direction direction) {
    const bool reads = direction == Direction::read;
    return {reads ? policy.read_queue : policy.write_queue, policy.bank_queue, policy.drain_above, policy.drain_until};
}

Tick in_ticks(std::uint32_t ck) {
    return Tick{ck} * ticks_per_ck;
}

} // namespace

ChannelController::ChannelController(const TimingSet& timing, const ControllerPolicy& policy, CommandObserver observer)
    : policy_(policy), observer_(observer), pseudo_channels_(static_cast<std::uint8_t>(timing.pseudo_channels)),
      bank_groups_(timing.bank_groups), banks_per_group_(timing.banks_per_group), access_bytes_(timing.access_bytes()),
      act_bus_(timing.act_bus_ticks), pre_bus_(timing.pre_bus_ticks), pre_edge_(timing.pre_edge_ticks),
      burst_(in_ticks(timing.burst_nck)), latency_{in_ticks(timing.nCL), in_ticks(timing.nCWL)},
      write_to_read_(in_ticks(timing.nCWL + timing.burst_nck + timing.nWTR_S)), read_to_write_(in_ticks(timing.nRTW)),
      refresh_interval_(in_ticks(timing.nREFI)),
      page_timeout_(timing.tick_clock().first_edge_at_or_after(policy.page_timeout)),
      queues_{RequestQueue(limits_of(policy, Direction::read), timing),
              RequestQueue(limits_of(policy, Direction::write), timing)},
      pcs_(timing.pseudo_channels, PseudoChannel(timing)) {
    for (std::uint32_t bank = 0; bank < timing.banks_per_pseudo_channel(); ++bank) {
        group_of_bank_[bank] = static_cast<std::uint8_t>(bank / banks_per_group_);
    }
    active_order_.reserve(std::size_t{timing.pseudo_channels} * max_banks);
    completions_.reserve(256);
    if (in_order()) {
        for (Turns& turns : turns_) {
            turns.ring.resize(std::size_t{queues_[0].capacity()} + queues_[1].capacity() +
                              timing.banks_per_pseudo_channel());
        }
    }
    if (policy_.merge_reads) {
        merged_.resize(most_merged);
        for (std::uint16_t m = 0; m < most_merged; ++m) {
            merged_[m].next = m + 1U < most_merged ? static_cast<std::uint16_t>(m + 1U) : UINT16_MAX;
        }
        free_merged_ = 0;
    }
    closes_rows_ = policy_.page_policy == PagePolicy::closed_cap || policy_.page_policy == PagePolicy::timeout;
    plan_refresh(timing);
    find_next_event();
}

BankRef ChannelController::bank_of(const BurstAddress& address) const {
    const auto group = static_cast<std::uint8_t>(address.stack_id * bank_groups_ + address.bank_group);
    return {address.pseudo_channel, group, static_cast<std::uint8_t>(group * banks_per_group_ + address.bank)};
}

// The waiting read that a read of this burst could share the answer of, or none.
RequestQueue::Slot ChannelController::mergeable(const BurstAddress& address, BankRef bank) const {
    return policy_.merge_reads && free_merged_ != UINT16_MAX ? queue(Direction::read).find(address, bank)
                                                             : RequestQueue::none;
}

bool ChannelController::can_accept(const BurstAddress& address, Direction direction) const {
    if (!policy_.merge_reads && queue(direction).size() == queue(direction).capacity()) {
        return false;
    }
    const BankRef bank = bank_of(address);
    if (!queue(direction).has_room(bank)) {
        return direction == Direction::read && mergeable(address, bank) != RequestQueue::none;
    }
    if (direction == Direction::read) {
        return true;
    }
    const PseudoChannel& pc = pcs_[bank.pseudo_channel];
    const QueuedRequest& active = pc.banks[bank.bank].active;
    const bool active_read = (pc.active & bit(bank)) != 0 && active.direction == Direction::read;
    return queue(Direction::read).find(address, bank) == RequestQueue::none &&
           !(active_read && active.address == address);
}

bool ChannelController::merge(const BurstAddress& address, BankRef bank, std::uint32_t token, Tick tick) {
    const RequestQueue::Slot slot = mergeable(address, bank);
    if (slot == RequestQueue::none) {
        return false;
    }
    const std::uint16_t entry = free_merged_;
    free_merged_ = merged_[entry].next;
    QueuedRequest& read = queue(Direction::read).at(slot);
    merged_[entry] = {token, read.merged, tick};
    read.merged = entry;
    ++counters_.merged;
    return true;
}

void ChannelController::accept(const BurstAddress& address, Direction direction, std::uint32_t token, Tick tick) {
    require(tick >= next_tick_ && tick <= next_event(), "a channel is up to date when a request arrives");
    const BankRef bank = bank_of(address);
    PseudoChannel& pc = pcs_[bank.pseudo_channel];
    const bool active = (pc.active & bit(bank)) != 0;
    const Bank& state = pc.banks[bank.bank];
    if (direction == Direction::read) {
        const bool active_write =
            active && state.active.direction == Direction::write && state.active.address == address;
        if (active_write || queue(Direction::write).find(address, bank) != RequestQueue::none) {
            completions_.push_back({token, tick + 1, tick + 1, tick + 1, tick + 1, tick + 1});
            ++counters_.forwarded;
            return;
        }
        if (policy_.merge_reads && merge(address, bank, token, tick)) {
            return;
        }
    }
    require(queue(direction).has_room(bank), "a request arrives at a queue with room");
    if (waiting() == 0 && !in_order()) {
        next_starvation_check_ = tick + refresh_interval_;
    }
    if (in_order()) {
        Turns& turns = turns_[bank.pseudo_channel];
        turns.ring[(turns.head + turns.count++) % turns.ring.size()] = {bank, direction, next_sequence_};
    }
    const bool hit = queue(direction).insert(
        {address, bank, direction, UINT16_MAX, token, next_sequence_++, tick, refresh_time_before(pc, state, tick)});
    note_full(tick);
    const bool open = (pc.open & bit(bank)) != 0;
    if (hit && !active) {
        const Tick gate =
            std::max(pc.gates.column_gate(direction, bank.group), pc.gates.row_gate(direction, bank.bank));
        column_wake_ = std::min(column_wake_, std::max(tick, gate));
    } else if (!hit && !active) {
        const Tick gate = open ? std::max(pc.gates.precharge_gate(), pc.gates.precharge_gate(bank.bank))
                               : std::max(pc.gates.activate_gate(), pc.gates.activate_gate(bank.group, bank.bank));
        wake_row(pc, std::max(tick, gate));
    }
    if (wanted_direction() != direction_) {
        column_wake_ = std::min(column_wake_, tick);
        row_wake_ = std::min(row_wake_, tick);
        find_next_event();
        next_event_ = std::min(next_event_, tick); // the direction changes now, whether the row bus is free or not
        return;
    }
    find_next_event();
}

void ChannelController::find_next_event() {
    Tick next = next_refresh_;
    if (column_wake_ != never_tick) {
        next = std::min(next, rising_edge(std::max(column_wake_, next_tick_)));
    }
    next = std::min(next, std::max({row_wake_, row_bus_free_, next_tick_}));
    if (waiting() != 0) {
        next = std::min(next, std::max(next_starvation_check_, next_tick_));
    }
    if (closes_rows_) {
        next = std::min(next, std::max(next_ripening_, next_tick_));
    }
    if (is_lazy()) {
        next = std::min(next, std::max(next_early_refresh(), next_tick_));
    }
    next_event_ = next;
}

void ChannelController::advance(Tick tick) {
    require(tick >= next_tick_, "a channel's time does not run backwards");
    next_tick_ = tick + 1;
    if (tick >= next_refresh_) {
        refreshes_due(tick);
    }
    if (tick >= next_starvation_check_) {
        end_starvation(tick);
    }
    if (tick >= next_ripening_) {
        ripen(tick);
    }
    update_direction(tick);
    if (tick >= column_wake_ && tick % ticks_per_ck == 0 && issue_column(tick)) {
        update_direction(tick);
    }
    if (is_lazy()) {
        start_idle_refreshes(tick);
    }
    if (tick >= std::max(row_wake_, row_bus_free_) && issue_row(tick)) {
        update_direction(tick);
    }
    find_next_event();
}

void ChannelController::choose_direction(Tick tick) {
    if (overdue_before_ != 0) {
        const bool active = std::any_of(active_order_.begin(), active_order_.end(), [&](BankRef bank) {
            const QueuedRequest& request = pcs_[bank.pseudo_channel].banks[bank.bank].active;
            return request.direction == direction_ && request.sequence < overdue_before_;
        });
        if (overdue_left_ == 0 && !active) {
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
    for (PseudoChannel& pc : pcs_) {
        wake_row(pc, tick);
    }
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
        for (std::uint8_t p = 0; p < pseudo_channels_; ++p) {
            for_each_bit(waiting_queue.waiting_banks(p), [&](std::uint8_t b) {
                consider(waiting_queue.at(waiting_queue.oldest_of_bank(bank_ref(p, b))));
            });
            for_each_bit(waiting_queue.hit_banks(p) & ~pcs_[p].active, [&](std::uint8_t b) {
                const BankRef bank = bank_ref(p, b);
                const RequestQueue::Slot conflict = waiting_queue.oldest_conflict(bank);
                if (conflict != RequestQueue::none && is_overdue(waiting_queue.at(conflict))) {
                    close_soon(pcs_[p], bank, tick);
                }
            });
        }
    }
    if (oldest != nullptr && overdue_before_ == 0) {
        set_direction(oldest->direction, tick);
        overdue_left_ = queue(direction_).size();
        overdue_before_ = next_sequence_;
    }
}

void ChannelController::close_soon(PseudoChannel& pc, BankRef bank, Tick tick) {
    pc.closing |= bit(bank);
    clear_hits(bank);
    wake_row(pc, tick);
}

void ChannelController::clear_hits(BankRef bank) {
    for (RequestQueue& waiting_queue : queues_) {
        waiting_queue.clear_hits(bank);
    }
}

void ChannelController::take_out(Direction direction, RequestQueue::Slot slot) {
    RequestQueue& waiting_queue = queue(direction);
    if (direction == direction_ && waiting_queue.at(slot).sequence < overdue_before_) {
        --overdue_left_;
    }
    waiting_queue.remove(slot);
}

// Page policy timeout: rows that nobody has used for long are to be closed, unless somebody waits for them.
void ChannelController::ripen(Tick tick) {
    next_ripening_ = never_tick;
    for (std::uint8_t p = 0; p < pseudo_channels_; ++p) {
        PseudoChannel& pc = pcs_[p];
        for_each_bit(pc.open & ~pc.active & ~pc.ripe, [&](std::uint8_t b) {
            const Tick due = pc.banks[b].last_use + page_timeout_;
            const bool wanted = ((queues_[0].hit_banks(p) | queues_[1].hit_banks(p)) >> b & 1U) != 0;
            if (due > tick) {
                next_ripening_ = std::min(next_ripening_, due);
            } else if (!wanted) { // otherwise its access sets a new time
                pc.ripe |= RequestQueue::Banks{1} << b;
                row_wake_ = std::min(row_wake_, tick);
            }
        });
    }
}

} // namespace intarsia::memory
