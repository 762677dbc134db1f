#include "memory/memory_config.hpp"

#include "config/errors.hpp"
#include "config/row_policy_fields.hpp"
#include "memory/timing_table.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace intarsia::memory {

namespace {

using config::Context;
using config::Node;
using config::place_of;

// The set that stands for a standard when none is named: of those in the table, one that needs no overrides.
struct DefaultSet {
    const char* standard;
    const char* set;
};
constexpr std::array default_sets = {
    DefaultSet{"HBM2", "ramulator21_HBM2_2000Mbps_4Gb"},      DefaultSet{"HBM2E", "derived_HBM2E_3600Mbps_16Gb_8hi"},
    DefaultSet{"HBM3", "ramulator21_HBM3_6400Mbps_16Gb_8hi"}, DefaultSet{"HBM3E", "derived_HBM3E_9600Mbps_24Gb_8hi"},
    DefaultSet{"HBM4", "ramulator21_HBM4_8000Mbps_8hi"},
};
constexpr const char* default_standard = "HBM3";

std::vector<std::string> standards() {
    std::vector<std::string> names;
    names.reserve(default_sets.size());
    for (const DefaultSet& each : default_sets) {
        names.emplace_back(each.standard);
    }
    return names;
}

std::vector<std::string> set_ids() {
    std::vector<std::string> ids;
    for (const std::string_view id : timing_set_ids()) {
        ids.emplace_back(id);
    }
    return ids;
}

// Columns of the table that `[memory]` has keys of its own for are left to these.
std::vector<std::string> timing_keys() {
    std::vector<std::string> keys;
    for (const std::string_view name : timing_parameter_names()) {
        keys.emplace_back(name);
    }
    for (const std::string& name : timing_time_names()) {
        keys.push_back(name);
    }
    return keys;
}

// tRFCab in ns by density. HBM2 and HBM2E: of a pseudo-channel, 110, 160, 260, 350, 450 ns up to 1, 2, 4, 8 and above
// 8 Gb; HBM3 and HBM3E: of a channel, 260, 350, 450, 550 ns up to 4, 8, 16 and above 16 Gb; HBM4: of a channel, 400,
// 450, 530 ns up to 4, 8 and above 8 Gb (the preset tables of Ramulator 2.1). Gb are 2^30 bits.
double refresh_ns(const std::string& standard, std::uint64_t channel_bytes, std::uint32_t pseudo_channels) {
    const auto by_density = [](std::uint64_t bytes, std::initializer_list<std::pair<std::uint64_t, double>> steps,
                               double above) {
        const std::uint64_t gb = (bytes * 8 + (1ULL << 30U) - 1) >> 30U;
        for (const auto& [most, ns] : steps) {
            if (gb <= most) {
                return ns;
            }
        }
        return above;
    };
    if (standard.rfind("HBM4", 0) == 0) {
        return by_density(channel_bytes, {{4, 400}, {8, 450}}, 530);
    }
    if (standard.rfind("HBM3", 0) == 0) {
        return by_density(channel_bytes, {{4, 260}, {8, 350}, {16, 450}}, 550);
    }
    return by_density(channel_bytes / pseudo_channels, {{1, 110}, {2, 160}, {4, 260}, {8, 350}}, 450);
}

// One attempt at a setup: what it reads, what it finds, and where faults go.
class SetupBuilder {
  public:
    SetupBuilder(const MemoryConfig& config, const Node& section, Context& context)
        : config_(config), section_(section), context_(context) {}

    MemorySetup build() {
        choose_set();
        collect_overrides();
        if (density_fits_) {
            make_timing();
        }
        make_policy();
        if (has_timing_) {
            check_mapping();
            if (has_policy_) {
                report("refresh", [&] { check_policy(setup_.timing, setup_.policy); });
            }
        }
        return setup_;
    }

  private:
    void fault(std::string_view key, std::string message, std::string remedy) {
        context_.fault(place_of(section_, {key}), std::move(message), std::move(remedy));
    }

    /// Runs `make`; its faults are reported at the key that they name, else at `key`.
    template <class Make>
    bool report(std::string_view key, Make make) {
        try {
            make();
            return true;
        } catch (const InputError& error) {
            for (const Diagnostic& each : error.faults()) {
                const std::size_t dot = each.place.where.rfind('.');
                const std::string named = dot == std::string::npos ? "" : each.place.where.substr(dot + 1);
                const bool drain = named.rfind("write_drain", 0) == 0;
                const bool known = section_.find(drain ? "write_drain" : named) != nullptr;
                fault(drain ? "write_drain" : known ? std::string_view(named) : key, each.message, each.remedy);
            }
            return false;
        }
    }

    void choose_set() {
        const std::string& standard = config_.standard;
        set_id_ = config_.timing_set;
        if (set_id_.empty()) {
            const std::string wanted = standard.empty() ? default_standard : standard;
            const auto* const found = std::find_if(default_sets.begin(), default_sets.end(),
                                                   [&](const DefaultSet& s) { return s.standard == wanted; });
            set_id_ = found == default_sets.end() ? default_sets.front().set : found->set;
        }
        const std::vector<TimingRow>& table = timing_table();
        const auto row = std::find_if(table.begin(), table.end(), [&](const TimingRow& r) { return r.id == set_id_; });
        if (row == table.end()) {
            fault("timing_set", fmt::format("there is no timing set \"{}\"", set_id_),
                  fmt::format("use one of {}", fmt::join(timing_set_ids(), ", ")));
            density_fits_ = false;
            return;
        }
        row_ = &*row;
        if (!standard.empty() && row->standard != standard) {
            fault("standard", fmt::format("timing set \"{}\" is {}, not {}", set_id_, row->standard, standard),
                  "leave standard out, or choose another set");
        }
    }

    // A key of `[memory]` and the column of the table that it stands for.
    void collect_key(std::string_view key, const char* column, std::uint32_t value) {
        if (value == 0) {
            return;
        }
        if (overrides_.count(column) != 0) {
            fault(key, fmt::format("{} stands here and as timing.{}", key, column), "leave one of them out");
        }
        overrides_[column] = value;
    }

    [[nodiscard]] std::uint64_t geometry(const char* column, std::uint32_t TimingRow::*member) const {
        const auto found = overrides_.find(column);
        if (found != overrides_.end()) {
            return found->second >= 1 && found->second <= 65'536 ? static_cast<std::uint64_t>(found->second) : 0;
        }
        return row_->*member == open_value ? 0 : row_->*member;
    }

    void collect_overrides() {
        overrides_ = config_.timing;
        collect_key("pseudo_channels", "pc_per_channel", config_.pseudo_channels);
        collect_key("stack_ids", "stack_ids", config_.stack_ids);
        collect_key("rows", "rows", config_.rows);
        if (config_.density.count() != 0 && row_ != nullptr) {
            apply_density();
        }
    }

    void apply_density() {
        const std::uint64_t pcs = geometry("pc_per_channel", &TimingRow::pc_per_channel);
        const std::uint64_t row_of_all_banks = pcs * geometry("stack_ids", &TimingRow::stack_ids) *
                                               geometry("bank_groups_per_pc", &TimingRow::bank_groups_per_pc) *
                                               geometry("banks_per_group", &TimingRow::banks_per_group) *
                                               geometry("page_bytes_per_pc", &TimingRow::page_bytes_per_pc);
        const std::uint64_t bytes = config_.density.count();
        density_fits_ = false;
        if (overrides_.count("rows") != 0) {
            fault("density", "density and rows both say how much a bank holds", "leave one of them out");
        } else if (row_of_all_banks == 0) {
            fault("density", fmt::format("the geometry of timing set \"{}\" is open", set_id_),
                  "give stack_ids and what else the set leaves open");
        } else if (bytes % row_of_all_banks != 0) {
            fault("density",
                  fmt::format("a channel of {} bytes is not a whole number of rows of all banks ({} bytes)", bytes,
                              row_of_all_banks),
                  "give a multiple of that");
        } else {
            density_fits_ = true;
            const std::uint64_t row_count = bytes / row_of_all_banks;
            overrides_["rows"] = static_cast<double>(row_count);
            if (overrides_.count("nRFC_ab") == 0 && overrides_.count("tRFC_ab") == 0) {
                overrides_["tRFC_ab"] = refresh_ns(std::string(row_->standard), bytes, static_cast<std::uint32_t>(pcs));
            }
        }
    }

    void make_timing() {
        const auto make = [&] {
            TimingSet timing = timing_set(set_id_, overrides_);
            if (config_.refresh_rate > 1) {
                // Faster refresh is a shorter interval, which must still leave time to work.
                std::map<std::string, double> faster = overrides_;
                const std::uint32_t interval = timing.nREFI / config_.refresh_rate;
                faster["nREFI"] = interval;
                faster["nREFI_pb"] = std::max(1U, timing.nREFI_pb / config_.refresh_rate);
                faster.erase("tREFI");
                faster.erase("tREFI_pb");
                timing = timing_set(set_id_, faster);
            }
            setup_.timing = timing;
        };
        has_timing_ = report(section_.find("timing") != nullptr ? "timing" : "timing_set", make);
    }

    void make_policy() {
        config::HbmControllerConfig controller;
        controller.read_queue = config_.read_queue;
        controller.write_queue = config_.write_queue;
        controller.queue_kind = config_.queue_kind;
        controller.bank_queue = config_.bank_queue;
        controller.write_drain_high = config_.write_drain.high;
        controller.write_drain_low = config_.write_drain.low;
        controller.scheduler = config_.scheduler;
        controller.row_hit_cap = config_.row_hit_cap;
        controller.page_policy = config_.page_policy;
        controller.page_cap = config_.page_cap;
        controller.page_timeout = config_.page_timeout;
        controller.refresh = config_.refresh;
        controller.postpone = config_.postpone;
        controller.pull_in = config_.pull_in;
        controller.merge_reads = config_.merge_reads;
        has_policy_ = report("scheduler", [&] { setup_.policy = controller_policy(controller, "memory"); });
    }

    void check_mapping() {
        setup_.channels = config_.channels;
        setup_.interleave = config_.interleave;
        setup_.address_order = config_.address_order;
        setup_.xor_terms = config_.xor_terms;
        report("address_order", [&] {
            (void)ChannelMapping(setup_.timing, config_.address_order, config_.xor_terms, "memory.address_order");
        });
        if (config_.channels > 1 && config_.interleave.count() % setup_.timing.access_bytes() != 0) {
            fault("interleave",
                  fmt::format("{} bytes are not a whole number of bursts of {} bytes", config_.interleave.count(),
                              setup_.timing.access_bytes()),
                  "give a multiple of a burst");
        }
    }

    const MemoryConfig& config_;
    const Node& section_;
    Context& context_;
    std::string set_id_;
    const TimingRow* row_ = nullptr;
    std::map<std::string, double> overrides_;
    bool density_fits_ = true;
    bool has_timing_ = false;
    bool has_policy_ = false;
    MemorySetup setup_;
};

} // namespace

config::Section<MemoryConfig> memory_section() {
    using config::count;
    using config::flag;
    using config::numbers_by_key;
    using config::one_of;
    using config::quantity;
    using config::real;
    using config::Section;
    using config::text;
    using config::Unit;
    using C = MemoryConfig;
    Section<WriteDrain> drain("memory.write_drain", "When writes go before reads.");
    drain.field("high", &WriteDrain::high, real(0, 1), "Fill of the write queue at which writes go first.")
        .field("low", &WriteDrain::low, real(0, 1), "Fill of the write queue at which reads go first again.");
    Section<C> section("memory", "HBM channels and their controllers, alone.");
    section
        .field("standard", &C::standard, one_of(standards()).by_default("that of `timing_set`, else `HBM3`"),
               "The standard; without `timing_set`, its default set is taken.")
        .field("timing_set", &C::timing_set, one_of(set_ids()).by_default("of the standard"),
               "The timing table of the DRAM.")
        .field(
            "timing", &C::timing, numbers_by_key(timing_keys()),
            "Columns of the timing table that differ: `nXXX` in clock cycles of the DRAM, `tXXX` in ns (rounded up to "
            "clock cycles), `data_rate_Gbps` in Gb/s.")
        .field("channels", &C::channels, count(1, 64), "Channels that are simulated.")
        .field("pseudo_channels", &C::pseudo_channels, count(1, 2).by_default("of the set"),
               "Pseudo-channels of a channel.")
        .field("stack_ids", &C::stack_ids, count(1, 4).by_default("of the set"), "Stack ids of a pseudo-channel.")
        .field("rows", &C::rows, count(1, 1U << 24U).by_default("of the set"), "Rows of a bank.")
        .field("density", &C::density, quantity(Unit::size, "1 MiB", "1 TiB").by_default("of the set"),
               "Size of a channel; rows and, by the standard's rule, nRFC_ab follow from it.")
        .field("interleave", &C::interleave, quantity(Unit::size, "8 B", "1 GiB"),
               "Consecutive bytes on one channel, where there are several.")
        .field("address_order", &C::address_order, text(),
               "Fields of a channel's addresses, least significant first: `pc`, `sid`, `bankgroup`, `bank`, `column`, "
               "`row`; in parts as `bankgroup:1` (the next bit) or `bankgroup[0]` (that bit).")
        .field("xor", &C::xor_terms, text().items(0, 64),
               "Hashes, one after the other: `bank ^ row`, `bankgroup[0] ^ row[3] ^ row[7]`.")
        .field("scheduler", &C::scheduler, one_of({"frfcfs", "frfcfs_cap", "fcfs"}),
               "`frfcfs`: row hits first, then the oldest; `frfcfs_cap`: at most `row_hit_cap` hits pass a waiting "
               "conflict; `fcfs`: data in order of arrival.")
        .field("row_hit_cap", &C::row_hit_cap, count(0, 1'000'000),
               "Column accesses to a row while another row of its bank is waited for; 0: no limit (`frfcfs_cap`: 4).")
        .field("read_queue", &C::read_queue, count(0, 1024), "Reads that a channel queues.")
        .field("write_queue", &C::write_queue, count(0, 1024), "Writes that a channel queues.")
        .field(
            "queue_kind", &C::queue_kind, one_of({"unified", "per_bank"}),
            "`unified`: the scheduler sees all of the queues; `per_bank`: it sees `bank_queue` requests of each bank "
            "and direction, and `read_queue` and `write_queue` (0 allowed) wait in front of these.")
        .field("bank_queue", &C::bank_queue, count(1, 64), "Entries of a bank, of each direction, with `per_bank`.")
        .include(config::row_policy_fields<C>())
        .field("refresh_rate", &C::refresh_rate, count(1, 4),
               "Refreshes in the time of one: 1; 2 above 85 degrees Celsius.")
        .field("merge_reads", &C::merge_reads, flag(),
               "Whether a read of a burst that a waiting read fetches shares its answer.")
        .table("write_drain", &C::write_drain, std::move(drain));
    return section;
}

MemorySetup memory_setup(const MemoryConfig& config, const Node& section, Context& context) {
    return SetupBuilder(config, section, context).build();
}

MemorySetup memory_setup(const MemoryConfig& config) {
    config::Faults faults;
    Context context{faults, {}};
    MemorySetup setup = memory_setup(config, Node{}, context);
    faults.throw_if_any();
    return setup;
}

} // namespace intarsia::memory
