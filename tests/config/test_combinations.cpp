#include "tests/config/system_text.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using intarsia::tests::faults_of;
using intarsia::tests::two_dies;

namespace {

bool has(const std::string& faults, const std::string& part) {
    return faults.find(part) != std::string::npos;
}

/// The message of the only fault that an override causes.
std::string only(const std::vector<std::string>& overrides) {
    std::string faults = faults_of(two_dies(), overrides);
    INFO(faults);
    CHECK(std::count(faults.begin(), faults.end(), '\n') == 0);
    return faults;
}

} // namespace

TEST_CASE("Empty systems are refused") {
    CHECK(faults_of("") == "s.toml:1:1: error: the system has no die; add a [[die]]");
    CHECK(faults_of("[[die]]\nname = \"a\"\n") == "s.toml:1:1: error: the system has no HBM stack; add a [[stack]]");
}

TEST_CASE("Meshes, cores and packets") {
    CHECK(has(only({"die.a.core.columns=3"}), "3 x 2 cores of die 'a' do not fit on its mesh of 2 x 2 routers"));
    CHECK(has(faults_of(two_dies(), {"network.request_vcs=9", "network.reply_vcs=8"}),
              "9 request and 8 reply virtual channels are more than 16"));
    CHECK(has(faults_of(two_dies(), {"network.header_bytes=200"}),
              "--set network.header_bytes: error: a header of 200 bytes does not fit into a flit of 136"));
    CHECK(
        has(faults_of(two_dies(), {"network.max_payload_bytes=100"}), "max_payload_bytes = 100 is no multiple of 32"));
    CHECK(has(only({"die.b.network.flit_bytes=72"}), "flit_bytes = 72 of die 'b' differs from 136 of die 'a'"));
    CHECK(has(only({"die.b.network.reply_vcs=3"}), "reply_vcs = 3 of die 'b' differs from 2 of die 'a'"));
    CHECK(has(faults_of(two_dies(), {"core.landing_buffer=4 MiB"}), "sram less landing_buffer leaves 0 B for tiles"));
    CHECK(has(faults_of(two_dies(), {"core.landing_buffer=5 MiB"}), "sram less landing_buffer leaves 0 B for tiles"));
}

TEST_CASE("Names are unique") {
    CHECK(has(faults_of(two_dies() + "[[die]]\nname = \"a\"\nposition = [\"0 mm\", \"50 mm\"]\n"),
              "s.toml:29:8: error: a second [[die]] is named 'a'"));
    CHECK(has(faults_of(two_dies() + "[[stack]]\nname = \"sa\"\ndie = \"a\"\nrouters = [[1, 1]]\n"),
              "a second [[stack]] is named 'sa'"));
}

TEST_CASE("Dies and stacks lie beside each other") {
    CHECK(has(only({"die.b.position=[\"11 mm\", \"9 mm\"]", "die.a.width=\"11.001 mm\""}), "dies 'a' and 'b' overlap"));
    CHECK(faults_of(two_dies(), {"die.a.width=\"11 mm\""}).empty()); // touching is allowed
    CHECK(has(only({"package.width=20 mm"}), "die 'b' reaches beyond the package of 20 mm x 0 um"));
    CHECK(has(only({"stack.sa.position=[\"5 mm\", \"5 mm\"]"}), "stack 'sa' lies on die 'a'"));
}

TEST_CASE("Links join routers of different dies") {
    const std::string head = two_dies() + "[[d2d]]\nname = \"x\"\n";
    CHECK(has(faults_of(head + "from_die = \"a\"\nto_die = \"a\"\nfrom_router = [0, 0]\nto_router = [1, 0]\n"),
              "s.toml:31:10: error: link 'x' joins die 'a' to itself; name two different dies"));
    CHECK(has(faults_of(head + "from_die = \"a\"\nto_die = \"b\"\nfrom_router = [2, 0]\nto_router = [1, 0]\n"),
              "s.toml:32:15: error: die 'a' has no router [2, 0]; its columns are 0 to 1 and its rows 0 to 1"));
    CHECK(has(faults_of(head + "from_die = \"b\"\nto_die = \"a\"\nfrom_router = [0, 0]\nto_router = [1, 0]\n"),
              "link 'x' is the second between its two routers"));
    CHECK(has(faults_of(head + "between = [\"a\", \"a\"]\n"), "the link joins die 'a' to itself"));
    CHECK(has(faults_of(head + "between = [\"a\", \"c\"]\n"), "no [[die]] is named 'c'"));
    CHECK(has(faults_of(head + "between = [\"a\"]\n"), "'between' has 1 elements; give 2"));
    CHECK(has(faults_of(head + "links = 3\n"), "'links' has no 'between'"));
    CHECK(has(faults_of(head + "between = [\"a\", \"b\"]\nfrom_die = \"a\"\n"),
              "'from_die' and 'between' exclude each other"));
    CHECK(has(only({"d2d.ab.links=3"}), "'links' = 3 is too large; the largest value is 2"));
    CHECK(has(only({"d2d.ab.links=per_column"}), "the dies lie side by side; write links = \"per_row\""));
    CHECK(has(only({"d2d.ab.lanes=0"}), "'lanes' = 0 is too small"));
    CHECK(has(faults_of(two_dies(), {"d2d.ab.transfer_rate=1000000001 T/s"}), "is no whole number of MT/s"));
    CHECK(has(faults_of(two_dies(), {"d2d.ab.lanes=4096", "d2d.ab.transfer_rate=1000 GT/s"}),
              "carries 3.53e+12 flits a second"));
    // Diagonal dies have no facing edges.
    CHECK(has(only({"die.b.position=[\"11 mm\", \"11 mm\"]"}), "dies 'a' and 'b' do not lie side by side"));
    // A mesh with other rows has no link for each row, but takes a number.
    CHECK(has(only({"die.b.network.rows=3"}), "the facing edges have 2 and 3 routers; give a number of links"));
    CHECK(faults_of(two_dies(), {"die.b.network.rows=3", "d2d.ab.links=2"}).empty());
}

TEST_CASE("All dies can reach each other") {
    CHECK(has(only({"d2d=[]"}), "no way leads from die 'a' to die 'b'; join them by a [[d2d]]"));
}

TEST_CASE("Stacks sit on routers that exist, and share their channels evenly") {
    CHECK(has(only({"stack.sa.routers=[[0, 0], [0, 2]]"}), "die 'a' has no router [0, 2]"));
    CHECK(has(only({"stack.sa.routers=[[0, 1], [0, 1]]"}), "stack 'sa' names router [0, 1] twice"));
    CHECK(has(only({"stack.sa.routers=[]"}), "'routers' has 0 elements; give 1 to 64"));
    CHECK(
        has(only({"stack.sa.channels=7"}), "7 channels of stack 'sa' cannot be dealt evenly to 2 network interfaces"));
    CHECK(has(only({"stack.sa.channels=18"}), "18 channels are more than the 16 of a stack"));
    CHECK(has(only({"stack.sa.timing_set=jedec_JESD235D_HBM2E", "stack.sa.channels=8"}),
              "timing set jedec_JESD235D_HBM2E leaves the size of the stack open"));
    CHECK(has(only({"stack.sa.controller.write_drain_low=0.8"}),
              "write_drain_low = 0.8 is not below write_drain_high = 0.8"));
    for (const std::string wrong :
         {"row-column", "pc-bankgroup-bank-sid-column-row-row", "pc-bankgroup-bank-sid-column-row-",
          "pc:0-pc-bankgroup-bank-sid-column-row", "pc-bankgroup-bank-sid-column-row:2",
          "pc-bankgroup-bank-sid-column-row-column:2"}) {
        CHECK(has(only({"stack.sa.controller.address_order=" + wrong}), "'" + wrong + "' is no address order"));
    }
    CHECK(faults_of(two_dies(),
                    {"stack.sa.controller.address_order=pc-bankgroup:1-column:2-bankgroup-bank-sid-column-row"})
              .empty());
}

TEST_CASE("Ranks and placement") {
    CHECK(has(only({"ranks.dies=[\"a\", \"a\"]"}), "die 'a' gets a second rank"));
    CHECK(has(only({"ranks.dies=[\"a\", \"z\"]"}), "no [[die]] is named 'z'"));
    CHECK(has(only({"stack.sb.die=a"}), "die 'b' runs rank 1 but has no stack for local tensors"));
    CHECK(faults_of(two_dies(), {"stack.sb.die=a", "ranks.dies=[\"a\"]"}).empty());
    CHECK(faults_of(two_dies(), {"stack.sb.die=a", "placement.home=interleaved"}).empty());
    CHECK(has(only({"placement.interleave=768 B"}), "interleave = 768 B is not a power of two"));
    CHECK(has(only({"placement.interleave=256 B"}), "that max_payload_bytes = 512 divides"));
    CHECK(has(only({"placement.home=interleaved", "placement.interleaved_fraction=0"}),
              "no space is kept for interleaved tensors"));
    CHECK(has(only({"placement.interleaved_fraction=1"}), "no space is left for tensors on the dies"));
}

TEST_CASE("The engine's limits are checked before anything is built") {
    std::string text = two_dies();
    for (int i = 0; i < 14; ++i) {
        text += "[[stack]]\nname = \"more" + std::to_string(i) + "\"\ndie = \"a\"\nrouters = [[0, 0]]\n";
    }
    CHECK(has(faults_of(text), "router [0, 0] of die 'a' gets more than 16 ports"));

    std::string grid = "[network]\ncolumns = 64\nrows = 64\n[core]\ncolumns = 64\nrows = 64\n";
    for (int i = 0; i < 16; ++i) {
        grid += "[[die]]\nname = \"d" + std::to_string(i) + "\"\nposition = [\"" + std::to_string(30 * i) +
                " mm\", \"0 mm\"]\n";
    }
    CHECK(has(faults_of(grid), "65536 cores and stack interfaces are too many; a package holds at most 65535"));
}
