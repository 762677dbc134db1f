// Small networks for the deadlock proof, wired and routed by hand.
#pragma once

#include "config/errors.hpp"
#include "noc/deadlock_proof.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace intarsia::tests {

/// Wires routers and endpoints; routes are set when the wiring is complete.
class Wiring {
  public:
    explicit Wiring(std::uint32_t routers, std::uint32_t virtual_channels = 1) {
        plan.name = "net";
        plan.virtual_channels = virtual_channels;
        plan.class_vcs = {static_cast<std::uint16_t>((1U << virtual_channels) - 1)};
        plan.routers.resize(routers);
        for (std::uint32_t r = 0; r < routers; ++r) {
            plan.routers[r].name = "r" + std::to_string(r);
        }
    }

    /// A link of one direction; returns its output port. `out` and `in` name ports that exist already.
    void link(std::uint32_t from, std::uint32_t out, std::uint32_t to, std::uint32_t in) {
        plan.routers[from].ports[out].to = {to, in};
        plan.routers[to].ports[in].from = {from, out};
    }
    std::uint32_t port(std::uint32_t router, const std::string& name) {
        plan.routers[router].ports.emplace_back();
        plan.routers[router].ports.back().name = name;
        return static_cast<std::uint32_t>(plan.routers[router].ports.size() - 1);
    }
    /// A port on each side, joined both ways; returns that of `a`.
    std::uint32_t join(std::uint32_t a, std::uint32_t b) {
        const std::uint32_t at_a = port(a, "to r" + std::to_string(b));
        const std::uint32_t at_b = port(b, "to r" + std::to_string(a));
        link(a, at_a, b, at_b);
        link(b, at_b, a, at_a);
        return at_a;
    }
    void endpoint(std::uint32_t router) {
        const auto number = static_cast<std::uint32_t>(plan.endpoints.size());
        const std::uint32_t at = port(router, "P");
        plan.routers[router].ports[at].use = noc::PortUse::endpoint;
        plan.routers[router].ports[at].endpoint = number;
        plan.endpoints.push_back({router, at, "n" + std::to_string(number)});
    }

    [[nodiscard]] std::vector<std::uint32_t> ports() const {
        std::vector<std::uint32_t> counts;
        for (const noc::NetworkRouter& router : plan.routers) {
            counts.push_back(static_cast<std::uint32_t>(router.ports.size()));
        }
        return counts;
    }
    [[nodiscard]] std::uint32_t vc_bits() const {
        std::uint32_t bits = 0;
        while (1U << bits < plan.virtual_channels) {
            ++bits;
        }
        return bits;
    }

    /// Dense tables: `entry(router, in_port, vc, destination)` for each input, or with `per_router` once a router.
    template <class Entry>
    noc::NetworkPlan& route(Entry entry, bool per_router = false) {
        plan.routes = noc::RouteTables(vc_bits(), ports(), static_cast<std::uint32_t>(plan.endpoints.size()));
        for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
            std::uint32_t row = 0;
            for (std::uint32_t p = 0; p < plan.routers[r].ports.size(); ++p) {
                for (std::uint32_t vc = 0; vc < plan.virtual_channels; ++vc) {
                    if (!per_router || p + vc == 0) {
                        row = plan.routes.add_row();
                        for (std::uint32_t d = 0; d < plan.endpoints.size(); ++d) {
                            plan.routes.set(row, static_cast<EndpointId>(d), entry(r, p, vc, d));
                        }
                    }
                    plan.routes.set_row(r, p << vc_bits() | vc, row);
                }
            }
        }
        return plan;
    }

    [[nodiscard]] std::uint16_t all_vcs() const {
        return static_cast<std::uint16_t>((1U << plan.virtual_channels) - 1);
    }

    noc::NetworkPlan plan;
};

/// A grid of any number of dimensions, one endpoint a router, endpoint and router numbers alike. Port 2 d leads up in
/// dimension d, port 2 d + 1 down (those at the border lead nowhere in a mesh), the last one to the endpoint.
struct Grid : Wiring {
    Grid(std::vector<std::uint32_t> extents, std::uint32_t virtual_channels, bool torus)
        : Wiring(product(extents), virtual_channels), dims(std::move(extents)) {
        const std::vector<std::string> names{"E", "W", "N", "S", "U", "D"};
        for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
            plan.routers[r].name = "(";
            std::uint32_t rest = r;
            for (const std::uint32_t extent : dims) {
                plan.routers[r].at.push_back(rest % extent);
                plan.routers[r].name += std::to_string(rest % extent) + ",";
                rest /= extent;
            }
            plan.routers[r].name.back() = ')';
            for (std::uint32_t p = 0; p < 2 * dims.size(); ++p) {
                port(r, names[p]);
            }
            endpoint(r);
        }
        for (std::uint32_t r = 0; r < plan.routers.size(); ++r) {
            for (std::uint32_t d = 0, stride = 1; d < dims.size(); stride *= dims[d++]) {
                const bool last = coordinate(r, d) + 1 == dims[d];
                if (!last || torus) {
                    const std::uint32_t up = last ? r - (dims[d] - 1) * stride : r + stride;
                    link(r, 2 * d, up, 2 * d + 1);
                    link(up, 2 * d + 1, r, 2 * d);
                }
            }
        }
    }

    static std::uint32_t product(const std::vector<std::uint32_t>& extents) {
        std::uint32_t all = 1;
        for (const std::uint32_t extent : extents) {
            all *= extent;
        }
        return all;
    }
    [[nodiscard]] std::uint32_t coordinate(std::uint32_t router, std::uint32_t dimension) const {
        return plan.routers[router].at[dimension];
    }
    [[nodiscard]] std::uint16_t local() const { return static_cast<std::uint16_t>(2 * dims.size()); }
    /// The mesh port in a dimension towards a destination; local() if it is there.
    [[nodiscard]] std::uint16_t towards(std::uint32_t router, std::uint32_t to, std::uint32_t dimension) const {
        const std::uint32_t here = coordinate(router, dimension);
        const std::uint32_t there = coordinate(to, dimension);
        return static_cast<std::uint16_t>(here == there ? local() : 2 * dimension + (there > here ? 0 : 1));
    }
    /// Dimension order on a mesh.
    [[nodiscard]] std::uint16_t dor(std::uint32_t router, std::uint32_t to,
                                    const std::vector<std::uint32_t>& order) const {
        for (const std::uint32_t dimension : order) {
            if (const std::uint16_t out = towards(router, to, dimension); out != local()) {
                return out;
            }
        }
        return local();
    }

    std::vector<std::uint32_t> dims;
};

/// The text with which the proof refuses a network; empty if it passes.
inline std::string refusal(const noc::NetworkPlan& plan, const noc::ProofOptions& options = {}) {
    try {
        noc::prove_deadlock_freedom(plan, options);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

} // namespace intarsia::tests
