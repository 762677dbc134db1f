// The fast engine of the wormhole router, with the arbiter policy as a template parameter.
#pragma once

#include "noc/wormhole_arbiter.hpp"
#include "noc/wormhole_engine_core.hpp"

#include <bit>
#include <memory>

namespace intarsia::noc {

/// The engine with any arbiter policy (noc/wormhole_arbiter.hpp says what that is). make_wormhole_engine chooses among
/// the policies that configuration knows; a policy of one's own is used by naming it:
///
///     WormholeEngine<MyPolicy> engine(plan, sink);
template <class Policy>
class WormholeEngine final : public WormholeCore {
  public:
    WormholeEngine(const NetworkPlan& plan, const SinkOptions& sink)
        : WormholeCore(plan, sink), hold_(plan.router.wormhole.arbiter.hold),
          advance_on_grant_(plan.router.wormhole.arbiter.advance == WormholeArbiter::Advance::on_grant) {
        arbiters_.reserve(outputs_.size());
        for (const std::uint64_t allowed : allowed_inputs()) {
            arbiters_.push_back(Policy::reset(plan.router.wormhole.arbiter, allowed));
        }
    }

    void tick(std::uint64_t cycle) override {
        begin(cycle);
        for (std::size_t word = 0; word < busy_routers_.size(); ++word) {
            for (std::uint64_t set = busy_routers_[word]; set != 0; set &= set - 1) {
                arbitrate(static_cast<std::uint32_t>(word * 64) + static_cast<std::uint32_t>(std::countr_zero(set)));
            }
        }
        finish();
    }

  private:
    /// What a policy may look at: the packets at the fronts of a router's inputs.
    class Fronts {
      public:
        Fronts(const WormholeEngine& engine, std::uint32_t first) : engine_(engine), first_(first) {}
        [[nodiscard]] const TrafficPacket& packet(std::uint32_t input) const {
            return engine_.front_packet(first_ + input);
        }

      private:
        const WormholeEngine& engine_;
        std::uint32_t first_;
    };

    // Decides for all outputs of a router that are asked for. What it changes (held grant, pointer) is read by the same
    // output only, so it can be changed at once; flits move, and lock their outputs, in finish().
    void arbitrate(std::uint32_t router) {
        const std::uint32_t first = first_port_[router];
        for (std::uint64_t ports = wanted_outputs_[router]; ports != 0; ports &= ports - 1) {
            const std::uint32_t port = first + static_cast<std::uint32_t>(std::countr_zero(ports));
            WormholeOutput& output = outputs_[port];
            const std::uint64_t candidates = output.wanted_by & output.eligible;
            if (candidates == 0) { // locked to an input that has no flit
                stalls_[port].no_vc += static_cast<std::uint64_t>(std::popcount(output.wanted_by));
                continue;
            }
            const std::uint32_t input = Policy::choose(arbiters_[port], candidates, Fronts(*this, first));
            if ((output.wanted_by & (output.wanted_by - 1)) != 0) {
                const auto others = static_cast<std::uint64_t>(std::popcount(output.wanted_by)) - 1;
                (output.locked ? stalls_[port].no_vc : stalls_[port].lost_allocation) += others;
            }
            const bool moves = takes(output);
            if (moves || advance_on_grant_) {
                Policy::advance(arbiters_[port], input);
            }
            if (moves) {
                crossings_[crossing_count_++] = {first + input, port};
            } else {
                ++stalls_[port].no_credit;
                if (hold_) {
                    output.eligible = 1ULL << input;
                }
            }
        }
    }

    bool hold_;
    bool advance_on_grant_;
    std::vector<typename Policy::State> arbiters_; ///< by port
};

} // namespace intarsia::noc
