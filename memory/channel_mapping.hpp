// How the bursts of a channel are laid over pseudo-channels, banks, rows and columns.
#pragma once

#include "memory/dram_command.hpp"

#include <array>
#include <string>
#include <vector>

namespace intarsia::memory {

/// A bijection between the burst numbers of a channel (byte offset / access bytes) and its burst addresses.
///
/// An order of fields, the least significant first, cuts the number: "pc-bankgroup-bank-sid-column-row". A field may be
/// split, each mention but its last with a number of bits:
/// "pc-bankgroup:1-column:2-bankgroup:1-bank-sid-column-row"; or named bit by bit, in any order:
/// "bank[1]-pc-bank[0]-...". Sizes of fields need not be powers of two (three stack ids), but a part with bits must
/// divide what is left of its field; the last mention may find nothing left.
///
/// Then hashes follow, one after the other: "bankgroup[0] ^ row[3] ^ row[7]" replaces that bit by the exclusive or of
/// all; "bank ^ row" does so for each bit of bank with the same bit of row. No bit is its own source, so each hash can
/// be undone. (XOR hashing of banks: Zhang, Zhu, Zhang, "A permutation-based page interleaving scheme", MICRO 2000.)
class ChannelMapping {
  public:
    /// Throws InputError with every unknown, missing, duplicated or ill-sized field and every hash that cannot be
    /// undone; `where` names the place of the order in the user's input, hashes stand at `xor` beside it.
    ChannelMapping(const TimingSet& timing, const std::string& order, const std::vector<std::string>& xor_terms,
                   const std::string& where = "controller.address_order");
    ChannelMapping(const TimingSet& timing, const std::string& order,
                   const std::string& where = "controller.address_order")
        : ChannelMapping(timing, order, std::vector<std::string>{}, where) {}

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
    // One bit and the bits that are added to it, a mask of each field.
    struct Hash {
        std::size_t field = 0;
        std::uint8_t bit = 0;
        Values sources{};
    };
    // A field that is a group of neighbouring bits.
    struct Slice {
        std::uint32_t shift = 0;
        std::uint32_t mask = 0;
    };
    class OrderReader;
    class HashReader;

    void find_slices();
    static void apply(const Hash& hash, Values& values);

    std::vector<Part> parts_;
    std::array<Slice, field_count> slices_{};
    bool contiguous_ = false; ///< slices_ say all that parts_ say
    std::vector<Hash> hashes_;
    std::uint64_t bursts_ = 1;
};

} // namespace intarsia::memory
