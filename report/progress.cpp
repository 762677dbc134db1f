#include "report/progress.hpp"

#include "report/si_format.hpp"

#include <chrono>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

namespace intarsia::report {

namespace {

constexpr double interval_s = 0.25;

double steady_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

} // namespace

Progress::Progress(std::FILE* out, std::uint64_t total_nodes)
    : Progress(out, total_nodes, ::isatty(::fileno(out)) == 1, steady_seconds) {}

Progress::Progress(std::FILE* out, std::uint64_t total_nodes, bool shown, WallClock wall_clock)
    : out_(out), total_nodes_(total_nodes), shown_(shown), wall_clock_(std::move(wall_clock)),
      last_wall_s_(shown ? wall_clock_() : 0) {}

Progress::~Progress() {
    finish();
}

void Progress::update(Picoseconds simulated, std::uint64_t nodes_done) {
    if (!shown_) {
        return;
    }
    const double wall_s = wall_clock_();
    const double passed_s = wall_s - last_wall_s_;
    if (passed_s < interval_s) {
        return;
    }
    const double rate = static_cast<double>((simulated - last_simulated_).count()) * 1e-12 / passed_s;
    // Return to the start of the line, write, erase what was longer.
    std::fputs(fmt::format("\r{} simulated, nodes {}/{}, {}\x1b[K", si_time(simulated.count()), nodes_done,
                           total_nodes_, si(rate, "s simulated a second"))
                   .c_str(),
               out_);
    std::fflush(out_);
    line_open_ = true;
    last_wall_s_ = wall_s;
    last_simulated_ = simulated;
}

void Progress::finish() {
    if (line_open_) {
        std::fputs("\r\x1b[K", out_);
        std::fflush(out_);
        line_open_ = false;
    }
}

} // namespace intarsia::report
