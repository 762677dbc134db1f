// The controller core of one HBM channel, event-driven.
#pragma once

#include "memory/controller_policy.hpp"
#include "memory/dram_command.hpp"
#include "memory/request_queue.hpp"
#include "memory/timing_gates.hpp"

#include <vector>

namespace intarsia::memory {

/// A burst that has its column command (or was answered from the write queue). The stages follow each other
/// from its arrival: queue, refresh, queue, bank, bus, each up to the tick named; `finish` ends the last,
/// with the last beat.
struct BurstCompletion {
    std::uint32_t token = 0;
    Tick queue_end = 0;
    Tick refresh_end = 0;
    Tick second_queue_end = 0;
    Tick bank_end = 0;
    Tick finish = 0;
};

/// Ticks in which a pseudo-channel's data bus carried nothing, by what kept the burst after the gap away. Time is that
/// of column commands: a burst occupies the bus from its command on, for the length of its data.
///
/// A burst whose row had to be opened is charged along its way: until it arrived `no_request`, or `queue_full` while
/// the channel could not take requests; then refreshes; then what the activate waited for last, in the order of the
/// members where two end together, together with tRCD if that was a limit of the rate of activates (`activate`,
/// `row_bus`), else `bank`; then what the column command waited for. A hit is charged from the last step only.
struct LostTicks {
    std::uint64_t no_request = 0;
    std::uint64_t queue_full = 0; ///< nothing for this pseudo-channel, and the channel's queues took no more
    std::uint64_t column = 0;     ///< tCCD, and the column-command bus that the pseudo-channels share
    std::uint64_t activate = 0;   ///< tRRD, tFAW
    std::uint64_t row_bus = 0;    ///< row commands of other requests
    std::uint64_t bank = 0;       ///< tRC, tRAS, tRP, tRCD, tRTP, tWR: the bank itself
    std::uint64_t turnaround = 0; ///< read to write or back
    std::uint64_t refresh = 0;
};

/// All members are counts, so that two of them subtract member by member.
struct ChannelCounters {
    std::uint64_t reads = 0;     ///< column commands, with auto-precharge or without
    std::uint64_t writes = 0;    ///< likewise
    std::uint64_t forwarded = 0; ///< reads answered from the write queue, without a command
    std::uint64_t merged = 0;    ///< reads that shared the answer of another
    std::uint64_t activates = 0;
    std::uint64_t precharges = 0;       ///< commands, of one bank or all
    std::uint64_t auto_precharges = 0;  ///< column commands that closed their row
    std::uint64_t refreshes = 0;        ///< of all banks
    std::uint64_t single_refreshes = 0; ///< of one bank, or of one in each bank group
    std::uint64_t row_hits = 0;         ///< column commands on a row that another request had opened
    std::uint64_t row_misses = 0;       ///< the bank was closed
    std::uint64_t row_conflicts = 0;    ///< the bank had another row open
    std::uint64_t bytes = 0;            ///< on the data buses
    std::uint64_t data_bus_ticks = 0;   ///< busy, summed over the pseudo-channels
    LostTicks lost;
};

/// One channel: one or two pseudo-channels that share the queues, the row-command bus and the column-command
/// bus.
///
/// Scheduling with FR-FCFS (the policy of Ramulator 2.1's HBM3 controller with its row-hit scheduler, so that figures
/// compare):
///  - A request whose row must be opened leaves its queue for its bank when its ACT issues, and has precedence from
///  then
///    on; its bank is not precharged before it is served.
///  - Otherwise, of the requests in the current direction, the oldest that is ready; column commands and row commands
///    have a bus each. Writes are served above the high watermark until below the low one, and when no reads wait.
///  - A row with waiting hits in the current direction is not closed for a conflict, unless `row_hit_cap` column
///  commands
///    have passed a waiting conflict.
///  - Nothing starves: where a request has waited for a whole refresh interval, a row that it conflicts with takes no
///    more hits, and the requests of its direction that have arrived by then are served before any other.
/// With FCFS, data of a pseudo-channel moves in the order of arrival, whatever the direction; rows of later requests
/// are opened ahead, as long as no earlier request needs the bank.
///
/// Page policies: see PagePolicy. `closed_cap` is that of Ramulator 2.1's ClosedCAP: a row with `page_cap` accesses is
/// precharged at the first chance, or by the access that comes before (auto-precharge).
///
/// Refresh: every interval one becomes due. Of all banks: the pseudo-channels finish what has been activated,
/// precharge, and refresh. Of single banks: the pseudo-channel picks the bank that is missed least (no requests, then
/// the fewest; each once in a round), which takes no more activates until it is refreshed; the others work on. With
/// `postpone`, a refresh waits for a moment without requests (in the pseudo-channel, or the bank), until it would be
/// late by more; with `pull_in`, refreshes come early where the pseudo-channel has had nothing to do for tRFC.
///
/// Reads of a burst that waits to be written are answered from the write queue after a tick. A write of a burst that
/// waits to be read is not accepted until the read has its command; so data order is that of arrival.
///
/// Time: every event at tick t is handled by `accept` at t and then `advance(t)`, with t rising; there is
/// nothing to do before `next_event()`. The cost follows commands, not ticks.
class ChannelController {
  public:
    ChannelController(const TimingSet& timing, const ControllerPolicy& policy, CommandObserver observer = {});

    /// Whether a request could be accepted now. Changes to true only by `advance`.
    [[nodiscard]] bool can_accept(const BurstAddress& address, Direction direction) const;
    void accept(const BurstAddress& address, Direction direction, std::uint32_t token, Tick tick);
    /// Rises whenever a request of this direction that could not be accepted may have become acceptable.
    [[nodiscard]] std::uint64_t departures(Direction direction) const {
        const bool by_room = direction == Direction::read && !policy_.merge_reads;
        // Requests leave their queue for their bank or, as hits, for the bus. A write may wait for a read to leave its
        // bank.
        return counters_.activates + (by_room ? counters_.row_hits : counters_.reads + counters_.writes);
    }

    void advance(Tick tick);
    [[nodiscard]] Tick next_event() const { return next_event_; }

    /// Bursts completed since the last clear; `finish` lies in the future.
    [[nodiscard]] const std::vector<BurstCompletion>& completions() const { return completions_; }
    void clear_completions() { completions_.clear(); }

    /// Requests accepted without a column command yet.
    [[nodiscard]] std::uint32_t waiting() const { return queues_[0].size() + queues_[1].size() + active_count_; }
    /// Counted so far. Data-bus time is counted with its command; lost time with the burst that ends it.
    [[nodiscard]] const ChannelCounters& counters() const { return counters_; }
    /// Counts exactly up to `tick`, not before the last event: busy and lost time add up to it for each pseudo-channel.
    [[nodiscard]] ChannelCounters counters_until(Tick tick);

  private:
    // The members of LostTicks that an activate may have waited for, in their order.
    enum class Cause : std::uint8_t { request, activate, row_bus, bank, turnaround, refresh };
    // The state of a bank that is neither timing nor a queue.
    struct Bank {
        std::uint32_t row = 0;
        std::uint32_t hits_past_conflict = 0;
        std::uint32_t accesses = 0;                ///< since its ACT
        std::uint64_t precharged_for = UINT64_MAX; ///< sequence of the request
        Tick precharged_at = 0;
        QueuedRequest active;  ///< the request that its row was opened for
        Tick active_since = 0; ///< its first row command
        bool active_conflict = false;
        Cause active_cause = Cause::request; ///< what its ACT waited for last
        Tick last_use = 0;                   ///< last column command
        Tick refresh_end = 0;                ///< of its last refresh alone
        Tick refresh_total = 0;              ///< time on these, preparation included, up to refresh_end
    };
    struct PseudoChannel {
        explicit PseudoChannel(const TimingSet& timing) : gates(timing) {}
        TimingGates gates;
        RequestQueue::Banks open = 0;
        RequestQueue::Banks active = 0;  ///< open, and the request it was opened for is not served
        RequestQueue::Banks closing = 0; ///< open, takes no more hits
        RequestQueue::Banks ripe = 0;    ///< open, to be closed for its page policy's sake
        RequestQueue::Banks blocked = 0; ///< made ready for a refresh of their own
        Tick row_wake = 0;               ///< no request's row command before
        // Refresh.
        Tick next_refresh = never_tick; ///< due
        std::int32_t owed = 0;          ///< refreshes due and not issued; negative: issued early
        bool draining = false;          ///< for a refresh of all banks
        Tick drain_start = 0;
        Tick refresh_end = 0;    ///< of the last refresh of all banks
        Tick refresh_total = 0;  ///< time on these, draining included, up to refresh_end
        std::uint64_t round = 0; ///< sets of banks that this round has not refreshed
        // The account of the data bus.
        Tick accounted = 0; ///< every tick before is busy or lost
        Tick last_column = 0;
        Tick refresh_counted = 0; ///< refresh_total at `accounted`
        Tick full_counted = 0;    ///< time with full queues at `accounted`
        Direction last_direction = Direction::read;
        std::array<Bank, max_banks> banks;
    };
    struct Merged {
        std::uint32_t token = 0;
        std::uint16_t next = UINT16_MAX;
        Tick arrival = 0;
    };
    struct Turn { // FCFS: one request in the order of arrival
        BankRef bank;
        Direction direction = Direction::read;
        std::uint64_t sequence = 0;
    };
    struct Turns {
        std::vector<Turn> ring;
        std::size_t head = 0;
        std::size_t count = 0;
    };

    [[nodiscard]] BankRef bank_of(const BurstAddress& address) const;
    [[nodiscard]] BankRef bank_ref(std::uint8_t pc, std::uint8_t bank) const {
        return {pc, group_of_bank_[bank], bank};
    }
    [[nodiscard]] static RequestQueue::Banks bit(BankRef bank) { return RequestQueue::Banks{1} << bank.bank; }
    [[nodiscard]] RequestQueue& queue(Direction direction) { return queues_[index(direction)]; }
    [[nodiscard]] const RequestQueue& queue(Direction direction) const { return queues_[index(direction)]; }
    [[nodiscard]] Tick refresh_time_before(const PseudoChannel& pc, const Bank& bank, Tick tick) const;
    [[nodiscard]] Tick pre_edge(Tick tick) const { return (tick + pre_edge_ - 1) & ~(pre_edge_ - 1); }
    [[nodiscard]] bool in_order() const { return policy_.scheduler == Scheduler::fcfs; }
    [[nodiscard]] bool is_idle(std::uint32_t pc) const {
        return (queues_[0].waiting_banks(pc) | queues_[1].waiting_banks(pc) | pcs_[pc].active) == 0;
    }
    [[nodiscard]] RequestQueue::Slot mergeable(const BurstAddress& address, BankRef bank) const;
    bool merge(const BurstAddress& address, BankRef bank, std::uint32_t token, Tick tick);

    [[nodiscard]] Direction wanted_direction() const {
        if (overdue_before_ != 0 || in_order()) {
            return direction_;
        }
        const RequestQueue& reads = queue(Direction::read);
        const RequestQueue& writes = queue(Direction::write);
        if (direction_ == Direction::read) {
            const bool write = writes.above_high_mark() || (reads.size() == 0 && writes.size() != 0);
            return write ? Direction::write : Direction::read;
        }
        const bool read = reads.size() != 0 && (writes.below_low_mark() || writes.size() == 0);
        return read ? Direction::read : Direction::write;
    }
    /// The pseudo-channel may have a row command from `tick` on.
    void wake_row(PseudoChannel& pc, Tick tick) {
        pc.row_wake = std::min(pc.row_wake, tick);
        row_wake_ = std::min(row_wake_, tick);
    }
    void find_next_event();
    void update_direction(Tick tick) {
        if (overdue_before_ != 0 || wanted_direction() != direction_) {
            choose_direction(tick);
        }
    }
    void choose_direction(Tick tick);
    void set_direction(Direction direction, Tick tick);
    void end_starvation(Tick tick);
    void close_soon(PseudoChannel& pc, BankRef bank, Tick tick);
    void take_out(Direction direction, RequestQueue::Slot slot);
    void ripen(Tick tick);

    bool issue_column(Tick tick);
    bool issue_active_column(Tick tick, Tick& next);
    bool issue_column_in_order(Tick tick);
    RequestQueue::Slot best_hit(Tick tick, Tick& next) const;
    [[nodiscard]] Tick next_hit_gate(Tick tick) const;
    RequestQueue::Slot ready_hit(std::uint32_t pc, std::uint32_t group, Tick tick, Tick& next) const;
    [[nodiscard]] Tick first_column_after(Tick tick) const;
    void serve_active(BankRef bank, Tick tick);
    void access(const QueuedRequest& request, bool own_row, Tick tick);
    [[nodiscard]] bool closes_row(const PseudoChannel& pc, BankRef bank) const;
    void after_access(PseudoChannel& pc, const QueuedRequest& request, bool closed, Tick tick);

    bool issue_row(Tick tick);
    bool issue_ripe_precharge(Tick tick, Tick& next);
    struct RowChoice {
        std::uint64_t sequence = UINT64_MAX; ///< of the oldest request whose bank takes its next row command
        RequestQueue::Slot slot = RequestQueue::none;
        Direction direction = Direction::read;
        // Ready commands of each pseudo-channel: of activates, none, one or more; not counted in order.
        std::array<std::uint32_t, max_pseudo_channels> activates{};
        std::array<std::uint32_t, max_pseudo_channels> precharges{};
    };
    [[nodiscard]] Direction older_direction(BankRef bank) const;
    [[nodiscard]] static std::uint64_t youngest_active(const PseudoChannel& pc, RequestQueue::Banks banks);
    RowChoice choose_row(Tick tick);
    void choose_row(std::uint8_t p, Tick tick, RowChoice& choice);
    void choose_row_in_order(std::uint8_t p, Tick tick, RowChoice& choice);
    void wake_ready_rows(const RowChoice& choice, std::uint32_t chosen, bool was_precharge);
    void activate(Direction direction, RequestQueue::Slot slot, Tick tick);
    [[nodiscard]] Cause activate_cause(const PseudoChannel& pc, const QueuedRequest& request, Tick tick) const;
    void precharge(BankRef bank, std::uint64_t for_sequence, Tick tick);
    void clear_hits(BankRef bank);

    void plan_refresh(const TimingSet& timing);
    /// Whether refreshes may be moved, so that idle moments matter.
    [[nodiscard]] bool is_lazy() const { return most_owed_ != 0 || most_early_ != 0; }
    void refreshes_due(Tick tick);
    void start_drain(PseudoChannel& pc, Tick tick);
    void start_idle_refreshes(Tick tick);
    [[nodiscard]] Tick next_early_refresh() const;
    [[nodiscard]] bool is_late(const PseudoChannel& pc) const { return pc.owed > most_owed_; }
    /// Whether a refresh may want the row bus.
    [[nodiscard]] bool refreshing() const { return single_refresh_ || pcs_.front().draining || pcs_.back().draining; }
    [[nodiscard]] RequestQueue::Banks held_banks(const PseudoChannel& pc) const;
    bool issue_refresh(Tick tick, Tick& next);
    bool issue_refresh_all(std::uint8_t p, Tick tick, Tick& next);
    bool issue_refresh_single(std::uint8_t p, Tick tick, Tick& next);
    void choose_refresh_set(std::uint8_t p, Tick tick, bool idle_only);

    void complete(const QueuedRequest& request, bool own_row, Tick tick);
    void count_lost_ticks(PseudoChannel& pc, const QueuedRequest& request, bool own_row, Tick tick);
    void note_full(Tick tick);
    [[nodiscard]] Tick full_time(Tick tick) const { return full_total_ + (full_ ? tick - full_since_ : 0); }

    void observe(CommandKind kind, const BurstAddress& at, Tick tick) {
        if (observer_.on_command != nullptr) {
            observer_.on_command(observer_.context, {tick, kind, at});
        }
    }

    ControllerPolicy policy_;
    CommandObserver observer_;
    std::uint8_t pseudo_channels_;
    std::uint32_t bank_groups_;
    std::uint32_t banks_per_group_;
    std::uint32_t access_bytes_;
    std::array<std::uint8_t, max_banks> group_of_bank_{};
    Tick act_bus_;
    Tick pre_bus_;
    Tick pre_edge_; ///< 1 or 2
    Tick burst_;
    std::array<Tick, directions> latency_; ///< column command to first beat
    Tick write_to_read_;                   ///< least distances of column commands of different directions
    Tick read_to_write_;
    Tick refresh_interval_; ///< nREFI
    Tick page_timeout_;

    std::array<RequestQueue, directions> queues_;
    std::vector<PseudoChannel> pcs_;
    std::vector<BankRef> active_order_; ///< banks with an active request, in the order of their ACTs
    std::uint32_t active_count_ = 0;
    std::array<std::uint32_t, directions> active_of_{};
    std::array<Turns, max_pseudo_channels> turns_; ///< FCFS only
    std::vector<Merged> merged_;                   ///< pool of reads that share an answer

    std::array<Tick, directions> direction_since_{};
    // While requests are overdue, the direction is kept for them and younger ones do not pass them.
    std::uint64_t overdue_before_ = 0; ///< sequence below which a request is meant; 0: none is
    std::uint32_t overdue_left_ = 0;   ///< those still in the queue
    std::uint64_t next_sequence_ = 0;

    // Nothing can happen on a bus before its wake tick: lower bounds, sharpened whenever they are reached.
    Tick column_wake_ = never_tick;
    Tick row_wake_ = never_tick;
    Tick row_bus_free_ = 0;
    Tick next_starvation_check_ = never_tick;
    Tick next_ripening_ = never_tick; ///< page policy timeout
    Tick next_event_ = never_tick;
    Tick next_tick_ = 0; ///< the first that has not been advanced to

    // Refresh: of all banks, or of the sets of banks in turn.
    std::vector<RequestQueue::Banks> refresh_sets_;
    std::array<std::int32_t, max_pseudo_channels> refresh_target_{-1, -1}; ///< the set being made ready; -1: none
    std::array<Tick, max_pseudo_channels> target_since_{};
    Tick due_interval_ = 0;          ///< between refreshes of a pseudo-channel
    Tick next_refresh_ = never_tick; ///< the first due of any pseudo-channel
    Tick forced_ahead_ = 0;          ///< how long before its last moment a postponed refresh is begun
    std::int32_t most_owed_ = 0;
    std::int32_t most_early_ = 0;
    Tick early_after_ = 0; ///< idle time before a refresh comes early

    // Time in which a queue was full.
    Tick full_since_ = 0;
    Tick full_total_ = 0;

    Direction direction_ = Direction::read;
    CommandKind single_kind_ = CommandKind::refresh_bank;
    bool single_refresh_ = false; ///< of the sets of banks in turn, not of all
    bool closes_rows_ = false;    ///< by precharges that nobody waits for
    bool full_ = false;           ///< a queue is
    std::uint16_t free_merged_ = UINT16_MAX;

    std::vector<BurstCompletion> completions_;
    ChannelCounters counters_;
};

} // namespace intarsia::memory
