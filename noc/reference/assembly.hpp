// Packets put together again where they leave the reference network.
#pragma once

#include "noc/reference/pins.hpp"

#include <cstdint>
#include <map>
#include <optional>

namespace intarsia::noc::reference {

/// Notes flits in the cycles in which a destination takes them; flits of a packet come in order, several packets may
/// be under way at once.
class Assembly {
  public:
    /// The packet, if this was its tail.
    std::optional<DeliveredPacket> take(const Flit& flit, std::uint64_t cycle);
    [[nodiscard]] bool empty() const { return begun_.empty(); }

  private:
    struct Begun {
        DeliveredPacket packet;
        std::uint32_t next_flit = 0;
    };
    std::map<std::uint64_t, Begun> begun_; ///< by packet id
};

} // namespace intarsia::noc::reference
