#include "models/simulation.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace intarsia::models {

namespace {
constexpr Picoseconds slice{1'000'000}; // between looks at progress, stop and watchdog
constexpr std::size_t stuck_lines = 20;
} // namespace

bool Simulation::finished() const {
    for (std::size_t die = 0; die < package_->system().dies.size(); ++die) {
        if (!package_->compute(die).core().finished()) {
            return false;
        }
    }
    return true;
}

Progress Simulation::progress() const {
    Progress progress{now_, 0, 0};
    for (std::size_t die = 0; die < package_->system().dies.size(); ++die) {
        if (const RankProgram* program = package_->compute(die).core().program()) {
            progress.nodes_done += program->nodes_done();
            progress.nodes += program->graph().nodes.size();
        }
    }
    return progress;
}

std::string Simulation::waiting_text() const {
    std::string text;
    for (std::size_t die = 0; die < package_->system().dies.size(); ++die) {
        const ComputeChipletCore& core = package_->compute(die).core();
        if (!core.finished()) {
            text += (text.empty() ? "" : "\n") + fmt::format("error: the workload starves at {} ns: {}",
                                                             static_cast<double>(now_.count()) / 1000.0,
                                                             core.waiting_text());
        }
    }
    return text + "; look for the missing peer, tag or group in the traces of the other ranks";
}

std::string Simulation::stuck_text() const {
    std::string text =
        fmt::format("error: the network is stuck at {} ns: packets are under way and none has moved for {} ns; "
                    "[simulation] watchdog sets that time",
                    static_cast<double>(now_.count()) / 1000.0,
                    static_cast<double>(package_->system().simulation.watchdog.count()) / 1000.0);
    for (std::size_t die = 0; die < package_->system().dies.size(); ++die) {
        for (const std::string& line : package_->network(die).core().describe_waits(stuck_lines)) {
            text += "\n  " + line;
        }
    }
    return text;
}

Outcome Simulation::run(const std::function<void(const Progress&)>& report, const std::atomic<bool>& stop) {
    std::uint64_t last_progress = 0;
    Picoseconds progressed_at;
    while (!finished() && !stop) {
        now_ = package_->advance(now_ + slice);
        if (finished()) {
            break;
        }
        const std::uint64_t present = package_->progress();
        const bool busy = package_->busy();
        if (present != last_progress || (busy && !package_->waits_for_network())) {
            last_progress = present;
            progressed_at = now_;
        } else if (!busy) {
            throw StarvationError(waiting_text());
        } else if (now_ - progressed_at >= package_->system().simulation.watchdog) {
            throw StuckError(stuck_text());
        }
        report(progress());
    }
    Outcome outcome;
    outcome.end = now_;
    outcome.complete = finished();
    if (outcome.complete) {
        Picoseconds end;
        for (std::size_t die = 0; die < package_->system().dies.size(); ++die) {
            const ComputeChipletModule& compute = package_->compute(die);
            end = std::max(end, compute.clock().edge(compute.core().finished_at()));
        }
        outcome.end = end;
        // The pause came in the middle of that time: let every module have its turn at it, in whatever order.
        now_ = package_->advance(end + Picoseconds(1));
    } else {
        outcome.reason = "interrupted";
    }
    for (std::size_t die = 0; die < package_->system().dies.size(); ++die) {
        ComputeChipletModule& compute = package_->compute(die);
        compute.core().finish(compute.clock().first_edge_at_or_after(outcome.end));
    }
    return outcome;
}

void Simulation::drain_and_audit() {
    const Picoseconds limit = now_ + package_->system().simulation.watchdog;
    do {
        now_ = package_->advance(now_ + slice);
    } while (package_->busy() && now_ < limit);
    // What is still in channels by then is credits, and they take no longer than a slice.
    // Only a framed link may need longer: what carries them is acknowledged, and sent again if it must be.
    do {
        now_ = package_->advance(now_ + slice);
    } while (package_->busy() && now_ < limit);
    package_->audit();
}

} // namespace intarsia::models
