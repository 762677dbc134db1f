// Dimension order on grids: turns, halves of the torus, and tables that say nothing where nothing comes.
#include "noc/topology/dense_routing.hpp"
#include "noc/topology/grid.hpp"
#include "tests/noc_topology/rig.hpp"

using namespace intarsia;
using namespace intarsia::tests;

namespace {

/// Dimension order written down once more, as a function of where a head is: the other side of the comparison.
class PlainDimensionOrder final : public noc::RoutingFunction {
  public:
    PlainDimensionOrder(const noc::Wiring& wiring, const noc::Grid& grid, std::vector<std::uint8_t> order, bool halves)
        : wiring_(wiring), grid_(grid), order_(std::move(order)), halves_(halves) {}

    [[nodiscard]] std::vector<std::uint8_t> groups(std::uint32_t vcs) const override {
        std::vector<std::uint8_t> all(vcs, 0);
        for (std::uint32_t vc = 0; vc < vcs && halves_; ++vc) {
            all[vc] = vc >= (vcs + 1) / 2 ? 1 : 0;
        }
        return all;
    }
    void aim(EndpointId destination) override {
        to_ = wiring_.plan.routers[wiring_.plan.endpoints[destination].router].at;
    }
    void route(noc::HeadPlace place, noc::RouteList& ways) const override {
        const std::vector<std::uint32_t>& at = wiring_.plan.routers[place.router].at;
        const noc::PortTag came_by = wiring_.tags[place.router][place.port];
        const std::uint32_t vcs = wiring_.plan.virtual_channels;
        for (const std::uint8_t d : order_) {
            if (at[d] == to_[d]) {
                continue;
            }
            const std::uint32_t extent = grid_.dims[d];
            const std::uint32_t ahead = (to_[d] + extent - at[d]) % extent;
            const auto add = [&](bool up, bool upper) {
                const std::uint32_t half = (vcs + 1) / 2;
                const std::uint32_t lower_vcs = (1U << half) - 1;
                const std::uint32_t all = (1U << vcs) - 1;
                const std::uint32_t mask = !halves_ ? all : (upper ? all & ~lower_vcs : lower_vcs);
                const auto port = wiring_.find_port(place.router, {d, up ? noc::PortTag::up : noc::PortTag::down});
                ways.options.push_back({static_cast<std::uint16_t>(*port), static_cast<std::uint16_t>(mask), false});
            };
            if (came_by.dimension == d) {
                add(came_by.way == noc::PortTag::down, place.group == 1);
            } else if (grid_.lines == noc::Grid::Lines::open) {
                add(to_[d] > at[d], false);
            } else {
                // "moves up: the upper half when its path crosses ...; moves down: the lower half when it crosses"
                if (2 * ahead <= extent) {
                    add(true, to_[d] < at[d]);
                }
                if (2 * ahead >= extent) {
                    add(false, to_[d] < at[d]);
                }
                ways.random_bit = 2 * ahead == extent ? d : 0;
            }
            return;
        }
    }

  private:
    const noc::Wiring& wiring_;
    const noc::Grid& grid_;
    std::vector<std::uint8_t> order_;
    bool halves_;
    std::vector<std::uint32_t> to_;
};

void check_same(const noc::NetworkPlan& plan, const noc::RouteTables& a, const noc::RouteTables& b) {
    for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
        for (std::uint32_t input = 0; input < plan.routers[r].ports.size() << a.vc_bits(); ++input) {
            for (std::uint32_t e = 0; e < plan.endpoints.size(); ++e) {
                const noc::RouteEntry left = a.lookup(r, input, static_cast<EndpointId>(e));
                const noc::RouteEntry right = b.lookup(r, input, static_cast<EndpointId>(e));
                CAPTURE(plan.routers[r].name, input, e, left.port, right.port, left.vcs, right.vcs);
                REQUIRE((left.port == noc::RouteEntry::is_list) == (right.port == noc::RouteEntry::is_list));
                if (left.port != noc::RouteEntry::is_list) {
                    REQUIRE(left == right);
                    continue;
                }
                REQUIRE(a.list(left).random_bit == b.list(right).random_bit);
                REQUIRE(a.list(left).adaptive == b.list(right).adaptive);
                const auto ours = options(a, left);
                const auto theirs = options(b, right);
                REQUIRE(ours.size() == theirs.size());
                for (std::size_t k = 0; k < ours.size(); ++k) {
                    REQUIRE(ours[k].port == theirs[k].port);
                    REQUIRE(ours[k].vcs == theirs[k].vcs);
                }
            }
        }
    }
}

struct Shape {
    std::vector<std::uint32_t> dims;
    noc::Grid::Lines lines;
    std::uint32_t vcs;
    bool dateline;
    std::vector<std::uint8_t> order;
};

} // namespace

TEST_CASE("tables by coordinates are those of dimension order walked from every source, entry by entry") {
    using Lines = noc::Grid::Lines;
    const auto [dims, lines, vcs, dateline, order] = GENERATE(values<Shape>({
        {{5, 4}, Lines::open, 2, true, {0, 1}},
        {{5, 4}, Lines::open, 3, true, {1, 0}},
        {{3, 2, 3}, Lines::open, 1, true, {2, 0, 1}},
        {{4, 5}, Lines::closed, 4, true, {0, 1}},
        {{6, 3}, Lines::closed, 2, true, {1, 0}},
        {{2, 3, 4}, Lines::closed, 2, true, {0, 1, 2}},
        {{9}, Lines::closed, 3, true, {0}},
        {{8}, Lines::closed, 4, true, {0}},
        {{8}, Lines::closed, 4, false, {0}},
        {{4, 4}, Lines::closed, 1, false, {0, 1}},
    }));
    noc::Grid grid;
    grid.dims = dims;
    grid.lines = lines;
    grid.concentration = 2;
    grid.rates.resize(dims.size());
    noc::Wiring wiring = noc::wire_grid(grid);
    wiring.plan.virtual_channels = vcs;
    wiring.plan.class_vcs = {all_vcs(wiring.plan)};
    const noc::RouteTables tables = noc::grid_tables(wiring, grid, {order, dateline, wiring.plan.class_vcs, vcs});
    PlainDimensionOrder plain(wiring, grid, order, lines == Lines::closed && dateline);
    const noc::DenseTables walked = noc::dense_tables(wiring.plan, plain);
    REQUIRE(walked.stranded.empty());
    REQUIRE(walked.routes.dense());
    check_same(wiring.plan, tables, walked.routes);
    check_same(wiring.plan, tables, tables.as_dense());
}

TEST_CASE("dimension order corrects x first; yx and routing_order say otherwise") {
    const auto second_router = [](const std::string& routing) {
        const noc::NetworkPlan plan = network("[noc]\ndims = [4, 4]\n" + routing);
        return plan.routers[noc::zero_load_path(plan, 0, 15, 1).routers[1]].name;
    };
    CHECK(second_router("") == "(1,0)");
    CHECK(second_router("routing = \"xy\"") == "(1,0)");
    CHECK(second_router("routing = \"yx\"") == "(0,1)");
    CHECK(second_router("routing_order = [1, 0]") == "(0,1)");
}

TEST_CASE("a torus packet keeps to one half of its class's channels in each dimension") {
    const noc::NetworkPlan plan = network("[noc]\ntopology = \"torus\"\ndims = [8, 8]\nvirtual_channels = 8\n"
                                          "message_classes = 2");
    const auto first = [&](std::uint32_t from, std::uint32_t to) {
        const noc::NetworkEndpoint& start = plan.endpoints[from];
        return plan.routes.lookup(start.router, start.port << plan.routes.vc_bits(), static_cast<EndpointId>(to));
    };
    const auto name = [&](std::uint32_t router, std::uint32_t port) { return plan.routers[router].ports[port].name; };
    const std::uint16_t lower = 0b00110011;
    const std::uint16_t upper = 0b11001100;
    CHECK((name(1, first(1, 4).port) == "E" && first(1, 4).vcs == lower)); // up, does not cross
    CHECK((name(6, first(6, 1).port) == "E" && first(6, 1).vcs == upper)); // up, crosses
    CHECK((name(4, first(4, 1).port) == "W" && first(4, 1).vcs == upper)); // down, does not cross
    CHECK((name(1, first(1, 6).port) == "W" && first(1, 6).vcs == lower)); // down, crosses
    CHECK((name(8, first(8, 24).port) == "N" && first(8, 24).vcs == lower));
    CHECK(first(3, 3).vcs == 0xFF); // ejection: any
    // A tie: both ways by lot, by the bit of the dimension.
    const noc::RouteEntry tie = first(2, 6 + 8 * 4);
    REQUIRE(tie.port == noc::RouteEntry::is_list);
    CHECK_FALSE(plan.routes.list(tie).adaptive);
    CHECK(plan.routes.list(tie).random_bit == 0);
    CHECK(plan.routes.list(tie).options[0].vcs == lower);
    CHECK(plan.routes.list(tie).options[1].vcs == lower); // down from 2 to 6 crosses: the lower half
    CHECK(plan.routes.list(first(0, 32)).random_bit == 1);
    CHECK(noc::zero_load_path(plan, 2, 6 + 8 * 4, 1, 0, 0b01).routers[1] == 1);
    CHECK(noc::zero_load_path(plan, 2, 6 + 8 * 4, 1, 0, 0b00).routers[1] == 3);
    for (const std::uint8_t random : {0, 1, 2, 3}) {
        CHECK(noc::zero_load_path(plan, 2, 6 + 8 * 4, 1, 0, random).routers.size() == 9);
    }
    CHECK(walk_all(plan).exact);
}

TEST_CASE("a torus without datelines, and a ring with one channel, use all channels alike") {
    const noc::NetworkPlan torus = network("[noc]\ntopology = \"torus\"\ndims = [4, 4]\ndateline = false");
    CHECK(walk_all(torus).minimal);
    CHECK(torus.routes.lookup(3, torus.endpoints[3].port << 2U, 0).vcs == 0b1111);
    const noc::NetworkPlan ring = network("[noc]\ntopology = \"ring\"\ndims = [5]\nvirtual_channels = 1");
    CHECK(walk_all(ring).exact);
    CHECK(ring.routes.lookup(4, ring.endpoints[4].port, 1).vcs == 1);
}
