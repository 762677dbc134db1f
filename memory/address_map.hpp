// The one map from the package's flat physical addresses to stacks and channels.
#pragma once

#include "config/system.hpp"
#include "config/units.hpp"

#include <cstdint>
#include <vector>

namespace intarsia::memory {

/// A contiguous range of physical addresses.
struct AddressWindow {
    std::uint64_t begin = 0;
    std::uint64_t bytes = 0;
    [[nodiscard]] std::uint64_t end() const { return begin + bytes; }
    bool operator==(const AddressWindow&) const = default;
};

/// Where a byte lies.
struct Location {
    std::uint32_t stack = 0;
    std::uint32_t channel = 0;
    std::uint64_t offset_in_channel = 0;
    bool operator==(const Location&) const = default;
};

/// Which of a stack's network interfaces serves a channel: channels are dealt in equal blocks.
[[nodiscard]] constexpr std::uint32_t interface_of_channel(std::uint32_t channel, std::uint32_t channels,
                                                           std::uint32_t interfaces) {
    return static_cast<std::uint32_t>(std::uint64_t{channel} * interfaces / channels);
}

/// The flat space of a package, without holes, from address 0: the local window of die 0, of die 1, ..., then
/// the window that is interleaved over the whole package. A die's window takes the lower part of each of its
/// stacks, the package's window the rest (`placement.interleaved_fraction`). Within a window, blocks of
/// `placement.interleave` bytes go round the stacks first, then the channels; where stacks differ in size,
/// the round goes on over those that are not full.
class AddressMap {
  public:
    /// Throws InputError with every fault: timing sets, stacks without a die or channels, sizes that do not
    /// interleave.
    explicit AddressMap(const config::SystemConfig& system);

    /// Size of an interleaving block; no packet may cross the border of one.
    [[nodiscard]] std::uint64_t block_bytes() const { return block_; }
    [[nodiscard]] std::uint64_t bytes() const { return interleaved_.window.end(); }
    [[nodiscard]] std::uint64_t stack_bytes(std::uint32_t stack) const { return stacks_[stack].blocks * block_; }
    /// Empty for a die without stacks.
    [[nodiscard]] AddressWindow local_window(std::uint32_t die) const { return local_[die].window; }
    [[nodiscard]] AddressWindow interleaved_window() const { return interleaved_.window; }

    /// `address` must lie below bytes().
    [[nodiscard]] Location locate(std::uint64_t address) const;
    [[nodiscard]] std::uint64_t address_of(const Location& location) const;

  private:
    struct Stack {
        std::uint32_t die = 0;
        std::uint32_t channels = 0;
        std::uint64_t blocks = 0;       // block k lies on channel k mod channels
        std::uint64_t local_blocks = 0; // those of the die's window
    };
    // A part of a region in which a fixed set of stacks takes turns.
    struct Tier {
        std::uint64_t begin = 0; // in blocks, from the begin of the region
        std::uint64_t end = 0;
        std::uint64_t first_turn = 0; // turns before this tier
        std::vector<std::uint32_t> stacks;
    };
    struct Region {
        AddressWindow window;
        bool local = true;
        std::vector<Tier> tiers;
    };

    Region make_region(std::uint64_t begin, const std::vector<std::uint32_t>& stacks, bool local) const;
    [[nodiscard]] std::uint64_t first_block(const Region& region, std::uint32_t stack) const {
        return region.local ? 0 : stacks_[stack].local_blocks;
    }

    std::uint64_t block_ = 0;
    std::vector<Stack> stacks_;
    std::vector<Region> local_;
    Region interleaved_;
};

} // namespace intarsia::memory
