#include "workloads/collective_schedule.hpp"

#include <algorithm>

namespace intarsia::workloads {

namespace {

// Part `index` of `count` of a buffer of `bytes`.
BufferRange chunk(std::uint64_t bytes, std::uint32_t count, std::uint32_t index) {
    __extension__ using wide = unsigned __int128;
    const auto begin = static_cast<std::uint64_t>(wide(bytes) * index / count);
    const auto end = static_cast<std::uint64_t>(wide(bytes) * (index + 1) / count);
    return {begin, end - begin};
}

class Ring {
  public:
    Ring(std::uint32_t ranks, std::uint32_t position, std::uint64_t bytes)
        : ranks_(ranks), position_(position), bytes_(bytes) {}

    // In step s, chunk first_chunk - s leaves to the right and chunk first_chunk - s - 1 comes from the left.
    void add_round(std::vector<CollectiveStep>& steps, std::uint32_t first_chunk, bool reduce) const {
        for (std::uint32_t s = 0; s + 1 < ranks_; ++s) {
            CollectiveStep step;
            step.send_to = (position_ + 1) % ranks_;
            step.receive_from = (position_ + ranks_ - 1) % ranks_;
            step.send = chunk(bytes_, ranks_, (first_chunk + ranks_ - s) % ranks_);
            step.receive = chunk(bytes_, ranks_, (first_chunk + 2 * ranks_ - s - 1) % ranks_);
            step.reduce = reduce;
            step.number = static_cast<std::uint32_t>(steps.size());
            steps.push_back(step);
        }
    }

  private:
    std::uint32_t ranks_;
    std::uint32_t position_;
    std::uint64_t bytes_;
};

std::vector<CollectiveStep> direct_all_to_all(std::uint32_t ranks, std::uint32_t position, std::uint64_t bytes) {
    std::vector<CollectiveStep> steps;
    for (std::uint32_t s = 1; s < ranks; ++s) {
        CollectiveStep step;
        step.send_to = (position + s) % ranks;
        step.receive_from = (position + ranks - s) % ranks;
        step.send = chunk(bytes, ranks, *step.send_to);
        // What comes is the sender's chunk for this position, which may differ from its place by a byte.
        step.receive = {chunk(bytes, ranks, *step.receive_from).offset, chunk(bytes, ranks, position).bytes};
        step.receive.offset = std::min(step.receive.offset, bytes - step.receive.bytes);
        step.number = s - 1;
        steps.push_back(step);
    }
    return steps;
}

// Data moves down the positions (0, 1, 2, ...) or, for a reduction, up to position 0.
std::vector<CollectiveStep> chain(std::uint32_t ranks, std::uint32_t position, std::uint64_t bytes, bool reduce) {
    const std::uint32_t place = reduce ? ranks - 1 - position : position;
    const auto position_at = [&](std::uint32_t p) { return reduce ? ranks - 1 - p : p; };
    std::vector<CollectiveStep> steps;
    if (place > 0) {
        CollectiveStep step;
        step.receive_from = position_at(place - 1);
        step.receive = {0, bytes};
        step.reduce = reduce;
        step.number = place - 1;
        steps.push_back(step);
    }
    if (place + 1 < ranks) {
        CollectiveStep step;
        step.send_to = position_at(place + 1);
        step.send = {0, bytes};
        step.number = place;
        steps.push_back(step);
    }
    return steps;
}

// Position 0 sends to (scatter) or receives from (gather) each other position in turn.
std::vector<CollectiveStep> star(std::uint32_t ranks, std::uint32_t position, std::uint64_t bytes, bool gather) {
    std::vector<CollectiveStep> steps;
    for (std::uint32_t other = 1; other < ranks; ++other) {
        if (position != 0 && position != other) {
            continue;
        }
        const BufferRange part = chunk(bytes, ranks, other);
        CollectiveStep step;
        const bool sends = gather ? position == other : position == 0;
        if (sends) {
            step.send_to = gather ? 0 : other;
            step.send = part;
        } else {
            step.receive_from = gather ? other : 0;
            step.receive = part;
        }
        step.number = other - 1;
        steps.push_back(step);
    }
    return steps;
}

} // namespace

std::uint64_t collective_buffer_bytes(Collective kind, std::uint32_t ranks, std::uint64_t bytes) {
    switch (kind) {
    case Collective::all_gather:
    case Collective::gather:
        return bytes * ranks;
    case Collective::barrier:
        return 0;
    default:
        return bytes;
    }
}

std::vector<CollectiveStep> collective_schedule(Collective kind, std::uint32_t ranks, std::uint32_t position,
                                                std::uint64_t bytes) {
    const std::uint64_t buffer = collective_buffer_bytes(kind, ranks, bytes);
    const Ring ring(ranks, position, buffer);
    std::vector<CollectiveStep> steps;
    if (ranks < 2) {
        return steps;
    }
    switch (kind) {
    case Collective::all_reduce:
    case Collective::barrier:
        ring.add_round(steps, position, true);
        ring.add_round(steps, (position + 1) % ranks, false);
        break;
    case Collective::reduce_scatter:
    case Collective::reduce_scatter_block:
        // Starts one chunk earlier, so that position p ends with chunk p.
        ring.add_round(steps, (position + ranks - 1) % ranks, true);
        break;
    case Collective::all_gather:
        ring.add_round(steps, position, false);
        break;
    case Collective::all_to_all:
        steps = direct_all_to_all(ranks, position, buffer);
        break;
    case Collective::broadcast:
        steps = chain(ranks, position, buffer, false);
        break;
    case Collective::reduce:
        steps = chain(ranks, position, buffer, true);
        break;
    case Collective::scatter:
        steps = star(ranks, position, buffer, false);
        break;
    case Collective::gather:
        steps = star(ranks, position, buffer, true);
        break;
    }
    return steps;
}

} // namespace intarsia::workloads
