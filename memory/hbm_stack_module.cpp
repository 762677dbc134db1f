#include "memory/hbm_stack_module.hpp"

#include "config/errors.hpp"

#include <algorithm>

namespace intarsia::memory {

HbmStackModule::HbmStackModule(const sc_core::sc_module_name& name, const config::HbmStackConfig& config,
                               std::vector<EndpointId> endpoints, const StackNetwork& network, const AddressMap& map,
                               std::uint32_t stack, std::uint32_t synchroniser_edges, std::uint64_t shuffle_seed,
                               bool check_timing, metrics::EventHook* events)
    : SelfTimedModule(name, checked_timing(config, network).tick_clock(), shuffle_seed), requests_in("requests_in"),
      request_credit_out("request_credit_out"), replies_out("replies_out"), reply_credit_in("reply_credit_in"),
      endpoints_(std::move(endpoints)), core_(config, network, map, stack, check_timing, events),
      reply_delay_(std::max(config.controller.reply_latency, Picoseconds(1))),
      requests_(*this, std::size_t{network.interfaces} * config.controller.request_slots, synchroniser_edges),
      reply_credits_(*this, std::size_t{network.interfaces} * std::max(network.reply_credits, 1U), synchroniser_edges) {
    require(endpoints_.size() == network.interfaces, "every interface of a stack has a number");
    requests_in(requests_);
    reply_credit_in(reply_credits_);
    if (core_.next_event() != never_tick) {
        start_at(core_.next_event());
    }
}

std::uint32_t HbmStackModule::interface_of(EndpointId endpoint) const {
    const auto found = std::find(endpoints_.begin(), endpoints_.end(), endpoint);
    require(found != endpoints_.end(), "a packet for a stack names one of its interfaces");
    return static_cast<std::uint32_t>(found - endpoints_.begin());
}

std::uint64_t HbmStackModule::activate(std::uint64_t cycle, Picoseconds now) {
    while (const Credit* credit = reply_credits_.front(now)) {
        core_.add_reply_credit(interface_of(credit->endpoint));
        reply_credits_.pop();
    }
    while (const Packet* request = requests_.front(now)) {
        core_.accept(*request, interface_of(request->destination), cycle);
        requests_.pop();
    }
    core_.advance(cycle);
    for (const StackCore::Reply& reply : core_.replies()) {
        replies_out->push(reply.packet, now + reply_delay_);
    }
    for (const std::uint32_t interface : core_.freed_request_slots()) {
        request_credit_out->push({endpoints_[interface], static_cast<std::uint8_t>(MessageClass::request)},
                                 now + Picoseconds(1));
    }
    core_.clear_outputs();
    return next_cycle(cycle);
}

std::uint64_t HbmStackModule::next_cycle(std::uint64_t cycle) const {
    std::uint64_t next = core_.next_event();
    for (const Picoseconds due : {requests_.next_due(), reply_credits_.next_due()}) {
        if (due != never) {
            next = std::min(next, clock().first_edge_at_or_after(due));
        }
    }
    return next == never_tick ? never_cycle : std::max(next, cycle + 1);
}

} // namespace intarsia::memory
