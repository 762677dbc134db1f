// Systems small enough that a test knows where the time must go.
#pragma once

#include "harness.hpp"

#include <fmt/format.h>
#include <string>

namespace intarsia::tests {

/// One die with one core and a stack of one HBM3 channel, all on one router. Nothing is launched late.
inline const std::string one_core = R"(
name = "one_core"
[network]
columns = 1
rows = 1
[core]
columns = 1
rows = 1
launch_overhead_cycles = 0
[hbm]
channels = 1
[[die]]
name = "die0"
[[stack]]
name = "hbm0"
die = "die0"
routers = [[0, 0]]
)";

/// A core at the west end of a row of two routers, the stack of one channel at the east end.
inline const std::string two_routers = R"(
name = "two_routers"
[network]
columns = 2
rows = 1
[core]
columns = 1
rows = 1
launch_overhead_cycles = 0
[hbm]
channels = 1
[[die]]
name = "die0"
[[stack]]
name = "hbm0"
die = "die0"
routers = [[1, 0]]
)";

/// Two dies of one core each, joined by one link; each has a stack of one channel.
inline const std::string two_dies = R"(
name = "two_dies"
[network]
columns = 1
rows = 1
[core]
columns = 1
rows = 1
launch_overhead_cycles = 0
[hbm]
channels = 1
[[die]]
name = "die0"
[[die]]
name = "die1"
position = ["27 mm", "0 mm"]
[[d2d]]
name = "d2d"
from_die = "die0"
from_router = [0, 0]
to_die = "die1"
to_router = [0, 0]
[[stack]]
name = "hbm0"
die = "die0"
routers = [[0, 0]]
[[stack]]
name = "hbm1"
die = "die1"
routers = [[0, 0]]
)";

/// The same with all memory on die 1, so that whatever rank 0 reads crosses the link.
inline const std::string memory_across = R"(
name = "memory_across"
[network]
columns = 1
rows = 1
[core]
columns = 1
rows = 1
launch_overhead_cycles = 0
[hbm]
channels = 1
[[die]]
name = "die0"
[[die]]
name = "die1"
position = ["27 mm", "0 mm"]
[[d2d]]
name = "d2d"
from_die = "die0"
from_router = [0, 0]
to_die = "die1"
to_router = [0, 0]
[[stack]]
name = "hbm1"
die = "die1"
routers = [[0, 0]]
[placement]
home = "interleaved"
)";

/// `count` loads of `bytes` on rank 0, each after the one before: nothing overlaps, so each pays all of its latency.
inline workloads::Workload chain_of_loads(std::uint32_t count, std::uint64_t bytes) {
    WorkloadBuilder builder(1);
    std::uint32_t last = builder.load(0, bytes);
    for (std::uint32_t i = 1; i < count; ++i) {
        last = builder.load(0, bytes, {last});
    }
    return builder.build();
}

/// One load of rank 0, all of whose transactions are under way at once as far as the system lets them.
inline workloads::Workload one_load(std::uint64_t bytes) {
    WorkloadBuilder builder(1);
    builder.load(0, bytes);
    return builder.build();
}

/// Stall cycles of a die as text, for failing tests.
inline std::string stall_text(const SystemRun& run, std::size_t die) {
    std::string text;
    for (std::size_t leaf = 0; leaf < metrics::leaf_count; ++leaf) {
        const std::uint64_t cycles = run.cycles(die, static_cast<metrics::Leaf>(leaf));
        if (cycles > 0) {
            text += fmt::format("{}.{} {}  ", metrics::leaf_names[leaf].group, metrics::leaf_names[leaf].leaf, cycles);
        }
    }
    return text;
}

} // namespace intarsia::tests
