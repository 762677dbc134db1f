// Ordinary TLM-2.0 initiators, which know nothing of the memory but its socket.
#pragma once

#include "memory/tlm/tlm_stack_module.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace intarsia::tests {

using memory::StandaloneConfig;
using memory::TlmStackModule;
using memory::TlmStackOptions;
using Bytes8 = std::vector<unsigned char>;

/// One channel of HBM3 unless `lines`, of `[memory]`, say otherwise.
inline StandaloneConfig stack_config(const std::string& lines = {}) {
    return memory::parse_standalone("[memory]\nstandard = \"HBM3\"\n" + lines, "text");
}

inline std::uint64_t now_ps() {
    return sc_core::sc_time_stamp().value();
}

/// A payload with its own data, which counts itself while anybody refers to it.
class OwnPayload : public tlm::tlm_generic_payload, private tlm::tlm_mm_interface {
  public:
    OwnPayload(tlm::tlm_command command, std::uint64_t address, Bytes8 bytes, std::uint32_t* freed = nullptr)
        : data(std::move(bytes)), freed_(freed) {
        set_command(command);
        set_address(address);
        set_data_ptr(data.data());
        set_data_length(static_cast<unsigned int>(data.size()));
        set_streaming_width(static_cast<unsigned int>(data.size()));
        set_byte_enable_ptr(nullptr);
        set_dmi_allowed(true);
        set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    }
    void manage() { set_mm(this); }
    void enable(Bytes8 bytes) {
        enables = std::move(bytes);
        set_byte_enable_ptr(enables.data());
        set_byte_enable_length(static_cast<unsigned int>(enables.size()));
    }

    Bytes8 data;
    Bytes8 enables;

  private:
    void free(tlm::tlm_generic_payload* payload) override {
        REQUIRE(payload == this);
        if (freed_ != nullptr) {
            ++*freed_;
        }
    }
    std::uint32_t* freed_;
};

/// Runs a function as a thread; loosely timed.
class LtInitiator : public sc_core::sc_module, private tlm::tlm_bw_transport_if<> {
  public:
    using Body = std::function<void(LtInitiator&)>;
    LtInitiator(const sc_core::sc_module_name& name, TlmStackModule& stack, Body body)
        : sc_module(name), socket("socket"), body_(std::move(body)) {
        socket.bind(*this);
        socket.bind(stack.socket);
        SC_HAS_PROCESS(LtInitiator);
        SC_THREAD(run);
    }
    tlm::tlm_initiator_socket<> socket;

    /// The time that the call took, in ps.
    std::uint64_t transport(tlm::tlm_generic_payload& payload) {
        const std::uint64_t begin = now_ps();
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        socket->b_transport(payload, delay);
        CHECK(delay == sc_core::SC_ZERO_TIME);
        CHECK_FALSE(payload.is_dmi_allowed());
        return now_ps() - begin;
    }

  private:
    void run() { body_(*this); }
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& /*payload*/, tlm::tlm_phase& /*phase*/,
                                       sc_core::sc_time& /*delay*/) override {
        FAIL("a target called back for b_transport");
        return tlm::TLM_ACCEPTED;
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64 /*begin*/, sc_dt::uint64 /*end*/) override {}

    Body body_;
};

/// Runs a function as a thread; approximately timed, with the rules of the base protocol checked at every call.
class AtInitiator : public sc_core::sc_module, private tlm::tlm_bw_transport_if<> {
  public:
    using Body = std::function<void(AtInitiator&)>;
    /// How BEGIN_RESP is answered.
    enum class Answer : std::uint8_t {
        completed,
        updated, ///< with END_RESP, after response_time
        nested,  ///< END_RESP from inside the call
        held,    ///< END_RESP when the test says so
    };
    AtInitiator(const sc_core::sc_module_name& name, TlmStackModule& stack, Body body)
        : sc_module(name), socket("socket"), body_(std::move(body)) {
        socket.bind(*this);
        socket.bind(stack.socket);
        SC_HAS_PROCESS(AtInitiator);
        SC_THREAD(run);
    }
    tlm::tlm_initiator_socket<> socket;
    Answer answer = Answer::completed;
    sc_core::sc_time response_time = sc_core::SC_ZERO_TIME;

    struct Done {
        OwnPayload* payload;
        std::uint64_t begin_response_ps;
    };
    std::vector<Done> done;           ///< in the order of their responses
    std::uint32_t held_back = 0;      ///< requests whose END_REQ came by a call
    std::uint32_t freed = 0;          ///< payloads whose last reference is gone
    std::uint64_t in_flight = 0;      ///< without a response
    sc_core::sc_event response_event; ///< a BEGIN_RESP came

    /// A payload that lives as long as this module.
    OwnPayload& make(tlm::tlm_command command, std::uint64_t address, Bytes8 bytes) {
        payloads_.push_back(std::make_unique<OwnPayload>(command, address, std::move(bytes), &freed));
        payloads_.back()->manage();
        return *payloads_.back();
    }
    /// BEGIN_REQ as soon as the last END_REQ has come.
    void send(OwnPayload& payload, sc_core::sc_time delay = sc_core::SC_ZERO_TIME) {
        while (requesting_ != nullptr) {
            sc_core::wait(end_request_);
        }
        payload.acquire();
        ++in_flight;
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        requesting_ = &payload;
        const tlm::tlm_sync_enum status = socket->nb_transport_fw(payload, phase, delay);
        if (status == tlm::TLM_UPDATED) {
            REQUIRE(phase == tlm::END_REQ);
            requesting_ = nullptr;
        } else if (status == tlm::TLM_COMPLETED) {
            requesting_ = nullptr;
            finish(payload);
        }
    }
    [[nodiscard]] bool waits_for_end_request() const { return requesting_ != nullptr; }
    [[nodiscard]] bool has_response() const { return responding_ != nullptr; }
    void end_response() {
        OwnPayload& payload = *std::exchange(responding_, nullptr);
        tlm::tlm_phase phase = tlm::END_RESP;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        // Its own reference keeps the payload alive over the call.
        REQUIRE(socket->nb_transport_fw(payload, phase, delay) == tlm::TLM_COMPLETED);
        payload.release();
    }

  private:
    void run() { body_(*this); }
    void finish(OwnPayload& payload) {
        done.push_back({&payload, now_ps()});
        --in_flight;
        response_event.notify(sc_core::SC_ZERO_TIME);
        if (answer != Answer::held || responding_ == nullptr) {
            payload.release();
        }
    }
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        auto& own = dynamic_cast<OwnPayload&>(payload);
        if (phase == tlm::END_REQ) {
            REQUIRE(requesting_ == &own);
            requesting_ = nullptr;
            ++held_back;
            end_request_.notify(sc_core::SC_ZERO_TIME);
            return tlm::TLM_ACCEPTED;
        }
        REQUIRE(phase == tlm::BEGIN_RESP);
        REQUIRE(requesting_ != &own);
        REQUIRE(responding_ == nullptr);
        REQUIRE(now_ps() >= next_response_ps_);
        REQUIRE(payload.get_response_status() == tlm::TLM_OK_RESPONSE);
        if (answer == Answer::held) {
            responding_ = &own;
            finish(own);
            return tlm::TLM_ACCEPTED;
        }
        if (answer == Answer::nested) {
            own.acquire();
            responding_ = &own;
            end_response();
            finish(own);
            return tlm::TLM_ACCEPTED;
        }
        finish(own);
        if (answer == Answer::updated) {
            delay += response_time;
            next_response_ps_ = now_ps() + response_time.value();
            phase = tlm::END_RESP;
            return tlm::TLM_UPDATED;
        }
        return tlm::TLM_COMPLETED;
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64 /*begin*/, sc_dt::uint64 /*end*/) override {}

    Body body_;
    std::vector<std::unique_ptr<OwnPayload>> payloads_;
    OwnPayload* requesting_ = nullptr; ///< BEGIN_REQ sent, END_REQ not received
    OwnPayload* responding_ = nullptr; ///< BEGIN_RESP received, END_RESP not sent
    std::uint64_t next_response_ps_ = 0;
    sc_core::sc_event end_request_;
};

} // namespace intarsia::tests
