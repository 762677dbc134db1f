#include "memory/timing_checker.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace intarsia::memory {

namespace {

constexpr std::array<std::string_view, command_kinds> kind_names = {"ACT", "PRE", "PREab", "RD", "WR", "REFab"};
constexpr std::uint32_t most_refresh_intervals = 9;

std::string_view name_of(CommandKind kind) {
    return kind_names[static_cast<std::size_t>(kind)];
}
bool is_column(CommandKind kind) {
    return kind == CommandKind::read || kind == CommandKind::write;
}
bool is_whole_pseudo_channel(CommandKind kind) {
    return kind == CommandKind::precharge_all || kind == CommandKind::refresh_all;
}

} // namespace

TimingChecker::TimingChecker(const TimingSet& set, bool refresh)
    : set_(set), refresh_(refresh), pcs_(set.pseudo_channels),
      stack_ids_(std::size_t{set.pseudo_channels} * set.stack_ids), groups_(stack_ids_.size() * set.bank_groups),
      banks_(groups_.size() * set.banks_per_group), open_rows_(banks_.size(), -1) {
    using enum CommandKind;
    const std::uint32_t write_data = set.nCWL + set.burst_nck; // from WR to the end of its data
    add("tRCDRD", activate, read, Scope::bank, set.nRCDRD);
    add("tRCDWR", activate, write, Scope::bank, set.nRCDWR);
    add("tRAS", activate, precharge, Scope::bank, set.nRAS);
    add("tRAS", activate, precharge_all, Scope::pseudo_channel, set.nRAS);
    add("tRC", activate, activate, Scope::bank, set.nRC);
    add("tRC", activate, refresh_all, Scope::pseudo_channel, set.nRC);
    add("tRP", precharge, activate, Scope::bank, set.nRP);
    add("tRP", precharge_all, activate, Scope::pseudo_channel, set.nRP);
    add("tRP", precharge, refresh_all, Scope::pseudo_channel, set.nRP);
    add("tRP", precharge_all, refresh_all, Scope::pseudo_channel, set.nRP);
    add("tRTP", read, precharge, Scope::bank, set.nRTP);
    add("tRTP", read, precharge_all, Scope::pseudo_channel, set.nRTP);
    add("tWR", write, precharge, Scope::bank, write_data + set.nWR);
    add("tWR", write, precharge_all, Scope::pseudo_channel, write_data + set.nWR);
    add("tCCD_S", read, read, Scope::pseudo_channel, set.nCCD_S);
    add("tCCD_S", write, write, Scope::pseudo_channel, set.nCCD_S);
    add("tCCD_L", read, read, Scope::group, set.nCCD_L);
    add("tCCD_L", write, write, Scope::group, set.nCCD_L);
    add("tCCD_R", read, read, Scope::other_stack_id, set.nCCD_R);
    add("tWTR_S", write, read, Scope::pseudo_channel, write_data + set.nWTR_S);
    add("tWTR_L", write, read, Scope::group, write_data + set.nWTR_L);
    add("tRTW", read, write, Scope::pseudo_channel, set.nRTW);
    add("tRRD_S", activate, activate, Scope::pseudo_channel, set.nRRD_S);
    add("tRRD_L", activate, activate, Scope::group, set.nRRD_L);
    for (const CommandKind before : {precharge, precharge_all}) {
        for (const CommandKind after : {precharge, precharge_all}) {
            add("tPPD", before, after, Scope::pseudo_channel, set.nPPD);
        }
    }
    for (const CommandKind after : {activate, precharge, precharge_all, refresh_all}) {
        add("tRFCab", refresh_all, after, Scope::pseudo_channel, set.nRFC_ab);
    }
}

void TimingChecker::add(std::string_view name, CommandKind before, CommandKind after, Scope scope, std::uint32_t nck) {
    rules_[static_cast<std::size_t>(after)].push_back({name, before, scope, Tick{nck} * ticks_per_ck});
}

CommandObserver TimingChecker::observer() {
    return {[](void* context, const DramCommand& command) { static_cast<TimingChecker*>(context)->observe(command); },
            this};
}

std::size_t TimingChecker::stack_id_of(const BurstAddress& at) const {
    return std::size_t{at.pseudo_channel} * set_.stack_ids + at.stack_id;
}
std::size_t TimingChecker::group_of(const BurstAddress& at) const {
    return stack_id_of(at) * set_.bank_groups + at.bank_group;
}
std::size_t TimingChecker::bank_of(const BurstAddress& at) const {
    return group_of(at) * set_.banks_per_group + at.bank;
}

void TimingChecker::report(std::string_view constraint, const DramCommand& command, const std::string& detail) {
    const BurstAddress& at = command.at;
    violations_.push_back({constraint, fmt::format("{} at tick {} (pc {}, sid {}, group {}, bank {}, row {}, column "
                                                   "{}) breaks {}: {}",
                                                   name_of(command.kind), command.tick, at.pseudo_channel, at.stack_id,
                                                   at.bank_group, at.bank, at.row, at.column, constraint, detail)});
}

void TimingChecker::observe(const DramCommand& command) {
    ++commands_;
    if (!address_fits(command)) {
        report("address", command, "there is no such place in the channel");
        return;
    }
    if (command.tick < last_tick_) {
        report("order", command, fmt::format("a command at tick {} came before", last_tick_));
        return;
    }
    last_tick_ = command.tick;
    check_edges_and_buses(command);
    check_state(command);
    check_rules(command);
    check_refresh_deadline(command.at.pseudo_channel, command);
    record(command);
}

bool TimingChecker::address_fits(const DramCommand& command) const {
    const BurstAddress& at = command.at;
    if (at.pseudo_channel >= set_.pseudo_channels) {
        return false;
    }
    if (is_whole_pseudo_channel(command.kind)) {
        return true;
    }
    const bool bank_fits =
        at.stack_id < set_.stack_ids && at.bank_group < set_.bank_groups && at.bank < set_.banks_per_group;
    return bank_fits && at.row < set_.rows && (!is_column(command.kind) || at.column < set_.columns());
}

void TimingChecker::check_edges_and_buses(const DramCommand& command) {
    const Tick tick = command.tick;
    const bool either_edge = !is_column(command.kind) && command.kind != CommandKind::activate;
    const Tick grain = either_edge ? set_.pre_edge_ticks : ticks_per_ck;
    if (tick % grain != 0) {
        report("command_edge", command, "it begins on the falling edge of CK");
    }
    Tick& bus_free = is_column(command.kind) ? column_bus_free_ : row_bus_free_;
    if (tick < bus_free) {
        report(is_column(command.kind) ? "column_bus" : "row_bus", command,
               fmt::format("the command before occupies the bus until tick {}", bus_free));
    }
    bus_free = tick + (is_column(command.kind)                 ? ticks_per_ck
                       : command.kind == CommandKind::activate ? set_.act_bus_ticks
                                                               : set_.pre_bus_ticks);
    if (!is_column(command.kind)) {
        return;
    }
    const std::uint32_t latency = command.kind == CommandKind::read ? set_.nCL : set_.nCWL;
    const Interval data{tick + Tick{latency} * ticks_per_ck, tick + Tick{latency + set_.burst_nck} * ticks_per_ck};
    PseudoChannel& pc = pcs_[command.at.pseudo_channel];
    for (const Interval& other : pc.data) {
        if (data.begin < other.end && other.begin < data.end) {
            report("data_bus", command, fmt::format("another burst takes ticks {} to {}", other.begin, other.end));
        }
    }
    pc.data[pc.next_data] = data;
    pc.next_data = (pc.next_data + 1) % pc.data.size();
}

void TimingChecker::check_state(const DramCommand& command) {
    const BurstAddress& at = command.at;
    if (command.kind == CommandKind::refresh_all) {
        const std::size_t banks = banks_.size() / pcs_.size();
        const auto first = open_rows_.begin() + static_cast<std::ptrdiff_t>(at.pseudo_channel * banks);
        if (std::any_of(first, first + static_cast<std::ptrdiff_t>(banks), [](std::int64_t row) { return row >= 0; })) {
            report("open_bank", command, "a bank has a row open");
        }
        return;
    }
    if (command.kind == CommandKind::precharge_all) {
        return;
    }
    const std::int64_t row = open_rows_[bank_of(at)];
    if (command.kind == CommandKind::activate) {
        if (row >= 0) {
            report("open_bank", command, fmt::format("row {} is open", row));
        }
    } else if (row < 0) {
        report("closed_bank", command, "no row is open");
    } else if (is_column(command.kind) && row != at.row) {
        report("wrong_row", command, fmt::format("row {} is open", row));
    }
}

// Tick + 1 of the last command that the rule speaks of, 0 if there was none.
Tick TimingChecker::last_of(const Rule& rule, const DramCommand& command) const {
    const auto kind = static_cast<std::size_t>(rule.before);
    const BurstAddress& at = command.at;
    switch (rule.scope) {
    case Scope::bank:
        return banks_[bank_of(at)][kind];
    case Scope::group:
        return groups_[group_of(at)][kind];
    case Scope::pseudo_channel:
        return pcs_[at.pseudo_channel].last[kind];
    case Scope::other_stack_id:
        break;
    }
    Tick last = 0;
    for (std::uint8_t sid = 0; sid < set_.stack_ids; ++sid) {
        if (sid != at.stack_id) {
            last = std::max(last, stack_ids_[std::size_t{at.pseudo_channel} * set_.stack_ids + sid][kind]);
        }
    }
    return last;
}

void TimingChecker::check_rules(const DramCommand& command) {
    for (const Rule& rule : rules_[static_cast<std::size_t>(command.kind)]) {
        const Tick last = last_of(rule, command);
        if (last != 0 && command.tick - (last - 1) < rule.distance) {
            report(rule.name, command,
                   fmt::format("{} ticks after the {} at tick {}, {} are needed", command.tick - (last - 1),
                               name_of(rule.before), last - 1, rule.distance));
        }
    }
    if (command.kind == CommandKind::activate) {
        const PseudoChannel& pc = pcs_[command.at.pseudo_channel];
        const Tick fourth = pc.activates[pc.next_activate];
        const Tick window = Tick{set_.nFAW} * ticks_per_ck;
        if (fourth != 0 && command.tick - (fourth - 1) < window) {
            report("tFAW", command,
                   fmt::format("the fourth ACT before was at tick {}, {} ticks are needed", fourth - 1, window));
        }
    }
}

void TimingChecker::check_refresh_deadline(std::size_t pc, const DramCommand& command) {
    const Tick limit = Tick{set_.nREFI} * ticks_per_ck * most_refresh_intervals;
    if (refresh_ && command.tick - pcs_[pc].last_refresh > limit) {
        report("tREFI", command,
               fmt::format("the last refresh was at tick {}, at most {} ticks may lie between", pcs_[pc].last_refresh,
                           limit));
        pcs_[pc].last_refresh = command.tick; // one report for each that is missing
    }
}

void TimingChecker::finish(Tick tick) {
    for (std::uint32_t p = 0; p < set_.pseudo_channels; ++p) {
        const auto pc = static_cast<std::uint8_t>(p);
        check_refresh_deadline(pc, {tick, CommandKind::refresh_all, {0, 0, pc, 0, 0, 0}});
    }
}

void TimingChecker::record(const DramCommand& command) {
    const auto kind = static_cast<std::size_t>(command.kind);
    const BurstAddress& at = command.at;
    PseudoChannel& pc = pcs_[at.pseudo_channel];
    pc.last[kind] = command.tick + 1;
    if (is_whole_pseudo_channel(command.kind)) {
        if (command.kind == CommandKind::refresh_all) {
            pc.last_refresh = command.tick;
        } else {
            const std::size_t banks = banks_.size() / pcs_.size();
            const auto first = open_rows_.begin() + static_cast<std::ptrdiff_t>(at.pseudo_channel * banks);
            std::fill(first, first + static_cast<std::ptrdiff_t>(banks), -1);
        }
        return;
    }
    stack_ids_[stack_id_of(at)][kind] = command.tick + 1;
    groups_[group_of(at)][kind] = command.tick + 1;
    banks_[bank_of(at)][kind] = command.tick + 1;
    if (command.kind == CommandKind::activate) {
        open_rows_[bank_of(at)] = at.row;
        pc.activates[pc.next_activate] = command.tick + 1;
        pc.next_activate = (pc.next_activate + 1) % pc.activates.size();
    } else if (command.kind == CommandKind::precharge) {
        open_rows_[bank_of(at)] = -1;
    }
}

} // namespace intarsia::memory
