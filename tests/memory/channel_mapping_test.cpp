// Orders by bits, and XOR hashing: every mapping is a bijection, and says what it cannot do.
#include "config/errors.hpp"
#include "memory/channel_mapping.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace intarsia;
using namespace intarsia::memory;

namespace {

const char* const interleaved = "pc-bankgroup-bank-sid-column-row";

TimingSet hbm3_set() {
    return timing_set("ramulator21_HBM3_6400Mbps_16Gb_8hi");
}

std::string faults_of(const std::string& order, const std::vector<std::string>& terms,
                      const TimingSet& timing = hbm3_set()) {
    try {
        (void)ChannelMapping(timing, order, terms, "memory.address_order");
    } catch (const InputError& error) {
        return error.what();
    }
    return "accepted";
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("any permutation of address bits can be written") {
    const ChannelMapping mapping(hbm3_set(), "bank[1]-pc-bankgroup[1]-bank[0]-bankgroup[0]-sid-column-row");
    CHECK(mapping.at(1).bank == 2);
    CHECK(mapping.at(2).pseudo_channel == 1);
    CHECK(mapping.at(4).bank_group == 2);
    CHECK(mapping.at(8).bank == 1);
    CHECK(mapping.at(16).bank_group == 1);
    CHECK(has(faults_of("bank[1]-pc-bankgroup-sid-column-row", {}), "misses bit 0 of bank"));
    CHECK(has(faults_of("bank[1]-bank[1]-bank[0]-pc-bankgroup-sid-column-row", {}), "bit 1 of bank twice"));
    CHECK(has(faults_of("bank[1]-bank-pc-bankgroup-sid-column-row", {}), "both by bits and whole"));
    CHECK(has(faults_of("bank[2]-bank[0]-pc-bankgroup-sid-column-row", {}), "no bit \"2\""));
    CHECK(has(faults_of("bank[x]-bank[0]-pc-bankgroup-sid-column-row", {}), "no bit \"x\""));
}

TEST_CASE("hashes exchange banks row by row and can be undone") {
    const TimingSet timing = hbm3_set();
    const ChannelMapping plain(timing, interleaved);
    const std::vector<std::string> terms = {"bank ^ row", "bankgroup[0] ^ row[3] ^ row[7] ^ bank[1]"};
    const ChannelMapping hashed(timing, interleaved, terms);
    std::mt19937_64 random(3);
    for (int i = 0; i < 20'000; ++i) {
        const std::uint64_t burst = random() % hashed.bursts();
        const BurstAddress before = plain.at(burst);
        const BurstAddress after = hashed.at(burst);
        REQUIRE(hashed.burst_of(after) == burst);
        REQUIRE(after.bank == (before.bank ^ (before.row & 3U)));
        const std::uint32_t bit =
            (before.row >> 3U ^ before.row >> 7U ^ static_cast<std::uint32_t>(after.bank) >> 1U) & 1U;
        REQUIRE(after.bank_group == (before.bank_group ^ bit));
        REQUIRE(after.row == before.row);
        REQUIRE(after.column == before.column);
    }
    // A stride that keeps to one bank is spread over four.
    const std::uint64_t stride = plain.burst_of({1, 0, 0, 0, 0, 0});
    for (std::uint32_t row = 0; row < 8; ++row) {
        CHECK(plain.at(row * stride).bank == 0);
        CHECK(hashed.at(row * stride).bank == row % 4);
    }
}

TEST_CASE("rows that are no power of two may be sources, not targets") {
    const TimingSet timing = timing_set("derived_HBM3E_9600Mbps_24Gb_12hi"); // three stack ids, 24576 rows
    const ChannelMapping mapping(timing, interleaved, std::vector<std::string>{"bank ^ row"});
    for (std::uint64_t burst = 0; burst < mapping.bursts(); burst += 1'234'567) {
        REQUIRE(mapping.burst_of(mapping.at(burst)) == burst);
    }
    CHECK(has(faults_of(interleaved, {"row ^ bank"}, timing), "not a power of two"));
    CHECK(has(faults_of(interleaved, {"sid[0] ^ row[1]"}, timing), "not a power of two"));
}

TEST_CASE("hashes that cannot be are refused at xor") {
    CHECK(has(faults_of(interleaved, {"bank"}), "memory.xor: error:"));
    CHECK(has(faults_of(interleaved, {"bank"}), "nothing to add"));
    CHECK(has(faults_of(interleaved, {"bank ^ bank"}), "to itself"));
    CHECK(has(faults_of(interleaved, {"bank[0] ^ row"}), "mixes"));
    CHECK(has(faults_of(interleaved, {"bank ^ rank"}), "no field"));
    CHECK(has(faults_of(interleaved, {"bank[7] ^ row[0]"}), "no bit of one"));
    CHECK(has(faults_of(interleaved, {""}), "no field"));
    CHECK(has(faults_of(interleaved, {std::string(100'000, '^')}), "too many"));
    CHECK(has(faults_of(std::string(100'000, '-'), {}), "too many"));
    // Bits that cancel out leave nothing to do, and do no harm.
    CHECK(faults_of(interleaved, {"bank[0] ^ row[1] ^ row[1]"}) == "accepted");
}
