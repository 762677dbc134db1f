// The part of ChannelController that chooses, issues and accounts for commands.
#include "memory/channel_controller.hpp"

#include <algorithm>

namespace intarsia::memory {

namespace {
constexpr Tick column_bus_ticks = ticks_per_ck; // a column command takes one CK, from a rising edge
} // namespace

void ChannelController::issue_column(Tick tick) {
    Tick next = never_tick;
    if (issue_active_column(tick, next)) {
        return;
    }
    RequestQueue& waiting_queue = queue(direction_);
    RequestQueue::Slots ready = 0;
    for (std::uint32_t p = 0; p < pcs_.size(); ++p) {
        if (pcs_[p].draining) {
            continue;
        }
        for_each_bit(waiting_queue.hit_groups(p), [&](std::uint8_t group) {
            const Tick gate = pcs_[p].gates.column_gate(direction_, group);
            if (gate <= tick) {
                ready |= waiting_queue.hits_of_group(p, group);
            } else {
                next = std::min(next, gate);
            }
        });
    }
    if (overdue_before_ != 0) {
        ready &= overdue_;
    }
    while (ready != 0) {
        const std::uint32_t slot = waiting_queue.oldest(ready);
        const QueuedRequest request = waiting_queue.at(slot);
        const Tick gate = pcs_[request.bank.pseudo_channel].gates.row_gate(direction_, request.bank.bank);
        if (gate <= tick) {
            waiting_queue.remove(slot);
            access(request, false, tick);
            return;
        }
        // Opened for the other direction, which needs less of tRCD.
        ready &= ~waiting_queue.hits_of_bank(request.bank);
        next = std::min(next, gate);
    }
    column_wake_ = next;
}

bool ChannelController::issue_active_column(Tick tick, Tick& next) {
    const bool mixed = active_of_[0] != 0 && active_of_[1] != 0;
    for (auto it = active_order_.begin(); it != active_order_.end(); ++it) {
        const BankRef bank = *it;
        PseudoChannel& pc = pcs_[bank.pseudo_channel];
        const Bank& state = pc.banks[bank.bank];
        const Direction direction = state.active.direction;
        const Tick row_gate = pc.gates.row_gate(direction, bank.bank);
        const Tick gate = std::max(row_gate, pc.gates.column_gate(direction, bank.group));
        if (gate <= tick) {
            active_order_.erase(it);
            --active_count_;
            --active_of_[index(direction)];
            pc.active &= ~(RequestQueue::Banks{1} << bank.bank);
            for (RequestQueue& waiting_queue : queues_) {
                waiting_queue.publish_hits(bank);
            }
            access(state.active, true, tick);
            return true;
        }
        next = std::min(next, gate);
        if (row_gate > tick && !mixed) {
            break; // those behind were activated later
        }
    }
    return false;
}

void ChannelController::access(const QueuedRequest& request, bool own_row, Tick tick) {
    const BankRef bank = request.bank;
    PseudoChannel& pc = pcs_[bank.pseudo_channel];
    const bool is_read = request.direction == Direction::read;
    observe(is_read ? CommandKind::read : CommandKind::write, request.address, tick);
    count_lost_ticks(pc, request, own_row, tick);
    complete(request, own_row, tick);
    pc.gates.accessed(request.direction, bank.group, bank.bank, tick);
    ++(is_read ? counters_.reads : counters_.writes);
    counters_.bytes += access_bytes_;
    counters_.data_bus_ticks += burst_;

    Bank& state = pc.banks[bank.bank];
    const RequestQueue& waiting_queue = queue(request.direction);
    if (policy_.row_hit_cap != 0 && (pc.closing >> bank.bank & 1U) == 0) {
        const RequestQueue::Slots conflicts = waiting_queue.of_bank(bank) & ~waiting_queue.hits_of_bank(bank);
        if (conflicts != 0 && ++state.hits_past_conflict >= policy_.row_hit_cap) {
            close_soon(pc, bank, tick);
        }
    }
    // The bank's last hit may have gone, or a drain may wait for it.
    const RequestQueue& current = queue(direction_);
    const RequestQueue::Banks conflicts =
        current.waiting_banks(bank.pseudo_channel) & ~current.hit_banks(bank.pseudo_channel);
    if (pc.draining || (conflicts >> bank.bank & 1U) != 0) {
        row_wake_ = std::min(row_wake_, pc.gates.precharge_gate(bank.bank));
    }
    column_wake_ = tick + column_bus_ticks;
}

// Cuts the time of a request at the moments that its bank, its refreshes and the buses give.
void ChannelController::complete(const QueuedRequest& request, bool own_row, Tick tick) {
    const PseudoChannel& pc = pcs_[request.bank.pseudo_channel];
    const Bank& state = pc.banks[request.bank.bank];
    const Tick bank_ready = pc.gates.row_gate(request.direction, request.bank.bank);
    BurstCompletion done;
    done.token = request.token;
    done.finish = tick + latency_[index(request.direction)] + burst_;
    done.queue_end = done.refresh_end = request.arrival;
    // A request that was activated before a drain began is served within it; the refresh is yet to be added.
    const Tick refresh = pc.refresh_total > request.refresh_before ? pc.refresh_total - request.refresh_before : 0;
    if (refresh != 0) {
        done.refresh_end = pc.refresh_end;
        done.queue_end = pc.refresh_end - std::min(refresh, pc.refresh_end - request.arrival);
    }
    const Tick turn = own_row ? state.active_since : std::max(bank_ready, direction_since_[index(request.direction)]);
    done.second_queue_end = std::min(std::max(turn, done.refresh_end), tick);
    done.bank_end = std::max(done.second_queue_end, own_row ? bank_ready : 0) + latency_[index(request.direction)];
    completions_.push_back(done);
    if (!own_row) {
        ++counters_.row_hits;
    } else {
        ++(state.active_conflict ? counters_.row_conflicts : counters_.row_misses);
    }
}

void ChannelController::count_lost_ticks(PseudoChannel& pc, const QueuedRequest& request, bool own_row, Tick tick) {
    const Tick data_begin = tick + latency_[index(request.direction)];
    Tick gap = data_begin - pc.last_data_end;
    const auto take = [&gap](std::uint64_t& cause, Tick most) {
        const Tick ticks = std::min(gap, most);
        cause += ticks;
        gap -= ticks;
    };
    take(counters_.lost.refresh, pc.refresh_total - pc.refresh_at_last_column);
    // Before the first burst, and after an idle time, the column latency is nobody's fault either.
    const Tick idle_since = pc.last_column + burst_;
    const Tick could_begin = request.arrival + latency_[index(request.direction)];
    take(counters_.lost.no_request,
         request.arrival > idle_since && could_begin > pc.last_data_end ? could_begin - pc.last_data_end : 0);
    take(counters_.lost.turnaround, request.direction != pc.last_direction ? turnaround_[index(request.direction)] : 0);
    take(own_row ? counters_.lost.row : counters_.lost.column, gap);
    pc.last_data_end = data_begin + burst_;
    pc.last_column = tick;
    pc.last_direction = request.direction;
    pc.refresh_at_last_column = pc.refresh_total;
}

void ChannelController::issue_row(Tick tick) {
    if (row_bus_free_ > tick) {
        row_wake_ = row_bus_free_;
        return;
    }
    Tick next = never_tick;
    if (issue_refresh(tick, next)) {
        row_wake_ = row_bus_free_;
        return;
    }
    const RequestQueue::Slots ready = ready_row_slots(tick, next);
    if (ready == 0) {
        row_wake_ = next;
        return;
    }
    const std::uint32_t slot = queue(direction_).oldest(ready);
    const BankRef bank = queue(direction_).at(slot).bank;
    const RequestQueue::Slots others = ready & ~queue(direction_).of_bank(bank);
    const PseudoChannel& pc = pcs_[bank.pseudo_channel];
    if ((pc.open >> bank.bank & 1U) != 0) {
        precharge(slot, tick);
        next = std::min(next, pc.gates.activate_gate(bank.group, bank.bank));
    } else {
        activate(slot, tick);
    }
    // Gates only move away, so what was not ready stays so until `next`.
    row_wake_ = others != 0 ? row_bus_free_ : std::max(row_bus_free_, next);
}

bool ChannelController::issue_refresh(Tick tick, Tick& next) {
    for (std::uint8_t p = 0; p < pseudo_channels_; ++p) {
        PseudoChannel& pc = pcs_[p];
        // An active request is served first; its column command wakes the row bus.
        if (!pc.draining || pc.active != 0) {
            continue;
        }
        const BurstAddress at{0, 0, p, 0, 0, 0};
        Tick gate = pc.gates.refresh_gate();
        if (pc.open != 0) {
            gate = pc.gates.precharge_gate();
            for_each_bit(pc.open, [&](std::uint8_t bank) { gate = std::max(gate, pc.gates.precharge_gate(bank)); });
        }
        gate = pre_edge(gate);
        if (gate > tick || pre_edge(tick) != tick) {
            next = std::min(next, std::max(gate, pre_edge(tick)));
            continue;
        }
        row_bus_free_ = tick + pre_bus_;
        if (pc.open != 0) {
            observe(CommandKind::precharge_all, at, tick);
            ++counters_.precharges;
            pc.gates.precharged_all(tick);
            for_each_bit(pc.open, [&](std::uint8_t bank) { clear_hits(bank_ref(p, bank)); });
            pc.open = 0;
            pc.closing = 0;
        } else {
            observe(CommandKind::refresh_all, at, tick);
            ++counters_.refreshes;
            pc.gates.refreshed(tick);
            pc.refresh_end = tick + pc.gates.refresh_ticks();
            pc.refresh_total += pc.refresh_end - drain_start_;
            pc.draining = false;
        }
        return true;
    }
    return false;
}

// Requests whose bank takes their next row command at `tick`.
RequestQueue::Slots ChannelController::ready_row_slots(Tick tick, Tick& next) const {
    const RequestQueue& waiting_queue = queue(direction_);
    RequestQueue::Slots ready = 0;
    for (std::uint8_t p = 0; p < pseudo_channels_; ++p) {
        const PseudoChannel& pc = pcs_[p];
        const RequestQueue::Banks waiting_banks = waiting_queue.waiting_banks(p) & ~pc.active;
        if (pc.draining || waiting_banks == 0) {
            continue;
        }
        // Banks that could take the command at `gate`, which begins on no edge before `from`.
        const auto offer = [&](RequestQueue::Banks banks, Tick from, auto gate_of, auto edge) {
            if (banks == 0) {
                return;
            }
            if (from > tick) {
                next = std::min(next, from);
                return;
            }
            Tick soonest = never_tick;
            for_each_bit(banks, [&](std::uint8_t bank) {
                const Tick gate = gate_of(bank);
                ready |= gate <= tick ? waiting_queue.of_bank({p, 0, bank}) : 0;
                soonest = std::min(soonest, gate <= tick ? never_tick : gate);
            });
            if (soonest != never_tick) {
                next = std::min(next, edge(soonest));
            }
        };
        offer(
            waiting_banks & ~pc.open, rising_edge(std::max(pc.gates.activate_gate(), tick)),
            [&](std::uint8_t bank) { return pc.gates.activate_gate(group_of_bank_[bank], bank); },
            [](Tick gate) { return rising_edge(gate); });
        offer(
            waiting_banks & pc.open & ~waiting_queue.hit_banks(p), pre_edge(std::max(pc.gates.precharge_gate(), tick)),
            [&](std::uint8_t bank) { return pc.gates.precharge_gate(bank); },
            [&](Tick gate) { return pre_edge(gate); });
    }
    return ready;
}

void ChannelController::activate(std::uint32_t slot, Tick tick) {
    const QueuedRequest request = queue(direction_).at(slot);
    const BankRef bank = request.bank;
    PseudoChannel& pc = pcs_[bank.pseudo_channel];
    Bank& state = pc.banks[bank.bank];
    observe(CommandKind::activate, request.address, tick);
    ++counters_.activates;
    pc.gates.activated(bank.group, bank.bank, tick);
    pc.open |= RequestQueue::Banks{1} << bank.bank;
    pc.active |= RequestQueue::Banks{1} << bank.bank;
    state.row = request.address.row;
    state.hits_past_conflict = 0;
    state.active = request;
    state.active_conflict = state.precharged_for == request.sequence;
    state.active_since = state.active_conflict && state.precharged_at >= pc.refresh_end ? state.precharged_at : tick;
    state.precharged_for = UINT64_MAX;

    queue(request.direction).remove(slot);
    for (RequestQueue& waiting_queue : queues_) {
        waiting_queue.find_hits(bank, state.row);
    }
    active_order_.push_back(bank);
    ++active_count_;
    ++active_of_[index(request.direction)];
    column_wake_ = std::min(column_wake_, pc.gates.row_gate(request.direction, bank.bank));
    row_bus_free_ = tick + act_bus_;
}

void ChannelController::precharge(std::uint32_t slot, Tick tick) {
    const QueuedRequest& request = queue(direction_).at(slot);
    const BankRef bank = request.bank;
    PseudoChannel& pc = pcs_[bank.pseudo_channel];
    Bank& state = pc.banks[bank.bank];
    BurstAddress closed = request.address;
    closed.row = state.row;
    observe(CommandKind::precharge, closed, tick);
    ++counters_.precharges;
    pc.gates.precharged(bank.bank, tick);
    pc.open &= ~(RequestQueue::Banks{1} << bank.bank);
    pc.closing &= ~(RequestQueue::Banks{1} << bank.bank);
    state.precharged_for = request.sequence;
    state.precharged_at = tick;
    clear_hits(bank);
    row_bus_free_ = tick + pre_bus_;
}

} // namespace intarsia::memory
