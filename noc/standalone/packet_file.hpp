// Files of packets and of flit movements, as RTL simulations record them.
#pragma once

#include "noc/network_engine.hpp"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace intarsia::noc::standalone {

/// One line of a stimulus: columns pkt_id, src, dst, len_flits, create_cycle, and optionally message_class.
struct StimulusPacket {
    std::uint64_t id = 0;
    std::uint64_t created = 0; ///< cycle
    std::uint32_t flits = 1;
    EndpointId source = 0;
    EndpointId destination = 0;
    std::uint8_t message_class = 0;
};

inline constexpr std::size_t max_stimulus_packets = 100'000'000;

/// Reads a CSV file whose first line names the columns, in any order; columns of other names are ignored. Returns the
/// packets in order of pkt_id, the order in which each node sends. Throws InputError with every fault (file:line:col):
/// columns missing, values that are no whole numbers or too large, nodes that do not exist, ids used twice, no packets.
[[nodiscard]] std::vector<StimulusPacket> read_stimulus(const std::string& file, const NetworkPlan& plan);

/// The columns of a stimulus and inject_head_cycle, inject_tail_cycle, eject_head_cycle, eject_tail_cycle, in order of
/// packet id; message_class is there only when the network has several. Called with packet.id and packet.created as
/// they shall stand in the file.
[[nodiscard]] std::string packets_csv(std::vector<DeliveredPacket> packets, const NetworkPlan& plan);

/// Writes flit movements as they happen: cycle, router, out_port, pkt_id, flit.
class HopFile {
  public:
    /// Opens `path` for writing; `option` is blamed when that or writing fails (InputError).
    HopFile(const std::filesystem::path& path, const NetworkPlan& plan, std::string option);

    /// From now on all movements of the engine go to the file.
    void attach(NetworkEngine& engine) { engine.record_hops(&hops_); }
    /// Ids in the file: those of the engine, or, if given, ids[engine's id].
    void rename(std::vector<std::uint64_t> ids) { ids_ = std::move(ids); }
    /// To be called after each tick.
    void collect() {
        if (hops_.size() >= 4'096) {
            write();
        }
    }
    /// Writes what is left and closes.
    void close();

  private:
    struct CloseFile {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    void write();
    [[noreturn]] void fail() const;

    const NetworkPlan& plan_;
    std::filesystem::path path_;
    std::string option_;
    std::unique_ptr<std::FILE, CloseFile> file_;
    std::vector<FlitHop> hops_;
    std::vector<std::uint64_t> ids_;
};

} // namespace intarsia::noc::standalone
