#include "noc/reference/vc_sink_module.hpp"

#include "config/errors.hpp"

namespace intarsia::noc::reference {

VcSinkModule::VcSinkModule(const sc_core::sc_module_name& name, const NetworkPlan& plan, const SinkOptions& options,
                           std::uint32_t endpoint)
    : sc_module(name), cycle("cycle"), flit_in("flit_in"), credit_out("credit_out"), options_(options),
      endpoint_(endpoint), buffers_(plan.virtual_channels) {
    SC_HAS_PROCESS(VcSinkModule);
    SC_METHOD(on_cycle);
    sensitive << cycle;
    dont_initialize();
}

void VcSinkModule::on_cycle() {
    delivered_.clear();
    took_ = false;
    credit_out.write(0);
    receive_flit();
    if (options_.ready(cycle.read(), endpoint_)) {
        take_in_turn();
    }
}

void VcSinkModule::receive_flit() {
    const Flit& flit = flit_in.read();
    if (!flit.valid) {
        return;
    }
    require(flit.packet.destination == endpoint_, "a packet arrives at its destination");
    buffers_[flit.vc].push_back(flit);
    require(options_.stall == 0 || buffers_[flit.vc].size() <= options_.buffer_flits,
            "a flit is sent only where there is room for it");
}

// One flit: of the virtual channels that have one, the first at or after the pointer. A sink that never stalls so takes
// each flit as it comes, for there is never a second one.
void VcSinkModule::take_in_turn() {
    for (std::uint32_t k = 0; k < buffers_.size(); ++k) {
        const std::uint32_t vc = static_cast<std::uint32_t>((pointer_ + k) % buffers_.size());
        if (!buffers_[vc].empty()) {
            take_front(vc);
            pointer_ = vc + 1;
            return;
        }
    }
}

void VcSinkModule::take_front(std::uint32_t vc) {
    const Flit flit = buffers_[vc].front();
    buffers_[vc].pop_front();
    if (const std::optional<DeliveredPacket> packet = assembly_.take(flit, cycle.read())) {
        delivered_.push_back(*packet);
    }
    credit_out.write(static_cast<CreditPins>(1U << vc));
    took_ = true;
    ++flits_taken_;
}

void VcSinkModule::audit() const {
    for (const std::deque<Flit>& buffer : buffers_) {
        require(buffer.empty(), "a drained network's sinks hold no flit");
    }
    require(assembly_.empty(), "a drained network's packets have arrived whole");
}

} // namespace intarsia::noc::reference
