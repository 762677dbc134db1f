// The HBM timing sets that a system may name, with the columns that peak rates and capacities follow from.
// The full sets, and the rules between their columns, belong to the memory model; a test holds the two equal.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace intarsia::config {

/// One set; 0 where its source leaves the value open. Sources: Ramulator 2.1 preset tables, DRAMsim3 and
/// DRAMSys 5.5 configuration files, JEDEC publications, as each name says;
/// derived_* are faster grades of these (the memory model's table says how).
struct HbmSet {
    std::string_view id;
    std::uint32_t data_rate_mbps;  ///< of one pin
    std::uint32_t channels;        ///< of a stack
    std::uint32_t pseudo_channels; ///< of a channel
    std::uint32_t dq_bits;         ///< of a pseudo-channel
    std::uint32_t burst_length;
    std::uint32_t burst_nck;
    std::uint32_t bank_groups; ///< of a stack id of a pseudo-channel
    std::uint32_t banks_per_group;
    std::uint32_t stack_ids;
    std::uint32_t rows;
    std::uint32_t page_bytes;
    std::uint32_t ncl; ///< in CK
    std::uint32_t nrcdrd;
    std::uint32_t nrp;
};

inline constexpr std::array<HbmSet, 28> hbm_sets{{
    {"ramulator21_HBM2_1600Mbps", 1600, 8, 2, 64, 4, 2, 4, 4, 1, 0, 1024, 10, 10, 10},
    {"ramulator21_HBM2_1600Mbps_4Gb", 1600, 8, 2, 64, 4, 2, 4, 4, 1, 32768, 1024, 10, 10, 10},
    {"ramulator21_HBM2_1600Mbps_8Gb", 1600, 8, 2, 64, 4, 2, 4, 4, 1, 65536, 1024, 10, 10, 10},
    {"ramulator21_HBM2_2000Mbps", 2000, 8, 2, 64, 4, 2, 4, 4, 1, 0, 1024, 14, 14, 14},
    {"ramulator21_HBM2_2000Mbps_4Gb", 2000, 8, 2, 64, 4, 2, 4, 4, 1, 32768, 1024, 14, 14, 14},
    {"ramulator21_HBM2_2000Mbps_8Gb", 2000, 8, 2, 64, 4, 2, 4, 4, 1, 65536, 1024, 14, 14, 14},
    {"ramulator21_HBM2_2400Mbps", 2400, 8, 2, 64, 4, 2, 4, 4, 1, 0, 1024, 17, 17, 17},
    {"ramulator21_HBM2_2400Mbps_4Gb", 2400, 8, 2, 64, 4, 2, 4, 4, 1, 32768, 1024, 17, 17, 17},
    {"ramulator21_HBM2_2400Mbps_8Gb", 2400, 8, 2, 64, 4, 2, 4, 4, 1, 65536, 1024, 17, 17, 17},
    {"ramulator21_HBM3_6400Mbps_4Gb", 6400, 16, 2, 32, 8, 2, 4, 4, 1, 16384, 1024, 20, 31, 26},
    {"ramulator21_HBM3_6400Mbps_16Gb_8hi", 6400, 16, 2, 32, 8, 2, 4, 4, 2, 16384, 1024, 20, 31, 26},
    {"ramulator21_HBM4_8000Mbps", 8000, 32, 2, 32, 8, 2, 2, 8, 0, 16384, 1024, 20, 39, 33},
    {"ramulator21_HBM4_8000Mbps_4hi", 8000, 32, 2, 32, 8, 2, 2, 8, 1, 16384, 1024, 20, 39, 33},
    {"ramulator21_HBM4_8000Mbps_8hi", 8000, 32, 2, 32, 8, 2, 2, 8, 2, 16384, 1024, 20, 39, 33},
    {"ramulator21_HBM4_8000Mbps_16hi", 8000, 32, 2, 32, 8, 2, 2, 8, 4, 16384, 1024, 20, 39, 33},
    {"ramulator21_HBM4_16000Mbps", 16000, 32, 2, 32, 8, 2, 2, 8, 0, 16384, 1024, 40, 78, 66},
    {"ramulator21_HBM4_16000Mbps_4hi", 16000, 32, 2, 32, 8, 2, 2, 8, 1, 16384, 1024, 40, 78, 66},
    {"ramulator21_HBM4_16000Mbps_8hi", 16000, 32, 2, 32, 8, 2, 2, 8, 2, 16384, 1024, 40, 78, 66},
    {"ramulator21_HBM4_16000Mbps_16hi", 16000, 32, 2, 32, 8, 2, 2, 8, 4, 16384, 1024, 40, 78, 66},
    {"dramsim3_HBM2_8Gb_x128", 2000, 8, 1, 128, 4, 2, 4, 4, 1, 32768, 2048, 14, 14, 14},
    {"dramsys_HBM2_json", 2000, 8, 2, 64, 4, 2, 4, 4, 2, 32768, 1024, 17, 12, 14},
    {"jedec_JESD235D_HBM2E", 3200, 8, 2, 64, 4, 2, 4, 4, 0, 0, 1024, 0, 0, 0},
    {"jedec_JESD270-4_HBM4", 8000, 32, 2, 32, 8, 2, 0, 0, 0, 0, 0, 0, 0, 0},
    {"derived_HBM2E_3200Mbps_8Gb_4hi", 3200, 8, 2, 64, 4, 2, 4, 4, 1, 32768, 1024, 23, 23, 23},
    {"derived_HBM2E_3600Mbps_16Gb_8hi", 3600, 8, 2, 64, 4, 2, 4, 4, 2, 32768, 1024, 26, 26, 26},
    {"derived_HBM3E_9600Mbps_24Gb_8hi", 9600, 16, 2, 32, 8, 2, 4, 4, 2, 24576, 1024, 30, 47, 39},
    {"derived_HBM3E_9600Mbps_24Gb_12hi", 9600, 16, 2, 32, 8, 2, 4, 4, 3, 24576, 1024, 30, 47, 39},
    {"derived_HBM4_10000Mbps_8hi", 10000, 32, 2, 32, 8, 2, 2, 8, 2, 16384, 1024, 25, 49, 42},
}};

/// The columns that a system may override, as the memory model's table names them.
inline constexpr std::array<std::string_view, 38> hbm_timing_columns{"data_rate_Gbps",
                                                                     "channels_per_stack",
                                                                     "pc_per_channel",
                                                                     "dq_bits_per_pc",
                                                                     "burst_length",
                                                                     "burst_nCK",
                                                                     "bank_groups_per_pc",
                                                                     "banks_per_group",
                                                                     "stack_ids",
                                                                     "rows",
                                                                     "page_bytes_per_pc",
                                                                     "nCL",
                                                                     "nCWL",
                                                                     "nRCDRD",
                                                                     "nRCDWR",
                                                                     "nRP",
                                                                     "nRAS",
                                                                     "nRC",
                                                                     "nCCD_S",
                                                                     "nCCD_L",
                                                                     "nCCD_R",
                                                                     "nRRD_S",
                                                                     "nRRD_L",
                                                                     "nFAW",
                                                                     "nWR",
                                                                     "nRTP",
                                                                     "nWTR_S",
                                                                     "nWTR_L",
                                                                     "nRTW",
                                                                     "nPPD",
                                                                     "nRFC_ab",
                                                                     "nREFI",
                                                                     "nRFC_pb",
                                                                     "nREFI_pb",
                                                                     "nRREFD",
                                                                     "nXP",
                                                                     "nCKE",
                                                                     "nXS"};

} // namespace intarsia::config
