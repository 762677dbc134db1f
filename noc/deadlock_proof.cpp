#include "noc/deadlock_proof.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>
#include <fmt/format.h>

namespace intarsia::noc {

namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

/// Numbers the channels: router outputs of all dies, then interfaces; each once for every set of virtual
/// channels.
class Channels {
  public:
    Channels(const PackagePlan& plan, bool replies) : plan_(plan) {
        for (std::uint32_t d = 0; d < plan.die_count(); ++d) {
            first_.push_back(outputs_);
            outputs_ += plan.die(d).routers.size() * max_router_ports;
            shared_ = shared_ || (replies && plan.die(d).network.reply_vcs == 0);
        }
        sets_ = replies && !shared_ ? 2 : 1;
        per_set_ = outputs_ + plan.endpoint_count();
    }

    [[nodiscard]] std::size_t count() const { return per_set_ * sets_; }
    [[nodiscard]] bool shared() const { return shared_; }
    [[nodiscard]] std::size_t output(std::uint32_t die, std::uint32_t router, std::uint32_t port,
                                     MessageClass message_class) const {
        return set(message_class) + first_[die] + std::size_t(router) * max_router_ports + port;
    }
    [[nodiscard]] std::size_t injection(EndpointId endpoint, MessageClass message_class) const {
        return set(message_class) + outputs_ + endpoint;
    }

    [[nodiscard]] std::string name(std::size_t channel) const {
        const char* classes = shared_ ? "requests and replies" : channel < per_set_ ? "requests" : "replies";
        const std::size_t place = channel % per_set_;
        if (place >= outputs_) {
            return fmt::format("{}->network [{}]", plan_.endpoint(static_cast<EndpointId>(place - outputs_)).name,
                               classes);
        }
        const auto die =
            static_cast<std::uint32_t>(std::upper_bound(first_.begin(), first_.end(), place) - first_.begin() - 1);
        const auto within = static_cast<std::uint32_t>(place - first_[die]);
        return fmt::format("{} [{}]", plan_.channel_name(die, within / max_router_ports, within % max_router_ports),
                           classes);
    }

  private:
    [[nodiscard]] std::size_t set(MessageClass message_class) const {
        return sets_ == 2 && message_class == MessageClass::reply ? per_set_ : 0;
    }

    const PackagePlan& plan_;
    std::vector<std::size_t> first_;
    std::size_t outputs_ = 0;
    std::size_t per_set_ = 0;
    std::size_t sets_ = 1;
    bool shared_ = false;
};

/// Walks every route and notes which channel is asked for from which.
class Dependencies {
  public:
    Dependencies(const PackagePlan& plan, bool replies)
        : plan_(plan), channels_(plan, replies), walked_(channels_.count(), nobody), graph_(channels_.count()) {
        const std::uint32_t endpoints = plan.endpoint_count();
        const auto is_core = [&](std::uint32_t e) { return !plan.endpoint(static_cast<EndpointId>(e)).stack; };
        std::vector<std::uint8_t> all(endpoints, 1);
        std::vector<std::uint8_t> cores(endpoints);
        for (std::uint32_t e = 0; e < endpoints; ++e) {
            cores[e] = is_core(e) ? 1 : 0;
        }
        walk_all(MessageClass::request, replies ? cores : all, all);
        if (!replies) {
            return;
        }
        walk_all(MessageClass::reply, all, cores);
        for (std::uint32_t e = 0; e < endpoints; ++e) {
            const auto id = static_cast<EndpointId>(e);
            const EndpointPlan& at = plan.endpoint(id);
            boost::add_edge(channels_.output(at.die, at.router, at.port, MessageClass::request),
                            channels_.injection(id, MessageClass::reply), graph_);
        }
    }

    [[nodiscard]] const Channels& channels() const { return channels_; }

    /// A shortest cycle through the lowest channel that lies on one; empty when there is none.
    [[nodiscard]] std::vector<std::size_t> cycle() const {
        std::vector<std::size_t> component(channels_.count());
        const std::size_t components = boost::strong_components(
            graph_, boost::make_iterator_property_map(component.begin(), boost::get(boost::vertex_index, graph_)));
        std::vector<std::uint32_t> members(components);
        for (const std::size_t c : component) {
            ++members[c];
        }
        for (std::size_t start = 0; start < component.size(); ++start) {
            if (members[component[start]] > 1 || boost::edge(start, start, graph_).second) {
                return shortest_cycle(start);
            }
        }
        return {};
    }

  private:
    static constexpr std::uint32_t nobody = UINT32_MAX;

    void walk_all(MessageClass message_class, const std::vector<std::uint8_t>& sources,
                  const std::vector<std::uint8_t>& destinations) {
        for (std::uint32_t to = 0; to < destinations.size(); ++to) {
            for (std::uint32_t from = 0; from < sources.size() && destinations[to] != 0; ++from) {
                if (sources[from] != 0) {
                    walk(static_cast<EndpointId>(from), static_cast<EndpointId>(to), message_class);
                }
            }
        }
        std::fill(walked_.begin(), walked_.end(), nobody);
    }

    // Routes to one destination merge, so a walk ends where an earlier one to the same destination has been.
    void walk(EndpointId from, EndpointId to, MessageClass message_class) {
        std::uint32_t die = plan_.endpoint(from).die;
        std::uint32_t router = plan_.endpoint(from).router;
        std::size_t channel = channels_.injection(from, message_class);
        while (walked_[channel] != to) {
            walked_[channel] = to;
            const std::uint32_t port_index = plan_.out_port(die, router, to);
            const PortPlan& port = plan_.die(die).routers[router].ports[port_index];
            const std::size_t next = channels_.output(die, router, port_index, message_class);
            add_dependency(channel, next);
            if (port.kind == PortKind::endpoint) {
                return;
            }
            if (port.kind == PortKind::mesh) {
                router = port.peer_router;
            } else {
                const LinkPortPlan& link = plan_.die(die).link_ports[port.link_port];
                die = link.peer_die;
                router = plan_.die(die).link_ports[link.peer_link_port].router;
            }
            channel = next;
        }
    }

    void add_dependency(std::size_t from, std::size_t to) {
        const auto [edge, end] = boost::out_edges(from, graph_); // at most one a port: a short list
        if (std::none_of(edge, end, [&](const auto& e) { return boost::target(e, graph_) == to; })) {
            boost::add_edge(from, to, graph_);
        }
    }

    [[nodiscard]] std::vector<std::size_t> shortest_cycle(std::size_t start) const {
        std::vector<std::size_t> before(channels_.count(), channels_.count());
        std::vector<std::size_t> queue{start};
        for (std::size_t head = 0; head < queue.size(); ++head) {
            const auto [first, end] = boost::out_edges(queue[head], graph_);
            for (auto edge = first; edge != end; ++edge) {
                const std::size_t to = boost::target(*edge, graph_);
                if (to == start) {
                    std::vector<std::size_t> cycle;
                    for (std::size_t c = queue[head]; c != start; c = before[c]) {
                        cycle.push_back(c);
                    }
                    cycle.push_back(start);
                    std::reverse(cycle.begin(), cycle.end());
                    return cycle;
                }
                if (before[to] == channels_.count()) {
                    before[to] = queue[head];
                    queue.push_back(to);
                }
            }
        }
        throw InvariantError("a channel of a strong component lies on a cycle");
    }

    const PackagePlan& plan_;
    Channels channels_;
    std::vector<std::uint32_t> walked_; ///< the last destination whose routes have passed here
    Graph graph_;
};

} // namespace

void prove_deadlock_freedom(const PackagePlan& plan, bool replies) {
    const Dependencies dependencies(plan, replies);
    const std::vector<std::size_t> cycle = dependencies.cycle();
    if (cycle.empty()) {
        return;
    }
    std::string names;
    for (const std::size_t channel : cycle) {
        names += dependencies.channels().name(channel) + " waits for ";
    }
    names += dependencies.channels().name(cycle.front());
    Diagnostic fault;
    fault.place.file = plan.name();
    fault.place.where = "network";
    fault.message = "the network can deadlock: " + names;
    fault.remedy = dependencies.channels().shared()
                       ? "give requests and replies virtual channels of their own (request_vcs and reply_vcs)"
                       : "join neighbouring dies by one link in every row (column) of facing routers or by a single "
                         "link a side, and arrange dies in a grid without rings";
    throw InputError(std::move(fault));
}

} // namespace intarsia::noc
