#include "noc/fabric_module.hpp"

namespace intarsia::noc {

namespace {

std::uint64_t event_id(const Packet& packet) {
    return std::uint64_t{packet.source} << 48U | static_cast<std::uint64_t>(packet.kind) << 44U |
           (packet.transaction & ((1ULL << 44U) - 1));
}

} // namespace

FabricModule::Client::Client(const sc_core::sc_module_name& name)
    : sc_core::sc_module(name), packets_in("packets_in"), credit_in("credit_in"), packets_out("packets_out"),
      credit_out("credit_out") {}

FabricModule::LinkPort::LinkPort(const sc_core::sc_module_name& name)
    : sc_core::sc_module(name), flits_in("flits_in"), link_credit_in("link_credit_in"), flits_out("flits_out"),
      link_credit_out("link_credit_out") {}

FabricModule::FabricModule(const sc_core::sc_module_name& name, const PackagePlan& plan, std::uint32_t die,
                           const FabricSynchronisers& synchronisers, std::uint64_t shuffle_seed)
    : SelfTimedModule(name, Clock(plan.die(die).network.clock), shuffle_seed),
      clients("client", plan.die(die).clients.size()), link_ports("link", plan.die(die).link_ports.size()), plan_(plan),
      core_(make_fabric_core(plan, die, clock())) {
    const DiePlan& die_plan = plan.die(die);
    require(synchronisers.clients.size() == clients.size() && synchronisers.link_ports.size() == link_ports.size(),
            "every client and link port has its synchroniser");
    // Capacities: every entry stands for a credit that its sender owned.
    for (std::size_t c = 0; c < clients.size(); ++c) {
        const ClientPlan& client = die_plan.clients[c];
        std::size_t request_credits = 1;
        for (std::uint32_t i = 0; i < client.endpoints; ++i) {
            request_credits += plan.endpoint(static_cast<EndpointId>(client.first_endpoint + i)).request_credits;
        }
        const std::size_t packets =
            std::size_t(client.endpoints) * message_classes * die_plan.network.interface_queue_packets;
        client_inboxes_.push_back(
            std::make_unique<Inboxes<Packet>>(*this, packets + 1, request_credits, synchronisers.clients[c]));
        clients[c].packets_in.bind(client_inboxes_[c]->data);
        clients[c].credit_in.bind(client_inboxes_[c]->credits);
    }
    for (std::size_t l = 0; l < link_ports.size(); ++l) {
        const LinkPortPlan& link = die_plan.link_ports[l];
        const std::size_t vcs = die_plan.virtual_channels();
        link_inboxes_.push_back(std::make_unique<Inboxes<LinkFlit>>(
            *this, vcs * link.receive_buffer_flits, vcs * link.tx_buffer_flits, synchronisers.link_ports[l]));
        link_ports[l].flits_in.bind(link_inboxes_[l]->data);
        link_ports[l].link_credit_in.bind(link_inboxes_[l]->credits);
    }
}

void FabricModule::attach(metrics::EventHook& events) {
    events_ = &events;
    place_ = events.place(core_->die().name + ".noc");
}

void FabricModule::read_inputs(std::uint64_t cycle, Picoseconds now) {
    for (const auto& inboxes : client_inboxes_) {
        for (const Packet* packet = inboxes->data.front(now); packet != nullptr; packet = inboxes->data.front(now)) {
            core_->inject(*packet, cycle);
            if (events_ != nullptr && events_->wants(metrics::EventKind::packet)) {
                events_->begin(metrics::EventKind::packet, now, place_, event_id(*packet));
            }
            inboxes->data.pop();
        }
        for (const Credit* credit = inboxes->credits.front(now); credit != nullptr;
             credit = inboxes->credits.front(now)) {
            core_->return_request_credit(credit->endpoint, cycle);
            inboxes->credits.pop();
        }
    }
    for (std::uint32_t l = 0; l < link_inboxes_.size(); ++l) {
        Inboxes<LinkFlit>& inboxes = *link_inboxes_[l];
        // A link port takes one flit a cycle, however many the link has brought meanwhile.
        if (const LinkFlit* flit = inboxes.data.front(now)) {
            core_->receive_flit(l, *flit, cycle);
            inboxes.data.pop();
        }
        for (const Credit* credit = inboxes.credits.front(now); credit != nullptr;
             credit = inboxes.credits.front(now)) {
            core_->return_link_credit(l, credit->vc, cycle);
            inboxes.credits.pop();
        }
    }
}

void FabricModule::push_outputs(Picoseconds now) {
    const Picoseconds due = now + Picoseconds(1);
    for (const std::uint32_t slot : core_->ejected()) {
        const Packet& packet = core_->packet(slot);
        if (events_ != nullptr && events_->wants(metrics::EventKind::packet)) {
            events_->end(metrics::EventKind::packet, now, place_, event_id(packet));
        }
        clients[plan_.endpoint(packet.destination).client].packets_out->push(packet, due);
    }
    for (const QueueCredit& credit : core_->queue_credits()) {
        clients[plan_.endpoint(credit.endpoint).client].credit_out->push(
            Credit{credit.endpoint, static_cast<std::uint8_t>(credit.message_class)}, due);
    }
    for (const LinkDeparture& departure : core_->departures()) {
        flit_.vc = departure.vc;
        flit_.head = departure.head;
        flit_.tail = departure.tail;
        flit_.credit_lag = departure.tail ? core_->credit_lag(departure.packet) : Picoseconds(0);
        if (departure.head) {
            flit_.packet = core_->packet(departure.packet);
        }
        link_ports[departure.link_port].flits_out->push(flit_, due);
    }
    for (const LinkCredit& credit : core_->link_credits()) {
        link_ports[credit.link_port].link_credit_out->push(Credit{0, credit.vc}, due);
    }
}

std::uint64_t FabricModule::activate(std::uint64_t cycle, Picoseconds now) {
    read_inputs(cycle, now);
    core_->tick(cycle);
    push_outputs(now);
    const std::uint64_t next = core_->next_cycle(cycle);
    if (next == cycle + 1) {
        return next;
    }
    Picoseconds due = never;
    for (const auto& inboxes : client_inboxes_) {
        due = std::min(due, inboxes->next_due());
    }
    for (const auto& inboxes : link_inboxes_) {
        due = std::min(due, inboxes->next_due());
    }
    if (due == never) {
        return next;
    }
    // What is due already waits for the next edge (flits beyond the first of a cycle).
    return std::min(next, std::max(cycle + 1, clock().first_edge_at_or_after(due)));
}

void FabricModule::audit() const {
    for (const auto& inboxes : client_inboxes_) {
        require(inboxes->empty(), "a drained network has read all its clients sent");
    }
    for (const auto& inboxes : link_inboxes_) {
        require(inboxes->empty(), "a drained network has read all its links sent");
    }
    core_->audit();
}

} // namespace intarsia::noc
