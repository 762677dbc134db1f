#include "tests/config/system_text.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::config;
using intarsia::tests::two_dies;

TEST_CASE("Every key reaches its member") {
    const std::string text = R"(
name = "all"
[package]
technology = "EMIB"
width = "60 mm"
height = "61 mm"
[[die]]
name = "a"
position = ["1 mm", "2 mm"]
width = "3 mm"
height = "4 mm"
[die.network]
columns = 3
rows = 5
clock = "1.5 GHz"
flit_bytes = 64
header_bytes = 12
max_payload_bytes = 256
request_vcs = 3
reply_vcs = 4
vc_buffer_flits = 9
link_latency_cycles = 10
credit_delay_cycles = 11
interface_queue_packets = 13
synchroniser_cycles = 14
[die.core]
columns = 2
rows = 4
clock = "1.1 GHz"
array_rows = 100
array_columns = 101
vector_flops_per_cycle = 102
sram = "3 MiB"
dma_window = 103
landing_buffer = "17 KiB"
launch_overhead_cycles = 104
operand_sharing = "per_core"
stream_read_fraction = 0.25
[[die]]
name = "b"
position = ["5 mm", "2 mm"]
width = "3 mm"
height = "4 mm"
network = { flit_bytes = 64, header_bytes = 12, max_payload_bytes = 256, request_vcs = 3, reply_vcs = 4 }
[[d2d]]
name = "l"
from_die = "b"
to_die = "a"
from_router = [1, 2]
to_router = [2, 3]
lanes = 16
transfer_rate = "8 GT/s"
payload_efficiency = 0.5
tx_latency = "3 ns"
rx_latency = "4 ns"
flight_time = "5 ps"
tx_buffer_flits = 6
receive_buffer_flits = 7
[[stack]]
name = "s"
die = "b"
position = ["9 mm", "10 mm"]
routers = [[1, 0], [3, 2]]
timing_set = "ramulator21_HBM2_2000Mbps_4Gb"
timing = { nRCDRD = 15, data_rate_Gbps = 1.8 }
channels = 8
[stack.controller]
read_queue = 21
write_queue = 22
write_drain_high = 0.7
write_drain_low = 0.1
scheduler = "frfcfs"
row_hit_cap = 23
page_policy = "open"
refresh = "none"
address_order = "column-pc-bankgroup-bank-sid-row"
request_latency = "24 ns"
reply_latency = "25 ns"
request_slots = 26
reply_slots = 27
[ranks]
dies = ["b"]
[placement]
home = "replicated"
interleave = "1 KiB"
interleaved_fraction = 0.125
[[placement.tensor]]
pattern = "w*"
home = "local"
[simulation]
seed = 31
start = "32 us"
watchdog = "33 us"
shuffle_seed = 34
)";
    const SystemConfig c = parse_system(text, "all.toml").config;
    CHECK(c.name == "all");
    CHECK(c.package.technology == "EMIB");
    CHECK(c.package.width == 60'000);
    CHECK(c.package.height == 61'000);
    REQUIRE(c.dies.size() == 2);
    const DieConfig& die = c.dies[0];
    CHECK(die.name == "a");
    CHECK(die.position.x == 1'000);
    CHECK(die.position.y == 2'000);
    CHECK(die.width == 3'000);
    CHECK(die.height == 4'000);
    const NetworkConfig& n = die.network;
    CHECK(n.columns == 3);
    CHECK(n.rows == 5);
    CHECK(n.clock == Hertz(1'500'000'000));
    CHECK(n.flit_bytes == 64);
    CHECK(n.header_bytes == 12);
    CHECK(n.max_payload_bytes == 256);
    CHECK(n.request_vcs == 3);
    CHECK(n.reply_vcs == 4);
    CHECK(n.vc_buffer_flits == 9);
    CHECK(n.link_latency_cycles == 10);
    CHECK(n.credit_delay_cycles == 11);
    CHECK(n.interface_queue_packets == 13);
    CHECK(n.synchroniser_cycles == 14);
    const CoreConfig& core = die.core;
    CHECK(core.columns == 2);
    CHECK(core.rows == 4);
    CHECK(core.clock == Hertz(1'100'000'000));
    CHECK(core.array_rows == 100);
    CHECK(core.array_columns == 101);
    CHECK(core.vector_flops_per_cycle == 102);
    CHECK(core.sram == Bytes(3U << 20U));
    CHECK(core.dma_window == 103);
    CHECK(core.landing_buffer == Bytes(17U << 10U));
    CHECK(core.launch_overhead_cycles == 104);
    CHECK(core.operand_sharing == "per_core");
    CHECK(core.stream_read_fraction == 0.25);
    CHECK(c.dies[1].network.columns == NetworkConfig{}.columns);
    REQUIRE(c.links.size() == 1);
    const D2dLinkConfig& l = c.links[0];
    CHECK(l.name == "l");
    CHECK(l.from_die == 1);
    CHECK(l.to_die == 0);
    CHECK(l.from_router == RouterPosition{1, 2});
    CHECK(l.to_router == RouterPosition{2, 3});
    CHECK(l.lanes == 16);
    CHECK(l.transfers_per_s == 8'000'000'000);
    CHECK(l.payload_efficiency == 0.5);
    CHECK(l.tx_latency == Picoseconds(3'000));
    CHECK(l.rx_latency == Picoseconds(4'000));
    CHECK(l.flight_time == Picoseconds(5));
    CHECK(l.tx_buffer_flits == 6);
    CHECK(l.receive_buffer_flits == 7);
    REQUIRE(c.stacks.size() == 1);
    const HbmStackConfig& s = c.stacks[0];
    CHECK(s.name == "s");
    CHECK(s.die == 1);
    CHECK(s.position.x == 9'000);
    CHECK(s.position.y == 10'000);
    CHECK(s.routers == std::vector<RouterPosition>{{1, 0}, {3, 2}});
    CHECK(s.timing_set == "ramulator21_HBM2_2000Mbps_4Gb");
    CHECK(s.timing == std::map<std::string, double>{{"nRCDRD", 15}, {"data_rate_Gbps", 1.8}});
    CHECK(s.channels == 8);
    const HbmControllerConfig& h = s.controller;
    CHECK(h.read_queue == 21);
    CHECK(h.write_queue == 22);
    CHECK(h.write_drain_high == 0.7);
    CHECK(h.write_drain_low == 0.1);
    CHECK(h.row_hit_cap == 23);
    CHECK(h.refresh == "none");
    CHECK(h.address_order == "column-pc-bankgroup-bank-sid-row");
    CHECK(h.request_latency == Picoseconds(24'000));
    CHECK(h.reply_latency == Picoseconds(25'000));
    CHECK(h.request_slots == 26);
    CHECK(h.reply_slots == 27);
    CHECK(c.rank_dies == std::vector<std::uint32_t>{1});
    CHECK(c.placement.home == "replicated");
    CHECK(c.placement.interleave == Bytes(1'024));
    CHECK(c.placement.interleaved_fraction == 0.125);
    REQUIRE(c.placement.tensors.size() == 1);
    CHECK(c.placement.tensors[0].pattern == "w*");
    CHECK(c.placement.tensors[0].home == "local");
    CHECK(c.simulation.seed == 31);
    CHECK(c.simulation.start == Picoseconds(32'000'000));
    CHECK(c.simulation.watchdog == Picoseconds(33'000'000));
    CHECK(c.simulation.shuffle_seed == 34);
}

TEST_CASE("Defaults, then [network], [core] and [hbm], then the element's own values, then overrides") {
    const std::string text = two_dies() + "timing_set = \"ramulator21_HBM2_2000Mbps_4Gb\"\nchannels = 4\n"
                                          "[hbm]\nchannels = 8\n[hbm.controller]\nread_queue = 32\n";
    const SystemConfig c = parse_system(text, "t.toml",
                                        {"core.dma_window=5", "die.b.core.dma_window=6",
                                         "hbm.controller.write_queue=16", "stack.sb.controller.write_queue=17"})
                               .config;
    CHECK(c.name == "t.toml");
    CHECK(c.dies[0].core.dma_window == 5);
    CHECK(c.dies[1].core.dma_window == 6);
    CHECK(c.dies[1].core.columns == 2);
    CHECK(c.dies[1].core.array_rows == CoreConfig{}.array_rows);
    CHECK(c.stacks[0].channels == 8);
    CHECK(c.stacks[1].channels == 4);
    CHECK(c.stacks[0].timing_set == HbmStackConfig{}.timing_set);
    CHECK(c.stacks[1].controller.read_queue == 32);
    CHECK(c.stacks[0].controller.write_queue == 16);
    CHECK(c.stacks[1].controller.write_queue == 17);
    CHECK(c.rank_dies == std::vector<std::uint32_t>{0, 1});
}

TEST_CASE("Links between dies expand to facing routers") {
    const auto links_of = [](const std::vector<std::string>& overrides) {
        return parse_system(two_dies(), "t.toml", overrides).config.links;
    };
    const auto east = links_of({"d2d.ab.lanes=32"});
    REQUIRE(east.size() == 2);
    CHECK(east[0].name == "ab.0");
    CHECK(east[0].from_router == RouterPosition{1, 0});
    CHECK(east[0].to_router == RouterPosition{0, 0});
    CHECK(east[1].name == "ab.1");
    CHECK(east[1].from_router == RouterPosition{1, 1});
    CHECK(east[1].to_router == RouterPosition{0, 1});
    CHECK(east[1].lanes == 32);

    const auto west = links_of({"d2d.ab.between=[\"b\", \"a\"]"});
    CHECK(west[0].from_die == 1);
    CHECK(west[0].from_router == RouterPosition{0, 0});
    CHECK(west[0].to_router == RouterPosition{1, 0});

    const auto north = links_of({"die.b.position=[\"0 mm\", \"11 mm\"]", "d2d.ab.links=per_column"});
    REQUIRE(north.size() == 2);
    CHECK(north[1].from_router == RouterPosition{1, 1});
    CHECK(north[1].to_router == RouterPosition{1, 0});

    // Two links on four and six rows: in the middle of each half.
    const auto spread = links_of({"die.a.network.rows=4", "die.b.network.rows=6", "d2d.ab.links=2"});
    REQUIRE(spread.size() == 2);
    CHECK(spread[0].from_router == RouterPosition{1, 1});
    CHECK(spread[1].from_router == RouterPosition{1, 3});
    CHECK(spread[0].to_router == RouterPosition{0, 1});
    CHECK(spread[1].to_router == RouterPosition{0, 4});
}
