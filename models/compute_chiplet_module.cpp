#include "models/compute_chiplet_module.hpp"

#include <algorithm>

namespace intarsia::models {

namespace {

// The network ejects at most one flit a core and network cycle; between two edges of the cores and while entries pass
// the synchroniser that is a few packets a core.
std::size_t packet_ring(const config::DieConfig& die, std::uint32_t synchroniser_edges) {
    const double ratio = static_cast<double>(die.network.clock.count()) / static_cast<double>(die.core.clock.count());
    const auto per_core = static_cast<std::size_t>(ratio * (synchroniser_edges + 3.0)) + 4;
    return per_core * die.core.columns * die.core.rows;
}

std::size_t credit_ring(const config::DieConfig& die) {
    return std::size_t{message_classes} * die.network.interface_queue_packets * die.core.columns * die.core.rows;
}

} // namespace

ComputeChipletModule::ComputeChipletModule(const sc_core::sc_module_name& name, const config::SystemConfig& system,
                                           std::uint32_t die, const MemoryDirectory& memory,
                                           const noc::PackagePlan& plan, std::unique_ptr<RankProgram> program,
                                           metrics::EventHook& events, std::uint32_t synchroniser_edges)
    : SelfTimedModule(name, Clock(system.dies[die].core.clock), system.simulation.shuffle_seed),
      packets_out("packets_out"), packets_in("packets_in"), credits_in("credits_in"),
      core_(system, die, memory, plan, std::move(program), events),
      packet_inbox_(*this, packet_ring(system.dies[die], synchroniser_edges), synchroniser_edges),
      credit_inbox_(*this, credit_ring(system.dies[die]), synchroniser_edges) {
    packets_in.bind(packet_inbox_);
    credits_in.bind(credit_inbox_);
    if (core_.program() != nullptr) {
        start_at(clock().first_edge_at_or_after(system.simulation.start));
    }
}

std::uint64_t ComputeChipletModule::activate(std::uint64_t cycle, Picoseconds now) {
    while (const Credit* credit = credit_inbox_.front(now)) {
        core_.interface_credit(credit->endpoint, static_cast<MessageClass>(credit->vc));
        credit_inbox_.pop();
    }
    while (const Packet* packet = packet_inbox_.front(now)) {
        core_.deliver(*packet, cycle, now);
        packet_inbox_.pop();
    }
    core_.advance(cycle, now);
    if (core_.finished() && !reported_ && core_.program() != nullptr) {
        // The run may end here; the simulation loop looks.
        reported_ = true;
        sc_core::sc_pause();
    }
    for (const Packet& packet : core_.departed()) {
        packets_out->push(packet, now + Picoseconds(1));
    }
    std::uint64_t next = core_.next_work(cycle);
    for (const Picoseconds due : {packet_inbox_.next_due(), credit_inbox_.next_due()}) {
        if (due != never) {
            next = std::min(next, clock().first_edge_at_or_after(due));
        }
    }
    return next;
}

} // namespace intarsia::models
