// One read through the whole package, against the sum of its configured parts, to the picosecond.
#include "harness.hpp"

#include "memory/timing_set.hpp"
#include "models/d2d_link_core.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace intarsia;

namespace {

constexpr std::uint32_t launch_cycles = 7;
constexpr std::uint32_t synchroniser_edges = 2;
constexpr std::uint32_t link_cycles = 2; // of the on-die links

// One core of two dies of 3 x 2 routers, on clocks that have no common period worth mentioning.
std::string two_dies(std::uint32_t stack_die, const std::string& core_clock) {
    return fmt::format(R"(
name = "zero_load"
[network]
columns = 3
rows = 2
clock = "1.9 GHz"
link_latency_cycles = {}
[core]
columns = 1
rows = 1
clock = "{}"
launch_overhead_cycles = {}
[[die]]
name = "die0"
position = ["0 mm", "0 mm"]
[[die]]
name = "die1"
position = ["27 mm", "0 mm"]
[[d2d]]
name = "link"
from_die = "die0"
from_router = [2, 1]
to_die = "die1"
to_router = [0, 1]
tx_latency = "1300 ps"
rx_latency = "700 ps"
flight_time = "13 ps"
[[stack]]
name = "hbm"
die = "die{}"
position = ["0 mm", "40 mm"]
routers = [[1, 1]]
channels = 4
[hbm.controller]
request_latency = "5 ns"
reply_latency = "6 ns"
[placement]
home = "interleaved"
[ranks]
dies = ["die0"]
)",
                       link_cycles, core_clock, launch_cycles, stack_die);
}

// Where the request or reply is, as time; each function takes it one part further.
class Way {
  public:
    Way(const config::SystemConfig& system, Picoseconds start)
        : system_(system), network_(system.dies[0].network.clock), core_(system.dies[0].core.clock),
          timing_(memory::timing_set(system.stacks[0].timing_set)), dram_(timing_.tick_clock()), last_(core_) {
        now = core_.edge(core_.first_edge_at_or_after(start) + launch_cycles);
    }

    // A packet enters the network, crosses `routers` routers and is taken at its endpoint.
    void cross_network(std::uint32_t routers, std::uint32_t flits) {
        const std::uint64_t entered = enter(network_);
        now = network_.edge(entered + 2 + 4ULL * routers + (routers - 1) * (link_cycles - 1) + (flits - 1));
    }
    // The same to a die-to-die link: the head's crossbar cycle at the last router.
    void cross_network_to_link(std::uint32_t routers) {
        const std::uint64_t entered = enter(network_);
        now = network_.edge(entered + 2 + (routers - 1) * (3 + link_cycles) + 2);
    }
    void cross_link() {
        const config::D2dLinkConfig& link = system_.links[0];
        const Clock slots = models::flit_slot_clock(link, system_.dies[0].network.flit_bytes);
        const std::uint64_t slot = enter(slots);
        now = slots.edge(slot + 1) + link.tx_latency + link.flight_time + link.rx_latency;
        arrived_ = true;
    }
    // From the link to an endpoint.
    void cross_network_from_link(std::uint32_t routers) {
        const std::uint64_t received = enter(network_);
        now = network_.edge(received + 4ULL * routers + (routers - 1) * (link_cycles - 1));
    }
    // A read of one burst from a closed bank.
    void read_dram() {
        const config::HbmControllerConfig& controller = system_.stacks[0].controller;
        const std::uint64_t accepted = enter(dram_);
        std::uint64_t tick = accepted; // the way to the DRAM in whole ticks, rounded up
        while (dram_.edge(tick) < dram_.edge(accepted) + controller.request_latency) {
            ++tick;
        }
        tick += tick % 2; // row activation begins on a rising edge of CK, every other tick
        now = dram_.edge(tick + 2ULL * (timing_.nRCDRD + timing_.nCL + timing_.burst_nck)) + controller.reply_latency;
        arrived_ = true;
    }
    void return_to_core() { now = core_.edge(enter(core_)); }

    Picoseconds now;

  private:
    // The first edge that sees what was handed over now: a picosecond later, unless it was given an arrival time; and
    // where the clocks differ, through the synchroniser.
    std::uint64_t enter(const Clock& clock) {
        const Picoseconds due = arrived_ ? now : now + Picoseconds(1);
        const std::uint64_t edges = clock == last_ ? 0 : synchroniser_edges;
        arrived_ = false;
        last_ = clock;
        return clock.first_edge_at_or_after(due) + edges;
    }

    const config::SystemConfig& system_;
    Clock network_;
    Clock core_;
    memory::TimingSet timing_;
    Clock dram_;
    Clock last_; // of whoever hands over
    bool arrived_ = false;
};

// Time 0, and ten other phases of the clocks.
const std::vector<std::uint64_t> phases{0, 1, 137, 312, 555, 626, 1000, 1777, 2501, 3333, 9876};

void check_read(std::uint32_t stack_die, const std::string& core_clock, std::uint64_t start) {
    const std::string toml = two_dies(stack_die, core_clock);
    const std::vector<std::string> overrides{fmt::format("simulation.start={} ps", start),
                                             "hbm.controller.refresh=none"};
    tests::WorkloadBuilder builder(1);
    builder.load(0, 32);
    const std::uint64_t end =
        tests::in_child([&] { return tests::SystemRun(toml, builder.build(), overrides).outcome.end.count(); });

    const config::LoadedSystem system = config::parse_system(toml, "test.toml", overrides);
    Way way(system.config, Picoseconds(start));
    if (stack_die == 0) {
        // (0,0) to (1,1): three routers.
        way.cross_network(3, 1);
        way.read_dram();
        way.cross_network(3, 1);
    } else {
        // To the gateway at (2,1): four routers. From (0,1) to (1,1): two. And back.
        way.cross_network_to_link(4);
        way.cross_link();
        way.cross_network_from_link(2);
        way.read_dram();
        way.cross_network_to_link(2);
        way.cross_link();
        way.cross_network_from_link(4);
    }
    way.return_to_core();
    CAPTURE(core_clock, start);
    CHECK(end == way.now.count());
}

} // namespace

TEST_CASE("a read from a stack of its own die takes the sum of its parts, at eleven phases of the clocks") {
    for (const std::uint64_t start : phases) {
        check_read(0, "1.7 GHz", start);
    }
    check_read(0, "1.9 GHz", 137); // one clock for cores and network: no synchroniser
}

TEST_CASE("a read from a stack of the other die takes the sum of its parts, at eleven phases of the clocks") {
    for (const std::uint64_t start : phases) {
        check_read(1, "1.7 GHz", start);
    }
    check_read(1, "1.9 GHz", 137);
}
