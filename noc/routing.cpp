#include "noc/routing.hpp"

#include <algorithm>
#include <cstdlib>

namespace intarsia::noc {

DieRoutes::DieRoutes(const config::SystemConfig& system, const std::vector<DiePlan>& dies)
    : count_(static_cast<std::uint32_t>(dies.size())), next_(std::size_t(count_) * count_, no_die),
      joined_(std::size_t(count_) * count_, 0) {
    for (const config::DieConfig& die : system.dies) {
        centres_.emplace_back(2 * static_cast<std::int64_t>(die.position.x) + static_cast<std::int64_t>(die.width),
                              2 * static_cast<std::int64_t>(die.position.y) + static_cast<std::int64_t>(die.height));
    }
    for (const config::D2dLinkConfig& link : system.links) {
        joined_[pair(link.from_die, link.to_die)] = 1;
        joined_[pair(link.to_die, link.from_die)] = 1;
    }
    if (!fill_from_grid(system)) {
        fill_shortest();
    }
}

// Dimension-ordered moves on the grid of distinct corner positions; refuses when a move has no link, when a
// link is no move of the grid, or when two dies share a cell.
bool DieRoutes::fill_from_grid(const config::SystemConfig& system) {
    std::vector<config::Micrometres> xs;
    std::vector<config::Micrometres> ys;
    for (const config::DieConfig& die : system.dies) {
        xs.push_back(die.position.x);
        ys.push_back(die.position.y);
    }
    for (std::vector<config::Micrometres>* axis : {&xs, &ys}) {
        std::sort(axis->begin(), axis->end());
        axis->erase(std::unique(axis->begin(), axis->end()), axis->end());
    }
    std::vector<Cell> cells;
    std::vector<std::uint32_t> die_at(xs.size() * ys.size(), no_die);
    for (std::uint32_t d = 0; d < count_; ++d) {
        const config::Point at = system.dies[d].position;
        const Cell cell{static_cast<std::uint32_t>(std::lower_bound(xs.begin(), xs.end(), at.x) - xs.begin()),
                        static_cast<std::uint32_t>(std::lower_bound(ys.begin(), ys.end(), at.y) - ys.begin())};
        std::uint32_t& place = die_at[cell.row * xs.size() + cell.column];
        if (place != no_die) {
            return false;
        }
        place = d;
        cells.push_back(cell);
    }
    for (const config::D2dLinkConfig& link : system.links) {
        const Cell a = cells[link.from_die];
        const Cell b = cells[link.to_die];
        const std::uint32_t apart = std::max(a.column, b.column) - std::min(a.column, b.column) +
                                    std::max(a.row, b.row) - std::min(a.row, b.row);
        if (apart != 1) {
            return false;
        }
    }
    std::vector<std::uint32_t> moves(next_.size(), no_die);
    for (std::uint32_t from = 0; from < count_; ++from) {
        for (std::uint32_t to = 0; to < count_; ++to) {
            if (from == to) {
                continue;
            }
            Cell step = cells[from];
            if (step.column != cells[to].column) {
                step.column += step.column < cells[to].column ? 1U : ~0U;
            } else {
                step.row += step.row < cells[to].row ? 1U : ~0U;
            }
            const std::uint32_t neighbour = die_at[step.row * xs.size() + step.column];
            if (neighbour == no_die || joined_[pair(from, neighbour)] == 0) {
                return false;
            }
            moves[pair(from, to)] = neighbour;
        }
    }
    next_ = std::move(moves);
    return true;
}

// Breadth first from every destination; of equally short ways the one through the lower die index.
void DieRoutes::fill_shortest() {
    for (std::uint32_t to = 0; to < count_; ++to) {
        std::vector<std::uint32_t> distance(count_, no_die);
        std::vector<std::uint32_t> queue{to};
        distance[to] = 0;
        for (std::size_t head = 0; head < queue.size(); ++head) {
            for (std::uint32_t from = 0; from < count_; ++from) {
                if (joined_[pair(from, queue[head])] != 0 && distance[from] == no_die) {
                    distance[from] = distance[queue[head]] + 1;
                    queue.push_back(from);
                }
            }
        }
        for (std::uint32_t from = 0; from < count_; ++from) {
            for (std::uint32_t via = 0; via < count_ && from != to && distance[from] != no_die; ++via) {
                if (joined_[pair(from, via)] != 0 && distance[via] + 1 == distance[from]) {
                    next_[pair(from, to)] = via;
                    break;
                }
            }
        }
    }
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> DieRoutes::unreachable() const {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
    for (std::uint32_t from = 0; from < count_; ++from) {
        for (std::uint32_t to = 0; to < count_; ++to) {
            if (from != to && next_[pair(from, to)] == no_die) {
                pairs.emplace_back(from, to);
            }
        }
    }
    return pairs;
}

bool DieRoutes::horizontal(std::uint32_t from, std::uint32_t to) const {
    return std::abs(centres_[from].first - centres_[to].first) >= std::abs(centres_[from].second - centres_[to].second);
}

// Links nearest to the wanted row or column share the destinations among them. Their choice stays the same
// along the way to them: moves in x keep the row, moves in y come nearer to the chosen row than to any other.
const LinkPortPlan& DieRoutes::gateway(const DiePlan& die, std::uint32_t next, bool by_row, std::uint32_t wanted,
                                       EndpointId destination) const {
    std::vector<const LinkPortPlan*> nearest;
    std::pair<std::uint32_t, std::uint32_t> best{UINT32_MAX, UINT32_MAX};
    for (const LinkPortPlan& link : die.link_ports) {
        if (link.peer_die != next) {
            continue;
        }
        const config::RouterPosition at = die.routers[link.router].position;
        const std::uint32_t line = by_row ? at.row : at.column;
        const std::pair<std::uint32_t, std::uint32_t> key{std::max(line, wanted) - std::min(line, wanted), line};
        if (key < best) {
            best = key;
            nearest.clear();
        }
        if (key == best) {
            nearest.push_back(&link);
        }
    }
    require(!nearest.empty(), "a move between dies has a link");
    return *nearest[destination % nearest.size()];
}

std::vector<std::uint8_t> DieRoutes::out_ports(const std::vector<DiePlan>& dies,
                                               const std::vector<EndpointPlan>& endpoints, std::uint32_t die) const {
    const DiePlan& plan = dies[die];
    const std::uint32_t columns = plan.network.columns;
    std::vector<std::uint8_t> table(plan.routers.size() * endpoints.size());
    const auto towards = [&](std::uint32_t router, Direction direction) {
        const std::vector<PortPlan>& ports = plan.routers[router].ports;
        const auto port = std::find_if(ports.begin(), ports.end(), [&](const PortPlan& candidate) {
            return candidate.kind == PortKind::mesh && candidate.direction == direction;
        });
        require(port != ports.end(), "XY routing stays on the mesh");
        return static_cast<std::uint8_t>(port - ports.begin());
    };
    for (std::uint32_t router = 0; router < plan.routers.size(); ++router) {
        for (std::size_t e = 0; e < endpoints.size(); ++e) {
            const EndpointPlan& destination = endpoints[e];
            std::uint32_t target = destination.router;
            std::uint32_t exit = destination.port;
            if (destination.die != die) {
                const std::uint32_t next = next_[pair(die, destination.die)];
                const bool by_row = horizontal(die, next);
                const std::uint32_t wanted =
                    by_row ? router / columns : destination.router % dies[destination.die].network.columns;
                const LinkPortPlan& link = gateway(plan, next, by_row, wanted, static_cast<EndpointId>(e));
                target = link.router;
                exit = link.port;
            }
            std::uint8_t& port = table[router * endpoints.size() + e];
            if (target % columns != router % columns) {
                port = towards(router, target % columns > router % columns ? Direction::east : Direction::west);
            } else if (target != router) {
                port = towards(router, target > router ? Direction::north : Direction::south);
            } else {
                port = static_cast<std::uint8_t>(exit);
            }
        }
    }
    return table;
}

} // namespace intarsia::noc
