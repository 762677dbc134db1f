#include "memory/standalone/counter_sums.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <type_traits>

namespace intarsia::memory {

namespace {

// All counters are 64-bit numbers and nothing else, so they are combined as a list of numbers.
static_assert(std::is_trivially_copyable_v<ChannelCounters> && alignof(ChannelCounters) == alignof(std::uint64_t) &&
              sizeof(ChannelCounters) % sizeof(std::uint64_t) == 0);
using Numbers = std::array<std::uint64_t, sizeof(ChannelCounters) / sizeof(std::uint64_t)>;

template <class Combine>
ChannelCounters combined(const ChannelCounters& a, const ChannelCounters& b, Combine combine) {
    auto numbers = std::bit_cast<Numbers>(a);
    const auto others = std::bit_cast<Numbers>(b);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        numbers[i] = combine(numbers[i], others[i]);
    }
    return std::bit_cast<ChannelCounters>(numbers);
}

std::uint64_t sum_of_two(std::uint64_t a, std::uint64_t b) {
    return a + b;
}

} // namespace

ChannelCounters sum_of_counters(const MemoryChannels& memory) {
    ChannelCounters sum;
    for (std::uint32_t channel = 0; channel < memory.channels(); ++channel) {
        sum = combined(sum, memory.counters(channel), sum_of_two);
    }
    return sum;
}

ChannelCounters sum_of_counters_until_now(MemoryChannels& memory) {
    ChannelCounters sum;
    for (std::uint32_t channel = 0; channel < memory.channels(); ++channel) {
        sum = combined(sum, memory.counters_until_now(channel), sum_of_two);
    }
    return sum;
}

ChannelCounters difference(const ChannelCounters& now, const ChannelCounters& before) {
    return combined(now, before, [](std::uint64_t a, std::uint64_t b) { return a - b; });
}

} // namespace intarsia::memory
