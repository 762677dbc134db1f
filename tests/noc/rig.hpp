// A test bench for the fabric engine without SystemC: the dies of a package, ideal links between them, unbounded
// source queues before the interfaces, and endpoints that give packet credits back after a while.
#pragma once

#include "noc/fabric_core.hpp"
#include "noc/package_plan.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

namespace intarsia::tests {

inline config::DieConfig make_die(const std::string& name, std::uint32_t columns, std::uint32_t rows) {
    config::DieConfig die;
    die.name = name;
    die.network.columns = columns;
    die.network.rows = rows;
    die.network.clock = Hertz(1'000'000'000);
    die.core.columns = columns;
    die.core.rows = rows;
    return die;
}

inline config::SystemConfig make_mesh(std::uint32_t columns, std::uint32_t rows) {
    config::SystemConfig system;
    system.name = "mesh";
    system.dies.push_back(make_die("die0", columns, rows));
    return system;
}

/// A grid of equal dies, with a link in every row and column of facing routers.
inline config::SystemConfig make_die_grid(std::uint32_t die_columns, std::uint32_t die_rows, std::uint32_t columns,
                                          std::uint32_t rows) {
    config::SystemConfig system;
    system.name = "grid";
    for (std::uint32_t d = 0; d < die_columns * die_rows; ++d) {
        config::DieConfig die = make_die("die" + std::to_string(d), columns, rows);
        die.position = {d % die_columns * (die.width + 1000), d / die_columns * (die.height + 1000)};
        system.dies.push_back(die);
    }
    const auto join = [&](std::uint32_t a, std::uint32_t b, config::RouterPosition at_a, config::RouterPosition at_b) {
        config::D2dLinkConfig link;
        link.name = "link" + std::to_string(system.links.size());
        link.from_die = a;
        link.to_die = b;
        link.from_router = at_a;
        link.to_router = at_b;
        link.tx_buffer_flits = link.receive_buffer_flits = system.dies[a].network.vc_buffer_flits;
        system.links.push_back(link);
    };
    for (std::uint32_t d = 0; d < system.dies.size(); ++d) {
        for (std::uint32_t r = 0; r < rows && d % die_columns + 1 < die_columns; ++r) {
            join(d, d + 1, {columns - 1, r}, {0, r});
        }
        for (std::uint32_t c = 0; c < columns && d / die_columns + 1 < die_rows; ++c) {
            join(d, d + die_columns, {c, rows - 1}, {c, 0});
        }
    }
    return system;
}

/// One class of requests with all virtual channels, as in stand-alone network studies.
inline void use_one_class(config::SystemConfig& system, std::uint32_t vcs, std::uint32_t buffer_flits) {
    for (config::DieConfig& die : system.dies) {
        die.network.request_vcs = vcs;
        die.network.reply_vcs = 0;
        die.network.vc_buffer_flits = buffer_flits;
    }
    for (config::D2dLinkConfig& link : system.links) {
        link.tx_buffer_flits = link.receive_buffer_flits = buffer_flits;
    }
}

inline std::vector<EndpointId> all_endpoints(const noc::PackagePlan& plan) {
    std::vector<EndpointId> ids(plan.endpoint_count());
    std::iota(ids.begin(), ids.end(), EndpointId(0));
    return ids;
}

class Rig {
  public:
    struct Arrival {
        Packet packet;
        std::uint64_t created = 0; ///< Packet::address at the offer
        std::uint64_t cycle = 0;
    };

    /// `link_cycles`: latency of the ideal D2D links; 1 is that of an ordinary mesh link.
    explicit Rig(const config::SystemConfig& system, std::uint32_t link_cycles = 1)
        : plan(system), link_cycles_(link_cycles), sources_(plan.endpoint_count() * message_classes),
          returns_(plan.endpoint_count()) {
        for (std::uint32_t d = 0; d < plan.die_count(); ++d) {
            dies.push_back(noc::make_fabric_core(plan, d, Clock(plan.die(d).network.clock)));
            wires_.emplace_back(plan.die(d).link_ports.size());
        }
    }

    void offer(EndpointId from, EndpointId to, std::uint32_t flits, PacketKind kind = PacketKind::write_request) {
        Packet packet;
        packet.transaction = offered++;
        packet.address = cycle;
        packet.source = from;
        packet.destination = to;
        packet.flits = flits;
        packet.kind = kind;
        sources_[from * message_classes + static_cast<std::size_t>(class_of(kind))].push_back(packet);
    }

    /// One cycle of the whole package.
    void step() {
        for (std::uint32_t d = 0; d < dies.size(); ++d) {
            deliver(d);
        }
        for (std::uint32_t d = 0; d < dies.size(); ++d) {
            dies[d]->tick(cycle);
        }
        for (std::uint32_t d = 0; d < dies.size(); ++d) {
            collect(d);
        }
        ++cycle;
    }

    [[nodiscard]] bool drained() const {
        for (const auto& source : sources_) {
            if (!source.empty()) {
                return false;
            }
        }
        for (const auto& wires : wires_) {
            for (const Wire& wire : wires) {
                if (!wire.flits.empty() || !wire.credits.empty()) {
                    return false;
                }
            }
        }
        for (std::uint32_t e = 0; e < returns_.size(); ++e) {
            if (!returns_[e].empty()) {
                return false;
            }
        }
        return std::all_of(dies.begin(), dies.end(),
                           [&](const auto& die) { return die->next_cycle(cycle - 1) == UINT64_MAX && !die->busy(); });
    }

    /// Runs until everything has arrived and all credits are home; false if that takes more than `limit` cycles.
    bool drain(std::uint64_t limit) {
        for (const std::uint64_t end = cycle + limit; cycle < end; step()) {
            if (cycle > 0 && drained()) {
                return true;
            }
        }
        return false;
    }

    noc::PackagePlan plan;
    std::vector<std::unique_ptr<noc::FabricCore>> dies;
    std::uint64_t cycle = 0;
    std::uint64_t offered = 0;
    std::function<void(const Arrival&)> on_arrival;
    /// How long an endpoint with packet credits holds a request before it can take another.
    std::function<std::uint64_t()> service_cycles = [] { return std::uint64_t(1); };

  private:
    struct Wire { // towards a die's link port
        std::deque<std::pair<std::uint64_t, LinkFlit>> flits;
        std::deque<std::pair<std::uint64_t, std::uint8_t>> credits;
    };

    void deliver(std::uint32_t d) {
        noc::FabricCore& die = *dies[d];
        for (const EndpointId e : plan.die(d).endpoints) {
            for (std::size_t c = 0; c < message_classes; ++c) {
                std::deque<Packet>& source = sources_[e * message_classes + c];
                while (!source.empty() && die.queue_space(e, static_cast<MessageClass>(c)) > 0) {
                    Packet packet = source.front();
                    packet.journey = metrics::Journey(Picoseconds(cycle * 1000));
                    die.inject(packet, cycle);
                    source.pop_front();
                }
            }
            std::vector<std::uint64_t>& returns = returns_[e];
            for (std::size_t i = 0; i < returns.size();) {
                if (returns[i] == cycle) {
                    die.return_request_credit(e, cycle);
                    returns[i] = returns.back();
                    returns.pop_back();
                } else {
                    ++i;
                }
            }
        }
        for (std::uint32_t l = 0; l < wires_[d].size(); ++l) {
            Wire& wire = wires_[d][l];
            if (!wire.flits.empty() && wire.flits.front().first == cycle) {
                die.receive_flit(l, wire.flits.front().second, cycle);
                wire.flits.pop_front();
            }
            while (!wire.credits.empty() && wire.credits.front().first == cycle) {
                die.return_link_credit(l, wire.credits.front().second, cycle);
                wire.credits.pop_front();
            }
        }
    }

    void collect(std::uint32_t d) {
        const noc::FabricCore& die = *dies[d];
        for (const std::uint32_t slot : die.ejected()) {
            const Packet& packet = die.packet(slot);
            if (plan.endpoint(packet.destination).request_credits > 0 &&
                class_of(packet.kind) == MessageClass::request) {
                returns_[packet.destination].push_back(cycle + std::max<std::uint64_t>(1, service_cycles()));
            }
            if (on_arrival) {
                on_arrival({packet, packet.address, cycle});
            }
        }
        for (const noc::LinkDeparture& departure : die.departures()) {
            const noc::LinkPortPlan& port = plan.die(d).link_ports[departure.link_port];
            LinkFlit flit;
            flit.vc = departure.vc;
            flit.head = departure.head;
            flit.tail = departure.tail;
            if (departure.head) {
                flit.packet = die.packet(departure.packet);
            }
            wires_[port.peer_die][port.peer_link_port].flits.emplace_back(cycle + 1 + link_cycles_, flit);
        }
        for (const noc::LinkCredit& credit : die.link_credits()) {
            const noc::LinkPortPlan& port = plan.die(d).link_ports[credit.link_port];
            wires_[port.peer_die][port.peer_link_port].credits.emplace_back(cycle + 1 + link_cycles_, credit.vc);
        }
    }

    std::uint32_t link_cycles_;
    std::vector<std::deque<Packet>> sources_;
    std::vector<std::vector<std::uint64_t>> returns_; ///< by endpoint: when a packet credit comes back
    std::vector<std::vector<Wire>> wires_;            ///< by die and link port
};

} // namespace intarsia::tests
