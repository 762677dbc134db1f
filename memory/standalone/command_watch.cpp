#include "memory/standalone/command_watch.hpp"

#include "config/errors.hpp"

namespace intarsia::memory {

namespace {

void require_legal(const TimingChecker& checker) {
    if (!checker.violations().empty()) [[unlikely]] {
        throw InvariantError("DRAM timing: " + checker.violations().front().text);
    }
}

} // namespace

CommandWatch::CommandWatch(const TimingSet& timing, RefreshMode refresh, std::uint32_t channels, CommandCsv* csv,
                           bool check)
    : channels_(channels) {
    for (std::uint32_t c = 0; c < channels; ++c) {
        channels_[c].number = c;
        channels_[c].csv = csv;
        if (check) {
            channels_[c].checker = std::make_unique<TimingChecker>(timing, refresh);
        }
    }
}

std::vector<CommandObserver> CommandWatch::observers() {
    std::vector<CommandObserver> all;
    all.reserve(channels_.size());
    for (Channel& channel : channels_) {
        all.push_back(
            {[](void* context, const DramCommand& command) { observe(*static_cast<Channel*>(context), command); },
             &channel});
    }
    return all;
}

void CommandWatch::observe(Channel& channel, const DramCommand& command) {
    ++channel.counts[static_cast<std::size_t>(command.kind)];
    if (channel.csv != nullptr) {
        channel.csv->write(channel.number, command);
    }
    if (channel.checker != nullptr) {
        channel.checker->observe(command);
        require_legal(*channel.checker);
    }
}

CommandCounts CommandWatch::counts() const {
    CommandCounts sum{};
    for (const Channel& channel : channels_) {
        for (std::size_t kind = 0; kind < sum.size(); ++kind) {
            sum[kind] += channel.counts[kind];
        }
    }
    return sum;
}

void CommandWatch::finish(Tick tick) {
    for (Channel& channel : channels_) {
        if (channel.checker != nullptr) {
            channel.checker->finish(tick);
            require_legal(*channel.checker);
        }
    }
}

} // namespace intarsia::memory
