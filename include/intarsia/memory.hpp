// HBM channels and their controllers as a library: no SystemC, and no other header of Intarsia.
//
//     intarsia::Memory memory = intarsia::Memory::from_text("[memory]\nstandard = \"HBM3\"\n");
//     while (!memory.enqueue(address, false, id)) { memory.advance(memory.now() + 1); }   // a full queue: try later
//     memory.advance(tick_of_my_simulator);                                               // let time pass
//     while (auto done = memory.poll()) { my_reply(done->id, done->finished); }
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace intarsia {

/// A memory of one or more HBM channels behind a flat address space, as a `[memory]` table of TOML describes it (the
/// file of `intarsia memory`; its other tables are checked and not used here).
///
/// Time is counted in ticks of half a DRAM clock (CK); tick_seconds() tells their length. Time stands at now() until
/// advance() is called. What is enqueued arrives at now(); a controller may issue the first command for it at that very
/// tick. The same calls give the same answers: nothing depends on the host.
///
/// Not for use by several threads at once; different memories are independent of each other.
class Memory {
  public:
    struct Completion {
        std::uint64_t id = 0; ///< as it was enqueued
        bool is_write = false;
        std::uint64_t accepted = 0; ///< tick of enqueue()
        std::uint64_t finished = 0; ///< tick at which the last data beat has passed
    };

    /// Counted since the begin, over all channels.
    struct Counters {
        std::uint64_t reads = 0;     ///< read bursts
        std::uint64_t writes = 0;    ///< write bursts
        std::uint64_t forwarded = 0; ///< reads that the write queue answered, without a burst
        std::uint64_t activates = 0;
        std::uint64_t precharges = 0;
        std::uint64_t refreshes = 0;
        std::uint64_t row_hits = 0;       ///< bursts whose row another access had opened
        std::uint64_t data_bus_ticks = 0; ///< busy, summed over the pseudo-channels
    };

    /// Each override is "path=value", as for the program's --set. Both throw std::runtime_error with every fault of
    /// the input, one a line, each with its place and what to do.
    static Memory from_file(const std::string& path, const std::vector<std::string>& overrides = {});
    static Memory from_text(const std::string& toml, const std::vector<std::string>& overrides = {});

    Memory(Memory&&) noexcept;
    Memory& operator=(Memory&&) noexcept;
    ~Memory();

    [[nodiscard]] std::uint32_t channels() const;
    [[nodiscard]] std::uint64_t capacity_bytes() const;
    [[nodiscard]] std::uint32_t access_bytes() const; ///< of one burst, the grain of an access
    [[nodiscard]] double tick_seconds() const;
    [[nodiscard]] double peak_bytes_per_s() const;

    [[nodiscard]] std::uint64_t now() const;
    /// Offers the burst that holds byte `address`. False, and nothing happens, if its channel has no room now. Throws
    /// std::out_of_range for an address that lies beyond the memory.
    bool enqueue(std::uint64_t address, bool is_write, std::uint64_t id);
    /// Lets time pass up to `tick`. Throws std::invalid_argument if that lies in the past.
    void advance(std::uint64_t tick);
    /// The next access that has finished by now(), in the order of their ends.
    std::optional<Completion> poll();
    /// The next tick at which something may change by itself: a command may issue, or an access finishes. Not before
    /// now(); UINT64_MAX if nothing is to come.
    [[nodiscard]] std::uint64_t next_event() const;
    /// Accesses enqueued and not polled.
    [[nodiscard]] std::uint64_t in_flight() const;
    [[nodiscard]] Counters counters() const;

  private:
    struct Core;
    explicit Memory(std::unique_ptr<Core> core);
    std::unique_ptr<Core> core_;
};

} // namespace intarsia
