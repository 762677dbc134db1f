// The SystemC shell of a die-to-die link: both directions in one process.
#pragma once

#include "kernel/due_channel_module.hpp"
#include "models/d2d_link_core.hpp"
#include "models/framed_link_core.hpp"

#include <array>
#include <memory>

namespace intarsia::models {

/// Ends are numbered 0 (config `from`) and 1 (config `to`); direction e carries flits that enter at end e. Entries from
/// the dies' networks pass a synchroniser of `synchroniser_edges` slots of network flits. A link of format `stream` has
/// the clock of those slots; a framed one acts at any picosecond. `seed`: of bit errors.
class D2dLinkModule : public SelfTimedModule {
  public:
    D2dLinkModule(const sc_core::sc_module_name& name, const config::D2dLinkConfig& link, std::uint32_t flit_bytes,
                  std::uint32_t virtual_channels, const std::array<std::uint32_t, 2>& synchroniser_edges,
                  std::uint64_t shuffle_seed, std::uint64_t seed);

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

    [[nodiscard]] D2dCounters counters(std::size_t end) const;
    /// Slots that network flits have had by `time`.
    [[nodiscard]] std::uint64_t slots_by(Picoseconds time) const { return slots_.first_edge_at_or_after(time); }
    /// Of a framed link; null for `stream`.
    [[nodiscard]] const FramedLinkCore* framed() const { return framed_.get(); }
    /// Nothing is to be sent, acknowledged or waited for (a stream keeps nothing that others do not count).
    [[nodiscard]] bool settled() const { return !framed_ || framed_->due() == never; }
    void audit() const;

  private:
    std::uint64_t activate(std::uint64_t cycle, Picoseconds now) override;
    void move_stream(std::uint64_t cycle, Picoseconds now);
    void move_framed(Picoseconds now);

    Clock slots_;
    std::vector<D2dDirectionCore> directions_; // of a stream
    std::unique_ptr<FramedLinkCore> framed_;
    std::array<End, 2> ends_;
};

} // namespace intarsia::models
