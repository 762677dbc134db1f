// The public library of include/intarsia/memory.hpp, over the stand-alone memory.
#include "include/intarsia/memory.hpp"

#include "memory/standalone/counter_sums.hpp"
#include "memory/standalone/memory_channels.hpp"
#include "memory/standalone/standalone_config.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace intarsia {

struct Memory::Core {
    explicit Core(const memory::StandaloneConfig& config)
        : timing(config.setup.timing), addressing(config.addressing()),
          channels(config.setup.timing, config.setup.policy, config.setup.channels) {}

    memory::TimingSet timing;
    memory::Addressing addressing;
    memory::MemoryChannels channels;
};

Memory::Memory(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Memory::Memory(Memory&&) noexcept = default;
Memory& Memory::operator=(Memory&&) noexcept = default;
Memory::~Memory() = default;

Memory Memory::from_file(const std::string& path, const std::vector<std::string>& overrides) {
    return Memory(std::make_unique<Core>(memory::load_standalone(path, overrides)));
}

Memory Memory::from_text(const std::string& toml, const std::vector<std::string>& overrides) {
    return Memory(std::make_unique<Core>(memory::parse_standalone(toml, "text", overrides)));
}

std::uint32_t Memory::channels() const {
    return core_->channels.channels();
}
std::uint64_t Memory::capacity_bytes() const {
    return core_->addressing.bytes();
}
std::uint32_t Memory::access_bytes() const {
    return core_->addressing.access_bytes();
}
double Memory::tick_seconds() const {
    return 1.0 / core_->timing.tick_clock().hertz();
}
double Memory::peak_bytes_per_s() const {
    return static_cast<double>(core_->timing.channel_peak().count()) * channels();
}
std::uint64_t Memory::now() const {
    return core_->channels.now();
}

bool Memory::enqueue(std::uint64_t address, bool is_write, std::uint64_t id) {
    if (address >= capacity_bytes()) {
        throw std::out_of_range("an address lies beyond the memory");
    }
    const memory::Place place = core_->addressing.at(address / access_bytes());
    return core_->channels.enqueue(place, is_write ? memory::Direction::write : memory::Direction::read, id);
}

void Memory::advance(std::uint64_t tick) {
    if (tick < now()) {
        throw std::invalid_argument("a memory's time does not run backwards");
    }
    core_->channels.advance(tick);
}

std::optional<Memory::Completion> Memory::poll() {
    memory::FinishedAccess done;
    if (!core_->channels.poll(now() + 1, done)) {
        return std::nullopt;
    }
    return Completion{done.id, done.direction == memory::Direction::write, done.arrival, done.finish};
}

std::uint64_t Memory::next_event() const {
    return std::max(now(), std::min(core_->channels.next_event(), core_->channels.next_finish()));
}
std::uint64_t Memory::in_flight() const {
    return core_->channels.in_flight();
}

Memory::Counters Memory::counters() const {
    const memory::ChannelCounters sum = memory::sum_of_counters(core_->channels);
    return {sum.reads,      sum.writes,    sum.forwarded, sum.activates,
            sum.precharges, sum.refreshes, sum.row_hits,  sum.data_bus_ticks};
}

} // namespace intarsia
