// One stand-alone memory run, from its configuration to its figures.
#pragma once

#include "memory/standalone/bus_time.hpp"
#include "memory/standalone/command_watch.hpp"
#include "memory/standalone/drive.hpp"
#include "memory/standalone/standalone_config.hpp"
#include "memory/standalone/trace_reader.hpp"

#include <string>
#include <vector>

namespace intarsia::memory {

/// What a run takes beside its configuration.
struct StandaloneInputs {
    const Trace* trace = nullptr;   ///< in place of [traffic]
    CommandCsv* commands = nullptr; ///< gets every command
    bool check_timing = false;      ///< the timing checker watches; a violation throws InvariantError
};

/// The figures of a run. Those that rates are made of are of the time that was measured (see Measurement).
struct StandaloneResult {
    Measurement measured;
    CommandCounts commands{};
    double peak_bytes_per_s = 0; ///< of all channels
    double bandwidth_bytes_per_s = 0;
    double fraction_of_peak = 0;
    double tick_ns = 0;
    double row_hit_rate = 0; ///< share of column commands on a row that another request had opened
    double acts_per_column_command = 0;
    double energy_pj_per_bit = 0; ///< of the devices, over the bits on the data buses
    std::vector<BusShare> bus_time;
    std::uint64_t simulated_cycles = 0; ///< CK
    std::uint64_t run_commands = 0;     ///< of the whole run, warm-up included
};

/// Throws InputError where the traffic does not fit the memory.
[[nodiscard]] StandaloneResult run_standalone(const StandaloneConfig& config, const StandaloneInputs& inputs = {});

} // namespace intarsia::memory
