#include "memory/stack_core.hpp"

#include "config/errors.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

namespace intarsia::memory {

namespace {

constexpr std::uint32_t most_channels = 64; // one bit each in an interface's mask

std::string place_of(const config::HbmStackConfig& config) {
    return fmt::format("stack \"{}\"", config.name);
}

} // namespace

TimingSet checked_timing(const config::HbmStackConfig& config, const StackNetwork& network) {
    const std::string place = place_of(config);
    std::vector<Diagnostic> faults;
    const auto fault = [&](const char* name, std::string message, std::string remedy) {
        faults.push_back({{"", 0, 0, place + "." + name}, std::move(message), std::move(remedy)});
    };
    const auto gather = [&](const auto& make) {
        try {
            make();
        } catch (const InputError& error) {
            faults.insert(faults.end(), error.faults().begin(), error.faults().end());
        }
    };
    TimingSet timing;
    gather([&] {
        timing = timing_set(config.timing_set, config.timing, place);
        (void)ChannelMapping(timing, config.controller.address_order, place + ".controller.address_order");
    });
    gather([&] {
        const ControllerPolicy policy = controller_policy(config.controller, place + ".controller");
        if (!timing.id.empty()) {
            check_policy(timing, policy, place + ".controller");
        }
    });
    if (config.channels == 0 || config.channels > most_channels) {
        fault("channels", fmt::format("a stack cannot have {} channels", config.channels),
              fmt::format("give 1 to {}", most_channels));
    }
    if (network.interfaces == 0 || config.channels % network.interfaces != 0) {
        fault("routers",
              fmt::format("{} channels cannot be dealt to {} interfaces", config.channels, network.interfaces),
              "give a number of routers that divides the channels");
    }
    if (config.controller.request_slots == 0) {
        fault("controller.request_slots", "an interface without request slots takes nothing", "give at least 1");
    }
    if (config.controller.reply_slots == 0) {
        fault("controller.reply_slots", "an interface without reply slots answers nothing", "give at least 1");
    }
    if (!faults.empty()) {
        throw InputError(std::move(faults));
    }
    return timing;
}

// Watches a channel in a run. A violation is a bug of the controller, and nothing after it can be believed.
void StackCore::watch_command(void* context, const DramCommand& command) {
    Watch& watch = *static_cast<Watch*>(context);
    if (watch.checker) {
        watch.checker->observe(command);
        if (!watch.checker->violations().empty()) {
            throw InvariantError("DRAM timing: " + watch.checker->violations().front().text);
        }
    }
    if (watch.events != nullptr) {
        const std::string_view name = command_names[static_cast<std::size_t>(command.kind)];
        // A command is one point in time: its first edge on the command bus.
        const Picoseconds time = watch.clock->edge(command.tick);
        watch.events->begin(metrics::EventKind::command, time, watch.place, watch.commands, name);
        watch.events->end(metrics::EventKind::command, time, watch.place, watch.commands, name);
        ++watch.commands;
    }
}

StackCore::StackCore(const config::HbmStackConfig& config, const StackNetwork& network, const AddressMap& map,
                     std::uint32_t stack, bool check_timing, metrics::EventHook* events)
    : timing_(checked_timing(config, network)), clock_(timing_.tick_clock()),
      mapping_(timing_, config.controller.address_order, place_of(config) + ".controller.address_order"), map_(&map),
      stack_(stack), network_(network), request_slots_(config.controller.request_slots),
      reply_slots_(config.controller.reply_slots),
      request_latency_(clock_.first_edge_at_or_after(config.controller.request_latency)),
      reply_latency_(config.controller.reply_latency) {
    const ControllerPolicy policy = controller_policy(config.controller);
    for (std::uint32_t c = 0; c < config.channels; ++c) {
        Channel channel;
        CommandObserver observer;
        const bool tell = events != nullptr && events->wants(metrics::EventKind::command);
        if (check_timing || tell) {
            channel.watch = std::make_unique<Watch>();
            channel.watch->clock = &clock_;
            if (check_timing) {
                channel.watch->checker = std::make_unique<TimingChecker>(timing_, policy.refresh);
            }
            if (tell) {
                channel.watch->events = events;
                channel.watch->place = events->place(fmt::format("{}.channel{}", config.name, c));
            }
            observer = {watch_command, channel.watch.get()};
        }
        channel.controller = std::make_unique<ChannelController>(timing_, policy, observer);
        channel_due_.push_back(channel.controller->next_event());
        channels_.push_back(std::move(channel));
    }
    interfaces_.resize(network.interfaces);
    for (Interface& interface : interfaces_) {
        interface.credits = network.reply_credits;
    }
    // A request holds a request slot, a reply slot, or both.
    const std::size_t most = std::size_t{network.interfaces} * (request_slots_ + reply_slots_);
    transactions_.resize(most);
    for (std::uint32_t t = 0; t < most; ++t) {
        transactions_[t].next = free_;
        free_ = t;
    }
    finishing_.reserve(most);
    replies_.reserve(most);
    freed_slots_.reserve(most);
}

void StackCore::append(Fifo& fifo, std::uint32_t transaction) {
    transactions_[transaction].next = none;
    if (fifo.head == none) {
        fifo.head = transaction;
    } else {
        transactions_[fifo.tail].next = transaction;
    }
    fifo.tail = transaction;
}

void StackCore::pop(Fifo& fifo) {
    fifo.head = transactions_[fifo.head].next;
}

void StackCore::accept(const Packet& request, std::uint32_t interface, Tick tick) {
    const Location place = map_->locate(request.address);
    const std::uint32_t channels = this->channels();
    require(place.stack == stack_ && interface < interfaces_.size() &&
                interface_of_channel(place.channel, channels, network_.interfaces) == interface,
            "a request arrives at the interface of its channel");
    require(request.kind == PacketKind::read_request || request.kind == PacketKind::write_request,
            "a stack takes read and write requests");
    require(request.bytes > 0 && request.address % map_->block_bytes() + request.bytes <= map_->block_bytes(),
            "a request lies within one interleaving block");
    require(interfaces_[interface].requests < request_slots_, "a request arrives with a slot reserved for it");
    ++interfaces_[interface].requests;
    ++accepted_;

    const std::uint32_t index = free_;
    Transaction& transaction = transactions_[index];
    free_ = transaction.next;
    const std::uint64_t first = place.offset_in_channel / timing_.access_bytes();
    const std::uint64_t last = (place.offset_in_channel + request.bytes - 1) / timing_.access_bytes();
    transaction = {};
    transaction.packet = request;
    transaction.eligible = tick + request_latency_;
    transaction.first_burst = first;
    transaction.next_burst = mapping_.at(first);
    transaction.bursts = static_cast<std::uint32_t>(last - first + 1);
    transaction.interface = interface;
    transaction.channel = place.channel;
    transaction.packet.journey.append(metrics::Leaf::memory_bus, clock_.edge(transaction.eligible));
    append(channels_[place.channel].waiting, index);
    channel_due_[place.channel] = std::min(channel_due_[place.channel], transaction.eligible);
}

void StackCore::add_reply_credit(std::uint32_t interface) {
    ++interfaces_[interface].credits;
}

void StackCore::advance(Tick tick) {
    now_ = tick;
    release_replies(tick);
    for (std::uint32_t c = 0; c < channel_due_.size(); ++c) {
        if (channel_due_[c] <= tick) {
            advance_channel(c, tick);
        }
    }
}

Tick StackCore::next_event() const {
    Tick next = *std::min_element(channel_due_.begin(), channel_due_.end());
    if (!finishing_.empty()) {
        next = std::min(next, finishing_.front().tick);
    }
    return next;
}

void StackCore::clear_outputs() {
    replies_.clear();
    freed_slots_.clear();
}

void StackCore::release_replies(Tick tick) {
    while (!finishing_.empty() && finishing_.front().tick <= tick) {
        const std::uint32_t index = finishing_.front().transaction;
        std::pop_heap(finishing_.begin(), finishing_.end(), std::greater<>());
        finishing_.pop_back();
        append(interfaces_[transactions_[index].interface].ready, index);
        ++ready_replies_;
    }
    if (ready_replies_ != 0) {
        for (Interface& interface : interfaces_) {
            send_ready(interface, tick);
        }
    }
}

void StackCore::send_ready(Interface& interface, Tick tick) {
    while (interface.ready.head != none && interface.credits > 0) {
        const std::uint32_t index = interface.ready.head;
        pop(interface.ready);
        --ready_replies_;
        --interface.credits;
        --interface.replies;
        send(index, tick);
        grant_reply_slot(interface, tick);
    }
}

void StackCore::send(std::uint32_t index, Tick tick) {
    using metrics::Leaf;
    Transaction& transaction = transactions_[index];
    const BurstCompletion& last = transaction.last;
    Packet& packet = transaction.packet;
    metrics::Journey& journey = packet.journey;
    journey.append(Leaf::memory_queue, clock_.edge(last.queue_end));
    journey.append(Leaf::memory_refresh, clock_.edge(last.refresh_end));
    journey.append(Leaf::memory_queue, clock_.edge(last.second_queue_end));
    journey.append(Leaf::memory_bank, clock_.edge(last.bank_end));
    journey.append(Leaf::memory_bus, clock_.edge(last.finish));
    // The answer stood ready and the network's queue behind the interface was full.
    journey.append(Leaf::noc_source_queue, clock_.edge(std::max(last.finish, tick)));
    journey.append(Leaf::memory_bus, journey.end() + reply_latency_);
    std::swap(packet.source, packet.destination);
    packet.kind = packet.kind == PacketKind::read_request ? PacketKind::read_reply : PacketKind::write_reply;
    packet.flits = flits_of(packet.kind, packet.bytes, network_.header_bytes, network_.flit_bytes);
    replies_.push_back({transaction.interface, packet});
    ++answered_;
    transaction.next = free_;
    free_ = index;
}

// Channels of an interface take freed reply slots in turn.
void StackCore::grant_reply_slot(Interface& interface, Tick tick) {
    if (interface.waiting_channels == 0) {
        return;
    }
    const std::uint64_t behind = ~std::uint64_t{0} << interface.last_granted << 1U;
    const std::uint64_t next = interface.waiting_channels & behind;
    const auto channel = static_cast<std::uint32_t>(std::countr_zero(next != 0 ? next : interface.waiting_channels));
    interface.waiting_channels &= ~(std::uint64_t{1} << channel);
    interface.last_granted = channel;
    ++interface.replies;
    transactions_[channels_[channel].waiting.head].reply_reserved = true;
    channel_due_[channel] = std::min(channel_due_[channel], tick);
}

void StackCore::advance_channel(std::uint32_t index, Tick tick) {
    Channel& channel = channels_[index];
    feed(index, tick, tick);
    channel.controller->advance(tick);
    // Room that a command has just made is filled for the next tick.
    const Tick more = feed(index, tick, tick + 1);
    collect(channel);
    channel_due_[index] = std::min(more, channel.controller->next_event());
}

// Bursts of requests that are eligible at `tick` enter the channel's queues in order, as long as there is room, as
// arrivals at `arrival`. Returns when there will be more to do by itself: when the next request becomes eligible.
Tick StackCore::feed(std::uint32_t index, Tick tick, Tick arrival) {
    Channel& channel = channels_[index];
    while (channel.waiting.head != none) {
        const std::uint32_t head = channel.waiting.head;
        Transaction& transaction = transactions_[head];
        if (tick < transaction.eligible) {
            return transaction.eligible;
        }
        if (!reserve_reply(transaction)) {
            return never_tick;
        }
        const Direction direction =
            transaction.packet.kind == PacketKind::read_request ? Direction::read : Direction::write;
        while (transaction.fed < transaction.bursts) {
            if (!channel.controller->can_accept(transaction.next_burst, direction)) {
                return never_tick;
            }
            channel.controller->accept(transaction.next_burst, direction, head, arrival);
            if (++transaction.fed < transaction.bursts) {
                transaction.next_burst = mapping_.at(transaction.first_burst + transaction.fed);
            }
        }
        pop(channel.waiting);
        --interfaces_[transaction.interface].requests;
        freed_slots_.push_back(transaction.interface);
    }
    return never_tick;
}

bool StackCore::reserve_reply(Transaction& transaction) {
    if (transaction.reply_reserved) {
        return true;
    }
    Interface& interface = interfaces_[transaction.interface];
    if (interface.replies == reply_slots_) {
        interface.waiting_channels |= std::uint64_t{1} << transaction.channel;
        return false;
    }
    ++interface.replies;
    transaction.reply_reserved = true;
    return true;
}

void StackCore::collect(Channel& channel) {
    for (const BurstCompletion& done : channel.controller->completions()) {
        Transaction& transaction = transactions_[done.token];
        if (transaction.done == 0 || done.finish >= transaction.last.finish) {
            transaction.last = done;
        }
        require(transaction.done < transaction.fed, "a burst completes once");
        if (++transaction.done == transaction.bursts) {
            finishing_.push_back({transaction.last.finish, next_sequence_++, done.token});
            std::push_heap(finishing_.begin(), finishing_.end(), std::greater<>());
        }
    }
    channel.controller->clear_completions();
}

std::uint64_t StackCore::checked_commands() const {
    std::uint64_t commands = 0;
    for (const Channel& channel : channels_) {
        commands += channel.watch && channel.watch->checker ? channel.watch->checker->commands() : 0;
    }
    return commands;
}

void StackCore::audit() const {
    audit_transactions();
    for (const Channel& channel : channels_) {
        if (channel.watch && channel.watch->checker) {
            TimingChecker at_end = *channel.watch->checker;
            at_end.finish(now_);
            require(at_end.violations().empty(), "no refresh is overdue");
        }
    }
}

void StackCore::audit_transactions() const {
    std::vector<bool> is_free(transactions_.size(), false);
    for (std::uint32_t t = free_; t != none; t = transactions_[t].next) {
        require(!is_free[t], "a request is freed once");
        is_free[t] = true;
    }
    std::vector<std::uint32_t> requests(interfaces_.size(), 0);
    std::vector<std::uint32_t> replies(interfaces_.size(), 0);
    std::uint64_t living = 0;
    for (std::uint32_t t = 0; t < transactions_.size(); ++t) {
        if (!is_free[t]) {
            const Transaction& transaction = transactions_[t];
            ++living;
            requests[transaction.interface] += transaction.fed < transaction.bursts ? 1 : 0;
            replies[transaction.interface] += transaction.reply_reserved ? 1 : 0;
        }
    }
    require(accepted_ - answered_ == living, "every accepted request is answered once or still there");
    for (std::size_t i = 0; i < interfaces_.size(); ++i) {
        require(interfaces_[i].requests == requests[i], "request slots are held by requests that wait");
        require(interfaces_[i].replies == replies[i], "reply slots are held by requests without their reply");
    }
    std::uint64_t waiting = 0;
    for (const Channel& channel : channels_) {
        waiting += channel.controller->waiting();
    }
    require(living != 0 || waiting == 0, "a stack without requests has none in its channels");
}

} // namespace intarsia::memory
