// Random configurations and traffic under the timing checker: nothing is ever too early, lost, starved or out of order.
#include "config/errors.hpp"
#include "tests/memory/channel_driver.hpp"

#include <bit>
#include <map>
#include <unordered_map>

using namespace intarsia::tests;

namespace {

template <class T>
const T& pick(const std::vector<T>& values, std::mt19937_64& random) {
    return values[random() % values.size()];
}

ControllerPolicy random_policy(const TimingSet& timing, std::mt19937_64& random) {
    ControllerPolicy policy;
    policy.read_queue = 1 + random() % 64;
    policy.write_queue = 1 + random() % 64;
    policy.drain_above = static_cast<std::uint32_t>(random() % policy.write_queue);
    if (random() % 4 == 0) {
        policy.bank_queue = 1 + random() % 8;
        policy.read_queue = random() % 16;
        policy.write_queue = random() % 16;
        policy.drain_above = static_cast<std::uint32_t>(random() % policy.bank_queue);
    }
    policy.drain_until = static_cast<std::uint32_t>(random() % (policy.drain_above + 1));
    policy.row_hit_cap = random() % 3 == 0 ? 1 + random() % 8 : 0;
    policy.scheduler = random() % 4 == 0 ? Scheduler::fcfs : Scheduler::frfcfs;
    policy.page_policy = pick<PagePolicy>({PagePolicy::open, PagePolicy::open, PagePolicy::closed,
                                           PagePolicy::closed_cap, PagePolicy::adaptive, PagePolicy::timeout},
                                          random);
    policy.page_cap = 1 + random() % 4;
    policy.page_timeout = intarsia::Picoseconds(5'000 + random() % 500'000);
    policy.refresh = random() % 4 != 0 ? RefreshMode::all_bank : RefreshMode::none;
    if (timing.nRFC_pb != 0 && random() % 2 == 0) {
        policy.refresh = random() % 2 == 0 ? RefreshMode::per_bank : RefreshMode::same_bank;
    }
    policy.postpone = random() % 3 == 0 ? static_cast<std::uint32_t>(random() % 9) : 0;
    policy.pull_in = random() % 3 == 0 ? static_cast<std::uint32_t>(random() % (9 - policy.postpone)) : 0;
    policy.merge_reads = random() % 4 == 0;
    return policy;
}

// Orders and hashes that every set has the bits for.
void random_mapping(Pattern& pattern, const TimingSet& timing, std::mt19937_64& random) {
    std::string banks_by_bits; // the upper bits of bank first
    for (std::uint32_t bit = timing.banks_per_group; bit > 1; bit /= 2) {
        banks_by_bits += "bank[" + std::to_string(std::countr_zero(bit) - 1) + "]-";
    }
    pattern.order = pick<std::string>({bank_interleaved, "column-pc-bankgroup-bank-sid-row",
                                       "column:2-pc-bankgroup:1-column:1-bankgroup-bank-sid-column-row",
                                       banks_by_bits + "column-pc-bankgroup-sid-row"},
                                      random);
    pattern.xor_terms = pick<std::vector<std::string>>(
        {{}, {"bank ^ row"}, {"bankgroup ^ row ^ column", "bank[0] ^ row[4] ^ bankgroup[0]"}}, random);
}

std::vector<std::string> complete_sets() {
    std::vector<std::string> ids;
    for (const std::string_view id : timing_set_ids()) {
        try {
            (void)timing_set(std::string(id));
            ids.emplace_back(id);
        } catch (const intarsia::InputError&) {
            continue; // not complete
        }
    }
    return ids;
}

// Timing values shaken by up to a third; the set stays consistent.
TimingSet random_timing(std::mt19937_64& random) {
    static const std::vector<std::string> ids = complete_sets();
    const std::string& id = pick(ids, random);
    const TimingSet set = timing_set(id);
    std::map<std::string, double> overrides;
    const auto shake = [&](const char* name, std::uint32_t value) {
        if (random() % 3 == 0) {
            const std::uint64_t least = value * 2 / 3;
            overrides[name] = static_cast<double>(std::max<std::uint64_t>(1, least + random() % (least + 1)));
        }
    };
    shake("nRP", set.nRP);
    shake("nCCD_L", set.nCCD_L);
    shake("nRRD_S", set.nRRD_S);
    shake("nRRD_L", set.nRRD_L);
    shake("nFAW", set.nFAW);
    shake("nWR", set.nWR);
    shake("nRTP", set.nRTP);
    shake("nWTR_S", set.nWTR_S);
    shake("nWTR_L", set.nWTR_L);
    shake("nRCDWR", set.nRCDWR);
    if (set.nRFC_pb != 0) {
        shake("nRFC_pb", set.nRFC_pb);
        shake("nRREFD", set.nRREFD);
    }
    return timing_set(id, overrides);
}

Pattern random_pattern(const TimingSet& timing, std::mt19937_64& random) {
    Pattern pattern;
    const std::uint64_t seed = random();
    switch (random() % 5) {
    case 0:
        pattern.burst = [base = seed](std::uint64_t i) { return base % 1'000'000 + i; };
        break;
    case 1:
        pattern.burst = uniform(seed);
        break;
    case 2: // strides, which make row conflicts
        pattern.burst = [stride = 1 + seed % 5000](std::uint64_t i) { return i * stride; };
        break;
    case 3: // few rows of few banks
        pattern.burst = [u = uniform(seed), span = 64 + seed % 100'000](std::uint64_t i) mutable {
            return u(i) % span;
        };
        break;
    default: // packets of 16 bursts at random places
        pattern.burst = [seed](std::uint64_t i) {
            return (std::mt19937_64(seed + i / 16)() & ~std::uint64_t{15}) + i % 16;
        };
    }
    const std::uint32_t percent = static_cast<std::uint32_t>(pick<int>({0, 10, 33, 50, 100}, random));
    pattern.is_write = [percent, mix = std::mt19937_64(seed + 1)](std::uint64_t) mutable {
        return mix() % 100 < percent;
    };
    pattern.window = static_cast<std::uint32_t>(pick<int>({0, 0, 1, 4, 32, 200}, random));
    pattern.accesses = 12'000;
    pattern.pipelined = random() % 2 == 0;
    (void)timing;
    return pattern;
}

} // namespace

TEST_CASE("a million commands of random traffic break no constraint") {
    std::mt19937_64 random(20'260'101);
    std::uint64_t commands = 0;
    while (commands < 1'000'000) {
        const std::uint64_t seed = random();
        std::mt19937_64 stream(seed);
        const TimingSet timing = random_timing(stream);
        const ControllerPolicy policy = random_policy(timing, stream);
        INFO("seed " << seed << ", " << timing.id);
        Pattern pattern = random_pattern(timing, stream);
        random_mapping(pattern, timing, stream);
        const Measured measured = drive(timing, policy, pattern);
        const ChannelCounters& c = measured.counters;
        CHECK(c.reads + c.writes + c.forwarded + c.merged == 12'000);
        CHECK(measured.commands == c.reads + c.writes + c.activates + c.precharges + c.refreshes + c.single_refreshes);
        commands += measured.commands;
    }
}

TEST_CASE("reads see the last write before them, writes wait for the reads before them") {
    std::mt19937_64 random(5);
    for (int round = 0; round < 20; ++round) {
        const TimingSet timing = random_timing(random);
        const ControllerPolicy policy = random_policy(timing, random);
        const ChannelMapping mapping(timing, bank_interleaved);
        TimingChecker checker(timing, policy.refresh);
        ChannelController channel(timing, policy, checker.observer());
        // Few addresses, so that every order of accesses to one burst happens. `latest` counts the writes accepted to
        // an address, `stored` what its cells hold.
        struct Access {
            std::uint64_t burst;
            Direction direction;
            std::uint32_t version; // a write's own, or what a read must see
        };
        std::unordered_map<std::uint64_t, std::uint32_t> latest;
        std::unordered_map<std::uint64_t, std::uint32_t> stored;
        std::vector<Access> accesses;
        std::uint64_t forwarded = 0;
        std::uint64_t completed = 0;
        const std::uint64_t stride = 1 + random() % 4096;
        Tick tick = 0;
        const std::size_t total = 3'000;
        std::uint64_t refused = 0;
        while (completed < total) {
            while (accesses.size() < total && random() % 3 != 0) {
                const std::uint64_t burst = random() % 24 * stride % mapping.bursts();
                const Direction direction = random() % 2 == 0 ? Direction::read : Direction::write;
                const BurstAddress address = mapping.at(burst);
                if (!channel.can_accept(address, direction)) {
                    ++refused;
                    break;
                }
                const std::uint32_t version = direction == Direction::write ? ++latest[burst] : latest[burst];
                accesses.push_back({burst, direction, version});
                channel.accept(address, direction, static_cast<std::uint32_t>(accesses.size() - 1), tick);
            }
            if (tick >= channel.next_event()) {
                channel.advance(tick);
            }
            // Completions come in the order in which data moves.
            for (const BurstCompletion& done : channel.completions()) {
                const Access& access = accesses[done.token];
                ++completed;
                if (access.direction == Direction::write) {
                    REQUIRE(access.version == stored[access.burst] + 1); // in the order of acceptance
                    stored[access.burst] = access.version;
                } else if (stored[access.burst] != access.version) {
                    ++forwarded; // data from the write queue: its write is younger than what is stored
                    REQUIRE(access.version > stored[access.burst]);
                }
            }
            channel.clear_completions();
            ++tick;
            if (accesses.size() == total) {
                tick = std::max(tick, channel.next_event());
            }
        }
        CHECK(checker.violations().empty());
        CHECK(forwarded <= channel.counters().forwarded);
        CHECK(channel.counters().forwarded > 0);
        CHECK(refused > 0);
        CHECK(channel.waiting() == 0);
    }
}

TEST_CASE("nothing starves: not a conflict behind endless hits, not a write behind endless reads, nor the reverse") {
    const TimingSet timing = timing_set(hbm3);
    ControllerPolicy policy;
    policy.refresh = RefreshMode::none; // a refresh would close the rows
    const Tick interval = Tick{timing.nREFI} * ticks_per_ck;
    struct Case {
        const char* name;
        Direction flood;
        BurstAddress victim;
        Direction victim_direction;
    };
    const std::vector<Case> cases = {
        {"conflict behind hits", Direction::read, {2, 0, 0, 0, 0, 0}, Direction::read},
        {"write behind reads", Direction::read, {1, 0, 0, 0, 2, 0}, Direction::write},
        {"read behind writes", Direction::write, {1, 0, 0, 0, 2, 0}, Direction::read},
        {"other stack id behind hits", Direction::read, {1, 0, 0, 1, 0, 0}, Direction::read},
    };
    for (const Case& c : cases) {
        INFO(c.name);
        TimingChecker checker(timing, RefreshMode::none);
        ChannelController channel(timing, policy, checker.observer());
        Tick served = 0;
        bool offered = false;
        std::uint16_t column = 0;
        for (Tick tick = 0; tick < 6 * interval && served == 0; ++tick) {
            // The victim comes once; else the flood keeps its queue full with hits to two rows.
            if (tick >= 1000 && !offered && channel.can_accept(c.victim, c.victim_direction)) {
                channel.accept(c.victim, c.victim_direction, 1, tick);
                offered = true;
            }
            const BurstAddress hit{1, static_cast<std::uint16_t>(column % 32), 0,
                                   0, static_cast<std::uint8_t>(column % 2),   0};
            if (channel.can_accept(hit, c.flood) && (tick < 1000 || offered)) {
                channel.accept(hit, c.flood, 0, tick);
                ++column;
            }
            if (tick >= channel.next_event()) {
                channel.advance(tick);
            }
            for (const BurstCompletion& done : channel.completions()) {
                served = done.token == 1 ? done.finish : served;
            }
            channel.clear_completions();
        }
        CHECK(offered);
        CHECK(served != 0);
        CHECK(served < 1000 + 3 * interval);
        CHECK(checker.violations().empty());
    }
}

TEST_CASE("a channel gives the same commands however often it is asked to advance") {
    // next_event() never skips over work: ticking every tick changes nothing.
    const TimingSet timing = timing_set(hbm3);
    const ChannelMapping mapping(timing, bank_interleaved);
    const auto trace = [&](bool every_tick) {
        std::vector<Tick> ticks;
        const CommandObserver record{[](void* context, const DramCommand& command) {
                                         static_cast<std::vector<Tick>*>(context)->push_back(command.tick);
                                     },
                                     &ticks};
        ChannelController channel(timing, {}, record);
        std::mt19937_64 random(9);
        Tick arrival = 0;
        Tick tick = 0;
        for (int i = 0; i < 4'000; ++i) {
            arrival += random() % 40;
            const BurstAddress address = mapping.at(random() % 3 == 0 ? random() % mapping.bursts() : random() % 4096);
            const Direction direction = random() % 3 == 0 ? Direction::write : Direction::read;
            for (; tick < arrival; ++tick) {
                if (every_tick || tick >= channel.next_event()) {
                    channel.advance(tick);
                }
            }
            if (channel.can_accept(address, direction)) {
                channel.accept(address, direction, 0, arrival);
            }
        }
        return ticks;
    };
    CHECK(trace(true) == trace(false));
}
