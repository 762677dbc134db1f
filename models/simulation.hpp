// Runs a package to the end of its workload, and tells the ways in which that can fail apart.
#pragma once

#include "models/package_module.hpp"

#include <atomic>
#include <functional>
#include <string>

namespace intarsia::models {

/// How far a run is; for progress lines.
struct Progress {
    Picoseconds time;
    std::uint64_t nodes_done = 0;
    std::uint64_t nodes = 0;
};

struct Outcome {
    Picoseconds end; ///< the last completion, or the time of the interruption
    bool complete = true;
    std::string reason; ///< why not
};

/// One run of one package; SystemC allows one a process.
class Simulation {
  public:
    explicit Simulation(Package& package) : package_(&package) {}

    /// Runs until the last node of the last rank is done, and closes the accounts at that time. `report` is called
    /// every simulated microsecond; a true `stop` ends the run early.
    ///
    /// Throws StarvationError when nothing is under way and nodes are left, and StuckError when packets are under way
    /// and none has moved for the watchdog's time.
    Outcome run(const std::function<void(const Progress&)>& report, const std::atomic<bool>& stop);

    /// After run(): lets what is still under way (credits, last acknowledgements) arrive, and checks all accounts.
    /// Counters read before this call are those of the run's end.
    void drain_and_audit();

  private:
    [[nodiscard]] bool finished() const;
    [[nodiscard]] Progress progress() const;
    [[nodiscard]] std::string waiting_text() const;
    [[nodiscard]] std::string stuck_text() const;

    Package* package_;
    Picoseconds now_;
};

} // namespace intarsia::models
