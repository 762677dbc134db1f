#include "memory/standalone/standalone_run.hpp"

#include "memory/standalone/device_energy.hpp"

#include <numeric>

namespace intarsia::memory {

namespace {

void derive(StandaloneResult& result, const MemorySetup& setup) {
    const TimingSet& timing = setup.timing;
    const Measurement& measured = result.measured;
    const double hertz = timing.tick_clock().hertz();
    const Tick ticks = measured.end - measured.begin;
    result.tick_ns = 1e9 / hertz;
    result.simulated_cycles = ticks / ticks_per_ck;
    result.peak_bytes_per_s = static_cast<double>(timing.channel_peak().count()) * setup.channels;
    if (ticks != 0) {
        const double bytes = static_cast<double>(measured.requests) * timing.access_bytes();
        result.bandwidth_bytes_per_s = bytes * hertz / static_cast<double>(ticks);
        result.fraction_of_peak = result.bandwidth_bytes_per_s / result.peak_bytes_per_s;
    }
    std::uint64_t columns = 0;
    for (std::size_t index = 0; index < result.commands.size(); ++index) {
        const auto kind = static_cast<CommandKind>(index);
        columns += is_read(kind) || is_write(kind) ? result.commands[index] : 0;
    }
    if (columns != 0) {
        const auto activates = result.commands[static_cast<std::size_t>(CommandKind::activate)];
        result.acts_per_column_command = static_cast<double>(activates) / static_cast<double>(columns);
        result.row_hit_rate = static_cast<double>(measured.counters.row_hits) / static_cast<double>(columns);
    }
    const double seconds = static_cast<double>(ticks) / hertz;
    const double bits = static_cast<double>(columns) * timing.access_bytes() * 8;
    if (columns != 0) {
        result.energy_pj_per_bit = device_energy_j(result.commands, timing, setup.channels, seconds) * 1e12 / bits;
    }
    result.bus_time = bus_time(measured.counters, measured.counted_ticks, timing.pseudo_channels * setup.channels);
}

} // namespace

StandaloneResult run_standalone(const StandaloneConfig& config, const StandaloneInputs& inputs) {
    const MemorySetup& setup = config.setup;
    const Addressing addressing = config.addressing();
    CommandWatch watch(setup.timing, setup.policy.refresh, setup.channels, inputs.commands, inputs.check_timing);
    MemoryChannels memory(setup.timing, setup.policy, setup.channels, watch.observers());

    CommandCounts before{};
    DriveOptions options;
    options.outstanding = config.traffic.outstanding;
    options.at_begin = [&] { before = watch.counts(); };
    StandaloneResult result;
    if (inputs.trace != nullptr) {
        TraceSource source(inputs.trace->accesses, addressing);
        options.total = inputs.trace->accesses.size();
        result.measured = drive(memory, source, options);
    } else {
        PatternSource source(config.traffic, setup.timing, addressing, config.traffic_place);
        options.total = config.traffic.warmup_requests + config.traffic.requests;
        options.warm_up = config.traffic.warmup_requests;
        result.measured = drive(memory, source, options);
    }
    watch.finish(result.measured.run_end);
    result.commands = watch.counts();
    result.run_commands = std::accumulate(result.commands.begin(), result.commands.end(), std::uint64_t{0});
    for (std::size_t kind = 0; kind < before.size(); ++kind) {
        result.commands[kind] -= before[kind];
    }
    derive(result, setup);
    return result;
}

} // namespace intarsia::memory
