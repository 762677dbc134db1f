// The timing sets as data; timing_set.hpp is the way to use them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace intarsia::memory {

/// A value that the source leaves open.
inline constexpr std::uint32_t open_value = UINT32_MAX;

/// One row of the table, in the order of timing_parameter_names(); times in CK, the data rate in Mb/s.
struct TimingRow {
    std::string_view id;
    std::string_view standard;
    std::string_view source;
    std::uint32_t data_rate_mbps = open_value;
    std::uint32_t channels_per_stack = open_value;
    std::uint32_t pc_per_channel = open_value;
    std::uint32_t dq_bits_per_pc = open_value;
    std::uint32_t burst_length = open_value;
    std::uint32_t burst_nCK = open_value;
    std::uint32_t bank_groups_per_pc = open_value;
    std::uint32_t banks_per_group = open_value;
    std::uint32_t stack_ids = open_value;
    std::uint32_t rows = open_value;
    std::uint32_t page_bytes_per_pc = open_value;
    std::uint32_t nCL = open_value;
    std::uint32_t nCWL = open_value;
    std::uint32_t nRCDRD = open_value;
    std::uint32_t nRCDWR = open_value;
    std::uint32_t nRP = open_value;
    std::uint32_t nRAS = open_value;
    std::uint32_t nRC = open_value;
    std::uint32_t nCCD_S = open_value;
    std::uint32_t nCCD_L = open_value;
    std::uint32_t nCCD_R = open_value;
    std::uint32_t nRRD_S = open_value;
    std::uint32_t nRRD_L = open_value;
    std::uint32_t nFAW = open_value;
    std::uint32_t nWR = open_value;
    std::uint32_t nRTP = open_value;
    std::uint32_t nWTR_S = open_value;
    std::uint32_t nWTR_L = open_value;
    std::uint32_t nRTW = open_value;
    std::uint32_t nPPD = open_value;
    std::uint32_t nRFC_ab = open_value;
    std::uint32_t nREFI = open_value;
    std::uint32_t nRFC_pb = open_value;
    std::uint32_t nREFI_pb = open_value;
    std::uint32_t nRREFD = open_value;
    std::uint32_t nXP = open_value;
    std::uint32_t nCKE = open_value;
    std::uint32_t nXS = open_value;
};

[[nodiscard]] const std::vector<TimingRow>& timing_table();

} // namespace intarsia::memory
