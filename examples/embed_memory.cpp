// A simulator that embeds Intarsia's HBM controllers: a processor that copies a block of memory, one access a
// nanosecond, with 32 accesses in flight. Build it against the library and run it with the file of a memory:
//
//     embed_memory examples/memory_hbm3.toml
#include "intarsia/memory.hpp"

#include <cstdio>
#include <exception>

namespace {

constexpr std::uint64_t block_bytes = 1U << 20U;
constexpr std::uint64_t window = 32;

int copy_block(const char* file) {
    intarsia::Memory memory = intarsia::Memory::from_file(file);
    const std::uint64_t accesses = 2 * (block_bytes / memory.access_bytes()); // a read and a write of each burst
    const std::uint64_t target = memory.capacity_bytes() / 2;
    const double tick_ns = memory.tick_seconds() * 1e9;

    std::uint64_t issued = 0;
    std::uint64_t completed = 0;
    double latency_sum_ns = 0;
    for (std::uint64_t nanosecond = 0; completed < accesses; ++nanosecond) {
        memory.advance(static_cast<std::uint64_t>(static_cast<double>(nanosecond) / tick_ns));
        while (const auto done = memory.poll()) {
            ++completed;
            if (!done->is_write) {
                latency_sum_ns += static_cast<double>(done->finished - done->accepted) * tick_ns;
            }
        }
        if (issued < accesses && issued - completed < window) {
            const bool is_write = issued % 2 == 1;
            const std::uint64_t offset = issued / 2 * memory.access_bytes();
            if (memory.enqueue(is_write ? target + offset : offset, is_write, issued)) {
                ++issued;
            }
        }
    }
    const intarsia::Memory::Counters counters = memory.counters();
    const double seconds = static_cast<double>(memory.now()) * memory.tick_seconds();
    std::printf("copied %llu bytes in %.1f us: %.2f GB/s of %.2f, mean read latency %.1f ns, %llu activates\n",
                static_cast<unsigned long long>(block_bytes), seconds * 1e6,
                2.0 * static_cast<double>(block_bytes) / seconds * 1e-9, memory.peak_bytes_per_s() * 1e-9,
                latency_sum_ns / (static_cast<double>(accesses) / 2),
                static_cast<unsigned long long>(counters.activates));
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: embed_memory MEMORY.toml\n");
        return 2;
    }
    try {
        return copy_block(argv[1]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
}
