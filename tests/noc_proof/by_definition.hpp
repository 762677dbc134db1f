// The deadlock proof by definition, for tiny networks: every packet, every virtual channel, every path.
#pragma once

#include "tests/noc_proof/networks.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

namespace intarsia::tests {

class ByDefinition {
  public:
    enum class Verdict { faulty, cyclic, free };

    ByDefinition(const noc::NetworkPlan& plan, const noc::ProofOptions& options) : plan_(plan), options_(options) {
        for (std::uint32_t c = 0; c < plan.class_vcs.size(); ++c) {
            for (std::uint32_t from = 0; from < plan.endpoints.size(); ++from) {
                for (std::uint32_t to = 0; to < plan.endpoints.size(); ++to) {
                    for (std::uint32_t vc = 0; vc < plan.virtual_channels; ++vc) {
                        if (sends(c, from) && takes(c, to) && (plan.class_vcs[c] >> vc & 1) != 0) {
                            follow({injection(from, vc), c, to});
                        }
                    }
                }
            }
        }
        for (const auto& [packet, ways] : ways_) {
            std::set<Packet> passed;
            depend(packet.channel, packet, passed);
        }
        for (std::uint32_t e = 0; e < plan.endpoints.size() && options.request_reply; ++e) {
            for (std::uint32_t vc = 0; vc < plan.virtual_channels; ++vc) {
                for (std::uint32_t other = 0; other < plan.virtual_channels; ++other) {
                    if (taken_.count({e, vc}) != 0 && sends(1, e) && (plan.class_vcs[1] >> other & 1) != 0) {
                        edges_[{true, plan.endpoints[e].router, plan.endpoints[e].port, vc}].insert(
                            injection(e, other));
                    }
                }
            }
        }
    }

    [[nodiscard]] Verdict verdict() const {
        return faulty_ ? Verdict::faulty : shortest_cycle() > 0 ? Verdict::cyclic : Verdict::free;
    }
    /// Vertices of a shortest cycle of the dependency graph (adaptive channels between two waits not counted); 0: none.
    [[nodiscard]] std::size_t shortest_cycle() const {
        std::size_t best = 0;
        for (const auto& [start, unused] : edges_) {
            std::map<Channel, std::size_t> far{{start, 0}};
            std::vector<Channel> queue{start};
            for (std::size_t head = 0; head < queue.size(); ++head) {
                const auto edges = edges_.find(queue[head]);
                if (edges == edges_.end()) {
                    continue;
                }
                for (const Channel& to : edges->second) {
                    if (to == start && (best == 0 || far[queue[head]] + 1 < best)) {
                        best = far[queue[head]] + 1;
                    }
                    if (far.emplace(to, far[queue[head]] + 1).second) {
                        queue.push_back(to);
                    }
                }
            }
        }
        return best;
    }

  private:
    struct Channel {
        bool output = true; ///< of the router; otherwise from an endpoint into it
        std::uint32_t router = 0;
        std::uint32_t port = 0;
        std::uint32_t vc = 0;
        bool operator<(const Channel& o) const {
            return std::tie(output, router, port, vc) < std::tie(o.output, o.router, o.port, o.vc);
        }
        bool operator==(const Channel& o) const { return !(*this < o) && !(o < *this); }
    };
    struct Packet { ///< its head stands at the end of the channel
        Channel channel;
        std::uint32_t message_class = 0;
        std::uint32_t destination = 0;
        bool operator<(const Packet& o) const {
            return std::tie(channel, message_class, destination) < std::tie(o.channel, o.message_class, o.destination);
        }
    };
    struct Way {
        Channel to;
        bool waits = true;
    };

    [[nodiscard]] bool sends(std::uint32_t c, std::uint32_t e) const {
        return c >= options_.traffic.size() || options_.traffic[c].sources.empty() ||
               options_.traffic[c].sources[e] != 0;
    }
    [[nodiscard]] bool takes(std::uint32_t c, std::uint32_t e) const {
        return c >= options_.traffic.size() || options_.traffic[c].destinations.empty() ||
               options_.traffic[c].destinations[e] != 0;
    }
    [[nodiscard]] Channel injection(std::uint32_t endpoint, std::uint32_t vc) const {
        return {false, plan_.endpoints[endpoint].router, plan_.endpoints[endpoint].port, vc};
    }

    void follow(const Packet& first) {
        std::vector<Packet> open{first};
        while (!open.empty()) {
            const Packet packet = open.back();
            open.pop_back();
            if (ways_.count(packet) != 0) {
                continue;
            }
            std::vector<Way>& ways = ways_[packet];
            ways = ways_of(packet);
            for (const Way& way : ways) {
                const noc::NetworkPort& port = plan_.routers[way.to.router].ports[way.to.port];
                if (port.use == noc::PortUse::link) {
                    open.push_back({way.to, packet.message_class, packet.destination});
                } else if (port.endpoint != packet.destination) {
                    faulty_ = true;
                } else if (packet.message_class == 0) {
                    taken_.insert({port.endpoint, way.to.vc});
                }
            }
        }
    }

    std::vector<Way> ways_of(const Packet& packet) {
        const noc::NetworkPort& by = plan_.routers[packet.channel.router].ports[packet.channel.port];
        const noc::PortEnd at =
            packet.channel.output ? by.to : noc::PortEnd{packet.channel.router, packet.channel.port};
        const RouteEntry entry = plan_.routes.lookup(at.router, at.port << plan_.routes.vc_bits() | packet.channel.vc,
                                                     static_cast<EndpointId>(packet.destination));
        noc::RouteList list;
        list.options = {{entry.port, entry.vcs, false}};
        const bool is_list = entry.port == RouteEntry::is_list;
        if (is_list) {
            list = plan_.routes.list(entry);
        }
        std::vector<Way> ways;
        bool escape = false;
        for (const noc::RouteOption& option : list.options) {
            if (option.port >= plan_.routers[at.router].ports.size()) {
                faulty_ = true;
                return {};
            }
            const noc::NetworkPort& port = plan_.routers[at.router].ports[option.port];
            const std::uint32_t vcs = option.vcs & plan_.class_vcs[packet.message_class];
            if ((port.use == noc::PortUse::link && !port.to.exists()) || (vcs == 0 && !list.adaptive)) {
                faulty_ = true;
                return {};
            }
            for (std::uint32_t vc = 0; vc < plan_.virtual_channels; ++vc) {
                if ((vcs >> vc & 1) != 0) {
                    ways.push_back({{true, at.router, option.port, vc}, option.escape || !list.adaptive});
                    escape = escape || option.escape;
                }
            }
        }
        const bool may_choose = list.adaptive && escape && options_.exclusive_adaptive_buffers &&
                                plan_.router.model == noc::RouterModel::vc;
        for (Way& way : ways) {
            way.waits = way.waits || !may_choose;
        }
        faulty_ = faulty_ || ways.empty();
        return ways;
    }

    /// Whoever holds `from` waits, perhaps some adaptive channels on, for what the packet waits for.
    void depend(const Channel& from, const Packet& packet, std::set<Packet>& passed) {
        if (!passed.insert(packet).second) {
            return;
        }
        const noc::NetworkPort& by = plan_.routers[packet.channel.router].ports[packet.channel.port];
        if (packet.channel.output && by.use == noc::PortUse::endpoint) {
            for (std::uint32_t vc = 0; vc < plan_.virtual_channels && options_.request_reply; ++vc) {
                if (packet.message_class == 0 && sends(1, by.endpoint) && (plan_.class_vcs[1] >> vc & 1) != 0) {
                    edges_[from].insert(injection(by.endpoint, vc));
                }
            }
            return;
        }
        const auto ways = ways_.find(packet);
        if (ways == ways_.end()) {
            return;
        }
        for (const Way& way : ways->second) {
            if (way.waits) {
                edges_[from].insert(way.to);
            } else {
                depend(from, {way.to, packet.message_class, packet.destination}, passed);
            }
        }
    }

    using RouteEntry = noc::RouteEntry;
    const noc::NetworkPlan& plan_;
    const noc::ProofOptions& options_;
    std::map<Packet, std::vector<Way>> ways_;
    std::map<Channel, std::set<Channel>> edges_;
    std::set<std::pair<std::uint32_t, std::uint32_t>> taken_;
    bool faulty_ = false;
};

/// What the proof says, in the same terms, and the channels of the cycle that it prints.
struct ProofSays {
    ByDefinition::Verdict verdict = ByDefinition::Verdict::free;
    std::size_t cycle = 0;
};

inline ProofSays proof_says(const noc::NetworkPlan& plan, const noc::ProofOptions& options) {
    const std::string text = refusal(plan, options);
    ProofSays says;
    if (!text.empty()) {
        says.verdict = text.find("can deadlock") == std::string::npos ? ByDefinition::Verdict::faulty
                                                                      : ByDefinition::Verdict::cyclic;
        for (std::size_t at = text.find(" waits for "); at != std::string::npos;
             at = text.find(" waits for ", at + 1)) {
            ++says.cycle;
        }
    }
    return says;
}

} // namespace intarsia::tests
