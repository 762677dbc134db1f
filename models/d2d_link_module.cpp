#include "models/d2d_link_module.hpp"

#include <algorithm>

namespace intarsia::models {

D2dLinkModule::D2dLinkModule(const sc_core::sc_module_name& name, const config::D2dLinkConfig& link,
                             std::uint32_t flit_bytes, std::uint32_t virtual_channels,
                             const std::array<std::uint32_t, 2>& synchroniser_edges, std::uint64_t shuffle_seed)
    : SelfTimedModule(name, flit_slot_clock(link, flit_bytes), shuffle_seed), flits_in("flits_in", 2),
      flits_out("flits_out", 2), credits_in("credits_in", 2),
      credits_out("credits_out", 2), directions_{D2dDirectionCore(link, flit_bytes, virtual_channels),
                                                 D2dDirectionCore(link, flit_bytes, virtual_channels)},
      ends_{End(*this, std::size_t{link.tx_buffer_flits} * virtual_channels,
                std::size_t{link.receive_buffer_flits} * virtual_channels, synchroniser_edges[0]),
            End(*this, std::size_t{link.tx_buffer_flits} * virtual_channels,
                std::size_t{link.receive_buffer_flits} * virtual_channels, synchroniser_edges[1])} {
    for (std::size_t end = 0; end < 2; ++end) {
        flits_in[end].bind(ends_[end].flit_inbox);
        credits_in[end].bind(ends_[end].credit_inbox);
    }
}

std::uint64_t D2dLinkModule::activate(std::uint64_t cycle, Picoseconds now) {
    std::uint64_t next = never_cycle;
    for (std::size_t end = 0; end < 2; ++end) {
        D2dDirectionCore& direction = directions_[end];
        const std::size_t far = 1 - end;
        // Slots freed at the far end travel back to the transmitter at this one.
        while (const Credit* credit = ends_[far].credit_inbox.front(now)) {
            direction.credit_returned(credit->vc, now + direction.latency());
            ends_[far].credit_inbox.pop();
        }
        while (const LinkFlit* flit = ends_[end].flit_inbox.front(now)) {
            direction.accept(*flit, cycle);
            ends_[end].flit_inbox.pop();
        }
        if (const auto departure = direction.send(cycle, now)) {
            credits_out[end]->push(Credit{0, departure->flit.vc}, departure->slot_end);
            flits_out[far]->push(departure->flit, departure->arrival);
        }
        next = std::min(next, direction.next_work(cycle));
    }
    for (const End& end : ends_) {
        for (const Picoseconds due : {end.flit_inbox.next_due(), end.credit_inbox.next_due()}) {
            if (due != never) {
                next = std::min(next, clock().first_edge_at_or_after(due));
            }
        }
    }
    return next;
}

void D2dLinkModule::audit() const {
    for (const D2dDirectionCore& direction : directions_) {
        direction.audit();
    }
}

} // namespace intarsia::models
