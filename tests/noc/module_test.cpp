// The SystemC shell: the same cycles as the core alone, in any order of modules, and asleep without work.
#include "noc/fabric_module.hpp"
#include "tests/noc/rig.hpp"

#include <catch2/catch.hpp>
#include <map>

using namespace intarsia;
using namespace intarsia::tests;

namespace {

struct Offer {
    std::uint64_t cycle = 0;
    Packet packet;
};

using Arrivals = std::map<std::uint64_t, std::uint64_t>; // transaction -> cycle

/// All cores of a die: sends what it is told to when it holds credits, notes what arrives.
class Cores : public SelfTimedModule {
  public:
    Cores(const sc_core::sc_module_name& name, const noc::PackagePlan& plan, std::uint32_t die,
          std::vector<Offer> offers, std::uint64_t shuffle_seed)
        : SelfTimedModule(name, Clock(plan.die(die).network.clock), shuffle_seed), packets(*this, 4096),
          credits(*this, 4096), to_network("to_network"), offers_(std::move(offers)),
          credits_held_(std::size_t(plan.endpoint_count()) * message_classes,
                        plan.die(die).network.interface_queue_packets) {
        start_at(0);
    }

    DueInbox<Packet> packets;
    DueInbox<Credit> credits;
    sc_core::sc_port<DueChannelIf<Packet>> to_network;
    Arrivals arrivals;
    std::uint64_t activations = 0;

  private:
    std::uint64_t activate(std::uint64_t cycle, Picoseconds now) override {
        ++activations;
        for (const Packet* packet = packets.front(now); packet != nullptr; packet = packets.front(now)) {
            REQUIRE(packet->journey.end().count() == now.count() - 1000); // pushed one edge ago
            arrivals[packet->transaction] = cycle - 1;
            packets.pop();
        }
        for (const Credit* credit = credits.front(now); credit != nullptr; credit = credits.front(now)) {
            ++credits_held_[credit->endpoint * message_classes + credit->vc];
            credits.pop();
        }
        for (; next_ < offers_.size() && offers_[next_].cycle <= cycle + 1; ++next_) {
            Packet packet = offers_[next_].packet;
            std::uint32_t& held =
                credits_held_[packet.source * message_classes + static_cast<std::size_t>(class_of(packet.kind))];
            REQUIRE(held > 0); // the offers are sparse enough
            --held;
            packet.journey = metrics::Journey(now);
            to_network->push(packet, now + Picoseconds(1));
        }
        const Picoseconds due = std::min(packets.next_due(), credits.next_due());
        const std::uint64_t next_read = due == never ? never_cycle : clock().first_edge_at_or_after(due);
        const std::uint64_t next_offer =
            next_ < offers_.size() ? std::max(cycle + 1, offers_[next_].cycle - 1) : never_cycle;
        return std::min(next_read, next_offer);
    }

    std::vector<Offer> offers_;
    std::size_t next_ = 0;
    std::vector<std::uint32_t> credits_held_;
};

/// One direction of a link that only passes on: flits one way, credits the other.
class IdealWire : public SelfTimedModule {
  public:
    IdealWire(const sc_core::sc_module_name& name, Clock clock, std::uint64_t shuffle_seed)
        : SelfTimedModule(name, clock, shuffle_seed), flits(*this, 1024), credits(*this, 1024), flits_out("flits_out"),
          credits_out("credits_out") {}

    DueInbox<LinkFlit> flits;
    DueInbox<Credit> credits;
    sc_core::sc_port<DueChannelIf<LinkFlit>> flits_out;
    sc_core::sc_port<DueChannelIf<Credit>> credits_out;

  private:
    std::uint64_t activate(std::uint64_t cycle, Picoseconds now) override {
        for (const LinkFlit* flit = flits.front(now); flit != nullptr; flit = flits.front(now)) {
            flits_out->push(*flit, now + Picoseconds(1));
            flits.pop();
        }
        for (const Credit* credit = credits.front(now); credit != nullptr; credit = credits.front(now)) {
            credits_out->push(*credit, now + Picoseconds(1));
            credits.pop();
        }
        return flits.empty() && credits.empty() ? never_cycle : cycle + 1;
    }
};

/// Fabrics, cores and wires of a package.
struct Package {
    Package(const std::string& prefix, const noc::PackagePlan& plan, const std::vector<Offer>& offers,
            std::uint64_t shuffle_seed) {
        for (std::uint32_t d = 0; d < plan.die_count(); ++d) {
            noc::FabricSynchronisers synchronisers;
            synchronisers.clients.assign(plan.die(d).clients.size(), 0);
            synchronisers.link_ports.assign(plan.die(d).link_ports.size(), 0);
            fabrics.push_back(std::make_unique<noc::FabricModule>(
                sc_core::sc_gen_unique_name((prefix + "_noc").c_str()), plan, d, synchronisers, shuffle_seed));
            std::vector<Offer> own;
            std::copy_if(offers.begin(), offers.end(), std::back_inserter(own),
                         [&](const Offer& offer) { return plan.die_of(offer.packet.source) == d; });
            cores.push_back(std::make_unique<Cores>(sc_core::sc_gen_unique_name((prefix + "_cores").c_str()), plan, d,
                                                    std::move(own), shuffle_seed));
            noc::FabricModule::Client& client = fabrics[d]->clients[0];
            client.packets_out(cores[d]->packets);
            client.credit_out(cores[d]->credits);
            cores[d]->to_network(client.packets_in);
        }
        for (std::uint32_t d = 0; d < plan.die_count(); ++d) {
            for (std::uint32_t l = 0; l < plan.die(d).link_ports.size(); ++l) {
                const noc::LinkPortPlan& port = plan.die(d).link_ports[l];
                wires.push_back(std::make_unique<IdealWire>(sc_core::sc_gen_unique_name((prefix + "_wire").c_str()),
                                                            fabrics[d]->clock(), shuffle_seed));
                IdealWire& wire = *wires.back();
                noc::FabricModule::LinkPort& from = fabrics[d]->link_ports[l];
                noc::FabricModule::LinkPort& to = fabrics[port.peer_die]->link_ports[port.peer_link_port];
                from.flits_out(wire.flits);
                wire.flits_out(to.flits_in);
                to.link_credit_out(wire.credits);
                wire.credits_out(from.link_credit_in);
            }
        }
    }

    [[nodiscard]] Arrivals arrivals() const {
        Arrivals all;
        for (const auto& core : cores) {
            all.insert(core->arrivals.begin(), core->arrivals.end());
        }
        return all;
    }

    std::vector<std::unique_ptr<noc::FabricModule>> fabrics;
    std::vector<std::unique_ptr<Cores>> cores;
    std::vector<std::unique_ptr<IdealWire>> wires;
};

} // namespace

TEST_CASE("the module runs the core's cycles, in any order of modules") {
    const config::SystemConfig system = make_die_grid(2, 1, 3, 2);
    Rig rig(system);
    std::mt19937_64 random(5);
    std::vector<Offer> offers;
    for (std::uint64_t cycle = 3; cycle < 3000; ++cycle) {
        for (EndpointId e = 0; e < 12; ++e) {
            // Busy at first, then a packet now and then, so that modules sleep between them.
            if (random() % (cycle < 1500 ? 25 : 2000) == 0) {
                Offer offer;
                offer.cycle = cycle;
                offer.packet.transaction = offers.size();
                offer.packet.source = e;
                offer.packet.destination = static_cast<EndpointId>(random() % 12);
                offer.packet.flits = 1 + static_cast<std::uint32_t>(random() % 4);
                offer.packet.kind = random() % 2 == 0 ? PacketKind::push : PacketKind::push_reply;
                offers.push_back(offer);
            }
        }
    }
    Arrivals expected;
    rig.on_arrival = [&](const Rig::Arrival& arrival) { expected[arrival.packet.transaction] = arrival.cycle; };
    for (const Offer& offer : offers) {
        while (rig.cycle < offer.cycle) {
            rig.step();
        }
        rig.offer(offer.packet.source, offer.packet.destination, offer.packet.flits, offer.packet.kind);
    }
    REQUIRE(rig.drain(10'000));
    REQUIRE(expected.size() == offers.size());

    // SystemC simulates once a process, so all three packages stand side by side.
    const noc::PackagePlan plan(system);
    Package plain("plain", plan, offers, 0);
    Package shuffled("shuffled", plan, offers, 1);
    Package otherwise("otherwise", plan, offers, 77);
    sc_core::sc_start();
    CHECK(plain.arrivals() == expected);
    CHECK(shuffled.arrivals() == expected);
    CHECK(otherwise.arrivals() == expected);
    for (std::uint32_t d = 0; d < plan.die_count(); ++d) {
        plain.fabrics[d]->audit();
        const noc::FabricCounters counters = plain.fabrics[d]->core().counters();
        CHECK(counters.flit_hops == rig.dies[d]->counters().flit_hops);
        CHECK(counters.sent.flits == rig.dies[d]->counters().sent.flits);
        CHECK(counters.received.packets == rig.dies[d]->counters().received.packets);
        CHECK(plain.fabrics[d]->last_progress() == Picoseconds(rig.dies[d]->last_progress() * 1000));
        CHECK(plain.cores[d]->activations < 2500); // of more than 3000 cycles
    }
}
