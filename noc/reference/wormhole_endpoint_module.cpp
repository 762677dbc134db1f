#include "noc/reference/wormhole_endpoint_module.hpp"

#include "config/errors.hpp"

namespace intarsia::noc::reference {

WormholeSourceModule::WormholeSourceModule(const sc_core::sc_module_name& name)
    : sc_module(name), cycle("cycle"), edge("edge"), flit_out("flit_out"), ready_in("ready_in") {
    SC_HAS_PROCESS(WormholeSourceModule);
    SC_METHOD(drive);
    sensitive << cycle;
    dont_initialize();
    SC_METHOD(capture);
    sensitive << edge.pos();
    dont_initialize();
}

void WormholeSourceModule::drive() {
    flit_out.write(queue_.empty() ? Flit{} : Flit{true, 0, next_flit_, 0, cycle.read(), queue_.front()});
}

void WormholeSourceModule::capture() {
    sent_ = !queue_.empty() && ready_in.read();
    if (!sent_) {
        return;
    }
    ++next_flit_;
    if (next_flit_ == queue_.front().flits) {
        queue_.pop_front();
        next_flit_ = 0;
    }
}

void WormholeSourceModule::audit() const {
    require(queue_.empty(), "a drained network's source queues are empty");
}

WormholeSinkModule::WormholeSinkModule(const sc_core::sc_module_name& name, const SinkOptions& options,
                                       std::uint32_t endpoint)
    : sc_module(name), cycle("cycle"), edge("edge"), flit_in("flit_in"), ready_out("ready_out"), options_(options),
      endpoint_(endpoint) {
    SC_HAS_PROCESS(WormholeSinkModule);
    SC_METHOD(drive);
    sensitive << cycle;
    dont_initialize();
    SC_METHOD(capture);
    sensitive << edge.pos();
    dont_initialize();
}

bool WormholeSinkModule::ready() const {
    return options_.ready(cycle.read(), endpoint_);
}

void WormholeSinkModule::drive() {
    ready_out.write(ready());
}

void WormholeSinkModule::capture() {
    delivered_.clear();
    const Flit& flit = flit_in.read();
    took_ = flit.valid && ready();
    if (!took_) {
        return;
    }
    require(flit.packet.destination == endpoint_, "a packet arrives at its destination");
    ++flits_taken_;
    if (const std::optional<DeliveredPacket> packet = assembly_.take(flit, cycle.read())) {
        delivered_.push_back(*packet);
    }
}

void WormholeSinkModule::audit() const {
    require(assembly_.empty(), "a drained network's packets have arrived whole");
}

} // namespace intarsia::noc::reference
