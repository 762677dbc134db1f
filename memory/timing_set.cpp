#include "memory/timing_set.hpp"

#include "config/errors.hpp"
#include "memory/timing_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace intarsia::memory {

namespace {

// One parameter: its name in the table, and where it stands in the row and in the set.
struct Parameter {
    std::string_view name;
    std::uint32_t TimingRow::*column;
    std::uint32_t TimingSet::*member;
    std::uint32_t least;
    std::uint32_t most;
    bool may_follow = false; ///< follows from other values where its source leaves it open
};

// Widest geometry that the controller's per-pseudo-channel bank masks hold: 64 banks, 16 bank groups.
constexpr std::uint32_t most_ck = 100'000;
constexpr std::array parameters = {
    Parameter{"data_rate_Gbps", &TimingRow::data_rate_mbps, &TimingSet::data_rate_mbps, 1, 100'000},
    Parameter{"channels_per_stack", &TimingRow::channels_per_stack, &TimingSet::channels_per_stack, 1, 64},
    Parameter{"pc_per_channel", &TimingRow::pc_per_channel, &TimingSet::pseudo_channels, 1, 2},
    Parameter{"dq_bits_per_pc", &TimingRow::dq_bits_per_pc, &TimingSet::dq_bits, 8, 256},
    Parameter{"burst_length", &TimingRow::burst_length, &TimingSet::burst_length, 1, 64},
    Parameter{"burst_nCK", &TimingRow::burst_nCK, &TimingSet::burst_nck, 1, 64},
    Parameter{"bank_groups_per_pc", &TimingRow::bank_groups_per_pc, &TimingSet::bank_groups, 1, 16},
    Parameter{"banks_per_group", &TimingRow::banks_per_group, &TimingSet::banks_per_group, 1, 64},
    Parameter{"stack_ids", &TimingRow::stack_ids, &TimingSet::stack_ids, 1, 4},
    Parameter{"rows", &TimingRow::rows, &TimingSet::rows, 1, 1U << 24U},
    Parameter{"page_bytes_per_pc", &TimingRow::page_bytes_per_pc, &TimingSet::page_bytes, 8, 1U << 16U},
    Parameter{"nCL", &TimingRow::nCL, &TimingSet::nCL, 1, most_ck},
    Parameter{"nCWL", &TimingRow::nCWL, &TimingSet::nCWL, 1, most_ck},
    Parameter{"nRCDRD", &TimingRow::nRCDRD, &TimingSet::nRCDRD, 1, most_ck},
    Parameter{"nRCDWR", &TimingRow::nRCDWR, &TimingSet::nRCDWR, 1, most_ck},
    Parameter{"nRP", &TimingRow::nRP, &TimingSet::nRP, 1, most_ck},
    Parameter{"nRAS", &TimingRow::nRAS, &TimingSet::nRAS, 1, most_ck},
    Parameter{"nRC", &TimingRow::nRC, &TimingSet::nRC, 1, most_ck},
    Parameter{"nCCD_S", &TimingRow::nCCD_S, &TimingSet::nCCD_S, 1, most_ck},
    Parameter{"nCCD_L", &TimingRow::nCCD_L, &TimingSet::nCCD_L, 1, most_ck},
    Parameter{"nCCD_R", &TimingRow::nCCD_R, &TimingSet::nCCD_R, 0, most_ck},
    Parameter{"nRRD_S", &TimingRow::nRRD_S, &TimingSet::nRRD_S, 1, most_ck},
    Parameter{"nRRD_L", &TimingRow::nRRD_L, &TimingSet::nRRD_L, 1, most_ck},
    Parameter{"nFAW", &TimingRow::nFAW, &TimingSet::nFAW, 1, most_ck},
    Parameter{"nWR", &TimingRow::nWR, &TimingSet::nWR, 1, most_ck},
    Parameter{"nRTP", &TimingRow::nRTP, &TimingSet::nRTP, 1, most_ck},
    Parameter{"nWTR_S", &TimingRow::nWTR_S, &TimingSet::nWTR_S, 0, most_ck},
    Parameter{"nWTR_L", &TimingRow::nWTR_L, &TimingSet::nWTR_L, 0, most_ck},
    Parameter{"nRTW", &TimingRow::nRTW, &TimingSet::nRTW, 1, most_ck, true},
    Parameter{"nPPD", &TimingRow::nPPD, &TimingSet::nPPD, 0, most_ck},
    Parameter{"nRFC_ab", &TimingRow::nRFC_ab, &TimingSet::nRFC_ab, 1, most_ck},
    Parameter{"nREFI", &TimingRow::nREFI, &TimingSet::nREFI, 1, 10 * most_ck},
    Parameter{"nRFC_pb", &TimingRow::nRFC_pb, &TimingSet::nRFC_pb, 0, most_ck, true},
    Parameter{"nREFI_pb", &TimingRow::nREFI_pb, &TimingSet::nREFI_pb, 1, 10 * most_ck, true},
    Parameter{"nRREFD", &TimingRow::nRREFD, &TimingSet::nRREFD, 0, most_ck, true},
    Parameter{"nXP", &TimingRow::nXP, &TimingSet::nXP, 0, most_ck, true},
    Parameter{"nCKE", &TimingRow::nCKE, &TimingSet::nCKE, 0, most_ck, true},
    Parameter{"nXS", &TimingRow::nXS, &TimingSet::nXS, 0, 10 * most_ck, true},
};
constexpr std::uint32_t most_banks = 64;
constexpr std::uint32_t most_groups = 16;

std::string joined(const std::vector<std::string_view>& names) {
    return fmt::format("{}", fmt::join(names, ", "));
}

class Builder {
  public:
    Builder(const TimingRow& row, std::string where) : where_(std::move(where)) {
        set_.id = row.id;
        set_.standard = row.standard;
        set_.source = row.source;
        for (const Parameter& parameter : parameters) {
            set_.*parameter.member = row.*parameter.column;
        }
    }

    void override_with(const std::string& name, double value) {
        // A time: tXXX stands for nXXX.
        const bool is_time = name.rfind('t', 0) == 0;
        const std::string column = is_time ? "n" + name.substr(1) : name;
        const auto* const parameter =
            std::find_if(parameters.begin(), parameters.end(), [&](const Parameter& p) { return p.name == column; });
        if (parameter == parameters.end()) {
            fault(fmt::format("the timing table has no column \"{}\"", name),
                  "use one of " + joined(timing_parameter_names()));
            return;
        }
        const bool is_rate = parameter->member == &TimingSet::data_rate_mbps;
        const double count = is_rate ? std::round(value * 1e6) / 1e3 : is_time ? in_clocks(value) : value;
        // Written so that a NaN fails.
        if (!(count >= parameter->least && count <= parameter->most) || count != std::floor(count)) {
            const double unit = is_rate ? 1e-3 : 1.0;
            fault(fmt::format("{} cannot be {}", name, value),
                  is_time ? fmt::format("give a time in ns of {} to {} CK", parameter->least, parameter->most)
                          : fmt::format("give a {} from {} to {}", is_rate ? "rate in whole Mb/s" : "whole number",
                                        parameter->least * unit, parameter->most * unit));
            return;
        }
        set_.*parameter->member = static_cast<std::uint32_t>(count);
    }

    TimingSet finish() {
        derive_read_to_write();
        derive_refresh_and_power();
        check_complete();
        throw_faults();
        set_row_bus();
        check_consistent();
        throw_faults();
        return set_;
    }

  private:
    void fault(std::string message, std::string remedy) {
        faults_.push_back({{"", 0, 0, where_}, std::move(message), std::move(remedy)});
    }

    void throw_faults() {
        if (!faults_.empty()) {
            throw InputError(std::move(faults_));
        }
    }

    void derive_read_to_write() {
        if (set_.nRTW != open_value || set_.nCL == open_value || set_.nCWL == open_value ||
            set_.burst_nck == open_value) {
            return;
        }
        const std::uint32_t busy = set_.nCL + set_.burst_nck + 2;
        set_.nRTW = busy > set_.nCWL ? busy - set_.nCWL : 1;
    }

    // CK that cover a time: rounded up, but for what the writing of a period in decimal adds.
    [[nodiscard]] double in_clocks(double ns) const {
        const double ck_ns = 1e3 * set_.burst_length / (static_cast<double>(set_.burst_nck) * set_.data_rate_mbps);
        return std::ceil(ns / ck_ns - 1e-6);
    }

    void derive_refresh_and_power() {
        if (std::any_of(parameters.begin(), parameters.end(),
                        [&](const Parameter& p) { return !p.may_follow && set_.*p.member == open_value; })) {
            return;
        }
        const auto fill = [&](std::uint32_t TimingSet::*member, double value) {
            if (set_.*member == open_value) {
                set_.*member = static_cast<std::uint32_t>(value);
            }
        };
        fill(&TimingSet::nRFC_pb, 0);
        fill(&TimingSet::nRREFD, 0);
        fill(&TimingSet::nREFI_pb, std::max(1U, set_.nREFI / set_.banks_per_pseudo_channel()));
        fill(&TimingSet::nXP, std::max(5.0, in_clocks(8)));
        fill(&TimingSet::nCKE, in_clocks(8));
        fill(&TimingSet::nXS, set_.nRFC_ab + in_clocks(10));
    }

    void check_complete() {
        std::vector<std::string_view> missing;
        for (const Parameter& parameter : parameters) {
            if (!parameter.may_follow && set_.*parameter.member == open_value) {
                missing.push_back(parameter.name);
            }
        }
        if (!missing.empty()) {
            fault(fmt::format("timing set \"{}\" is not complete: no value for {}", set_.id, joined(missing)),
                  "choose a complete set or override these values");
        }
    }

    // HBM and HBM2 (JESD235): ACT two CK, the others one, all on rising edges. From HBM3 on (JESD238): ACT
    // one and a half CK from a rising edge, the others half a CK on either edge.
    void set_row_bus() {
        const bool half_cycle = set_.standard.rfind("HBM3", 0) == 0 || set_.standard.rfind("HBM4", 0) == 0;
        set_.act_bus_ticks = half_cycle ? 3 : 4;
        set_.pre_bus_ticks = half_cycle ? 1 : 2;
        set_.pre_edge_ticks = half_cycle ? 1 : 2;
    }

    void check_consistent() {
        if (set_.dq_bits * set_.burst_length % 8 != 0 || set_.page_bytes % set_.access_bytes() != 0) {
            fault(fmt::format("a page of {} bytes is not a whole number of bursts of {} bits", set_.page_bytes,
                              set_.dq_bits * set_.burst_length),
                  "change page_bytes_per_pc, dq_bits_per_pc or burst_length");
        }
        if (set_.banks_per_pseudo_channel() > most_banks || set_.stack_ids * set_.bank_groups > most_groups) {
            fault(fmt::format("{} banks in {} bank groups a pseudo-channel are too many",
                              set_.banks_per_pseudo_channel(), set_.stack_ids * set_.bank_groups),
                  fmt::format("at most {} banks in {} groups", most_banks, most_groups));
        }
        if (set_.nRTW + set_.nCWL < set_.nCL + set_.burst_nck) {
            fault(fmt::format("nRTW = {} lets the data of a write collide with those of a read", set_.nRTW),
                  fmt::format("nRTW must be at least nCL + burst_nCK - nCWL = {}",
                              set_.nCL + set_.burst_nck - set_.nCWL));
        }
        if (set_.nRAS < set_.nRCDRD || set_.nRC < set_.nRAS) {
            fault(fmt::format("nRCDRD = {}, nRAS = {}, nRC = {} do not rise", set_.nRCDRD, set_.nRAS, set_.nRC),
                  "nRCDRD <= nRAS <= nRC");
        }
        if (set_.nRFC_pb > set_.nREFI) {
            fault(fmt::format("nRFC_pb = {} is longer than nREFI = {}", set_.nRFC_pb, set_.nREFI),
                  "a bank must be refreshed in less than a refresh interval");
        }
        // A refresh interval must leave time to drain, refresh and open rows again.
        const std::uint64_t away = std::uint64_t{set_.nRAS} + set_.nCWL + set_.burst_nck + set_.nWR + set_.nRTP +
                                   2ULL * set_.nRP + set_.nRFC_ab + set_.nRCDRD + set_.nRC;
        if (set_.nREFI < 2 * away) {
            fault(fmt::format("nREFI = {} leaves no time between refreshes that take {} CK with draining", set_.nREFI,
                              away),
                  fmt::format("nREFI must be at least {}", 2 * away));
        }
    }

    std::string where_;
    TimingSet set_;
    std::vector<Diagnostic> faults_;
};

} // namespace

std::vector<std::string_view> timing_set_ids() {
    std::vector<std::string_view> ids;
    for (const TimingRow& row : timing_table()) {
        ids.push_back(row.id);
    }
    return ids;
}

std::vector<std::string_view> timing_parameter_names() {
    std::vector<std::string_view> names;
    names.reserve(parameters.size());
    for (const Parameter& parameter : parameters) {
        names.push_back(parameter.name);
    }
    return names;
}

std::vector<std::string> timing_time_names() {
    std::vector<std::string> names;
    for (const Parameter& parameter : parameters) {
        if (parameter.name.front() == 'n') {
            names.push_back("t" + std::string(parameter.name.substr(1)));
        }
    }
    return names;
}

TimingSet timing_set(const std::string& id, const std::map<std::string, double>& overrides, const std::string& where) {
    const std::vector<TimingRow>& table = timing_table();
    const auto row = std::find_if(table.begin(), table.end(), [&](const TimingRow& r) { return r.id == id; });
    if (row == table.end()) {
        throw InputError({{"", 0, 0, where},
                          fmt::format("there is no timing set \"{}\"", id),
                          "use one of " + joined(timing_set_ids())});
    }
    Builder builder(*row, where);
    // Times last: they need the clock.
    for (const bool times : {false, true}) {
        for (const auto& [name, value] : overrides) {
            if ((name.rfind('t', 0) == 0) == times) {
                builder.override_with(name, value);
            }
        }
    }
    return builder.finish();
}

} // namespace intarsia::memory
