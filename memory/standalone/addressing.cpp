#include "memory/standalone/addressing.hpp"

#include "config/errors.hpp"

#include <utility>

namespace intarsia::memory {

Addressing::Addressing(ChannelMapping mapping, std::uint32_t access_bytes, std::uint32_t channels,
                       std::uint64_t interleave)
    : mapping_(std::move(mapping)), access_bytes_(access_bytes), channels_(channels), interleave_(interleave) {
    require(channels != 0 && interleave != 0 && mapping_.bursts() % interleave == 0,
            "channels are interleaved in whole blocks");
}

std::uint64_t Addressing::burst_of(const Place& place) const {
    const std::uint64_t within = mapping_.burst_of(place.at);
    return (within / interleave_ * channels_ + place.channel) * interleave_ + within % interleave_;
}

} // namespace intarsia::memory
