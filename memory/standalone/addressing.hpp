// From the flat addresses of a stand-alone memory to channels and bursts.
#pragma once

#include "memory/channel_mapping.hpp"

#include <cstdint>

namespace intarsia::memory {

/// A burst of a memory of several channels.
struct Place {
    std::uint32_t channel = 0;
    BurstAddress at;
    bool operator==(const Place&) const = default;
};

/// Equal channels behind one flat address space. Blocks of `interleave` bursts go round the channels; within a channel
/// the ChannelMapping holds.
class Addressing {
  public:
    /// `interleave` must divide the bursts of a channel.
    Addressing(ChannelMapping mapping, std::uint32_t access_bytes, std::uint32_t channels, std::uint64_t interleave);

    [[nodiscard]] std::uint32_t channels() const { return channels_; }
    [[nodiscard]] std::uint32_t access_bytes() const { return access_bytes_; }
    /// Bursts of all channels.
    [[nodiscard]] std::uint64_t bursts() const { return mapping_.bursts() * channels_; }
    [[nodiscard]] std::uint64_t bytes() const { return bursts() * access_bytes_; }

    /// `burst` must be below bursts().
    [[nodiscard]] Place at(std::uint64_t burst) const {
        if (channels_ == 1) {
            return {0, mapping_.at(burst)};
        }
        const std::uint64_t block = burst / interleave_;
        return {static_cast<std::uint32_t>(block % channels_),
                mapping_.at(block / channels_ * interleave_ + burst % interleave_)};
    }
    [[nodiscard]] std::uint64_t burst_of(const Place& place) const;

  private:
    ChannelMapping mapping_;
    std::uint32_t access_bytes_;
    std::uint32_t channels_;
    std::uint64_t interleave_;
};

} // namespace intarsia::memory
