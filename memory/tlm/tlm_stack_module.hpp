// HBM channels with a TLM-2.0 target socket, for any SystemC platform.
#pragma once

#include "kernel/self_timed_module.hpp"
#include "memory/standalone/memory_channels.hpp"
#include "memory/standalone/standalone_config.hpp"
#include "memory/tlm/payload_walk.hpp"
#include "memory/tlm/sparse_bytes.hpp"

#include <deque>
#include <memory>
#include <tlm>
#include <vector>

namespace intarsia::memory {

/// What the socket adds to the channels.
struct TlmStackOptions {
    /// Payloads that wait in order for the last of their bursts to enter its channel. While that many wait, END_REQ is
    /// held back.
    std::uint32_t request_slots = 16;
    /// Payloads with bursts in the channels or a response that the initiator has not taken; further ones wait in their
    /// request slots.
    std::uint32_t response_slots = 1024;
    /// Keep what is written, so that reads return it. Without it reads leave the initiator's data as they are, and
    /// transport_dbg is refused.
    bool stores_data = true;
};

/// The channels of a `[memory]` table (the file of `intarsia memory`) behind one socket of the base protocol of
/// TLM-2.0 (IEEE Std 1666-2011, clauses 11 to 15). Addresses count from 0 up to the memory's capacity.
///
/// A payload is cut into bursts, which enter the queues of their channels in order, at the first edge of the memory's
/// clock (half a CK) at or after the payload's time, as there is room. It is complete with the last beat of its last
/// burst. Nothing is added to the time of the controllers: a lone read takes nCL + nBL from an open row, nRCDRD more
/// from a closed bank, and nRP more on a conflict.
///
/// Bytes that are not enabled move no data, and bursts without an enabled byte are not sent. A write of a part of a
/// burst costs one burst (the DRAM's data mask). Accesses of a burst take effect in the order in which their payloads
/// came, as the controllers keep it.
///
/// The module sleeps while no payload is on its way: refreshes of idle time are made up for with the next one, so a
/// platform's sc_start() ends when its initiators have. Nothing of a transaction may be destroyed before it is
/// complete, so a process must not be killed inside b_transport.
class TlmStackModule : public SelfTimedModule, private tlm::tlm_fw_transport_if<> {
  public:
    /// Throws InputError if an option is 0 or SystemC's time resolution is not 1 ps.
    TlmStackModule(const sc_core::sc_module_name& name, const StandaloneConfig& config,
                   const TlmStackOptions& options = {});

    /// b_transport waits (also for its annotated delay, which it returns as 0), nb_transport uses all four phases,
    /// get_direct_mem_ptr is refused, transport_dbg reads and writes what is stored, at no time.
    tlm::tlm_target_socket<> socket;

    [[nodiscard]] std::uint64_t bytes() const { return addressing_.bytes(); }
    [[nodiscard]] std::uint32_t burst_bytes() const { return addressing_.access_bytes(); }
    [[nodiscard]] const TimingSet& timing() const { return timing_; }
    [[nodiscard]] const MemoryChannels& channels() const { return channels_; }
    /// Payloads that arrived and are not complete; for AT, END_RESP included.
    [[nodiscard]] std::size_t in_flight() const { return flights_.size() - free_flights_.size(); }

  private:
    using Payload = tlm::tlm_generic_payload;
    static constexpr std::uint32_t none = UINT32_MAX;

    struct Flight {
        Payload* payload = nullptr;
        sc_core::sc_event* done = nullptr; ///< of a thread in b_transport; null for AT
        PayloadWalk walk;
        Picoseconds due{0};
        Direction direction = Direction::read;
        std::uint32_t bursts_left = 0; ///< in the channels
        bool begun = false;            ///< holds a response slot; bursts may enter
        bool entered = false;          ///< all bursts have
    };

    void b_transport(Payload& payload, sc_core::sc_time& delay) override;
    tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) override;
    bool get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) override;
    unsigned int transport_dbg(Payload& payload) override;

    std::uint64_t activate(std::uint64_t cycle, Picoseconds now) override;
    void end_of_simulation() override { rethrow_failure(); }

    bool moves_data(Payload& payload) const;
    std::uint32_t begin(Payload& payload, sc_core::sc_event* done, const sc_core::sc_time& delay);
    void end(std::uint32_t flight);
    tlm::tlm_sync_enum begin_request(Payload& payload, tlm::tlm_phase& phase, const sc_core::sc_time& delay);
    tlm::tlm_sync_enum end_response(Payload& payload, const sc_core::sc_time& delay);

    void take_finished(std::uint64_t cycle);
    void enter_channels(Picoseconds now);
    bool enter_bursts(Flight& flight, std::uint32_t index);
    void move_data(const Flight& flight);
    void finish(std::uint32_t index);
    void send_end_request(Picoseconds now);
    void send_responses(Picoseconds now);
    void response_taken(Picoseconds when);
    [[nodiscard]] std::uint64_t next_cycle(std::uint64_t cycle) const;

    TlmStackOptions options_;
    TimingSet timing_;
    Addressing addressing_;
    MemoryChannels channels_;
    SparseBytes stored_;

    std::vector<Flight> flights_;
    std::vector<std::uint32_t> free_flights_;
    std::deque<std::uint32_t> requests_;  ///< not all of their bursts have entered
    std::deque<std::uint32_t> responses_; ///< of AT, complete, BEGIN_RESP not sent
    std::uint32_t answering_ = 0;         ///< payloads that hold a response slot
    std::uint32_t owes_end_request_ = none;
    std::uint32_t responding_ = none; ///< BEGIN_RESP sent, END_RESP not received
    Picoseconds responses_from_{0};   ///< end of the last response phase
    std::vector<std::unique_ptr<sc_core::sc_event>> events_;
    std::vector<sc_core::sc_event*> free_events_;
};

} // namespace intarsia::memory
