#include "models/dma_engine.hpp"

#include "config/errors.hpp"

#include <algorithm>

namespace intarsia::models {

DmaEngine::DmaEngine(EndpointId self, const config::CoreConfig& core, const config::NetworkConfig& network,
                     const MemoryDirectory& memory)
    : self_(self), max_payload_(network.max_payload_bytes), header_bytes_(network.header_bytes),
      flit_bytes_(network.flit_bytes), queue_packets_(network.interface_queue_packets), memory_(&memory),
      window_(core.dma_window) {
    credits_.fill(queue_packets_);
    for (std::uint32_t slot = core.dma_window; slot > 0; --slot) {
        free_slots_.push_back(slot - 1);
    }
}

void DmaEngine::submit(DmaChannel channel, const Transfer& transfer) {
    queues_[static_cast<std::size_t>(channel)].push_back(transfer);
}

void DmaEngine::submit_packet(const Packet& packet) {
    ready_packets_.push_back(packet);
}

bool DmaEngine::can_issue(std::size_t channel) const {
    const std::deque<Transfer>& queue = queues_[channel];
    return !queue.empty() && (queue.front().kind == Transfer::Kind::push || !free_slots_.empty());
}

bool DmaEngine::has_work() const {
    return !ready_packets_.empty() ||
           std::any_of(queues_.begin(), queues_.end(), [](const auto& queue) { return !queue.empty(); });
}

// Some transfer has all it needs but a place in the network interface.
bool DmaEngine::lacks_only_credit() const {
    if (has_credit(MessageClass::request)) {
        return false;
    }
    for (std::size_t channel = 0; channel < dma_channels; ++channel) {
        if (can_issue(channel)) {
            return true;
        }
    }
    return false;
}

// Time without room in the interface queue is time in the source queue: the packet stood ready.
void DmaEngine::start_journey(Packet& packet, Picoseconds now) {
    const Picoseconds start = no_credit_since_.value_or(now);
    packet.journey = metrics::Journey(start);
    packet.journey.append(metrics::Leaf::noc_source_queue, now);
}

DmaEngine::Issued DmaEngine::issue_from(std::deque<Transfer>& queue, Picoseconds now) {
    Transfer& transfer = queue.front();
    const bool push = transfer.kind == Transfer::Kind::push;
    const std::uint64_t block = push ? max_payload_ : std::min<std::uint64_t>(max_payload_, memory_->block_bytes());
    const std::uint64_t to_block_end = push ? block : block - transfer.address % block;
    const auto bytes = static_cast<std::uint32_t>(std::min(transfer.bytes, to_block_end));

    Issued issued;
    Packet& packet = issued.packet;
    packet.bytes = bytes;
    packet.source = self_;
    start_journey(packet, now);
    issued.owner = transfer.owner;
    if (push) {
        packet.kind = PacketKind::push;
        packet.destination = transfer.destination;
        packet.transaction = transfer.landing;
        packet.address = transfer.landing_detail;
        ++counters_.pushes;
        counters_.bytes_pushed += bytes;
        issued.last_of_push = bytes == transfer.bytes;
    } else {
        const bool read = transfer.kind == Transfer::Kind::read;
        packet.kind = read ? PacketKind::read_request : PacketKind::write_request;
        packet.address = transfer.address;
        packet.destination = memory_->home_of(transfer.address);
        packet.transaction = free_slots_.back();
        window_[free_slots_.back()] = {transfer.owner, bytes, transfer.address};
        free_slots_.pop_back();
        ++outstanding_;
        ++(read ? counters_.read_requests : counters_.write_requests);
        counters_.bytes_requested += bytes;
    }
    packet.flits = flits_of(packet.kind, bytes, header_bytes_, flit_bytes_);
    transfer.address += bytes;
    transfer.bytes -= bytes;
    if (transfer.bytes == 0) {
        queue.pop_front();
    }
    --credits_[static_cast<std::size_t>(MessageClass::request)];
    return issued;
}

std::optional<DmaEngine::Issued> DmaEngine::issue(Picoseconds now) {
    // After the queues of transfers, the ready packets.
    for (std::size_t offset = 0; offset <= dma_channels; ++offset) {
        const std::size_t channel = (next_queue_ + offset) % (dma_channels + 1);
        std::optional<Issued> issued;
        if (channel == dma_channels) {
            if (!ready_packets_.empty() && has_credit(class_of(ready_packets_.front().kind))) {
                issued.emplace();
                issued->packet = ready_packets_.front();
                ready_packets_.pop_front();
                --credits_[static_cast<std::size_t>(class_of(issued->packet.kind))];
                if (issued->packet.kind == PacketKind::push) {
                    ++counters_.pushes;
                    counters_.bytes_pushed += issued->packet.bytes;
                }
                issued->packet.journey.append(metrics::Leaf::noc_source_queue, now);
            }
        } else if (has_credit(MessageClass::request) && can_issue(channel)) {
            issued = issue_from(queues_[channel], now);
        }
        if (issued) {
            next_queue_ = channel + 1;
            no_credit_since_.reset();
            return issued;
        }
    }
    if (!no_credit_since_ && lacks_only_credit()) {
        no_credit_since_ = now;
    }
    return std::nullopt;
}

DmaEngine::Completion DmaEngine::complete(const Packet& reply) {
    const auto slot = static_cast<std::uint32_t>(reply.transaction);
    require(slot < window_.size() && outstanding_ > 0, "a reply answers a transaction of its DMA engine");
    const Slot& entry = window_[slot];
    require(entry.bytes == reply.bytes && entry.address == reply.address && entry.bytes > 0,
            "a reply carries what its request asked for");
    const Completion completion{entry.owner, entry.bytes, entry.address};
    counters_.bytes_delivered += entry.bytes;
    window_[slot].bytes = 0;
    free_slots_.push_back(slot);
    --outstanding_;
    return completion;
}

void DmaEngine::interface_credit(MessageClass message_class) {
    std::uint32_t& credits = credits_[static_cast<std::size_t>(message_class)];
    require(credits < queue_packets_, "an interface's credits never exceed its queue");
    ++credits;
}

std::uint64_t DmaEngine::bytes_outstanding() const {
    std::uint64_t sum = 0;
    for (const Slot& slot : window_) {
        sum += slot.bytes;
    }
    return sum;
}

void DmaEngine::audit() const {
    require(outstanding_ == 0 && counters_.bytes_requested == counters_.bytes_delivered,
            "every byte requested was delivered once");
    require(!has_work(), "every transfer has been issued");
    for (const std::uint32_t credits : credits_) {
        require(credits == queue_packets_, "all credits of the network interfaces are home");
    }
}

} // namespace intarsia::models
