// The figures of a link against closed forms.
#include "tests/d2d/link_text.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>

using namespace intarsia;
using d2d::SlotUse;
using tests::link_with;
using tests::run_with;
using tests::share;

namespace {

/// One packet alone: slot, both adapters, both physical layers, crossings, wire.
Picoseconds sum_of_parts(const d2d::LinkConfig& link) {
    const d2d::FlitFormat& format = *d2d::find_flit_format(link.flit_format);
    const double slot = format.wire_bytes * 8e12 /
                        (static_cast<double>(link.lanes) * link.modules * static_cast<double>(link.transfers_per_s) *
                         link.code_efficiency);
    const double flight = static_cast<double>(link.length_um) * link.flight_ps_per_mm / 1'000;
    // A slot of a whole number of picoseconds is not to fall short of it by the rounding of this double.
    return Picoseconds(static_cast<std::uint64_t>(slot + 1e-6)) + link.tx_crossing + link.tx_adapter + link.tx_phy +
           Picoseconds(static_cast<std::uint64_t>(std::llround(flight))) + link.rx_phy + link.rx_adapter +
           link.rx_crossing;
}

double go_back_n(double ber, double bits, double window) {
    const double p = -std::expm1(bits * std::log1p(-ber));
    return (1 - p) / (1 + (window - 1) * p);
}

} // namespace

TEST_CASE("zero-load latency is the sum of the configured parts, to the picosecond") {
    for (const std::string& standard : d2d::standard_names()) {
        for (const char* format : {"68B", "256B", "256B_end_header"}) {
            const std::vector<std::string> options{
                "link.standard=" + standard, "link.flit_format=" + std::string(format),
                "link.length=3 mm",          "link.tx_crossing=1234 ps",
                "link.rx_crossing=777 ps",   "link.tx_phy=321 ps",
                "link.rx_adapter=123 ps",    "traffic.load=0.001",
                "traffic.packets=200",       "traffic.packet_bytes=64"};
            const auto report = run_with(options);
            INFO(standard << ' ' << format);
            const Picoseconds expected = sum_of_parts(link_with(options).config.link);
            CHECK(Picoseconds(report.directions[0].latency_ps.min()) == expected);
            CHECK(Picoseconds(report.directions[0].latency_ps.max()) == expected);
        }
    }
}

TEST_CASE("a packet in the first half of a latency-optimised d2d_flit does not wait for the second") {
    for (const char* format : {"256B_latency", "256B_latency_optional"}) {
        const std::string option = fmt::format("link.flit_format={}", format);
        const auto half = run_with({option, "traffic.load=0.01", "traffic.packets=100"});
        const auto whole = run_with({option, "traffic.load=0.01", "traffic.packets=100", "traffic.packet_bytes=200"});
        // 64 lanes x 32 GT/s: 256 bytes take 1 ns.
        CHECK(half.directions[0].latency_ps.max() == 2'514);
        CHECK(whole.directions[0].latency_ps.max() == 3'014);
    }
}

TEST_CASE("a partly filled d2d_flit waits as long as it is told, unless it fills up") {
    const auto alone = run_with({"traffic.load=0.001", "traffic.packets=100", "link.flush_wait=5 ns"});
    CHECK(alone.directions[0].latency_ps.min() == 5'000 + 3'014);
    CHECK(alone.directions[0].latency_ps.max() == 5'000 + 3'014);
    // Three packets of 80 bytes fill 240: the first waits for the third, two intervals of 80 B / 120 GB/s.
    const auto shared =
        run_with({"traffic.load=0.5", "traffic.packets=30000", "traffic.packet_bytes=80", "link.flush_wait=50 ns"});
    CHECK(shared.directions[0].latency_ps.min() == 3'014);
    CHECK(shared.directions[0].latency_ps.max() >= 3'014 + 1'333);
    CHECK(shared.directions[0].latency_ps.max() <= 3'014 + 1'334);
    CHECK(shared.directions[0].counters.flits[0] == 10'000);
    CHECK(shared.directions[0].counters.padding_bytes == 0);
}

TEST_CASE("throughput without errors is the format's payload efficiency within 0.5 %") {
    for (const d2d::FlitFormat& format : d2d::flit_formats()) {
        for (const std::uint32_t bytes : {1U, 48U, 64U, 136U, 520U, 4'096U}) {
            const auto report = run_with({fmt::format("link.flit_format={}", format.name), "link.data_rate=16 GT/s",
                                          fmt::format("traffic.packet_bytes={}", bytes),
                                          fmt::format("traffic.packets={}", 10'000'000 / bytes / 2)});
            const double efficiency = report.payload_bytes_per_s() / 128e9;
            INFO(format.name << ' ' << bytes << ' ' << efficiency);
            CHECK(efficiency == Approx(format.efficiency()).epsilon(0.005));
            CHECK(report.directions[0].counters.timeouts == 0);
            CHECK(share(report, SlotUse::no_credit) == 0);
            CHECK(share(report, SlotUse::replay_buffer_full) == 0);
        }
    }
}

TEST_CASE("both directions at once keep their rate where credits have room of their own") {
    for (const char* format : {"256B", "256B_end_header", "256B_latency"}) {
        const auto report = run_with({fmt::format("link.flit_format={}", format), "traffic.direction=both"});
        CHECK(report.payload_bytes_per_s() ==
              Approx(256e9 * d2d::find_flit_format(format)->efficiency()).epsilon(0.005));
    }
    // Without room, each credit message takes its bytes from payload.
    const auto report = run_with({"link.flit_format=256B_latency_optional", "traffic.direction=both"});
    const d2d::DirectionCounters& counters = report.directions[0].counters;
    CHECK(counters.credit_bytes > 0);
    const double left = 1 - static_cast<double>(counters.credit_bytes) /
                                static_cast<double>(counters.credit_bytes + counters.payload_bytes);
    CHECK(report.payload_bytes_per_s() == Approx(250e9 * left).epsilon(0.005));
}

TEST_CASE("throughput under errors is that of the go-back-N formula within 3 %") {
    struct Case {
        double ber;
        const char* latency;
        const char* format;
        std::uint32_t bits;
    };
    for (const Case& each :
         {Case{1e-9, "500 ps", "256B", 2'048}, Case{1e-8, "20 ns", "256B", 2'048}, Case{1e-7, "20 ns", "256B", 2'048},
          Case{1e-6, "500 ps", "256B", 2'048}, Case{1e-6, "50 ns", "256B", 2'048}, Case{1e-5, "500 ps", "256B", 2'048},
          Case{1e-5, "10 ns", "256B", 2'048}, Case{1e-5, "5 ns", "68B", 544}}) {
        const std::vector<std::string> options{
            fmt::format("link.ber={}", each.ber), fmt::format("link.tx_adapter={}", each.latency),
            fmt::format("link.flit_format={}", each.format), "traffic.packets=400000", "traffic.packet_bytes=240"};
        const auto link = link_with(options);
        const auto report = run_with(options);
        const double window = std::ceil(link.parameters.round_trip_ps() / link.parameters.slot.picoseconds());
        const double expected = d2d::payload_bytes_per_s(link.config.link) * go_back_n(each.ber, each.bits, window);
        fmt::print("go-back-N: BER {:g}, window {} d2d_flits of {} bits: {:.4f} of the formula\n", each.ber, window,
                   each.bits, report.payload_bytes_per_s() / expected);
        CHECK(report.payload_bytes_per_s() == Approx(expected).epsilon(0.03));
        CHECK(report.directions[0].delivered == 400'000);
    }
}

TEST_CASE("a replay buffer smaller than the round trip costs what buffer over round trip predicts") {
    for (const char* format : {"68B", "256B", "256B_latency_optional"}) {
        for (const std::uint32_t buffer : {1U, 2U, 3U, 5U}) {
            const std::vector<std::string> options{fmt::format("link.flit_format={}", format),
                                                   fmt::format("link.replay_buffer={}", buffer), "link.tx_phy=2 ns",
                                                   "traffic.packets=50000"};
            const auto link = link_with(options);
            const auto report = run_with(options);
            const double expected =
                buffer * std::uint64_t{link.parameters.payload_bytes} * 1e12 / link.parameters.round_trip_ps();
            INFO(format << ' ' << buffer);
            CHECK(report.payload_bytes_per_s() == Approx(expected).epsilon(0.02));
            // Acks of the credits that come back fill some of the slots.
            CHECK(share(report, SlotUse::replay_buffer_full) + share(report, SlotUse::ack) ==
                  Approx(1 - expected / d2d::payload_bytes_per_s(link.config.link)).margin(0.01));
            CHECK(report.directions[0].counters.replay_occupancy_max == buffer);
        }
    }
}

TEST_CASE("a receive buffer smaller than the round trip costs what buffer over round trip predicts") {
    for (const char* format : {"raw", "68B", "256B", "256B_end_header"}) {
        for (const std::uint32_t buffer : {1U, 2U, 3U, 5U}) {
            for (const std::uint32_t bytes : {64U, 136U, 1'000U}) {
                const std::vector<std::string> options{
                    fmt::format("link.flit_format={}", format), fmt::format("link.receive_buffer={}", buffer),
                    fmt::format("traffic.packet_bytes={}", bytes), "link.tx_phy=2 ns", "traffic.packets=20000"};
                const auto link = link_with(options);
                const auto report = run_with(options);
                const double expected = link.parameters.receive_buffer_bytes * 1e12 / link.parameters.round_trip_ps();
                INFO(format << ' ' << buffer << ' ' << bytes);
                CHECK(report.payload_bytes_per_s() == Approx(expected).epsilon(0.02));
                CHECK(share(report, SlotUse::no_credit) > 0);
                CHECK(report.directions[0].counters.receive_occupancy_max == link.parameters.receive_buffer_bytes);
            }
        }
    }
}

TEST_CASE("slots are accounted for, to the picosecond") {
    for (const char* options : {"traffic.load=0.3", "link.ber=1e-5", "link.replay_buffer=2", "link.receive_buffer=2"}) {
        const auto report = run_with({options, "traffic.direction=both", "traffic.packets=20000"});
        for (const d2d::DirectionReport& direction : report.directions) {
            Picoseconds sum;
            for (const Picoseconds time : direction.counters.time) {
                sum += time;
            }
            CHECK(sum == report.end);
        }
        double shares = 0;
        for (const double each : report.slot_shares()) {
            shares += each;
        }
        CHECK(shares == Approx(1).epsilon(1e-12));
    }
    const auto light = run_with({"traffic.load=0.3", "traffic.packet_bytes=240", "traffic.packets=20000"});
    CHECK(share(light, SlotUse::payload) == Approx(0.3).epsilon(0.005));
}

TEST_CASE("energy is that of the d2d_flits sent and of idle lanes; replays cost energy") {
    const auto full = run_with({});
    CHECK(full.energy_pj_per_bit() == Approx(0.3 / 0.9375).epsilon(0.005));
    const auto tenth = run_with({"traffic.load=0.1", "traffic.packet_bytes=240", "link.retry=false"});
    // A tenth of the time busy, nine tenths at 15 % of the power.
    CHECK(tenth.energy_pj_per_bit() == Approx(0.3 / 0.9375 * (1 + 9 * 0.15)).epsilon(0.01));
    const auto errors = run_with({"link.ber=1e-5"});
    const d2d::DirectionCounters& counters = errors.directions[0].counters;
    const double sent = static_cast<double>(counters.flits[0] + counters.flits[3]);
    CHECK(counters.flits[3] > 0);
    CHECK(errors.energy_pj_per_bit() ==
          Approx(0.3 / 0.9375 * sent / static_cast<double>(counters.flits[0])).epsilon(0.01));
}

TEST_CASE("a sink that stalls slows the link down to what it takes, and loses nothing") {
    // Ready in one cycle of sixteen at 1 GHz: the buffer of 4 x 240 bytes is emptied once in 16 ns.
    const auto report = run_with({"sink.period=16", "sink.stall=15", "link.receive_buffer=4"});
    CHECK(report.payload_bytes_per_s() == Approx(4 * 240e9 / 16).epsilon(0.02));
    CHECK(report.directions[0].delivered == 100'000);
    CHECK(share(report, SlotUse::no_credit) == Approx(0.75).margin(0.02));
    // A buffer that holds what comes in 16 ns and a round trip costs nothing.
    CHECK(run_with({"sink.period=16", "sink.stall=15", "link.receive_buffer=24"}).payload_bytes_per_s() ==
          Approx(240e9).epsilon(0.005));
}
