// The SystemC shell of a die-to-die link: both directions in one process.
#pragma once

#include "kernel/due_channel_module.hpp"
#include "models/d2d_link_core.hpp"

#include <array>

namespace intarsia::models {

/// Ends are numbered 0 (config `from`) and 1 (config `to`); direction e carries flits that enter at end e. The clock is
/// that of the flit slots; entries from the dies' networks pass `synchroniser_edges` slots.
class D2dLinkModule : public SelfTimedModule {
  public:
    D2dLinkModule(const sc_core::sc_module_name& name, const config::D2dLinkConfig& link, std::uint32_t flit_bytes,
                  std::uint32_t virtual_channels, const std::array<std::uint32_t, 2>& synchroniser_edges,
                  std::uint64_t shuffle_seed);

    struct End {
        End(D2dLinkModule& link, std::size_t flits, std::size_t credits, std::uint32_t synchroniser_edges)
            : flit_inbox(link, flits, synchroniser_edges), credit_inbox(link, credits, synchroniser_edges) {}
        DueInbox<LinkFlit> flit_inbox;
        DueInbox<Credit> credit_inbox;
    };

    // Per end: what its die's network binds to.
    sc_core::sc_vector<sc_core::sc_export<DueChannelIf<LinkFlit>>> flits_in; ///< flits that enter the link
    sc_core::sc_vector<sc_core::sc_port<DueChannelIf<LinkFlit>>> flits_out;  ///< flits that leave it here
    sc_core::sc_vector<sc_core::sc_export<DueChannelIf<Credit>>>
        credits_in; ///< slots freed of this end's receive buffer
    sc_core::sc_vector<sc_core::sc_port<DueChannelIf<Credit>>>
        credits_out; ///< slots freed of this end's transmit buffer

    [[nodiscard]] const D2dDirectionCore& direction(std::size_t end) const { return directions_[end]; }
    void audit() const;

  private:
    std::uint64_t activate(std::uint64_t cycle, Picoseconds now) override;

    std::array<D2dDirectionCore, 2> directions_;
    std::array<End, 2> ends_;
};

} // namespace intarsia::models
