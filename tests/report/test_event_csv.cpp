#include "config/errors.hpp"
#include "report/event_csv.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace intarsia;
using namespace intarsia::metrics;
using namespace intarsia::report;

namespace {

std::string content(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

} // namespace

TEST_CASE("events are lines of CSV") {
    const std::filesystem::path file = std::filesystem::temp_directory_path() / "intarsia_test_events.csv";
    EventCsv csv(file);
    EventHook hook;
    hook.add_sink(csv, {EventKind::packet, Picoseconds(10), Picoseconds(100)});
    const PlaceId core = hook.place("die0.core3");
    const PlaceId link = hook.place("die0,die1");
    hook.begin(EventKind::node, Picoseconds(9), core, 1, "too early");
    hook.begin(EventKind::node, Picoseconds(10), core, 17, "matmul");
    hook.begin(EventKind::packet, Picoseconds(20), link, 18, "a \"read\"");
    hook.begin(EventKind::command, Picoseconds(30), core, 19, "too fine");
    hook.end(EventKind::node, Picoseconds(40), core, 17);
    csv.close();
    CHECK(content(file) == "time_ps,kind,phase,where,id,name\n"
                           "10,node,begin,die0.core3,17,matmul\n"
                           "20,packet,begin,\"die0,die1\",18,\"a \"\"read\"\"\"\n"
                           "40,node,end,die0.core3,17,\n");
    std::filesystem::remove(file);
}

TEST_CASE("events that cannot be written are refused, early or late") {
    CHECK_THROWS_AS(EventCsv("/dev/null/events.csv"), InputError);
    EventCsv csv("/dev/full");
    EventHook hook;
    hook.add_sink(csv);
    hook.begin(EventKind::node, Picoseconds(1), hook.place("die0"), 1, "matmul");
    CHECK_THROWS_WITH(csv.close(), Catch::Contains("--out"));
}
