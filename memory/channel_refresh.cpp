// The part of ChannelController that decides when to refresh what, and issues it.
#include "memory/channel_controller.hpp"

#include "config/errors.hpp"

#include <algorithm>

namespace intarsia::memory {

void ChannelController::plan_refresh(const TimingSet& timing) {
    if (policy_.refresh == RefreshMode::none) {
        return;
    }
    const RequestQueue::Banks one = 1;
    single_refresh_ = policy_.refresh != RefreshMode::all_bank;
    due_interval_ = refresh_interval_;
    std::int32_t round = 1;
    if (single_refresh_) {
        require(timing.nRFC_pb != 0 && timing.nRREFD != 0, "a set whose banks are refreshed singly has their timings");
        const bool same = policy_.refresh == RefreshMode::same_bank;
        single_kind_ = same ? CommandKind::refresh_same : CommandKind::refresh_bank;
        const std::uint32_t banks = timing.banks_per_pseudo_channel();
        const std::uint32_t together = same ? timing.bank_groups : 1;
        refresh_sets_.assign(banks / together, 0);
        for (std::uint32_t bank = 0; bank < banks; ++bank) {
            const std::uint32_t stack_id = bank / (bank_groups_ * banks_per_group_);
            const std::uint32_t set = same ? stack_id * banks_per_group_ + bank % banks_per_group_ : bank;
            refresh_sets_[set] |= one << bank;
        }
        round = static_cast<std::int32_t>(refresh_sets_.size());
        due_interval_ = Tick{timing.nREFI_pb} * together * ticks_per_ck;
    }
    most_owed_ = static_cast<std::int32_t>(policy_.postpone) * round;
    most_early_ = static_cast<std::int32_t>(policy_.pull_in) * round;
    // The last moment leaves a quarter of an interval for closing the rows.
    forced_ahead_ = refresh_interval_ / 4;
    if (single_refresh_ && policy_.postpone != 0) {
        most_owed_ -= (round + 3) / 4;
    }
    early_after_ = Tick{timing.nRFC_ab} * ticks_per_ck;
    for (std::uint8_t p = 0; p < pseudo_channels_; ++p) {
        // Refreshes of single banks take turns between the pseudo-channels.
        pcs_[p].next_refresh = due_interval_ + (single_refresh_ ? due_interval_ / pseudo_channels_ * p : 0);
        next_refresh_ = std::min(next_refresh_, pcs_[p].next_refresh);
    }
}

// Time that the pseudo-channel and the bank have spent on refreshes (preparation included) before `tick`. A refresh is
// added when its command issues, with its known end; so what still lies ahead is taken off.
Tick ChannelController::refresh_time_before(const PseudoChannel& pc, const Bank& bank, Tick tick) const {
    if (single_refresh_) {
        const Tick ahead = tick < bank.refresh_end ? bank.refresh_end - tick : 0;
        return bank.refresh_total - std::min(ahead, bank.refresh_total);
    }
    if (pc.draining) {
        return pc.refresh_total + (tick - pc.drain_start);
    }
    return tick < pc.refresh_end ? pc.refresh_total - (pc.refresh_end - tick) : pc.refresh_total;
}

void ChannelController::refreshes_due(Tick tick) {
    next_refresh_ = never_tick;
    for (PseudoChannel& pc : pcs_) {
        if (tick >= pc.next_refresh) {
            pc.next_refresh += due_interval_;
            ++pc.owed;
            if (!single_refresh_ && is_late(pc) && !pc.draining) {
                start_drain(pc, tick);
            }
        }
        next_refresh_ = std::min(next_refresh_, pc.next_refresh);
    }
    row_wake_ = std::min(row_wake_, tick);
}

void ChannelController::start_drain(PseudoChannel& pc, Tick tick) {
    pc.draining = true;
    pc.drain_start = tick;
    row_wake_ = std::min(row_wake_, tick);
}

// Refreshes that idle moments invite, and postponed ones whose last moment has come.
void ChannelController::start_idle_refreshes(Tick tick) {
    for (std::uint8_t p = 0; p < pseudo_channels_; ++p) {
        PseudoChannel& pc = pcs_[p];
        if (pc.draining || refresh_target_[p] >= 0) {
            continue;
        }
        const bool idle = is_idle(p);
        if (!single_refresh_ && ((idle && pc.owed > 0) || (policy_.postpone != 0 && pc.owed == most_owed_ &&
                                                           tick + forced_ahead_ >= pc.next_refresh))) {
            start_drain(pc, tick);
        } else if (idle && pc.owed > -most_early_ && tick >= pc.last_column + early_after_ && tick >= pc.refresh_end) {
            if (single_refresh_) {
                choose_refresh_set(p, tick, true);
                row_wake_ = std::min(row_wake_, tick);
            } else {
                start_drain(pc, tick);
            }
        }
    }
}

// When start_idle_refreshes() has something to do, if nothing else happens.
Tick ChannelController::next_early_refresh() const {
    Tick next = never_tick;
    for (std::uint8_t p = 0; p < pseudo_channels_; ++p) {
        const PseudoChannel& pc = pcs_[p];
        if (pc.draining || refresh_target_[p] >= 0) {
            continue;
        }
        if (is_idle(p) && pc.owed > -most_early_) {
            const bool owed = pc.owed > 0 && !single_refresh_;
            next = std::min(next, owed ? next_tick_ : std::max(pc.last_column + early_after_, pc.refresh_end));
        }
        if (!single_refresh_ && policy_.postpone != 0 && pc.owed == most_owed_) {
            next = std::min(next, pc.next_refresh - forced_ahead_);
        }
    }
    return next;
}

bool ChannelController::issue_refresh(Tick tick, Tick& next) {
    for (std::uint8_t p = 0; p < pseudo_channels_; ++p) {
        // Refreshes of all banks go one pseudo-channel after the other, as in Ramulator 2.1: the next one is closed
        // when the one before has its command.
        if (!single_refresh_ && pcs_[p].draining) {
            return issue_refresh_all(p, tick, next);
        }
        if (single_refresh_ && issue_refresh_single(p, tick, next)) {
            return true;
        }
    }
    return false;
}

bool ChannelController::issue_refresh_all(std::uint8_t p, Tick tick, Tick& next) {
    PseudoChannel& pc = pcs_[p];
    // An active request is served first; its column command wakes the row bus.
    if (!pc.draining || pc.active != 0) {
        return false;
    }
    const BurstAddress at{0, 0, p, 0, 0, 0};
    const Tick ready = pc.open != 0 ? pc.gates.precharge_all_gate() : pc.gates.refresh_gate();
    const Tick gate = pre_edge(std::max(ready, tick));
    if (gate > tick) {
        next = std::min(next, gate);
        return false;
    }
    row_bus_free_ = tick + pre_bus_;
    if (pc.open != 0) {
        observe(CommandKind::precharge_all, at, tick);
        ++counters_.precharges;
        pc.gates.precharged_all(tick);
        for_each_bit(pc.open, [&](std::uint8_t bank) { clear_hits(bank_ref(p, bank)); });
        pc.open = 0;
        pc.closing = 0;
        pc.ripe = 0;
    } else {
        observe(CommandKind::refresh_all, at, tick);
        ++counters_.refreshes;
        --pc.owed;
        pc.gates.refreshed(tick);
        pc.refresh_end = tick + pc.gates.refresh_ticks();
        pc.refresh_total += pc.refresh_end - pc.drain_start;
        pc.draining = false;
        pc.row_wake = tick;
    }
    return true;
}

// The set of banks that is missed least: no requests, then the fewest; then closed, then used last.
void ChannelController::choose_refresh_set(std::uint8_t p, Tick tick, bool idle_only) {
    PseudoChannel& pc = pcs_[p];
    const std::uint64_t all = ~std::uint64_t{0} >> (64 - refresh_sets_.size());
    if (pc.round == 0) {
        pc.round = all;
    }
    struct Cost {
        std::uint32_t waiting;
        bool open;
        Tick unused_since;
    };
    std::int32_t best = -1;
    Cost least{};
    for_each_bit(pc.round, [&](std::uint8_t set) {
        const RequestQueue::Banks banks = refresh_sets_[set];
        Cost cost{0, (banks & pc.open) != 0, 0};
        for_each_bit(banks, [&](std::uint8_t bank) {
            const BankRef ref{p, 0, bank};
            cost.waiting += queues_[0].of_bank(ref) + queues_[1].of_bank(ref) +
                            ((pc.active & bit(ref)) == 0 ? 0
                             : in_order()                ? RequestQueue::max_entries
                                                         : 1);
            cost.unused_since = std::max(cost.unused_since, pc.banks[bank].last_use);
        });
        const bool better = cost.waiting != least.waiting ? cost.waiting < least.waiting
                            : cost.open != least.open     ? !cost.open
                                                          : cost.unused_since > least.unused_since;
        if (best < 0 || better) {
            best = set;
            least = cost;
        }
    });
    if (idle_only && least.waiting != 0) {
        return;
    }
    refresh_target_[p] = best;
    target_since_[p] = tick;
    pc.blocked = refresh_sets_[static_cast<std::size_t>(best)];
    for_each_bit(pc.blocked & pc.open, [&](std::uint8_t bank) { close_soon(pc, bank_ref(p, bank), tick); });
}

// In order: banks that take no row commands for a refresh's sake. A row that is opened ahead would keep its bank from a
// refresh for as long as its turn takes; so no more are opened where refreshes are behind.
RequestQueue::Banks ChannelController::held_banks(const PseudoChannel& pc) const {
    if (pc.draining) {
        return ~RequestQueue::Banks{0};
    }
    RequestQueue::Banks held = pc.blocked;
    if (single_refresh_ && pc.owed > most_owed_ + 1) {
        for_each_bit(pc.round, [&](std::uint8_t set) { held |= refresh_sets_[set]; });
    }
    return held;
}

bool ChannelController::issue_refresh_single(std::uint8_t p, Tick tick, Tick& next) {
    PseudoChannel& pc = pcs_[p];
    if (refresh_target_[p] < 0 && pc.owed > 0) {
        choose_refresh_set(p, tick, !is_late(pc));
    }
    if (refresh_target_[p] < 0 || (pc.blocked & pc.active) != 0) {
        return false; // an active request is served first; its column command wakes the row bus
    }
    // Rows that are open are closed one by one.
    Tick gate = never_tick;
    for (RequestQueue::Banks open = pc.blocked & pc.open; open != 0; open &= open - 1) {
        const auto bank = static_cast<std::uint8_t>(std::countr_zero(open));
        const Tick from = pre_edge(std::max({pc.gates.precharge_gate(), pc.gates.precharge_gate(bank), tick}));
        if (from <= tick) {
            precharge(bank_ref(p, bank), UINT64_MAX, tick);
            return true;
        }
        gate = std::min(gate, from);
    }
    if (gate == never_tick) {
        gate = std::max(pc.gates.activate_gate(), tick);
        for_each_bit(pc.blocked, [&](std::uint8_t bank) {
            gate = std::max(gate, pc.gates.activate_gate(group_of_bank_[bank], bank));
        });
        gate = pre_edge(gate);
    }
    if (gate > tick) {
        next = std::min(next, gate);
        return false;
    }
    const auto first = static_cast<std::uint8_t>(std::countr_zero(pc.blocked));
    const std::uint8_t group = group_of_bank_[first];
    observe(single_kind_,
            {0, 0, p, static_cast<std::uint8_t>(group / bank_groups_), static_cast<std::uint8_t>(group % bank_groups_),
             static_cast<std::uint8_t>(first % banks_per_group_)},
            tick);
    ++counters_.single_refreshes;
    --pc.owed;
    pc.gates.refreshed(pc.blocked, tick);
    for_each_bit(pc.blocked, [&](std::uint8_t bank) {
        Bank& state = pc.banks[bank];
        state.refresh_end = tick + pc.gates.single_refresh_ticks();
        state.refresh_total += state.refresh_end - target_since_[p];
        state.precharged_for = UINT64_MAX;
    });
    pc.round &= ~(std::uint64_t{1} << static_cast<std::uint32_t>(refresh_target_[p]));
    pc.blocked = 0;
    refresh_target_[p] = -1;
    pc.row_wake = tick;
    row_bus_free_ = tick + pre_bus_;
    return true;
}

} // namespace intarsia::memory
