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
///  - the distances tRCDRD, tRCDWR, tRAS, tRC, tRP, tRTP, tWR, tCCD_S, tCCD_L, tCCD_R, tWTR_S, tWTR_L, tRTW, tRRD_S,
///    tRRD_L, tFAW, tPPD, tRFCab, tRFCpb, tRREFD; where a row closes by auto-precharge, from the tick on which that
///    begins (the later of tRAS after its ACT and tRTP or tWR after the access);
///  - a refresh of single banks keeps tRRD from activates before it and takes a place in their window tFAW;
///  - tREFI: at any time not more than eight refreshes are overdue or ahead, for each pseudo-channel or, with refreshes
///    of single banks, each bank; and at most 9 tREFI lie between two of all banks (JESD235, JESD238);
///  - the buses: row_bus, column_bus, data_bus, and command_edge (which commands begin on which edge of CK);
///  - bank state: open_bank (ACT or refresh with a row open), closed_bank (column command or PRE without
///  one), wrong_row;
///  - address (outside the channel) and order (time runs backwards).
/// A violation is recorded and the command then taken as issued.
class TimingChecker {
  public:
    explicit TimingChecker(const TimingSet& set, RefreshMode refresh = RefreshMode::all_bank);

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
    // Tick + 1 of the last command of each kind, and of the last row that closed by itself; 0: none.
    using LastTicks = std::array<Tick, command_kinds + 1>;
    static constexpr auto auto_precharge = static_cast<CommandKind>(command_kinds);
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
        std::uint64_t refreshes = 0; ///< of all banks
    };
    struct OpenRow {
        std::int64_t row = -1; ///< -1: closed
        Tick opened = 0;
        std::uint64_t refreshes = 0; ///< of this bank alone
    };

    void add(std::string_view name, CommandKind before, CommandKind after, Scope scope, std::uint32_t nck);
    void report(std::string_view constraint, const DramCommand& command, const std::string& detail);
    [[nodiscard]] bool address_fits(const DramCommand& command) const;
    [[nodiscard]] Tick last_of(const Rule& rule, const BurstAddress& at) const;
    [[nodiscard]] std::uint64_t due_at(Tick tick) const { return (tick - base_) / (Tick{set_.nREFI} * ticks_per_ck); }
    void check_edges_and_buses(const DramCommand& command);
    void check_state(const DramCommand& command);
    void check_rules(const DramCommand& command);
    void check_window(const DramCommand& command);
    void check_refresh_deadlines(std::uint8_t pc, Tick tick);
    void check_ahead(std::uint64_t refreshes, const DramCommand& command);
    void close_by_itself(const DramCommand& command);
    /// Calls visit with each bank that a command other than of a whole pseudo-channel addresses.
    template <class Visit>
    void for_banks(const DramCommand& command, Visit visit) const;
    void record(const DramCommand& command);
    [[nodiscard]] std::size_t stack_id_of(const BurstAddress& at) const;
    [[nodiscard]] std::size_t group_of(const BurstAddress& at) const;
    [[nodiscard]] std::size_t bank_of(const BurstAddress& at) const;

    TimingSet set_;
    RefreshMode refresh_;
    std::array<std::vector<Rule>, command_kinds> rules_; ///< by the command that must wait
    std::vector<PseudoChannel> pcs_;
    std::vector<LastTicks> stack_ids_;
    std::vector<LastTicks> groups_;
    std::vector<LastTicks> banks_;
    std::vector<OpenRow> rows_; ///< by bank
    Tick row_bus_free_ = 0;
    Tick column_bus_free_ = 0;
    Tick last_tick_ = 0;
    Tick base_ = 0;                    ///< refreshes are due from here on
    std::vector<Tick> next_deadlines_; ///< when the banks of each pseudo-channel are looked at next
    std::uint64_t commands_ = 0;
    std::vector<TimingViolation> violations_;
};

} // namespace intarsia::memory
