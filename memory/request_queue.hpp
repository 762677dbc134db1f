// The read or write queue of a channel: a list in order of age for each bank, and what the scheduler asks of it.
#pragma once

#include "memory/dram_command.hpp"
#include "memory/timing_gates.hpp"

#include <bit>
#include <cstdint>
#include <vector>

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
    std::uint16_t merged = UINT16_MAX; ///< the first read that shares its answer
    std::uint32_t token = 0;
    std::uint64_t sequence = 0; ///< of arrival at the channel; never used twice
    Tick arrival = 0;
    Tick refresh_before = 0; ///< time that its pseudo-channel and bank had spent on refreshes when it arrived
};

/// The entries of a queue.
struct QueueLimits {
    std::uint32_t entries = 64;     ///< of the queue; with bank_entries, of the front
    std::uint32_t bank_entries = 0; ///< of each bank, that the scheduler sees; 0: it sees all
    std::uint32_t drain_above = 0;  ///< more than this, in the queue or (with bank_entries) in one bank, start a drain
    std::uint32_t drain_until = 0;  ///< fewer, in the queue or in every bank, end it
};

/// Requests of one direction. Each bank has a list of its requests in order of age, of which the first `bank_entries`
/// are *visible* to the scheduler. While a bank *takes hits* (its row is open and stays so), its visible requests for
/// that row are hits; they are offered to the column scheduler, by bank group, once the bank is *published* (the
/// request that opened the row goes first). The oldest of a set of banks is found by comparing the sequence of one
/// request each.
class RequestQueue {
  public:
    static constexpr std::uint32_t max_entries = 1024;
    static constexpr std::uint32_t max_bank_entries = 64;
    using Slot = std::uint16_t;
    using Banks = std::uint64_t; ///< one bit a bank of a pseudo-channel
    static constexpr Slot none = UINT16_MAX;

    RequestQueue(const QueueLimits& limits, const TimingSet& timing)
        : per_bank_(limits.bank_entries != 0), drain_above_(limits.drain_above), drain_until_(limits.drain_until),
          front_(limits.bank_entries == 0 ? 0 : limits.entries),
          visible_(limits.bank_entries == 0 ? limits.entries : limits.bank_entries),
          banks_per_group_(timing.banks_per_group) {
        const std::uint32_t banks = timing.pseudo_channels * timing.banks_per_pseudo_channel();
        capacity_ = limits.bank_entries == 0 ? limits.entries : limits.entries + limits.bank_entries * banks;
        entries_.resize(capacity_);
        for (std::uint32_t slot = 0; slot < capacity_; ++slot) {
            entries_[slot].next = static_cast<Slot>(slot + 1 < capacity_ ? slot + 1 : none);
        }
        free_ = 0;
        banks_.resize(std::size_t{timing.pseudo_channels} * max_banks);
        group_best_.fill(none);
        eldest_.fill(none);
        youngest_.fill(none);
    }

    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] std::uint32_t capacity() const { return capacity_; }
    [[nodiscard]] bool has_room(BankRef bank) const {
        return size_ < capacity_ && (banks_[flat(bank)].count < visible_ || in_front_ < front_);
    }
    [[nodiscard]] QueuedRequest& at(Slot slot) { return entries_[slot].request; }
    [[nodiscard]] const QueuedRequest& at(Slot slot) const { return entries_[slot].request; }

    /// Whether some request could not enter.
    [[nodiscard]] bool blocked() const {
        return size_ == capacity_ || (per_bank_ && full_banks_ != 0 && in_front_ == front_);
    }
    [[nodiscard]] bool above_high_mark() const { return per_bank_ ? high_banks_ != 0 : size_ > drain_above_; }
    [[nodiscard]] bool below_low_mark() const { return per_bank_ ? low_banks_ == 0 : size_ < drain_until_; }
    /// Requests of the bank, visible or not.
    [[nodiscard]] std::uint32_t of_bank(BankRef bank) const { return banks_[flat(bank)].count; }
    /// The bank's oldest request; it must have one.
    [[nodiscard]] Slot oldest_of_bank(BankRef bank) const { return banks_[flat(bank)].head; }
    /// Its sequence; none: the largest number.
    [[nodiscard]] std::uint64_t oldest_sequence(BankRef bank) const { return banks_[flat(bank)].head_sequence; }
    [[nodiscard]] std::uint64_t oldest_sequence(std::uint32_t pc, std::uint32_t bank) const {
        return banks_[pc * max_banks + bank].head_sequence;
    }
    /// The bank's oldest hit, or none.
    [[nodiscard]] Slot first_hit(BankRef bank) const { return banks_[flat(bank)].first_hit; }
    /// Whether visible requests for another row wait at the bank.
    [[nodiscard]] bool has_conflicts(BankRef bank) const {
        const Bank& state = banks_[flat(bank)];
        return std::min(state.count, visible_) > state.hits;
    }
    /// The oldest request of the bank that is no hit, or none.
    [[nodiscard]] Slot oldest_conflict(BankRef bank) const {
        const Bank& state = banks_[flat(bank)];
        Slot slot = state.head;
        while (slot != none && state.takes_hits && entries_[slot].request.address.row == state.row) {
            slot = slot == state.visible_tail ? none : entries_[slot].next;
        }
        return slot;
    }
    /// The oldest published hit of a group, or none.
    [[nodiscard]] Slot oldest_hit(std::uint32_t pc, std::uint32_t group) const {
        return group_best_[pc * max_groups + group];
    }
    /// Its sequence, if there is one.
    [[nodiscard]] std::uint64_t oldest_hit_sequence(std::uint32_t pc, std::uint32_t group) const {
        return group_best_sequence_[pc * max_groups + group];
    }
    /// Groups of a pseudo-channel with published hits.
    [[nodiscard]] std::uint32_t hit_groups(std::uint32_t pc) const { return hit_groups_[pc]; }
    /// Banks of a pseudo-channel with requests, in the order of their oldest ones: the first, and the one after `bank`;
    /// none at the end.
    [[nodiscard]] Slot eldest_bank(std::uint32_t pc) const { return eldest_[pc]; }
    [[nodiscard]] Slot next_eldest(std::uint32_t pc, std::uint32_t bank) const {
        return banks_[pc * max_banks + bank].younger;
    }
    /// Banks of a pseudo-channel with requests, and with hits (published or not).
    [[nodiscard]] Banks waiting_banks(std::uint32_t pc) const { return waiting_banks_[pc]; }
    [[nodiscard]] Banks hit_banks(std::uint32_t pc) const { return hit_banks_[pc]; }
    [[nodiscard]] Banks published_hits(std::uint32_t pc) const { return hit_banks_[pc] & published_[pc]; }

    /// Whether the request is a hit.
    bool insert(const QueuedRequest& request) {
        const Slot slot = free_;
        Entry& entry = entries_[slot];
        free_ = entry.next;
        entry.request = request;
        Bank& bank = banks_[flat(request.bank)];
        entry.next = none;
        entry.previous = bank.tail;
        (bank.tail == none ? bank.head : entries_[bank.tail].next) = slot;
        if (bank.tail == none) {
            bank.head_sequence = request.sequence;
            link_after(youngest_[request.bank.pseudo_channel], bank, request.bank);
        }
        bank.tail = slot;
        ++size_;
        waiting_banks_[request.bank.pseudo_channel] |= bit(request.bank);
        full_banks_ += bank.count + 1 == visible_ ? 1 : 0;
        high_banks_ += bank.count == drain_above_ ? 1 : 0;
        low_banks_ += bank.count + 1 == drain_until_ ? 1 : 0;
        if (bank.count++ >= visible_) {
            ++in_front_;
            return false;
        }
        bank.visible_tail = slot;
        return take_hit(bank, request.bank, slot);
    }

    /// Takes out a visible request.
    void remove(Slot slot) {
        Entry& entry = entries_[slot];
        const BankRef ref = entry.request.bank;
        Bank& bank = banks_[flat(ref)];
        const Slot next = entry.next;
        const bool was_hit = bank.takes_hits && entry.request.address.row == bank.row;
        if (was_hit) {
            --bank.hits;
            if (bank.first_hit == slot) {
                bank.first_hit = bank.hits == 0 ? none : next_hit(bank, next);
                if (bank.hits == 0) {
                    hit_banks_[ref.pseudo_channel] &= ~bit(ref);
                }
            }
        }
        if (bank.count > visible_) { // the first of the front becomes visible
            --in_front_;
            bank.visible_tail = entries_[bank.visible_tail].next;
            take_hit(bank, ref, bank.visible_tail);
        } else if (slot == bank.visible_tail) {
            bank.visible_tail = entry.previous;
        }
        (entry.previous == none ? bank.head : entries_[entry.previous].next) = next;
        (next == none ? bank.tail : entries_[next].previous) = entry.previous;
        if (entry.previous == none) {
            bank.head_sequence = next == none ? UINT64_MAX : entries_[next].request.sequence;
            move_to_age(bank, ref);
        }
        full_banks_ -= bank.count == visible_ ? 1 : 0;
        low_banks_ -= bank.count == drain_until_ ? 1 : 0;
        if (--bank.count == drain_above_) {
            --high_banks_;
        }
        if (bank.count == 0) {
            waiting_banks_[ref.pseudo_channel] &= ~bit(ref);
        }
        --size_;
        entry.next = free_;
        free_ = slot;
        if (was_hit) {
            refresh_group(ref);
        }
    }

    /// From now on the bank's requests for `row` are hits, not yet published.
    void find_hits(BankRef ref, std::uint32_t row) {
        Bank& bank = banks_[flat(ref)];
        published_[ref.pseudo_channel] &= ~bit(ref);
        bank.takes_hits = true;
        bank.row = row;
        bank.hits = 0;
        bank.first_hit = none;
        for (Slot slot = bank.head; slot != none; slot = slot == bank.visible_tail ? none : entries_[slot].next) {
            take_hit(bank, ref, slot);
        }
    }
    /// Offers the bank's hits, and those to come, to the column scheduler.
    void publish_hits(BankRef ref) {
        published_[ref.pseudo_channel] |= bit(ref);
        if (banks_[flat(ref)].hits != 0) {
            refresh_group(ref);
        }
    }
    /// The bank's row is closed, or about to be: nothing is a hit any more.
    void clear_hits(BankRef ref) {
        Bank& bank = banks_[flat(ref)];
        bank.takes_hits = false;
        published_[ref.pseudo_channel] &= ~bit(ref);
        if (bank.hits != 0) {
            bank.hits = 0;
            bank.first_hit = none;
            hit_banks_[ref.pseudo_channel] &= ~bit(ref);
            refresh_group(ref);
        }
    }

    /// The request for this very burst that waits, or none.
    [[nodiscard]] Slot find(const BurstAddress& address, BankRef ref) const {
        Slot slot = banks_[flat(ref)].head;
        while (slot != none && !(entries_[slot].request.address == address)) {
            slot = entries_[slot].next;
        }
        return slot;
    }

  private:
    struct Entry {
        QueuedRequest request;
        Slot next = none; ///< younger, of the bank; or free
        Slot previous = none;
    };
    struct Bank {
        std::uint64_t head_sequence = UINT64_MAX;
        std::uint32_t count = 0;
        std::uint32_t hits = 0; ///< visible
        std::uint32_t row = 0;
        Slot head = none;
        Slot tail = none;
        Slot visible_tail = none;
        Slot first_hit = none;
        Slot older = none; ///< the banks whose oldest request is the next older, and younger
        Slot younger = none;
        bool takes_hits = false;
    };
    static std::size_t flat(BankRef bank) { return bank.pseudo_channel * max_banks + bank.bank; }
    static Banks bit(BankRef bank) { return Banks{1} << bank.bank; }

    // Puts the bank into the order of age, behind the bank `older`, or first.
    void link_after(Slot older, Bank& bank, BankRef ref) {
        Bank* const banks = &banks_[std::size_t{ref.pseudo_channel} * max_banks];
        Slot& after = older == none ? eldest_[ref.pseudo_channel] : banks[older].younger;
        bank.older = older;
        bank.younger = after;
        (after == none ? youngest_[ref.pseudo_channel] : banks[after].older) = ref.bank;
        after = ref.bank;
    }
    // The bank's oldest request has become a younger one, or none.
    void move_to_age(Bank& bank, BankRef ref) {
        Bank* const banks = &banks_[std::size_t{ref.pseudo_channel} * max_banks];
        const Slot younger = bank.younger;
        if (bank.head != none && (younger == none || bank.head_sequence < banks[younger].head_sequence)) {
            return;
        }
        (bank.older == none ? eldest_[ref.pseudo_channel] : banks[bank.older].younger) = younger;
        (younger == none ? youngest_[ref.pseudo_channel] : banks[younger].older) = bank.older;
        if (bank.head == none) {
            return;
        }
        Slot older = youngest_[ref.pseudo_channel];
        while (banks[older].head_sequence > bank.head_sequence) { // ends: `younger` was not
            older = banks[older].older;
        }
        link_after(older, bank, ref);
    }

    bool take_hit(Bank& bank, BankRef ref, Slot slot) {
        if (!bank.takes_hits || entries_[slot].request.address.row != bank.row) {
            return false;
        }
        if (bank.hits++ == 0) {
            bank.first_hit = slot;
            hit_banks_[ref.pseudo_channel] |= bit(ref);
            if ((published_[ref.pseudo_channel] & bit(ref)) != 0) {
                refresh_group(ref);
            }
        }
        return true;
    }

    [[nodiscard]] Slot next_hit(const Bank& bank, Slot slot) const {
        while (entries_[slot].request.address.row != bank.row) {
            slot = entries_[slot].next;
        }
        return slot;
    }

    // Finds the oldest published hit of the bank's group anew.
    void refresh_group(BankRef ref) {
        const std::uint32_t pc = ref.pseudo_channel;
        const Banks group = (Banks{2} << (banks_per_group_ - 1U)) - 1U; // 64 banks of one group: all ones
        const Banks banks = published_hits(pc) & group << (ref.group * banks_per_group_);
        Slot best = none;
        std::uint64_t best_sequence = UINT64_MAX;
        for_each_bit(banks, [&](std::uint8_t bank) {
            const Slot slot = banks_[pc * max_banks + bank].first_hit;
            if (entries_[slot].request.sequence < best_sequence) {
                best = slot;
                best_sequence = entries_[slot].request.sequence;
            }
        });
        group_best_[pc * max_groups + ref.group] = best;
        group_best_sequence_[pc * max_groups + ref.group] = best_sequence;
        const std::uint32_t group_bit = 1U << ref.group;
        hit_groups_[pc] = best == none ? hit_groups_[pc] & ~group_bit : hit_groups_[pc] | group_bit;
    }

    bool per_bank_;
    std::uint32_t drain_above_;
    std::uint32_t drain_until_;
    std::uint32_t front_;   ///< entries before the banks' own
    std::uint32_t visible_; ///< entries of a bank
    std::uint32_t banks_per_group_;
    std::uint32_t capacity_ = 0;
    std::uint32_t size_ = 0;
    std::uint32_t in_front_ = 0;
    // With entries for each bank: how many banks are full, above the one mark, and not below the other.
    std::uint32_t full_banks_ = 0;
    std::uint32_t high_banks_ = 0;
    std::uint32_t low_banks_ = 0;
    Slot free_ = none;
    std::array<Banks, max_pseudo_channels> waiting_banks_{};
    std::array<Banks, max_pseudo_channels> hit_banks_{};
    std::array<Banks, max_pseudo_channels> published_{};
    std::array<std::uint32_t, max_pseudo_channels> hit_groups_{};
    std::array<Slot, max_pseudo_channels * max_groups> group_best_{};
    std::array<std::uint64_t, max_pseudo_channels * max_groups> group_best_sequence_{};
    std::array<Slot, max_pseudo_channels> eldest_{}; ///< banks with requests, in the order of the oldest
    std::array<Slot, max_pseudo_channels> youngest_{};
    std::vector<Bank> banks_;
    std::vector<Entry> entries_;
};

} // namespace intarsia::memory
