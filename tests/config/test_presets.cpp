#include "config/hbm_peak.hpp"
#include "config/load.hpp"
#include "config/peaks.hpp"
#include "tests/config/system_text.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::config;

TEST_CASE("Every preset is valid and balanced") {
    const std::vector<std::string> names = preset_names();
    CHECK(names.size() >= 2);
    for (const std::string& name : names) {
        const LoadedSystem system = load_system(name);
        INFO(name);
        CHECK(system.config.name == name);
        for (const Diagnostic& warning : system.warnings) {
            UNSCOPED_INFO(warning.text("warning"));
        }
        CHECK(system.warnings.empty());
    }
}

TEST_CASE("dual_die_cowos: peak figures") {
    const SystemConfig c = load_system("dual_die_cowos").config;
    REQUIRE(c.dies.size() == 2);
    // 16 cores x 128 x 128 x 2 x 1.8 GHz
    CHECK(matrix_flops(c.dies[0]) == Approx(943.7184e12));
    CHECK(vector_flops(c.dies[0]) == Approx(14.7456e12));
    REQUIRE(c.stacks.size() == 8);
    // 16 channels x 64 pins x 6.4 Gb/s
    CHECK(hbm_peak(c.stacks[0]).stack_bytes_per_s == Approx(819.2e9));
    CHECK(hbm_peak(c.stacks[0]).capacity_bytes == 16ULL << 30U);
    CHECK(stack_bytes_per_s(c, 1) == Approx(4 * 819.2e9));
    REQUIRE(c.links.size() == 4);
    CHECK(raw_bytes_per_s(c.links[3]) == Approx(256e9));
    CHECK(flit_bytes_per_s(c.links[3]) == Approx(240e9));
    CHECK(port_bytes_per_s(c.dies[0].network) == Approx(272e9));
    // Four flits of 136 bytes carry 512 of data.
    CHECK(payload_share(c.dies[0].network) == Approx(512.0 / 544.0));
    // Four rows of links, 272 GB/s each.
    CHECK(bisection_bytes_per_s(c.dies[0].network) == Approx(1.088e12));
    // 26 + 31 + 20 + 2 CK of 0.625 ns.
    CHECK(hbm_peak(c.stacks[0]).closed_row_read_ns == Approx(79 * 0.625));
}

TEST_CASE("dual_die_cowos: each stack is attached to the quadrant of its die that it stands at") {
    const SystemConfig c = load_system("dual_die_cowos").config;
    for (const HbmStackConfig& stack : c.stacks) {
        const DieConfig& die = c.dies[stack.die];
        CHECK(stack.routers.size() == 4);
        for (const RouterPosition router : stack.routers) {
            INFO(stack.name);
            CHECK((router.column >= 2) == (stack.position.x >= die.position.x + die.width / 2));
            CHECK((router.row >= 2) == (stack.position.y > die.position.y));
        }
    }
}

TEST_CASE("eight_die_grid: eight ranks, links to every neighbour") {
    const SystemConfig c = load_system("eight_die_grid").config;
    CHECK(c.rank_dies.size() == 8);
    CHECK(c.links.size() == 2 * (2 * 3 + 4));
}

TEST_CASE("Ports that cannot carry the peaks they join are pointed out") {
    const auto warned = [](const std::vector<std::string>& overrides, const std::string& part) {
        std::string all;
        for (const Diagnostic& warning : load_system("dual_die_cowos", overrides).warnings) {
            all += warning.text("warning") + "\n";
        }
        INFO(all);
        return all.find(part) != std::string::npos;
    };
    CHECK(warned({"stack.hbm0.routers=[[0, 0], [1, 0]]"},
                 "stack 'hbm0': it delivers 819.2 GB/s, its 2 network interfaces carry 512.0 GB/s"));
    CHECK(warned({"d2d.d2d.lanes=80"},
                 "link 'd2d.0' (and 3 alike): it carries 300.0 GB/s, the port of its router 272.0 GB/s"));
    CHECK(warned({"d2d.d2d.receive_buffer_flits=2"}, "2 buffered flits bound a virtual channel to"));
    CHECK(warned({"core.dma_window=16"}, "16 transactions of 512 bytes"));
    CHECK(warned({"hbm.controller.read_queue=32"}, "a read queue of 32 bounds a channel"));
    CHECK(warned({"hbm.controller.reply_slots=2"}, "2 reply slots an interface bound it"));
    CHECK(warned({"network.clock=1.2 GHz"}, "over the middle of the mesh when addresses spread evenly"));
}
