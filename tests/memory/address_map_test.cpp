#include "memory/address_map.hpp"

#include "config/errors.hpp"
#include "memory/channel_mapping.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <set>

using namespace intarsia;
using namespace intarsia::memory;

namespace {

// Two dies with two stacks each, one die without.
config::SystemConfig package() {
    config::SystemConfig system;
    system.dies.resize(3);
    for (const std::uint32_t die : {0U, 0U, 2U, 2U}) {
        config::HbmStackConfig stack;
        stack.name = "s" + std::to_string(system.stacks.size());
        stack.die = die;
        system.stacks.push_back(stack);
    }
    return system;
}

std::string faults_of(const config::SystemConfig& system, std::size_t count) {
    try {
        (void)AddressMap(system);
    } catch (const InputError& error) {
        CHECK(error.faults().size() == count);
        return error.what();
    }
    return "accepted";
}

std::string order_faults(const std::string& order, std::size_t count) {
    try {
        (void)ChannelMapping(timing_set("ramulator21_HBM3_6400Mbps_16Gb_8hi"), order);
    } catch (const InputError& error) {
        INFO(error.what());
        CHECK(error.faults().size() == count);
        return error.what();
    }
    return "accepted";
}

// Every address of a sample lies in one place and comes back from there; neighbours in a block stay together.
void check_bijective(const AddressMap& map, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    for (int i = 0; i < 5'000; ++i) {
        const std::uint64_t address = random() % map.bytes();
        const Location place = map.locate(address);
        REQUIRE(map.address_of(place) == address);
        const std::uint64_t first = address / map.block_bytes() * map.block_bytes();
        const Location begin = map.locate(first);
        REQUIRE(begin.stack == place.stack);
        REQUIRE(begin.channel == place.channel);
        REQUIRE(begin.offset_in_channel + (address - first) == place.offset_in_channel);
    }
}

} // namespace

TEST_CASE("windows cover the package without holes") {
    const AddressMap map(package());
    const std::uint64_t stack = 16ULL << 30U;
    CHECK(map.stack_bytes(0) == stack);
    CHECK(map.bytes() == 4 * stack);
    CHECK(map.local_window(0) == AddressWindow{0, 2 * stack / 4 * 3});
    CHECK(map.local_window(1) == AddressWindow{2 * stack / 4 * 3, 0});
    CHECK(map.local_window(2) == AddressWindow{2 * stack / 4 * 3, 2 * stack / 4 * 3});
    CHECK(map.interleaved_window() == AddressWindow{3 * stack, stack});
    CHECK_THROWS_AS(map.locate(map.bytes()), InvariantError);
}

TEST_CASE("blocks go round the stacks first, then the channels") {
    const AddressMap map(package());
    const auto block = [&](std::uint64_t window, std::uint64_t n) { return map.locate(window + n * 512); };
    CHECK(block(0, 0) == Location{0, 0, 0});
    CHECK(block(0, 1) == Location{1, 0, 0});
    CHECK(block(0, 2) == Location{0, 1, 0});
    CHECK(block(0, 31) == Location{1, 15, 0});
    CHECK(block(0, 32) == Location{0, 0, 512});
    CHECK(block(map.local_window(2).begin, 1) == Location{3, 0, 0});
    const std::uint64_t upper = (1ULL << 30U) / 4 * 3; // of each channel, below are the local windows
    CHECK(block(map.interleaved_window().begin, 0) == Location{0, 0, upper});
    CHECK(block(map.interleaved_window().begin, 3) == Location{3, 0, upper});
    CHECK(block(map.interleaved_window().begin, 4) == Location{0, 1, upper});
    CHECK(map.locate(1000) == Location{1, 0, 488});
}

TEST_CASE("the map is a bijection, for stacks alike or not") {
    check_bijective(AddressMap(package()), 1);
    std::mt19937_64 random(2);
    for (int round = 0; round < 20; ++round) {
        config::SystemConfig system;
        system.dies.resize(1 + random() % 4);
        const std::uint64_t stacks = 1 + random() % 6;
        for (std::uint64_t s = 0; s < stacks; ++s) {
            config::HbmStackConfig stack;
            stack.die = static_cast<std::uint32_t>(random() % system.dies.size());
            stack.channels = 1 + random() % 16;
            stack.timing["rows"] = static_cast<double>(1024 * (1 + random() % 16));
            if (random() % 3 == 0) {
                stack.timing["stack_ids"] = 3;
            }
            system.stacks.push_back(stack);
        }
        system.placement.interleave = Bytes(256ULL << random() % 4);
        system.placement.interleaved_fraction = static_cast<double>(random() % 5) / 4;
        const AddressMap map(system);
        std::uint64_t bytes = 0;
        for (std::uint32_t s = 0; s < stacks; ++s) {
            bytes += map.stack_bytes(s);
        }
        CHECK(map.bytes() == bytes);
        check_bijective(map, random());
    }
}

TEST_CASE("a small package is covered exactly once") {
    config::SystemConfig system = package();
    for (std::size_t s = 0; s < system.stacks.size(); ++s) {
        system.stacks[s].channels = 2;
        system.stacks[s].timing["rows"] = s == 1 ? 2 : 4;
    }
    system.placement.interleave = Bytes(2048);
    const AddressMap map(system);
    std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint64_t>> seen;
    for (std::uint64_t address = 0; address < map.bytes(); address += 32) {
        const Location place = map.locate(address);
        seen.insert({place.stack, place.channel, place.offset_in_channel});
    }
    CHECK(seen.size() == map.bytes() / 32);
}

TEST_CASE("a package without stacks has an empty map") {
    config::SystemConfig system;
    system.dies.resize(2);
    const AddressMap map(system);
    CHECK(map.bytes() == 0);
    CHECK(map.local_window(1).bytes == 0);
}

TEST_CASE("maps that cannot be are refused with all faults") {
    config::SystemConfig system = package();
    system.placement.interleaved_fraction = 1.5;
    system.stacks[0].die = 9;
    system.stacks[1].timing_set = "HBM9";
    system.stacks[2].channels = 0;
    CHECK(faults_of(system, 4).find("stack \"s2\"") != std::string::npos);
    system = package();
    system.placement.interleave = Bytes(48);
    CHECK(faults_of(system, 4).find("48 bytes") != std::string::npos); // one a stack
    system.placement.interleave = Bytes(0);
    CHECK(faults_of(system, 5).find("0 bytes") != std::string::npos);
}

TEST_CASE("channels are dealt to interfaces in equal blocks") {
    CHECK(interface_of_channel(0, 16, 4) == 0);
    CHECK(interface_of_channel(3, 16, 4) == 0);
    CHECK(interface_of_channel(4, 16, 4) == 1);
    CHECK(interface_of_channel(15, 16, 4) == 3);
    CHECK(interface_of_channel(7, 16, 16) == 7);
}

TEST_CASE("the order of fields is that of the string, least significant first") {
    const TimingSet set = timing_set("ramulator21_HBM3_6400Mbps_16Gb_8hi");
    const ChannelMapping plain(set, "pc-bankgroup-bank-sid-column-row");
    CHECK(plain.bursts() == 1ULL << 25U);
    CHECK(plain.at(1) == BurstAddress{0, 0, 1, 0, 0, 0});
    CHECK(plain.at(2) == BurstAddress{0, 0, 0, 0, 1, 0});
    CHECK(plain.at(8) == BurstAddress{0, 0, 0, 0, 0, 1});
    CHECK(plain.at(32) == BurstAddress{0, 0, 0, 1, 0, 0});
    CHECK(plain.at(64) == BurstAddress{0, 1, 0, 0, 0, 0});
    CHECK(plain.at(2048) == BurstAddress{1, 0, 0, 0, 0, 0});
    const ChannelMapping parts(set, "pc-bankgroup:1-column:2-bankgroup:1-bank-sid-column-row");
    CHECK(parts.at(2) == BurstAddress{0, 0, 0, 0, 1, 0});
    CHECK(parts.at(4) == BurstAddress{0, 1, 0, 0, 0, 0});
    CHECK(parts.at(16) == BurstAddress{0, 0, 0, 0, 2, 0});
    CHECK(parts.at(32) == BurstAddress{0, 0, 0, 0, 0, 1});
    CHECK(parts.at(256) == BurstAddress{0, 4, 0, 0, 0, 0});
}

TEST_CASE("every order is a bijection between burst numbers and burst addresses") {
    std::mt19937_64 random(3);
    for (const char* order : {"pc-bankgroup-bank-sid-column-row", "row-column-sid-bank-bankgroup-pc",
                              "pc-bankgroup:1-column:2-bankgroup:1-bank-sid-column-row",
                              "column:1-row:3-pc-bank:1-bankgroup-column:3-bank-sid-row:2-column-row"}) {
        for (const std::uint32_t stack_ids : {1U, 2U, 3U, 4U}) {
            const TimingSet set =
                timing_set("ramulator21_HBM3_6400Mbps_16Gb_8hi", {{"stack_ids", stack_ids}, {"rows", 24'576}});
            const ChannelMapping mapping(set, order);
            CHECK(mapping.bursts() == set.channel_bytes() / 32);
            for (int i = 0; i < 3'000; ++i) {
                const std::uint64_t burst = random() % mapping.bursts();
                const BurstAddress at = mapping.at(burst);
                REQUIRE(mapping.burst_of(at) == burst);
                const bool fits = at.pseudo_channel < 2 && at.stack_id < stack_ids && at.bank_group < 4 &&
                                  at.bank < 4 && at.column < 32 && at.row < 24'576;
                REQUIRE(fits);
            }
        }
    }
    // Exhaustively on a small channel.
    const TimingSet small = timing_set("ramulator21_HBM3_6400Mbps_16Gb_8hi", {{"rows", 3}});
    const ChannelMapping mapping(small, "bank-pc-row-sid-column:3-bankgroup-column");
    std::set<std::tuple<int, int, int, int, int, std::uint32_t>> seen;
    for (std::uint64_t burst = 0; burst < mapping.bursts(); ++burst) {
        const BurstAddress at = mapping.at(burst);
        seen.insert({at.pseudo_channel, at.stack_id, at.bank_group, at.bank, at.column, at.row});
    }
    CHECK(seen.size() == mapping.bursts());
}

TEST_CASE("bad orders are refused with what is missing, duplicated or unknown") {
    CHECK(order_faults("pc-bankgroup-bank-column-row", 1).find("misses sid") != std::string::npos);
    CHECK(order_faults("pc-bankgroup-bank-sid-column-row-bank", 1).find("bank twice") != std::string::npos);
    CHECK(order_faults("pc-bankgroup:1-bank-sid-column-row", 1).find("misses 2 of the 4 values of bankgroup") !=
          std::string::npos);
    CHECK(order_faults("pc-bankgroup-bank-sid-column-row-rank", 1).find("\"rank\"") != std::string::npos);
    CHECK(order_faults("pc-bankgroup:3-bankgroup-bank-sid-column-row", 1).find("cannot take \"3\" bits") !=
          std::string::npos);
    CHECK(order_faults("pc-bankgroup:x-bankgroup-bank-sid-column-row", 1).find("\"x\"") != std::string::npos);
    CHECK(order_faults("pc-bankgroup:0-bankgroup-bank-sid-column-row", 1).find("\"0\"") != std::string::npos);
    order_faults("", 7);
    order_faults("pc--pc", 7);
    // A field with one value may be left out.
    CHECK_NOTHROW(ChannelMapping(timing_set("ramulator21_HBM2_2000Mbps_4Gb"), "pc-bankgroup-bank-column-row"));
}

TEST_CASE("the default address order fits every complete timing set") {
    const std::string order = config::HbmControllerConfig{}.address_order;
    std::size_t sets = 0;
    for (const std::string_view id : timing_set_ids()) {
        try {
            const TimingSet set = timing_set(std::string(id));
            CAPTURE(id);
            CHECK_NOTHROW(ChannelMapping(set, order));
            ++sets;
        } catch (const InputError&) {
            continue; // an incomplete set
        }
    }
    CHECK(sets >= 16);
}
