// Traces in every format, good and bad.
#include "tests/memory_standalone/support.hpp"

#include <random>

using namespace intarsia;
using namespace intarsia::tests;
using memory::Trace;
using memory::TraceFormat;

namespace {

Trace read(const std::string& text, const std::vector<std::string>& overrides = {}) {
    const Scratch scratch;
    const memory::StandaloneConfig config = memory_of(hbm3, overrides);
    return memory::read_trace(scratch.write("t.trace", text), config.setup.timing, config.addressing());
}

std::string faults(const std::string& text) {
    return faults_of([&] { static_cast<void>(read(text)); });
}

} // namespace

TEST_CASE("the four formats are told apart and mean the same") {
    const Trace cycles = read("cycle,type,address\n0,R,0x40\n7,W,96\n");
    CHECK(cycles.format == TraceFormat::cycles);
    REQUIRE(cycles.accesses.size() == 2);
    CHECK(cycles.accesses[0].burst == 2);
    CHECK_FALSE(cycles.accesses[0].is_write);
    CHECK(cycles.accesses[1].cycle == 7);
    CHECK(cycles.accesses[1].burst == 3);
    CHECK(cycles.accesses[1].is_write);

    const Trace dramsim = read("# made by hand\r\n\r\n0x40 READ 0\r\n60 WRITE 7\r\n");
    CHECK(dramsim.format == TraceFormat::dramsim3);
    REQUIRE(dramsim.accesses.size() == 2);
    CHECK(dramsim.accesses[0].burst == 2);
    CHECK(dramsim.accesses[1].burst == 3);
    CHECK(dramsim.accesses[1].cycle == 7);
    CHECK(dramsim.accesses[1].is_write);

    const Trace load_store = read("LD 0x40\nST 96");
    CHECK(load_store.format == TraceFormat::ramulator_loadstore);
    REQUIRE(load_store.accesses.size() == 2);
    CHECK(load_store.accesses[0].burst == 2);
    CHECK(load_store.accesses[1].burst == 3);
    CHECK(load_store.accesses[1].is_write);

    // channel, pc, sid, bankgroup, bank, row, column; without the stack id it is 0.
    const Trace places = read("R 0,1,1,2,3,77,5\nW 0,1,2,3,77,5\n");
    CHECK(places.format == TraceFormat::ramulator_readwrite);
    REQUIRE(places.accesses.size() == 2);
    const memory::Addressing addressing = memory_of(hbm3).addressing();
    CHECK(addressing.at(places.accesses[0].burst) == memory::Place{0, {77, 5, 1, 1, 2, 3}});
    CHECK(addressing.at(places.accesses[1].burst) == memory::Place{0, {77, 5, 1, 0, 2, 3}});
}

TEST_CASE("a trace of a pattern runs as the pattern does") {
    std::string text;
    for (int i = 0; i < 3000; ++i) {
        text += (i % 3 == 2 ? "ST " : "LD ") + std::to_string(i * 32) + "\n";
    }
    const Trace trace = read(text);
    const auto replayed = run(memory_of(hbm3), &trace);
    const auto generated =
        run(hbm3, {"traffic.write_percent=33", "traffic.requests=3000", "traffic.warmup_requests=0"});
    CHECK(replayed.measured.end == generated.measured.end);
    CHECK(replayed.commands == generated.commands);
    CHECK(replayed.measured.requests == 3000);
}

TEST_CASE("accesses of a trace are not offered before their cycle") {
    const Trace trace = read("1000,R,0\n5000,R,64\n");
    const auto result = run(memory_of(hbm3, {"memory.refresh=none"}), &trace);
    const memory::TimingSet t = memory_of(hbm3).setup.timing;
    CHECK(result.measured.end == (5000 + t.nRCDRD + t.nCL + t.burst_nck) * memory::ticks_per_ck);
}

TEST_CASE("addresses beyond the memory count from its start again, and are counted") {
    const std::uint64_t bytes = memory_of(hbm3).addressing().bytes();
    const Trace trace = read("LD 64\nLD " + std::to_string(bytes + 64) + "\n");
    CHECK(trace.wrapped == 1);
    CHECK(trace.accesses[0].burst == trace.accesses[1].burst);
}

TEST_CASE("bad lines of traces are refused with their place") {
    CHECK_THAT(faults("0,R,0x40\n5,X,0x40\n"), Catch::Contains("t.trace:2:1: error: '5,X,0x40'"));
    CHECK_THAT(faults("0,R,0x40\n5,R\n"), Catch::Contains("t.trace:2:1") && Catch::Contains("cycle,R,address"));
    CHECK_THAT(faults("0,R,-1\n"), Catch::Contains("t.trace:1:1"));
    CHECK_THAT(faults("0,R,0x1ffffffffffffffff\n"), Catch::Contains("t.trace:1:1"));
    CHECK_THAT(faults("99999999999999999999,R,0\n"), Catch::Contains("t.trace:1:1"));
    CHECK_THAT(faults("1152921504606846976,R,0\n"), Catch::Contains("t.trace:1:1")); // ticks would overflow
    CHECK_THAT(faults("LD 0x40\n\nST zz\n"), Catch::Contains("t.trace:3:1") && Catch::Contains("LD address"));
    CHECK_THAT(faults("0x40 READ 0\n0x40 FETCH 9\n"), Catch::Contains("t.trace:2:1"));
    CHECK_THAT(faults("0x40 READ 9\n0x40 READ 8\n"), Catch::Contains("cycle 8 comes after cycle 9"));
    CHECK_THAT(faults("R 0,2,0,0,0,0\n"), Catch::Contains("'2' is no pc") && Catch::Contains("from 0 to 1"));
    CHECK_THAT(faults("R 0,0,0,0,16384,0\n"), Catch::Contains("'16384' is no row"));
    CHECK_THAT(faults("hello world\n"), Catch::Contains("no known trace format"));
    CHECK_THAT(faults(""), Catch::Contains("holds no access"));
    CHECK_THAT(faults("# nothing\n\n"), Catch::Contains("holds no access"));
    CHECK_THAT(faults("0,R,0\n1,Q,0\n2,Q,0\n"), Catch::Contains(":2:1") && Catch::Contains(":3:1")); // all of them
}

TEST_CASE("whatever a file holds, it is read or refused") {
    CHECK_THAT(faults(std::string(5'000'000, 'a')), Catch::Contains("too long"));
    CHECK_THAT(faults(std::string(5'000'000, '\0')), Catch::Contains("t.trace"));
    CHECK_THAT(faults("0,R,0\n" + std::string(3000, 'x') + "\n"), Catch::Contains("too long"));
    std::mt19937_64 random(9);
    for (int round = 0; round < 200; ++round) {
        std::string text = round % 2 == 0 ? "0,R,0\n" : "";
        for (int i = 0; i < 300; ++i) {
            const std::string_view near = "0123456789RWLDSTx, \n\n\t#";
            text += round % 4 < 2 ? static_cast<char>(random() & 0xffU) : near[random() % near.size()];
        }
        static_cast<void>(faults(text)); // no other exception, no crash
    }
    const Scratch scratch;
    const memory::StandaloneConfig config = memory_of(hbm3);
    const auto open = [&](const std::string& path) {
        return faults_of(
            [&] { static_cast<void>(memory::read_trace(path, config.setup.timing, config.addressing())); });
    };
    CHECK_THAT(open(scratch.path("none")), Catch::Contains("cannot be read"));
    CHECK_THAT(open(scratch.path("")), Catch::Contains("directory"));
}
