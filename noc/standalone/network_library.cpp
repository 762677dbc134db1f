// The public library of include/intarsia/network.hpp, over the stand-alone network.
#include "include/intarsia/network.hpp"

#include "config/errors.hpp"
#include "noc/standalone/driver.hpp"
#include "noc/standalone/load_setup.hpp"
#include "noc/standalone/source_random.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace intarsia {

static_assert(Network::max_packet_flits == noc::standalone::max_packet_flits);

struct Network::Core {
    explicit Core(noc::standalone::NetworkSetup network)
        : setup(std::move(network)), engine(setup.make(setup.plan, setup.sink)),
          driver(*engine, noc::standalone::watchdog_cycles(setup)), in_flight_of(setup.plan.endpoints.size()) {}

    /// The network for a host's packets, its faults as the host is told of them.
    template <class Load>
    static std::unique_ptr<Core> make(const Load& load) {
        try {
            return std::make_unique<Core>(load().setup);
        } catch (const InputError& error) {
            throw NetworkError(error.what());
        }
    }

    void require_movement() const {
        if (!stuck.empty()) {
            throw NetworkError(stuck);
        }
    }

    /// Simulates next_cycle.
    void tick() {
        try {
            collect(driver.tick(next_cycle));
            now = next_cycle + 1;
            next_cycle = driver.next_cycle(never);
        } catch (const StuckError& error) {
            now = driver.cycle() + 1;
            next_cycle = never;
            stuck = error.what();
            throw NetworkError(stuck);
        }
    }

    void collect(std::span<const noc::DeliveredPacket> arrived) {
        const auto first = static_cast<std::ptrdiff_t>(deliveries.size());
        for (const noc::DeliveredPacket& each : arrived) {
            const noc::TrafficPacket& packet = each.packet;
            --in_flight_of[packet.source];
            deliveries.push_back({packet.id, packet.source, packet.destination, packet.flits, packet.message_class,
                                  packet.priority, each.hops, packet.created, each.inject_head, each.inject_tail,
                                  each.eject_head, each.eject_tail});
        }
        // A destination takes one tail a cycle.
        std::sort(deliveries.begin() + first, deliveries.end(),
                  [](const Delivery& a, const Delivery& b) { return a.destination < b.destination; });
    }

    void require_port(std::uint32_t router, std::uint32_t port) const {
        if (port >= setup.plan.routers.at(router).ports.size()) {
            throw std::out_of_range("a router has no such port");
        }
    }

    noc::standalone::NetworkSetup setup;
    std::unique_ptr<noc::NetworkEngine> engine;
    noc::standalone::Driver driver;
    std::uint64_t now = 0;
    std::uint64_t next_cycle = never;        ///< not before now
    std::deque<Delivery> deliveries;         ///< not polled yet
    std::vector<std::uint64_t> in_flight_of; ///< by source
    std::string stuck;                       ///< who waits for whom, once nothing will ever move
};

Network::Network(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;
Network::~Network() = default;

Network Network::from_file(const std::string& path_or_preset, const std::vector<std::string>& overrides) {
    return Network(Core::make([&] { return noc::standalone::load_embedded_network(path_or_preset, overrides); }));
}

Network Network::from_text(const std::string& toml, const std::vector<std::string>& overrides) {
    return Network(Core::make([&] { return noc::standalone::parse_embedded_network(toml, "text", overrides); }));
}

std::uint32_t Network::node_count() const {
    return static_cast<std::uint32_t>(core_->setup.plan.endpoints.size());
}
std::uint32_t Network::class_count() const {
    return static_cast<std::uint32_t>(core_->setup.plan.class_vcs.size());
}
std::uint32_t Network::router_count() const {
    return static_cast<std::uint32_t>(core_->setup.plan.routers.size());
}
const std::string& Network::node_name(std::uint32_t node) const {
    return core_->setup.plan.endpoints.at(node).name;
}
const std::string& Network::router_name(std::uint32_t router) const {
    return core_->setup.plan.routers.at(router).name;
}
std::uint32_t Network::port_count(std::uint32_t router) const {
    return static_cast<std::uint32_t>(core_->setup.plan.routers.at(router).ports.size());
}
const std::string& Network::port_name(std::uint32_t router, std::uint32_t port) const {
    return core_->setup.plan.routers.at(router).ports.at(port).name;
}
std::uint64_t Network::now() const {
    return core_->now;
}

void Network::inject(const Packet& packet) {
    Core& core = *core_;
    if (packet.source >= node_count() || packet.destination >= node_count()) {
        throw std::out_of_range("a packet's source or destination is no node of the network");
    }
    if (packet.message_class >= class_count()) {
        throw std::out_of_range("a packet's message class is none of the network");
    }
    if (packet.flits == 0 || packet.flits > max_packet_flits) {
        throw std::invalid_argument("a packet has from 1 to 65535 flits");
    }
    noc::TrafficPacket traffic;
    traffic.id = packet.id;
    traffic.created = core.now;
    traffic.flits = packet.flits;
    traffic.source = static_cast<EndpointId>(packet.source);
    traffic.destination = static_cast<EndpointId>(packet.destination);
    traffic.message_class = packet.message_class;
    traffic.priority = packet.priority;
    traffic.random = static_cast<std::uint8_t>(noc::standalone::mix64(core.driver.offered()));
    core.driver.offer(traffic);
    ++core.in_flight_of[packet.source];
    core.next_cycle = core.now;
}

void Network::advance(std::uint64_t cycle) {
    Core& core = *core_;
    core.require_movement();
    if (cycle < core.now || cycle == never) {
        throw std::invalid_argument("a network's time runs forwards, to some cycle");
    }
    while (core.next_cycle < cycle) {
        core.tick();
    }
    core.now = cycle;
}

bool Network::advance_to_delivery(std::uint64_t cycle) {
    Core& core = *core_;
    core.require_movement();
    if (cycle < core.now) {
        throw std::invalid_argument("a network's time does not run backwards");
    }
    while (core.deliveries.empty() && core.next_cycle < cycle) {
        core.tick();
    }
    if (core.deliveries.empty() && cycle != never) {
        core.now = cycle;
    }
    return !core.deliveries.empty();
}

std::optional<Network::Delivery> Network::poll() {
    if (core_->deliveries.empty()) {
        return std::nullopt;
    }
    const Delivery delivery = core_->deliveries.front();
    core_->deliveries.pop_front();
    return delivery;
}

std::uint64_t Network::next_event() const {
    return core_->next_cycle;
}
std::uint64_t Network::in_flight() const {
    return core_->engine->in_flight();
}
std::uint64_t Network::in_flight(std::uint32_t source) const {
    return core_->in_flight_of.at(source);
}

Network::PortCounters Network::counters(std::uint32_t router, std::uint32_t port) const {
    core_->require_port(router, port);
    noc::OutputCounters counters = core_->engine->counters(router, port);
    return {std::move(counters.flits), counters.no_vc, counters.no_credit, counters.lost_allocation};
}

std::uint64_t Network::flit_hops() const {
    return core_->engine->flit_hops();
}

} // namespace intarsia
