// Energy of the DRAM devices of a run, from what was counted.
#pragma once

#include "memory/standalone/command_watch.hpp"

namespace intarsia::memory {

/// Joules from published current figures of one device, an 8 Gb HBM2 with 2 KiB pages and 128 data bits a channel
/// (HBM2_8Gb_x128.ini of DRAMsim3, github.com/umd-memsys/DRAMsim3, commit 2981759):
///  - a pair of ACT and PRE: VDD (IDD0 tRC - IDD3N tRAS - IDD2N tRP) = 828 pJ a page of 2 KiB, scaled with the page;
///  - a read burst VDD (IDD4R - IDD3N) = 1.57 pJ a bit, a write burst VDD (IDD4W - IDD3N) = 2.09 pJ a bit;
///  - background and refresh: 80.5 mW a channel of 128 data bits, scaled with the data bits; it is what the tool's
///    4.47 pJ a bit of saturated random reads (7.863 GB/s) leave beside ACT, PRE and read bursts.
/// Without I/O termination and PHY. Later standards run at lower voltages; no public figures of their devices are at
/// hand, so the same are used for all, and the result compares policies and traffic rather than standards.
[[nodiscard]] double device_energy_j(const CommandCounts& commands, const TimingSet& timing, std::uint32_t channels,
                                     double seconds);

} // namespace intarsia::memory
