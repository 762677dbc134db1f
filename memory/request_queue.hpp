// The read or write queue of a channel: slots, their order of age, and bit masks of slots by bank.
#pragma once

#include "memory/dram_command.hpp"
#include "memory/timing_gates.hpp"

#include <bit>
#include <cstdint>

namespace intarsia::memory {

/// Calls `visit` with the number of each set bit, lowest first.
template <class Visit>
void for_each_bit(std::uint64_t mask, Visit visit) {
    for (; mask != 0; mask &= mask - 1) {
        visit(static_cast<std::uint8_t>(std::countr_zero(mask)));
    }
}

/// What a channel knows of one burst from its arrival to its column command.
struct QueuedRequest {
    BurstAddress address;
    BankRef bank;
    Direction direction = Direction::read;
    std::uint32_t token = 0;
    std::uint64_t sequence = 0; ///< of arrival at the channel; never used twice
    Tick arrival = 0;
    Tick refresh_before = 0; ///< time that its pseudo-channel had spent on refreshes when it arrived
};

/// Up to 64 requests, one bit each in every mask. Age is kept as a matrix (for each slot, the mask of older
/// ones), so that the oldest of any set of slots is found in a few steps. A slot whose bank has its row open
/// is a *hit*; hits are offered to the column scheduler by group once they are *published* (the request that
/// opened the row goes first).
class RequestQueue {
  public:
    static constexpr std::uint32_t max_slots = 64;
    using Slots = std::uint64_t; ///< one bit a slot
    using Banks = std::uint64_t; ///< one bit a bank of a pseudo-channel

    explicit RequestQueue(std::uint32_t capacity) : capacity_(capacity) {}

    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] bool full() const { return size_ == capacity_; }
    [[nodiscard]] Slots occupied() const { return occupied_; }
    [[nodiscard]] QueuedRequest& at(std::uint32_t slot) { return slots_[slot]; }
    [[nodiscard]] const QueuedRequest& at(std::uint32_t slot) const { return slots_[slot]; }

    [[nodiscard]] Slots of_bank(BankRef bank) const { return bank_slots_[flat(bank)]; }
    [[nodiscard]] Slots hits_of_bank(BankRef bank) const { return bank_hits_[flat(bank)]; }
    [[nodiscard]] Slots hits_of_group(std::uint32_t pc, std::uint32_t group) const {
        return group_hits_[pc * max_groups + group];
    }
    /// Groups of a pseudo-channel with published hits.
    [[nodiscard]] std::uint32_t hit_groups(std::uint32_t pc) const { return hit_groups_[pc]; }
    /// Banks of a pseudo-channel with requests, and with hits (published or not).
    [[nodiscard]] Banks waiting_banks(std::uint32_t pc) const { return waiting_banks_[pc]; }
    [[nodiscard]] Banks hit_banks(std::uint32_t pc) const { return hit_banks_[pc]; }

    std::uint32_t insert(const QueuedRequest& request) {
        const auto slot = static_cast<std::uint32_t>(std::countr_one(occupied_));
        const Slots bit = Slots{1} << slot;
        slots_[slot] = request;
        older_[slot] = occupied_;
        occupied_ |= bit;
        ++size_;
        bank_slots_[flat(request.bank)] |= bit;
        waiting_banks_[request.bank.pseudo_channel] |= Banks{1} << request.bank.bank;
        return slot;
    }

    void remove(std::uint32_t slot) {
        const Slots keep = ~(Slots{1} << slot);
        const BankRef bank = slots_[slot].bank;
        occupied_ &= keep;
        --size_;
        for (Slots& older : older_) {
            older &= keep;
        }
        const std::size_t at = flat(bank);
        const Banks bank_bit = Banks{1} << bank.bank;
        bank_slots_[at] &= keep;
        if (bank_slots_[at] == 0) {
            waiting_banks_[bank.pseudo_channel] &= ~bank_bit;
        }
        bank_hits_[at] &= keep;
        if (bank_hits_[at] == 0) {
            hit_banks_[bank.pseudo_channel] &= ~bank_bit;
        }
        Slots& group_hits = group_hits_[bank.pseudo_channel * max_groups + bank.group];
        group_hits &= keep;
        if (group_hits == 0) {
            hit_groups_[bank.pseudo_channel] &= ~(1U << bank.group);
        }
    }

    [[nodiscard]] std::uint32_t oldest(Slots slots) const {
        auto slot = static_cast<std::uint32_t>(std::countr_zero(slots));
        for (Slots rest = slots & older_[slot]; rest != 0; rest &= older_[slot]) {
            slot = static_cast<std::uint32_t>(std::countr_zero(rest));
        }
        return slot;
    }

    void add_hit(std::uint32_t slot) {
        const BankRef bank = slots_[slot].bank;
        bank_hits_[flat(bank)] |= Slots{1} << slot;
        hit_banks_[bank.pseudo_channel] |= Banks{1} << bank.bank;
    }
    /// Marks the bank's requests for `row`.
    void find_hits(BankRef bank, std::uint32_t row) {
        for (Slots rest = of_bank(bank); rest != 0; rest &= rest - 1) {
            const auto slot = static_cast<std::uint32_t>(std::countr_zero(rest));
            if (slots_[slot].address.row == row) {
                add_hit(slot);
            }
        }
    }
    /// Offers the bank's hits to the column scheduler.
    void publish_hits(BankRef bank) {
        const Slots hits = hits_of_bank(bank);
        if (hits != 0) {
            group_hits_[bank.pseudo_channel * max_groups + bank.group] |= hits;
            hit_groups_[bank.pseudo_channel] |= 1U << bank.group;
        }
    }
    /// The bank's row is closed, or about to be.
    void clear_hits(BankRef bank) {
        const Slots keep = ~hits_of_bank(bank);
        bank_hits_[flat(bank)] = 0;
        hit_banks_[bank.pseudo_channel] &= ~(Banks{1} << bank.bank);
        Slots& group_hits = group_hits_[bank.pseudo_channel * max_groups + bank.group];
        group_hits &= keep;
        if (group_hits == 0) {
            hit_groups_[bank.pseudo_channel] &= ~(1U << bank.group);
        }
    }

    /// Whether a request for this very burst waits.
    [[nodiscard]] bool holds(const BurstAddress& address, BankRef bank) const {
        for (Slots rest = of_bank(bank); rest != 0; rest &= rest - 1) {
            if (slots_[std::countr_zero(rest)].address == address) {
                return true;
            }
        }
        return false;
    }

  private:
    static std::size_t flat(BankRef bank) { return bank.pseudo_channel * max_banks + bank.bank; }

    std::uint32_t capacity_;
    std::uint32_t size_ = 0;
    Slots occupied_ = 0;
    std::array<Slots, max_slots> older_{};
    std::array<Slots, max_pseudo_channels * max_banks> bank_slots_{};
    std::array<Slots, max_pseudo_channels * max_banks> bank_hits_{};
    std::array<Slots, max_pseudo_channels * max_groups> group_hits_{};
    std::array<std::uint32_t, max_pseudo_channels> hit_groups_{};
    std::array<Banks, max_pseudo_channels> waiting_banks_{};
    std::array<Banks, max_pseudo_channels> hit_banks_{};
    std::array<QueuedRequest, max_slots> slots_;
};

} // namespace intarsia::memory
