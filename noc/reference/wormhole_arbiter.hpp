// The arbiter of an output of the reference wormhole router.
#pragma once

#include "noc/network_plan.hpp"

#include <cstdint>
#include <vector>

namespace intarsia::noc::reference {

/// Round robin (or fixed priority) over the inputs from which some route leads to the output.
class WormholeArbiterState {
  public:
    WormholeArbiterState(const NetworkPlan& plan, std::uint32_t router, std::uint32_t output);

    /// One of the inputs that ask; `candidates` is not empty and in rising order.
    [[nodiscard]] std::uint32_t choose(const std::vector<std::uint32_t>& candidates) const;
    /// At the end of the cycle, for the input that was chosen.
    void after_choice(std::uint32_t input, bool flit_moved);

  private:
    [[nodiscard]] std::size_t position(std::uint32_t input) const;
    [[nodiscard]] std::size_t next(std::size_t position) const;
    [[nodiscard]] std::size_t first_after_reset() const;

    WormholeArbiter rule_;
    std::vector<std::uint32_t> allowed_; ///< in rising order
    std::size_t last_ = 0;               ///< position in allowed_
};

} // namespace intarsia::noc::reference
