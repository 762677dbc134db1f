// An independent referee of one channel's command stream, written from the timing table alone.
#pragma once

#include "memory/dram_command.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace intarsia::memory {

/// A broken constraint: its name ("tRCDRD", "column_bus", "open_bank", ...), and what happened.
struct TimingViolation {
    std::string_view constraint;
    std::string text;
};

/// Keeps the history of commands and looks back: for each rule, when was the last command that the rule
/// speaks of, and is it far enough away. (The controller looks ahead instead, and shares nothing with this
/// class but the table's values and the command type.) Checked are:
///  - the distances tRCDRD, tRCDWR, tRAS, tRC, tRP, tRTP, tWR, tCCD_S, tCCD_L, tCCD_R, tWTR_S, tWTR_L, tRTW,
///  tRRD_S,
///    tRRD_L, tFAW, tPPD, tRFCab;
///  - tREFI: not more than eight refreshes may be postponed, so at most 9 tREFI lie between two (JESD235,
///  JESD238);
///  - the buses: row_bus, column_bus, data_bus, and command_edge (which commands begin on which edge of CK);
///  - bank state: open_bank (ACT or refresh with a row open), closed_bank (column command or PRE without
///  one), wrong_row;
///  - address (outside the channel) and order (time runs backwards).
/// A violation is recorded and the command then taken as issued.
class TimingChecker {
  public:
    explicit TimingChecker(const TimingSet& set, bool refresh = true);

    void observe(const DramCommand& command);
    /// The run ended at `tick`: refreshes that are overdue by then are violations.
    void finish(Tick tick);

    /// To be handed to a controller; holds a pointer to this checker.
    [[nodiscard]] CommandObserver observer();

    [[nodiscard]] const std::vector<TimingViolation>& violations() const { return violations_; }
    [[nodiscard]] std::uint64_t commands() const { return commands_; }

  private:
    enum class Scope : std::uint8_t { bank, group, other_stack_id, pseudo_channel };
    struct Rule {
        std::string_view name;
        CommandKind before;
        Scope scope;
        Tick distance;
    };
    using LastTicks = std::array<Tick, command_kinds>; ///< tick + 1 of the last command of each kind; 0: none
    struct Interval {
        Tick begin = 0;
        Tick end = 0;
    };
    struct PseudoChannel {
        LastTicks last{};
        std::array<Tick, 4> activates{}; ///< tick + 1 of the last four, oldest at `next_activate`
        std::size_t next_activate = 0;
        std::array<Interval, 4> data{};
        std::size_t next_data = 0;
        Tick last_refresh = 0;
    };

    void add(std::string_view name, CommandKind before, CommandKind after, Scope scope, std::uint32_t nck);
    void report(std::string_view constraint, const DramCommand& command, const std::string& detail);
    [[nodiscard]] bool address_fits(const DramCommand& command) const;
    [[nodiscard]] Tick last_of(const Rule& rule, const DramCommand& command) const;
    void check_edges_and_buses(const DramCommand& command);
    void check_state(const DramCommand& command);
    void check_rules(const DramCommand& command);
    void check_refresh_deadline(std::size_t pc, const DramCommand& command);
    void record(const DramCommand& command);
    [[nodiscard]] std::size_t stack_id_of(const BurstAddress& at) const;
    [[nodiscard]] std::size_t group_of(const BurstAddress& at) const;
    [[nodiscard]] std::size_t bank_of(const BurstAddress& at) const;

    TimingSet set_;
    bool refresh_;
    std::array<std::vector<Rule>, command_kinds> rules_; ///< by the command that must wait
    std::vector<PseudoChannel> pcs_;
    std::vector<LastTicks> stack_ids_;
    std::vector<LastTicks> groups_;
    std::vector<LastTicks> banks_;
    std::vector<std::int64_t> open_rows_; ///< -1: closed
    Tick row_bus_free_ = 0;
    Tick column_bus_free_ = 0;
    Tick last_tick_ = 0;
    std::uint64_t commands_ = 0;
    std::vector<TimingViolation> violations_;
};

} // namespace intarsia::memory
