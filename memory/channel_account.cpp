// The part of ChannelController that accounts for time: a burst's stages, and the ticks that a data bus lost.
#include "memory/channel_controller.hpp"

#include <algorithm>

namespace intarsia::memory {

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
    const Tick total = single_refresh_ ? state.refresh_total : pc.refresh_total;
    const Tick refresh = total > request.refresh_before ? total - request.refresh_before : 0;
    if (refresh != 0) {
        done.refresh_end = single_refresh_ ? state.refresh_end : pc.refresh_end;
        done.queue_end = done.refresh_end - std::min(refresh, done.refresh_end - request.arrival);
    }
    const Tick turn = own_row ? state.active_since : std::max(bank_ready, direction_since_[index(request.direction)]);
    done.second_queue_end = std::min(std::max(turn, done.refresh_end), tick);
    done.bank_end = std::max(done.second_queue_end, own_row ? bank_ready : 0) + latency_[index(request.direction)];
    completions_.push_back(done);
    // Reads that share the answer wait for no more than what is left of it when they arrive.
    for (std::uint16_t m = request.merged; m != UINT16_MAX;) {
        Merged& merged = merged_[m];
        const auto from = [&](Tick end) { return std::max(end, merged.arrival); };
        completions_.push_back({merged.token, from(done.queue_end), from(done.refresh_end), from(done.second_queue_end),
                                from(done.bank_end), done.finish});
        const std::uint16_t following = merged.next;
        merged.next = free_merged_;
        free_merged_ = m;
        m = following;
    }
    if (!own_row) {
        ++counters_.row_hits;
    } else {
        ++(state.active_conflict ? counters_.row_conflicts : counters_.row_misses);
    }
}

// What the activate that issues at `tick` waited for last. Where two end together, the first of the list counts.
ChannelController::Cause ChannelController::activate_cause(const PseudoChannel& pc, const QueuedRequest& request,
                                                           Tick tick) const {
    const BankRef bank = request.bank;
    const Bank& state = pc.banks[bank.bank];
    Cause cause = Cause::request;
    Tick last = rising_edge(request.arrival);
    const auto consider = [&](Cause candidate, Tick end) {
        if (rising_edge(end) > last) {
            last = rising_edge(end);
            cause = candidate;
        }
    };
    const Tick bank_gate = pc.gates.bank_activate_gate(bank.bank);
    const bool refreshed = bank_gate == (single_refresh_ ? state.refresh_end : pc.refresh_end);
    consider(Cause::activate, pc.gates.activate_gate());
    consider(Cause::activate, pc.gates.activate_gate(bank.group, bank.bank) > bank_gate
                                  ? pc.gates.activate_gate(bank.group, bank.bank)
                                  : 0);
    consider(Cause::row_bus, row_bus_free_);
    consider(Cause::bank, refreshed ? 0 : bank_gate);
    consider(Cause::turnaround, direction_since_[index(request.direction)]);
    consider(Cause::refresh, refreshed ? bank_gate : 0);
    // It could have gone before: older requests had the bus.
    return last < tick ? Cause::row_bus : cause;
}

void ChannelController::count_lost_ticks(PseudoChannel& pc, const QueuedRequest& request, bool own_row, Tick tick) {
    LostTicks& lost = counters_.lost;
    const Tick begin = pc.accounted;
    Tick gap = tick > begin ? tick - begin : 0;
    if (gap != 0) {
        const Bank& state = pc.banks[request.bank.bank];
        const auto take = [&gap](std::uint64_t& cause, Tick most) {
            const Tick ticks = std::min(gap, most);
            cause += ticks;
            gap -= ticks;
        };
        const auto before = [&](Tick end, Tick from) { return end > from ? std::min(end, tick) - from : 0; };
        // Until it arrived.
        const Tick idle = before(request.arrival, begin);
        take(lost.queue_full, std::min(idle, full_time(tick) - pc.full_counted));
        take(lost.no_request, idle - std::min(idle, full_time(tick) - pc.full_counted));
        const Tick from = std::max(begin, request.arrival);
        const Tick refreshed =
            single_refresh_ ? std::min(state.refresh_total - std::min(state.refresh_total, request.refresh_before),
                                       before(state.refresh_end, from))
                            : pc.refresh_total - std::min(pc.refresh_counted, pc.refresh_total);
        take(lost.refresh, refreshed);
        // From the row being ready on.
        const Tick ready = std::max(from, pc.gates.row_gate(request.direction, request.bank.bank));
        Tick column = tick > ready ? tick - ready : 0;
        if (request.direction != pc.last_direction) {
            const Tick turned =
                pc.last_column + (request.direction == Direction::read ? write_to_read_ : read_to_write_);
            const Tick turnaround = std::min(column, before(turned, from));
            take(lost.turnaround, turnaround);
            column -= turnaround;
        }
        take(lost.column, own_row ? column : gap);
        switch (own_row ? state.active_cause : Cause::bank) {
        case Cause::activate:
            take(lost.activate, gap);
            break;
        case Cause::row_bus:
            take(lost.row_bus, gap);
            break;
        case Cause::turnaround:
            take(lost.turnaround, gap);
            break;
        case Cause::refresh:
            take(lost.refresh, gap);
            break;
        case Cause::request:
        case Cause::bank:
            take(lost.bank, gap);
            break;
        }
    }
    pc.accounted = tick + burst_;
    pc.last_column = tick;
    pc.last_direction = request.direction;
    pc.refresh_counted = pc.refresh_total;
    pc.full_counted = full_time(tick);
}

ChannelCounters ChannelController::counters_until(Tick tick) {
    Tick ahead = 0; // data of commands before `tick` that lies behind it
    for (std::uint8_t p = 0; p < pseudo_channels_; ++p) {
        PseudoChannel& pc = pcs_[p];
        if (pc.accounted >= tick) {
            ahead += pc.accounted - tick;
            continue;
        }
        const Tick gap = tick - pc.accounted;
        LostTicks& lost = counters_.lost;
        if (is_idle(p)) {
            const Tick full = std::min(gap, full_time(tick) - pc.full_counted);
            lost.queue_full += full;
            lost.no_request += gap - full;
        } else if (pc.draining || pc.refresh_end > pc.accounted) {
            lost.refresh += gap;
        } else {
            lost.bank += gap;
        }
        pc.accounted = tick;
        pc.refresh_counted = pc.refresh_total;
        pc.full_counted = full_time(tick);
    }
    ChannelCounters exact = counters_;
    exact.data_bus_ticks -= ahead;
    return exact;
}

void ChannelController::note_full(Tick tick) {
    const bool full = queues_[0].blocked() || queues_[1].blocked();
    if (full == full_) {
        return;
    }
    if (full) {
        full_since_ = tick;
    } else {
        full_total_ += tick - full_since_;
    }
    full_ = full;
}

} // namespace intarsia::memory
