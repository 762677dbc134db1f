// The DMA engine of one compute core: transfers in, packets out, a bounded window of outstanding transactions.
#pragma once

#include "config/clock.hpp"
#include "config/system.hpp"
#include "kernel/packet.hpp"
#include "models/memory_directory.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace intarsia::models {

/// What a transfer belongs to; comes back with each of its completions.
struct TransferOwner {
    enum class Kind : std::uint8_t { tile_load, tile_store, message_read, operand_read, message_store, memory_node };
    Kind kind = Kind::tile_load;
    std::uint32_t index = 0; ///< a slot of the owner's own
    std::uint32_t part = 0;  ///< which of the slot's transfers
};

/// Queues of transfers are served in turn, so that tiles and background traffic share the engine fairly, and a push
/// that waits for room in the network holds up no read or store.
enum class DmaChannel : std::uint8_t { load, store, background_read, background_write, push };
inline constexpr std::size_t dma_channels = 5;

/// Bytes to move between the core's SRAM and memory, or to push into a peer core's landing space.
struct Transfer {
    enum class Kind : std::uint8_t { read, write, push };
    Kind kind = Kind::read;
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
    TransferOwner owner;
    // Pushes only: where to, and the receiver's name for the landing place.
    EndpointId destination = 0;
    std::uint64_t landing = 0;
    std::uint64_t landing_detail = 0;
};

struct DmaCounters {
    std::uint64_t read_requests = 0;
    std::uint64_t write_requests = 0;
    std::uint64_t pushes = 0;
    std::uint64_t bytes_requested = 0; ///< reads and writes
    std::uint64_t bytes_delivered = 0; ///< of them, completed
    std::uint64_t bytes_pushed = 0;
};

/// Cuts transfers into packets of at most max_payload_bytes that never cross a block of the address interleaving.
/// At most one packet leaves a cycle. Reads and writes hold a slot of the window until their reply is there; the
/// landing space for the reply is the transfer's own, reserved before it was queued. Pushes hold no slot: the receiver
/// granted their landing space. Every packet needs a place in the network interface's request queue.
class DmaEngine {
  public:
    DmaEngine(EndpointId self, const config::CoreConfig& core, const config::NetworkConfig& network,
              const MemoryDirectory& memory);

    void submit(DmaChannel channel, const Transfer& transfer);
    /// A ready packet of the reply class or a push with a journey of its own (data passed on to a sharing core).
    void submit_packet(const Packet& packet);

    [[nodiscard]] bool has_work() const;

    struct Issued {
        Packet packet;
        bool last_of_push = false; ///< a push's last packet has left: its source buffer is free
        TransferOwner owner;
    };
    /// The packet that leaves at edge `cycle`, at `now`.
    std::optional<Issued> issue(Picoseconds now);

    /// A reply came back; the owner of its transaction.
    struct Completion {
        TransferOwner owner;
        std::uint32_t bytes = 0;
        std::uint64_t address = 0;
    };
    Completion complete(const Packet& reply);

    void interface_credit(MessageClass message_class);

    [[nodiscard]] std::uint32_t outstanding() const { return outstanding_; }
    /// Sum over the window; not a difference of counters, so that the two can be held against each other.
    [[nodiscard]] std::uint64_t bytes_outstanding() const;
    [[nodiscard]] const DmaCounters& counters() const { return counters_; }
    /// Checks that nothing is outstanding and all interface credits are home.
    void audit() const;

  private:
    struct Slot {
        TransferOwner owner;
        std::uint32_t bytes = 0;
        std::uint64_t address = 0;
    };
    [[nodiscard]] bool has_credit(MessageClass c) const { return credits_[static_cast<std::size_t>(c)] > 0; }
    [[nodiscard]] bool can_issue(std::size_t channel) const;
    [[nodiscard]] bool lacks_only_credit() const;
    Issued issue_from(std::deque<Transfer>& queue, Picoseconds now);
    void start_journey(Packet& packet, Picoseconds now);

    EndpointId self_;
    std::uint32_t max_payload_;
    std::uint32_t header_bytes_;
    std::uint32_t flit_bytes_;
    std::uint32_t queue_packets_;
    const MemoryDirectory* memory_;
    std::array<std::deque<Transfer>, dma_channels> queues_;
    std::deque<Packet> ready_packets_;
    std::size_t next_queue_ = 0;
    std::array<std::uint32_t, message_classes> credits_{};
    std::optional<Picoseconds> no_credit_since_;
    std::vector<Slot> window_;
    std::vector<std::uint32_t> free_slots_;
    std::uint32_t outstanding_ = 0;
    DmaCounters counters_;
};

} // namespace intarsia::models
