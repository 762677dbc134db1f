// One line on stderr that says how far a run is.
#pragma once

#include "config/units.hpp"

#include <cstdint>
#include <cstdio>
#include <functional>

namespace intarsia::report {

/// Rewrites one line with the simulated time, the nodes done and the simulated time a second of wall time; a
/// few times a second however often it is called, and never unless `shown`. The line is erased at the end, so
/// that what follows starts clean. Nothing of it enters the results.
class Progress {
  public:
    /// Seconds of some steady clock.
    using WallClock = std::function<double()>;

    /// Shown when `out` is a terminal.
    Progress(std::FILE* out, std::uint64_t total_nodes);
    Progress(std::FILE* out, std::uint64_t total_nodes, bool shown, WallClock wall_clock);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void update(Picoseconds simulated, std::uint64_t nodes_done);
    /// Erases the line.
    void finish();

  private:
    std::FILE* out_;
    std::uint64_t total_nodes_;
    bool shown_;
    bool line_open_ = false;
    WallClock wall_clock_;
    double last_wall_s_; // of the line shown last
    Picoseconds last_simulated_;
};

} // namespace intarsia::report
