#include "models/tile_plan.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <numeric>
#include <random>

using namespace intarsia;
using models::NodePlan;
using models::TileLoad;

namespace {

config::CoreConfig core_config(std::uint32_t columns, std::uint32_t rows, std::uint64_t sram_kib) {
    config::CoreConfig core;
    core.columns = columns;
    core.rows = rows;
    core.sram = Bytes(sram_kib << 10U);
    core.landing_buffer = Bytes(32ULL << 10U);
    return core;
}

std::uint64_t stored_bytes(const NodePlan& plan) {
    return std::accumulate(plan.steps.begin(), plan.steps.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const models::TileStep& step) { return sum + step.store.bytes; });
}

// How often each byte of [begin, begin + bytes) is covered by ranges; the ranges must tile it evenly.
template <class Ranges>
void check_covered(const Ranges& ranges, std::uint64_t begin, std::uint64_t bytes) {
    std::map<std::uint64_t, std::int64_t> edges;
    std::uint64_t total = 0;
    for (const models::AddressRange& range : ranges) {
        REQUIRE(range.begin >= begin);
        REQUIRE(range.begin + range.bytes <= begin + bytes);
        ++edges[range.begin];
        --edges[range.begin + range.bytes];
        total += range.bytes;
    }
    CHECK(total % bytes == 0);
    std::int64_t depth = 0;
    std::int64_t least = INT64_MAX;
    for (const auto& [place, change] : edges) {
        depth += change;
        if (place < begin + bytes) {
            least = std::min(least, depth);
        }
    }
    CHECK(least >= 1);
}

} // namespace

TEST_CASE("every output byte is stored once, every operand byte is loaded, and all FLOPs are done") {
    std::mt19937_64 random(3);
    for (int round = 0; round < 150; ++round) {
        workloads::Gemm gemm;
        gemm.batch = 1 + static_cast<std::uint32_t>(random() % 5);
        gemm.m = 1 + random() % 400;
        gemm.n = 1 + random() % 400;
        gemm.k = 1 + random() % 400;
        config::CoreConfig core = core_config(1 + random() % 4, 1 + random() % 4, 96U << random() % 4);
        core.operand_sharing = random() % 2 == 0 ? "per_die" : "per_core";
        const std::uint64_t a = std::uint64_t{gemm.batch} * gemm.m * gemm.k * 2;
        const std::uint64_t b = std::uint64_t{gemm.batch} * gemm.k * gemm.n * 2;
        const std::uint64_t c = std::uint64_t{gemm.batch} * gemm.m * gemm.n * 2;
        const NodePlan plan = models::plan_gemm(gemm, {0, a, a + b}, core, {});

        CHECK(stored_bytes(plan) == c);
        std::vector<models::AddressRange> stores;
        std::vector<models::AddressRange> a_loads;
        std::vector<models::AddressRange> b_loads;
        std::uint64_t cycles = 0;
        for (const models::TileStep& step : plan.steps) {
            if (step.store.bytes > 0) {
                stores.push_back(step.store);
            }
            cycles += step.compute_cycles;
        }
        for (const TileLoad& load : plan.loads) {
            (load.range.begin < a ? a_loads : b_loads).push_back(load.range);
        }
        check_covered(stores, a + b, c);
        check_covered(a_loads, 0, a);
        check_covered(b_loads, a, b);
        const std::uint64_t flops = 2 * std::uint64_t{gemm.batch} * gemm.m * gemm.n * gemm.k;
        CHECK(cycles * models::flops_per_cycle(core, workloads::Unit::matrix) >= flops);
    }
}

TEST_CASE("double-buffered tiles fit the SRAM") {
    workloads::Gemm gemm;
    gemm.m = 512;
    gemm.n = 3072;
    gemm.k = 2048;
    const config::CoreConfig core = core_config(4, 4, 2048);
    const NodePlan plan = models::plan_gemm(gemm, {0, 1ULL << 30U, 2ULL << 30U}, core, {});
    for (const NodePlan::CoreSteps& steps : plan.cores) {
        std::uint64_t largest = 0;
        std::uint64_t output = 0;
        for (std::uint32_t i = 0; i < steps.count; ++i) {
            std::uint64_t loads = 0;
            const models::TileStep& step = plan.steps[steps.first + i];
            for (std::uint32_t l = 0; l < step.load_count; ++l) {
                loads += plan.loads[step.first_load + l].range.bytes;
            }
            largest = std::max(largest, loads);
            output = std::max(output, step.store.bytes / 2 * 4);
        }
        CHECK(2 * (largest + output) <= core.sram.count() - core.landing_buffer.count());
    }
}

TEST_CASE("operands shared by cores are read once a die or once a core, as chosen") {
    workloads::Gemm gemm;
    gemm.m = 512;
    gemm.n = 512;
    gemm.k = 512;
    config::CoreConfig core = core_config(4, 4, 4096);
    const auto loaded = [](const NodePlan& plan) {
        std::uint64_t bytes = 0;
        for (const TileLoad& load : plan.loads) {
            bytes += load.range.bytes;
        }
        return bytes;
    };
    const NodePlan shared = models::plan_gemm(gemm, {0, 1ULL << 20U, 2ULL << 20U}, core, {});
    std::uint64_t read = 0;
    for (const models::SharedLoad& load : shared.shared) {
        read += load.range.bytes;
    }
    for (const TileLoad& load : shared.loads) {
        read += load.shared == TileLoad::not_shared ? load.range.bytes : 0;
    }
    CHECK(shared.operands.used_bytes == loaded(shared));
    CHECK(shared.operands.read_bytes == read);
    CHECK(read < loaded(shared) / 2);
    CHECK(read >= 2 * 512 * 512 * 2); // each operand at least once
    core.operand_sharing = "per_core";
    const NodePlan own = models::plan_gemm(gemm, {0, 1ULL << 20U, 2ULL << 20U}, core, {});
    CHECK(own.shared.empty());
    CHECK(own.operands.used_bytes == loaded(own));
    CHECK(own.operands.read_bytes == own.operands.used_bytes);
    CHECK(own.operands.read_bytes >= 4 * 2 * 512 * 512 * 2); // sixteen cores need each operand four times or more
}

TEST_CASE("the cores of a shared load are those whose tiles need its bytes") {
    workloads::Gemm gemm;
    gemm.m = 256;
    gemm.n = 320;
    gemm.k = 192;
    const NodePlan plan = models::plan_gemm(gemm, {0, 1ULL << 20U, 2ULL << 20U}, core_config(3, 2, 128), {});
    std::map<std::uint32_t, std::uint32_t> wanted;
    for (const TileLoad& load : plan.loads) {
        if (load.shared != TileLoad::not_shared) {
            CHECK(plan.shared[load.shared].range.begin == load.range.begin);
            CHECK(plan.shared[load.shared].range.bytes == load.range.bytes);
            ++wanted[load.shared];
        }
    }
    CHECK(wanted.size() == plan.shared.size());
    for (const auto& [index, cores] : wanted) {
        CHECK(plan.shared[index].core_count == cores);
    }
}

TEST_CASE("a stream is dealt evenly and keeps its bytes and FLOPs") {
    const config::CoreConfig core = core_config(4, 4, 1024);
    const NodePlan plan =
        models::plan_stream({1000, 3'000'000}, {8'000'000, 1'000'000}, 16'000'000, workloads::Unit::vector, core, 512);
    std::vector<models::AddressRange> reads;
    std::vector<models::AddressRange> writes;
    for (const TileLoad& load : plan.loads) {
        reads.push_back(load.range);
    }
    for (const models::TileStep& step : plan.steps) {
        if (step.store.bytes > 0) {
            writes.push_back(step.store);
        }
    }
    check_covered(reads, 1000, 3'000'000);
    check_covered(writes, 8'000'000, 1'000'000);
    for (const NodePlan::CoreSteps& steps : plan.cores) {
        std::uint64_t cycles = 0;
        for (std::uint32_t i = 0; i < steps.count; ++i) {
            cycles += plan.steps[steps.first + i].compute_cycles;
        }
        CHECK(cycles >= 1'000'000 / core.vector_flops_per_cycle);
        CHECK(cycles <= 1'000'000 / core.vector_flops_per_cycle + steps.count);
    }
}
