#include "noc/reference/vc_interface_module.hpp"

#include "config/errors.hpp"

namespace intarsia::noc::reference {

VcInterfaceModule::VcInterfaceModule(const sc_core::sc_module_name& name, const NetworkPlan& plan,
                                     std::uint32_t endpoint)
    : sc_module(name), cycle("cycle"), flit_out("flit_out"), credit_in("credit_in"), plan_(&plan),
      sources_(plan.class_vcs.size()) {
    const NetworkEndpoint& at = plan.endpoints[endpoint];
    most_credits_ = plan.routers[at.router].ports[at.port].buffer_flits;
    credits_.assign(plan.virtual_channels, most_credits_);
    SC_HAS_PROCESS(VcInterfaceModule);
    SC_METHOD(on_cycle);
    sensitive << cycle;
    dont_initialize();
}

void VcInterfaceModule::offer(const TrafficPacket& packet) {
    sources_[packet.message_class].queue.push_back(packet);
}

void VcInterfaceModule::on_cycle() {
    flit_out.write(sent_);
    receive_credits();
    const std::optional<std::uint32_t> sending = sendable_class();
    sent_ = sending ? send(*sending) : Flit{};
}

void VcInterfaceModule::receive_credits() {
    for (std::uint32_t vc = 0; vc < credits_.size(); ++vc) {
        credits_[vc] += credit_in.read() >> vc & 1U;
        require(credits_[vc] <= most_credits_, "no more credits come back than were spent");
    }
}

// The first class that can send, at or after the one whose turn it is.
std::optional<std::uint32_t> VcInterfaceModule::sendable_class() const {
    for (std::uint32_t k = 0; k < sources_.size(); ++k) {
        const std::uint32_t c = static_cast<std::uint32_t>((turn_ + k) % sources_.size());
        if (can_send(c)) {
            return c;
        }
    }
    return std::nullopt;
}

bool VcInterfaceModule::can_send(std::uint32_t message_class) const {
    const Source& source = sources_[message_class];
    if (source.vc) {
        return credits_[*source.vc] > 0;
    }
    return !source.queue.empty() && free_vc(message_class).has_value();
}

// The first virtual channel of the class that has a credit, at or after the one after the last packet's.
std::optional<std::uint32_t> VcInterfaceModule::free_vc(std::uint32_t message_class) const {
    for (std::uint32_t k = 0; k < credits_.size(); ++k) {
        const std::uint32_t vc = static_cast<std::uint32_t>((sources_[message_class].next_vc + k) % credits_.size());
        if ((plan_->class_vcs[message_class] >> vc & 1U) != 0 && credits_[vc] > 0) {
            return vc;
        }
    }
    return std::nullopt;
}

Flit VcInterfaceModule::send(std::uint32_t message_class) {
    Source& source = sources_[message_class];
    if (!source.vc) {
        source.vc = free_vc(message_class);
        source.next_vc = *source.vc + 1;
        source.next_flit = 0;
    }
    const Flit flit{
        true, static_cast<std::uint8_t>(*source.vc), source.next_flit, 0, cycle.read(), source.queue.front()};
    --credits_[*source.vc];
    ++source.next_flit;
    if (flit.tail()) {
        source.queue.pop_front();
        source.vc.reset();
    }
    turn_ = message_class + 1;
    ++flits_sent_;
    return flit;
}

void VcInterfaceModule::audit() const {
    for (const Source& source : sources_) {
        require(source.queue.empty(), "a drained network's source queues are empty");
    }
    for (const std::uint32_t credits : credits_) {
        require(credits == most_credits_, "all credits are home");
    }
}

} // namespace intarsia::noc::reference
