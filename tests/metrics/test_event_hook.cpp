#include "config/errors.hpp"
#include "metrics/event_hook.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::metrics;

namespace {

class Recorder : public EventSink {
  public:
    void take(const Event& event, const EventHook& hook) override {
        lines.push_back(std::string(event_kind_names.at(static_cast<std::size_t>(event.kind))) + " " +
                        std::string(event_phase_names.at(static_cast<std::size_t>(event.phase))) + " " +
                        std::to_string(event.time.count()) + " " + hook.place_name(event.place) + " " +
                        std::to_string(event.id) + " " + std::string(event.name));
    }
    std::vector<std::string> lines;
};

constexpr std::array all_kinds{EventKind::node, EventKind::tile, EventKind::transaction, EventKind::packet,
                               EventKind::command};

} // namespace

TEST_CASE("a hook without sinks wants nothing") {
    EventHook hook;
    const PlaceId place = hook.place("die0");
    for (const EventKind kind : all_kinds) {
        CHECK_FALSE(hook.wants(kind));
        hook.begin(kind, Picoseconds(1), place, 1); // and nothing happens
    }
}

TEST_CASE("events carry kind, phase, time, place, id and name") {
    EventHook hook;
    Recorder recorder;
    hook.add_sink(recorder);
    const PlaceId core = hook.place("die0.core3");
    const PlaceId stack = hook.place("hbm0");
    hook.begin(EventKind::node, Picoseconds(5), core, 17, "matmul");
    hook.end(EventKind::command, Picoseconds(9), stack, 4, "ACT");
    CHECK(recorder.lines == std::vector<std::string>{"node begin 5 die0.core3 17 matmul", "command end 9 hbm0 4 ACT"});
}

TEST_CASE("each sink gets the levels it asked for") {
    for (const EventKind level : all_kinds) {
        EventHook hook;
        Recorder recorder;
        hook.add_sink(recorder, {level, Picoseconds(0), never});
        const PlaceId place = hook.place("x");
        for (const EventKind kind : all_kinds) {
            CHECK(hook.wants(kind) == (kind <= level));
            hook.begin(kind, Picoseconds(1), place, 0);
        }
        CHECK(recorder.lines.size() == static_cast<std::size_t>(level) + 1);
    }
}

TEST_CASE("each sink gets the window it asked for, its end excluded") {
    EventHook hook;
    Recorder early;
    Recorder late;
    hook.add_sink(early, {EventKind::node, Picoseconds(0), Picoseconds(10)});
    hook.add_sink(late, {EventKind::packet, Picoseconds(10), Picoseconds(20)});
    const PlaceId place = hook.place("x");
    for (const std::uint64_t time : {0U, 9U, 10U, 19U, 20U}) {
        hook.begin(EventKind::node, Picoseconds(time), place, time);
        hook.begin(EventKind::packet, Picoseconds(time), place, time);
    }
    CHECK(early.lines == std::vector<std::string>{"node begin 0 x 0 ", "node begin 9 x 9 "});
    CHECK(late.lines == std::vector<std::string>{"node begin 10 x 10 ", "packet begin 10 x 10 ", "node begin 19 x 19 ",
                                                 "packet begin 19 x 19 "});
}

TEST_CASE("a place is registered once") {
    EventHook hook;
    const PlaceId first = hook.place("die0");
    CHECK(hook.place("die1") != first);
    CHECK(hook.place("die0") == first);
    CHECK(hook.place_name(first) == "die0");
    CHECK_THROWS_AS(hook.place_name(static_cast<PlaceId>(2)), InvariantError);
}
