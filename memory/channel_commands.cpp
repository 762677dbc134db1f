// The part of ChannelController that chooses and issues column and row commands.
#include "memory/channel_controller.hpp"

#include <algorithm>

namespace intarsia::memory {

namespace {
constexpr Tick column_bus_ticks = ticks_per_ck; // a column command takes one CK, from a rising edge
} // namespace

// Whether a command issued.
bool ChannelController::issue_column(Tick tick) {
    if (in_order()) {
        return issue_column_in_order(tick);
    }
    Tick next = never_tick;
    if (issue_active_column(tick, next)) {
        return true;
    }
    const RequestQueue::Slot slot = best_hit(tick, next);
    if (slot == RequestQueue::none) {
        column_wake_ = next;
        return false;
    }
    const QueuedRequest request = queue(direction_).at(slot);
    take_out(direction_, slot);
    access(request, false, tick);
    return true;
}

// The oldest hit of the current direction that takes its column command at `tick`.
RequestQueue::Slot ChannelController::best_hit(Tick tick, Tick& next) const {
    const RequestQueue& waiting_queue = queue(direction_);
    RequestQueue::Slot best = RequestQueue::none;
    std::uint64_t best_sequence = overdue_before_ != 0 ? overdue_before_ : UINT64_MAX;
    for (std::uint32_t p = 0; p < pseudo_channels_; ++p) {
        const PseudoChannel& pc = pcs_[p];
        std::uint32_t groups = pc.draining ? 0 : waiting_queue.hit_groups(p);
        if (groups == 0 || pc.gates.column_gate(direction_) > tick) {
            continue;
        }
        for (; groups != 0; groups &= groups - 1) {
            const auto group = static_cast<std::uint32_t>(std::countr_zero(groups));
            if (best != RequestQueue::none && waiting_queue.oldest_hit_sequence(p, group) >= best_sequence) {
                continue;
            }
            if (pc.gates.column_gate(direction_, group) > tick) {
                continue;
            }
            RequestQueue::Slot slot = waiting_queue.oldest_hit(p, group);
            if (pc.gates.row_gate(direction_, waiting_queue.at(slot).bank.bank) > tick) {
                slot = ready_hit(p, group, tick, next);
            }
            if (slot != RequestQueue::none && waiting_queue.at(slot).sequence < best_sequence) {
                best = slot;
                best_sequence = waiting_queue.at(slot).sequence;
            }
        }
    }
    if (best == RequestQueue::none) {
        next = std::min(next, next_hit_gate(tick));
    }
    return best;
}

// When the first group with hits takes a column command again, of those that do not at `tick`.
Tick ChannelController::next_hit_gate(Tick tick) const {
    Tick next = never_tick;
    for (std::uint32_t p = 0; p < pseudo_channels_; ++p) {
        std::uint32_t groups = pcs_[p].draining ? 0 : queue(direction_).hit_groups(p);
        for (; groups != 0; groups &= groups - 1) {
            const Tick gate =
                pcs_[p].gates.column_gate(direction_, static_cast<std::uint32_t>(std::countr_zero(groups)));
            next = gate > tick ? std::min(next, gate) : next;
        }
    }
    return next;
}

// Some bank of the group was opened for the other direction, which needs less of tRCD: the oldest hit of the others.
RequestQueue::Slot ChannelController::ready_hit(std::uint32_t pc, std::uint32_t group, Tick tick, Tick& next) const {
    const RequestQueue& waiting_queue = queue(direction_);
    RequestQueue::Slot best = RequestQueue::none;
    for_each_bit(waiting_queue.published_hits(pc), [&](std::uint8_t bank) {
        if (group_of_bank_[bank] != group) {
            return;
        }
        const Tick gate = pcs_[pc].gates.row_gate(direction_, bank);
        const RequestQueue::Slot slot = waiting_queue.first_hit({static_cast<std::uint8_t>(pc), 0, bank});
        if (gate > tick) {
            next = std::min(next, gate);
        } else if (best == RequestQueue::none || waiting_queue.at(slot).sequence < waiting_queue.at(best).sequence) {
            best = slot;
        }
    });
    return best;
}

bool ChannelController::issue_active_column(Tick tick, Tick& next) {
    const bool mixed = active_of_[0] != 0 && active_of_[1] != 0;
    for (const BankRef bank : active_order_) {
        const PseudoChannel& pc = pcs_[bank.pseudo_channel];
        const Direction direction = pc.banks[bank.bank].active.direction;
        const Tick row_gate = pc.gates.row_gate(direction, bank.bank);
        const Tick gate = std::max(row_gate, pc.gates.column_gate(direction, bank.group));
        if (gate <= tick) {
            serve_active(bank, tick);
            return true;
        }
        next = std::min(next, gate);
        if (row_gate > tick && !mixed) {
            break; // those behind were activated later
        }
    }
    return false;
}

void ChannelController::serve_active(BankRef bank, Tick tick) {
    PseudoChannel& pc = pcs_[bank.pseudo_channel];
    const QueuedRequest& request = pc.banks[bank.bank].active;
    active_order_.erase(std::find(active_order_.begin(), active_order_.end(), bank));
    --active_count_;
    --active_of_[index(request.direction)];
    pc.active &= ~bit(bank);
    if ((pc.closing & bit(bank)) == 0) {
        for (RequestQueue& waiting_queue : queues_) {
            waiting_queue.publish_hits(bank);
        }
    }
    access(request, true, tick);
}

// Whether the access to this bank that is about to issue closes its row.
bool ChannelController::closes_row(const PseudoChannel& pc, BankRef bank) const {
    switch (policy_.page_policy) {
    case PagePolicy::closed:
        return true;
    case PagePolicy::closed_cap:
        return (pc.ripe & bit(bank)) != 0;
    case PagePolicy::adaptive:
        return ((queues_[0].hit_banks(bank.pseudo_channel) | queues_[1].hit_banks(bank.pseudo_channel)) & bit(bank)) ==
               0;
    case PagePolicy::open:
    case PagePolicy::timeout:
        break;
    }
    return false;
}

// The request has left its queue or bank, so that what still waits for its row is what is left.
void ChannelController::access(const QueuedRequest& request, bool own_row, Tick tick) {
    const BankRef bank = request.bank;
    PseudoChannel& pc = pcs_[bank.pseudo_channel];
    const bool is_read = request.direction == Direction::read;
    const bool closes = closes_row(pc, bank);
    observe(is_read ? (closes ? CommandKind::read_precharge : CommandKind::read)
                    : (closes ? CommandKind::write_precharge : CommandKind::write),
            request.address, tick);
    count_lost_ticks(pc, request, own_row, tick);
    complete(request, own_row, tick);
    pc.gates.accessed(request.direction, bank.group, bank.bank, tick);
    ++(is_read ? counters_.reads : counters_.writes);
    counters_.bytes += access_bytes_;
    counters_.data_bus_ticks += burst_;
    after_access(pc, request, closes, tick);
    column_wake_ = std::max(tick + column_bus_ticks, first_column_after(tick));
    note_full(tick);
}

// Without hits, no column command comes before the first of the rows just opened is ready, where this is what it waits
// for.
Tick ChannelController::first_column_after(Tick tick) const {
    const RequestQueue& waiting_queue = queue(direction_);
    const bool mixed = active_of_[0] != 0 && active_of_[1] != 0;
    if (in_order() || mixed || active_order_.empty() ||
        (waiting_queue.hit_groups(0) | waiting_queue.hit_groups(1)) != 0) {
        return tick;
    }
    const BankRef first = active_order_.front();
    const Direction direction = active_of_[0] != 0 ? Direction::read : Direction::write;
    const TimingGates& gates = pcs_[first.pseudo_channel].gates;
    const Tick row_gate = gates.row_gate(direction, first.bank);
    return row_gate >= gates.column_gate(direction, first.group) ? row_gate : tick;
}

void ChannelController::after_access(PseudoChannel& pc, const QueuedRequest& request, bool closed, Tick tick) {
    const BankRef bank = request.bank;
    const RequestQueue::Banks own = bit(bank);
    Bank& state = pc.banks[bank.bank];
    state.last_use = tick;
    if (closed) {
        pc.gates.auto_precharged(bank.bank);
        pc.open &= ~own;
        pc.closing &= ~own;
        pc.ripe &= ~own;
        clear_hits(bank);
        ++counters_.auto_precharges;
    } else if (policy_.page_policy == PagePolicy::closed_cap && ++state.accesses >= policy_.page_cap) {
        pc.ripe |= own;
        row_wake_ = std::min(row_wake_, pc.gates.precharge_gate(bank.bank));
    } else if (policy_.page_policy == PagePolicy::timeout) {
        pc.ripe &= ~own;
        next_ripening_ = std::min(next_ripening_, tick + page_timeout_);
    }
    if (policy_.row_hit_cap != 0 && (pc.closing & own) == 0 && queue(request.direction).has_conflicts(bank) &&
        !closed && ++state.hits_past_conflict >= policy_.row_hit_cap) {
        close_soon(pc, bank, tick);
    }
    if (pc.owed > 0) {
        row_wake_ = std::min(row_wake_, tick); // a bank may have become idle, and a refresh is due
    }
    // The bank's last hit may have gone, or a refresh may wait for it.
    const RequestQueue::Banks conflicts =
        queue(direction_).waiting_banks(bank.pseudo_channel) & ~queue(direction_).hit_banks(bank.pseudo_channel);
    if (closed) {
        wake_row(pc, pc.gates.bank_activate_gate(bank.bank));
    } else if (in_order() || pc.draining || ((conflicts | pc.blocked) & own) != 0) {
        wake_row(pc, pc.gates.precharge_gate(bank.bank));
    }
}

bool ChannelController::issue_row(Tick tick) {
    Tick next = never_tick;
    if ((refreshing() && issue_refresh(tick, next)) || (closes_rows_ && issue_ripe_precharge(tick, next))) {
        row_wake_ = row_bus_free_;
        return true;
    }
    const RowChoice choice = choose_row(tick);
    if (choice.slot != RequestQueue::none) {
        const BankRef bank = queue(choice.direction).at(choice.slot).bank;
        const bool open = (pcs_[bank.pseudo_channel].open & bit(bank)) != 0;
        if (open) {
            precharge(bank, choice.sequence, tick);
        } else {
            activate(choice.direction, choice.slot, tick);
        }
        wake_ready_rows(choice, bank.pseudo_channel, open);
    }
    for (const PseudoChannel& pc : pcs_) {
        next = std::min(next, pc.row_wake);
    }
    row_wake_ = next;
    return choice.slot != RequestQueue::none;
}

// Commands that were ready while another one got the row bus take their turn when it is free again.
void ChannelController::wake_ready_rows(const RowChoice& choice, std::uint32_t chosen, bool was_precharge) {
    for (std::uint32_t p = 0; p < pseudo_channels_; ++p) {
        PseudoChannel& pc = pcs_[p];
        const std::uint32_t activates = p == chosen && !was_precharge ? 1 : 0;
        const std::uint32_t precharges = p == chosen && was_precharge ? 1 : 0;
        if (choice.activates[p] > activates) {
            pc.row_wake = std::min(pc.row_wake, rising_edge(std::max(row_bus_free_, pc.gates.activate_gate())));
        }
        if (choice.precharges[p] > precharges) {
            pc.row_wake = std::min(pc.row_wake, pre_edge(std::max(row_bus_free_, pc.gates.precharge_gate())));
        }
    }
}

// Rows that their page policy wants closed.
bool ChannelController::issue_ripe_precharge(Tick tick, Tick& next) {
    for (std::uint8_t p = 0; p < pseudo_channels_; ++p) {
        PseudoChannel& pc = pcs_[p];
        RequestQueue::Banks banks = pc.ripe & pc.open & ~pc.active & ~pc.blocked;
        if (pc.draining) {
            continue; // the drain closes them all
        }
        for (; banks != 0; banks &= banks - 1) {
            const auto bank = static_cast<std::uint8_t>(std::countr_zero(banks));
            const Tick gate = pre_edge(std::max({pc.gates.precharge_gate(), pc.gates.precharge_gate(bank), tick}));
            if (gate <= tick) {
                precharge(bank_ref(p, bank), UINT64_MAX, tick);
                return true;
            }
            next = std::min(next, gate);
        }
    }
    return false;
}

// The oldest request whose bank takes its next row command at `tick`. Gates only move away; so a pseudo-channel in
// which nothing was ready is looked at again when its first gate opens, or when something else wakes it.
ChannelController::RowChoice ChannelController::choose_row(Tick tick) {
    RowChoice choice;
    for (std::uint8_t p = 0; p < pseudo_channels_; ++p) {
        if (pcs_[p].row_wake > tick) {
            continue;
        }
        if (in_order()) {
            choose_row_in_order(p, tick, choice);
        } else {
            choose_row(p, tick, choice);
        }
    }
    return choice;
}

void ChannelController::choose_row(std::uint8_t p, Tick tick, RowChoice& choice) {
    PseudoChannel& pc = pcs_[p];
    const RequestQueue& waiting_queue = queue(direction_);
    const RequestQueue::Banks waiting_banks =
        pc.draining ? 0 : waiting_queue.waiting_banks(p) & ~(pc.active | pc.blocked);
    Tick next = never_tick;
    std::uint64_t best_sequence = UINT64_MAX;
    std::uint32_t best = 0;
    RequestQueue::Banks closed = waiting_banks & ~pc.open;
    if (const Tick from = rising_edge(std::max(pc.gates.activate_gate(), tick)); closed != 0 && from > tick) {
        next = from;
    } else if (closed != 0) {
        // Most are ready: so by age, the oldest is found first.
        const std::uint32_t left = (closed & (closed - 1)) != 0 ? 2 : 1;
        Tick soonest = never_tick;
        for (std::uint32_t bank = waiting_queue.eldest_bank(p); closed != 0;
             bank = waiting_queue.next_eldest(p, bank)) {
            const RequestQueue::Banks own = RequestQueue::Banks{1} << bank;
            if ((closed & own) == 0) {
                continue;
            }
            const Tick gate = pc.gates.activate_gate(group_of_bank_[bank], bank);
            if (gate <= tick) {
                best = bank;
                best_sequence = waiting_queue.oldest_sequence(p, bank);
                choice.activates[p] = left;
                break;
            }
            soonest = std::min(soonest, gate);
            closed &= ~own;
        }
        next = soonest == never_tick ? never_tick : rising_edge(soonest);
    }
    RequestQueue::Banks conflicts = waiting_banks & pc.open & ~waiting_queue.hit_banks(p);
    if (const Tick from = pre_edge(std::max(pc.gates.precharge_gate(), tick)); conflicts != 0 && from > tick) {
        next = std::min(next, from);
        conflicts = 0;
    }
    for (; conflicts != 0; conflicts &= conflicts - 1) {
        const auto bank = static_cast<std::uint32_t>(std::countr_zero(conflicts));
        const Tick gate = pc.gates.precharge_gate(bank);
        if (gate > tick) {
            next = std::min(next, pre_edge(gate));
            continue;
        }
        ++choice.precharges[p];
        if (const std::uint64_t sequence = waiting_queue.oldest_sequence(p, bank); sequence < best_sequence) {
            best = bank;
            best_sequence = sequence;
        }
    }
    pc.row_wake = next;
    if (best_sequence < choice.sequence) {
        choice.sequence = best_sequence;
        choice.slot = waiting_queue.oldest_of_bank({p, 0, static_cast<std::uint8_t>(best)});
        choice.direction = direction_;
    }
}

void ChannelController::activate(Direction direction, RequestQueue::Slot slot, Tick tick) {
    const BankRef bank = queue(direction).at(slot).bank;
    PseudoChannel& pc = pcs_[bank.pseudo_channel];
    Bank& state = pc.banks[bank.bank];
    QueuedRequest& request = state.active;
    request = queue(direction).at(slot);
    state.active_cause = activate_cause(pc, request, tick);
    observe(CommandKind::activate, request.address, tick);
    ++counters_.activates;
    pc.gates.activated(bank.group, bank.bank, tick);
    pc.open |= bit(bank);
    pc.active |= bit(bank);
    state.row = request.address.row;
    state.hits_past_conflict = 0;
    state.accesses = 0;
    state.active_conflict = state.precharged_for == request.sequence;
    state.active_since = state.active_conflict && state.precharged_at >= pc.refresh_end ? state.precharged_at : tick;
    state.precharged_for = UINT64_MAX;

    take_out(direction, slot);
    if (policy_.page_policy != PagePolicy::closed) {
        for (RequestQueue& waiting_queue : queues_) {
            waiting_queue.find_hits(bank, state.row);
        }
    }
    active_order_.push_back(bank);
    ++active_count_;
    ++active_of_[index(direction)];
    column_wake_ = std::min(column_wake_, pc.gates.row_gate(direction, bank.bank));
    row_bus_free_ = tick + act_bus_;
    note_full(tick);
}

void ChannelController::precharge(BankRef bank, std::uint64_t for_sequence, Tick tick) {
    PseudoChannel& pc = pcs_[bank.pseudo_channel];
    Bank& state = pc.banks[bank.bank];
    const auto group = static_cast<std::uint8_t>(bank.group % bank_groups_);
    observe(CommandKind::precharge,
            {state.row, 0, bank.pseudo_channel, static_cast<std::uint8_t>(bank.group / bank_groups_), group,
             static_cast<std::uint8_t>(bank.bank % banks_per_group_)},
            tick);
    ++counters_.precharges;
    pc.gates.precharged(bank.bank, tick);
    pc.open &= ~bit(bank);
    pc.closing &= ~bit(bank);
    pc.ripe &= ~bit(bank);
    state.precharged_for = for_sequence;
    state.precharged_at = tick;
    clear_hits(bank);
    wake_row(pc, rising_edge(std::max(pc.gates.activate_gate(), pc.gates.activate_gate(bank.group, bank.bank))));
    row_bus_free_ = tick + pre_bus_;
}

} // namespace intarsia::memory
