#include "noc/reference/wormhole_arbiter.hpp"

#include "config/errors.hpp"

#include <algorithm>

namespace intarsia::noc::reference {

namespace {

/// Whether some route leads from the input to the output; a port without an input channel has no input.
bool leads_to(const NetworkPlan& plan, std::uint32_t router, std::uint32_t input, std::uint32_t output) {
    const NetworkPort& port = plan.routers[router].ports[input];
    if (port.use == PortUse::link && !port.from.exists()) {
        return false;
    }
    const std::uint32_t local_input = input << plan.routes.vc_bits();
    for (std::uint32_t n = 0; n < plan.endpoints.size(); ++n) {
        const RouteEntry entry = plan.routes.lookup(router, local_input, static_cast<EndpointId>(n));
        if (entry.port == output) {
            return true;
        }
        if (entry.port == RouteEntry::is_list) {
            const std::vector<RouteOption>& options = plan.routes.list(entry).options;
            if (std::any_of(options.begin(), options.end(), [&](const RouteOption& o) { return o.port == output; })) {
                return true;
            }
        }
    }
    return false;
}

} // namespace

WormholeArbiterState::WormholeArbiterState(const NetworkPlan& plan, std::uint32_t router, std::uint32_t output)
    : rule_(plan.router.wormhole.arbiter) {
    for (std::uint32_t input = 0; input < plan.routers[router].ports.size(); ++input) {
        if (leads_to(plan, router, input, output)) {
            allowed_.push_back(input);
        }
    }
    if (allowed_.empty()) {
        return;
    }
    // The pointer stands where the first in line is the next one.
    while (next(last_) != first_after_reset()) {
        ++last_;
    }
}

std::size_t WormholeArbiterState::first_after_reset() const {
    switch (rule_.reset) {
    case WormholeArbiter::Reset::lowest:
        return 0;
    case WormholeArbiter::Reset::highest:
        return allowed_.size() - 1;
    case WormholeArbiter::Reset::after_lowest:
        return next(0);
    }
    throw InvariantError("an arbiter has one of the reset states");
}

std::size_t WormholeArbiterState::next(std::size_t position) const {
    const std::size_t step = rule_.order == WormholeArbiter::Order::decreasing ? allowed_.size() - 1 : 1;
    return (position + step) % allowed_.size();
}

std::size_t WormholeArbiterState::position(std::uint32_t input) const {
    const auto found = std::find(allowed_.begin(), allowed_.end(), input);
    require(found != allowed_.end(), "an output is asked for only by inputs whose routes lead there");
    return static_cast<std::size_t>(found - allowed_.begin());
}

std::uint32_t WormholeArbiterState::choose(const std::vector<std::uint32_t>& candidates) const {
    if (rule_.order == WormholeArbiter::Order::fixed) {
        return candidates.front();
    }
    for (std::size_t at = next(last_);; at = next(at)) {
        if (std::find(candidates.begin(), candidates.end(), allowed_[at]) != candidates.end()) {
            return allowed_[at];
        }
        require(at != last_, "an output is asked for only by inputs whose routes lead there");
    }
}

void WormholeArbiterState::after_choice(std::uint32_t input, bool flit_moved) {
    if (flit_moved || rule_.advance == WormholeArbiter::Advance::on_grant) {
        last_ = position(input);
    }
}

} // namespace intarsia::noc::reference
