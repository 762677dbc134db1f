#include "noc/deadlock_proof.hpp"

#include "noc/proof_channels.hpp"
#include "noc/proof_escape.hpp"
#include "noc/proof_graph.hpp"
#include "noc/proof_package.hpp"
#include "noc/proof_walk.hpp"

#include <fmt/format.h>
#include <set>

namespace intarsia::noc {

namespace {

/// A cycle of channels, and what shows which remedy fits.
struct Cycle {
    std::string names;
    bool through_endpoint = false; ///< from requests to replies
    bool lacks_escape = false;     ///< adaptive choice without an escape
    bool adapts = false;           ///< adaptive choice with one
    bool one_dimension = false;    ///< around a ring of a torus
};

std::vector<std::uint32_t> waiting_cycle(const NetworkPlan& plan, ProofWalk& walk, std::uint32_t channels) {
    const auto successors = [&](std::uint32_t channel, std::vector<Dependency>& list) {
        walk.dependencies(channel, list);
    };
    const std::vector<std::uint32_t> component = strong_components(channels, successors);
    std::vector<std::uint8_t> doubtful_component(channels);
    bool adaptive = false;
    std::vector<Dependency> list;
    for (std::uint32_t channel = 0; channel < channels; ++channel) {
        list.clear();
        successors(channel, list);
        for (const Dependency& dependency : list) {
            if (dependency.waits && component[dependency.to] == component[channel]) {
                doubtful_component[component[channel]] = 1;
            }
        }
    }
    std::vector<std::uint8_t> doubtful(channels);
    for (std::uint32_t channel = 0; channel < channels; ++channel) {
        doubtful[channel] = doubtful_component[component[channel]];
        list.clear();
        if (doubtful[channel] != 0) {
            successors(channel, list);
        }
        for (const Dependency& dependency : list) {
            adaptive = adaptive || (!dependency.waits && component[dependency.to] == component[channel]);
        }
    }
    if (adaptive) {
        if (auto cycle = find_escape_cycle(plan, walk, doubtful)) {
            return std::move(*cycle);
        }
    }
    return short_waiting_cycle(component, successors);
}

Cycle describe(const NetworkPlan& plan, const ProofWalk& walk, const ProofChannels& channels,
               const std::vector<std::uint32_t>& cycle, const std::vector<std::string>& class_names) {
    Cycle described;
    std::set<std::size_t> dimensions;
    bool coordinates = true;
    for (const std::uint32_t channel : cycle) {
        described.names += channels.name(channel, class_names) + " waits for ";
        described.through_endpoint = described.through_endpoint || channels.is_injection(channel);
        described.lacks_escape = described.lacks_escape || walk.lacks_escape(channel);
        described.adapts = described.adapts || walk.adapts(channel);
        const PortEnd to = channels.arrival(channel);
        const std::vector<std::uint32_t>& here = plan.routers[channels.port_of(channel).router].at;
        const std::vector<std::uint32_t>& there = to.exists() ? plan.routers[to.router].at : here;
        coordinates = coordinates && !here.empty() && here.size() == there.size();
        for (std::size_t d = 0; coordinates && d < here.size(); ++d) {
            if (here[d] != there[d]) {
                dimensions.insert(d);
            }
        }
    }
    described.names += channels.name(cycle.front(), class_names);
    described.one_dimension = coordinates && dimensions.size() == 1 && cycle.size() > 2;
    return described;
}

std::string remedy_for(const NetworkPlan& plan, const ProofOptions& options, const Cycle& cycle) {
    if (cycle.through_endpoint) {
        return "requests and replies share virtual channels: give each class its own";
    }
    if (plan.router.model == RouterModel::wormhole && cycle.adapts) {
        return "wormhole routers have no escape channels: take routing without choice, or along turns that close no "
               "cycle";
    }
    if (cycle.lacks_escape) {
        return options.exclusive_adaptive_buffers ? "keep a virtual channel of each class as escape from adaptive "
                                                    "routing, by dimension order or up*/down* "
                                                    "(routing = \"min_adaptive\" does), or route without choice"
                                                  : "adaptive channels are given to heads while other packets stand in "
                                                    "them, so that an escape does not "
                                                    "help: route without choice";
    }
    if (cycle.one_dimension) {
        return cycle.adapts
                   ? "the escape channels go round a ring: give each class two of them, with datelines (at least three "
                     "virtual channels for each class, and dateline = true), or take a mesh"
                   : "the ring needs two sets of virtual channels with datelines (at least two virtual channels for "
                     "each "
                     "class, and dateline = true), or take a mesh";
    }
    if (cycle.adapts) {
        return "let the escape channels route by dimension order or up*/down*, and packets on them stay on them";
    }
    if (!plan.routers.empty() && !plan.routers.front().at.empty()) {
        return "route by one order of dimensions (routing = \"dor\") or up*/down* (routing = \"updown\"), or give each "
               "order "
               "of dimensions its own virtual channels";
    }
    return "take up*/down* routing (routing = \"updown\"), which suits every network, or cross each ring's dateline to "
           "a "
           "second set of virtual channels";
}

/// The cycle by which a network can deadlock, nothing if it cannot; throws the faults of its tables.
std::optional<Cycle> find_cycle(const NetworkPlan& plan, const ProofOptions& options,
                                const std::vector<std::string>& class_names) {
    ProofFaults faults(options.place);
    check_wiring(plan, faults);
    faults.throw_if_any();
    const DestinationSpace space(plan.routes);
    const ProofRows rows(plan, space);
    const ProofChannels channels(plan, rows);
    ProofWalk walk(plan, options, space, rows, channels, faults);
    for (std::uint32_t c = 0; c < plan.class_vcs.size(); ++c) {
        walk.walk(c);
    }
    faults.throw_if_any();
    const std::vector<std::uint32_t> cycle = waiting_cycle(plan, walk, channels.count());
    if (cycle.empty()) {
        return std::nullopt;
    }
    return describe(plan, walk, channels, cycle, class_names);
}

SourcePlace place_or(const SourcePlace& place, const std::string& name) {
    if (!place.file.empty()) {
        return place;
    }
    SourcePlace made;
    made.file = name;
    made.where = "network";
    return made;
}

} // namespace

void prove_deadlock_freedom(const NetworkPlan& plan, const ProofOptions& options) {
    ProofOptions placed = options;
    placed.place = place_or(options.place, plan.name);
    const std::vector<std::string> classes =
        options.request_reply ? std::vector<std::string>{"requests", "replies"} : std::vector<std::string>{};
    if (const auto cycle = find_cycle(plan, placed, classes)) {
        throw InputError(
            {placed.place, "the network can deadlock: " + cycle->names, remedy_for(plan, options, *cycle)});
    }
}

void prove_deadlock_freedom(const PackagePlan& plan, bool replies, const SourcePlace& place) {
    const NetworkPlan network = joined_network(plan, replies);
    ProofOptions options = package_traffic(plan, replies);
    options.place = place_or(place, plan.name());
    if (const auto cycle = find_cycle(network, options, {"requests", "replies"})) {
        throw InputError({options.place, "the network can deadlock: " + cycle->names,
                          cycle->through_endpoint
                              ? "give requests and replies virtual channels of their own (request_vcs and reply_vcs)"
                              : "join neighbouring dies by one link in every row (column) of facing routers or by a "
                                "single link a side, "
                                "and arrange dies in a grid without rings"});
    }
}

} // namespace intarsia::noc
