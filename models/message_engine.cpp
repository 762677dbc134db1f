#include "models/message_engine.hpp"

#include "config/errors.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace intarsia::models {

using metrics::Leaf;

namespace {

// A push names the landing slot in `transaction`; `address` tells the bytes of the piece and whether it is the last.
constexpr std::uint64_t last_piece_bit = 1ULL << 63U;
constexpr std::uint64_t piece_bytes_mask = last_piece_bit - 1;

// What cores tell each other names the job in `transaction`; `address` tells the step, and of a grant piece and slot.
// An announcement has a slot number that no landing slot has.
constexpr std::uint64_t step_shift = 48;
constexpr std::uint64_t granted_piece_shift = 8;
constexpr std::uint64_t slot_mask = (1ULL << granted_piece_shift) - 1;
constexpr std::uint64_t announcement_slot = slot_mask;
constexpr std::uint64_t granted_piece_mask = (1ULL << (step_shift - granted_piece_shift)) - 1;

} // namespace

MessageEngine::MessageEngine(std::uint32_t core, EndpointId self, const config::CoreConfig& config,
                             const config::NetworkConfig& network, const noc::PackagePlan& plan, DmaEngine& dma,
                             CoreTime& time, TimerQueue& timers)
    : core_(core), self_(self), granule_(network.max_payload_bytes),
      reduce_bytes_per_cycle_(std::uint64_t{config.vector_flops_per_cycle} * reduced_element_bytes), plan_(&plan),
      dma_(&dma), time_(&time), timers_(&timers) {}

MessageEngine::Job* MessageEngine::find(std::uint32_t id) {
    const auto found = std::find_if(jobs_.begin(), jobs_.end(), [&](const Job& job) { return job.id == id; });
    return found == jobs_.end() ? nullptr : &*found;
}

// The part of a message that this core moves: whole packets, dealt evenly to the cores that take part.
AddressRange MessageEngine::own_share(const MessageJob& job, workloads::BufferRange range) const {
    if (core_ >= job.cores) {
        return {};
    }
    const std::uint64_t packets = (range.bytes + granule_ - 1) / granule_;
    const std::uint64_t begin = std::min(range.bytes, packets * core_ / job.cores * granule_);
    const std::uint64_t end = std::min(range.bytes, packets * (core_ + 1) / job.cores * granule_);
    return {job.buffer.begin + range.offset + begin, end - begin};
}

bool MessageEngine::takes_part(const MessageJob& job, std::uint64_t own_bytes) const {
    return own_bytes > 0 || (job.always_all && core_ < job.cores) || (job.always_first && core_ == 0);
}

std::uint64_t MessageEngine::pieces_of(const MessageJob& job, std::uint64_t bytes) {
    return std::max<std::uint64_t>(1, (bytes + job.piece_bytes - 1) / job.piece_bytes);
}

AddressRange MessageEngine::piece_of(const MessageJob& job, const AddressRange& range, std::uint64_t index) {
    const std::uint64_t begin = std::min(range.bytes, index * job.piece_bytes);
    return {range.begin + begin, std::min(job.piece_bytes, range.bytes - begin)};
}

void MessageEngine::begin(std::uint32_t id, const MessageJob& job, std::uint64_t cycle, Picoseconds now) {
    jobs_.push_back(Job{});
    Job& mine = jobs_.back();
    mine.id = id;
    mine.plan = &job;
    if (job.kind == MessageJob::Kind::messages) {
        start_step(mine, cycle, now);
        return;
    }
    const AddressRange own = own_share(job, {0, job.buffer.bytes});
    mine.memory_bytes = own.bytes;
    if (own.bytes == 0) {
        advance(mine, cycle, now);
        return;
    }
    const bool load = job.kind == MessageJob::Kind::memory_load;
    dma_->submit(load ? DmaChannel::background_read : DmaChannel::background_write,
                 {load ? Transfer::Kind::read : Transfer::Kind::write,
                  own.begin,
                  own.bytes,
                  {TransferOwner::Kind::memory_node, id, 0}});
}

// Steps in which this core has nothing to send and nothing to receive pass at once.
void MessageEngine::start_step(Job& job, std::uint64_t cycle, Picoseconds now) {
    const MessageJob& plan = *job.plan;
    while (job.step < plan.steps.size()) {
        const workloads::CollectiveStep& step = plan.steps[job.step];
        job.send = Send{};
        job.receive = Receive{};
        if (step.send_to) {
            job.send.range = own_share(plan, step.send);
            job.send.active = takes_part(plan, job.send.range.bytes);
            job.send.peer = plan_->core_endpoint(plan.peer_dies[*step.send_to], core_);
            job.send.pieces = pieces_of(plan, job.send.range.bytes);
        }
        if (step.receive_from) {
            job.receive.range = own_share(plan, step.receive);
            job.receive.active = takes_part(plan, job.receive.range.bytes);
            job.receive.peer = plan_->core_endpoint(plan.peer_dies[*step.receive_from], core_);
            job.receive.pieces = pieces_of(plan, job.receive.range.bytes);
        }
        if (job.send.active) {
            tell(job.send.peer, plan.key, std::uint64_t{step.number} << step_shift | announcement_slot, now);
        }
        if (job.receive.active) {
            job.receive.announced = announcements_.erase({plan.key, step.number, job.receive.peer}) > 0;
        }
        if (job.send.active || job.receive.active) {
            break;
        }
        ++job.step;
    }
    advance(job, cycle, now);
}

bool MessageEngine::receive_done(const Job& job) const {
    const Receive& receive = job.receive;
    if (!receive.active) {
        return true;
    }
    // A message that ended early leaves granted slots, whose operands may still be on their way.
    return receive.last_seen && receive.stored == receive.last_piece + 1 &&
           std::none_of(slots_.begin(), slots_.end(), [&](const LandingSlot& slot) {
               return slot.busy && slot.job == job.id && slot.operand_pending > 0;
           });
}

void MessageEngine::advance(Job& job, std::uint64_t cycle, Picoseconds now) {
    const bool memory_node = job.plan->kind != MessageJob::Kind::messages;
    if (!memory_node && job.step < job.plan->steps.size()) {
        grant_slots(job, now);
        advance_send(job);
        if ((job.send.active && job.send.left < job.send.pieces) || !receive_done(job)) {
            return;
        }
        if (job.receive.active) {
            if (job.receive.got_bytes != job.receive.range.bytes) {
                ++counters_.size_mismatches;
            }
            // Slots granted beyond a message that ended early come home unused.
            for (LandingSlot& slot : slots_) {
                if (slot.busy && slot.job == job.id) {
                    slot = LandingSlot{};
                    ++free_slots_;
                }
            }
        }
        ++job.step;
        start_step(job, cycle, now);
        return;
    }
    if (memory_node && job.memory_bytes > 0) {
        return;
    }
    // What the job did last was to hand pieces to the network.
    time_->background_span(job.id, cycle, Leaf::noc_source_queue);
    time_->background_end(job.id);
    ended_.push_back(job.id);
    const std::uint32_t id = job.id;
    jobs_.erase(std::find_if(jobs_.begin(), jobs_.end(), [&](const Job& j) { return j.id == id; }));
    serve_waiting(now);
}

void MessageEngine::serve_waiting(Picoseconds now) {
    for (Job& job : jobs_) {
        grant_slots(job, now);
    }
}

void MessageEngine::grant_slots(Job& job, Picoseconds now) {
    Receive& receive = job.receive;
    if (!receive.announced || receive.last_seen) {
        return;
    }
    // Beyond the pieces expected, one slot at a time until the sender says that it was the last.
    while (free_slots_ > 0 && receive.slots < slots_a_receive &&
           (receive.granted < receive.pieces || receive.slots == 0)) {
        const auto index = static_cast<std::uint32_t>(
            std::find_if(slots_.begin(), slots_.end(), [](const LandingSlot& s) { return !s.busy; }) - slots_.begin());
        LandingSlot& slot = slots_[index];
        slot = LandingSlot{true, job.id, receive.granted, 0, 0, 0, false};
        --free_slots_;
        ++receive.slots;
        tell(receive.peer, job.plan->key,
             std::uint64_t{job.plan->steps[job.step].number} << step_shift | receive.granted << granted_piece_shift |
                 index,
             now);
        ++counters_.grants_sent;
        const AddressRange piece = piece_of(*job.plan, receive.range, receive.granted);
        if (job.plan->steps[job.step].reduce && piece.bytes > 0) {
            slot.operand_pending = piece.bytes;
            dma_->submit(
                DmaChannel::background_read,
                {Transfer::Kind::read, piece.begin, piece.bytes, {TransferOwner::Kind::operand_read, index, 0}});
        }
        ++receive.granted;
    }
}

void MessageEngine::tell(EndpointId peer, std::uint64_t key, std::uint64_t detail, Picoseconds now) {
    Packet packet;
    packet.kind = PacketKind::push_reply;
    packet.source = self_;
    packet.destination = peer;
    packet.transaction = key;
    packet.address = detail;
    packet.flits = 1;
    packet.journey = metrics::Journey(now);
    dma_->submit_packet(packet);
}

void MessageEngine::advance_send(Job& job) {
    Send& send = job.send;
    if (!send.active) {
        return;
    }
    while (send.read_started < send.pieces && send.read_started - send.left < pieces_ahead) {
        const AddressRange piece = piece_of(*job.plan, send.range, send.read_started);
        const auto part = static_cast<std::uint32_t>(send.read_started % pieces_ahead);
        send.unread[part] = piece.bytes;
        if (piece.bytes > 0) {
            dma_->submit(
                DmaChannel::background_read,
                {Transfer::Kind::read, piece.begin, piece.bytes, {TransferOwner::Kind::message_read, job.id, part}});
        }
        ++send.read_started;
    }
    const MessageKey key{job.plan->key, job.plan->steps[job.step].number, send.peer};
    const auto grants = grants_.find(key);
    if (grants == grants_.end()) {
        return;
    }
    while (send.pushed < send.read_started && send.unread[send.pushed % pieces_ahead] == 0) {
        const auto grant = grants->second.find(send.pushed);
        if (grant == grants->second.end()) {
            break;
        }
        const AddressRange piece = piece_of(*job.plan, send.range, send.pushed);
        Transfer push;
        push.kind = Transfer::Kind::push;
        push.bytes = piece.bytes;
        push.owner = {TransferOwner::Kind::message_read, job.id, pieces_ahead};
        push.destination = send.peer;
        push.landing = grant->second;
        const bool last = send.pushed + 1 == send.pieces;
        push.landing_detail = piece.bytes | (last ? last_piece_bit : 0);
        grants->second.erase(grant);
        dma_->submit(DmaChannel::push, push);
        ++send.pushed;
        ++counters_.pieces_sent;
        counters_.bytes_sent += piece.bytes;
    }
    if (grants->second.empty() || send.pushed == send.pieces) {
        grants_.erase(grants);
    }
}

void MessageEngine::told(const Packet& packet, std::uint64_t cycle, Picoseconds now) {
    if ((packet.address & slot_mask) == announcement_slot) {
        announced(packet, now);
    } else {
        granted(packet, cycle, now);
    }
}

void MessageEngine::announced(const Packet& announcement, Picoseconds now) {
    const auto step = static_cast<std::uint32_t>(announcement.address >> step_shift);
    bool expected = false;
    for (Job& job : jobs_) {
        const MessageJob& plan = *job.plan;
        // SENDs, and RECVs of other ranks, may bear the same key.
        const auto receives = [&](const workloads::CollectiveStep& s) {
            return s.receive_from &&
                   plan_->core_endpoint(plan.peer_dies[*s.receive_from], core_) == announcement.source;
        };
        expected = expected || (plan.key == announcement.transaction &&
                                std::any_of(plan.steps.begin(), plan.steps.end(), receives));
        if (job.receive.active && plan.key == announcement.transaction && plan.steps[job.step].number == step &&
            job.receive.peer == announcement.source) {
            job.receive.announced = true;
            grant_slots(job, now);
            return;
        }
    }
    // The receiver has not come that far.
    announcements_.insert({announcement.transaction, step, announcement.source});
    if (!expected) {
        unexpected_.push_back({announcement.transaction, announcement.source});
    }
}

void MessageEngine::granted(const Packet& grant, std::uint64_t cycle, Picoseconds now) {
    const auto step = static_cast<std::uint32_t>(grant.address >> step_shift);
    const auto slot = static_cast<std::uint32_t>(grant.address & slot_mask);
    const std::uint64_t piece = grant.address >> granted_piece_shift & granted_piece_mask;
    for (Job& job : jobs_) {
        const MessageJob& plan = *job.plan;
        if (job.send.active && plan.key == grant.transaction && plan.steps[job.step].number == step &&
            job.send.peer == grant.source) {
            if (piece >= job.send.pieces) {
                return; // the receiver expects a longer message
            }
            grants_[{grant.transaction, step, grant.source}][piece] = slot;
            // The sender waited for this grant exactly if its piece stood ready and was the next.
            if (job.send.pushed == piece && piece < job.send.read_started &&
                job.send.unread[piece % pieces_ahead] == 0) {
                time_->background_span(job.id, cycle, grant.journey, Leaf::collective_peer);
            }
            advance(job, cycle, now);
            return;
        }
    }
    // The peer is there first.
    grants_[{grant.transaction, step, grant.source}][piece] = slot;
}

void MessageEngine::landed(const Packet& push, std::uint64_t cycle, Picoseconds now) {
    const auto index = static_cast<std::uint32_t>(push.transaction);
    require(index < landing_slots && slots_[index].busy, "pushed data lands in a slot that was granted");
    LandingSlot& slot = slots_[index];
    Job* job = find(slot.job);
    require(job != nullptr, "a landing slot belongs to a job");
    slot.announced = push.address & piece_bytes_mask;
    slot.received += push.bytes;
    job->receive.got_bytes += push.bytes;
    counters_.bytes_received += push.bytes;
    if (slot.received < slot.announced) {
        return;
    }
    slot.landed = true;
    if ((push.address & last_piece_bit) != 0) {
        job->receive.last_seen = true;
        job->receive.last_piece = slot.piece;
    }
    time_->background_span(job->id, cycle, push.journey, Leaf::collective_peer);
    if (slot.operand_pending == 0) {
        piece_ready(index, cycle, now);
    }
}

// The piece and, for a reduction, the core's own operand are in SRAM.
void MessageEngine::piece_ready(std::uint32_t index, std::uint64_t cycle, Picoseconds now) {
    LandingSlot& slot = slots_[index];
    Job* job = find(slot.job);
    if (slot.announced == 0) {
        piece_stored(index, cycle, now);
        return;
    }
    if (job->plan->steps[job->step].reduce) {
        const std::uint64_t duration = (slot.announced + reduce_bytes_per_cycle_ - 1) / reduce_bytes_per_cycle_;
        reducer_free_ = std::max(reducer_free_, cycle) + duration;
        counters_.bytes_reduced += slot.announced;
        timers_->set(reducer_free_, {Timer::Kind::reduction_end, core_, index});
        return;
    }
    reduction_ended(index, cycle, now);
}

void MessageEngine::reduction_ended(std::uint32_t index, std::uint64_t cycle, Picoseconds) {
    LandingSlot& slot = slots_[index];
    Job* job = find(slot.job);
    require(job != nullptr, "a landing slot belongs to a job");
    if (job->plan->steps[job->step].reduce) {
        time_->background_span(job->id, cycle, Leaf::collective_reduction);
    }
    // A message longer than its receive wraps inside the receiver's buffer.
    const AddressRange& range = job->receive.range;
    const std::uint64_t fitting = std::max<std::uint64_t>(1, range.bytes / job->plan->piece_bytes);
    const AddressRange place =
        piece_of(*job->plan, range, slot.piece < job->receive.pieces ? slot.piece : slot.piece % fitting);
    dma_->submit(DmaChannel::background_write, {Transfer::Kind::write,
                                                place.bytes > 0 ? place.begin : job->plan->buffer.begin,
                                                slot.announced,
                                                {TransferOwner::Kind::message_store, index, 0}});
}

void MessageEngine::piece_stored(std::uint32_t index, std::uint64_t cycle, Picoseconds now) {
    LandingSlot& slot = slots_[index];
    Job* job = find(slot.job);
    slot = LandingSlot{};
    ++free_slots_;
    --job->receive.slots;
    ++job->receive.stored;
    serve_waiting(now);
    advance(*job, cycle, now);
}

void MessageEngine::transfer_done(const TransferOwner& owner, std::uint64_t bytes, const metrics::Journey& journey,
                                  std::uint64_t cycle, Picoseconds now) {
    switch (owner.kind) {
    case TransferOwner::Kind::message_read: {
        Job* job = find(owner.index);
        require(job != nullptr && job->send.unread[owner.part] >= bytes, "a piece is read once");
        job->send.unread[owner.part] -= bytes;
        if (job->send.unread[owner.part] == 0) {
            time_->background_span(job->id, cycle, journey, Leaf::local_dma_window);
            advance(*job, cycle, now);
        }
        break;
    }
    case TransferOwner::Kind::operand_read: {
        LandingSlot& slot = slots_[owner.index];
        require(slot.operand_pending >= bytes, "an operand is read once");
        slot.operand_pending -= bytes;
        if (slot.operand_pending == 0 && slot.landed) {
            time_->background_span(slot.job, cycle, journey, Leaf::local_dma_window);
            piece_ready(owner.index, cycle, now);
        } else if (slot.operand_pending == 0) {
            advance(*find(slot.job), cycle, now);
        }
        break;
    }
    case TransferOwner::Kind::message_store: {
        LandingSlot& slot = slots_[owner.index];
        require(slot.announced >= bytes, "a piece is stored once");
        slot.announced -= bytes;
        if (slot.announced == 0) {
            time_->background_span(slot.job, cycle, journey, Leaf::local_dma_window);
            piece_stored(owner.index, cycle, now);
        }
        break;
    }
    default: {
        Job* job = find(owner.index);
        require(job != nullptr && job->memory_bytes >= bytes, "a memory node moves its bytes once");
        job->memory_bytes -= bytes;
        if (job->memory_bytes == 0) {
            time_->background_span(job->id, cycle, journey, Leaf::local_dma_window);
            advance(*job, cycle, now);
        }
    }
    }
}

void MessageEngine::push_left(const TransferOwner& owner, std::uint64_t cycle, Picoseconds now) {
    Job* job = find(owner.index);
    require(job != nullptr, "a push belongs to a job");
    ++job->send.left;
    advance(*job, cycle, now);
}

std::vector<std::uint32_t> MessageEngine::take_ended() {
    std::vector<std::uint32_t> ended;
    ended.swap(ended_);
    return ended;
}

std::vector<MessageEngine::Announcement> MessageEngine::take_unexpected() {
    std::vector<Announcement> unexpected;
    unexpected.swap(unexpected_);
    return unexpected;
}

std::string MessageEngine::waits_for(std::uint32_t id) const {
    const auto job = std::find_if(jobs_.begin(), jobs_.end(), [&](const Job& j) { return j.id == id; });
    if (job == jobs_.end() || job->step >= job->plan->steps.size()) {
        return {};
    }
    const workloads::CollectiveStep& step = job->plan->steps[job->step];
    if (job->receive.active && !receive_done(*job)) {
        return fmt::format("waits for data from rank {} (step {})", job->plan->peer_ranks[*step.receive_from],
                           step.number);
    }
    if (job->send.active && job->send.left < job->send.pieces) {
        return fmt::format("waits for rank {} to take its data (step {})", job->plan->peer_ranks[*step.send_to],
                           step.number);
    }
    return {};
}

void MessageEngine::audit() const {
    require(jobs_.empty() && free_slots_ == landing_slots, "every landing slot is home");
    require(announcements_.empty(), "every message announced was received");
}

} // namespace intarsia::models
