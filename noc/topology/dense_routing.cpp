#include "noc/topology/dense_routing.hpp"

#include "noc/topology/grid.hpp"

#include <algorithm>

namespace intarsia::noc {

namespace {

constexpr std::size_t most_stranded = 20;

class Walk {
  public:
    Walk(const NetworkPlan& plan, RoutingFunction& routing)
        : plan_(plan), routing_(routing), group_of_vc_(routing.groups(plan.virtual_channels)),
          groups_(*std::max_element(group_of_vc_.begin(), group_of_vc_.end()) + 1U) {
        std::vector<std::uint32_t> ports;
        first_place_.push_back(0);
        for (const NetworkRouter& router : plan.routers) {
            ports.push_back(static_cast<std::uint32_t>(router.ports.size()));
            first_place_.push_back(first_place_.back() + ports.back() * groups_);
        }
        seen_for_.assign(first_place_.back(), UINT32_MAX);
        row_of_place_.assign(first_place_.back(), UINT32_MAX);
        result_.routes =
            RouteTables(vc_bits_of(plan.virtual_channels), ports, static_cast<std::uint32_t>(plan.endpoints.size()));
    }

    DenseTables tables() {
        for (std::uint32_t destination = 0; destination < plan_.endpoints.size(); ++destination) {
            destination_ = static_cast<EndpointId>(destination);
            routing_.aim(destination_);
            for (const NetworkEndpoint& endpoint : plan_.endpoints) {
                for (const std::uint8_t group : group_of_vc_) {
                    visit({endpoint.router, endpoint.port, group});
                }
            }
            while (!open_.empty()) {
                const HeadPlace place = open_.back();
                open_.pop_back();
                enter(place);
            }
        }
        return std::move(result_);
    }

  private:
    [[nodiscard]] std::size_t index(HeadPlace place) const {
        return first_place_[place.router] + place.port * groups_ + place.group;
    }

    void visit(HeadPlace place) {
        std::uint32_t& seen_for = seen_for_[index(place)];
        if (seen_for != destination_) {
            seen_for = destination_;
            open_.push_back(place);
        }
    }

    void enter(HeadPlace place) {
        const NetworkEndpoint& target = plan_.endpoints[destination_];
        if (place.router == target.router) {
            const auto all = static_cast<std::uint16_t>((1U << plan_.virtual_channels) - 1);
            result_.routes.set(row(place), destination_, {static_cast<std::uint16_t>(target.port), all});
            return;
        }
        ways_.options.clear();
        ways_.adaptive = false;
        ways_.random_bit = 0;
        routing_.route(place, ways_);
        const auto leads_on = [&](const RouteOption& way) {
            return way.vcs != 0 && plan_.routers[place.router].ports[way.port].to.exists();
        };
        if (ways_.options.empty() || !std::all_of(ways_.options.begin(), ways_.options.end(), leads_on)) {
            if (result_.stranded.size() < most_stranded) {
                result_.stranded.emplace_back(place, destination_);
            }
            return;
        }
        const RouteOption& first = ways_.options.front();
        const bool single = ways_.options.size() == 1 && !first.escape;
        result_.routes.set(row(place), destination_,
                           single ? RouteEntry{first.port, first.vcs} : result_.routes.add_list(ways_));
        for (const RouteOption& way : ways_.options) {
            const PortEnd end = plan_.routers[place.router].ports[way.port].to;
            for (std::uint32_t vc = 0; vc < plan_.virtual_channels; ++vc) {
                if ((way.vcs >> vc & 1U) != 0) {
                    visit({end.router, end.port, group_of_vc_[vc]});
                }
            }
        }
    }

    std::uint32_t row(HeadPlace place) {
        std::uint32_t& number = row_of_place_[index(place)];
        if (number == UINT32_MAX) {
            number = result_.routes.add_row();
            for (std::uint32_t vc = 0; vc < plan_.virtual_channels; ++vc) {
                if (group_of_vc_[vc] == place.group) {
                    result_.routes.set_row(place.router, place.port << result_.routes.vc_bits() | vc, number);
                }
            }
        }
        return number;
    }

    const NetworkPlan& plan_;
    RoutingFunction& routing_;
    std::vector<std::uint8_t> group_of_vc_;
    std::uint32_t groups_;
    EndpointId destination_ = 0;
    std::vector<std::uint32_t> first_place_; // by router
    std::vector<std::uint32_t> seen_for_;    // by place: the last destination that it was visited for
    std::vector<std::uint32_t> row_of_place_;
    std::vector<HeadPlace> open_;
    RouteList ways_;
    DenseTables result_;
};

} // namespace

DenseTables dense_tables(const NetworkPlan& plan, RoutingFunction& routing) {
    return Walk(plan, routing).tables();
}

std::uint64_t dense_table_entries(const NetworkPlan& plan, std::uint32_t groups) {
    std::uint64_t ports = 0;
    for (const NetworkRouter& router : plan.routers) {
        ports += router.ports.size();
    }
    return ports * groups * plan.endpoints.size();
}

} // namespace intarsia::noc
