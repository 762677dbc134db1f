#include "memory/tlm/tlm_stack_module.hpp"

#include "config/errors.hpp"

#include <algorithm>

namespace intarsia::memory {

namespace {

const TlmStackOptions& checked(const TlmStackOptions& options, const std::string& module) {
    std::vector<Diagnostic> faults;
    const auto refuse = [&](const char* message, const char* remedy) {
        faults.push_back({{module, 0, 0, "TLM-2.0 socket"}, message, remedy});
    };
    if (options.request_slots == 0) {
        refuse("request_slots is 0", "give at least 1");
    }
    if (options.response_slots == 0) {
        refuse("response_slots is 0", "give at least 1");
    }
    if (sc_core::sc_get_time_resolution() != sc_core::sc_time(1, sc_core::SC_PS)) {
        refuse("SystemC's time resolution is not 1 ps", "leave out sc_set_time_resolution, or set 1 ps");
    }
    if (!faults.empty()) {
        throw InputError(std::move(faults));
    }
    return options;
}

Picoseconds due_after(const sc_core::sc_time& delay) {
    return Picoseconds((sc_core::sc_time_stamp() + delay).value());
}

sc_core::sc_time sc_time_of(Picoseconds time) {
    return sc_core::sc_time::from_value(time.count());
}

TransferShape shape_of(const tlm::tlm_generic_payload& payload) {
    return {payload.get_address(), payload.get_data_length(), payload.get_streaming_width(),
            payload.get_byte_enable_ptr(),
            payload.get_byte_enable_ptr() == nullptr ? 0U : payload.get_byte_enable_length()};
}

tlm::tlm_response_status response_to(ShapeFault fault) {
    switch (fault) {
    case ShapeFault::burst:
        return tlm::TLM_BURST_ERROR_RESPONSE;
    case ShapeFault::address:
        return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    case ShapeFault::byte_enable:
        return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    case ShapeFault::none:
        break;
    }
    return tlm::TLM_OK_RESPONSE;
}

} // namespace

TlmStackModule::TlmStackModule(const sc_core::sc_module_name& name, const StandaloneConfig& config,
                               const TlmStackOptions& options)
    : SelfTimedModule(name, config.setup.timing.tick_clock(), 0), socket("socket"),
      options_(checked(options, this->name())), timing_(config.setup.timing), addressing_(config.addressing()),
      channels_(config.setup.timing, config.setup.policy, config.setup.channels) {
    socket.bind(*this);
}

// Answers at once what takes no time: errors, commands that move nothing. True if the DRAM has to move data.
bool TlmStackModule::moves_data(Payload& payload) const {
    payload.set_dmi_allowed(false);
    if (payload.is_read() || payload.is_write()) {
        const TransferShape shape = shape_of(payload);
        tlm::tlm_response_status status = response_to(check_shape(shape, bytes()));
        if (status == tlm::TLM_OK_RESPONSE && payload.get_data_ptr() == nullptr) {
            status = tlm::TLM_GENERIC_ERROR_RESPONSE;
        }
        if (status == tlm::TLM_OK_RESPONSE && !PayloadWalk(shape, burst_bytes()).at_end()) {
            return true;
        }
        payload.set_response_status(status);
        return false;
    }
    const bool ignore = payload.get_command() == tlm::TLM_IGNORE_COMMAND;
    payload.set_response_status(ignore ? tlm::TLM_OK_RESPONSE : tlm::TLM_COMMAND_ERROR_RESPONSE);
    return false;
}

std::uint32_t TlmStackModule::begin(Payload& payload, sc_core::sc_event* done, const sc_core::sc_time& delay) {
    if (free_flights_.empty()) {
        free_flights_.push_back(static_cast<std::uint32_t>(flights_.size()));
        flights_.emplace_back();
    }
    const std::uint32_t index = free_flights_.back();
    free_flights_.pop_back();
    flights_[index] = {&payload,
                       done,
                       PayloadWalk(shape_of(payload), burst_bytes()),
                       due_after(delay),
                       payload.is_read() ? Direction::read : Direction::write,
                       0,
                       false,
                       false};
    requests_.push_back(index);
    wake_at(flights_[index].due);
    return index;
}

void TlmStackModule::end(std::uint32_t flight) {
    free_flights_.push_back(flight);
    --answering_;
}

void TlmStackModule::b_transport(Payload& payload, sc_core::sc_time& delay) {
    if (!moves_data(payload)) {
        return;
    }
    // Time passes here, so that what others do meanwhile meets this access in the channels.
    if (delay != sc_core::SC_ZERO_TIME) {
        sc_core::wait(delay);
    }
    delay = sc_core::SC_ZERO_TIME;
    if (free_events_.empty()) {
        events_.push_back(std::make_unique<sc_core::sc_event>());
        free_events_.push_back(events_.back().get());
    }
    sc_core::sc_event* done = free_events_.back();
    free_events_.pop_back();
    begin(payload, done, delay);
    sc_core::wait(*done);
    free_events_.push_back(done);
}

tlm::tlm_sync_enum TlmStackModule::nb_transport_fw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    if (phase == tlm::BEGIN_REQ) {
        return begin_request(payload, phase, delay);
    }
    if (phase == tlm::END_RESP) {
        return end_response(payload, delay);
    }
    if (phase == tlm::END_REQ || phase == tlm::BEGIN_RESP) {
        SC_REPORT_ERROR(name(), "an initiator sent a phase that only a target may send");
    }
    return tlm::TLM_ACCEPTED; // phases beyond the base protocol may be ignored
}

tlm::tlm_sync_enum TlmStackModule::begin_request(Payload& payload, tlm::tlm_phase& phase,
                                                 const sc_core::sc_time& delay) {
    if (owes_end_request_ != none) {
        SC_REPORT_ERROR(name(), "BEGIN_REQ before the END_REQ of the last request");
        return tlm::TLM_ACCEPTED;
    }
    if (!moves_data(payload)) {
        return tlm::TLM_COMPLETED;
    }
    if (!payload.has_mm()) {
        SC_REPORT_ERROR(name(), "nb_transport with a payload without a memory manager");
        payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
        return tlm::TLM_COMPLETED;
    }
    payload.acquire();
    const std::uint32_t index = begin(payload, nullptr, delay);
    if (requests_.size() > options_.request_slots) {
        owes_end_request_ = index;
        return tlm::TLM_ACCEPTED;
    }
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

tlm::tlm_sync_enum TlmStackModule::end_response(Payload& payload, const sc_core::sc_time& delay) {
    if (responding_ == none || flights_[responding_].payload != &payload) {
        SC_REPORT_ERROR(name(), "END_RESP for a payload that has no response under way");
        return tlm::TLM_ACCEPTED;
    }
    response_taken(due_after(delay));
    return tlm::TLM_COMPLETED;
}

void TlmStackModule::response_taken(Picoseconds when) {
    const std::uint32_t index = responding_;
    responding_ = none;
    responses_from_ = when;
    Payload* payload = flights_[index].payload;
    const bool slots_were_full = answering_ == options_.response_slots;
    end(index);
    if (!responses_.empty()) {
        wake_at(when);
    }
    if (slots_were_full && !requests_.empty()) {
        wake_at(due_after(sc_core::SC_ZERO_TIME));
    }
    payload->release();
}

bool TlmStackModule::get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) {
    payload.set_dmi_allowed(false);
    dmi.set_start_address(0);
    dmi.set_end_address(~sc_dt::uint64{0}); // the refusal holds for every address
    return false;
}

unsigned int TlmStackModule::transport_dbg(Payload& payload) {
    payload.set_dmi_allowed(false);
    const std::uint64_t address = payload.get_address();
    if (!options_.stores_data || payload.get_data_ptr() == nullptr || address >= bytes()) {
        return 0;
    }
    const auto count = static_cast<unsigned int>(std::min<std::uint64_t>(payload.get_data_length(), bytes() - address));
    if (payload.is_read()) {
        stored_.read(address, payload.get_data_ptr(), count);
        return count;
    }
    if (payload.is_write()) {
        stored_.write(address, payload.get_data_ptr(), count);
        return count;
    }
    return 0;
}

std::uint64_t TlmStackModule::activate(std::uint64_t cycle, Picoseconds now) {
    channels_.advance(cycle);
    take_finished(cycle);
    enter_channels(now);
    send_end_request(now);
    send_responses(now);
    return next_cycle(cycle);
}

void TlmStackModule::take_finished(std::uint64_t cycle) {
    FinishedAccess done;
    while (channels_.poll(cycle + 1, done)) {
        const auto index = static_cast<std::uint32_t>(done.id);
        Flight& flight = flights_[index];
        if (--flight.bursts_left == 0 && flight.entered) {
            finish(index);
        }
    }
}

void TlmStackModule::finish(std::uint32_t index) {
    const Flight& flight = flights_[index];
    flight.payload->set_response_status(tlm::TLM_OK_RESPONSE);
    if (flight.done == nullptr) {
        responses_.push_back(index);
        return;
    }
    flight.done->notify(sc_core::SC_ZERO_TIME);
    end(index);
}

void TlmStackModule::enter_channels(Picoseconds now) {
    while (!requests_.empty()) {
        Flight& flight = flights_[requests_.front()];
        if (flight.due > now) {
            return;
        }
        if (!flight.begun) {
            if (answering_ == options_.response_slots) {
                return;
            }
            ++answering_;
            flight.begun = true;
        }
        if (!enter_bursts(flight, requests_.front())) {
            return;
        }
        requests_.pop_front();
    }
}

// False where a channel has no room for the next burst.
bool TlmStackModule::enter_bursts(Flight& flight, std::uint32_t index) {
    for (; !flight.walk.at_end(); flight.walk.next()) {
        if (!channels_.enqueue(addressing_.at(flight.walk.burst()), flight.direction, index)) {
            return false;
        }
        ++flight.bursts_left;
    }
    flight.entered = true;
    if (options_.stores_data) {
        move_data(flight);
    }
    return true;
}

void TlmStackModule::move_data(const Flight& flight) {
    const TransferShape& shape = flight.walk.shape();
    unsigned char* data = flight.payload->get_data_ptr();
    const auto move = [&](std::uint32_t byte, std::uint32_t count) {
        if (flight.direction == Direction::read) {
            stored_.read(shape.address_of(byte), data + byte, count);
        } else {
            stored_.write(shape.address_of(byte), data + byte, count);
        }
    };
    const std::uint32_t beat = shape.enables == nullptr ? shape.extent() : 1;
    for (std::uint32_t byte = 0; byte < shape.length;) {
        const std::uint32_t count = std::min(beat, shape.length - byte);
        if (shape.enabled(byte)) {
            move(byte, count);
        }
        byte += count;
    }
}

void TlmStackModule::send_end_request(Picoseconds now) {
    if (owes_end_request_ == none || requests_.size() > options_.request_slots) {
        return;
    }
    const Flight& flight = flights_[owes_end_request_];
    owes_end_request_ = none;
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay = sc_time_of(flight.due - std::min(flight.due, now));
    socket->nb_transport_bw(*flight.payload, phase, delay);
}

void TlmStackModule::send_responses(Picoseconds now) {
    while (responding_ == none && !responses_.empty() && responses_from_ <= now) {
        const std::uint32_t index = responses_.front();
        responses_.pop_front();
        responding_ = index;
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        const tlm::tlm_sync_enum status = socket->nb_transport_bw(*flights_[index].payload, phase, delay);
        const bool taken = status == tlm::TLM_COMPLETED || (status == tlm::TLM_UPDATED && phase == tlm::END_RESP);
        // Unless the initiator has sent END_RESP from inside the call.
        if (taken && responding_ == index) {
            response_taken(due_after(delay));
        }
    }
}

std::uint64_t TlmStackModule::next_cycle(std::uint64_t cycle) const {
    std::uint64_t next = never_cycle;
    if (channels_.in_flight() != 0) {
        // What a command changes is seen a tick later.
        const Tick command = channels_.next_event();
        next = std::min(channels_.next_finish(), command == never_tick ? never_cycle : command + 1);
    }
    // A free slot wakes the module by itself (response_taken).
    const bool slot = answering_ != options_.response_slots;
    if (slot && !requests_.empty() && !flights_[requests_.front()].begun) {
        next = std::min(next, clock().first_edge_at_or_after(flights_[requests_.front()].due));
    }
    if (responding_ == none && !responses_.empty()) {
        next = std::min(next, clock().first_edge_at_or_after(responses_from_));
    }
    return next == never_cycle ? never_cycle : std::max(next, cycle + 1);
}

} // namespace intarsia::memory
