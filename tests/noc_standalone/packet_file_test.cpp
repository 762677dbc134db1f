#include "noc/standalone/packet_file.hpp"
#include "noc/standalone/source_random.hpp"
#include "tests/noc_standalone/fake_network.hpp"
#include "tests/noc_standalone/scratch.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace intarsia;
using namespace intarsia::noc::standalone;

namespace {

const noc::NetworkPlan plan = tests::fake_plan(16);
const std::string header = "pkt_id,src,dst,len_flits,create_cycle\n";

std::vector<StimulusPacket> read(const std::string& text, const noc::NetworkPlan& network = plan) {
    const tests::Scratch scratch;
    return read_stimulus(scratch.write("in.csv", text), network);
}

/// The text of the faults, without the folder of the file.
std::string faults(const std::string& text) {
    const tests::Scratch scratch;
    const std::string file = scratch.write("in.csv", text);
    try {
        (void)read_stimulus(file, plan);
    } catch (const InputError& error) {
        std::string all = error.what();
        for (std::size_t at = all.find(file); at != std::string::npos; at = all.find(file)) {
            all.replace(at, file.size(), "in.csv");
        }
        return all;
    }
    return "";
}

} // namespace

TEST_CASE("A stimulus is read in order of ids") {
    const auto packets = read(header + "5,1,2,3,40\n0,15,0,1,0\n3,4,4,65535,1000000000000\n");
    REQUIRE(packets.size() == 3);
    CHECK(packets[0].id == 0);
    CHECK(packets[0].source == 15);
    CHECK(packets[1].flits == 65'535);
    CHECK(packets[1].created == 1'000'000'000'000);
    CHECK(packets[2].id == 5);
    CHECK(packets[2].destination == 2);
}

TEST_CASE("Columns may stand in any order, among others, with blanks and any line ends") {
    const auto packets =
        read("\xEF\xBB\xBFwhat, dst ,create_cycle,src,len_flits,pkt_id\r\nx, 3,7 ,2,1,9\r\n\r\n,1,8,0,2,11");
    REQUIRE(packets.size() == 2);
    CHECK(packets[0].id == 9);
    CHECK(packets[0].destination == 3);
    CHECK(packets[1].id == 11);
    CHECK(packets[1].flits == 2);
}

TEST_CASE("Message classes are read where the network has them") {
    const auto packets =
        read("pkt_id,src,dst,len_flits,create_cycle,message_class\n0,0,1,1,0,1\n", tests::fake_plan(2, 2));
    CHECK(packets.front().message_class == 1);
    CHECK_THROWS_AS(read("pkt_id,src,dst,len_flits,create_cycle,message_class\n0,0,1,1,0,1\n"), InputError);
}

TEST_CASE("All faults of a stimulus are told at once, with their places") {
    const std::string text = faults(header + "0,16,2,1,0\n1,1,2,0,0\n2,1,2,1\n3,1,2,1,-4\n4,1,2,1,0\n4,x,2,1,5\n" +
                                    "99999999999999999999,1,2,1,5\n");
    INFO(text);
    CHECK(text.find("in.csv:2:3: error: src = '16': there is no such node; nodes are 0 to 15") != std::string::npos);
    CHECK(text.find("in.csv:3:7: error: len_flits = '0' is out of range") != std::string::npos);
    CHECK(text.find("in.csv:4:1: error: the line has 4 columns, and the header 5") != std::string::npos);
    CHECK(text.find("in.csv:5:9: error: create_cycle = '-4' is no whole number") != std::string::npos);
    CHECK(text.find("in.csv:7:3: error: src = 'x' is no whole number") != std::string::npos);
    CHECK(text.find("in.csv:8:1: error: pkt_id = '99999999999999999999' is out of range") != std::string::npos);
}

TEST_CASE("Ids used twice, missing columns, and files without packets are faults") {
    CHECK(faults(header + "7,1,2,1,0\n8,1,2,1,0\n7,3,2,1,0\n").find("in.csv:4:1: error: pkt_id = 7 stands in line 2") !=
          std::string::npos);
    CHECK(faults("pkt_id,src,dst\n1,2,3\n").find("there is no column 'len_flits'") != std::string::npos);
    CHECK(faults("src,src,dst,len_flits,create_cycle,pkt_id\n").find("column 'src' stands there twice") !=
          std::string::npos);
    CHECK(faults(header).find("there are no packets") != std::string::npos);
    CHECK(faults("").find("there is no column 'pkt_id'") != std::string::npos);
    CHECK_THROWS_AS(read_stimulus("/nowhere/in.csv", plan), InputError);
    CHECK_THROWS_AS(read_stimulus("/", plan), InputError);
}

TEST_CASE("Endless lines and endless files of faults are refused in bounded memory") {
    CHECK_THROWS_AS(read_stimulus("/dev/zero", plan), InputError);
    std::string many = header;
    for (int i = 0; i < 100'000; ++i) {
        many += "x\n";
    }
    CHECK_THROWS_AS(read(many), InputError);
}

TEST_CASE("Random and damaged bytes are read or refused") {
    SourceRandom random(1, 1);
    std::string good = header;
    for (int i = 0; i < 40; ++i) {
        good += fmt::format("{},{},{},{},{}\n", i, i % 16, (i * 7) % 16, i % 5 + 1, i * 3);
    }
    int refused = 0;
    for (int round = 0; round < 400; ++round) {
        std::string text = good;
        for (std::uint64_t hits = 1 + random.next() % 8; hits > 0; --hits) {
            text[random.next() % text.size()] = static_cast<char>(random.next());
        }
        text.resize(text.size() - (round % 4 == 0 ? random.next() % text.size() : 0));
        try {
            for (const StimulusPacket& packet : read(text)) {
                REQUIRE(packet.source < 16);
                REQUIRE(packet.destination < 16);
                REQUIRE(packet.flits >= 1);
            }
        } catch (const InputError&) {
            ++refused;
        }
    }
    CHECK(refused > 200);
}

TEST_CASE("Packets are written with the columns of an RTL trace, by id") {
    noc::DeliveredPacket a;
    a.packet.id = 12;
    a.packet.source = 3;
    a.packet.destination = 4;
    a.packet.flits = 2;
    a.packet.created = 20;
    a.inject_head = 21;
    a.inject_tail = 22;
    a.eject_head = 26;
    a.eject_tail = 27;
    noc::DeliveredPacket b = a;
    b.packet.id = 2;
    b.packet.message_class = 1;
    CHECK(
        packets_csv({a, b}, plan) ==
        "pkt_id,src,dst,len_flits,create_cycle,inject_head_cycle,inject_tail_cycle,eject_head_cycle,eject_tail_cycle\n"
        "2,3,4,2,20,21,22,26,27\n12,3,4,2,20,21,22,26,27\n");
    CHECK(packets_csv({b}, tests::fake_plan(16, 2)).find(",message_class\n2,3,4,2,20,21,22,26,27,1\n") !=
          std::string::npos);
}

TEST_CASE("Flit movements are written with port names") {
    const tests::Scratch scratch;
    const std::string file = scratch.path("hops.csv");
    noc::NetworkPlan named = tests::fake_plan(2);
    named.routers[1].ports[0].name = "to a,b";
    tests::FakeNetwork engine(named, {});
    HopFile hops(file, named, "--hops-out");
    hops.attach(engine);
    hops.rename({100, 200});
    noc::TrafficPacket packet;
    packet.id = 1;
    packet.destination = 1;
    engine.offer(packet);
    packet.id = 0;
    packet.destination = 0;
    packet.source = 1;
    engine.offer(packet);
    engine.tick(10);
    hops.collect();
    hops.close();
    CHECK(scratch.read("hops.csv") == "cycle,router,out_port,pkt_id,flit\n10,1,\"to a,b\",200,0\n10,0,P,100,0\n");
    CHECK_THROWS_AS(HopFile(file + "/below_a_file.csv", named, "--hops-out"), InputError);
}
