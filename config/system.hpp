// The typed, validated description of a package: what a system TOML says, with presets and overrides applied.
// Defaults stand here and only here; config/system_schema.cpp declares name, unit, range and meaning of each
// field.
#pragma once

#include "config/units.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace intarsia::config {

/// Length on the package in micrometres; TOML takes "26 mm", "800 um".
using Micrometres = std::uint64_t;

struct Point {
    Micrometres x = 0;
    Micrometres y = 0;
};

/// Coordinates of a router on a die's mesh; column grows east, row grows north.
struct RouterPosition {
    std::uint32_t column = 0;
    std::uint32_t row = 0;
    bool operator==(const RouterPosition&) const = default;
};

struct PackageConfig {
    std::string technology = "CoWoS-S";
    Micrometres width = 0; ///< 0: the smallest rectangle around the dies and stacks
    Micrometres height = 0;
};

/// The on-die network: a mesh of virtual-channel routers.
struct NetworkConfig {
    std::uint32_t columns = 4;
    std::uint32_t rows = 4;
    Hertz clock{2'000'000'000};
    std::uint32_t flit_bytes = 136;
    std::uint32_t header_bytes = 8;        ///< of every packet, carried in its first flit(s)
    std::uint32_t max_payload_bytes = 512; ///< of one packet
    std::uint32_t request_vcs = 2;
    std::uint32_t reply_vcs = 2;
    std::uint32_t vc_buffer_flits = 8;
    std::uint32_t link_latency_cycles = 1;
    std::uint32_t credit_delay_cycles = 1;
    std::uint32_t interface_queue_packets = 8; ///< per network interface and message class, towards the network
    std::uint32_t synchroniser_cycles = 2;     ///< receiver's cycles added where a channel joins two different clocks
};

/// One compute core: systolic (matrix) array, vector unit, SRAM and DMA engine.
struct CoreConfig {
    std::uint32_t columns = 4; ///< of the grid of cores; core (c, r) sits on router (c, r)
    std::uint32_t rows = 4;
    Hertz clock{1'800'000'000};
    std::uint32_t array_rows = 128;
    std::uint32_t array_columns = 128; ///< one MAC = 2 FLOP a cell and cycle
    std::uint32_t vector_flops_per_cycle = 512;
    Bytes sram{4ULL << 20U};
    std::uint32_t dma_window = 256;             ///< transactions outstanding at once
    Bytes landing_buffer{256ULL << 10U};        ///< SRAM reserved for data pushed by peers, a core
    std::uint32_t launch_overhead_cycles = 500; ///< from a node being ready to its first tile
    std::string operand_sharing = "per_die";    ///< "per_die" or "per_core": how often a shared operand is read
    double stream_read_fraction = 2.0 / 3.0;    ///< of tensor_size, for nodes without operands
};

struct DieConfig {
    std::string name;
    Point position; ///< lower left corner
    Micrometres width = 26'000;
    Micrometres height = 32'000;
    NetworkConfig network;
    CoreConfig core;
};

/// A bidirectional die-to-die link between two routers; both directions are alike.
struct D2dLinkConfig {
    std::string name;
    std::uint32_t from_die = 0;
    std::uint32_t to_die = 0;
    RouterPosition from_router;
    RouterPosition to_router;
    std::uint32_t lanes = 64; ///< data lanes a direction
    std::uint64_t transfers_per_s = 32'000'000'000;
    double payload_efficiency = 0.9375;      ///< share of the raw rate that carries flits (240 of 256 bytes)
    Picoseconds tx_latency{1'000};           ///< adapter and PHY, sending side
    Picoseconds rx_latency{1'000};           ///< PHY and adapter, receiving side
    Picoseconds flight_time{14};             ///< along the wire
    std::uint32_t tx_buffer_flits = 8;       ///< per virtual channel
    std::uint32_t receive_buffer_flits = 64; ///< per virtual channel, at the receiving router's port
    std::string flit_format = "stream";      ///< or a format of config/d2d_formats.hpp, which sets payload_efficiency
    bool retry = true;                       ///< where the format has a CRC
    double ber = 0;                          ///< bit error rate of each direction
    std::uint32_t burst_bits = 1;            ///< wrong bits in a row of one error
    std::uint32_t replay_buffer = 0;         ///< d2d_flits; 0: twice the round trip
    Picoseconds flush_wait;                  ///< how long a partly filled d2d_flit waits for more
};

/// The controllers of a stack's channels.
struct HbmControllerConfig {
    std::uint32_t read_queue = 64; ///< entries a channel (shared by its pseudo-channels)
    std::uint32_t write_queue = 64;
    double write_drain_high = 0.8;
    double write_drain_low = 0.2;
    std::string queue_kind = "unified"; ///< "per_bank": bank_queue entries a bank behind a front of the queues above
    std::uint32_t bank_queue = 8;       ///< of each direction
    std::string scheduler = "frfcfs";   ///< "frfcfs_cap", "fcfs"
    std::uint32_t row_hit_cap = 0;      ///< column accesses to a row while a conflict waits; 0: no cap
    std::string page_policy = "open";   ///< "closed", "closed_cap", "adaptive", "timeout"
    std::uint32_t page_cap = 1;         ///< closed_cap: accesses to a row before it is closed
    Picoseconds page_timeout{100'000};
    std::string refresh = "all_bank"; ///< "none", "all_bank", "per_bank", "same_bank"
    std::uint32_t postpone = 0;       ///< refresh intervals
    std::uint32_t pull_in = 0;        ///< refresh intervals
    bool merge_reads = false;
    std::string address_order =
        "column:2-pc-bankgroup:1-column:1-bankgroup-bank-sid-column-row"; ///< least significant first
    Picoseconds request_latency{5'000};                                   ///< controller and PHY, towards the DRAM
    Picoseconds reply_latency{5'000};                                     ///< PHY and controller, back
    std::uint32_t request_slots = 16; ///< packets an interface of the stack holds before its channels take them
    std::uint32_t reply_slots = 64;   ///< replies an interface holds space for
};

struct HbmStackConfig {
    std::string name;
    std::uint32_t die = 0;
    Point position;
    std::vector<RouterPosition> routers; ///< one network interface at each; channels are dealt to them in blocks
    std::string timing_set = "ramulator21_HBM3_6400Mbps_16Gb_8hi";
    std::map<std::string, double> timing; ///< overrides of columns of the timing table, by name
    std::uint32_t channels = 16;
    HbmControllerConfig controller;
};

/// Where a tensor whose name matches `pattern` (shell wildcards) lives.
struct TensorPlacement {
    std::string pattern;
    std::string home; ///< "local", "interleaved", "replicated"
};

struct PlacementConfig {
    std::string home = "local";
    Bytes interleave{512};              ///< consecutive bytes on one channel
    double interleaved_fraction = 0.25; ///< of each stack's capacity, kept for package-interleaved tensors
    std::vector<TensorPlacement> tensors;
};

struct SimulationConfig {
    std::uint64_t seed = 1;
    Picoseconds start{0};                ///< ranks issue their first node at or after this time
    Picoseconds watchdog{1'000'000'000}; ///< no flit, command or completion for this long: the network is stuck
    std::uint64_t shuffle_seed = 0;      ///< permutes modules that run at one time; results must not change
};

/// A whole package. Indices in links, stacks and ranks refer to `dies`.
struct SystemConfig {
    std::string name;
    PackageConfig package;
    std::vector<DieConfig> dies;
    std::vector<D2dLinkConfig> links;
    std::vector<HbmStackConfig> stacks;
    std::vector<std::uint32_t> rank_dies; ///< rank -> die; one rank a die
    PlacementConfig placement;
    SimulationConfig simulation;
};

} // namespace intarsia::config
