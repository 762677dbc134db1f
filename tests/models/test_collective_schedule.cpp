#include "workloads/collective_schedule.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <tuple>
#include <vector>

using namespace intarsia::workloads;

namespace {

// What each position holds of each byte of the buffer: the set of positions whose contribution it contains.
class Buffers {
  public:
    Buffers(std::uint32_t ranks, std::uint64_t bytes) : held_(ranks, std::vector<std::set<std::uint32_t>>(bytes)) {}
    std::set<std::uint32_t>& at(std::uint32_t rank, std::uint64_t byte) { return held_[rank][byte]; }

    // Runs all steps; a message is sent when its sender reaches the step, and taken when its receiver does.
    void run(Collective kind, std::uint64_t bytes) {
        const auto ranks = static_cast<std::uint32_t>(held_.size());
        std::vector<std::vector<CollectiveStep>> schedules;
        for (std::uint32_t p = 0; p < ranks; ++p) {
            schedules.push_back(collective_schedule(kind, ranks, p, bytes));
        }
        std::vector<std::size_t> at(ranks);
        std::vector<bool> sent(ranks);
        std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, std::vector<std::set<std::uint32_t>>> wire;
        bool moved = true;
        while (moved) {
            moved = false;
            for (std::uint32_t p = 0; p < ranks; ++p) {
                if (at[p] == schedules[p].size()) {
                    continue;
                }
                const CollectiveStep& step = schedules[p][at[p]];
                if (step.send_to && !sent[p]) {
                    auto& message = wire[{p, *step.send_to, step.number}];
                    for (std::uint64_t i = 0; i < step.send.bytes; ++i) {
                        message.push_back(held_[p][step.send.offset + i]);
                    }
                    sent[p] = moved = true;
                }
                if (step.receive_from) {
                    const auto found = wire.find({*step.receive_from, p, step.number});
                    if (found == wire.end()) {
                        continue;
                    }
                    REQUIRE(found->second.size() == step.receive.bytes);
                    for (std::uint64_t i = 0; i < step.receive.bytes; ++i) {
                        auto& mine = held_[p][step.receive.offset + i];
                        if (!step.reduce) {
                            mine.clear();
                        }
                        for (const std::uint32_t from : found->second[i]) {
                            CHECK(mine.insert(from).second); // nothing is added twice
                        }
                    }
                    wire.erase(found);
                }
                ++at[p];
                sent[p] = false;
                moved = true;
            }
        }
        CHECK(wire.empty());
        for (std::uint32_t p = 0; p < ranks; ++p) {
            CHECK(at[p] == schedules[p].size()); // nobody waits for ever
        }
    }

  private:
    std::vector<std::vector<std::set<std::uint32_t>>> held_;
};

std::set<std::uint32_t> all(std::uint32_t ranks) {
    std::set<std::uint32_t> set;
    for (std::uint32_t p = 0; p < ranks; ++p) {
        set.insert(p);
    }
    return set;
}

} // namespace

TEST_CASE("an all-reduce leaves the sum of all everywhere, whatever the sizes") {
    const auto ranks = GENERATE(as<std::uint32_t>{}, 2, 3, 4, 7, 8);
    const auto bytes = GENERATE(as<std::uint64_t>{}, 64, 61, 1);
    Buffers buffers(ranks, bytes);
    for (std::uint32_t p = 0; p < ranks; ++p) {
        for (std::uint64_t i = 0; i < bytes; ++i) {
            buffers.at(p, i) = {p};
        }
    }
    buffers.run(Collective::all_reduce, bytes);
    for (std::uint32_t p = 0; p < ranks; ++p) {
        for (std::uint64_t i = 0; i < bytes; ++i) {
            CHECK(buffers.at(p, i) == all(ranks));
        }
    }
}

TEST_CASE("a reduce-scatter leaves the sum of chunk p at position p, an all-gather every shard everywhere") {
    const auto ranks = GENERATE(as<std::uint32_t>{}, 2, 3, 8);
    const std::uint64_t bytes = 8ULL * ranks;
    Buffers scatter(ranks, bytes);
    Buffers gather(ranks, bytes);
    for (std::uint32_t p = 0; p < ranks; ++p) {
        for (std::uint64_t i = 0; i < bytes; ++i) {
            scatter.at(p, i) = {p};
            if (i / 8 == p) {
                gather.at(p, i) = {p};
            }
        }
    }
    scatter.run(Collective::reduce_scatter, bytes);
    gather.run(Collective::all_gather, 8);
    for (std::uint32_t p = 0; p < ranks; ++p) {
        for (std::uint64_t i = 0; i < 8; ++i) {
            CHECK(scatter.at(p, p * 8 + i) == all(ranks));
        }
        for (std::uint64_t i = 0; i < bytes; ++i) {
            CHECK(gather.at(p, i) == std::set<std::uint32_t>{static_cast<std::uint32_t>(i / 8)});
        }
    }
}

TEST_CASE("broadcast, reduce, scatter, gather and all-to-all end on every rank") {
    const auto ranks = GENERATE(as<std::uint32_t>{}, 2, 5, 8);
    const auto kind = GENERATE(Collective::broadcast, Collective::reduce, Collective::scatter, Collective::gather,
                               Collective::all_to_all, Collective::barrier);
    const std::uint64_t shard = 8;
    const std::uint64_t bytes = kind == Collective::gather ? shard : shard * ranks;
    Buffers buffers(ranks, shard * ranks);
    for (std::uint32_t p = 0; p < ranks; ++p) {
        for (std::uint64_t i = 0; i < shard * ranks; ++i) {
            if (kind == Collective::reduce || p == 0) {
                buffers.at(p, i) = {p};
            }
        }
    }
    buffers.run(kind, bytes);
    if (kind == Collective::broadcast) {
        CHECK(buffers.at(ranks - 1, 3) == std::set<std::uint32_t>{0});
    }
    if (kind == Collective::reduce) {
        CHECK(buffers.at(0, 3) == all(ranks));
    }
}

TEST_CASE("sender and receiver agree on every message, and stay inside the buffer, for sizes that do not divide") {
    const auto ranks = GENERATE(as<std::uint32_t>{}, 2, 3, 4, 8);
    const auto bytes = GENERATE(as<std::uint64_t>{}, 1, 2, 7, 10'007);
    for (std::size_t k = 0; k < collective_count; ++k) {
        const auto kind = static_cast<Collective>(k);
        INFO(name_of(kind) << " of " << bytes << " bytes by " << ranks);
        const std::uint64_t buffer = collective_buffer_bytes(kind, ranks, bytes);
        std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, std::uint64_t> sent;
        std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, std::uint64_t> received;
        for (std::uint32_t p = 0; p < ranks; ++p) {
            for (const CollectiveStep& step : collective_schedule(kind, ranks, p, bytes)) {
                CHECK(step.send.offset + step.send.bytes <= buffer);
                CHECK(step.receive.offset + step.receive.bytes <= buffer);
                if (step.send_to) {
                    sent[{p, *step.send_to, step.number}] = step.send.bytes;
                }
                if (step.receive_from) {
                    received[{*step.receive_from, p, step.number}] = step.receive.bytes;
                }
            }
        }
        CHECK(sent == received);
    }
}

TEST_CASE("a rank alone has nothing to do") {
    CHECK(collective_schedule(Collective::all_reduce, 1, 0, 1024).empty());
}
