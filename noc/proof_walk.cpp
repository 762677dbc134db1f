#include "noc/proof_walk.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace intarsia::noc {

namespace {

constexpr std::uint32_t window_words = 16;

bool empty(const std::uint64_t* words, std::uint32_t count) {
    return std::all_of(words, words + count, [](std::uint64_t word) { return word == 0; });
}

const ClassTraffic& traffic_of(const ProofOptions& options, std::uint32_t message_class) {
    static const ClassTraffic all_to_all;
    return message_class < options.traffic.size() ? options.traffic[message_class] : all_to_all;
}

bool flagged(const std::vector<std::uint8_t>& flags, std::uint32_t index) {
    return flags.empty() || (index < flags.size() && flags[index] != 0);
}

} // namespace

ProofWalk::ProofWalk(const NetworkPlan& plan, const ProofOptions& options, const DestinationSpace& space,
                     const ProofRows& rows, const ProofChannels& channels, ProofFaults& faults)
    : plan_(plan), options_(options), space_(space), rows_(rows), channels_(channels), faults_(faults),
      escapes_count_(options.exclusive_adaptive_buffers && plan.router.model == RouterModel::vc),
      arrival_(channels.count()), row_(channels.count()), first_bits_(channels.count()), marks_(channels.count()),
      reached_(channels.count()), pending_(channels.count()) {
    std::size_t words = 0;
    for (std::uint32_t channel = 0; channel < channels.count(); ++channel) {
        const PortEnd at = arrival_[channel] = channels.arrival(channel);
        first_bits_[channel] = words;
        if (at.exists()) {
            const std::uint32_t vc = channels.lowest_vc(channels.group_of(channel));
            row_[channel] = rows.index(plan.routes.row_of(at.router, at.port << plan.routes.vc_bits() | vc));
            words += (plan.routers[at.router].ports.size() * channels.groups() + 63) / 64;
        }
    }
    waits_.resize(words);
    steps_.resize(words);
}

void ProofWalk::walk(std::uint32_t message_class, const Visitor& visit) {
    class_ = message_class;
    class_groups_ = channels_.groups_of(plan_.class_vcs[message_class]);
    wanted_ = traffic_of(options_, message_class).destinations;
    if (!wanted_.empty()) {
        wanted_.resize(plan_.routes.endpoints());
    }
    const std::uint32_t step = space_.dense() ? window_words : space_.words();
    for (window_ = 0; window_ < space_.words(); window_ += step) {
        words_ = std::min(step, space_.words() - window_);
        taken_.resize(words_);
        rest_.resize(words_);
        served_.resize(words_);
        for (std::uint32_t channel = 0; channel < channels_.count(); ++channel) {
            reached_[channel].clear();
            pending_[channel].clear();
        }
        seed(message_class);
        drain();
        if (visit) {
            show(visit);
        }
    }
}

void ProofWalk::show(const Visitor& visit) const {
    for (std::uint32_t channel = 0; channel < channels_.count(); ++channel) {
        const std::vector<std::uint64_t>& reached = reached_[channel];
        if (space_.dense()) {
            for (std::size_t bit = 0; bit < reached.size() * 64; ++bit) {
                if ((reached[bit / 64] >> (bit % 64) & 1U) != 0) {
                    visit(channel, window_ * 64 + static_cast<std::uint32_t>(bit));
                }
            }
            continue;
        }
        for (std::uint32_t e = 0; e < plan_.routes.endpoints() && !reached.empty(); ++e) {
            bool arrives = false;
            for (std::size_t at = 0; at < reached.size() && !arrives; at += words_) {
                arrives = flagged(wanted_, e) && space_.inside(&reached[at], e);
            }
            if (arrives) {
                visit(channel, e);
            }
        }
    }
}

void ProofWalk::seed(std::uint32_t message_class) {
    std::vector<std::uint64_t> all(words_);
    for (std::uint32_t level = 0; level < space_.levels(); ++level) {
        for (std::uint32_t c = 0; c < space_.extent(level); ++c) {
            const std::uint32_t word = space_.first_word(level) + c / 64;
            if (word >= window_ && word < window_ + words_ && (!space_.dense() || flagged(wanted_, c))) {
                all[word - window_] |= std::uint64_t(1) << (c % 64);
            }
        }
    }
    if (find(all.data(), DestinationSpace::nobody) == DestinationSpace::nobody) {
        return;
    }
    const ClassTraffic& traffic = traffic_of(options_, message_class);
    for (std::uint32_t r = 0; r < plan_.routers.size(); ++r) {
        for (std::uint32_t p = 0; p < plan_.routers[r].ports.size(); ++p) {
            const NetworkPort& port = plan_.routers[r].ports[p];
            const bool source = port.use == PortUse::border ||
                                (port.use == PortUse::endpoint && flagged(traffic.sources, port.endpoint));
            for (std::uint32_t g = 0; source && g < channels_.groups(); ++g) {
                if ((class_groups_ >> g & 1U) != 0) {
                    add(channels_.injection(r, p, g), all.data());
                }
            }
        }
    }
}

void ProofWalk::drain() {
    std::vector<std::uint64_t> boxes;
    while (!queue_.empty()) {
        const std::uint32_t channel = queue_.front();
        queue_.pop_front();
        boxes.swap(pending_[channel]);
        pending_[channel].clear();
        for (std::size_t at = 0; at < boxes.size(); at += words_) {
            expand(channel, &boxes[at]);
        }
    }
}

void ProofWalk::expand(std::uint32_t channel, const std::uint64_t* box) {
    std::copy(box, box + words_, rest_.begin());
    const std::uint32_t row = row_[channel];
    for (const ProofRows::Level* level = rows_.begin(row); level != rows_.end(row); ++level) {
        const std::uint32_t first = space_.dense() ? 0 : space_.first_word(level->level);
        const std::uint32_t end = space_.dense() ? words_ : space_.end_word(level->level);
        for (std::uint32_t p = level->first_part; p < level->end_part; ++p) {
            const ProofRows::Part& part = rows_.part(p);
            const std::uint64_t* mask = rows_.mask(part.mask + window_);
            std::uint64_t any = 0;
            for (std::uint32_t w = first; w < end; ++w) {
                any |= served_[w] = rest_[w] & mask[w - first];
            }
            if (any == 0) {
                continue;
            }
            std::copy(rest_.begin(), rest_.begin() + first, served_.begin());
            std::copy(rest_.begin() + end, rest_.end(), served_.begin() + end);
            if (space_.dense() || find(served_.data(), DestinationSpace::nobody) != DestinationSpace::nobody) {
                take(channel, part.entry, served_.data());
            }
        }
        if (level->here == ProofRows::no_mask) {
            return;
        }
        const std::uint64_t* mask = rows_.mask(level->here);
        for (std::uint32_t w = first; w < end; ++w) {
            rest_[w] &= mask[w - first];
        }
        if (empty(&rest_[first], end - first)) {
            return;
        }
    }
    if (find(rest_.data(), DestinationSpace::nobody) != DestinationSpace::nobody) {
        refuse(channel, rest_.data(), "no level of the routing table decides", "give the last level an entry");
    }
}

// Narrows an entry to the groups of a class; the reason if packets cannot go by it.
const char* ProofWalk::resolve(PortEnd at, RouteEntry entry, std::uint32_t class_groups, std::vector<Way>& ways,
                               std::uint8_t& marks) const {
    ways.clear();
    if (entry.port == RouteEntry::none || entry.port == RouteEntry::here) {
        return "the routing table names no way";
    }
    const auto add_way = [&](std::uint32_t port, std::uint32_t vcs, bool waits) -> const char* {
        const std::vector<NetworkPort>& ports = plan_.routers[at.router].ports;
        if (port >= ports.size() || (ports[port].use == PortUse::link && !ports[port].to.exists())) {
            return "the routing table names an output port that does not exist";
        }
        if (vcs >> plan_.virtual_channels != 0) {
            return "the routing table names a virtual channel that does not exist";
        }
        const std::uint32_t groups = channels_.groups_of(vcs) & class_groups;
        if (groups != 0) {
            ways.push_back({port, groups, waits});
        }
        return nullptr;
    };
    if (entry.port != RouteEntry::is_list) {
        const char* fault = add_way(entry.port, entry.vcs, true);
        return fault != nullptr || !ways.empty() ? fault
                                                 : "none of the virtual channels that the routing table names is "
                                                   "one of the class's";
    }
    const RouteList& list = plan_.routes.list(entry);
    for (const RouteOption& option : list.options) {
        if (const char* fault = add_way(option.port, option.vcs, option.escape || !list.adaptive); fault != nullptr) {
            return fault;
        }
    }
    if (ways.empty() || (!list.adaptive && ways.size() != list.options.size())) {
        return "a list of the routing table leaves nothing to ask for, for all its options are on virtual channels of "
               "other classes or it has none";
    }
    if (!list.adaptive) {
        return list.options.size() == 2 ? nullptr : "a random list of the routing table has not two options";
    }
    const bool escape = escapes_count_ && std::any_of(ways.begin(), ways.end(), [](const Way& w) { return w.waits; });
    marks |= escape ? with_escape : without_escape;
    for (Way& way : ways) {
        way.waits = way.waits || !escape;
    }
    return nullptr;
}

void ProofWalk::take(std::uint32_t channel, RouteEntry entry, const std::uint64_t* box) {
    if (entry.port == RouteEntry::none && from_border(channel)) {
        return; // what comes over the border is known by what has a way only
    }
    if (const char* fault = resolve(arrival_[channel], entry, class_groups_, ways_, marks_[channel]);
        fault != nullptr) {
        refuse(channel, box, fault, "mend the table, or take one that the topology brings along");
        return;
    }
    for (const Way& way : ways_) {
        go(channel, way, box);
    }
}

void ProofWalk::go(std::uint32_t channel, const Way& way, const std::uint64_t* box) {
    const std::uint32_t router = arrival_[channel].router;
    const NetworkPort& port = plan_.routers[router].ports[way.port];
    if (port.use == PortUse::endpoint && find(box, port.endpoint) != DestinationSpace::nobody) {
        refuse(channel, box,
               fmt::format("the routing table leads into {}", plan_.endpoints[port.endpoint].name).c_str(),
               "lead packets to their own destination");
        return;
    }
    for (std::uint32_t g = 0; g < channels_.groups(); ++g) {
        if ((way.groups >> g & 1U) == 0) {
            continue;
        }
        const std::uint32_t bit = way.port * channels_.groups() + g;
        (way.waits ? waits_ : steps_)[first_bits_[channel] + bit / 64] |= std::uint64_t(1) << (bit % 64);
        const std::uint32_t next = channels_.output(router, way.port, g);
        if (port.use == PortUse::link) {
            add(next, box);
        } else if (port.use == PortUse::endpoint && class_ == 0) {
            marks_[next] |= takes_requests;
        }
    }
}

void ProofWalk::add(std::uint32_t channel, const std::uint64_t* box) {
    std::vector<std::uint64_t>& pending = pending_[channel];
    const bool queued = !pending.empty();
    if (space_.levels() > 1) {
        add_product(channel, box);
    } else {
        std::vector<std::uint64_t>& reached = reached_[channel];
        reached.resize(words_);
        for (std::uint32_t w = 0; w < words_; ++w) {
            const std::uint64_t fresh = box[w] & ~reached[w];
            if (fresh != 0) {
                pending.resize(words_);
                pending[w] |= fresh;
                reached[w] |= fresh;
            }
        }
    }
    if (!queued && !pending.empty()) {
        queue_.push_back(channel);
    }
}

// A union of two products is a product if they differ in one level at most.
void ProofWalk::add_product(std::uint32_t channel, const std::uint64_t* box) {
    std::vector<std::uint64_t>& reached = reached_[channel];
    std::vector<std::uint64_t>& pending = pending_[channel];
    for (std::size_t at = 0; at < reached.size(); at += words_) {
        std::uint32_t different = 0;
        std::uint32_t beyond = 0;
        std::uint32_t which = 0;
        for (std::uint32_t level = 0; level < space_.levels(); ++level) {
            bool equal = true;
            bool within = true;
            for (std::uint32_t w = space_.first_word(level); w < space_.end_word(level); ++w) {
                equal = equal && box[w] == reached[at + w];
                within = within && (box[w] & ~reached[at + w]) == 0;
            }
            different += equal ? 0 : 1;
            beyond += within ? 0 : 1;
            which = within ? which : level;
        }
        if (beyond == 0) {
            return;
        }
        if (different == 1) {
            const std::size_t old = pending.size();
            pending.insert(pending.end(), box, box + words_);
            for (std::uint32_t w = space_.first_word(which); w < space_.end_word(which); ++w) {
                pending[old + w] &= ~reached[at + w];
                reached[at + w] |= box[w];
            }
            return;
        }
    }
    reached.insert(reached.end(), box, box + words_);
    pending.insert(pending.end(), box, box + words_);
}

bool ProofWalk::from_border(std::uint32_t channel) const {
    const PortEnd at = channels_.port_of(channel);
    return channels_.is_injection(channel) && plan_.routers[at.router].ports[at.port].use == PortUse::border;
}

std::uint32_t ProofWalk::find(const std::uint64_t* box, std::uint32_t except) const {
    if (!space_.dense()) {
        return space_.find(box, wanted_, except);
    }
    for (std::uint32_t w = 0; w < words_; ++w) {
        for (std::uint64_t rest = box[w]; rest != 0; rest &= rest - 1) {
            const std::uint32_t endpoint = (window_ + w) * 64 + static_cast<std::uint32_t>(__builtin_ctzll(rest));
            if (endpoint != except) {
                return endpoint;
            }
        }
    }
    return DestinationSpace::nobody;
}

void ProofWalk::refuse(std::uint32_t channel, const std::uint64_t* box, const char* what, const char* remedy) {
    const PortEnd at = channels_.port_of(channel);
    const NetworkPort& port = plan_.routers[at.router].ports[at.port];
    const std::uint32_t own = port.use == PortUse::endpoint ? port.endpoint : DestinationSpace::nobody;
    std::uint32_t destination = find(box, own); // rather another than the source itself
    destination = destination == DestinationSpace::nobody ? own : destination;
    faults_.add(fmt::format("{} for packets of class {} to {} that come by {}", what, class_,
                            destination < plan_.endpoints.size() ? plan_.endpoints[destination].name
                                                                 : fmt::format("endpoint {}", destination),
                            channels_.name(channel, {})),
                remedy);
}

void ProofWalk::dependencies(std::uint32_t channel, std::vector<Dependency>& list) const {
    const PortEnd at = arrival_[channel];
    if (at.exists()) {
        const std::size_t bits = plan_.routers[at.router].ports.size() * channels_.groups();
        for (std::size_t word = 0; word < (bits + 63) / 64; ++word) {
            const std::uint64_t waits = waits_[first_bits_[channel] + word];
            for (std::uint64_t rest = waits | steps_[first_bits_[channel] + word]; rest != 0; rest &= rest - 1) {
                const auto bit = static_cast<std::uint32_t>(__builtin_ctzll(rest));
                list.push_back({channels_.output(at.router, 0, 0) + static_cast<std::uint32_t>(word) * 64 + bit,
                                (waits >> bit & 1U) != 0});
            }
        }
    } else if (options_.request_reply && (marks_[channel] & takes_requests) != 0 && plan_.class_vcs.size() > 1) {
        const PortEnd place = channels_.port_of(channel);
        const ClassTraffic& replies = traffic_of(options_, 1);
        const std::uint32_t groups = flagged(replies.sources, plan_.routers[place.router].ports[place.port].endpoint)
                                         ? channels_.groups_of(plan_.class_vcs[1])
                                         : 0;
        for (std::uint32_t g = 0; g < channels_.groups(); ++g) {
            if ((groups >> g & 1U) != 0) {
                list.push_back({channels_.injection(place.router, place.port, g), true});
            }
        }
    }
}

void ProofWalk::dependencies(std::uint32_t channel, std::uint32_t destination, std::uint32_t message_class,
                             std::vector<Dependency>& list) {
    const PortEnd at = arrival_[channel];
    const std::uint32_t vc = channels_.lowest_vc(channels_.group_of(channel));
    const RouteEntry entry =
        plan_.routes.lookup(at.router, at.port << plan_.routes.vc_bits() | vc, static_cast<EndpointId>(destination));
    std::uint8_t marks = 0;
    if (resolve(at, entry, channels_.groups_of(plan_.class_vcs[message_class]), ways_, marks) != nullptr) {
        return; // from the border, where no packet to there comes
    }
    for (const Way& way : ways_) {
        for (std::uint32_t g = 0; g < channels_.groups(); ++g) {
            if ((way.groups >> g & 1U) != 0) {
                list.push_back({channels_.output(at.router, way.port, g), way.waits});
            }
        }
    }
}

} // namespace intarsia::noc
