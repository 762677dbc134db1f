// The public library, used by its header alone.
#include "include/intarsia/memory.hpp"
#include "tests/memory_standalone/support.hpp"

#include <map>

using namespace intarsia::tests;
using intarsia::Memory;

namespace {

Memory hbm3_memory(const std::vector<std::string>& overrides = {}) {
    return Memory::from_text("[memory]\ntiming_set = \"" + hbm3 + "\"\n", overrides);
}

} // namespace

TEST_CASE("the library tells what memory it is") {
    const Memory memory = hbm3_memory({"memory.channels=2"});
    CHECK(memory.channels() == 2);
    CHECK(memory.access_bytes() == 32);
    CHECK(memory.capacity_bytes() == 2ULL << 30U);
    CHECK(memory.tick_seconds() == Approx(0.3125e-9));
    CHECK(memory.peak_bytes_per_s() == Approx(102.4e9));
    CHECK(memory.now() == 0);
    CHECK(memory.in_flight() == 0);
}

TEST_CASE("one read takes the latency of a closed bank") {
    const intarsia::memory::TimingSet t = intarsia::memory::timing_set(hbm3);
    Memory memory = hbm3_memory({"memory.refresh=none"});
    memory.advance(100);
    REQUIRE(memory.enqueue(0, false, 42));
    CHECK(memory.in_flight() == 1);
    CHECK_FALSE(memory.poll());
    const std::uint64_t finish = 100 + (t.nRCDRD + t.nCL + t.burst_nck) * 2;
    memory.advance(finish - 1);
    CHECK_FALSE(memory.poll());
    memory.advance(finish);
    const auto done = memory.poll();
    REQUIRE(done);
    CHECK(done->id == 42);
    CHECK_FALSE(done->is_write);
    CHECK(done->accepted == 100);
    CHECK(done->finished == finish);
    CHECK(memory.in_flight() == 0);
    CHECK(memory.counters().activates == 1);
    CHECK(memory.counters().reads == 1);
}

TEST_CASE("every access completes once, in order of its end, and a full queue says so") {
    Memory memory = hbm3_memory();
    std::map<std::uint64_t, int> seen;
    std::uint64_t issued = 0;
    std::uint64_t refused = 0;
    std::uint64_t last_finish = 0;
    constexpr std::uint64_t all = 5000;
    while (seen.size() < all) {
        while (issued < all && memory.enqueue(issued * 7919 * 32 % memory.capacity_bytes(), issued % 4 == 0, issued)) {
            ++issued;
        }
        refused += issued < all ? 1 : 0;
        memory.advance(std::max(memory.next_event(), memory.now() + 1));
        while (const auto done = memory.poll()) {
            ++seen[done->id];
            CHECK(done->is_write == (done->id % 4 == 0));
            REQUIRE(done->finished >= last_finish);
            REQUIRE(done->finished <= memory.now());
            last_finish = done->finished;
        }
    }
    CHECK(refused > 0);
    CHECK(seen.size() == all);
    CHECK(std::all_of(seen.begin(), seen.end(), [](const auto& entry) { return entry.second == 1; }));
    const Memory::Counters counters = memory.counters();
    CHECK(counters.reads + counters.writes + counters.forwarded == all);
}

TEST_CASE("how often time is advanced does not matter") {
    const auto ends = [](std::uint64_t step) {
        Memory memory = hbm3_memory();
        std::vector<std::uint64_t> finishes;
        for (std::uint64_t i = 0; i < 300; ++i) {
            memory.advance(i * 120);
            REQUIRE(memory.enqueue(i * 4096, false, i));
            for (std::uint64_t tick = i * 120; tick < (i + 1) * 120; tick += step) {
                memory.advance(tick);
                while (const auto done = memory.poll()) {
                    finishes.push_back(done->finished);
                }
            }
        }
        return finishes;
    };
    const std::vector<std::uint64_t> fine = ends(1);
    const std::vector<std::uint64_t> coarse = ends(60);
    REQUIRE(fine.size() >= coarse.size());
    CHECK(std::equal(coarse.begin(), coarse.end(), fine.begin()));
}

TEST_CASE("misuse and bad input throw standard exceptions") {
    Memory memory = hbm3_memory();
    CHECK_THROWS_AS(memory.enqueue(memory.capacity_bytes(), false, 0), std::out_of_range);
    memory.advance(50);
    CHECK_THROWS_AS(memory.advance(49), std::invalid_argument);
    try {
        static_cast<void>(Memory::from_text("[memory]\nread_queue = -3\nnonsense = 1\n"));
        FAIL("bad input is accepted");
    } catch (const std::runtime_error& error) {
        CHECK_THAT(error.what(), Catch::Contains("text:2") && Catch::Contains("text:3"));
    }
    CHECK_THROWS_AS(Memory::from_file("/none/such.toml"), std::runtime_error);
    Memory moved = std::move(memory);
    CHECK(moved.now() == 50);
}

TEST_CASE("the example program embeds the library") {
    const std::string sample = INTARSIA_SOURCE_DIR "/examples/memory_hbm3.toml";
    const Finished run = run_command(std::string(INTARSIA_EMBED_EXAMPLE) + " " + sample);
    CHECK(run.exit_code == 0);
    CHECK(run.err.empty());
    CHECK_THAT(run.out, Catch::Contains("copied 1048576 bytes in"));
    const Finished bad = run_command(std::string(INTARSIA_EMBED_EXAMPLE) + " /none/such.toml");
    CHECK(bad.exit_code == 2);
    CHECK_FALSE(bad.err.empty());
}
