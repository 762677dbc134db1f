// The `[memory]` section: one kind of HBM channel and its controller, for use without a package.
#pragma once

#include "config/node.hpp"
#include "config/section.hpp"
#include "config/units.hpp"
#include "memory/channel_mapping.hpp"
#include "memory/controller_policy.hpp"
#include "memory/timing_set.hpp"

#include <map>
#include <string>
#include <vector>

namespace intarsia::memory {

/// Fill of the write queue between which writes go first.
struct WriteDrain {
    double high = 0.8;
    double low = 0.2;
};

/// `[memory]` as written. Where a comment says "of the set", 0 or an empty text stands for the value of the timing set.
struct MemoryConfig {
    std::string standard;                 ///< "HBM2", "HBM2E", "HBM3", "HBM3E", "HBM4"; "": of the set
    std::string timing_set;               ///< "": the default set of the standard (HBM3 without one)
    std::map<std::string, double> timing; ///< `[memory.timing]`: nXXX in CK, tXXX in ns, and the other columns
    std::uint32_t channels = 1;           ///< simulated
    std::uint32_t pseudo_channels = 0;    ///< of a channel; of the set
    std::uint32_t stack_ids = 0;          ///< of the set
    std::uint32_t rows = 0;               ///< of a bank; of the set
    Bytes density{0};                     ///< of a channel; gives rows and, by the standard's rule, nRFC_ab; of the set
    Bytes interleave{256};                ///< consecutive bytes on one channel, where there are several
    std::string address_order = "pc-bankgroup-bank-sid-column-row"; ///< least significant first
    std::vector<std::string> xor_terms;                             ///< `xor`: see ChannelMapping
    std::string scheduler = "frfcfs";                               ///< "frfcfs_cap", "fcfs"
    std::uint32_t row_hit_cap = 0;                                  ///< 0: none (frfcfs_cap: 4)
    std::uint32_t read_queue = 64;
    std::uint32_t write_queue = 64;
    std::string queue_kind = "unified"; ///< "per_bank": bank_queue entries a bank behind a front of the queues above
    std::uint32_t bank_queue = 8;       ///< of each direction
    WriteDrain write_drain;
    std::string page_policy = "open"; ///< "closed", "closed_cap", "adaptive", "timeout"
    std::uint32_t page_cap = 1;       ///< closed_cap: hits of a row before it is closed
    Picoseconds page_timeout{100'000};
    std::string refresh = "all_bank"; ///< "none", "per_bank", "same_bank"
    std::uint32_t postpone = 0;       ///< refresh intervals, at most 8
    std::uint32_t pull_in = 0;        ///< refresh intervals, at most 8
    std::uint32_t refresh_rate = 1;   ///< 2 above 85 C
    bool merge_reads = false;
};

/// The declaration of `[memory]`, for reading, checking, suggestions and the reference.
[[nodiscard]] config::Section<MemoryConfig> memory_section();

/// What the simulator needs, checked.
struct MemorySetup {
    TimingSet timing;
    ControllerPolicy policy;
    std::uint32_t channels = 1;
    Bytes interleave{256};
    std::string address_order;          ///< with `xor_terms`, makes a ChannelMapping of `timing`
    std::vector<std::string> xor_terms; ///< checked
    [[nodiscard]] ChannelMapping mapping() const { return ChannelMapping(timing, address_order, xor_terms); }
};

/// Checks what the single values do not say, all of it, and adds every fault to `context` at its place in `section`
/// (the table `[memory]` that `config` was read from). The setup is only meaningful if nothing was added.
[[nodiscard]] MemorySetup memory_setup(const MemoryConfig& config, const config::Node& section,
                                       config::Context& context);

/// The same without a document: throws InputError with every fault.
[[nodiscard]] MemorySetup memory_setup(const MemoryConfig& config);

} // namespace intarsia::memory
