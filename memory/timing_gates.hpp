// The controller's view of the timing constraints: from which tick on each bank, group and pseudo-channel
// takes what.
#pragma once

#include "memory/timing_set.hpp"

#include <algorithm>
#include <array>

namespace intarsia::memory {

enum class Direction : std::uint8_t { read, write };
inline constexpr std::size_t directions = 2;
[[nodiscard]] constexpr std::size_t index(Direction direction) {
    return static_cast<std::size_t>(direction);
}

inline constexpr std::uint32_t max_pseudo_channels = 2;
inline constexpr std::uint32_t max_banks = 64; ///< of a pseudo-channel
inline constexpr std::uint32_t max_groups = 16;

/// The first rising edge of CK at or after `tick`.
[[nodiscard]] constexpr Tick rising_edge(Tick tick) {
    return (tick + ticks_per_ck - 1) / ticks_per_ck * ticks_per_ck;
}

/// A bank in the channel: pseudo-channel first, then its number within it (stack id, group, bank).
struct BankRef {
    std::uint8_t pseudo_channel = 0;
    std::uint8_t group = 0; ///< stack id and bank group, within the pseudo-channel
    std::uint8_t bank = 0;  ///< within the pseudo-channel
    bool operator==(const BankRef&) const = default;
};

/// Earliest ticks by the time constraints of one pseudo-channel. Each command pushes the gates of the
/// commands that must keep a distance from it; a command is legal at the maximum of the gates on its way.
/// Command buses are not here.
class TimingGates {
  public:
    explicit TimingGates(const TimingSet& set)
        : banks_(set.banks_per_pseudo_channel()), stack_ids_(set.stack_ids), rcd_{ck(set.nRCDRD), ck(set.nRCDWR)},
          rp_(ck(set.nRP)), ras_(ck(set.nRAS)), rc_(ck(set.nRC)), rrd_s_(ck(set.nRRD_S)), rrd_l_(ck(set.nRRD_L)),
          faw_(ck(set.nFAW)), ppd_(ck(set.nPPD)), rtp_(ck(set.nRTP)),
          write_to_precharge_(ck(set.nCWL + set.burst_nck + set.nWR)), rfc_(ck(set.nRFC_ab)),
          rfc_single_(ck(set.nRFC_pb)), rrefd_(ck(set.nRREFD)) {
        for (std::uint32_t group = 0; group < set.stack_ids * set.bank_groups; ++group) {
            stack_id_[group] = static_cast<std::uint8_t>(group / set.bank_groups);
        }
        const Tick burst = ck(set.burst_nck);
        const Tick ccd_s = std::max(ck(set.nCCD_S), burst);
        const Tick ccd_l = std::max(ck(set.nCCD_L), burst);
        const Tick ccd_r = std::max(ck(set.nCCD_R), burst);
        const Tick rtw = ck(set.nRTW);
        const Tick wtr_s = ck(set.nCWL + set.burst_nck + set.nWTR_S);
        const Tick wtr_l = ck(set.nCWL + set.burst_nck + set.nWTR_L);
        // [direction before][direction after], then other stack id, same stack id, same group.
        distance_[0][0] = {ccd_r, ccd_s, ccd_l};
        distance_[0][1] = {rtw, rtw, rtw};
        distance_[1][0] = {wtr_s, wtr_s, wtr_l};
        distance_[1][1] = {ccd_s, ccd_s, ccd_l};
    }

    [[nodiscard]] Tick activate_gate() const { return activate_; }
    [[nodiscard]] Tick activate_gate(std::uint32_t group, std::uint32_t bank) const {
        return std::max(group_activate_[group], bank_activate_[bank]);
    }
    [[nodiscard]] Tick bank_activate_gate(std::uint32_t bank) const { return bank_activate_[bank]; }
    [[nodiscard]] Tick precharge_gate() const { return precharge_; }
    [[nodiscard]] Tick precharge_gate(std::uint32_t bank) const { return bank_precharge_[bank]; }
    /// For a precharge of all banks, whichever are open.
    [[nodiscard]] Tick precharge_all_gate() const {
        return std::max(precharge_, *std::max_element(bank_precharge_.begin(), bank_precharge_.begin() + banks_));
    }
    /// For a column command of a group, whichever bank.
    [[nodiscard]] Tick column_gate(Direction direction, std::uint32_t group) const {
        return std::max(group_column_[index(direction)][group], stack_id_column_[index(direction)][stack_id_[group]]);
    }
    /// For a column command, whichever group: not before, nor always then.
    [[nodiscard]] Tick column_gate(Direction direction) const {
        const auto& gates = stack_id_column_[index(direction)];
        Tick first = gates[0];
        for (std::uint32_t sid = 1; sid < stack_ids_; ++sid) {
            first = std::min(first, gates[sid]);
        }
        return first;
    }
    /// For a column command of a bank: its row is open long enough.
    [[nodiscard]] Tick row_gate(Direction direction, std::uint32_t bank) const {
        return bank_column_[index(direction)][bank];
    }

    void activated(std::uint32_t group, std::uint32_t bank, Tick tick) {
        bank_activate_[bank] = tick + rc_;
        bank_precharge_[bank] = tick + ras_;
        bank_column_[0][bank] = tick + rcd_[0];
        bank_column_[1][bank] = tick + rcd_[1];
        group_activate_[group] = tick + rrd_l_;
        window(tick);
        activate_ = std::max(activate_, tick + rrd_s_);
    }

    void precharged(std::uint32_t bank, Tick tick) {
        bank_activate_[bank] = std::max(bank_activate_[bank], tick + rp_);
        precharge_ = tick + ppd_;
    }

    void precharged_all(Tick tick) {
        for (std::uint32_t bank = 0; bank < banks_; ++bank) {
            bank_activate_[bank] = std::max(bank_activate_[bank], tick + rp_);
        }
        precharge_ = tick + ppd_;
    }

    void refreshed(Tick tick) {
        for (std::uint32_t bank = 0; bank < banks_; ++bank) {
            bank_activate_[bank] = std::max(bank_activate_[bank], tick + rfc_);
        }
    }

    /// A refresh of single banks. It takes a place in the activate window, as CheckerHBM2 of DRAMSys 5.5 has it.
    void refreshed(std::uint64_t banks, Tick tick) {
        for (std::uint32_t bank = 0; bank < banks_; ++bank) {
            if ((banks >> bank & 1U) != 0) {
                bank_activate_[bank] = std::max(bank_activate_[bank], tick + rfc_single_);
            }
        }
        window(tick);
        activate_ = std::max(activate_, tick + rrefd_);
    }

    /// The bank's last access was with auto-precharge: the row closes by itself as soon as it may.
    void auto_precharged(std::uint32_t bank) {
        bank_activate_[bank] = std::max(bank_activate_[bank], bank_precharge_[bank] + rp_);
    }

    void accessed(Direction direction, std::uint32_t group, std::uint32_t bank, Tick tick) {
        const std::uint32_t own = stack_id_[group];
        for (std::size_t after = 0; after < directions; ++after) {
            const Distances& apart = distance_[index(direction)][after];
            for (std::uint32_t sid = 0; sid < stack_ids_; ++sid) {
                Tick& gate = stack_id_column_[after][sid];
                gate = std::max(gate, tick + (sid == own ? apart.same_stack_id : apart.other_stack_id));
            }
            Tick& gate = group_column_[after][group];
            gate = std::max(gate, tick + apart.same_group);
        }
        const Tick keep_open = direction == Direction::read ? rtp_ : write_to_precharge_;
        bank_precharge_[bank] = std::max(bank_precharge_[bank], tick + keep_open);
    }

    /// Latest bank gate for an activate: a refresh of all banks may begin then.
    [[nodiscard]] Tick refresh_gate() const {
        return *std::max_element(bank_activate_.begin(), bank_activate_.begin() + banks_);
    }
    [[nodiscard]] Tick refresh_ticks() const { return rfc_; }
    [[nodiscard]] Tick single_refresh_ticks() const { return rfc_single_; }

  private:
    struct Distances {
        Tick other_stack_id;
        Tick same_stack_id;
        Tick same_group;
    };
    static Tick ck(std::uint32_t count) { return Tick{count} * ticks_per_ck; }

    // An activate at `tick`: the fifth from here waits for tFAW.
    void window(Tick tick) {
        last_activates_[next_activate_] = tick + faw_;
        next_activate_ = (next_activate_ + 1) % last_activates_.size();
        activate_ = std::max(activate_, last_activates_[next_activate_]);
    }

    std::uint32_t banks_;
    std::uint32_t stack_ids_;
    std::array<Tick, directions> rcd_;
    Tick rp_;
    Tick ras_;
    Tick rc_;
    Tick rrd_s_;
    Tick rrd_l_;
    Tick faw_;
    Tick ppd_;
    Tick rtp_;
    Tick write_to_precharge_;
    Tick rfc_;
    Tick rfc_single_;
    Tick rrefd_;
    std::array<std::array<Distances, directions>, directions> distance_{};

    Tick activate_ = 0;
    Tick precharge_ = 0;
    std::array<Tick, 4> last_activates_{}; ///< tick + tFAW of the last four
    std::uint32_t next_activate_ = 0;
    std::array<Tick, max_groups> group_activate_{};
    std::array<std::array<Tick, max_groups>, directions> group_column_{};
    std::array<std::array<Tick, max_groups>, directions> stack_id_column_{};
    std::array<std::uint8_t, max_groups> stack_id_{}; ///< of each group
    std::array<Tick, max_banks> bank_activate_{};
    std::array<Tick, max_banks> bank_precharge_{};
    std::array<std::array<Tick, max_banks>, directions> bank_column_{};
};

} // namespace intarsia::memory
