#include "models/tile_plan.hpp"

#include "config/errors.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <tuple>

namespace intarsia::models {

namespace {

constexpr std::uint64_t accumulator_bytes = 4; // partial sums are kept in FP32

// Judgement of the search, not of the simulation: the share of its peak that memory gives to many streams at once, and
// how much of what overlaps is felt all the same, so that of two plans that compute equally long the leaner one wins.
constexpr double memory_efficiency = 0.5;
constexpr double hidden_share = 0.1;

std::uint64_t ceil_divide(std::uint64_t a, std::uint64_t b) {
    return (a + b - 1) / b;
}

// Part `index` of `count` of [0, total), as even as whole numbers allow.
struct Span {
    std::uint64_t begin;
    std::uint64_t end;
    [[nodiscard]] std::uint64_t size() const { return end - begin; }
};
Span part(std::uint64_t total, std::uint64_t count, std::uint64_t index) {
    __extension__ using wide = unsigned __int128;
    return {static_cast<std::uint64_t>(wide(total) * index / count),
            static_cast<std::uint64_t>(wide(total) * (index + 1) / count)};
}
Span part(Span whole, std::uint64_t count, std::uint64_t index) {
    const Span inner = part(whole.size(), count, index);
    return {whole.begin + inner.begin, whole.begin + inner.end};
}

enum class Resident { a, b, neither };

// A way to do the GEMM: cores as a grid, a core's block in tiles, slices of k.
struct Cut {
    std::uint64_t batch_parts, row_parts, column_parts; // the grid of cores
    std::uint64_t row_tiles, column_tiles, slices;      // of one core's block
    Resident resident;
};

class Search {
  public:
    Search(const workloads::Gemm& gemm, const config::CoreConfig& core, const TileTraffic& rates)
        : gemm_(gemm), cores_(std::uint64_t{core.columns} * core.rows), per_die_(core.operand_sharing == "per_die"),
          rates_(rates), flops_per_cycle_(flops_per_cycle(core, workloads::Unit::matrix)),
          sram_(core.sram.count() - core.landing_buffer.count()) {}

    // Grids of any shape; tiles and slices in powers of two of their number.
    [[nodiscard]] Cut best() {
        for (std::uint64_t b = 1; b <= std::min<std::uint64_t>(cores_, gemm_.batch); ++b) {
            for (std::uint64_t r = 1; b * r <= cores_ && r <= gemm_.m; ++r) {
                const std::uint64_t columns = std::min(cores_ / (b * r), gemm_.n);
                try_grid(b, r, columns);
            }
        }
        require(found_, "a GEMM of single elements fits any SRAM that the configuration check lets pass");
        return best_;
    }

  private:
    void try_grid(std::uint64_t b, std::uint64_t r, std::uint64_t c) {
        const std::uint64_t batch = ceil_divide(gemm_.batch, b);
        const std::uint64_t rows = ceil_divide(gemm_.m, r);
        const std::uint64_t columns = ceil_divide(gemm_.n, c);
        const std::uint64_t compute = batch * rows * columns * gemm_.k;
        if (2.0 * static_cast<double>(compute) / static_cast<double>(flops_per_cycle_) > cycles_) {
            return; // computing alone takes longer
        }
        for (std::uint64_t rt = 1; rt < 2 * rows; rt *= 2) {
            for (std::uint64_t ct = 1; ct < 2 * columns; ct *= 2) {
                const std::uint64_t row_tiles = std::min(rt, rows);
                const std::uint64_t column_tiles = std::min(ct, columns);
                const Cut cut{b, r, c, row_tiles, column_tiles, 1, Resident::a};
                try_cut(cut, batch, compute);
                try_cut({b, r, c, row_tiles, column_tiles, 1, Resident::b}, batch, compute);
                for (std::uint64_t slices = 1; slices < 2 * gemm_.k; slices *= 2) {
                    const Cut sliced{b, r, c, row_tiles, column_tiles, std::min(slices, gemm_.k), Resident::neither};
                    try_cut(sliced, batch, compute);
                }
            }
        }
    }

    void try_cut(const Cut& cut, std::uint64_t batch, std::uint64_t compute) {
        const std::uint64_t e = gemm_.element_bytes;
        const std::uint64_t rows = ceil_divide(gemm_.m, cut.row_parts);
        const std::uint64_t columns = ceil_divide(gemm_.n, cut.column_parts);
        const std::uint64_t tile_rows = ceil_divide(rows, cut.row_tiles);
        const std::uint64_t tile_columns = ceil_divide(columns, cut.column_tiles);
        const std::uint64_t depth = ceil_divide(gemm_.k, cut.slices);
        const std::uint64_t a_tile = tile_rows * depth * e;
        const std::uint64_t b_tile = tile_columns * depth * e;
        const std::uint64_t output = tile_rows * tile_columns * accumulator_bytes;
        if (2 * (a_tile + b_tile + output) > sram_) {
            return;
        }
        const std::uint64_t a_once = rows * gemm_.k * e;
        const std::uint64_t b_once = columns * gemm_.k * e;
        std::uint64_t traffic = rows * columns * e;
        const std::uint64_t steps = cut.row_tiles * cut.column_tiles * cut.slices;
        const std::uint64_t a_loads = cut.resident == Resident::a ? a_once : a_once * cut.column_tiles;
        const std::uint64_t b_loads = cut.resident == Resident::b ? b_once : b_once * cut.row_tiles;
        const std::uint64_t through_port = batch * (traffic + a_loads + b_loads);
        // Of a shared operand a core reads only its part.
        const std::uint64_t from_memory =
            batch * (traffic + (per_die_ ? a_loads / cut.column_parts + b_loads / cut.row_parts : a_loads + b_loads));
        const double computing = 2.0 * static_cast<double>(compute) / static_cast<double>(flops_per_cycle_);
        const double moving =
            std::max({static_cast<double>(through_port) / rates_.port_bytes_per_cycle,
                      static_cast<double>(from_memory) / (memory_efficiency * rates_.memory_bytes_per_cycle),
                      static_cast<double>(batch * steps) * rates_.latency_cycles});
        const double ends = static_cast<double>(a_tile + b_tile + tile_rows * tile_columns * e);
        const double cycles = std::max(computing, moving) + hidden_share * std::min(computing, moving) +
                              ends / (memory_efficiency * rates_.memory_bytes_per_cycle);
        if (cycles < cycles_) {
            cycles_ = cycles;
            best_ = cut;
            found_ = true;
        }
    }

    const workloads::Gemm& gemm_;
    std::uint64_t cores_;
    bool per_die_;
    TileTraffic rates_;
    std::uint64_t flops_per_cycle_;
    std::uint64_t sram_;
    double cycles_ = std::numeric_limits<double>::infinity(); // of the best so far
    Cut best_{};
    bool found_ = false;
};

// Writes the steps of all cores for a cut.
class GemmPlanner {
  public:
    GemmPlanner(const workloads::Gemm& gemm, const GemmPlaces& places, const config::CoreConfig& core, const Cut& cut)
        : gemm_(gemm), places_(places), cut_(cut), per_die_(core.operand_sharing == "per_die"),
          rate_(flops_per_cycle(core, workloads::Unit::matrix)) {
        plan_.cores.resize(std::size_t{core.columns} * core.rows);
    }

    NodePlan plan() {
        for (std::uint64_t b = 0; b < cut_.batch_parts; ++b) {
            for (std::uint64_t r = 0; r < cut_.row_parts; ++r) {
                for (std::uint64_t c = 0; c < cut_.column_parts; ++c) {
                    plan_core(b, r, c);
                }
            }
        }
        merge_shared();
        return std::move(plan_);
    }

  private:
    void plan_core(std::uint64_t b, std::uint64_t r, std::uint64_t c) {
        core_ = static_cast<std::uint32_t>((b * cut_.row_parts + r) * cut_.column_parts + c);
        auto& steps = plan_.cores[core_];
        steps.first = static_cast<std::uint32_t>(plan_.steps.size());
        const Span batches = part(gemm_.batch, cut_.batch_parts, b);
        const Span rows = part(gemm_.m, cut_.row_parts, r);
        const Span columns = part(gemm_.n, cut_.column_parts, c);
        for (std::uint64_t batch = batches.begin; batch < batches.end; ++batch) {
            // The resident operand's tile is the outer loop, so that it is loaded once.
            const bool columns_outside = cut_.resident == Resident::b;
            const std::uint64_t outer = columns_outside ? cut_.column_tiles : cut_.row_tiles;
            const std::uint64_t inner = columns_outside ? cut_.row_tiles : cut_.column_tiles;
            for (std::uint64_t i = 0; i < outer; ++i) {
                for (std::uint64_t j = 0; j < inner; ++j) {
                    const std::uint64_t row_tile = columns_outside ? j : i;
                    const std::uint64_t column_tile = columns_outside ? i : j;
                    plan_output(batch, part(rows, cut_.row_tiles, row_tile),
                                part(columns, cut_.column_tiles, column_tile), j == 0);
                }
            }
        }
        steps.count = static_cast<std::uint32_t>(plan_.steps.size()) - steps.first;
    }

    void plan_output(std::uint64_t batch, Span rows, Span columns, bool first_of_outer) {
        if (rows.size() == 0 || columns.size() == 0) {
            return;
        }
        const std::uint64_t e = gemm_.element_bytes;
        for (std::uint64_t slice = 0; slice < cut_.slices; ++slice) {
            const Span depth = part(gemm_.k, cut_.slices, slice);
            TileStep step;
            step.first_load = static_cast<std::uint32_t>(plan_.loads.size());
            if (cut_.resident != Resident::a || first_of_outer) {
                load(places_.a, batch * gemm_.m, rows, depth);
            }
            if (cut_.resident != Resident::b || first_of_outer) {
                load(places_.b, batch * gemm_.n, columns, depth);
            }
            step.load_count = static_cast<std::uint32_t>(plan_.loads.size()) - step.first_load;
            step.opens_output = slice == 0;
            step.compute_cycles =
                std::max<std::uint64_t>(1, ceil_divide(2 * rows.size() * columns.size() * depth.size(), rate_));
            if (slice + 1 == cut_.slices) {
                const std::uint64_t row = batch * gemm_.m + rows.begin;
                step.store = {places_.c + (row * gemm_.n + rows.size() * columns.begin) * e,
                              rows.size() * columns.size() * e};
            }
            plan_.steps.push_back(step);
        }
    }

    // Lines [lines.begin, lines.end) of an operand whose lines are k elements long, and of them the slice `depth`.
    void load(std::uint64_t place, std::uint64_t first_line, Span lines, Span depth) {
        const std::uint64_t e = gemm_.element_bytes;
        TileLoad tile;
        tile.range = {place + ((first_line + lines.begin) * gemm_.k + lines.size() * depth.begin) * e,
                      lines.size() * depth.size() * e};
        plan_.operands.used_bytes += tile.range.bytes;
        if (per_die_) {
            // The n-th time that a core loads these bytes meets the n-th time of every other core.
            const auto key = std::tuple(tile.range.begin, tile.range.bytes);
            const std::uint32_t turn = turns_[{core_, key}]++;
            wanted_[{key, turn}].push_back({core_, static_cast<std::uint32_t>(plan_.loads.size())});
        } else {
            plan_.operands.read_bytes += tile.range.bytes;
        }
        plan_.loads.push_back(tile);
    }

    // Loads wanted by more than one core become shared ones.
    void merge_shared() {
        for (const auto& [key, wants] : wanted_) {
            const TileLoad& tile = plan_.loads[wants.front().load];
            plan_.operands.read_bytes += tile.range.bytes;
            if (wants.size() < 2) {
                continue;
            }
            const auto index = static_cast<std::uint32_t>(plan_.shared.size());
            plan_.shared.push_back({tile.range, static_cast<std::uint32_t>(plan_.sharers.size()),
                                    static_cast<std::uint32_t>(wants.size())});
            for (const Want& want : wants) {
                plan_.loads[want.load].shared = index;
                plan_.sharers.push_back(want.core);
            }
        }
    }

    using RangeKey = std::tuple<std::uint64_t, std::uint64_t>;
    struct Want {
        std::uint32_t core;
        std::uint32_t load;
    };
    const workloads::Gemm& gemm_;
    GemmPlaces places_;
    Cut cut_;
    bool per_die_;
    std::uint64_t rate_;
    std::uint32_t core_ = 0;
    NodePlan plan_;
    std::map<std::pair<std::uint32_t, RangeKey>, std::uint32_t> turns_;
    std::map<std::pair<RangeKey, std::uint32_t>, std::vector<Want>> wanted_;
};

} // namespace

std::uint64_t flops_per_cycle(const config::CoreConfig& core, workloads::Unit unit) {
    return unit == workloads::Unit::matrix ? 2ULL * core.array_rows * core.array_columns : core.vector_flops_per_cycle;
}

NodePlan plan_gemm(const workloads::Gemm& gemm, const GemmPlaces& places, const config::CoreConfig& core,
                   const TileTraffic& traffic) {
    return GemmPlanner(gemm, places, core, Search(gemm, core, traffic).best()).plan();
}

NodePlan plan_stream(AddressRange read, AddressRange write, std::uint64_t flops, workloads::Unit unit,
                     const config::CoreConfig& core, std::uint64_t packet_bytes) {
    NodePlan plan;
    plan.unit = unit;
    plan.cores.resize(std::size_t{core.columns} * core.rows);
    plan.operands.used_bytes = plan.operands.read_bytes = read.bytes;
    const std::uint64_t rate = flops_per_cycle(core, unit);
    const std::uint64_t cores = plan.cores.size();
    // Two tiles in and two tiles out share the SRAM; a share is at least one packet, so that few packets are short.
    const std::uint64_t tile = std::max<std::uint64_t>((core.sram - core.landing_buffer).count() / 8, packet_bytes);
    for (std::uint64_t index = 0; index < cores; ++index) {
        const auto packets = [&](std::uint64_t bytes, std::uint64_t count, std::uint64_t i) {
            const Span s = part(ceil_divide(bytes, packet_bytes), count, i);
            return Span{std::min(s.begin * packet_bytes, bytes), std::min(s.end * packet_bytes, bytes)};
        };
        const Span in = packets(read.bytes, cores, index);
        const Span out = packets(write.bytes, cores, index);
        const std::uint64_t work = part(flops, cores, index).size();
        auto& steps = plan.cores[index];
        steps.first = static_cast<std::uint32_t>(plan.steps.size());
        if (in.size() == 0 && out.size() == 0 && work == 0) {
            continue;
        }
        const std::uint64_t tiles = std::max<std::uint64_t>(1, ceil_divide(std::max(in.size(), out.size()), tile));
        for (std::uint64_t t = 0; t < tiles; ++t) {
            const Span tile_in = part(in, tiles, t);
            const Span tile_out = part(out, tiles, t);
            TileStep step;
            step.first_load = static_cast<std::uint32_t>(plan.loads.size());
            if (tile_in.size() > 0) {
                plan.loads.push_back({{read.begin + tile_in.begin, tile_in.size()}, TileLoad::not_shared});
                step.load_count = 1;
            }
            step.compute_cycles = ceil_divide(part(work, tiles, t).size(), rate);
            step.store = {write.begin + tile_out.begin, tile_out.size()};
            step.opens_output = tile_out.size() > 0;
            plan.steps.push_back(step);
        }
        steps.count = static_cast<std::uint32_t>(plan.steps.size()) - steps.first;
    }
    return plan;
}

NodePlan plan_replay(std::uint64_t cycles, workloads::Unit unit, const config::CoreConfig& core) {
    NodePlan plan;
    plan.unit = unit;
    plan.cores.resize(std::size_t{core.columns} * core.rows);
    for (auto& steps : plan.cores) {
        steps = {static_cast<std::uint32_t>(plan.steps.size()), 1};
        TileStep step;
        step.compute_cycles = cycles;
        plan.steps.push_back(step);
    }
    return plan;
}

} // namespace intarsia::models
