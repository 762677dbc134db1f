// Random tiny networks with random tables: the proof agrees with the definition.
#include "tests/noc_proof/by_definition.hpp"

#include <catch2/catch.hpp>
#include <random>

using namespace intarsia;
using namespace intarsia::tests;
using noc::RouteEntry;
using noc::RouteList;
using noc::RouteOption;
using Verdict = ByDefinition::Verdict;

namespace {

/// How often what is random in a network's tables.
struct Habits {
    std::uint32_t adaptive = 0; ///< percent of the entries
    std::uint32_t escape = 0;   ///< percent of the adaptive lists that mark one
    std::uint32_t random = 0;   ///< percent of the entries
    std::uint32_t astray = 0;   ///< percent of the options that lead to any neighbour
    std::uint32_t wrong = 0;    ///< thousandths of the entries that are none, or lead nowhere
};

class RandomNetwork {
  public:
    explicit RandomNetwork(std::uint64_t seed) : random_(seed) {}

    noc::NetworkPlan make() {
        const std::uint32_t routers = 3 + below(4);
        Wiring net(routers, 1 + below(4));
        net.plan.router.model = chance(10) ? noc::RouterModel::wormhole : noc::RouterModel::vc;
        for (std::uint32_t r = 1; r < routers; ++r) {
            net.join(r, chance(50) ? r - 1 : below(r));
        }
        for (std::uint32_t extra = below(routers + 1); extra > 0; --extra) {
            const std::uint32_t a = below(routers);
            const std::uint32_t b = below(routers);
            if (a != b && chance(70)) {
                net.join(a, b);
            } else if (a != b) {
                const std::uint32_t out = net.port(a, "one way");
                net.link(a, out, b, net.port(b, "one way in"));
            }
        }
        for (std::uint32_t r = 0; r < routers; ++r) {
            if (chance(85) || (r + 1 == routers && net.plan.endpoints.empty())) {
                net.endpoint(r);
            }
        }
        const std::uint32_t all = net.all_vcs();
        if (chance(40)) {
            net.plan.class_vcs = {mask(all), mask(all)};
        }
        const std::array<Habits, 5> habits{
            {{0, 0, 0, 0, 0}, {0, 0, 40, 5, 0}, {60, 90, 0, 10, 0}, {30, 50, 20, 3, 3}, {0, 0, 0, 0, 0}}};
        const Habits habit = habits[below(5)];
        const bool per_router = chance(30);
        const bool climb = chance(60); // each hop a virtual channel up, as far as there are any
        net.route([](std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t) { return RouteEntry{}; }, per_router);
        for (std::uint32_t r = 0; r < routers; ++r) {
            for (std::uint32_t p = 0; p < net.plan.routers[r].ports.size(); ++p) {
                for (std::uint32_t vc = 0; vc < net.plan.virtual_channels; ++vc) {
                    const bool enters = net.plan.routers[r].ports[p].use == noc::PortUse::endpoint;
                    const std::uint32_t above = enters ? all : all & ~((2U << vc) - 1);
                    fill_row(net, r, net.plan.routes.row_of(r, p << net.vc_bits() | vc),
                             climb && above != 0 ? above : all, habit);
                }
            }
        }
        return net.plan;
    }

    noc::ProofOptions options(const noc::NetworkPlan& plan) {
        noc::ProofOptions options;
        options.request_reply = plan.class_vcs.size() == 2 && chance(60);
        options.exclusive_adaptive_buffers = chance(85);
        for (std::size_t c = 0; c < plan.class_vcs.size() && chance(40); ++c) {
            options.traffic.push_back({flags(plan.endpoints.size()), flags(plan.endpoints.size())});
        }
        return options;
    }

  private:
    std::uint32_t below(std::size_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
    bool chance(std::uint32_t percent) { return below(100) < percent; }
    std::uint16_t mask(std::uint32_t of) {
        std::uint32_t some = 0;
        while (some == 0) {
            some = chance(40) ? of : of & below(16);
        }
        return static_cast<std::uint16_t>(some);
    }
    std::vector<std::uint8_t> flags(std::size_t count) {
        std::vector<std::uint8_t> made;
        for (std::size_t i = 0; i < count; ++i) {
            made.push_back(chance(60) ? 1 : 0);
        }
        return made;
    }

    static std::uint32_t distance(const noc::NetworkPlan& plan, std::uint32_t from, std::uint32_t to) {
        std::vector<std::uint32_t> far(plan.routers.size(), UINT32_MAX);
        std::vector<std::uint32_t> queue{from};
        far[from] = 0;
        for (std::size_t head = 0; head < queue.size(); ++head) {
            for (const noc::NetworkPort& port : plan.routers[queue[head]].ports) {
                if (port.to.exists() && far[port.to.router] == UINT32_MAX) {
                    far[port.to.router] = far[queue[head]] + 1;
                    queue.push_back(port.to.router);
                }
            }
        }
        return far[to];
    }

    void fill_row(Wiring& net, std::uint32_t r, std::uint32_t row, std::uint32_t vcs, const Habits& habit) {
        noc::NetworkPlan& plan = net.plan;
        for (std::uint32_t to = 0; to < plan.endpoints.size(); ++to) {
            const noc::NetworkEndpoint& target = plan.endpoints[to];
            std::vector<std::uint16_t> nearer;
            std::vector<std::uint16_t> any;
            for (std::uint32_t p = 0; p < plan.routers[r].ports.size(); ++p) {
                const noc::PortEnd end = plan.routers[r].ports[p].to;
                if (end.exists() && r != target.router) {
                    any.push_back(static_cast<std::uint16_t>(p));
                    if (distance(plan, end.router, target.router) < distance(plan, r, target.router)) {
                        nearer.push_back(static_cast<std::uint16_t>(p));
                    }
                }
            }
            const auto option = [&](bool escape) {
                const std::vector<std::uint16_t>& from = chance(habit.astray) ? any : nearer;
                const std::uint16_t port =
                    r == target.router ? static_cast<std::uint16_t>(target.port) : from[below(from.size())];
                const auto some = static_cast<std::uint16_t>(chance(75) ? vcs : mask(vcs));
                return RouteOption{port, some, escape};
            };
            RouteEntry entry;
            if (below(1000) < habit.wrong) {
                entry = chance(50) ? RouteEntry{} : RouteEntry{static_cast<std::uint16_t>(below(9)), 1};
            } else if (chance(habit.adaptive)) {
                RouteList list{true, 0, {option(false), option(false), option(chance(habit.escape))}};
                entry = plan.routes.add_list(list);
            } else if (chance(habit.random)) {
                entry = plan.routes.add_list({false, 0, {option(false), option(false)}});
            } else {
                const RouteOption only = option(false);
                entry = {only.port, only.vcs};
            }
            plan.routes.set(row, static_cast<EndpointId>(to), entry);
        }
    }

    std::mt19937_64 random_;
};

/// A mesh, adaptive on the upper virtual channels, with entries changed at random: whether the escape comes back, where
/// it leads, and what is marked.
noc::NetworkPlan changed_mesh(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto chance = [&](std::uint32_t percent) { return random() % 100 < percent; };
    Grid grid({3, 2 + static_cast<std::uint32_t>(random() % 2)}, 2 + random() % 2, false);
    const auto rest = static_cast<std::uint16_t>(grid.all_vcs() & ~1U);
    const bool comes_back = chance(70);
    const std::uint32_t yx = chance(50) ? 0 : 10;
    const std::uint32_t odd = chance(50) ? 0 : 5;
    grid.route([](std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t) { return RouteEntry{}; });
    for (std::uint32_t r = 0; r < grid.plan.routers.size(); ++r) {
        for (std::uint32_t p = 0; p <= grid.local(); ++p) {
            for (std::uint32_t vc = 0; vc < grid.plan.virtual_channels; ++vc) {
                for (std::uint32_t to = 0; to < grid.plan.endpoints.size(); ++to) {
                    const std::vector<std::uint32_t> order =
                        chance(yx) ? std::vector<std::uint32_t>{1, 0} : std::vector<std::uint32_t>{0, 1};
                    const std::uint16_t out = grid.dor(r, to, order);
                    RouteEntry entry{out, 1};
                    if (r == to) {
                        entry.vcs = grid.all_vcs();
                    } else if (vc != 0 || p == grid.local() || comes_back) {
                        RouteList list;
                        list.adaptive = true;
                        for (const std::uint32_t d : {0U, 1U}) {
                            if (grid.towards(r, to, d) != grid.local()) {
                                list.options.push_back(
                                    {grid.towards(r, to, d), chance(odd) ? grid.all_vcs() : rest, chance(odd / 2)});
                            }
                        }
                        list.options.push_back({out, 1, !chance(odd / 2)});
                        entry = grid.plan.routes.add_list(list);
                    }
                    grid.plan.routes.set(grid.plan.routes.row_of(r, p << grid.vc_bits() | vc),
                                         static_cast<EndpointId>(to), entry);
                }
            }
        }
    }
    return grid.plan;
}

struct Count {
    std::uint32_t faulty = 0;
    std::uint32_t cyclic = 0;
    std::uint32_t free = 0;
    void add(Verdict verdict) { ++(verdict == Verdict::faulty ? faulty : verdict == Verdict::cyclic ? cyclic : free); }
};

} // namespace

TEST_CASE("the proof agrees with the definition on random networks") {
    Count count;
    std::uint32_t lengths = 0;
    for (std::uint64_t seed = 0; seed < 1500; ++seed) {
        RandomNetwork network(seed);
        const noc::NetworkPlan plan = network.make();
        const noc::ProofOptions options = network.options(plan);
        const ByDefinition definition(plan, options);
        const ProofSays says = proof_says(plan, options);
        INFO("seed " << seed);
        REQUIRE(says.verdict == definition.verdict());
        if (says.verdict == Verdict::cyclic) {
            // The text names adaptive channels between two waits too.
            CHECK(says.cycle >= definition.shortest_cycle());
            if (!options.exclusive_adaptive_buffers || plan.router.model == noc::RouterModel::wormhole) {
                CHECK(says.cycle == definition.shortest_cycle());
                ++lengths;
            }
        }
        count.add(says.verdict);
    }
    CHECK(count.faulty > 100);
    CHECK(count.cyclic > 200);
    CHECK(count.free > 200);
    CHECK(lengths > 50);
}

TEST_CASE("the proof agrees with the definition on meshes with escape channels") {
    Count count;
    for (std::uint64_t seed = 0; seed < 120; ++seed) {
        const noc::NetworkPlan plan = changed_mesh(seed);
        const noc::ProofOptions options;
        const ByDefinition definition(plan, options);
        INFO("seed " << seed);
        const ProofSays says = proof_says(plan, options);
        REQUIRE(says.verdict == definition.verdict());
        count.add(says.verdict);
    }
    CHECK(count.cyclic > 20);
    CHECK(count.free > 20);
}
