#include "models/core_time.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace intarsia;
using metrics::Leaf;
using models::CoreTime;

namespace {
const Clock one_ghz{Hertz(1'000'000'000)};

std::uint64_t of(const CoreTime& time, Leaf leaf) {
    return time.account().stalls()[static_cast<std::size_t>(leaf)];
}
std::uint64_t hidden(const CoreTime& time, Leaf leaf) {
    return time.account().hidden()[static_cast<std::size_t>(leaf)];
}
} // namespace

TEST_CASE("a job's own time goes where the job says, free time to bubble and at last to idle") {
    CoreTime time(one_ghz);
    time.occupy(10);
    time.spend(Leaf::dependency_launch, 15);
    time.spend(Leaf::computing_matrix, 40);
    time.release(40);
    time.rank_finished(45);
    time.finish(60, Leaf::local_dma_window);
    CHECK(of(time, Leaf::dependency_bubble) == 15);
    CHECK(of(time, Leaf::dependency_launch) == 5);
    CHECK(of(time, Leaf::computing_matrix) == 25);
    CHECK(of(time, Leaf::idle) == 15);
    CHECK(time.account().accounted_cycles() == 60);
}

TEST_CASE("a background job explains free time, and is hidden behind a job of the core") {
    CoreTime time(one_ghz);
    time.background_begin(1, 10);
    time.occupy(30);
    time.spend(Leaf::computing_matrix, 50);
    time.release(50);
    // Told only at 70: 20 cycles before the job, 20 behind it, 20 after.
    time.background_span(1, 70, Leaf::collective_peer);
    time.background_end(1);
    time.rank_finished(80);
    time.finish(80, Leaf::idle);
    CHECK(of(time, Leaf::dependency_bubble) == 20); // before it began, and after it ended
    CHECK(of(time, Leaf::collective_peer) == 40);
    CHECK(hidden(time, Leaf::collective_peer) == 20);
    CHECK(time.account().accounted_cycles() == 80);
}

TEST_CASE("of two background jobs the first speaks for the core, the second is hidden") {
    CoreTime time(one_ghz);
    time.background_begin(1, 0);
    time.background_begin(2, 0);
    time.background_span(2, 30, Leaf::collective_reduction);
    time.background_span(1, 40, Leaf::collective_peer);
    time.background_end(1);
    time.background_span(2, 60, Leaf::collective_reduction);
    time.background_end(2);
    time.rank_finished(60);
    time.finish(60, Leaf::idle);
    CHECK(of(time, Leaf::collective_peer) == 40);
    CHECK(of(time, Leaf::collective_reduction) == 20);
    CHECK(hidden(time, Leaf::collective_reduction) == 40);
    CHECK(time.account().accounted_cycles() == 60);
}

TEST_CASE("whatever jobs come and go, every cycle is accounted for once") {
    std::mt19937_64 random(7);
    for (int round = 0; round < 2000; ++round) {
        CoreTime time(one_ghz);
        std::uint64_t now = 0;
        bool occupied = false;
        std::vector<std::uint32_t> jobs;
        std::uint32_t next_job = 0;
        const int events = static_cast<int>(random() % 60);
        for (int event = 0; event < events; ++event) {
            now += random() % 20;
            switch (random() % 5) {
            case 0:
                if (occupied) {
                    time.spend(Leaf::computing_vector, now);
                    time.release(now);
                } else {
                    time.occupy(now);
                }
                occupied = !occupied;
                break;
            case 1:
                time.background_begin(next_job, now);
                jobs.push_back(next_job++);
                break;
            case 2:
                if (!jobs.empty()) {
                    time.background_end(jobs.back());
                    jobs.pop_back();
                }
                break;
            default:
                if (!jobs.empty()) {
                    time.background_span(jobs[random() % jobs.size()], now, Leaf::noc_transit);
                }
            }
        }
        time.finish(now + random() % 50, Leaf::local_dma_window);
        CHECK(time.account().accounted_cycles() >= now);
        const std::uint64_t end = time.account().accounted_cycles();
        CHECK(end < now + 50);
    }
}
