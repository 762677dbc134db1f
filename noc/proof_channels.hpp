// The channels of a network as vertices of its dependency graph.
#pragma once

#include "noc/network_plan.hpp"
#include "noc/proof_faults.hpp"
#include "noc/proof_rows.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace intarsia::noc {

/// Faults of wiring, virtual channels and classes, without which the tables cannot be followed.
void check_wiring(const NetworkPlan& plan, ProofFaults& faults);

/// Numbers the channels: for each port and each group of virtual channels that are alike, the output channel, and the
/// way from an endpoint (or the border) into the router.
class ProofChannels {
  public:
    ProofChannels(const NetworkPlan& plan, const ProofRows& rows);

    [[nodiscard]] std::uint32_t count() const { return 2 * ports_ * groups(); }
    [[nodiscard]] std::uint32_t groups() const { return static_cast<std::uint32_t>(group_vcs_.size()); }
    /// The groups, as a mask, that a set of virtual channels meets.
    [[nodiscard]] std::uint32_t groups_of(std::uint32_t vcs) const {
        std::uint32_t met = 0;
        for (std::uint32_t g = 0; g < groups(); ++g) {
            met |= (group_vcs_[g] & vcs) != 0 ? 1U << g : 0U;
        }
        return met;
    }
    [[nodiscard]] std::uint32_t lowest_vc(std::uint32_t group) const {
        return static_cast<std::uint32_t>(__builtin_ctz(group_vcs_[group]));
    }
    [[nodiscard]] std::uint32_t output(std::uint32_t router, std::uint32_t port, std::uint32_t group) const {
        return (first_port_[router] + port) * groups() + group;
    }
    [[nodiscard]] std::uint32_t injection(std::uint32_t router, std::uint32_t port, std::uint32_t group) const {
        return (ports_ + first_port_[router] + port) * groups() + group;
    }
    [[nodiscard]] bool is_injection(std::uint32_t channel) const { return channel >= ports_ * groups(); }
    [[nodiscard]] std::uint32_t group_of(std::uint32_t channel) const { return channel % groups(); }
    /// The port that a channel belongs to: of the router that sends (output channels) or that receives (injection).
    [[nodiscard]] PortEnd port_of(std::uint32_t channel) const;
    /// The router and input port where a channel ends; none for channels to endpoints and the border.
    [[nodiscard]] PortEnd arrival(std::uint32_t channel) const;
    /// "(0,0)->E vc 0", "n3->network vcs 0-1"; with several classes followed by theirs in brackets.
    [[nodiscard]] std::string name(std::uint32_t channel, const std::vector<std::string>& class_names) const;

  private:
    const NetworkPlan& plan_;
    std::vector<std::uint32_t> first_port_; ///< by router
    std::uint32_t ports_ = 0;
    std::vector<std::uint32_t> group_vcs_;
};

} // namespace intarsia::noc
