#include "noc/topology/grid.hpp"

#include <algorithm>
#include <bit>

namespace intarsia::noc {

namespace {

/// Whether packets on a closed line reach coordinate `at` going up with `to` ahead of them: the router before it is the
/// nearest source, and nobody goes further than half the way round.
bool carried_up(std::uint32_t extent, std::uint32_t at, std::uint32_t to, bool crossing) {
    if (crossing) {
        // Before the wrap-around link from the router before, behind it from the last router at the latest.
        return to < at ? at >= 1 && 2 * (to + extent - at + 1) <= extent : 2 * (to + 1) <= extent;
    }
    return at >= 1 && to >= at && 2 * (to - at + 1) <= extent;
}

bool carried(const RingWay& way, std::uint32_t extent, std::uint32_t at, std::uint32_t to) {
    if (way.way == PortTag::up) {
        return carried_up(extent, at, to, way.crosses);
    }
    return carried_up(extent, extent - 1 - at, extent - 1 - to, way.crosses);
}

class GridRouting {
  public:
    GridRouting(const Wiring& wiring, const Grid& grid, const DimensionOrder& routing)
        : wiring_(wiring), grid_(grid), routing_(routing),
          all_(static_cast<std::uint16_t>((1U << routing.virtual_channels) - 1)), halves_{all_, all_},
          place_level_(static_cast<std::uint32_t>(grid.dims.size())) {
        if (grid.lines == Grid::Lines::closed && routing.dateline) {
            halves_ = halves_of(routing.class_vcs);
        }
    }

    RouteTables tables() {
        const auto& routers = wiring_.plan.routers;
        std::vector<std::uint32_t> ports;
        ports.reserve(routers.size());
        for (const NetworkRouter& router : routers) {
            ports.push_back(static_cast<std::uint32_t>(router.ports.size()));
        }
        std::vector<std::uint32_t> extents = grid_.dims;
        extents.push_back(grid_.concentration);
        std::vector<std::uint8_t> order = routing_.order;
        order.push_back(static_cast<std::uint8_t>(place_level_));
        tables_ = RouteTables(vc_bits_of(routing_.virtual_channels), ports, extents, coordinates(), {order});
        for (std::uint32_t r = 0; r < routers.size(); ++r) {
            set_router(r);
        }
        return std::move(tables_);
    }

  private:
    [[nodiscard]] std::vector<std::uint16_t> coordinates() const {
        std::vector<std::uint16_t> all(wiring_.plan.endpoints.size() * (place_level_ + 1));
        for (const NetworkRouter& router : wiring_.plan.routers) {
            std::uint16_t place = 0;
            for (const NetworkPort& port : router.ports) {
                if (port.use == PortUse::endpoint) {
                    auto at = all.begin() + static_cast<std::ptrdiff_t>(port.endpoint) * (place_level_ + 1);
                    at = std::copy(router.at.begin(), router.at.end(), at);
                    *at = place++;
                }
            }
        }
        return all;
    }

    void set_router(std::uint32_t r) {
        const std::vector<NetworkPort>& ports = wiring_.plan.routers[r].ports;
        std::uint32_t injection = UINT32_MAX;
        for (std::uint32_t p = 0; p < ports.size(); ++p) {
            if (ports[p].use == PortUse::endpoint) {
                if (injection == UINT32_MAX) {
                    injection = add_row(r, 0);
                }
                send(r, p, all_, injection);
                continue;
            }
            const PortTag tag = wiring_.tags[r][p];
            const auto place = std::find(routing_.order.begin(), routing_.order.end(), tag.dimension);
            const auto position = static_cast<std::size_t>(place - routing_.order.begin());
            for (const bool upper : {false, true}) {
                // Channels in both halves have one row.
                const std::uint16_t both = halves_.lower & halves_.upper;
                const auto mine = static_cast<std::uint16_t>(upper ? halves_.upper & ~both : halves_.lower & ~both);
                if (mine != 0) {
                    const std::uint32_t row = add_row(r, position + 1);
                    stay(row, r, tag, upper, !upper);
                    send(r, p, mine, row);
                }
            }
            if ((halves_.lower & halves_.upper) != 0) {
                const std::uint32_t row = add_row(r, position + 1);
                stay(row, r, tag, true, true);
                send(r, p, halves_.lower & halves_.upper, row);
            }
        }
    }

    void send(std::uint32_t r, std::uint32_t port, std::uint32_t vcs, std::uint32_t row) {
        for (std::uint32_t vc = 0; vc < routing_.virtual_channels; ++vc) {
            if ((vcs >> vc & 1U) != 0) {
                tables_.set_row(r, port << tables_.vc_bits() | vc, row);
            }
        }
    }

    /// A row whose dimensions from `position` of the order on are still to be corrected, and those before are.
    std::uint32_t add_row(std::uint32_t r, std::size_t position) {
        const std::uint32_t row = tables_.add_row();
        const std::vector<std::uint32_t>& at = wiring_.plan.routers[r].at;
        for (std::size_t k = 0; k < routing_.order.size(); ++k) {
            const std::uint8_t d = routing_.order[k];
            for (std::uint32_t to = 0; to < grid_.dims[d]; ++to) {
                if (to != at[d]) {
                    tables_.set(row, d, to, k < position ? RouteEntry{} : enter(r, d, at[d], to));
                }
            }
        }
        std::uint32_t place = 0;
        const std::vector<NetworkPort>& ports = wiring_.plan.routers[r].ports;
        for (std::uint32_t p = 0; p < ports.size(); ++p) {
            if (ports[p].use == PortUse::endpoint) {
                tables_.set(row, place_level_, place++, {static_cast<std::uint16_t>(p), all_});
            }
        }
        for (; place < grid_.concentration; ++place) {
            tables_.set(row, place_level_, place, RouteEntry{});
        }
        return row;
    }

    [[nodiscard]] std::uint16_t port(std::uint32_t r, std::uint8_t dimension, std::uint32_t way) const {
        const auto found = wiring_.find_port(r, {dimension, way});
        require(found.has_value(), "a grid by coordinates has no missing link");
        return static_cast<std::uint16_t>(*found);
    }

    [[nodiscard]] std::uint16_t half(bool upper) const { return upper ? halves_.upper : halves_.lower; }

    /// A head that enters dimension `d`.
    RouteEntry enter(std::uint32_t r, std::uint8_t d, std::uint32_t at, std::uint32_t to) {
        if (grid_.lines == Grid::Lines::complete) {
            return {port(r, d, to), all_};
        }
        if (grid_.lines == Grid::Lines::open) {
            return {port(r, d, to > at ? PortTag::up : PortTag::down), all_};
        }
        const RingWay way = ring_way(grid_.dims[d], at, to);
        if (!way.tie) {
            return {port(r, d, way.way), half(way.upper())};
        }
        const RingWay other{PortTag::down, !way.crosses, true};
        return tables_.add_list(
            {false,
             d,
             {{port(r, d, way.way), half(way.upper()), false}, {port(r, d, other.way), half(other.upper()), false}}});
    }

    /// What comes in at the port tagged `from` on the upper or lower half, or on channels of both.
    void stay(std::uint32_t row, std::uint32_t r, PortTag from, bool upper, bool lower) {
        const std::uint8_t d = from.dimension;
        const std::uint32_t at = wiring_.plan.routers[r].at[d];
        const std::uint32_t moving = from.way == PortTag::up ? PortTag::down : PortTag::up;
        for (std::uint32_t to = 0; to < grid_.dims[d]; ++to) {
            bool comes = to == at;
            if (grid_.lines == Grid::Lines::open) {
                comes = moving == PortTag::up ? to >= at : to <= at;
            } else if (grid_.lines == Grid::Lines::closed) {
                const auto on = [&](bool crosses) {
                    const RingWay way{moving, crosses, false};
                    return (way.upper() ? upper : lower) && carried(way, grid_.dims[d], at, to);
                };
                comes = on(false) || on(true);
            }
            if (!comes) {
                tables_.set(row, d, to, RouteEntry{});
            } else if (to != at) {
                tables_.set(row, d, to, {port(r, d, moving), half(upper)});
            } else {
                tables_.set(row, d, to, {RouteEntry::here, 0});
            }
        }
    }

    const Wiring& wiring_;
    const Grid& grid_;
    const DimensionOrder& routing_;
    RouteTables tables_;
    std::uint16_t all_;
    VcHalves halves_;
    std::uint32_t place_level_;
};

} // namespace

VcHalves halves_of(const std::vector<std::uint16_t>& class_vcs) {
    VcHalves halves;
    for (const std::uint16_t vcs : class_vcs) {
        const int count = std::popcount(vcs);
        int place = 0;
        for (std::uint32_t vc = 0; vc < 16; ++vc) {
            if ((vcs >> vc & 1U) != 0) {
                halves.lower |= place < (count + 1) / 2 ? 1U << vc : 0U;
                halves.upper |= place >= (count + 1) / 2 || count == 1 ? 1U << vc : 0U;
                ++place;
            }
        }
    }
    return halves;
}

RingWay ring_way(std::uint32_t extent, std::uint32_t at, std::uint32_t to) {
    const std::uint32_t ahead = to >= at ? to - at : to + extent - at;
    RingWay way;
    way.way = 2 * ahead <= extent ? PortTag::up : PortTag::down;
    way.crosses = way.way == PortTag::up ? to < at : to > at;
    way.tie = 2 * ahead == extent;
    return way;
}

RouteTables grid_tables(const Wiring& wiring, const Grid& grid, const DimensionOrder& routing) {
    return GridRouting(wiring, grid, routing).tables();
}

std::uint64_t grid_table_entries(const Grid& grid) {
    std::uint64_t routers = 1;
    std::uint64_t row = grid.concentration;
    std::uint64_t rows = 1;
    for (const std::uint32_t extent : grid.dims) {
        routers *= extent;
        row += extent;
        rows += grid.lines == Grid::Lines::complete ? extent : (grid.lines == Grid::Lines::closed ? 4 : 2);
    }
    return routers * row * rows;
}

std::uint32_t vc_bits_of(std::uint32_t virtual_channels) {
    return static_cast<std::uint32_t>(std::bit_width(virtual_channels - 1));
}

} // namespace intarsia::noc
