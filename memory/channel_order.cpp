// The part of ChannelController that serves requests in the order of arrival (FCFS).
#include "memory/channel_controller.hpp"

#include <algorithm>

namespace intarsia::memory {

// FCFS: the request whose turn it is in its pseudo-channel.
bool ChannelController::issue_column_in_order(Tick tick) {
    Tick next = never_tick;
    const Turn* best = nullptr;
    for (std::uint8_t p = 0; p < pseudo_channels_; ++p) {
        const Turns& turns = turns_[p];
        const PseudoChannel& pc = pcs_[p];
        if (turns.count == 0) {
            continue;
        }
        const Turn& turn = turns.ring[turns.head];
        const BankRef bank = turn.bank;
        const bool active = (pc.active & bit(bank)) != 0;
        if (!active) {
            // Its row may be open already: for an earlier request.
            const RequestQueue& waiting_queue = queue(turn.direction);
            const bool hit =
                (pc.open & bit(bank)) != 0 && (pc.closing & bit(bank)) == 0 && (!pc.draining || pc.active != 0) &&
                waiting_queue.at(waiting_queue.oldest_of_bank(bank)).address.row == pc.banks[bank.bank].row;
            if (!hit) {
                continue;
            }
        }
        const Tick gate =
            std::max(pc.gates.row_gate(turn.direction, bank.bank), pc.gates.column_gate(turn.direction, bank.group));
        if (gate > tick) {
            next = std::min(next, gate);
        } else if (best == nullptr || turn.sequence < best->sequence) {
            best = &turn;
        }
    }
    if (best == nullptr) {
        column_wake_ = next;
        return false;
    }
    const Turn turn = *best;
    const BankRef bank = turn.bank;
    Turns& turns = turns_[bank.pseudo_channel];
    turns.head = (turns.head + 1) % turns.ring.size();
    --turns.count;
    if ((pcs_[bank.pseudo_channel].active & bit(bank)) != 0) {
        serve_active(bank, tick);
        return true;
    }
    const RequestQueue::Slot slot = queue(turn.direction).oldest_of_bank(bank);
    const QueuedRequest request = queue(turn.direction).at(slot);
    take_out(turn.direction, slot);
    access(request, false, tick);
    return true;
}

// Any bank that waits may take its next row command, unless its row is open for the request whose turn comes.
void ChannelController::choose_row_in_order(std::uint8_t p, Tick tick, RowChoice& choice) {
    PseudoChannel& pc = pcs_[p];
    // Banks that a refresh wants. Requests before one that is active there still go first.
    const RequestQueue::Banks held = held_banks(pc);
    const std::uint64_t held_after = youngest_active(pc, held);
    const RequestQueue::Banks waiting_banks =
        (queue(Direction::read).waiting_banks(p) | queue(Direction::write).waiting_banks(p)) &
        ~(held_after != 0 ? pc.active : pc.active | held);
    Tick next = never_tick;
    bool ready = false;
    const auto offer_bank = [&](std::uint8_t bank) {
        const BankRef ref{p, 0, bank};
        const Direction direction = older_direction(ref);
        const std::uint64_t sequence = queue(direction).oldest_sequence(ref);
        const RequestQueue::Slot slot = queue(direction).oldest_of_bank(ref);
        if ((pc.open & ~pc.closing & bit(ref)) != 0 && pc.banks[bank].row == queue(direction).at(slot).address.row) {
            return; // its row is open; the column command follows in its turn
        }
        if ((held & bit(ref)) != 0 && sequence > held_after) {
            return;
        }
        ready = true;
        if (sequence < choice.sequence) {
            choice.sequence = sequence;
            choice.slot = slot;
            choice.direction = direction;
        }
    };
    // Banks that could take the command at `gate`, which begins on no edge before `from`.
    const auto offer = [&](RequestQueue::Banks banks, Tick from, auto gate_of, auto edge) {
        if (banks == 0) {
            return;
        }
        if (from > tick) {
            next = std::min(next, from);
            return;
        }
        for_each_bit(banks, [&](std::uint8_t bank) {
            const Tick gate = gate_of(bank);
            if (gate <= tick) {
                offer_bank(bank);
            } else {
                next = std::min(next, edge(gate));
            }
        });
    };
    offer(
        waiting_banks & ~pc.open, rising_edge(std::max(pc.gates.activate_gate(), tick)),
        [&](std::uint8_t bank) { return pc.gates.activate_gate(group_of_bank_[bank], bank); },
        [](Tick gate) { return rising_edge(gate); });
    offer(
        waiting_banks & pc.open, pre_edge(std::max(pc.gates.precharge_gate(), tick)),
        [&](std::uint8_t bank) { return pc.gates.precharge_gate(bank); }, [&](Tick gate) { return pre_edge(gate); });
    pc.row_wake = ready ? tick + 1 : next;
}

// The direction of the oldest request of a bank that has some.
Direction ChannelController::older_direction(BankRef bank) const {
    return queue(Direction::write).oldest_sequence(bank) < queue(Direction::read).oldest_sequence(bank)
               ? Direction::write
               : Direction::read;
}

// Of the requests that are active in `banks`, the sequence of the last; 0: none is.
std::uint64_t ChannelController::youngest_active(const PseudoChannel& pc, RequestQueue::Banks banks) {
    std::uint64_t youngest = 0;
    for_each_bit(pc.active & banks,
                 [&](std::uint8_t bank) { youngest = std::max(youngest, pc.banks[bank].active.sequence); });
    return youngest;
}

} // namespace intarsia::memory
