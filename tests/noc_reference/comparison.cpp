#include "comparison.hpp"

#include "drive.hpp"
#include "noc/reference/reference_network.hpp"

#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <tuple>

namespace intarsia::tests {

namespace {

std::string text_of(const noc::FlitHop& hop) {
    return fmt::format("cycle {} router {} port {} packet {} flit {}", hop.cycle, hop.router, hop.port, hop.packet,
                       hop.flit);
}

std::string text_of(const noc::DeliveredPacket& p) {
    return fmt::format(
        "packet {} ({} -> {}, {} flits, class {}, priority {}, random {:#x}, created {}): injected {}..{} ejected "
        "{}..{} hops {} flit latencies {}",
        p.packet.id, p.packet.source, p.packet.destination, p.packet.flits, p.packet.message_class, p.packet.priority,
        p.packet.random, p.packet.created, p.inject_head, p.inject_tail, p.eject_head, p.eject_tail, p.hops,
        p.flit_latency_sum);
}

std::string text_of(const noc::OutputCounters& c) {
    std::string text = "flits";
    for (const std::uint64_t flits : c.flits) {
        text += fmt::format(" {}", flits);
    }
    return text + fmt::format(", no_vc {}, no_credit {}, lost_allocation {}", c.no_vc, c.no_credit, c.lost_allocation);
}

bool same(const noc::TrafficPacket& a, const noc::TrafficPacket& b) {
    return std::tie(a.id, a.created, a.flits, a.source, a.destination, a.message_class, a.priority, a.random) ==
           std::tie(b.id, b.created, b.flits, b.source, b.destination, b.message_class, b.priority, b.random);
}

bool same(const noc::DeliveredPacket& a, const noc::DeliveredPacket& b) {
    return same(a.packet, b.packet) &&
           std::tie(a.hops, a.inject_head, a.inject_tail, a.eject_head, a.eject_tail, a.flit_latency_sum) ==
               std::tie(b.hops, b.inject_head, b.inject_tail, b.eject_head, b.eject_tail, b.flit_latency_sum);
}

bool same(const noc::FlitHop& a, const noc::FlitHop& b) {
    return std::tie(a.cycle, a.router, a.port, a.packet, a.flit) ==
           std::tie(b.cycle, b.router, b.port, b.packet, b.flit);
}

/// A wait that goes on has no place in the counters yet, or has: stalls are certain when all have ended.
bool same(const noc::OutputCounters& a, const noc::OutputCounters& b, bool drained) {
    const bool same_stalls =
        std::tie(a.no_vc, a.no_credit, a.lost_allocation) == std::tie(b.no_vc, b.no_credit, b.lost_allocation);
    return a.flits == b.flits && (same_stalls || !drained);
}

/// An engine may note a hop when it is certain, ahead of its cycle.
void drop_later_than(std::vector<noc::FlitHop>& hops, std::uint64_t end) {
    hops.erase(std::remove_if(hops.begin(), hops.end(), [&](const noc::FlitHop& hop) { return hop.cycle > end; }),
               hops.end());
}

std::optional<std::string> compare_hops(const std::vector<noc::FlitHop>& expected,
                                        const std::vector<noc::FlitHop>& found) {
    for (std::size_t k = 0; k < std::max(expected.size(), found.size()); ++k) {
        const std::string should_be = k < expected.size() ? text_of(expected[k]) : "no hop";
        const std::string is = k < found.size() ? text_of(found[k]) : "no hop";
        if (k >= expected.size() || k >= found.size() || !same(expected[k], found[k])) {
            return fmt::format("hop {}: reference {}, fast engine {}", k, should_be, is);
        }
    }
    return std::nullopt;
}

std::optional<std::string> compare_packets(const DriveResult& expected, const DriveResult& found) {
    std::optional<std::string> first;
    std::uint64_t first_cycle = UINT64_MAX;
    for (const auto& [id, packet] : expected.delivered) {
        const auto other = found.delivered.find(id);
        const bool missing = other == found.delivered.end();
        if ((missing || !same(packet, other->second)) && packet.eject_tail < first_cycle) {
            first_cycle = packet.eject_tail;
            first = fmt::format("reference {}\n  fast      {}", text_of(packet),
                                missing ? "not there" : text_of(other->second));
        }
    }
    if (!first && found.delivered.size() > expected.delivered.size()) {
        first = fmt::format("the fast engine delivered {} packets, the reference {}", found.delivered.size(),
                            expected.delivered.size());
    }
    return first;
}

std::optional<std::string> compare_counters(const noc::NetworkPlan& plan, const noc::NetworkEngine& expected,
                                            const noc::NetworkEngine& found, bool drained) {
    for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
        for (std::uint32_t p = 0; p < plan.routers[r].ports.size(); ++p) {
            const noc::OutputCounters should_be = expected.counters(r, p);
            const noc::OutputCounters are = found.counters(r, p);
            if (!same(should_be, are, drained)) {
                return fmt::format("counters of router {} port {}: reference {}; fast engine {}", r, p,
                                   text_of(should_be), text_of(are));
            }
        }
    }
    if (expected.flit_hops() != found.flit_hops() || expected.ejected_flits() != found.ejected_flits() ||
        expected.in_flight() != found.in_flight()) {
        return fmt::format("flit hops {}, ejected flits {}, packets under way {}; fast engine {}, {}, {}",
                           expected.flit_hops(), expected.ejected_flits(), expected.in_flight(), found.flit_hops(),
                           found.ejected_flits(), found.in_flight());
    }
    return std::nullopt;
}

/// Both to the same cycle, then until nothing is left to happen, and audited if they have drained.
std::optional<std::string> run_both(const RandomCase& random_case, Comparison& comparison) {
    const auto reference = noc::reference::make_reference_network(random_case.plan, random_case.sink);
    const auto fast = noc::make_engine(random_case.plan, random_case.sink);
    DriveResult expected = drive(*reference, random_case.packets, {random_case.limit, false, false});
    DriveResult found = drive(*fast, random_case.packets, {expected.end + 1, true, random_case.skip_idle});
    comparison.flit_hops = reference->flit_hops();
    comparison.drained = expected.drained;
    drop_later_than(expected.hops, expected.end);
    drop_later_than(found.hops, expected.end);
    std::string differences;
    for (const std::optional<std::string>& difference :
         {compare_hops(expected.hops, found.hops), compare_packets(expected, found),
          compare_counters(random_case.plan, *reference, *fast, expected.drained)}) {
        differences += difference ? *difference + "\n" : "";
    }
    if (!differences.empty()) {
        return differences;
    }
    if (!expected.drained) {
        return std::nullopt;
    }
    std::uint64_t end = expected.end;
    while (reference->next_cycle(end) != UINT64_MAX) { // the limit may have come before the last credits were home
        ++end;
        reference->tick(end);
        fast->tick(end);
    }
    reference->audit();
    fast->audit();
    if (fast->next_cycle(end) != UINT64_MAX) {
        return fmt::format("the fast engine has still something to do after cycle {}", end);
    }
    return std::nullopt;
}

} // namespace

Comparison compare_engines(const RandomCase& random_case) {
    Comparison comparison;
    try {
        comparison.difference = run_both(random_case, comparison);
    } catch (const std::exception& error) {
        comparison.difference = error.what();
    }
    if (comparison.difference) {
        comparison.difference =
            describe(random_case) + (comparison.drained ? "drained\n" : "not drained\n") + *comparison.difference;
    }
    return comparison;
}

} // namespace intarsia::tests
