#include "tests/d2d/link_text.hpp"

#include <catch2/catch.hpp>
#include <random>

using namespace intarsia;
using Catch::Matchers::Contains;
using tests::link_with;

namespace {

std::string faults_of(const std::vector<std::string>& overrides) {
    try {
        static_cast<void>(link_with(overrides));
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("what is not given comes from the standard at the rate") {
    const d2d::LinkConfig plain = link_with({}).config.link;
    CHECK(plain.lanes == 64);
    CHECK(plain.transfers_per_s == 32'000'000'000);
    CHECK(plain.retry);
    CHECK(plain.energy_pj_per_bit == 0.3);
    const d2d::LinkConfig slow = link_with({"link.standard=ucie_standard", "link.data_rate=8 GT/s"}).config.link;
    CHECK(slow.lanes == 16);
    CHECK(slow.energy_pj_per_bit == 0.5);
    CHECK_FALSE(slow.retry);
    CHECK(slow.spare_lanes == 0);
    const d2d::LinkConfig stacked = link_with({"link.standard=ucie_3d"}).config.link;
    CHECK(stacked.flit_format == "raw");
    CHECK(stacked.length_um == 0);
}

TEST_CASE("every figure can be overridden") {
    const d2d::LoadedLink link = link_with({"link.lanes=32", "link.data_rate=20 GT/s", "link.energy_pj_per_bit=0.4",
                                            "link.modules=2", "link.tx_phy=2 ns", "link.bump_pitch_um=55"});
    CHECK(d2d::raw_bytes_per_s(link.config.link) == 160e9);
    CHECK(link.parameters.latency == Picoseconds(3'514));
    CHECK(d2d::edge_mm(link.config.link) == Approx(2 * 0.3888 * 55 / 45));
}

TEST_CASE("replay and receive buffers cover the round trip unless they are given") {
    const d2d::LoadedLink link = link_with({"link.tx_phy=100 ns"});
    CHECK(link.parameters.replay_buffer >= 2 * link.parameters.round_trip_ps() / link.parameters.slot.picoseconds());
    CHECK(link.parameters.replay_timeout.count() >= link.parameters.round_trip_ps());
    CHECK(link_with({"link.replay_buffer=7"}).parameters.replay_buffer == 7);
    CHECK(link_with({"link.receive_buffer=7"}).parameters.receive_buffer_bytes == 7 * 240);
}

TEST_CASE("what cannot be is refused, with the remedy") {
    CHECK_THAT(faults_of({"link.standard=ucie_advancd"}), Contains("did you mean 'ucie_advanced'?"));
    CHECK_THAT(faults_of({"link.data_rate=20 GT/s"}), Contains("has no figures for 20 GT/s") && Contains("32 GT/s"));
    CHECK_THAT(faults_of({"link.flit_format=raw", "link.retry=true"}), Contains("no CRC"));
    CHECK_THAT(faults_of({"link.ber=0.1"}), Contains("ber"));
    CHECK_THAT(faults_of({"sink.stall=8"}), Contains("never ready"));
    CHECK_THAT(faults_of({"link.failing_lanes=3"}), Contains("set failure_time"));
    CHECK_THAT(faults_of({"link.failed_lanes=40"}), Contains("does not survive 40 failed lanes"));
    CHECK_THAT(faults_of({"link.least_lanes=65"}), Contains("more lanes than it has"));
    CHECK_THAT(faults_of({"link.replay_timeout=1 ns"}), Contains("shorter than the round trip"));
    CHECK_THAT(faults_of({"link.flit_format=68B", "link.credit_bytes=64"}), Contains("fill a whole d2d_flit"));
    CHECK_THAT(faults_of({"traffic.packets=10000000000", "traffic.load=0.000001"}), Contains("simulated time"));
    CHECK_THAT(faults_of({"link.lenght=2 mm"}), Contains("did you mean 'length'?"));
    CHECK_THAT(
        faults_of({"link.lanes=4096", "link.modules=64", "link.data_rate=1000 GT/s", "link.energy_pj_per_bit=1"}),
        Contains("less than a picosecond"));
    // All at once.
    const std::string both = faults_of({"link.flit_format=raw", "link.retry=true", "sink.stall=9"});
    CHECK_THAT(both, Contains("no CRC") && Contains("never ready"));
}

TEST_CASE("what is unlikely to be meant is warned about") {
    CHECK(link_with({}).warnings.empty());
    CHECK_THAT(link_with({"link.length=5 mm"}).warnings.at(0).message, Contains("beyond the reach"));
    CHECK_THAT(link_with({"link.retry=false"}).warnings.at(0).message, Contains("needs retry"));
}

TEST_CASE("random and broken files are refused, never worse") {
    const std::string good =
        "[link]\nstandard = \"ucie_advanced\"\nber = 1e-9\n[traffic]\nload = 0.5\n[sink]\nstall = 2\n";
    std::mt19937 random(5);
    int refused = 0;
    for (int i = 0; i < 2'000; ++i) {
        std::string text = good;
        for (int edits = 1 + static_cast<int>(random() % 4); edits > 0; --edits) {
            text[random() % text.size()] = static_cast<char>(random() % 256);
        }
        text.resize(random() % 4 == 0 ? random() % text.size() : text.size());
        try {
            static_cast<void>(d2d::parse_link(text, "random.toml"));
        } catch (const InputError&) {
            ++refused;
        }
    }
    CHECK(refused > 1'000);
}
