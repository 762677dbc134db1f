// Traces of memory accesses, in the formats that DRAM simulators use.
#pragma once

#include "memory/standalone/traffic_source.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace intarsia::memory {

/// The formats, told apart by their first line. Blank lines and lines that begin with '#' are skipped in all of them.
enum class TraceFormat : std::uint8_t {
    cycles,              ///< "cycle,R|W,address": cycle in CK, address in bytes; a line of headings may come first
    ramulator_loadstore, ///< Ramulator 2's LoadStoreTrace: "LD|ST address"; as fast as accepted
    ramulator_readwrite, ///< Ramulator 2's ReadWriteTrace: "R|W channel,pc[,sid],bankgroup,bank,row,column"
    dramsim3,            ///< DRAMsim3's trace: "0xaddress READ|WRITE cycle"
};

[[nodiscard]] std::string_view name_of(TraceFormat format);

struct Trace {
    TraceFormat format = TraceFormat::cycles;
    std::vector<TraceAccess> accesses;
    std::uint64_t wrapped = 0; ///< accesses whose address lies beyond the memory; they count from its start again
};

/// Reads a trace. Throws InputError with every line that is wrong (at most config::max_faults), by file and line:
/// another format than the first line, unknown words, numbers out of range, cycles that run backwards, places that the
/// memory does not have; and for a trace without an access.
[[nodiscard]] Trace read_trace(const std::string& path, const TimingSet& timing, const Addressing& addressing);

} // namespace intarsia::memory
