// Random workloads on random packages run to their end: every audit of the program passes, DRAM timing included.
#include "program_runs.hpp"
#include "small_systems.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <set>

using namespace intarsia;
using namespace intarsia::tests;
using workloads::Collective;
using workloads::Unit;

namespace {

using Random = std::mt19937_64;

std::uint64_t pick(Random& random, std::uint64_t low, std::uint64_t high) {
    return low + random() % (high - low + 1);
}
template <class T>
T one_of(Random& random, std::initializer_list<T> values) {
    return *(values.begin() + static_cast<std::ptrdiff_t>(random() % values.size()));
}

// A row of dies, each with its own mesh, grid of cores, clocks and stack; all joined by one or two links.
std::string random_package(Random& random, std::uint32_t dies) {
    const auto payload = one_of<std::uint64_t>(random, {32, 128, 512});
    std::string toml = fmt::format(R"(
name = "random"
[network]
flit_bytes = {}
max_payload_bytes = {}
header_bytes = {}
request_vcs = {}
reply_vcs = {}
[placement]
home = "{}"
interleave = "{} B"
)",
                                   one_of(random, {16, 40, 136}), payload, one_of(random, {8, 12}), pick(random, 1, 3),
                                   pick(random, 1, 3), one_of(random, {"local", "interleaved", "replicated"}),
                                   payload * one_of(random, {1, 4}));
    for (std::uint32_t die = 0; die < dies; ++die) {
        const std::uint64_t columns = pick(random, 1, 3);
        const std::uint64_t rows = pick(random, 1, 3);
        toml += fmt::format(R"(
[[die]]
name = "die{}"
position = ["{} mm", "0 mm"]
[die.network]
columns = {}
rows = {}
clock = "{} MHz"
vc_buffer_flits = {}
link_latency_cycles = {}
credit_delay_cycles = {}
interface_queue_packets = {}
synchroniser_cycles = {}
[die.core]
columns = {}
rows = {}
clock = "{} MHz"
array_rows = {}
array_columns = 16
vector_flops_per_cycle = {}
sram = "{} KiB"
landing_buffer = "{} B"
dma_window = {}
launch_overhead_cycles = {}
operand_sharing = "{}"
)",
                            die, die * 27, columns, rows, one_of(random, {500, 1700, 2000, 2345}), pick(random, 1, 9),
                            pick(random, 1, 5), pick(random, 1, 4), pick(random, 1, 8), pick(random, 0, 3),
                            pick(random, 1, columns), pick(random, 1, rows), one_of(random, {700, 1800, 2000, 3001}),
                            one_of(random, {8, 32}), one_of(random, {1, 64, 512}), one_of(random, {128, 256, 1024}),
                            16 * payload * one_of(random, {1, 2, 8}), one_of(random, {1, 7, 256}),
                            one_of(random, {0, 1, 500}), one_of(random, {"per_die", "per_core"}));
        toml += fmt::format(R"(
[[stack]]
name = "hbm{}"
die = "die{}"
channels = {}
routers = [[{}, {}]]
timing_set = "{}"
[stack.controller]
read_queue = {}
write_queue = {}
request_slots = {}
reply_slots = {}
)",
                            die, die, pick(random, 1, 4), pick(random, 0, columns - 1), pick(random, 0, rows - 1),
                            one_of(random, {"ramulator21_HBM3_6400Mbps_16Gb_8hi", "ramulator21_HBM2_2000Mbps_8Gb"}),
                            one_of(random, {4, 64}), one_of(random, {8, 64}), pick(random, 1, 16), pick(random, 1, 64));
        if (die > 0) {
            toml += fmt::format(R"(
[[d2d]]
name = "link{0}"
from_die = "die{1}"
from_router = [0, 0]
to_die = "die{0}"
to_router = [0, 0]
lanes = {2}
transfer_rate = "{3} GT/s"
flight_time = "{4} ps"
tx_buffer_flits = {5}
receive_buffer_flits = {6}
)",
                                die, die - 1, one_of(random, {8, 64}), one_of(random, {4, 32}),
                                one_of(random, {14, 5003}), pick(random, 1, 8), pick(random, 1, 64));
        }
    }
    return toml;
}

// Operations in one global order; each node of a rank waits for some of the rank's nodes before it. So no rank ever
// waits for one that waits for it.
workloads::Workload random_workload(Random& random, std::uint32_t ranks, std::uint32_t operations) {
    WorkloadBuilder builder(ranks);
    std::vector<std::uint32_t> nodes(ranks, 0);
    const auto after = [&](std::uint32_t rank) {
        std::set<std::uint32_t> before;
        for (std::uint64_t i = pick(random, 0, 2); i > 0 && nodes[rank] > 0; --i) {
            before.insert(
                static_cast<std::uint32_t>(pick(random, nodes[rank] > 6 ? nodes[rank] - 6 : 0, nodes[rank] - 1)));
        }
        return std::vector<std::uint32_t>(before.begin(), before.end());
    };
    const auto bytes = [&] { return one_of<std::uint64_t>(random, {1, 31, 512, 4096, 10'007, 40'000}); };
    std::vector<std::uint32_t> group(ranks);
    for (std::uint32_t i = 0; i < ranks; ++i) {
        group[i] = i;
    }
    std::shuffle(group.begin(), group.end(), random);
    group.resize(std::max<std::size_t>(2, pick(random, 2, ranks)));
    struct InGroup {
        std::uint32_t rank;
        std::uint32_t node;
    };
    std::vector<InGroup> in_group;
    for (std::uint32_t i = 0; i < operations; ++i) {
        const auto rank = static_cast<std::uint32_t>(pick(random, 0, ranks - 1));
        switch (pick(random, 0, 9)) {
        case 0:
            builder.gemm(rank, pick(random, 1, 100), pick(random, 1, 100), pick(random, 1, 100), after(rank));
            ++nodes[rank];
            break;
        case 1:
            builder.stream(rank, bytes(), bytes(), pick(random, 0, 100'000),
                           one_of(random, {Unit::matrix, Unit::vector}), after(rank));
            ++nodes[rank];
            break;
        case 2:
            builder.replay(rank, pick(random, 0, 2), after(rank));
            ++nodes[rank];
            break;
        case 3:
            builder.host(rank, pick(random, 0, 2), after(rank));
            ++nodes[rank];
            break;
        case 4:
            builder.load(rank, bytes(), after(rank));
            ++nodes[rank];
            break;
        case 5:
            builder.store(rank, bytes(), after(rank));
            ++nodes[rank];
            break;
        case 6:
        case 7: {
            const auto to = static_cast<std::uint32_t>((rank + pick(random, 1, ranks - 1)) % ranks);
            const auto tag = static_cast<std::uint32_t>(pick(random, 0, 1));
            const std::uint64_t size = bytes();
            builder.send(rank, to, size, tag, after(rank));
            builder.receive(to, rank, pick(random, 0, 3) == 0 ? bytes() : size, tag, after(to));
            ++nodes[rank];
            ++nodes[to];
            break;
        }
        default: {
            const auto kind = static_cast<Collective>(pick(random, 0, workloads::collective_count - 1));
            const std::uint64_t size = bytes();
            const bool of_group = pick(random, 0, 1) == 1;
            for (std::uint32_t member = 0; member < ranks; ++member) {
                if (of_group && std::find(group.begin(), group.end(), member) == group.end()) {
                    continue;
                }
                const std::uint32_t node = builder.collective(member, kind, size, after(member));
                ++nodes[member];
                if (of_group) {
                    in_group.push_back({member, node});
                }
            }
        }
        }
    }
    builder.load(0, 64);
    workloads::Workload workload = builder.build();
    workload.groups[3] = group;
    for (const InGroup& node : in_group) {
        workload.ranks[node.rank].nodes[node.node].group = 3;
    }
    return workload;
}

} // namespace

TEST_CASE("Random workloads on random packages run to the end", "[random]") {
    const auto seed = GENERATE(range(1U, 41U));
    Random random(seed);
    const auto ranks = static_cast<std::uint32_t>(pick(random, 2, 4));
    const std::string toml = random_package(random, ranks);
    const workloads::Workload workload = random_workload(random, ranks, 30);
    INFO("seed " << seed << "\n" << toml);
    const RunFiles files(toml, workload);
    const ProgramRun run = files.run("out");
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    const nlohmann::json summary = files.summary("out");
    CHECK(summary["complete"] == true);
    std::size_t nodes = 0;
    for (const auto& chiplet : summary["chiplets"]) {
        nodes += chiplet["nodes"].get<std::size_t>();
    }
    std::size_t expected = 0;
    for (const auto& rank : workload.ranks) {
        expected += rank.nodes.size();
    }
    CHECK(nodes == expected);
    if (seed % 4 == 0) {
        REQUIRE(files.run("shuffled", fmt::format("--set simulation.shuffle_seed={}", seed)).exit_code == 0);
        CHECK(files.read("shuffled/summary.json") == files.read("out/summary.json"));
    }
}
