#include "models/compute_chiplet_core.hpp"

#include "config/errors.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <limits>

namespace intarsia::models {

using metrics::EventKind;
using metrics::Leaf;

namespace {

constexpr std::uint64_t never_cycle = std::numeric_limits<std::uint64_t>::max();

// A push whose `transaction` has this bit carries a part of a shared load; the rest of it is the load's index.
constexpr std::uint64_t shared_load_bit = 1ULL << 63U;

// The part of a shared load that sharer `index` reads from memory: whole packets, dealt evenly.
AddressRange part_of(const SharedLoad& load, std::uint32_t index, std::uint64_t granule) {
    const std::uint64_t packets = (load.range.bytes + granule - 1) / granule;
    const std::uint64_t begin = std::min(load.range.bytes, packets * index / load.core_count * granule);
    const std::uint64_t end = std::min(load.range.bytes, packets * (index + 1) / load.core_count * granule);
    return {load.range.begin + begin, end - begin};
}

} // namespace

ComputeChipletCore::Core::Core(const config::DieConfig& die, std::uint32_t index, const MemoryDirectory& memory,
                               const noc::PackagePlan& plan, EndpointId self, TimerQueue& timers,
                               metrics::EventHook& events)
    : endpoint(self), time(Clock(die.core.clock)), dma(self, die.core, die.network, memory),
      tiles(index, dma, time, timers, events, events.place(plan.endpoint(self).name), Clock(die.core.clock)),
      messages(index, self, die.core, die.network, plan, dma, time, timers) {}

ComputeChipletCore::ComputeChipletCore(const config::SystemConfig& system, std::uint32_t die,
                                       const MemoryDirectory& memory, const noc::PackagePlan& plan,
                                       std::unique_ptr<RankProgram> program, metrics::EventHook& events)
    : die_(&system.dies[die]), plan_(&plan), clock_(die_->core.clock), rank_of_die_(system.dies.size(), UINT32_MAX),
      first_endpoint_(plan.core_endpoint(die, 0)), program_(std::move(program)), events_(&events),
      place_(events.place(die_->name + ".compute")),
      start_cycle_(clock_.first_edge_at_or_after(system.simulation.start)) {
    for (std::uint32_t rank = 0; rank < system.rank_dies.size(); ++rank) {
        rank_of_die_[system.rank_dies[rank]] = rank;
    }
    const std::uint32_t count = die_->core.columns * die_->core.rows;
    for (std::uint32_t core = 0; core < count; ++core) {
        cores_.push_back(
            std::make_unique<Core>(*die_, core, memory, plan, plan.core_endpoint(die, core), timers_, events));
    }
    active_.resize((count + 63) / 64);
}

bool ComputeChipletCore::any_active() const {
    return std::any_of(active_.begin(), active_.end(), [](std::uint64_t word) { return word != 0; });
}

void ComputeChipletCore::interface_credit(EndpointId endpoint, MessageClass message_class) {
    const std::uint32_t core = endpoint - first_endpoint_;
    cores_[core]->dma.interface_credit(message_class);
    activate_core(core);
}

void ComputeChipletCore::deliver(const Packet& packet, std::uint64_t cycle, Picoseconds now) {
    const std::uint32_t index = packet.destination - first_endpoint_;
    Core& core = *cores_[index];
    ++counters_.packets_in;
    switch (packet.kind) {
    case PacketKind::read_reply:
    case PacketKind::write_reply: {
        const DmaEngine::Completion done = core.dma.complete(packet);
        events_->end(EventKind::transaction, now, place_, std::uint64_t{index} << 32U | packet.transaction);
        if (done.owner.kind == TransferOwner::Kind::tile_load) {
            const std::uint32_t shared = core.tiles.shared_of(done.owner.index, done.owner.part);
            if (shared != TileLoad::not_shared) {
                pass_on(index, shared, packet, now);
            }
            core.tiles.data_arrived(done.owner.index, done.owner.part, done.bytes, packet.journey, cycle,
                                    ready_shared_);
        } else if (done.owner.kind == TransferOwner::Kind::tile_store) {
            core.tiles.store_acknowledged(done.owner.index, done.bytes, cycle, ready_shared_);
        } else {
            core.messages.transfer_done(done.owner, done.bytes, packet.journey, cycle, now);
        }
        break;
    }
    case PacketKind::push:
        counters_.bytes_landed += packet.bytes;
        if ((packet.transaction & shared_load_bit) != 0) {
            core.tiles.shared_data_arrived(static_cast<std::uint32_t>(packet.transaction & ~shared_load_bit),
                                           packet.bytes, packet.journey, cycle, ready_shared_);
        } else {
            core.messages.landed(packet, cycle, now);
        }
        break;
    case PacketKind::push_reply:
        core.messages.told(packet, cycle, now);
        break;
    default:
        require(false, "cores are sent replies and pushes only");
    }
    settle(index, cycle, now);
}

// Data of a shared load that this core has read goes to the other cores that wait for it; its journey goes on.
void ComputeChipletCore::pass_on(std::uint32_t index, std::uint32_t shared, const Packet& reply, Picoseconds) {
    const SharedLoad& load = tile_plan_.shared[shared];
    for (std::uint32_t i = 0; i < load.core_count; ++i) {
        const std::uint32_t sharer = tile_plan_.sharers[load.first_core + i];
        if (sharer == index) {
            continue;
        }
        Packet push = reply;
        push.kind = PacketKind::push;
        push.source = cores_[index]->endpoint;
        push.destination = cores_[sharer]->endpoint;
        push.transaction = shared_load_bit | shared;
        push.flits = flits_of(push.kind, push.bytes, die_->network.header_bytes, die_->network.flit_bytes);
        cores_[index]->dma.submit_packet(push);
    }
}

void ComputeChipletCore::start_shared_loads(std::uint64_t cycle) {
    while (!ready_shared_.empty()) {
        const std::uint32_t shared = ready_shared_.back();
        ready_shared_.pop_back();
        const SharedLoad& load = tile_plan_.shared[shared];
        if (++sharers_ready_[shared] < load.core_count) {
            continue;
        }
        for (std::uint32_t i = 0; i < load.core_count; ++i) {
            const std::uint32_t sharer = tile_plan_.sharers[load.first_core + i];
            cores_[sharer]->tiles.start_shared(shared, part_of(load, i, die_->network.max_payload_bytes), cycle);
            activate_core(sharer);
        }
    }
}

// After anything happened to a core: what ended, and whether its DMA engine has work.
void ComputeChipletCore::settle(std::uint32_t index, std::uint64_t cycle, Picoseconds now) {
    start_shared_loads(cycle);
    Core& core = *cores_[index];
    activate_core(index);
    for (const std::uint32_t node : core.messages.take_ended()) {
        --messages_.at(node).cores_left;
        end_message_if_over(node, cycle, now);
    }
    begin_early_receives(core, cycle, now);
    if (core.has_tiles && !core.tiles.active()) {
        core.has_tiles = false;
        if (--cores_at_work_ == 0) {
            const std::uint32_t node = *tile_node_;
            tile_node_.reset();
            node_done(node, cycle, now);
        }
    }
}

void ComputeChipletCore::node_done(std::uint32_t node, std::uint64_t cycle, Picoseconds now) {
    counters_.flops += program_->node(node).flops;
    ++counters_.nodes_done;
    events_->end(EventKind::node, now, place_, program_->node(node).id);
    program_->complete(node);
    finished_at_ = cycle;
}

void ComputeChipletCore::start_ready_nodes(std::uint64_t cycle, Picoseconds now) {
    for (std::vector<std::uint32_t> ready = program_->take_ready(); !ready.empty(); ready = program_->take_ready()) {
        for (const std::uint32_t node : ready) {
            if (events_->wants(EventKind::node)) {
                events_->begin(EventKind::node, now, place_, program_->node(node).id,
                               program_->graph().name_of(program_->node(node)));
            }
            switch (program_->work_of(node)) {
            case NodeWork::nothing:
                node_done(node, cycle, now);
                break;
            case NodeWork::host:
                timers_.set(cycle + program_->duration_cycles(node), {Timer::Kind::host_end, 0, node});
                break;
            case NodeWork::tiles:
                tile_nodes_.push(node);
                break;
            case NodeWork::messages:
                if (messages_.count(node) == 0) {
                    enter_message(node, cycle);
                }
                timers_.set(cycle + die_->core.launch_overhead_cycles, {Timer::Kind::launch_end, 0, node});
                break;
            }
        }
    }
    launch_tiles(cycle, now);
    if (program_->finished() && !closed_) {
        closed_ = true;
        for (const auto& core : cores_) {
            core->time.rank_finished(cycle);
        }
    }
}

void ComputeChipletCore::launch_tiles(std::uint64_t cycle, Picoseconds) {
    if (tile_node_ || tile_nodes_.empty()) {
        return;
    }
    tile_node_ = tile_nodes_.top();
    tile_nodes_.pop();
    tile_plan_ = program_->tile_plan(*tile_node_);
    sharers_ready_.assign(tile_plan_.shared.size(), 0);
    counters_.operands.used_bytes += tile_plan_.operands.used_bytes;
    counters_.operands.read_bytes += tile_plan_.operands.read_bytes;
    for (const auto& core : cores_) {
        core->time.occupy(cycle);
    }
    timers_.set(cycle + die_->core.launch_overhead_cycles, {Timer::Kind::launch_end, 0, *tile_node_});
}

void ComputeChipletCore::begin_tiles(std::uint64_t cycle, Picoseconds now) {
    cores_at_work_ = 0;
    for (const NodePlan::CoreSteps& steps : tile_plan_.cores) {
        cores_at_work_ += steps.count > 0 ? 1 : 0;
    }
    require(cores_at_work_ > 0, "a COMP node with work gives some core a tile");
    for (std::uint32_t index = 0; index < cores_.size(); ++index) {
        Core& core = *cores_[index];
        core.time.spend(Leaf::dependency_launch, cycle);
        if (tile_plan_.cores[index].count == 0) {
            core.time.release(cycle);
            continue;
        }
        core.has_tiles = true;
        core.tiles.begin(tile_plan_, cycle, ready_shared_);
    }
    for (std::uint32_t index = 0; index < cores_.size(); ++index) {
        settle(index, cycle, now);
    }
}

void ComputeChipletCore::enter_message(std::uint32_t node, std::uint64_t cycle) {
    RunningMessage& message = messages_[node];
    message.job = program_->message_job(node);
    message.cores_left = static_cast<std::uint32_t>(cores_.size());
    for (const auto& core : cores_) {
        core->time.background_begin(node, cycle);
    }
}

void ComputeChipletCore::launch_message(std::uint32_t node, std::uint64_t cycle, Picoseconds now) {
    RunningMessage& message = messages_.at(node);
    message.launched = true;
    if (message.begun) {
        end_message_if_over(node, cycle, now);
        return;
    }
    for (const auto& core : cores_) {
        core->time.background_span(node, cycle, Leaf::dependency_launch);
    }
    begin_message(node, cycle, now);
}

void ComputeChipletCore::begin_message(std::uint32_t node, std::uint64_t cycle, Picoseconds now) {
    RunningMessage& message = messages_.at(node);
    message.begun = true;
    for (const auto& core : cores_) {
        core->messages.begin(node, message.job, cycle, now);
    }
    for (std::uint32_t index = 0; index < cores_.size(); ++index) {
        settle(index, cycle, now);
    }
}

void ComputeChipletCore::end_message_if_over(std::uint32_t node, std::uint64_t cycle, Picoseconds now) {
    const RunningMessage& message = messages_.at(node);
    if (message.launched && message.cores_left == 0) {
        messages_.erase(node);
        node_done(node, cycle, now);
    }
}

// Senders that are ahead of their RECV node: the transfer begins, the node is done when it is ready too.
void ComputeChipletCore::begin_early_receives(Core& core, std::uint64_t cycle, Picoseconds now) {
    for (const MessageEngine::Announcement& announcement : core.messages.take_unexpected()) {
        const std::uint32_t source = rank_of_die_[plan_->die_of(announcement.sender)];
        const auto node = program_->receiver_of(source, announcement.key);
        if (node && messages_.count(*node) == 0) {
            enter_message(*node, cycle);
            begin_message(*node, cycle, now);
        }
    }
}

void ComputeChipletCore::fire(const Timer& timer, std::uint64_t cycle, Picoseconds now) {
    switch (timer.kind) {
    case Timer::Kind::compute_end:
        cores_[timer.core]->tiles.compute_ended(cycle, ready_shared_);
        settle(timer.core, cycle, now);
        break;
    case Timer::Kind::reduction_end:
        cores_[timer.core]->messages.reduction_ended(timer.index, cycle, now);
        settle(timer.core, cycle, now);
        break;
    case Timer::Kind::launch_end:
        if (tile_node_ == timer.index) {
            begin_tiles(cycle, now);
        } else {
            launch_message(timer.index, cycle, now);
        }
        break;
    case Timer::Kind::host_end:
        node_done(timer.index, cycle, now);
        break;
    }
}

void ComputeChipletCore::issue_packets(std::uint64_t cycle, Picoseconds now) {
    for (std::size_t word = 0; word < active_.size(); ++word) {
        for (std::uint64_t bits = active_[word]; bits != 0; bits &= bits - 1) {
            const auto index = static_cast<std::uint32_t>(word * 64 + static_cast<unsigned>(std::countr_zero(bits)));
            Core& core = *cores_[index];
            const auto issued = core.dma.issue(now);
            if (!issued) {
                active_[word] &= ~(bits & -bits);
                continue;
            }
            departed_.push_back(issued->packet);
            ++counters_.packets_out;
            if (issued->packet.kind == PacketKind::read_request || issued->packet.kind == PacketKind::write_request) {
                events_->begin(EventKind::transaction, now, place_,
                               std::uint64_t{index} << 32U | issued->packet.transaction);
            }
            if (issued->last_of_push) {
                core.messages.push_left(issued->owner, cycle, now);
                settle(index, cycle, now);
            }
        }
    }
}

void ComputeChipletCore::advance(std::uint64_t cycle, Picoseconds now) {
    departed_.clear();
    if (!program_ || cycle < start_cycle_) {
        return;
    }
    started_ = true;
    start_ready_nodes(cycle, now);
    while (timers_.next_cycle() <= cycle) {
        fire(timers_.pop(), cycle, now);
        start_ready_nodes(cycle, now);
    }
    issue_packets(cycle, now);
    start_ready_nodes(cycle, now);
}

std::uint64_t ComputeChipletCore::next_work(std::uint64_t cycle) const {
    if (!program_) {
        return never_cycle;
    }
    if (!started_) {
        return std::max(start_cycle_, cycle + 1);
    }
    return any_active() ? cycle + 1 : std::max(cycle + 1, timers_.next_cycle());
}

std::uint64_t ComputeChipletCore::outstanding() const {
    std::uint64_t sum = 0;
    for (const auto& core : cores_) {
        sum += core->dma.outstanding();
    }
    return sum;
}

std::uint64_t ComputeChipletCore::bytes_outstanding() const {
    std::uint64_t sum = 0;
    for (const auto& core : cores_) {
        sum += core->dma.bytes_outstanding();
    }
    return sum;
}

std::string ComputeChipletCore::waiting_text() const {
    const std::string rank = fmt::format("rank {}", program_->rank());
    for (const auto& [node, running] : messages_) {
        for (const auto& core : cores_) {
            const std::string reason = core->messages.waits_for(node);
            if (!reason.empty()) {
                return fmt::format("{}: {} {}", rank, program_->describe(node), reason);
            }
        }
    }
    if (tile_node_) {
        return fmt::format("{}: {} waits for its data", rank, program_->describe(*tile_node_));
    }
    return fmt::format("{}: {} of {} nodes are done and none is ready", rank, program_->nodes_done(),
                       program_->graph().nodes.size());
}

void ComputeChipletCore::finish(std::uint64_t cycle) {
    for (const auto& core : cores_) {
        const bool launching = !core->tiles.active();
        core->time.finish(cycle, launching ? Leaf::dependency_launch : core->tiles.present_leaf());
        require(core->time.account().accounted_cycles() == cycle, "stall leaves sum to the elapsed cycles");
    }
}

void ComputeChipletCore::audit() const {
    require(finished() && messages_.empty() && !tile_node_ && timers_.empty(), "no node is left");
    for (const auto& core : cores_) {
        core->dma.audit();
        core->messages.audit();
    }
}

} // namespace intarsia::models
