#include "models/d2d_link_core.hpp"

#include <cmath>
#include <limits>
#include <numeric>

namespace intarsia::models {

namespace {
constexpr std::uint64_t never_cycle = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t millionths = 1'000'000;
} // namespace

Clock flit_slot_clock(const config::D2dLinkConfig& link, std::uint32_t flit_bytes) {
    auto numerator = static_cast<std::uint64_t>(std::llround(link.payload_efficiency * millionths));
    std::uint64_t denominator = millionths * 8 * flit_bytes;
    // Reduce before multiplying: 64 lanes x 32 GT/s x 10^6 alone is close to 2^61.
    for (const std::uint64_t factor : {std::uint64_t{link.lanes}, link.transfers_per_s}) {
        const std::uint64_t common = std::gcd(factor, denominator);
        denominator /= common;
        numerator *= factor / common;
    }
    const std::uint64_t common = std::gcd(numerator, denominator);
    return Clock(Hertz(numerator / common), denominator / common);
}

double raw_flit_rate_bytes_per_s(const config::D2dLinkConfig& link) {
    return static_cast<double>(link.lanes) * static_cast<double>(link.transfers_per_s) * link.payload_efficiency / 8.0;
}

D2dDirectionCore::D2dDirectionCore(const config::D2dLinkConfig& link, std::uint32_t flit_bytes,
                                   std::uint32_t virtual_channels)
    : clock_(flit_slot_clock(link, flit_bytes)), latency_(link.tx_latency + link.flight_time + link.rx_latency),
      receive_buffer_(link.receive_buffer_flits), channels_(virtual_channels),
      returning_(static_cast<std::size_t>(link.receive_buffer_flits) * virtual_channels) {
    for (VirtualChannel& channel : channels_) {
        channel.ring.resize(link.tx_buffer_flits);
        channel.credits = receive_buffer_;
    }
}

void D2dDirectionCore::update_blocked(VirtualChannel& channel, std::uint64_t slot) {
    const bool blocked = channel.count > 0 && channel.credits == 0;
    if (blocked && !channel.blocked) {
        channel.blocked_from = slot;
    } else if (!blocked && channel.blocked) {
        channel.blocked_slots += slot - channel.blocked_from;
    }
    channel.blocked = blocked;
}

void D2dDirectionCore::accept(const LinkFlit& flit, std::uint64_t slot) {
    VirtualChannel& channel = channels_[flit.vc];
    require(channel.count < channel.ring.size(), "a link's transmit buffer never overflows: its sender owns credits");
    channel.ring[(channel.head + channel.count) % channel.ring.size()] = {flit, channel.blocked_slots};
    ++channel.count;
    ++queued_;
    update_blocked(channel, slot);
}

void D2dDirectionCore::take_credits(std::uint64_t slot, Picoseconds now) {
    while (const std::uint8_t* vc = returning_.front(now)) {
        VirtualChannel& channel = channels_[*vc];
        require(channel.credits < receive_buffer_, "a link's credits never exceed its receive buffer");
        ++channel.credits;
        update_blocked(channel, slot);
        returning_.pop();
    }
}

std::optional<D2dDirectionCore::Departure> D2dDirectionCore::send(std::uint64_t slot, Picoseconds now) {
    take_credits(slot, now);
    if (queued_ == 0) {
        return std::nullopt;
    }
    for (std::uint32_t offset = 0; offset < channels_.size(); ++offset) {
        const auto index = static_cast<std::uint32_t>((next_channel_ + offset) % channels_.size());
        VirtualChannel& channel = channels_[index];
        if (channel.count == 0 || channel.credits == 0) {
            continue;
        }
        if (all_blocked_) {
            counters_.credit_blocked_slots += slot - all_blocked_from_;
            all_blocked_ = false;
        }
        next_channel_ = index + 1;
        const Queued& queued = channel.ring[channel.head];
        const Picoseconds slot_end = clock_.edge(slot + 1);
        Departure departure{queued.flit, slot_end, slot_end + latency_};
        if (departure.flit.head) {
            metrics::Journey& journey = departure.flit.packet.journey;
            // The flit came between two edges and is looked at on edges: what it waited without credit is whole slots.
            const std::uint64_t without_credit = channel.blocked_slots - queued.blocked_before;
            const Picoseconds credit_end = clock_.edge(slot) - clock_.edge(slot - without_credit) + journey.end();
            journey.append(metrics::Leaf::d2d_credit, std::min(credit_end, now));
            journey.append(metrics::Leaf::d2d_serialisation, slot_end);
            journey.append(metrics::Leaf::d2d_transit, departure.arrival);
            ++counters_.packets;
            channel.blocked_at_head = channel.blocked_slots;
        }
        if (departure.flit.tail) {
            const std::uint64_t without_credit = channel.blocked_slots - channel.blocked_at_head;
            departure.flit.credit_lag += clock_.edge(slot) - clock_.edge(slot - without_credit);
        }
        channel.head = static_cast<std::uint32_t>((channel.head + 1) % channel.ring.size());
        --channel.count;
        --channel.credits;
        --queued_;
        ++counters_.flits;
        // From the next slot on the channel may be without credit.
        update_blocked(channel, slot + 1);
        return departure;
    }
    if (!all_blocked_) {
        all_blocked_ = true;
        all_blocked_from_ = slot;
    }
    return std::nullopt;
}

std::uint64_t D2dDirectionCore::next_work(std::uint64_t slot) const {
    if (queued_ == 0) {
        return never_cycle;
    }
    for (const VirtualChannel& channel : channels_) {
        if (channel.count > 0 && channel.credits > 0) {
            return slot + 1;
        }
    }
    if (returning_.empty()) {
        return never_cycle;
    }
    return std::max(slot + 1, clock_.first_edge_at_or_after(returning_.next_due()));
}

void D2dDirectionCore::audit() const {
    require(queued_ == 0, "every flit handed to a link has left it");
    std::uint64_t home = returning_.size();
    for (const VirtualChannel& channel : channels_) {
        home += channel.credits;
    }
    require(home == std::uint64_t{receive_buffer_} * channels_.size(), "all credits of a link are home");
}

} // namespace intarsia::models
