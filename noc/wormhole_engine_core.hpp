// The part of the wormhole engine that no arbiter policy touches: buffers, channels, sources, sinks, accounts.
#pragma once

#include "noc/wormhole_engine_state.hpp"

#include <memory>

namespace intarsia::noc {

/// State of a whole network and all that happens to it, arbitration apart (WormholeEngine has that).
/// docs/models/wormhole.md is the specification. A tick decides all moves from the state at its start, then makes them;
/// buffers that hold nothing are not looked at.
class WormholeCore : public NetworkEngine {
  public:
    /// `plan` must outlive the engine; it has one virtual channel, no border ports and at most wormhole_most_ports
    /// ports a router (InvariantError otherwise: configuration checks come before).
    WormholeCore(const NetworkPlan& plan, const SinkOptions& sink);

    void offer(const TrafficPacket& packet) override;
    [[nodiscard]] std::uint64_t next_cycle(std::uint64_t cycle) const override;
    [[nodiscard]] const std::vector<DeliveredPacket>& delivered() const override { return delivered_; }
    void record_hops(std::vector<FlitHop>* hops) override { hops_ = hops; }
    [[nodiscard]] std::uint64_t flit_hops() const override { return flit_hops_; }
    [[nodiscard]] std::uint64_t ejected_flits() const override { return ejected_flits_; }
    [[nodiscard]] std::uint64_t in_flight() const override { return offered_ - arrived_; }
    [[nodiscard]] std::uint64_t last_progress() const override { return last_progress_; }
    [[nodiscard]] OutputCounters counters(std::uint32_t router, std::uint32_t port) const override;
    [[nodiscard]] std::vector<std::string> describe_waits(std::size_t lines) const override;
    void audit() const override;

  protected:
    /// Opens the tick: forgets what the last one delivered, takes what is due.
    void begin(std::uint64_t cycle);
    /// Decides what leaves output FIFOs, relay stations and sources, then makes all moves.
    void finish();

    /// Whether what stands behind the crossbar at an output takes a flit in this cycle.
    [[nodiscard]] bool takes(const WormholeOutput& output) const {
        return output.fifo != UINT32_MAX ? buffers_[output.fifo].accepts() : channel_takes(output);
    }
    [[nodiscard]] bool channel_takes(const WormholeOutput& output) const {
        if (output.slow && now_ * output.interval_denominator < output.free_at) {
            return false;
        }
        switch (output.channel) {
        case WormholeChannel::wire:
            return buffers_[output.target].accepts();
        case WormholeChannel::credits:
            return output.credits > 0;
        case WormholeChannel::sink:
            break;
        }
        return sink_.ready(now_, output.target);
    }
    [[nodiscard]] const WormholeFlit& front(const WormholeBuffer& buffer) const {
        return flits_[buffer.base + (buffer.head & buffer.mask)];
    }
    [[nodiscard]] const TrafficPacket& front_packet(std::uint32_t buffer) const {
        return packets_[front(buffers_[buffer]).packet].traffic;
    }
    /// By port: inputs of its router from which some route leads to it.
    [[nodiscard]] const std::vector<std::uint64_t>& allowed_inputs() const { return allowed_inputs_; }

    const NetworkPlan& plan_;
    std::uint64_t now_ = 0;
    std::vector<std::uint32_t> first_port_;     ///< by router, and one past the last
    std::vector<std::uint64_t> wanted_outputs_; ///< by router: ports that some front wants
    std::vector<std::uint64_t> busy_routers_;   ///< set of routers with wanted outputs
    std::vector<WormholeOutput> outputs_;
    std::vector<WormholeStalls> stalls_;
    std::vector<WormholeCrossing> crossings_; ///< of this cycle; as many places as there are ports
    std::uint32_t crossing_count_ = 0;

  private:
    static constexpr std::uint32_t sink_bit = 1U << 31U; ///< in WormholeBuffer::next: a sink, not a buffer
    static constexpr std::uint8_t ask_tables = 0xFF;     ///< in ways_: no single option

    // wormhole_engine_build.cpp
    void check_plan() const;
    [[nodiscard]] std::uint32_t port_count() const { return first_port_.back(); }
    [[nodiscard]] std::uint32_t add_buffer(std::uint32_t capacity);
    void build_inputs();
    void build_outputs();
    void build_channel(std::uint32_t router, std::uint32_t port);
    void build_sources();
    void build_routes();

    // wormhole_engine_moves.cpp
    [[nodiscard]] std::uint32_t route(std::uint32_t input, const WormholeFlit& flit) const;
    [[nodiscard]] std::uint32_t route_by_tables(const WormholeBuffer& input, const WormholeFlit& flit) const;
    void show_front(std::uint32_t input);
    void push(std::uint32_t buffer, const WormholeFlit& flit);
    static void drop_front(WormholeBuffer& buffer);
    void cross(const WormholeCrossing& crossing);
    void return_credit(std::uint32_t input);
    void decide_chain();
    void decide_sources();
    void leave_chain(std::uint32_t buffer);
    void inject(std::uint32_t endpoint);
    void enter_channel(std::uint32_t port, const WormholeFlit& leaving);
    void eject(const WormholeFlit& flit);
    WormholeDue& due_at(std::uint64_t cycle) { return due_[cycle & due_mask_]; }

    // wormhole_engine_accounts.cpp
    [[nodiscard]] std::string packet_text(std::uint32_t slot) const;
    [[nodiscard]] std::string obstacle_text(std::uint32_t router, std::uint32_t port) const;

    SinkOptions sink_;
    bool packet_lock_ = true;
    bool uses_credits_ = false;
    std::uint32_t classes_ = 1;
    std::uint32_t endpoints_ = 0;
    std::uint32_t credit_delay_ = 1;
    std::uint32_t fifo_end_ =
        0; ///< buffers: input FIFOs up to port_count(), output FIFOs up to here, then relay stations
    std::vector<std::uint64_t> allowed_inputs_;
    /// [port * endpoints + destination]: the output of a single-option route, or ask_tables. Empty in networks so large
    /// that the tables themselves are the better cache.
    std::vector<std::uint8_t> ways_;
    std::vector<WormholeBuffer> buffers_;
    std::vector<std::uint32_t> credit_to_;  ///< by input FIFO: the port that sends into it, UINT32_MAX without credits
    std::vector<WormholeFlit> flits_;       ///< places of all buffers
    std::vector<std::uint64_t> busy_chain_; ///< set of output FIFOs and relay stations that hold flits
    std::vector<std::uint32_t> leaving_;    ///< of those, in this cycle; as many places as there are
    std::uint32_t leaving_count_ = 0;
    std::vector<WormholeSource> sources_;
    std::vector<std::uint64_t> busy_sources_;
    std::vector<std::uint32_t> injecting_; ///< endpoints, in this cycle; as many places as there are
    std::uint32_t injecting_count_ = 0;
    std::vector<WormholeDue> due_;
    std::uint64_t due_mask_ = 0;
    std::uint64_t due_count_ = 0; ///< entries under way
    std::vector<WormholePacket> packets_;
    std::uint32_t free_packet_ = UINT32_MAX;

    std::vector<DeliveredPacket> delivered_;
    std::vector<FlitHop>* hops_ = nullptr;
    std::vector<std::uint64_t> flits_sent_; ///< [port * classes + class]
    std::uint64_t flit_hops_ = 0;
    std::uint64_t injected_flits_ = 0;
    std::uint64_t ejected_flits_ = 0;
    std::uint64_t offered_ = 0;
    std::uint64_t arrived_ = 0;
    std::uint64_t last_progress_ = 0;
};

} // namespace intarsia::noc
