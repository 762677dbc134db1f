#include "kernel/due_channel_module.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace intarsia;

namespace {

// Sends `count` entries to its peer, one every `every` cycles, and notes what it receives and when.
class Player : public SelfTimedModule {
  public:
    Player(const sc_core::sc_module_name& name, Hertz clock, std::uint64_t shuffle, int count, std::uint64_t every,
           std::uint32_t synchroniser_edges)
        : SelfTimedModule(name, Clock(clock), shuffle), out("out"), in("in"), inbox_(*this, 64, synchroniser_edges),
          left_(count), every_(every) {
        in.bind(inbox_);
        start_at(0);
    }
    sc_core::sc_port<DueChannelIf<int>> out;
    sc_core::sc_export<DueChannelIf<int>> in;
    std::vector<std::string> heard;
    std::vector<Picoseconds> active_at;

  private:
    std::uint64_t activate(std::uint64_t cycle, Picoseconds now) override {
        active_at.push_back(now);
        while (const int* value = inbox_.front(now)) {
            heard.push_back(std::to_string(now.count()) + ":" + std::to_string(*value));
            inbox_.pop();
        }
        std::uint64_t next = inbox_.empty() ? never_cycle : clock().first_edge_at_or_after(inbox_.next_due());
        if (left_ > 0 && cycle % every_ == 0) {
            out->push(left_--, now + Picoseconds(1));
        }
        if (left_ > 0) {
            next = std::min(next, (cycle / every_ + 1) * every_);
        }
        return next;
    }
    DueInbox<int> inbox_;
    int left_;
    std::uint64_t every_;
};

struct Pair {
    explicit Pair(std::uint64_t shuffle)
        : a("a", Hertz(2'000'000'000), shuffle, 20, 3, 2), b("b", Hertz(1'600'000'000), shuffle, 30, 5, 2) {
        a.out.bind(b.in);
        b.out.bind(a.in);
    }
    Player a;
    Player b;
};

} // namespace

TEST_CASE("an entry passes the receiver's next edge and its synchroniser") {
    Player sender("sender", Hertz(2'000'000'000), 0, 1, 1, 0);
    Player receiver("receiver", Hertz(1'600'000'000), 0, 0, 1, 2);
    sender.out.bind(receiver.in);
    receiver.out.bind(sender.in);
    sc_core::sc_start();
    // Sent at 0; edges of 1.6 GHz are at 0, 625, 1250, 1875: the first after 0 and two more.
    CHECK(receiver.heard == std::vector<std::string>{"1875:1"});
    // Asleep otherwise: the first activation, and the one for the entry.
    CHECK(receiver.active_at == std::vector<Picoseconds>{Picoseconds(0), Picoseconds(1875)});
}

TEST_CASE("modules sleep until their next work and run at exact edges") {
    Pair pair(0);
    sc_core::sc_start();
    const Clock clock = pair.a.clock();
    for (const Picoseconds t : pair.a.active_at) {
        CHECK(clock.edge(clock.first_edge_at_or_after(t)) == t);
    }
    CHECK(pair.a.heard.size() == 30);
    CHECK(pair.b.heard.size() == 20);
}

TEST_CASE("the order of modules at one time does not matter") {
    // Activations put off at random: every entry is heard when the clocks say, all the same.
    Pair pair(12345);
    sc_core::sc_start();
    const auto check = [](const Player& sender, const Player& receiver, int count, std::uint64_t every) {
        REQUIRE(receiver.heard.size() == static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) {
            const Picoseconds sent = sender.clock().edge(static_cast<std::uint64_t>(i) * every);
            const std::uint64_t seen = receiver.clock().first_edge_after(sent) + 2;
            CHECK(receiver.heard[static_cast<std::size_t>(i)] ==
                  std::to_string(receiver.clock().edge(seen).count()) + ":" + std::to_string(count - i));
        }
    };
    check(pair.a, pair.b, 20, 3);
    check(pair.b, pair.a, 30, 5);
}
