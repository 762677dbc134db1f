// DRAM timing sets: geometry and timing of one kind of HBM, by name, with overrides.
#pragma once

#include "config/clock.hpp"
#include "config/units.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace intarsia::memory {

/// Half a CK, the grain of the command buses: HBM3 and HBM4 send row commands of 0.5 and 1.5 CK.
using Tick = std::uint64_t;
inline constexpr Tick never_tick = UINT64_MAX;
inline constexpr std::uint32_t ticks_per_ck = 2;

/// One complete timing set. Names are those of the public tables the sets come from; members that begin with
/// `n` are in CK. Distances between commands are counted from the first edge of one to the first edge of the
/// other.
struct TimingSet {
    std::string id;
    std::string standard;
    std::string source; ///< the public origin of the figures

    std::uint32_t data_rate_mbps = 0; ///< of one pin
    std::uint32_t channels_per_stack = 0;
    std::uint32_t pseudo_channels = 0; ///< of a channel
    std::uint32_t dq_bits = 0;         ///< of a pseudo-channel
    std::uint32_t burst_length = 0;    ///< beats
    std::uint32_t burst_nck = 0;       ///< nBL: CK on the data bus
    std::uint32_t bank_groups = 0;     ///< of a stack id of a pseudo-channel
    std::uint32_t banks_per_group = 0;
    std::uint32_t stack_ids = 0;
    std::uint32_t rows = 0; ///< of a bank
    std::uint32_t page_bytes = 0;

    std::uint32_t nCL = 0;
    std::uint32_t nCWL = 0;
    std::uint32_t nRCDRD = 0;
    std::uint32_t nRCDWR = 0;
    std::uint32_t nRP = 0;
    std::uint32_t nRAS = 0;
    std::uint32_t nRC = 0;
    std::uint32_t nCCD_S = 0;
    std::uint32_t nCCD_L = 0; ///< same bank group
    std::uint32_t nCCD_R = 0; ///< reads of different stack ids
    std::uint32_t nRRD_S = 0;
    std::uint32_t nRRD_L = 0;
    std::uint32_t nFAW = 0;
    std::uint32_t nWR = 0;
    std::uint32_t nRTP = 0;
    std::uint32_t nWTR_S = 0;
    std::uint32_t nWTR_L = 0;
    std::uint32_t nRTW = 0;
    std::uint32_t nPPD = 0; ///< 0: the standard has no such rule
    std::uint32_t nRFC_ab = 0;
    std::uint32_t nREFI = 0;    ///< between refreshes of all banks
    std::uint32_t nRFC_pb = 0;  ///< refresh of one bank, or of one bank of each group; 0: the set has none
    std::uint32_t nREFI_pb = 0; ///< between refreshes of one bank each
    std::uint32_t nRREFD = 0;   ///< from a refresh of one bank to an activate or refresh of another
    std::uint32_t nXP = 0;      ///< from the end of power-down to the next command
    std::uint32_t nCKE = 0;     ///< least stay in power-down
    std::uint32_t nXS = 0;      ///< from the end of self-refresh to the next command

    // The row-command bus, by standard: ticks that a command occupies, and whether it may begin on a falling
    // edge.
    std::uint32_t act_bus_ticks = 0;
    std::uint32_t pre_bus_ticks = 0;  ///< precharge and refresh
    std::uint32_t pre_edge_ticks = 0; ///< 1: either edge of CK; 2: rising edges only

    [[nodiscard]] std::uint32_t banks_per_pseudo_channel() const { return stack_ids * bank_groups * banks_per_group; }
    /// Bytes of one burst, the grain of an access.
    [[nodiscard]] std::uint32_t access_bytes() const { return dq_bits * burst_length / 8; }
    /// Bursts in a row.
    [[nodiscard]] std::uint32_t columns() const { return page_bytes / access_bytes(); }
    [[nodiscard]] std::uint64_t channel_bytes() const {
        return std::uint64_t{pseudo_channels} * banks_per_pseudo_channel() * rows * page_bytes;
    }
    /// Data rate of all pseudo-channels of a channel.
    [[nodiscard]] BytesPerSecond channel_peak() const {
        return BytesPerSecond(std::uint64_t{pseudo_channels} * dq_bits * data_rate_mbps * 125'000ULL);
    }
    /// The clock of ticks, twice CK. CK follows from the data rate: a burst of `burst_length` beats takes
    /// `burst_nck`.
    [[nodiscard]] Clock tick_clock() const {
        return Clock(Hertz(std::uint64_t{data_rate_mbps} * 1'000'000ULL * ticks_per_ck * burst_nck), burst_length);
    }
};

/// Names of all known sets, complete or not.
[[nodiscard]] std::vector<std::string_view> timing_set_ids();

/// Names that may be overridden, in the order of the table.
[[nodiscard]] std::vector<std::string_view> timing_parameter_names();

/// The names of nXXX parameters as times: `tXXX`, in the order of the table.
[[nodiscard]] std::vector<std::string> timing_time_names();

/// The set `id` with `overrides` (by the names of the table; nXXX in CK, tXXX in ns and rounded up to CK,
/// data_rate_Gbps in Gb/s). Overrides may complete a set that its source leaves open. Where neither source nor
/// overrides give them:
///  - nRTW is nCL + nBL + 2 - nCWL (the expression of Ramulator 2.1 and, with tRTRS = 2, of DRAMsim3);
///  - nREFI_pb is nREFI over the banks of a pseudo-channel, rounded down: each bank once every nREFI;
///  - nRFC_pb and nRREFD are 0, which refuses refreshes of single banks;
///  - nXP is 8 ns but at least 5 CK, nCKE 8 ns (HBM2.json of DRAMSys 5.5), nXS nRFC_ab + 10 ns (JESD235).
/// Throws InputError with every unknown name, value out of range, missing value and contradiction; `where` names the
/// place in the user's input.
[[nodiscard]] TimingSet timing_set(const std::string& id, const std::map<std::string, double>& overrides = {},
                                   const std::string& where = "timing_set");

} // namespace intarsia::memory
