// Where addresses go, and how strides spread: the text of `intarsia memory map`.
#pragma once

#include "memory/standalone/addressing.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace intarsia::memory {

/// All fields of a byte address, one a line. `address` must be below addressing.bytes().
[[nodiscard]] std::string address_text(const Addressing& addressing, std::uint64_t address);

/// How accesses that lie `stride` bursts apart spread over channels, pseudo-channels, stack ids, bank groups and banks.
struct StrideSpread {
    struct Field {
        const char* name = "";
        std::uint64_t used = 0;
        std::uint64_t of = 0;
        double busiest = 0; ///< share of the accesses on the value that has most
    };
    std::uint64_t accesses = 0;
    std::vector<Field> fields;       ///< banks are counted over all channels and pseudo-channels
    double same_bank_other_row = 0;  ///< share of accesses whose bank was last accessed in another row
    double same_bank_group_next = 0; ///< share of accesses whose pseudo-channel's last access was in their bank group
};

/// Of the pattern `strided` (see traffic_section), `accesses` of them from the first.
[[nodiscard]] StrideSpread stride_spread(const TimingSet& timing, const Addressing& addressing, std::uint64_t stride,
                                         std::uint64_t accesses = 65'536);
[[nodiscard]] std::string stride_text(const StrideSpread& spread, std::uint64_t stride, std::uint32_t access_bytes);

} // namespace intarsia::memory
