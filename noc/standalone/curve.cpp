#include "noc/standalone/curve.hpp"

#include "noc/standalone/zero_load.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <exception>
#include <thread>

namespace intarsia::noc::standalone {

namespace {

constexpr double bisection_width = 0.005; // of the load
constexpr double lowest_load = 1e-5;      // below, nothing is looked for
constexpr std::array<double, 15> shares_of_saturation{0.05, 0.1, 0.2,  0.3, 0.4, 0.5,  0.6, 0.7,
                                                      0.8,  0.9, 0.95, 1.0, 1.1, 1.25, 1.5};

struct Bracket {
    double stable = 0;
    double unstable = 0; // 0: none
};

Bracket bisect(const NetworkSetup& setup, double zero_load, double highest) {
    if (is_stable(setup, highest, zero_load)) {
        return {highest, 0};
    }
    Bracket bracket{0, highest};
    while (bracket.unstable - bracket.stable > bisection_width * bracket.unstable && bracket.unstable > lowest_load) {
        const double middle = (bracket.stable + bracket.unstable) / 2;
        (is_stable(setup, middle, zero_load) ? bracket.stable : bracket.unstable) = middle;
    }
    return bracket;
}

/// Four digits, so that loads read well.
double rounded(double load) {
    const double unit = std::pow(10.0, std::floor(std::log10(load)) - 3);
    return std::round(load / unit) * unit;
}

std::vector<double> chosen_loads(const Bracket& bracket, double highest) {
    std::vector<double> loads;
    const double saturation = bracket.stable > 0 ? bracket.stable : bracket.unstable;
    for (const double share : shares_of_saturation) {
        // Rounding must not lift a load over saturation.
        const double load = share == 1.0 ? saturation : rounded(share * saturation);
        if (load < highest) {
            loads.push_back(load);
        }
    }
    loads.push_back(highest);
    return loads;
}

} // namespace

void in_parallel(std::size_t count, std::uint32_t jobs, const std::function<void(std::size_t)>& task) {
    std::vector<std::exception_ptr> thrown(count);
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < count; i = next++) {
            try {
                task(i);
            } catch (...) {
                thrown[i] = std::current_exception();
            }
        }
    };
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < std::min<std::size_t>(jobs, count); ++i) {
        threads.emplace_back(work);
    }
    work();
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (const std::exception_ptr& exception : thrown) {
        if (exception != nullptr) {
            std::rethrow_exception(exception);
        }
    }
}

CurveFigures run_curve(const NetworkSetup& setup, std::vector<double> loads, std::uint32_t jobs) {
    const auto started = std::chrono::steady_clock::now();
    CurveFigures curve;
    curve.zero_load_latency = zero_load_latency(setup, lone_packets(setup));
    curve.highest_load = setup.traffic.injection == "bursty" ? setup.traffic.burst_load : 1;
    const auto point_at = [&](double load) {
        PointFigures point = run_point(setup, load, curve.zero_load_latency);
        point.outputs.clear();
        return point;
    };

    // Saturation is looked for beside the points that are known already.
    Bracket bracket;
    PointFigures highest;
    std::sort(loads.begin(), loads.end());
    loads.erase(std::unique(loads.begin(), loads.end()), loads.end());
    curve.points.resize(loads.size());
    in_parallel(2 + loads.size(), jobs, [&](std::size_t i) {
        if (i == 0) {
            bracket = bisect(setup, curve.zero_load_latency, curve.highest_load);
        } else if (i == 1) {
            highest = point_at(curve.highest_load);
        } else {
            curve.points[i - 2] = point_at(loads[i - 2]);
        }
    });
    if (loads.empty()) {
        loads = chosen_loads(bracket, curve.highest_load);
        curve.points.resize(loads.size());
        in_parallel(loads.size() - 1, jobs, [&](std::size_t i) { curve.points[i] = point_at(loads[i]); });
        curve.points.back() = highest;
    }
    curve.saturation_load = bracket.stable;
    curve.unstable_load = bracket.unstable;
    curve.accepted_at_highest = highest.accepted;
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
    curve.wall_s = wall.count();
    return curve;
}

} // namespace intarsia::noc::standalone
