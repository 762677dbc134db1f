#include "memory/controller_policy.hpp"

#include "config/errors.hpp"
#include "memory/request_queue.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <vector>

namespace intarsia::memory {

ControllerPolicy controller_policy(const config::HbmControllerConfig& config, const std::string& where) {
    std::vector<Diagnostic> faults;
    const auto fault = [&](const char* name, std::string message, std::string remedy) {
        faults.push_back({{"", 0, 0, where + "." + name}, std::move(message), std::move(remedy)});
    };
    const auto check_queue = [&](const char* name, std::uint32_t entries) {
        if (entries < 1 || entries > RequestQueue::max_slots) {
            fault(name, fmt::format("a queue cannot have {} entries", entries),
                  fmt::format("give 1 to {}", RequestQueue::max_slots));
        }
    };
    check_queue("read_queue", config.read_queue);
    check_queue("write_queue", config.write_queue);
    if (!(config.write_drain_low >= 0 && config.write_drain_low < config.write_drain_high &&
          config.write_drain_high <= 1)) {
        fault("write_drain_high",
              fmt::format("write drain from {} to {} of the queue", config.write_drain_high, config.write_drain_low),
              "give 0 <= write_drain_low < write_drain_high <= 1");
    }
    if (config.scheduler != "frfcfs") {
        fault("scheduler", fmt::format("there is no scheduler \"{}\"", config.scheduler), "use \"frfcfs\"");
    }
    if (config.page_policy != "open") {
        fault("page_policy", fmt::format("there is no page policy \"{}\"", config.page_policy), "use \"open\"");
    }
    if (config.refresh != "all_bank" && config.refresh != "none") {
        fault("refresh", fmt::format("there is no refresh \"{}\"", config.refresh), "use \"all_bank\" or \"none\"");
    }
    if (!faults.empty()) {
        throw InputError(std::move(faults));
    }
    ControllerPolicy policy;
    policy.read_queue = config.read_queue;
    policy.write_queue = config.write_queue;
    policy.drain_above = static_cast<std::uint32_t>(std::floor(config.write_drain_high * config.write_queue));
    policy.drain_until = static_cast<std::uint32_t>(std::ceil(config.write_drain_low * config.write_queue));
    // A full queue must drain, whatever the rounding.
    policy.drain_above = std::min(policy.drain_above, config.write_queue - 1);
    policy.row_hit_cap = config.row_hit_cap;
    policy.refresh = config.refresh == "all_bank";
    return policy;
}

} // namespace intarsia::memory
