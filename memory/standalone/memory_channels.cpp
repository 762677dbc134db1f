#include "memory/standalone/memory_channels.hpp"

#include "config/errors.hpp"

#include <algorithm>

namespace intarsia::memory {

MemoryChannels::MemoryChannels(const TimingSet& timing, const ControllerPolicy& policy, std::uint32_t channels,
                               const std::vector<CommandObserver>& observers) {
    require(observers.empty() || observers.size() == channels, "each channel has an observer or none has");
    channels_.reserve(channels);
    for (std::uint32_t c = 0; c < channels; ++c) {
        channels_.emplace_back(timing, policy, observers.empty() ? CommandObserver{} : observers[c]);
        next_events_.push_back(channels_.back().next_event());
    }
    find_next_event();
}

bool MemoryChannels::enqueue(const Place& place, Direction direction, std::uint64_t id) {
    ChannelController& channel = channels_[place.channel];
    if (!channel.can_accept(place.at, direction)) {
        return false;
    }
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(flights_.size()));
        flights_.emplace_back();
    }
    const std::uint32_t token = free_.back();
    free_.pop_back();
    flights_[token] = {id, now_, never_tick, direction};
    channel.accept(place.at, direction, token, now_);
    collect(channel);
    next_events_[place.channel] = channel.next_event();
    find_next_event();
    return true;
}

void MemoryChannels::advance(Tick until) {
    require(until >= now_, "a memory's time does not run backwards");
    while (next_event_ < until) {
        const Tick tick = next_event_;
        for (std::size_t c = 0; c < channels_.size(); ++c) {
            if (next_events_[c] == tick) {
                channels_[c].advance(tick);
                collect(channels_[c]);
                next_events_[c] = channels_[c].next_event();
            }
        }
        find_next_event();
    }
    now_ = until;
}

void MemoryChannels::take_first(FinishedAccess& done) {
    const auto earliest = [](const std::deque<Finish>& a, const std::deque<Finish>& b) {
        return !a.empty() && (b.empty() || a.front().tick < b.front().tick);
    };
    std::deque<Finish>& first = *std::min_element(finishes_.begin(), finishes_.end(), earliest);
    const Finish finish = first.front();
    first.pop_front();
    done = flights_[finish.token];
    done.finish = finish.tick;
    free_.push_back(finish.token);
    next_finish_ = never_tick;
    for (const std::deque<Finish>& list : finishes_) {
        next_finish_ = list.empty() ? next_finish_ : std::min(next_finish_, list.front().tick);
    }
}

void MemoryChannels::take_completions(ChannelController& channel) {
    for (const BurstCompletion& completion : channel.completions()) {
        const FinishedAccess& flight = flights_[completion.token];
        const bool immediate = completion.bank_end == completion.finish;
        std::deque<Finish>& list = finishes_[immediate                             ? forwarded
                                             : flight.direction == Direction::read ? reads
                                                                                   : writes];
        next_finish_ = std::min(next_finish_, completion.finish);
        if (list.empty() || list.back().tick <= completion.finish) [[likely]] {
            list.push_back({completion.finish, completion.token});
            continue;
        }
        auto after = list.end();
        while (after != list.begin() && std::prev(after)->tick > completion.finish) {
            --after;
        }
        list.insert(after, {completion.finish, completion.token});
    }
    channel.clear_completions();
}

void MemoryChannels::find_next_event() {
    next_event_ =
        next_events_.size() == 1 ? next_events_.front() : *std::min_element(next_events_.begin(), next_events_.end());
}

} // namespace intarsia::memory
