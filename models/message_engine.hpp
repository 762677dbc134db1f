// One core's share of collectives, sends and receives: chunks leave after they were read, and are stored after they
// came.
#pragma once

#include "models/core_time.hpp"
#include "models/dma_engine.hpp"
#include "models/tile_plan.hpp"
#include "models/timer_queue.hpp"
#include "workloads/collective_schedule.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace intarsia::models {

/// What all cores of a rank share about one collective, send or receive, or about a plain memory node.
struct MessageJob {
    enum class Kind : std::uint8_t { messages, memory_load, memory_store };
    Kind kind = Kind::messages;
    std::uint32_t node = 0;
    AddressRange buffer;
    std::vector<workloads::CollectiveStep> steps;
    std::vector<std::uint32_t> peer_ranks; ///< by position in the group
    std::vector<std::uint32_t> peer_dies;
    std::uint64_t key = 0;         ///< the same at both ends of each message of the job
    std::uint32_t cores = 1;       ///< that take part, the same number at both ends
    std::uint64_t piece_bytes = 0; ///< largest piece of a message, the same at both ends
    /// A message of no bytes is still sent, by every core (sends and receives, whose sizes may differ between the ends)
    /// or by core 0 alone (barriers).
    bool always_all = false;
    bool always_first = false;
};

struct MessageCounters {
    std::uint64_t pieces_sent = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_reduced = 0;
    std::uint64_t grants_sent = 0;
    std::uint64_t size_mismatches = 0; ///< receives that got another number of bytes than they expected
};

/// A message is cut into pieces of a sixteenth of the landing buffer (the smallest of the job's dies); half of the
/// buffer lands pieces, half holds pieces that are about to leave. A sender announces each message. The receiver grants
/// landing slots to messages that were announced, at most four each, and grants a slot again once its piece has been
/// (reduced and) stored: no slot is held for a sender that has not come that far, so jobs that wait for each other's
/// order never keep slots from those that must go first. Then the sender reads a piece from memory, waits for its grant
/// (grants may overtake each other, so each names its piece), and pushes it. A reduction adds two operands in elements
/// of two bytes (BF16) at the rate of the vector unit, in an adder of the DMA engine's own. A job's next step starts
/// when its send has left and its receive is stored.
class MessageEngine {
  public:
    static constexpr std::uint32_t landing_slots = 8;
    static constexpr std::uint32_t slots_a_receive = 4;
    static constexpr std::uint32_t pieces_ahead = 4; ///< read before they are granted
    static constexpr std::uint64_t reduced_element_bytes = 2;

    MessageEngine(std::uint32_t core, EndpointId self, const config::CoreConfig& config,
                  const config::NetworkConfig& network, const noc::PackagePlan& plan, DmaEngine& dma, CoreTime& time,
                  TimerQueue& timers);

    /// Starts this core's share of `job`, which outlives it. Background job number `id` of CoreTime has begun.
    void begin(std::uint32_t id, const MessageJob& job, std::uint64_t cycle, Picoseconds now);

    // What happens to jobs; `now` is the time of edge `cycle`.
    void told(const Packet& packet, std::uint64_t cycle, Picoseconds now);
    void landed(const Packet& push, std::uint64_t cycle, Picoseconds now);
    void transfer_done(const TransferOwner& owner, std::uint64_t bytes, const metrics::Journey& journey,
                       std::uint64_t cycle, Picoseconds now);
    void push_left(const TransferOwner& owner, std::uint64_t cycle, Picoseconds now);
    void reduction_ended(std::uint32_t slot, std::uint64_t cycle, Picoseconds now);

    /// Numbers of the jobs that ended since the last call.
    std::vector<std::uint32_t> take_ended();
    /// Announcements of senders whose messages no job here receives yet, since the last call.
    struct Announcement {
        std::uint64_t key = 0;
        EndpointId sender = 0;
    };
    std::vector<Announcement> take_unexpected();
    [[nodiscard]] bool idle() const { return jobs_.empty(); }
    /// What job `id` waits for on this core, in words; empty if it does not wait for a peer.
    [[nodiscard]] std::string waits_for(std::uint32_t id) const;
    [[nodiscard]] const MessageCounters& counters() const { return counters_; }
    void audit() const;

  private:
    struct Send {
        bool active = false;
        EndpointId peer = 0;
        AddressRange range;
        std::uint64_t pieces = 0;
        std::uint64_t read_started = 0;
        std::uint64_t pushed = 0;                         // handed to the DMA engine
        std::uint64_t left = 0;                           // gone into the network
        std::array<std::uint64_t, pieces_ahead> unread{}; // bytes still to come, of piece (index mod pieces_ahead)
    };
    struct Receive {
        bool active = false;
        bool announced = false;
        EndpointId peer = 0;
        AddressRange range;
        std::uint64_t pieces = 0;  // expected
        std::uint64_t granted = 0; // slots given so far
        std::uint64_t stored = 0;  // pieces done
        std::uint64_t got_bytes = 0;
        std::uint32_t slots = 0; // held
        bool last_seen = false;
        std::uint64_t last_piece = 0; // number of the last piece, once seen
    };
    struct Job {
        std::uint32_t id = 0;
        const MessageJob* plan = nullptr;
        std::uint32_t step = 0;
        Send send;
        Receive receive;
        std::uint64_t memory_bytes = 0; // memory nodes: still to come
    };
    struct LandingSlot {
        bool busy = false;
        std::uint32_t job = 0; // id
        std::uint64_t piece = 0;
        std::uint64_t announced = 0;
        std::uint64_t received = 0;
        std::uint64_t operand_pending = 0;
        bool landed = false;
    };
    using MessageKey = std::tuple<std::uint64_t, std::uint32_t, EndpointId>; // job key, step number, the core that told

    Job* find(std::uint32_t id);
    [[nodiscard]] AddressRange own_share(const MessageJob& job, workloads::BufferRange range) const;
    [[nodiscard]] bool takes_part(const MessageJob& job, std::uint64_t own_bytes) const;
    [[nodiscard]] static std::uint64_t pieces_of(const MessageJob& job, std::uint64_t bytes);
    [[nodiscard]] static AddressRange piece_of(const MessageJob& job, const AddressRange& range, std::uint64_t index);
    void start_step(Job& job, std::uint64_t cycle, Picoseconds now);
    void advance(Job& job, std::uint64_t cycle, Picoseconds now);
    void advance_send(Job& job);
    void grant_slots(Job& job, Picoseconds now);
    void tell(EndpointId peer, std::uint64_t key, std::uint64_t detail, Picoseconds now);
    void granted(const Packet& grant, std::uint64_t cycle, Picoseconds now);
    void announced(const Packet& announcement, Picoseconds now);
    void piece_ready(std::uint32_t slot, std::uint64_t cycle, Picoseconds now);
    void piece_stored(std::uint32_t slot, std::uint64_t cycle, Picoseconds now);
    void serve_waiting(Picoseconds now);
    [[nodiscard]] bool receive_done(const Job& job) const;

    std::uint32_t core_;
    EndpointId self_;
    std::uint64_t granule_;
    std::uint64_t reduce_bytes_per_cycle_;
    const noc::PackagePlan* plan_;
    DmaEngine* dma_;
    CoreTime* time_;
    TimerQueue* timers_;
    std::vector<Job> jobs_; // in order of begin
    std::array<LandingSlot, landing_slots> slots_{};
    std::uint32_t free_slots_ = landing_slots;
    std::uint64_t reducer_free_ = 0;                                      // cycle from which the adder is free
    std::map<MessageKey, std::map<std::uint64_t, std::uint32_t>> grants_; // slot by piece
    std::set<MessageKey> announcements_;                                  // of messages not received yet
    std::vector<Announcement> unexpected_;
    std::vector<std::uint32_t> ended_;
    MessageCounters counters_;
};

} // namespace intarsia::models
