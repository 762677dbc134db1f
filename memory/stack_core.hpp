// The core of an HBM stack: its network interfaces and all its channels.
#pragma once

#include "config/clock.hpp"
#include "config/system.hpp"
#include "kernel/packet.hpp"
#include "memory/address_map.hpp"
#include "memory/channel_controller.hpp"
#include "memory/channel_mapping.hpp"
#include "memory/timing_checker.hpp"
#include "metrics/event_hook.hpp"

#include <memory>
#include <vector>

namespace intarsia::memory {

/// What a stack must know of the network at its interfaces.
struct StackNetwork {
    std::uint32_t interfaces = 1; ///< channels are dealt to them in equal blocks
    std::uint32_t header_bytes = 8;
    std::uint32_t flit_bytes = 136;
    std::uint32_t reply_credits = 8; ///< packets that the network's queue behind each interface holds
};

/// The timing set of a stack, once the whole of its configuration is checked. Throws InputError with every fault.
[[nodiscard]] TimingSet checked_timing(const config::HbmStackConfig& config, const StackNetwork& network);

/// A stack takes read and write requests at its interfaces and answers each with one reply.
///
/// A request first spends `request_latency` on its way to the DRAM. It holds one of its interface's
/// `request_slots` until the last of its bursts has entered its channel's queues; the bursts enter in order,
/// as there is room, and none before one of the interface's `reply_slots` is reserved for the answer (so a
/// request in a channel never waits for the network). A read is complete with the last beat of its last
/// burst, a write when its last beat is in the DRAM; the reply leaves `reply_latency` later, or when the
/// network has room for it.
///
/// The journey of a request goes on in its reply: memory_bus for the two latencies; memory_queue until the
/// burst that completed last entered its channel, then that burst's stages (ChannelController).
class StackCore {
  public:
    /// A reply on its way to the network. It has left the core at the tick of `advance`; its due time is
    /// reply_latency later.
    struct Reply {
        std::uint32_t interface = 0;
        Packet packet;
    };

    /// `stack` is the number of this stack in `map`, which must outlive the core. With `check_timing`, a
    /// TimingChecker watches every channel and the first violation throws InvariantError. Throws InputError
    /// where the configuration asks for what does not exist.
    StackCore(const config::HbmStackConfig& config, const StackNetwork& network, const AddressMap& map,
              std::uint32_t stack, bool check_timing = false, metrics::EventHook* events = nullptr);

    [[nodiscard]] const Clock& clock() const { return clock_; }
    [[nodiscard]] const TimingSet& timing() const { return timing_; }

    /// A request arrives at `interface`, before advance(tick). The sender owns a credit for its slot.
    void accept(const Packet& request, std::uint32_t interface, Tick tick);
    /// The network has room for one more reply behind `interface`.
    void add_reply_credit(std::uint32_t interface);

    /// Does everything due at `tick`; ticks rise from call to call.
    void advance(Tick tick);
    /// Nothing happens before this tick unless something arrives.
    [[nodiscard]] Tick next_event() const;

    /// What came out since the last clear_outputs(): replies, and the interfaces of request slots that became
    /// free.
    [[nodiscard]] const std::vector<Reply>& replies() const { return replies_; }
    [[nodiscard]] const std::vector<std::uint32_t>& freed_request_slots() const { return freed_slots_; }
    void clear_outputs();

    [[nodiscard]] std::uint32_t channels() const { return static_cast<std::uint32_t>(channels_.size()); }
    [[nodiscard]] const ChannelCounters& counters(std::uint32_t channel) const {
        return channels_[channel].controller->counters();
    }
    [[nodiscard]] BytesPerSecond peak() const { return timing_.channel_peak() * channels_.size(); }
    [[nodiscard]] std::uint64_t accepted_requests() const { return accepted_; }
    [[nodiscard]] std::uint64_t sent_replies() const { return answered_; }
    [[nodiscard]] bool idle() const { return accepted_ == answered_; }
    /// Commands that the timing checkers have seen; 0 without them.
    [[nodiscard]] std::uint64_t checked_commands() const;

    /// Checks, at any time, that every accepted request is answered or in exactly one place, that request and
    /// reply slots are held by living requests only, and (with check_timing) that no refresh is overdue.
    void audit() const;

  private:
    static constexpr std::uint32_t none = UINT32_MAX;

    struct Transaction {
        Packet packet;
        Tick eligible = 0; ///< at the channels
        std::uint64_t first_burst = 0;
        BurstAddress next_burst; ///< the first that has not entered the channel
        std::uint32_t bursts = 0;
        std::uint32_t fed = 0;  ///< bursts that entered the channel
        std::uint32_t done = 0; ///< bursts completed
        std::uint32_t interface = 0;
        std::uint32_t channel = 0;
        std::uint32_t next = none; ///< in its channel's FIFO, its interface's replies, or the free list
        bool reply_reserved = false;
        BurstCompletion last; ///< of the burst that finishes last
    };
    // A FIFO of transactions, linked through them.
    struct Fifo {
        std::uint32_t head = none;
        std::uint32_t tail = none;
    };
    struct Watch {
        std::unique_ptr<TimingChecker> checker;
        metrics::EventHook* events = nullptr;
        metrics::PlaceId place{};
        std::uint64_t commands = 0; ///< told so far, the id of the next
        const Clock* clock = nullptr;
    };
    static void watch_command(void* context, const DramCommand& command);
    struct Channel {
        std::unique_ptr<ChannelController> controller;
        std::unique_ptr<Watch> watch; ///< of its commands, when somebody asked
        Fifo waiting;
    };
    struct Interface {
        std::uint32_t requests = 0; ///< slots held
        std::uint32_t replies = 0;  ///< slots reserved
        std::uint32_t credits = 0;
        std::uint32_t last_granted = 0;
        std::uint64_t waiting_channels = 0; ///< whose first request waits for a reply slot
        Fifo ready;
    };
    struct Finish {
        Tick tick = 0;
        std::uint64_t sequence = 0;
        std::uint32_t transaction = 0;
        bool operator>(const Finish& other) const {
            return tick != other.tick ? tick > other.tick : sequence > other.sequence;
        }
    };

    void append(Fifo& fifo, std::uint32_t transaction);
    void pop(Fifo& fifo);
    void release_replies(Tick tick);
    void send_ready(Interface& interface, Tick tick);
    void send(std::uint32_t transaction, Tick tick);
    void grant_reply_slot(Interface& interface, Tick tick);
    void advance_channel(std::uint32_t channel, Tick tick);
    Tick feed(std::uint32_t channel, Tick tick, Tick arrival);
    bool reserve_reply(Transaction& transaction);
    void collect(Channel& channel);
    void audit_transactions() const;

    TimingSet timing_;
    Clock clock_;
    ChannelMapping mapping_;
    const AddressMap* map_;
    std::uint32_t stack_;
    StackNetwork network_;
    std::uint32_t request_slots_;
    std::uint32_t reply_slots_;
    Tick request_latency_;
    Picoseconds reply_latency_;

    std::vector<Channel> channels_;
    std::vector<Tick> channel_due_;
    std::vector<Interface> interfaces_;
    std::vector<Transaction> transactions_;
    std::uint32_t free_ = none;
    std::vector<Finish> finishing_; ///< heap, earliest first
    std::uint64_t next_sequence_ = 0;
    std::uint32_t ready_replies_ = 0; ///< of all interfaces, waiting for credits

    std::vector<Reply> replies_;
    std::vector<std::uint32_t> freed_slots_;
    std::uint64_t accepted_ = 0;
    std::uint64_t answered_ = 0;
    Tick now_ = 0;
};

} // namespace intarsia::memory
