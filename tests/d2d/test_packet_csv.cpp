#include "tests/d2d/link_text.hpp"

#include <catch2/catch.hpp>
#include <random>

using namespace intarsia;
using Catch::Matchers::Contains;

namespace {

std::string faults_of(const std::string& text) {
    try {
        static_cast<void>(d2d::parse_packets(text, "p.csv"));
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("packets are read in any order of columns") {
    const auto packets =
        d2d::parse_packets("create_ps, bytes,pkt_id,src,note\r\n5,64,9,1,x\r\n\r\n7,32,10,0,y\n", "p.csv");
    REQUIRE(packets.size() == 2);
    CHECK(packets[0].id == 9);
    CHECK(packets[0].source == 1);
    CHECK(packets[0].bytes == 64);
    CHECK(packets[0].created == Picoseconds(5));
    const auto plain = d2d::parse_packets("bytes,create_ps\n64,0\n64,1", "p.csv");
    REQUIRE(plain.size() == 2);
    CHECK(plain[1].id == 1);
    CHECK(plain[1].source == 0);
}

TEST_CASE("bad packets are refused with their line, all of them together") {
    const std::string faults =
        faults_of("pkt_id,src,bytes,create_ps\n1,2,64,0\n2,0,0,0\n3,0,64,-1\n4,0,64\n5,0,64,x\n");
    for (const char* part : {"p.csv:2:", "p.csv:3:", "p.csv:4:", "p.csv:5:", "p.csv:6:"}) {
        CHECK_THAT(faults, Contains(part));
    }
    CHECK_THAT(faults_of("a,b\n1,2\n"), Contains("no column 'bytes'") && Contains("no column 'create_ps'"));
    CHECK_THAT(faults_of("bytes,create_ps\n64,5\n64,4\n"), Contains("runs backwards"));
    CHECK_THAT(faults_of("bytes,create_ps\n"), Contains("no packets"));
    CHECK_THAT(faults_of(""), Contains("no column"));
    CHECK_THAT(faults_of("bytes,create_ps\n64,99999999999999999999\n"), Contains("no valid create_ps"));
    CHECK_THROWS_AS(d2d::read_packets("/nonexistent.csv"), InputError);
}

TEST_CASE("random bytes are refused, never worse") {
    std::mt19937 random(3);
    const std::string good = "pkt_id,src,bytes,create_ps\n1,0,64,0\n2,1,64,10\n3,0,64,20\n";
    int refused = 0;
    for (int i = 0; i < 3'000; ++i) {
        std::string text = good;
        for (int edits = 1 + static_cast<int>(random() % 3); edits > 0; --edits) {
            text[random() % text.size()] = static_cast<char>(random() % 256);
        }
        refused += faults_of(text).empty() ? 0 : 1;
    }
    CHECK(refused > 1'000);
}

TEST_CASE("packets of a file go when they come, both ways, and their times are told") {
    const d2d::LoadedLink link = tests::link_with({});
    // Two that share a d2d_flit, one that comes while it is on the lanes, one the other way.
    const auto packets = d2d::parse_packets(
        "pkt_id,src,bytes,create_ps\n10,0,64,1000\n11,0,64,1000\n12,0,64,1500\n13,1,240,1000\n", "p.csv");
    const auto report = d2d::run_link(link, packets, true);
    CHECK(d2d::packets_csv(packets, report.packets) == "pkt_id,src,bytes,create_ps,inject_ps,eject_ps,status\n"
                                                       "10,0,64,1000,1000,4014,delivered\n"
                                                       "11,0,64,1000,1000,4014,delivered\n"
                                                       "12,0,64,1500,2000,5014,delivered\n"
                                                       "13,1,240,1000,1000,4014,delivered\n");
    CHECK(report.directions[0].delivered == 3);
    CHECK(report.directions[1].delivered == 1);
}
