// One run of a network: at one load, or with the packets of a file.
#pragma once

#include "noc/standalone/measurement.hpp"
#include "noc/standalone/network_setup.hpp"
#include "noc/standalone/packet_file.hpp"

#include <vector>

namespace intarsia::noc::standalone {

/// What a run records besides its figures. With anything recorded, a run ends when the network is empty: once all
/// measured packets have arrived (or are given up) no more are created and those under way are waited for, so that the
/// recorded packets, fed in again, give the same run.
struct Recording {
    std::vector<DeliveredPacket>* packets = nullptr; ///< every packet, in order of arrival
    HopFile* hops = nullptr;
    [[nodiscard]] bool any() const { return packets != nullptr || hops != nullptr; }
};

/// Runs the configured traffic at `load`. Packets created in the window are followed until all have arrived, and
/// traffic goes on meanwhile. They are given up, and their latencies not known, when their mean latency is sure to be
/// above 10 times the zero-load latency, or after four times the cycles that warming up and measuring took. A run that
/// is not given up ends with an audit of the engine's accounts. Throws StuckError.
[[nodiscard]] PointFigures run_point(const NetworkSetup& setup, double load, double zero_load_latency,
                                     const Recording& recording = {});

/// Whether run_point() would call the load stable, as a rule found out earlier: a run ends as soon as the mean latency
/// is sure to be above 3 times the zero-load latency.
[[nodiscard]] bool is_stable(const NetworkSetup& setup, double load, double zero_load_latency);

/// Runs the packets of a file until all have arrived; the measured window is from the first creation to the last
/// arrival. A node sends in order of ids; a packet enters its source queue when it and all before it have been created.
[[nodiscard]] PointFigures run_packets(const NetworkSetup& setup, const std::vector<StimulusPacket>& packets,
                                       const Recording& recording = {});

} // namespace intarsia::noc::standalone
