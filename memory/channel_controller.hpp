// The controller core of one HBM channel: FR-FCFS over open pages, event-driven.
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

/// Ticks in which a pseudo-channel's data bus carried nothing, by what the burst after the gap had waited
/// for.
struct LostTicks {
    std::uint64_t no_request = 0;
    std::uint64_t refresh = 0;
    std::uint64_t turnaround = 0; ///< read to write or back
    std::uint64_t row = 0;        ///< precharge and activate
    std::uint64_t column = 0;     ///< distances between column commands, the shared command bus
};

struct ChannelCounters {
    std::uint64_t reads = 0; ///< column commands
    std::uint64_t writes = 0;
    std::uint64_t forwarded = 0; ///< reads answered from the write queue, without a command
    std::uint64_t activates = 0;
    std::uint64_t precharges = 0; ///< of one bank or all
    std::uint64_t refreshes = 0;
    std::uint64_t row_hits = 0;       ///< column commands on a row that another request had opened
    std::uint64_t row_misses = 0;     ///< the bank was closed
    std::uint64_t row_conflicts = 0;  ///< the bank had another row open
    std::uint64_t bytes = 0;          ///< on the data buses
    std::uint64_t data_bus_ticks = 0; ///< busy, summed over the pseudo-channels
    LostTicks lost;
};

/// One channel: one or two pseudo-channels that share the queues, the row-command bus and the column-command
/// bus.
///
/// Scheduling (the policy of Ramulator 2.1's HBM3 controller with its row-hit scheduler, so that figures
/// compare):
///  - A request whose row must be opened leaves its queue for its bank when its ACT issues, and has
///  precedence from
///    then on; its bank is not precharged before it is served.
///  - Otherwise, of the requests in the current direction, the oldest that is ready; column commands and row
///  commands
///    have a bus each. Writes are served above the high watermark until below the low one, and when no reads
///    wait.
///  - A row with waiting hits in the current direction is not closed for a conflict, unless `row_hit_cap` column
///    commands have passed a waiting conflict.
///  - Nothing starves: where a request has waited for a whole refresh interval, a row that it conflicts with takes no
///    more hits, and the requests of its direction that have arrived by then are served before any other.
///  - All-bank refresh: every tREFI the pseudo-channels finish what has been activated, precharge, and
///  refresh.
/// Reads of a burst that waits to be written are answered from the write queue after a tick. A write of a
/// burst that waits to be read is not accepted until the read has its command; so data order is that of
/// arrival.
///
/// Time: every event at tick t is handled by `accept` at t and then `advance(t)`, with t rising; there is
/// nothing to do before `next_event()`. The cost follows commands, not ticks.
class ChannelController {
  public:
    ChannelController(const TimingSet& timing, const ControllerPolicy& policy, CommandObserver observer = {});

    /// Whether a request could be accepted now. Changes to true only by `advance`.
    [[nodiscard]] bool can_accept(const BurstAddress& address, Direction direction) const;
    void accept(const BurstAddress& address, Direction direction, std::uint32_t token, Tick tick);

    void advance(Tick tick);
    [[nodiscard]] Tick next_event() const;

    /// Bursts completed since the last clear; `finish` lies in the future.
    [[nodiscard]] const std::vector<BurstCompletion>& completions() const { return completions_; }
    void clear_completions() { completions_.clear(); }

    /// Requests accepted without a column command yet.
    [[nodiscard]] std::uint32_t waiting() const { return queues_[0].size() + queues_[1].size() + active_count_; }
    [[nodiscard]] const ChannelCounters& counters() const { return counters_; }

  private:
    // The state of a bank that is neither timing nor a queue.
    struct Bank {
        std::uint32_t row = 0;
        std::uint32_t hits_past_conflict = 0;
        std::uint64_t precharged_for = UINT64_MAX; ///< sequence of the request
        Tick precharged_at = 0;
        QueuedRequest active;  ///< the request that its row was opened for
        Tick active_since = 0; ///< its first row command
        bool active_conflict = false;
    };
    struct PseudoChannel {
        explicit PseudoChannel(const TimingSet& timing) : gates(timing) {}
        TimingGates gates;
        RequestQueue::Banks open = 0;
        RequestQueue::Banks active = 0;  ///< open, and the request it was opened for is not served
        RequestQueue::Banks closing = 0; ///< open, takes no more hits
        bool draining = false;           ///< a refresh is due
        Tick refresh_end = 0;            ///< of the last refresh
        Tick refresh_total = 0;          ///< time on refreshes, draining included, up to refresh_end
        Tick last_data_end = 0;
        Tick last_column = 0; ///< last column command and its refresh_total
        Tick refresh_at_last_column = 0;
        Direction last_direction = Direction::read;
        std::array<Bank, max_banks> banks;
    };

    [[nodiscard]] BankRef bank_of(const BurstAddress& address) const;
    [[nodiscard]] BankRef bank_ref(std::uint8_t pc, std::uint8_t bank) const {
        return {pc, group_of_bank_[bank], bank};
    }
    [[nodiscard]] RequestQueue& queue(Direction direction) { return queues_[index(direction)]; }
    [[nodiscard]] const RequestQueue& queue(Direction direction) const { return queues_[index(direction)]; }
    [[nodiscard]] Tick refresh_time_before(const PseudoChannel& pc, Tick tick) const;
    [[nodiscard]] Tick pre_edge(Tick tick) const { return (tick + pre_edge_ - 1) & ~(pre_edge_ - 1); }

    [[nodiscard]] Direction wanted_direction() const;
    void choose_direction(Tick tick);
    void set_direction(Direction direction, Tick tick);
    void start_refresh(Tick tick);
    void end_starvation(Tick tick);
    void close_soon(PseudoChannel& pc, BankRef bank, Tick tick);

    void issue_column(Tick tick);
    bool issue_active_column(Tick tick, Tick& next);
    void access(const QueuedRequest& request, bool own_row, Tick tick);
    void complete(const QueuedRequest& request, bool own_row, Tick tick);
    void count_lost_ticks(PseudoChannel& pc, const QueuedRequest& request, bool own_row, Tick tick);

    void issue_row(Tick tick);
    bool issue_refresh(Tick tick, Tick& next);
    RequestQueue::Slots ready_row_slots(Tick tick, Tick& next) const;
    void activate(std::uint32_t slot, Tick tick);
    void precharge(std::uint32_t slot, Tick tick);
    void clear_hits(BankRef bank);
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
    std::array<Tick, directions> latency_;    ///< column command to first beat
    std::array<Tick, directions> turnaround_; ///< least data-bus gap when the direction becomes this one
    Tick refresh_interval_;

    std::array<RequestQueue, directions> queues_;
    std::vector<PseudoChannel> pcs_;
    std::vector<BankRef> active_order_; ///< banks with an active request, in the order of their ACTs
    std::uint32_t active_count_ = 0;
    std::array<std::uint32_t, directions> active_of_{};

    Direction direction_ = Direction::read;
    std::array<Tick, directions> direction_since_{};
    // While requests are overdue, the direction is kept for them and younger ones do not pass them.
    std::uint64_t overdue_before_ = 0; ///< sequence below which a request is meant; 0: none is
    RequestQueue::Slots overdue_ = 0;  ///< those still in the queue
    std::uint64_t next_sequence_ = 0;

    // Nothing can happen on a bus before its wake tick: lower bounds, sharpened whenever they are reached.
    Tick column_wake_ = never_tick;
    Tick row_wake_ = never_tick;
    Tick row_bus_free_ = 0;
    Tick next_refresh_;
    Tick drain_start_ = 0;
    Tick next_starvation_check_ = never_tick;
    Tick next_tick_ = 0; ///< the first that has not been advanced to

    std::vector<BurstCompletion> completions_;
    ChannelCounters counters_;
};

} // namespace intarsia::memory
