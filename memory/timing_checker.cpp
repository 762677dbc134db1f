#include "memory/timing_checker.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace intarsia::memory {

namespace {

constexpr std::uint64_t most_postponed = 8;
constexpr std::uint64_t most_ahead = 8;
constexpr std::uint32_t most_refresh_intervals = 9;

std::string_view name_of(CommandKind kind) {
    const auto number = static_cast<std::size_t>(kind);
    return number < command_kinds ? command_names[number] : "auto-precharge";
}
// Distances make no difference between accesses with auto-precharge and without.
CommandKind access_of(CommandKind kind) {
    switch (kind) {
    case CommandKind::read_precharge:
        return CommandKind::read;
    case CommandKind::write_precharge:
        return CommandKind::write;
    default:
        return kind;
    }
}
bool is_column(CommandKind kind) {
    return access_of(kind) == CommandKind::read || access_of(kind) == CommandKind::write;
}
bool is_whole_pseudo_channel(CommandKind kind) {
    return kind == CommandKind::precharge_all || kind == CommandKind::refresh_all;
}
bool is_single_refresh(CommandKind kind) {
    return kind == CommandKind::refresh_bank || kind == CommandKind::refresh_same;
}

} // namespace

TimingChecker::TimingChecker(const TimingSet& set, RefreshMode refresh)
    : set_(set), refresh_(refresh), pcs_(set.pseudo_channels),
      stack_ids_(std::size_t{set.pseudo_channels} * set.stack_ids), groups_(stack_ids_.size() * set.bank_groups),
      banks_(groups_.size() * set.banks_per_group), rows_(banks_.size()), next_deadlines_(set.pseudo_channels, 0) {
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
    for (const CommandKind after : {activate, precharge, precharge_all, refresh_all, refresh_bank, refresh_same}) {
        add("tRFCab", refresh_all, after, Scope::pseudo_channel, set.nRFC_ab);
    }
    add("tRP", auto_precharge, activate, Scope::bank, set.nRP);
    add("tRP", auto_precharge, refresh_all, Scope::pseudo_channel, set.nRP);
    for (const CommandKind single : {refresh_bank, refresh_same}) {
        add("tRC", activate, single, Scope::bank, set.nRC);
        add("tRP", precharge, single, Scope::bank, set.nRP);
        add("tRP", precharge_all, single, Scope::pseudo_channel, set.nRP);
        add("tRP", auto_precharge, single, Scope::bank, set.nRP);
        add("tRRD_S", activate, single, Scope::pseudo_channel, set.nRRD_S);
        add("tRRD_L", activate, single, Scope::group, set.nRRD_L);
        add("tRREFD", single, activate, Scope::pseudo_channel, set.nRREFD);
        add("tRFCpb", single, activate, Scope::bank, set.nRFC_pb);
        add("tRFCpb", single, refresh_all, Scope::pseudo_channel, set.nRFC_pb);
        add("tRFCpb", single, precharge_all, Scope::pseudo_channel, set.nRFC_pb);
        for (const CommandKind after : {refresh_bank, refresh_same}) {
            add("tRREFD", single, after, Scope::pseudo_channel, set.nRREFD);
            add("tRFCpb", single, after, Scope::bank, set.nRFC_pb);
        }
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
    if (commands_ == 1 && command.tick > Tick{set_.nREFI} * ticks_per_ck * most_refresh_intervals) {
        base_ = command.tick; // the record begins in the middle of a run
        for (PseudoChannel& pc : pcs_) {
            pc.last_refresh = base_;
        }
    }
    last_tick_ = command.tick;
    check_edges_and_buses(command);
    check_state(command);
    check_rules(command);
    check_refresh_deadlines(command.at.pseudo_channel, command.tick);
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
    const std::uint32_t latency = access_of(command.kind) == CommandKind::read ? set_.nCL : set_.nCWL;
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

template <class Visit>
void TimingChecker::for_banks(const DramCommand& command, Visit visit) const {
    if (command.kind != CommandKind::refresh_same) {
        visit(command.at);
        return;
    }
    BurstAddress at = command.at;
    for (at.bank_group = 0; at.bank_group < set_.bank_groups; ++at.bank_group) {
        visit(at);
    }
}

void TimingChecker::check_state(const DramCommand& command) {
    const BurstAddress& at = command.at;
    const auto is_open = [](const OpenRow& row) { return row.row >= 0; };
    if (command.kind == CommandKind::refresh_all) {
        const std::size_t banks = banks_.size() / pcs_.size();
        const auto first = rows_.begin() + static_cast<std::ptrdiff_t>(at.pseudo_channel * banks);
        if (std::any_of(first, first + static_cast<std::ptrdiff_t>(banks), is_open)) {
            report("open_bank", command, "a bank has a row open");
        }
        return;
    }
    if (command.kind == CommandKind::precharge_all) {
        return;
    }
    if (is_single_refresh(command.kind)) {
        for_banks(command, [&](const BurstAddress& bank) {
            if (is_open(rows_[bank_of(bank)])) {
                report("open_bank", command, fmt::format("row {} is open", rows_[bank_of(bank)].row));
            }
        });
        return;
    }
    const std::int64_t row = rows_[bank_of(at)].row;
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
Tick TimingChecker::last_of(const Rule& rule, const BurstAddress& at) const {
    const auto kind = static_cast<std::size_t>(rule.before);
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
    for (const Rule& rule : rules_[static_cast<std::size_t>(access_of(command.kind))]) {
        Tick last = 0;
        for_banks(command, [&](const BurstAddress& at) { last = std::max(last, last_of(rule, at)); });
        if (last != 0 && command.tick < last - 1 + rule.distance) {
            report(rule.name, command,
                   fmt::format("{} ticks after the {} at tick {}, {} are needed",
                               static_cast<std::int64_t>(command.tick) - static_cast<std::int64_t>(last - 1),
                               name_of(rule.before), last - 1, rule.distance));
        }
    }
    if (command.kind == CommandKind::activate || is_single_refresh(command.kind)) {
        check_window(command);
    }
}

void TimingChecker::check_window(const DramCommand& command) {
    PseudoChannel& pc = pcs_[command.at.pseudo_channel];
    const Tick fourth = pc.activates[pc.next_activate];
    const Tick window = Tick{set_.nFAW} * ticks_per_ck;
    if (fourth != 0 && command.tick - (fourth - 1) < window) {
        report("tFAW", command,
               fmt::format("the fourth ACT before was at tick {}, {} ticks are needed", fourth - 1, window));
    }
    pc.activates[pc.next_activate] = command.tick + 1;
    pc.next_activate = (pc.next_activate + 1) % pc.activates.size();
}

// Refreshes of a pseudo-channel, or with refreshes of single banks of each bank, that should have been by `tick`.
void TimingChecker::check_refresh_deadlines(std::uint8_t p, Tick tick) {
    if (refresh_ == RefreshMode::none) {
        return;
    }
    const Tick interval = Tick{set_.nREFI} * ticks_per_ck;
    // At its deadline a refresh is not late yet.
    const std::uint64_t due = tick > base_ ? due_at(tick - 1) : 0;
    PseudoChannel& pc = pcs_[p];
    const DramCommand missing{tick, CommandKind::refresh_all, {0, 0, p, 0, 0, 0}};
    if (refresh_ == RefreshMode::all_bank) {
        if (tick - pc.last_refresh > interval * most_refresh_intervals || pc.refreshes + most_postponed < due) {
            report("tREFI", missing,
                   fmt::format("{} refreshes are due and {} were; the last was at tick {}", due, pc.refreshes,
                               pc.last_refresh));
            pc.last_refresh = tick; // one report for each that is missing
            pc.refreshes = due;
        }
        return;
    }
    if (tick < next_deadlines_[p]) {
        return;
    }
    next_deadlines_[p] = tick + interval / 8;
    const std::size_t banks = banks_.size() / pcs_.size();
    for (std::size_t bank = p * banks; bank < (p + 1) * banks; ++bank) {
        std::uint64_t& refreshes = rows_[bank].refreshes;
        if (refreshes + pc.refreshes + most_postponed < due) {
            report("tREFI", missing,
                   fmt::format("bank {} of the pseudo-channel had {} of {} refreshes that are due", bank - p * banks,
                               refreshes + pc.refreshes, due));
            refreshes = due - pc.refreshes;
        }
    }
}

// A refresh that is not due by a long way.
void TimingChecker::check_ahead(std::uint64_t refreshes, const DramCommand& command) {
    if (refresh_ != RefreshMode::none && refreshes > due_at(command.tick) + most_ahead) {
        report("tREFI", command, fmt::format("it is number {}, and {} are due", refreshes, due_at(command.tick)));
    }
}

void TimingChecker::finish(Tick tick) {
    for (std::uint32_t p = 0; p < set_.pseudo_channels; ++p) {
        next_deadlines_[p] = 0;
        check_refresh_deadlines(static_cast<std::uint8_t>(p), tick);
    }
}

void TimingChecker::record(const DramCommand& command) {
    const auto kind = static_cast<std::size_t>(access_of(command.kind));
    const BurstAddress& at = command.at;
    PseudoChannel& pc = pcs_[at.pseudo_channel];
    pc.last[kind] = command.tick + 1;
    if (is_whole_pseudo_channel(command.kind)) {
        if (command.kind == CommandKind::refresh_all) {
            pc.last_refresh = command.tick;
            check_ahead(++pc.refreshes, command);
        } else {
            const std::size_t banks = banks_.size() / pcs_.size();
            for (std::size_t bank = at.pseudo_channel * banks; bank < (at.pseudo_channel + 1) * banks; ++bank) {
                rows_[bank].row = -1;
            }
        }
        return;
    }
    stack_ids_[stack_id_of(at)][kind] = command.tick + 1;
    for_banks(command, [&](const BurstAddress& each) {
        groups_[group_of(each)][kind] = command.tick + 1;
        banks_[bank_of(each)][kind] = command.tick + 1;
    });
    OpenRow& row = rows_[bank_of(at)];
    if (command.kind == CommandKind::activate) {
        row.row = at.row;
        row.opened = command.tick;
    } else if (command.kind == CommandKind::precharge) {
        row.row = -1;
    } else if (access_of(command.kind) != command.kind) {
        close_by_itself(command);
    } else if (is_single_refresh(command.kind)) {
        for_banks(command, [&](const BurstAddress& each) {
            check_ahead(++rows_[bank_of(each)].refreshes + pc.refreshes, command);
        });
    }
}

// An access with auto-precharge: its row closes as soon as tRAS and tRTP or tWR are over.
void TimingChecker::close_by_itself(const DramCommand& command) {
    OpenRow& row = rows_[bank_of(command.at)];
    const std::uint32_t after =
        command.kind == CommandKind::read_precharge ? set_.nRTP : set_.nCWL + set_.burst_nck + set_.nWR;
    const Tick closes =
        std::max(row.opened + Tick{set_.nRAS} * ticks_per_ck, command.tick + Tick{after} * ticks_per_ck);
    row.row = -1;
    constexpr std::size_t kind = command_kinds;
    banks_[bank_of(command.at)][kind] = closes + 1;
    Tick& last = pcs_[command.at.pseudo_channel].last[kind];
    last = std::max(last, closes + 1);
}

} // namespace intarsia::memory
