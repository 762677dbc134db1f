// Which network interface serves an address.
#pragma once

#include "memory/address_map.hpp"
#include "noc/package_plan.hpp"

#include <cstdint>
#include <vector>

namespace intarsia::models {

/// Joins the address map (address -> stack and channel) with the network's plan (interface -> endpoint).
class MemoryDirectory {
  public:
    MemoryDirectory(const config::SystemConfig& system, const memory::AddressMap& addresses,
                    const noc::PackagePlan& plan)
        : addresses_(&addresses), block_bytes_(addresses.block_bytes()) {
        for (std::uint32_t stack = 0; stack < system.stacks.size(); ++stack) {
            first_.push_back(static_cast<std::uint32_t>(endpoints_.size()));
            const config::HbmStackConfig& description = system.stacks[stack];
            const auto interfaces = static_cast<std::uint32_t>(description.routers.size());
            for (std::uint32_t channel = 0; channel < description.channels; ++channel) {
                endpoints_.push_back(plan.stack_endpoint(
                    stack, memory::interface_of_channel(channel, description.channels, interfaces)));
            }
        }
    }

    /// Endpoint of the interface in front of the channel that holds `address`.
    [[nodiscard]] EndpointId home_of(std::uint64_t address) const {
        const memory::Location location = addresses_->locate(address);
        return endpoints_[first_[location.stack] + location.channel];
    }
    /// Blocks of this size lie on one channel each.
    [[nodiscard]] std::uint64_t block_bytes() const { return block_bytes_; }
    [[nodiscard]] const memory::AddressMap& addresses() const { return *addresses_; }

  private:
    const memory::AddressMap* addresses_;
    std::uint64_t block_bytes_;
    std::vector<std::uint32_t> first_;  // of a stack, into endpoints_
    std::vector<EndpointId> endpoints_; // by stack and channel
};

} // namespace intarsia::models
