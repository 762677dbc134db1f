// A link: both directions, event by event over d2d_flits.
#pragma once

#include "d2d/link_end.hpp"

namespace intarsia::d2d {

/// The link between a client's ends 0 and 1. The client owns the queues of payload and the far buffers' contents, and
/// offers, inlined into the loops here:
///
///     std::uint32_t waiting(end, channel, now)  bytes of the unit at the head of a queue; 0: none at `now`
///     std::uint32_t start(end, channel, now)    its first byte goes into a d2d_flit (called once a unit)
///     std::uint32_t leave(end, channel)         its last byte does: takes it off the queue; returns a tag for it
///     void part(end, channel, bytes, when)      bytes of a unit will be in the far buffer at `when`, or would if they
///     were
///                                               not lost: space to be released some time from then on
///     void deliver(end, channel, tag, when)     the unit will be whole there at `when`, which never runs backwards
///                                               within a channel
///     void lose(end, channel, tag, when)        it will not (only without retry)
///     Picoseconds next_waiting(end, now)        when a queue that is empty at `now` will have a unit; `never` if only
///                                               offered() will tell
///
/// Units of a channel arrive in the order in which they left; channels with payload and credit take turns by units. The
/// caller steps an end whenever its due() comes, both ends in order of time.
template <class Client>
class LinkCore {
  public:
    LinkCore(const LinkParameters& link, Client& client)
        : link_(link), client_(&client),
          bits_(std::uint64_t{link.wire_bytes} * 8), ends_{LinkEnd(link, 0), LinkEnd(link, 1)} {}

    /// When `end` is to be stepped next; `never`: only offered() or release() will change that.
    [[nodiscard]] Picoseconds due(std::size_t end) const { return ends_[end].due; }
    [[nodiscard]] bool down() const { return down_; }
    [[nodiscard]] const DirectionCounters& counters(std::size_t end) const { return ends_[end].counters; }
    /// End of the slot that `end` sent last.
    [[nodiscard]] Picoseconds busy_until(std::size_t end) const { return ends_[end].busy_until; }
    /// A partly filled d2d_flit waits for more.
    [[nodiscard]] bool is_open(std::size_t end) const { return ends_[end].open.begun; }
    /// Bytes of a channel's far buffer that `end` may still send.
    [[nodiscard]] std::uint32_t credit(std::size_t end, std::uint32_t channel) const {
        return ends_[end].credits[channel];
    }
    [[nodiscard]] const LinkParameters& parameters() const { return link_; }

    /// Something is in a queue of `end` since `now`.
    void offered(std::size_t end, Picoseconds now) {
        LinkEnd& me = ends_[end];
        me.due = earlier(me.due, later(now, me.busy_until));
    }

    /// At `when` the receiver of `end` frees `bytes` of the buffer of a channel. Times of an end never run backwards.
    void release(std::size_t end, std::uint8_t channel, std::uint32_t bytes, Picoseconds when) {
        LinkEnd& me = ends_[end];
        if (!me.releases.empty() && me.releases.back().time == when && me.releases.back().channel == channel) {
            me.releases.back().bytes += bytes;
            return;
        }
        me.releases.push({when, bytes, channel});
        me.due = earlier(me.due, later(when, me.busy_until));
    }

    /// Does all that is due at `end` by `now`.
    void step(std::size_t end, Picoseconds now) {
        LinkEnd& me = ends_[end];
        while (!me.arrivals.empty() && me.arrivals.front().time <= now) {
            me.take(me.arrivals.front(), link_);
            me.arrivals.pop();
        }
        while (!me.releases.empty() && me.releases.front().time <= now) {
            const LinkEnd::Release& release = me.releases.front();
            me.owed[release.channel] += release.bytes;
            me.owed_mask |= 1U << release.channel;
            me.releases.pop();
        }
        if (me.fruitless_replays > link_.retry_limit) [[unlikely]] {
            down_ = true;
        }
        if (me.busy_until <= now && now >= link_.failure.at && !me.trained_again) [[unlikely]] {
            train(me, now);
        }
        if (me.busy_until <= now && !down_) {
            send(end, now);
        }
        me.due = next_due(end, now);
    }

    /// Cuts all accounts at `when`, the last time that anybody wants to know about.
    void close(Picoseconds when) {
        for (LinkEnd& me : ends_) {
            me.account(when);
            if (me.accounted > when) {
                me.counters.time[static_cast<std::size_t>(me.last_use)] -= me.accounted - when;
                me.accounted = when;
            }
        }
    }

    /// Checks that everything sent has arrived and is acknowledged, and that all credits are home.
    void audit() const {
        for (std::size_t end = 0; end < 2; ++end) {
            const LinkEnd& me = ends_[end];
            const LinkEnd& far = ends_[1 - end];
            require(me.undelivered.empty() && me.open.payload == 0, "all payload handed to a link has left it");
            require(me.arrivals.empty() && me.acked == me.next_sequence, "all d2d_flits are acknowledged");
            for (std::uint32_t channel = 0; channel < link_.channels; ++channel) {
                require(me.credits[channel] + far.owed[channel] == link_.receive_buffer_bytes,
                        "all credits of a link are home");
            }
        }
    }

  private:
    void train(LinkEnd& me, Picoseconds now) {
        me.trained_again = true;
        me.slot = link_.failure.slot_after;
        me.fraction = 0;
        const Picoseconds trained = link_.failure.at + link_.failure.training;
        if (link_.failure.down) {
            down_ = true;
        } else if (trained > now) {
            me.account(now);
            me.counters.time[static_cast<std::size_t>(SlotUse::training)] += trained - now;
            me.accounted = trained;
            me.last_use = SlotUse::training;
            me.busy_until = trained;
            me.deadline = me.deadline == never ? never : trained + link_.replay_timeout;
        }
    }

    void send(std::size_t end, Picoseconds now) {
        LinkEnd& me = ends_[end];
        if (me.deadline <= now) [[unlikely]] {
            ++me.counters.timeouts;
            me.replay(now, link_);
        }
        if (me.replay_at != me.next_sequence) [[unlikely]] {
            send_again(end, now);
            return;
        }
        SlotUse reason = SlotUse::replay_buffer_full;
        if (!link_.retry || me.next_sequence - me.acked < link_.replay_buffer) {
            reason = fill(end, now);
            if (me.open.begun && (me.open.space == 0 || me.open.credits > 0 || me.answer_due ||
                                  me.open.opened + link_.flush_wait <= now)) {
                send_new(end, now);
                return;
            }
        } else if (!can_send_payload(end, now)) {
            reason = payload_waits(end, now) ? SlotUse::no_credit : SlotUse::no_data;
        }
        if (me.answer_due || me.ack_due <= now) {
            const Picoseconds arrival = me.occupy(now, SlotUse::ack) + link_.latency;
            const bool damaged = damages(me);
            hand_over(end, {arrival, 0, 0, 0, damaged ? Arrival::Kind::damaged : Arrival::Kind::plain, 0});
            return;
        }
        me.account(now);
        me.idle_reason = reason;
    }

    [[nodiscard]] bool payload_waits(std::size_t end, std::uint32_t channel, Picoseconds now) const {
        return ends_[end].left[channel] > 0 || client_->waiting(end, channel, now) > 0;
    }
    [[nodiscard]] bool payload_waits(std::size_t end, Picoseconds now) const {
        for (std::uint32_t channel = 0; channel < link_.channels; ++channel) {
            if (payload_waits(end, channel, now)) {
                return true;
            }
        }
        return false;
    }
    [[nodiscard]] bool can_send_payload(std::size_t end, Picoseconds now) const {
        for (std::uint32_t channel = 0; channel < link_.channels; ++channel) {
            if (ends_[end].credits[channel] > 0 && payload_waits(end, channel, now)) {
                return true;
            }
        }
        return false;
    }

    /// Puts what there is into the open d2d_flit. Returns why there is not more.
    SlotUse fill(std::size_t end, Picoseconds now) {
        LinkEnd& me = ends_[end];
        LinkEnd::OpenFlit& open = me.open;
        if (!open.begun) {
            open = {now, link_.payload_bytes, 0, 0, 0, false, false};
            open.direct = link_.flush_wait.count() == 0 && me.next_sequence == me.far_expected &&
                          !me.errors.will_damage(bits_) && (link_.failure.at == never || me.trained_again);
        }
        // Without room of their own, credits displace payload: at once when the far end may soon be short of them, else
        // only in what payload leaves over.
        if (me.owed_mask != 0) {
            put_credits(end, link_.spare_bytes > 0 ? 0 : link_.receive_buffer_bytes / 4);
        }
        const Picoseconds arrival = me.slot_end(now) + link_.latency;
        const Picoseconds half_slot = half_of(me.slot_end(now) - now);
        SlotUse reason = SlotUse::no_data;
        std::uint32_t starved = 0; // channels looked at in vain in a row
        while (open.space > 0 && starved < link_.channels) {
            const std::uint32_t channel = me.turn;
            std::uint32_t bytes = me.left[channel];
            if (bytes == 0) {
                bytes = client_->waiting(end, channel, now);
            }
            const std::uint32_t credit = me.credits[channel];
            if (bytes == 0 || credit == 0) {
                reason = bytes == 0 ? reason : SlotUse::no_credit;
                ++starved;
                next_turn(me);
                continue;
            }
            if (me.left[channel] == 0) {
                client_->start(end, channel, now);
            }
            const std::uint32_t wanted = bytes < credit ? bytes : credit;
            const std::uint32_t part = wanted < open.space ? wanted : open.space;
            me.credits[channel] -= part;
            me.outstanding += part;
            open.space -= part;
            open.payload += part;
            me.left[channel] = bytes - part;
            const bool first_half = (link_.payload_bytes - open.space) * 2 <= link_.payload_bytes;
            const bool is_last = part == bytes;
            const UnitPart taken{is_last ? client_->leave(end, channel) : 0, part, static_cast<std::uint8_t>(channel),
                                 is_last, first_half};
            if (open.direct) [[likely]] {
                hand_part(end, taken, first_half ? arrival - half_slot : arrival);
            } else {
                me.undelivered.push(taken);
                ++open.parts;
            }
            if (is_last) {
                next_turn(me);
            }
            starved = 0;
        }
        if (me.owed_mask != 0 && link_.spare_bytes == 0 && open.space >= link_.credit_message_bytes) {
            put_credits(end, 0);
        }
        open.begun = open.payload > 0 || open.credits > 0;
        return reason;
    }

    void next_turn(LinkEnd& me) const { me.turn = me.turn + 1 < link_.channels ? me.turn + 1 : 0; }

    /// Tells of space freed, channel by channel, as far as there is room.
    void put_credits(std::size_t end, std::uint32_t at_least) {
        LinkEnd& me = ends_[end];
        LinkEnd::OpenFlit& open = me.open;
        Ring<CreditUpdate>& told = open.direct ? ends_[1 - end].credit_inbox : me.untold_credits;
        const std::uint32_t most =
            link_.spare_bytes > 0 ? std::max(1U, link_.spare_bytes / link_.credit_message_bytes) : max_channels;
        for (std::uint32_t mask = me.owed_mask; mask != 0 && open.credits < most; mask &= mask - 1) {
            const auto channel = static_cast<std::uint32_t>(std::countr_zero(mask));
            if (me.owed[channel] < at_least) {
                continue;
            }
            if (link_.spare_bytes == 0) {
                if (open.space < link_.credit_message_bytes) {
                    return;
                }
                open.space -= link_.credit_message_bytes;
                me.counters.credit_bytes += link_.credit_message_bytes;
            }
            told.push({static_cast<std::uint8_t>(channel), me.owed[channel]});
            me.owed[channel] = 0;
            me.owed_mask &= ~(1U << channel);
            ++open.credits;
        }
    }

    [[nodiscard]] bool damages(LinkEnd& me) const {
        const bool wrong_bits = me.errors.damages(bits_);
        const bool lanes_fail = me.busy_until > link_.failure.at && !me.trained_again;
        me.counters.damaged += static_cast<std::uint64_t>(wrong_bits || lanes_fail);
        return wrong_bits || lanes_fail;
    }

    void send_new(std::size_t end, Picoseconds now) {
        LinkEnd& me = ends_[end];
        LinkEnd::OpenFlit& open = me.open;
        const Picoseconds slot_end = me.occupy(now, open.payload > 0 ? SlotUse::payload : SlotUse::credit);
        const bool damaged = damages(me);
        count(me, open);
        Arrival arrival{slot_end + link_.latency, 0, 0, 0, Arrival::Kind::accepted, open.credits};
        const bool in_order = me.next_sequence == me.far_expected;
        if (link_.retry) {
            if (me.deadline == never) {
                me.deadline = slot_end + link_.replay_timeout;
            }
            me.far_expected += static_cast<std::uint64_t>(in_order && !damaged);
            if (!in_order || damaged) [[unlikely]] {
                me.sent[me.next_sequence & me.sent_mask] = {open.parts, open.credits};
            }
            me.replay_at = ++me.next_sequence;
        }
        if (!open.direct) [[unlikely]] {
            if (damaged) {
                arrival.kind = Arrival::Kind::damaged;
            } else if (!in_order) {
                arrival.kind = Arrival::Kind::gap;
            }
            if (arrival.kind == Arrival::Kind::accepted) {
                hand_content(end, open.parts, open.credits, now, arrival);
            } else {
                arrival.credits = 0;
                if (!link_.retry) {
                    lose_content(end, arrival.time);
                }
            }
        }
        open.begun = false;
        open.payload = 0;
        hand_over(end, arrival);
    }

    void send_again(std::size_t end, Picoseconds now) {
        LinkEnd& me = ends_[end];
        const std::uint64_t sequence = me.replay_at++;
        const LinkEnd::SentFlit content = me.sent[sequence & me.sent_mask];
        Arrival arrival{me.occupy(now, SlotUse::replay) + link_.latency, 0, 0, 0, Arrival::Kind::accepted, 0};
        if (damages(me)) {
            arrival.kind = Arrival::Kind::damaged;
        } else if (sequence != me.far_expected) {
            arrival.kind = sequence < me.far_expected ? Arrival::Kind::duplicate : Arrival::Kind::gap;
        } else {
            ++me.far_expected;
            hand_content(end, content.parts, content.credits, now, arrival);
        }
        hand_over(end, arrival);
    }

    [[nodiscard]] Picoseconds half_of(Picoseconds slot) const {
        return link_.halves ? Picoseconds(slot.count() / 2) : Picoseconds(0);
    }

    /// A part arrives.
    void hand_part(std::size_t end, const UnitPart& part, Picoseconds when) {
        client_->part(end, part.channel, part.bytes, when);
        if (!part.is_last) {
            return;
        }
        LinkEnd& me = ends_[end];
        const std::uint32_t bit = 1U << part.channel;
        if ((me.broken_mask & bit) != 0) [[unlikely]] {
            me.broken_mask &= ~bit;
            client_->lose(end, part.channel, part.tag, when);
        } else {
            client_->deliver(end, part.channel, part.tag, when);
        }
    }

    /// The next parts and credits that the receiver has not got are in this d2d_flit, and it takes them.
    void hand_content(std::size_t end, std::uint32_t parts, std::uint8_t credits, Picoseconds now, Arrival& arrival) {
        LinkEnd& me = ends_[end];
        const Picoseconds half_slot = half_of(me.busy_until - now);
        for (std::uint32_t i = 0; i < parts; ++i) {
            const UnitPart part = me.undelivered.front();
            me.undelivered.pop();
            hand_part(end, part, part.first_half ? arrival.time - half_slot : arrival.time);
        }
        for (std::uint8_t i = 0; i < credits; ++i) {
            ends_[1 - end].credit_inbox.push(me.untold_credits.front());
            me.untold_credits.pop();
        }
        arrival.credits = credits;
    }

    /// Without retry: what a damaged d2d_flit held never arrives. Credits are running totals, so that the next
    /// d2d_flit makes up for those.
    void lose_content(std::size_t end, Picoseconds when) {
        LinkEnd& me = ends_[end];
        const LinkEnd::OpenFlit& open = me.open;
        for (std::uint32_t i = 0; i < open.parts; ++i) {
            const UnitPart part = me.undelivered.front();
            me.undelivered.pop();
            client_->part(end, part.channel, part.bytes, when);
            if (part.is_last) {
                me.broken_mask &= ~(1U << part.channel);
                client_->lose(end, part.channel, part.tag, when);
            } else {
                me.broken_mask |= 1U << part.channel;
            }
        }
        for (std::uint8_t i = 0; i < open.credits; ++i) {
            const CreditUpdate update = me.untold_credits.front();
            me.untold_credits.pop();
            me.owed[update.channel] += update.bytes;
            me.owed_mask |= 1U << update.channel;
        }
    }

    void hand_over(std::size_t end, Arrival arrival) {
        LinkEnd& me = ends_[end];
        LinkEnd& far = ends_[1 - end];
        arrival.ack = me.expected;
        arrival.epoch = me.epoch;
        arrival.nak_epoch = me.waits_for_replay ? me.asked_epoch : 0;
        me.answer_due = false;
        me.ack_due = never;
        far.arrivals.push(arrival);
        far.due = earlier(far.due, later(arrival.time, far.busy_until));
    }

    void count(LinkEnd& me, const LinkEnd::OpenFlit& open) const {
        DirectionCounters& counters = me.counters;
        counters.payload_bytes += open.payload;
        counters.padding_bytes += open.space;
        const auto kept = static_cast<std::uint32_t>(link_.retry ? me.next_sequence - me.acked + 1 : 0);
        counters.replay_occupancy_sum += kept;
        counters.replay_occupancy_max = std::max(counters.replay_occupancy_max, kept);
        counters.receive_occupancy_sum += me.outstanding;
        counters.receive_occupancy_max = std::max(counters.receive_occupancy_max, me.outstanding);
    }

    [[nodiscard]] Picoseconds next_due(std::size_t end, Picoseconds now) const {
        const LinkEnd& me = ends_[end];
        if (down_) {
            return never;
        }
        if (me.busy_until > now) {
            return me.busy_until;
        }
        Picoseconds next = earlier(earlier(me.deadline, me.ack_due), client_->next_waiting(end, now));
        if (me.open.begun) {
            next = earlier(next, me.open.opened + link_.flush_wait);
        }
        if (!me.arrivals.empty()) {
            next = earlier(next, me.arrivals.front().time);
        }
        if (!me.releases.empty()) {
            next = earlier(next, me.releases.front().time);
        }
        if (!me.trained_again) {
            next = earlier(next, link_.failure.at);
        }
        return next;
    }

    LinkParameters link_;
    Client* client_;
    std::uint64_t bits_;
    std::array<LinkEnd, 2> ends_;
    bool down_ = false;
};

} // namespace intarsia::d2d
