// How the bursts of a channel are laid over pseudo-channels, banks, rows and columns.
#pragma once

#include "memory/dram_command.hpp"

#include <array>
#include <string>
#include <vector>

namespace intarsia::memory {

/// A bijection between the burst numbers of a channel (byte offset / access bytes) and its burst addresses,
/// by an order of fields with the least significant first: "pc-bankgroup-bank-sid-column-row". A field may be
/// split, each mention but its last with a number of bits:
/// "pc-bankgroup:1-column:2-bankgroup:1-bank-sid-column-row". Sizes of fields need not be powers of two
/// (three stack ids), but a part with bits must divide what is left of its field; the last mention may find nothing
/// left.
class ChannelMapping {
  public:
    /// Throws InputError with every unknown, missing, duplicated or ill-sized field; `where` names the place
    /// in the user's input.
    ChannelMapping(const TimingSet& timing, const std::string& order,
                   const std::string& where = "controller.address_order");

    [[nodiscard]] std::uint64_t bursts() const { return bursts_; }
    [[nodiscard]] BurstAddress at(std::uint64_t burst) const;
    [[nodiscard]] std::uint64_t burst_of(const BurstAddress& address) const;

  private:
    enum Field : std::uint8_t { pc, sid, bankgroup, bank, column, row };
    static constexpr std::size_t field_count = 6;
    using Values = std::array<std::uint32_t, field_count>;
    // A digit of the burst number, least significant first, and its weight in its field.
    struct Part {
        Field field = pc;
        std::uint32_t radix = 1;
        std::uint32_t weight = 1;
        std::uint8_t shift = 0; // log2 of radix
        bool power_of_two = false;
    };

    std::vector<Part> parts_;
    std::uint64_t bursts_ = 1;
};

} // namespace intarsia::memory
