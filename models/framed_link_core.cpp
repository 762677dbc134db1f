#include "models/framed_link_core.hpp"

#include "d2d/flit_format.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace intarsia::models {

d2d::LinkParameters framed_link_parameters(const config::D2dLinkConfig& link, std::uint32_t flit_bytes,
                                           std::uint32_t virtual_channels, std::uint64_t seed) {
    const d2d::FlitFormat* format = d2d::find_flit_format(link.flit_format);
    require(format != nullptr, "a framed link has a format");
    d2d::LinkParameters parameters;
    parameters.slot = d2d::SlotTime::of(format->wire_bytes, link.lanes, link.transfers_per_s);
    parameters.latency = link.tx_latency + link.flight_time + link.rx_latency;
    parameters.wire_bytes = format->wire_bytes;
    parameters.payload_bytes = format->payload_bytes;
    parameters.spare_bytes = format->spare_bytes;
    parameters.halves = format->halves;
    parameters.flush_wait = link.flush_wait;
    parameters.channels = virtual_channels;
    parameters.receive_buffer_bytes = link.receive_buffer_flits * flit_bytes;
    parameters.retry = link.retry && format->crc_bytes > 0;
    const double round_trip = parameters.round_trip_ps();
    const double slots = std::ceil(round_trip / parameters.slot.picoseconds()) + 1;
    parameters.replay_buffer =
        link.replay_buffer > 0 ? link.replay_buffer : static_cast<std::uint32_t>(std::clamp(2 * slots, 16.0, 65'536.0));
    parameters.replay_timeout = Picoseconds(static_cast<std::uint64_t>(std::ceil(4 * round_trip)));
    parameters.ber = {link.ber, link.ber};
    parameters.burst_bits = link.burst_bits;
    parameters.seed = seed;
    return parameters;
}

FramedLinkCore::FramedLinkCore(const d2d::LinkParameters& link, std::uint32_t flit_bytes, std::uint32_t tx_buffer_flits)
    : flit_bytes_(flit_bytes), tx_buffer_(tx_buffer_flits), virtual_channels_(link.channels), latency_(link.latency),
      channels_(2 * std::size_t{link.channels}), core_(link, *this) {
    // On the link are at most as many flits as the far buffer has space for.
    const std::size_t most = tx_buffer_flits + link.receive_buffer_bytes / flit_bytes;
    for (Channel& channel : channels_) {
        channel.ring.resize(std::bit_ceil(most));
    }
}

void FramedLinkCore::accept(std::size_t end, const LinkFlit& flit, Picoseconds now) {
    Channel& channel = channels_[end * virtual_channels_ + flit.vc];
    require(channel.queued < tx_buffer_, "a link's transmit buffer never overflows: its sender owns credits");
    // Until it leaves, the last field tells what had been waited for credits when it came.
    channel.ring[(channel.next + channel.queued) & (channel.ring.size() - 1)] = {flit, never,
                                                                                 blocked_until(channel, now)};
    ++channel.queued;
    core_.offered(end, now);
}

void FramedLinkCore::step(Picoseconds now) {
    now_ = now;
    for (const std::size_t end : {0U, 1U}) {
        if (core_.due(end) <= now) {
            core_.step(end, now);
            update(end, now);
        }
    }
}

std::uint32_t FramedLinkCore::leave(std::size_t end, std::uint32_t vc) {
    Channel& channel = channels_[end * virtual_channels_ + vc];
    Underway& underway = channel.ring[channel.next & (channel.ring.size() - 1)];
    const Picoseconds blocked = blocked_until(channel, now_);
    underway.without_credit = blocked - underway.without_credit;
    ++flits_[end];
    if (underway.flit.head) {
        ++packets_[end];
        channel.blocked_at_head = blocked;
    }
    if (underway.flit.tail) {
        underway.flit.credit_lag += blocked - channel.blocked_at_head;
    }
    ++channel.next;
    --channel.queued;
    freed_space.push_back({static_cast<std::uint8_t>(end), static_cast<std::uint8_t>(vc), never});
    return channel.tag++;
}

void FramedLinkCore::deliver(std::size_t end, std::uint8_t vc, std::uint32_t tag, Picoseconds when) {
    Channel& channel = channels_[end * virtual_channels_ + vc];
    require(tag == channel.arrived++, "flits of a virtual channel arrive once and in order");
    Underway& underway = channel.ring[channel.head++ & (channel.ring.size() - 1)];
    if (underway.flit.head) {
        metrics::Journey& journey = underway.flit.packet.journey;
        // One that is taken at its first sending has no stamp yet, and a first half that is forwarded early leaves less
        // than the slot to serialisation.
        const Picoseconds off = std::min(underway.first_sent, when - latency_);
        journey.append(metrics::Leaf::d2d_credit, std::min(journey.end() + underway.without_credit, off));
        journey.append(metrics::Leaf::d2d_serialisation, off);
        journey.append(metrics::Leaf::d2d_retry, when - latency_);
        journey.append(metrics::Leaf::d2d_transit, when);
    }
    departures.push_back({underway.flit, static_cast<std::uint8_t>(end), when});
}

void FramedLinkCore::lose(std::size_t, std::uint8_t, std::uint32_t, Picoseconds) {
    require(false, "a link of a system has retry wherever it has errors");
}

void FramedLinkCore::update(std::size_t end, Picoseconds now) {
    const bool is_open = core_.is_open(end);
    const Picoseconds off = is_open ? now + Picoseconds(1) : std::max(core_.busy_until(end), now + Picoseconds(1));
    for (auto freed = freed_space.rbegin(); freed != freed_space.rend() && freed->due == never; ++freed) {
        freed->due = off;
    }
    for (std::uint32_t vc = 0; vc < virtual_channels_; ++vc) {
        Channel& channel = channels_[end * virtual_channels_ + vc];
        channel.unstamped = std::max(channel.unstamped, channel.head);
        while (!is_open && channel.unstamped < channel.next) {
            channel.ring[channel.unstamped++ & (channel.ring.size() - 1)].first_sent = core_.busy_until(end);
        }
        const bool is_blocked = channel.queued > 0 && core_.credit(end, vc) == 0;
        if (is_blocked && channel.blocked_since == never) {
            channel.blocked_since = now;
        } else if (!is_blocked && channel.blocked_since != never) {
            channel.blocked += now - channel.blocked_since;
            channel.blocked_since = never;
        }
    }
}

D2dCounters FramedLinkCore::counters(std::size_t end) const {
    const d2d::DirectionCounters& counters = core_.counters(end);
    D2dCounters all;
    all.flits = flits_[end];
    all.packets = packets_[end];
    all.credit_blocked_slots = static_cast<std::uint64_t>(
        static_cast<double>(counters.time[static_cast<std::size_t>(d2d::SlotUse::no_credit)].count()) /
        core_.parameters().slot.picoseconds());
    return all;
}

void FramedLinkCore::audit() const {
    for (const Channel& channel : channels_) {
        require(channel.queued == 0 && channel.head == channel.next, "every flit handed to a link has left it");
    }
    core_.audit();
}

} // namespace intarsia::models
