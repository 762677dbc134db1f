#include "noc/proof_rows.hpp"

#include <algorithm>
#include <numeric>

namespace intarsia::noc {

DestinationSpace::DestinationSpace(const RouteTables& routes)
    : dense_(routes.dense()), extents_(dense_ ? std::vector<std::uint32_t>{routes.endpoints()} : routes.extents()) {
    first_word_.push_back(0);
    for (const std::uint32_t extent : extents_) {
        first_word_.push_back(first_word_.back() + (extent + 63) / 64);
    }
    if (dense_) {
        return;
    }
    with_.resize(std::size_t(words()) * 64);
    for (std::uint32_t e = 0; e < routes.endpoints(); ++e) {
        for (std::uint32_t level = 0; level < levels(); ++level) {
            const std::uint16_t at = routes.coordinate(e, level);
            coordinates_.push_back(at);
            with_[first_word_[level] * 64 + at].push_back(e);
        }
    }
}

bool DestinationSpace::inside(const std::uint64_t* box, std::uint32_t endpoint) const {
    for (std::uint32_t level = 0; level < levels(); ++level) {
        const std::uint32_t at = coordinates_[std::size_t(endpoint) * levels() + level];
        if ((box[first_word_[level] + at / 64] >> (at % 64) & 1U) == 0) {
            return false;
        }
    }
    return true;
}

// Looks through the endpoints of the level that the box narrows most.
std::uint32_t DestinationSpace::find(const std::uint64_t* box, const std::vector<std::uint8_t>& wanted,
                                     std::uint32_t except) const {
    std::uint32_t narrowest = 0;
    double least = 2;
    for (std::uint32_t level = 0; level < levels(); ++level) {
        std::uint32_t bits = 0;
        for (std::uint32_t w = first_word(level); w < end_word(level); ++w) {
            bits += static_cast<std::uint32_t>(__builtin_popcountll(box[w]));
        }
        const double share = static_cast<double>(bits) / extents_[level];
        if (share < least) {
            least = share;
            narrowest = level;
        }
    }
    for (std::uint32_t w = first_word(narrowest); w < end_word(narrowest); ++w) {
        for (std::uint64_t rest = box[w]; rest != 0; rest &= rest - 1) {
            for (const std::uint32_t e :
                 with_[std::size_t(w) * 64 + static_cast<std::uint32_t>(__builtin_ctzll(rest))]) {
                if (e != except && (wanted.empty() || wanted[e] != 0) && inside(box, e)) {
                    return e;
                }
            }
        }
    }
    return nobody;
}

ProofRows::ProofRows(const NetworkPlan& plan, const DestinationSpace& space) : depth_(space.levels()) {
    const RouteTables& routes = plan.routes;
    std::uint32_t rows = 0;
    for (std::uint32_t router = 0; router < plan.routers.size(); ++router) {
        const auto ports = static_cast<std::uint32_t>(plan.routers[router].ports.size());
        for (std::uint32_t port = 0; port < ports; ++port) {
            for (std::uint32_t vc = 0; vc < plan.virtual_channels; ++vc) {
                const std::uint32_t input = port << routes.vc_bits() | vc;
                const std::uint32_t row = routes.row_of(router, input);
                if (row >= index_.size()) {
                    index_.resize(std::max<std::size_t>(row + 1, 2 * index_.size()), UINT32_MAX);
                }
                if (index_[row] != UINT32_MAX) {
                    continue;
                }
                index_[row] = rows++;
                if (space.dense()) {
                    add_level(space, 0, [&](std::uint32_t destination) {
                        return routes.lookup(router, input, static_cast<EndpointId>(destination));
                    });
                } else {
                    for (const std::uint8_t level : routes.order_of(row)) {
                        add_level(space, level,
                                  [&](std::uint32_t coordinate) { return routes.entry(row, level, coordinate); });
                    }
                }
            }
        }
    }
}

template <class EntryOf>
void ProofRows::add_level(const DestinationSpace& space, std::uint32_t level, EntryOf entry_of) {
    const std::uint32_t words = space.end_word(level) - space.first_word(level);
    Level made;
    made.level = level;
    made.first_part = static_cast<std::uint32_t>(parts_.size());
    const auto new_mask = [&] {
        masks_.resize(masks_.size() + words);
        return masks_.size() - words;
    };
    std::size_t last = parts_.size(); // the part of the entry before: neighbours often share one
    for (std::uint32_t c = 0; c < space.extent(level); ++c) {
        const RouteEntry entry = entry_of(c);
        std::size_t mask = made.here;
        if (entry.port == RouteEntry::here && !space.dense()) {
            mask = made.here = made.here == no_mask ? new_mask() : made.here;
        } else {
            if (last == parts_.size() || parts_[last].entry != entry) {
                last = made.first_part;
                while (last < parts_.size() && parts_[last].entry != entry) {
                    ++last;
                }
                if (last == parts_.size()) {
                    parts_.push_back({entry, new_mask()});
                }
            }
            mask = parts_[last].mask;
        }
        masks_[mask + c / 64] |= std::uint64_t(1) << (c % 64);
    }
    made.end_part = static_cast<std::uint32_t>(parts_.size());
    levels_.push_back(made);
}

} // namespace intarsia::noc
