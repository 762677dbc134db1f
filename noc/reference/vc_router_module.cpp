#include "noc/reference/vc_router_module.hpp"

#include "config/errors.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace intarsia::noc::reference {

VcRouterModule::VcRouterModule(const sc_core::sc_module_name& name, const NetworkPlan& plan, std::uint32_t number,
                               const std::vector<std::optional<std::uint32_t>>& credits)
    : sc_module(name), cycle("cycle"), flit_in("flit_in", plan.routers[number].ports.size()),
      credit_out("credit_out", plan.routers[number].ports.size()),
      flit_out("flit_out", plan.routers[number].ports.size()),
      credit_in("credit_in", plan.routers[number].ports.size()), plan_(&plan), options_(plan.router.vc),
      arbiter_(plan.router.vc), number_(number), ports_(static_cast<std::uint32_t>(plan.routers[number].ports.size())),
      vc_bits_(plan.routes.vc_bits()), inputs_(std::size_t(ports_) << vc_bits_),
      output_vcs_(std::size_t(ports_) << vc_bits_), outputs_(ports_),
      vc_allocation_(options_, ports_ << vc_bits_, ports_ << vc_bits_), switch_allocation_(options_, ports_, ports_),
      speculative_allocation_(options_, ports_, ports_), vc_pointer_(ports_, 0), speculative_vc_pointer_(ports_, 0) {
    for (std::uint32_t port = 0; port < ports_; ++port) {
        outputs_[port].counters.flits.assign(plan.class_vcs.size(), 0);
        for (std::uint32_t vc = 0; vc < plan.virtual_channels; ++vc) {
            OutputVc& output = output_vcs_[input_number(port, vc)];
            output.credits = credits[port];
            output.most_credits = credits[port].value_or(0);
        }
    }
    SC_HAS_PROCESS(VcRouterModule);
    SC_METHOD(on_cycle);
    sensitive << cycle;
    dont_initialize();
}

void VcRouterModule::on_cycle() {
    now_ = cycle.read();
    receive_flits();
    receive_credits();

    const std::vector<AskingHead> heads = asking_heads();
    const std::vector<Request> won_vcs = vc_allocation_.match(allocate_vcs(heads));

    const std::vector<Request> asking = switch_requests();
    const std::vector<Request> granted = switch_allocation_.match(put_forward(asking, vc_pointer_));
    const std::vector<Request> speculative =
        speculative_allocation_.match(put_forward(speculative_requests(heads, granted), speculative_vc_pointer_));

    count_waiting_heads(heads, won_vcs);
    count_lost(asking, granted);
    take_output_vcs(won_vcs);
    for (const Request& grant : granted) {
        switch_allocation_.served(grant);
        vc_pointer_[grant.input] = grant.vc + 1;
        send(grant);
    }
    for (const Request& grant : speculative) {
        if (speculation_holds(grant, won_vcs)) {
            speculative_allocation_.served(grant);
            speculative_vc_pointer_[grant.input] = grant.vc + 1;
            // What speculation saved the head it saves the flits behind it: they ask from the next cycle on.
            inputs_[input_number(grant.input, grant.vc)].asks_for_switch_from = now_;
            send(grant);
        }
    }
    drive_pins();
}

// A flit on the input pins is in its buffer from this cycle on.
void VcRouterModule::receive_flits() {
    for (std::uint32_t port = 0; port < ports_; ++port) {
        const Flit& flit = flit_in[port].read();
        if (!flit.valid) {
            continue;
        }
        InputVc& input = inputs_[input_number(port, flit.vc)];
        if (input.buffer.empty()) {
            input.at_front_since = std::max(input.at_front_since, now_);
        }
        input.buffer.push_back(flit);
        require(input.buffer.size() <= plan_->routers[number_].ports[port].buffer_flits,
                "a flit is sent only where there is room for it");
    }
}

// A credit is of use credit_delay_cycles after it came back over the link.
void VcRouterModule::receive_credits() {
    for (std::uint32_t port = 0; port < ports_; ++port) {
        const CreditPins pins = credit_in[port].read();
        for (std::uint32_t vc = 0; vc < plan_->virtual_channels; ++vc) {
            if ((pins >> vc & 1U) != 0) {
                credits_under_way_.push_back({now_ + options_.credit_delay_cycles, input_number(port, vc)});
            }
        }
    }
    while (!credits_under_way_.empty() && credits_under_way_.front().due <= now_) {
        OutputVc& output = output_vcs_[credits_under_way_.front().output_vc];
        if (output.credits) {
            ++*output.credits;
            require(*output.credits <= output.most_credits, "no more credits come back than were spent");
        }
        credits_under_way_.pop_front();
    }
}

// Heads at the front of a virtual channel that owns nothing, route_delay after they came there.
std::vector<VcRouterModule::AskingHead> VcRouterModule::asking_heads() const {
    std::vector<AskingHead> heads;
    for (std::uint32_t i = 0; i < inputs_.size(); ++i) {
        const InputVc& input = inputs_[i];
        if (!input.buffer.empty() && !input.output_vc && now_ >= input.at_front_since + options_.route_delay) {
            heads.push_back(route(i, input.buffer.front().packet));
        }
    }
    return heads;
}

VcRouterModule::AskingHead VcRouterModule::route(std::uint32_t input, const TrafficPacket& packet) const {
    const RouteEntry entry = plan_->routes.lookup(number_, input, packet.destination);
    require(entry.port != RouteEntry::none, "a packet comes only where the tables lead it");
    AskingHead head{input, false, {}};
    if (entry.port != RouteEntry::is_list) {
        head.options.push_back({entry.port, entry.vcs, false});
    } else {
        const RouteList& list = plan_->routes.list(entry);
        head.adaptive = list.adaptive;
        if (list.adaptive) {
            head.options = list.options;
        } else {
            head.options.push_back(list.options[packet.random >> list.random_bit & 1U]);
        }
    }
    for (RouteOption& option : head.options) {
        option.vcs &= plan_->class_vcs[packet.message_class];
    }
    return head;
}

// Every head asks for every output virtual channel of its options that no packet owns.
std::vector<Request> VcRouterModule::allocate_vcs(const std::vector<AskingHead>& heads) const {
    std::vector<Request> requests;
    for (const AskingHead& head : heads) {
        const TrafficPacket& packet = inputs_[head.input].buffer.front().packet;
        for (std::uint32_t o = 0; o < output_vcs_.size(); ++o) {
            if (!output_vcs_[o].owned && may_have(head, o)) {
                requests.push_back({head.input, o, vc_of(head.input), &packet});
            }
        }
    }
    return requests;
}

// Credits are not looked at, but for the adaptive channels of an adaptive route: no packet may end up behind another
// there, where it could not turn to the escape channel.
bool VcRouterModule::may_have(const AskingHead& head, std::uint32_t output_vc) const {
    return std::any_of(head.options.begin(), head.options.end(), [&](const RouteOption& option) {
        const bool listed = option.port == port_of(output_vc) && (option.vcs >> vc_of(output_vc) & 1U) != 0;
        const bool must_be_empty = head.adaptive && !option.escape;
        return listed && (!must_be_empty || output_vcs_[output_vc].buffer_is_empty());
    });
}

void VcRouterModule::take_output_vcs(const std::vector<Request>& won) {
    for (const Request& request : won) {
        vc_allocation_.served(request);
        InputVc& input = inputs_[request.input];
        input.output_vc = request.output;
        input.asks_for_switch_from = now_ + options_.vc_alloc_delay;
        output_vcs_[request.output].owned = true;
        charge_waits(input, port_of(request.output));
    }
}

// Virtual channels that own an output virtual channel with a credit, have a flit, and whose output is not occupied.
std::vector<Request> VcRouterModule::switch_requests() {
    std::vector<Request> requests;
    for (std::uint32_t i = 0; i < inputs_.size(); ++i) {
        InputVc& input = inputs_[i];
        if (input.buffer.empty() || !input.output_vc || now_ < input.asks_for_switch_from) {
            continue;
        }
        const std::uint32_t out_port = port_of(*input.output_vc);
        if (!output_vcs_[*input.output_vc].has_credit()) {
            ++input.waits.no_credit;
        } else if (occupied(out_port)) {
            ++input.waits.lost_allocation;
        } else {
            requests.push_back({port_of(i), out_port, vc_of(i), &input.buffer.front().packet});
        }
    }
    return requests;
}

// For every pair of ports one of the virtual channels that ask.
std::vector<Request> VcRouterModule::put_forward(const std::vector<Request>& asking,
                                                 const std::vector<std::uint32_t>& vc_pointer) const {
    std::vector<Request> forward;
    for (const auto& [in_port, of_input] : group_by(asking, &Request::input)) {
        for (const auto& [out_port, of_pair] : group_by(of_input, &Request::output)) {
            forward.push_back(arbiter_.among_inputs(of_pair, &Request::vc, vc_pointer[in_port], 1U << vc_bits_));
        }
    }
    return forward;
}

// A slow channel: counted in 1 / interval_denominator cycles, so that ratios stay whole numbers.
bool VcRouterModule::occupied(std::uint32_t port) const {
    return now_ * plan_->routers[number_].ports[port].interval_denominator < outputs_[port].free_at;
}

void VcRouterModule::occupy(std::uint32_t port) {
    const std::uint64_t n = plan_->routers[number_].ports[port].interval_numerator;
    const std::uint64_t d = plan_->routers[number_].ports[port].interval_denominator;
    std::uint64_t& free_at = outputs_[port].free_at;
    // The channel may have become free within the last cycle: then the flit follows without a gap.
    const std::uint64_t begin = free_at + d > now_ * d ? free_at : now_ * d;
    free_at = begin + n;
}

// Heads that take part in VC allocation ask for the switch at once, for ports that are left over.
std::vector<Request> VcRouterModule::speculative_requests(const std::vector<AskingHead>& heads,
                                                          const std::vector<Request>& granted) const {
    std::vector<Request> requests;
    if (!options_.speculative) {
        return requests;
    }
    for (const AskingHead& head : heads) {
        const Request request{port_of(head.input), head.options.front().port, vc_of(head.input),
                              &inputs_[head.input].buffer.front().packet};
        const bool taken = std::any_of(granted.begin(), granted.end(), [&](const Request& grant) {
            return grant.input == request.input || grant.output == request.output;
        });
        if (!taken && !occupied(request.output)) {
            requests.push_back(request);
        }
    }
    return requests;
}

// The head must have won a virtual channel of that output in this very cycle, with a credit.
bool VcRouterModule::speculation_holds(const Request& grant, const std::vector<Request>& won) const {
    const std::uint32_t input = input_number(grant.input, grant.vc);
    return std::any_of(won.begin(), won.end(), [&](const Request& vc_won) {
        return vc_won.input == input && port_of(vc_won.output) == grant.output &&
               output_vcs_[vc_won.output].has_credit();
    });
}

void VcRouterModule::send(const Request& granted) {
    InputVc& input = inputs_[input_number(granted.input, granted.vc)];
    const std::uint32_t output_vc = *input.output_vc;
    OutputVc& output = output_vcs_[output_vc];

    FlitUnderWay leaving{now_ + options_.switch_alloc_delay, granted.input, granted.vc, granted.output,
                         input.buffer.front()};
    input.buffer.pop_front();
    leaving.flit.vc = static_cast<std::uint8_t>(vc_of(output_vc));
    ++leaving.flit.hops;
    if (output.credits) {
        --*output.credits;
    }
    occupy(granted.output);
    charge_waits(input, granted.output);
    ++outputs_[granted.output].counters.flits[leaving.flit.packet.message_class];
    ++flits_switched_;
    if (leaving.flit.tail()) {
        free_after_tail(input, output_vc);
    }
    before_switch_.push_back(leaving);
}

// The output virtual channel can be allocated again, and the next head comes to the front, in the next cycle.
void VcRouterModule::free_after_tail(InputVc& input, std::uint32_t output_vc) {
    output_vcs_[output_vc].owned = false;
    input.output_vc.reset();
    input.at_front_since = now_ + 1;
}

// Flits that cross the switch send a credit upstream; flits that have crossed it go on the output pins.
void VcRouterModule::drive_pins() {
    std::vector<Flit> flits(ports_);
    std::vector<CreditPins> credits(ports_, 0);
    hops_.clear();
    while (!before_switch_.empty() && before_switch_.front().due <= now_) {
        FlitUnderWay crossing = before_switch_.front();
        before_switch_.pop_front();
        credits[crossing.in_port] = static_cast<CreditPins>(credits[crossing.in_port] | 1U << crossing.in_vc);
        hops_.push_back({now_, number_, crossing.out_port, crossing.flit.packet.id, crossing.flit.index});
        crossing.due = now_ + options_.traversal_delay;
        after_switch_.push_back(crossing);
    }
    std::sort(hops_.begin(), hops_.end(), [](const FlitHop& a, const FlitHop& b) { return a.port < b.port; });
    while (!after_switch_.empty() && after_switch_.front().due <= now_) {
        flits[after_switch_.front().out_port] = after_switch_.front().flit;
        after_switch_.pop_front();
    }
    for (std::uint32_t port = 0; port < ports_; ++port) {
        flit_out[port].write(flits[port]);
        credit_out[port].write(credits[port]);
    }
}

void VcRouterModule::count_waiting_heads(const std::vector<AskingHead>& heads, const std::vector<Request>& won) {
    for (const AskingHead& head : heads) {
        const bool served =
            std::any_of(won.begin(), won.end(), [&](const Request& request) { return request.input == head.input; });
        if (!served) {
            ++inputs_[head.input].waits.no_vc;
        }
    }
}

void VcRouterModule::count_lost(const std::vector<Request>& asking, const std::vector<Request>& granted) {
    for (const Request& request : asking) {
        const bool served = std::any_of(granted.begin(), granted.end(), [&](const Request& grant) {
            return grant.input == request.input && grant.vc == request.vc;
        });
        if (!served) {
            ++inputs_[input_number(request.input, request.vc)].waits.lost_allocation;
        }
    }
}

void VcRouterModule::charge_waits(InputVc& input, std::uint32_t out_port) {
    OutputCounters& counters = outputs_[out_port].counters;
    counters.no_vc += input.waits.no_vc;
    counters.no_credit += input.waits.no_credit;
    counters.lost_allocation += input.waits.lost_allocation;
    input.waits = {};
}

std::string VcRouterModule::name_of(std::uint32_t local) const {
    const NetworkRouter& router = plan_->routers[number_];
    return fmt::format("{} {} vc {}", router.name, router.ports[port_of(local)].name, vc_of(local));
}

std::vector<std::string> VcRouterModule::describe_waits() const {
    std::vector<std::string> lines;
    for (std::uint32_t i = 0; i < inputs_.size(); ++i) {
        const InputVc& input = inputs_[i];
        if (input.buffer.empty()) {
            continue;
        }
        const TrafficPacket& packet = input.buffer.front().packet;
        if (input.output_vc) {
            lines.push_back(fmt::format("packet {} at {} waits for the switch or a credit towards {}", packet.id,
                                        name_of(i), name_of(*input.output_vc)));
        } else {
            const std::uint32_t port = route(i, packet).options.front().port;
            lines.push_back(fmt::format("packet {} at {} waits for a virtual channel of {}", packet.id, name_of(i),
                                        plan_->channel_name(number_, port)));
        }
    }
    return lines;
}

void VcRouterModule::audit() const {
    for (const InputVc& input : inputs_) {
        require(input.buffer.empty() && !input.output_vc, "a drained router holds no packet");
    }
    for (const OutputVc& output : output_vcs_) {
        require(!output.owned, "a drained router's virtual channels belong to nobody");
        require(!output.credits || *output.credits == output.most_credits, "all credits are home");
    }
    require(before_switch_.empty() && after_switch_.empty() && credits_under_way_.empty(),
            "nothing is on its way through a drained router");
}

} // namespace intarsia::noc::reference
