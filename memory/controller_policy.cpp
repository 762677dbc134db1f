#include "memory/controller_policy.hpp"

#include "config/errors.hpp"
#include "memory/request_queue.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <string_view>
#include <vector>

namespace intarsia::memory {

namespace {

constexpr std::uint32_t default_row_hit_cap = 4; // of frfcfs_cap, as DRAMsim3 has it
constexpr std::uint32_t most_postponed = 8;      // JESD235, JESD238

constexpr std::array<std::string_view, 3> scheduler_names = {"frfcfs", "frfcfs_cap", "fcfs"};
constexpr std::array<std::string_view, 5> page_names = {"open", "closed", "closed_cap", "adaptive", "timeout"};
constexpr std::array<std::string_view, 4> refresh_names = {"none", "all_bank", "per_bank", "same_bank"};
constexpr std::array<std::string_view, 2> queue_names = {"unified", "per_bank"};

class Reader {
  public:
    explicit Reader(std::string where) : where_(std::move(where)) {}

    void fault(const char* name, std::string message, std::string remedy) {
        faults_.push_back({{"", 0, 0, where_ + "." + name}, std::move(message), std::move(remedy)});
    }

    /// The place of `value` among `names`; 0 and a fault without it.
    template <std::size_t n>
    std::size_t choice(const char* name, const std::string& value, const std::array<std::string_view, n>& names) {
        const auto* const found = std::find(names.begin(), names.end(), value);
        if (found == names.end()) {
            fault(name, fmt::format("there is no {} \"{}\"", name, value),
                  fmt::format("use one of {}", fmt::join(names, ", ")));
            return 0;
        }
        return static_cast<std::size_t>(found - names.begin());
    }

    void range(const char* name, std::uint32_t value, std::uint32_t least, std::uint32_t most) {
        if (value < least || value > most) {
            fault(name, fmt::format("{} cannot be {}", name, value), fmt::format("give {} to {}", least, most));
        }
    }

    void finish() {
        if (!faults_.empty()) {
            throw InputError(std::move(faults_));
        }
    }

  private:
    std::string where_;
    std::vector<Diagnostic> faults_;
};

} // namespace

ControllerPolicy controller_policy(const config::HbmControllerConfig& config, const std::string& where) {
    Reader reader(where);
    ControllerPolicy policy;
    const bool per_bank = reader.choice("queue_kind", config.queue_kind, queue_names) == 1;
    const std::uint32_t least = per_bank ? 0 : 1; // a front may be left out
    reader.range("read_queue", config.read_queue, least, RequestQueue::max_entries);
    reader.range("write_queue", config.write_queue, least, RequestQueue::max_entries);
    if (per_bank) {
        reader.range("bank_queue", config.bank_queue, 1, RequestQueue::max_bank_entries);
    }
    if (!(config.write_drain_low >= 0 && config.write_drain_low < config.write_drain_high &&
          config.write_drain_high <= 1)) {
        reader.fault(
            "write_drain_high",
            fmt::format("write drain from {} to {} of the queue", config.write_drain_high, config.write_drain_low),
            "give 0 <= write_drain_low < write_drain_high <= 1");
    }
    const std::size_t scheduler = reader.choice("scheduler", config.scheduler, scheduler_names);
    if (scheduler == 2 && config.row_hit_cap != 0) {
        reader.fault("row_hit_cap", "fcfs has no row hits to cap", "leave row_hit_cap at 0, or use frfcfs_cap");
    }
    policy.page_policy = static_cast<PagePolicy>(reader.choice("page_policy", config.page_policy, page_names));
    policy.refresh = static_cast<RefreshMode>(reader.choice("refresh", config.refresh, refresh_names));
    reader.range("page_cap", config.page_cap, 1, 1'000'000);
    reader.range("postpone", config.postpone, 0, most_postponed);
    reader.range("pull_in", config.pull_in, 0, most_postponed);
    if (config.postpone <= most_postponed && config.pull_in <= most_postponed &&
        config.postpone + config.pull_in > most_postponed) {
        reader.fault("pull_in",
                     fmt::format("refreshes that come {} intervals late or {} early leave more than {} between two",
                                 config.postpone, config.pull_in, most_postponed + 1),
                     fmt::format("postpone and pull_in may be {} together", most_postponed));
    }
    reader.finish();

    policy.read_queue = config.read_queue;
    policy.write_queue = config.write_queue;
    policy.bank_queue = per_bank ? config.bank_queue : 0;
    // Where each bank has entries of its own, the fullest one counts.
    const std::uint32_t writes = per_bank ? config.bank_queue : config.write_queue;
    policy.drain_above = static_cast<std::uint32_t>(std::floor(config.write_drain_high * writes));
    policy.drain_until = static_cast<std::uint32_t>(std::ceil(config.write_drain_low * writes));
    // A full queue must drain, whatever the rounding.
    policy.drain_above = std::min(policy.drain_above, writes - 1);
    policy.scheduler = scheduler == 2 ? Scheduler::fcfs : Scheduler::frfcfs;
    policy.row_hit_cap = scheduler == 1 && config.row_hit_cap == 0 ? default_row_hit_cap : config.row_hit_cap;
    policy.page_cap = config.page_cap;
    policy.page_timeout = config.page_timeout;
    policy.postpone = config.postpone;
    policy.pull_in = config.pull_in;
    policy.merge_reads = config.merge_reads;
    return policy;
}

void check_policy(const TimingSet& timing, const ControllerPolicy& policy, const std::string& where) {
    const bool single = policy.refresh == RefreshMode::per_bank || policy.refresh == RefreshMode::same_bank;
    if (single && (timing.nRFC_pb == 0 || timing.nRREFD == 0)) {
        throw InputError({{"", 0, 0, where + ".refresh"},
                          fmt::format("timing set \"{}\" has no {}, so its banks cannot be refreshed one by one",
                                      timing.id, timing.nRFC_pb == 0 ? "nRFC_pb" : "nRREFD"),
                          "use refresh = \"all_bank\", or give nRFC_pb and nRREFD"});
    }
}

} // namespace intarsia::memory
