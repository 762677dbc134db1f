#include "noc/reference/wormhole_router_module.hpp"

#include "config/errors.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace intarsia::noc::reference {

WormholeRouterModule::WormholeRouterModule(const sc_core::sc_module_name& name, const NetworkPlan& plan,
                                           std::uint32_t number)
    : sc_module(name), cycle("cycle"), edge("edge"), flit_in("flit_in", plan.routers[number].ports.size()),
      ready_out("ready_out", plan.routers[number].ports.size()),
      credit_out("credit_out", plan.routers[number].ports.size()),
      flit_out("flit_out", plan.routers[number].ports.size()), ready_in("ready_in", plan.routers[number].ports.size()),
      credit_in("credit_in", plan.routers[number].ports.size()), plan_(&plan), options_(plan.router.wormhole),
      number_(number), ports_(static_cast<std::uint32_t>(plan.routers[number].ports.size())), inputs_(ports_),
      outputs_(ports_) {
    for (std::uint32_t port = 0; port < ports_; ++port) {
        Output& output = outputs_[port];
        output.counters.flits.assign(plan.class_vcs.size(), 0);
        output.by_credit = options_.flow_control == WormholeRouterOptions::FlowControl::credit &&
                           plan.routers[number].ports[port].use == PortUse::link;
        output.credits = output.most_credits = options_.input_fifo_flits;
        arbiters_.emplace_back(plan, number, port);
    }
    SC_HAS_PROCESS(WormholeRouterModule);
    SC_METHOD(drive);
    sensitive << cycle;
    for (std::uint32_t port = 0; port < ports_; ++port) {
        sensitive << ready_in[port];
    }
    dont_initialize();
    SC_METHOD(capture);
    sensitive << edge.pos();
    dont_initialize();
}

void WormholeRouterModule::drive() {
    now_ = cycle.read();
    for (std::uint32_t port = 0; port < ports_; ++port) {
        flit_out[port].write(offered(port));
        ready_out[port].write(accepts(port));
        const std::optional<std::uint32_t> output = wanted(port);
        credit_out[port].write(output && chosen(*output) == port && crosses(*output));
    }
}

// The output that the flit at the front of an input wants; every flit of a packet wants its header's.
std::optional<std::uint32_t> WormholeRouterModule::wanted(std::uint32_t input) const {
    if (inputs_[input].empty()) {
        return std::nullopt;
    }
    const TrafficPacket& packet = inputs_[input].front().packet;
    const RouteEntry entry = plan_->routes.lookup(number_, input << plan_->routes.vc_bits(), packet.destination);
    require(entry.port != RouteEntry::none, "a packet comes only where the tables lead it");
    if (entry.port != RouteEntry::is_list) {
        return entry.port;
    }
    const RouteList& list = plan_->routes.list(entry);
    return list.options[packet.random >> list.random_bit & 1U].port;
}

// Inputs whose front wants the output, as far as its lock or its held grant lets them.
std::vector<std::uint32_t> WormholeRouterModule::candidates(std::uint32_t output) const {
    const Output& out = outputs_[output];
    std::vector<std::uint32_t> inputs;
    for (std::uint32_t input = 0; input < ports_; ++input) {
        const bool shut_out = (out.locked_to && *out.locked_to != input) || (out.held_by && *out.held_by != input);
        if (wanted(input) == output && !shut_out) {
            inputs.push_back(input);
        }
    }
    return inputs;
}

// Whether or not there is space behind.
std::optional<std::uint32_t> WormholeRouterModule::chosen(std::uint32_t output) const {
    const std::vector<std::uint32_t> asking = candidates(output);
    return asking.empty() ? std::nullopt : std::optional(arbiters_[output].choose(asking));
}

// What an output puts on its pins: the front of its FIFO or, without one, the chosen flit.
Flit WormholeRouterModule::offered(std::uint32_t output) const {
    const Output& out = outputs_[output];
    Flit flit;
    if (has_output_fifos()) {
        flit = out.fifo.empty() ? Flit{} : out.fifo.front();
    } else if (const std::optional<std::uint32_t> input = chosen(output)) {
        flit = inputs_[*input].front();
    }
    flit.valid = flit.valid && channel_free(output) && (!out.by_credit || out.credits > 0);
    flit.hops += flit.valid ? 1 : 0;
    return flit;
}

bool WormholeRouterModule::channel_free(std::uint32_t output) const {
    return now_ * plan_->routers[number_].ports[output].interval_denominator >= outputs_[output].free_at;
}

// A full buffer does not accept, be it read in this cycle or not.
bool WormholeRouterModule::accepts(std::uint32_t input) const {
    return inputs_[input].size() < options_.input_fifo_flits;
}

bool WormholeRouterModule::channel_takes(std::uint32_t output) const {
    return offered(output).valid && (outputs_[output].by_credit || ready_in[output].read());
}

bool WormholeRouterModule::fed_by_credit(std::uint32_t input) const {
    return options_.flow_control == WormholeRouterOptions::FlowControl::credit &&
           plan_->routers[number_].ports[input].use == PortUse::link;
}

// Whether the chosen flit of an output leaves its input in this cycle.
bool WormholeRouterModule::crosses(std::uint32_t output) const {
    if (has_output_fifos()) {
        return chosen(output).has_value() && outputs_[output].fifo.size() < options_.output_fifo_flits;
    }
    return channel_takes(output);
}

void WormholeRouterModule::capture() {
    hops_.clear();
    moved_ = false;
    const std::vector<Decision> decided = decisions();
    std::vector<bool> accepting(ports_);
    for (std::uint32_t port = 0; port < ports_; ++port) {
        accepting[port] = accepts(port);
    }
    count_stalls(decided);
    for (std::uint32_t output = 0; output < ports_; ++output) {
        if (decided[output].leaves) {
            enter_channel(output, decided[output].flit);
        }
        if (decided[output].chosen) {
            const std::uint32_t input = *decided[output].chosen;
            arbiters_[output].after_choice(input, decided[output].crosses);
            if (decided[output].crosses) {
                cross(output, input);
            } else if (options_.arbiter.hold) {
                outputs_[output].held_by = input;
            }
        }
        receive_credits(output);
    }
    for (std::uint32_t input = 0; input < ports_; ++input) {
        const Flit& flit = flit_in[input].read();
        if (flit.valid && accepting[input]) {
            inputs_[input].push_back(flit);
        }
        require(accepting[input] || !flit.valid || !fed_by_credit(input), "a credit stands for a free slot");
    }
}

std::vector<WormholeRouterModule::Decision> WormholeRouterModule::decisions() const {
    std::vector<Decision> decided(ports_);
    for (std::uint32_t output = 0; output < ports_; ++output) {
        decided[output] = {chosen(output), crosses(output), channel_takes(output), offered(output)};
    }
    return decided;
}

// Every front that does not move, at the output that it wants.
void WormholeRouterModule::count_stalls(const std::vector<Decision>& decided) {
    for (std::uint32_t input = 0; input < ports_; ++input) {
        const std::optional<std::uint32_t> output = wanted(input);
        if (!output) {
            continue;
        }
        Output& out = outputs_[*output];
        const bool is_chosen = decided[*output].chosen == input;
        if (is_chosen && !decided[*output].crosses) {
            ++out.counters.no_credit;
        } else if (!is_chosen && out.locked_to && *out.locked_to != input) {
            ++out.counters.no_vc;
        } else if (!is_chosen) {
            ++out.counters.lost_allocation;
        }
    }
}

void WormholeRouterModule::enter_channel(std::uint32_t output, const Flit& flit) {
    Output& out = outputs_[output];
    const std::uint64_t n = plan_->routers[number_].ports[output].interval_numerator;
    const std::uint64_t d = plan_->routers[number_].ports[output].interval_denominator;
    // The channel may have become free within the last cycle: then the flit follows without a gap.
    out.free_at = (out.free_at + d > now_ * d ? out.free_at : now_ * d) + n;
    if (out.by_credit) {
        --out.credits;
    }
    if (has_output_fifos()) {
        out.fifo.pop_front();
    }
    ++out.counters.flits[flit.packet.message_class];
    ++flits_sent_;
    moved_ = true;
    hops_.push_back({now_, number_, output, flit.packet.id, flit.index});
}

void WormholeRouterModule::cross(std::uint32_t output, std::uint32_t input) {
    Output& out = outputs_[output];
    const Flit flit = inputs_[input].front();
    inputs_[input].pop_front();
    if (has_output_fifos()) {
        out.fifo.push_back(flit);
    }
    out.held_by.reset();
    if (options_.packet_lock) {
        out.locked_to = flit.tail() ? std::nullopt : std::optional(input);
    }
    moved_ = true;
}

// A credit on the pins in this cycle counts from max(1, credit_delay_cycles) cycles later on.
void WormholeRouterModule::receive_credits(std::uint32_t output) {
    Output& out = outputs_[output];
    if (!out.by_credit) {
        return;
    }
    if (credit_in[output].read()) {
        out.credits_due.push_back(now_ + std::max(1U, options_.credit_delay_cycles));
    }
    if (!out.credits_due.empty() && out.credits_due.front() == now_ + 1) {
        out.credits_due.pop_front();
        ++out.credits;
        require(out.credits <= out.most_credits, "no more credits come back than were spent");
    }
}

std::vector<std::string> WormholeRouterModule::describe_waits() const {
    const NetworkRouter& router = plan_->routers[number_];
    std::vector<std::string> lines;
    for (std::uint32_t input = 0; input < ports_; ++input) {
        if (const std::optional<std::uint32_t> output = wanted(input)) {
            const Output& out = outputs_[*output];
            const bool locked = out.locked_to && *out.locked_to != input;
            lines.push_back(fmt::format("packet {} at {} {} waits for {}{}", inputs_[input].front().packet.id,
                                        router.name, router.ports[input].name, plan_->channel_name(number_, *output),
                                        locked ? ", which another packet holds" : ""));
        }
    }
    return lines;
}

void WormholeRouterModule::audit() const {
    for (const std::deque<Flit>& input : inputs_) {
        require(input.empty(), "a drained router holds no flit");
    }
    for (const Output& output : outputs_) {
        require(output.fifo.empty() && !output.locked_to && !output.held_by, "a drained router's outputs are free");
        require(output.credits == output.most_credits && output.credits_due.empty(), "all credits are home");
    }
}

} // namespace intarsia::noc::reference
