#include "models/d2d_link_module.hpp"

#include "config/d2d_formats.hpp"

#include <algorithm>
#include <string>

namespace intarsia::models {

namespace {

constexpr std::uint64_t picoseconds_per_second = 1'000'000'000'000;

bool is_framed(const config::D2dLinkConfig& link) {
    return link.flit_format != config::stream_format;
}

Clock module_clock(const config::D2dLinkConfig& link, std::uint32_t flit_bytes) {
    return is_framed(link) ? Clock(Hertz(picoseconds_per_second)) : flit_slot_clock(link, flit_bytes);
}

/// A synchroniser of so many slots, in edges of the module's clock.
std::uint32_t synchroniser(const config::D2dLinkConfig& link, std::uint32_t flit_bytes, std::uint32_t slots) {
    return is_framed(link) ? static_cast<std::uint32_t>(flit_slot_clock(link, flit_bytes).edge(slots).count()) : slots;
}

} // namespace

D2dLinkModule::D2dLinkModule(const sc_core::sc_module_name& name, const config::D2dLinkConfig& link,
                             std::uint32_t flit_bytes, std::uint32_t virtual_channels,
                             const std::array<std::uint32_t, 2>& synchroniser_edges, std::uint64_t shuffle_seed,
                             std::uint64_t seed)
    : SelfTimedModule(name, module_clock(link, flit_bytes), shuffle_seed), flits_in("flits_in", 2),
      flits_out("flits_out", 2), credits_in("credits_in", 2), credits_out("credits_out", 2),
      slots_(flit_slot_clock(link, flit_bytes)), ends_{End(*this, std::size_t{link.tx_buffer_flits} * virtual_channels,
                                                           std::size_t{link.receive_buffer_flits} * virtual_channels,
                                                           synchroniser(link, flit_bytes, synchroniser_edges[0])),
                                                       End(*this, std::size_t{link.tx_buffer_flits} * virtual_channels,
                                                           std::size_t{link.receive_buffer_flits} * virtual_channels,
                                                           synchroniser(link, flit_bytes, synchroniser_edges[1]))} {
    if (is_framed(link)) {
        framed_ = std::make_unique<FramedLinkCore>(framed_link_parameters(link, flit_bytes, virtual_channels, seed),
                                                   flit_bytes, link.tx_buffer_flits);
    } else {
        directions_.assign(2, D2dDirectionCore(link, flit_bytes, virtual_channels));
    }
    for (std::size_t end = 0; end < 2; ++end) {
        flits_in[end].bind(ends_[end].flit_inbox);
        credits_in[end].bind(ends_[end].credit_inbox);
    }
}

void D2dLinkModule::move_stream(std::uint64_t cycle, Picoseconds now) {
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
    }
}

void D2dLinkModule::move_framed(Picoseconds now) {
    for (std::size_t end = 0; end < 2; ++end) {
        while (const Credit* credit = ends_[end].credit_inbox.front(now)) {
            framed_->freed(end, credit->vc, now);
            ends_[end].credit_inbox.pop();
        }
        while (const LinkFlit* flit = ends_[end].flit_inbox.front(now)) {
            framed_->accept(end, *flit, now);
            ends_[end].flit_inbox.pop();
        }
    }
    framed_->step(now);
    if (framed_->down()) {
        throw StuckError(std::string("error: ") + name() +
                         " is down: its replays never get through; lower ber of the link");
    }
    for (const FramedLinkCore::Freed& freed : framed_->freed_space) {
        credits_out[freed.end]->push(Credit{0, freed.vc}, freed.due);
    }
    for (const FramedLinkCore::Departure& departure : framed_->departures) {
        flits_out[1 - departure.end]->push(departure.flit, departure.arrival);
    }
    framed_->freed_space.clear();
    framed_->departures.clear();
}

std::uint64_t D2dLinkModule::activate(std::uint64_t cycle, Picoseconds now) {
    std::uint64_t next = never_cycle;
    if (framed_) {
        move_framed(now);
        next = framed_->due() == never ? never_cycle : clock().first_edge_at_or_after(framed_->due());
    } else {
        move_stream(cycle, now);
        next = std::min(directions_[0].next_work(cycle), directions_[1].next_work(cycle));
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

D2dCounters D2dLinkModule::counters(std::size_t end) const {
    return framed_ ? framed_->counters(end) : directions_[end].counters();
}

void D2dLinkModule::audit() const {
    if (framed_) {
        framed_->audit();
    }
    for (const D2dDirectionCore& direction : directions_) {
        direction.audit();
    }
}

} // namespace intarsia::models
