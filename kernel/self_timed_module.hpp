// The shell that every model shares: one SystemC process, an integer cycle counter, asleep while there is no work.
#pragma once

#include "config/clock.hpp"

#include <cstdint>
#include <exception>
#include <limits>
#include <systemc>

namespace intarsia {

inline constexpr std::uint64_t never_cycle = std::numeric_limits<std::uint64_t>::max();

/// An sc_module with one self-timed SC_METHOD and no sc_clock. The kernel is asked once per activation, never per flit
/// or command. Modules meet only through due-time channels, so the order of modules at one time cannot matter; with a
/// shuffle seed each activation is put off by a random number of delta cycles, which tests use to prove it.
class SelfTimedModule : public sc_core::sc_module {
  public:
    ~SelfTimedModule() override = default;

    /// A channel of this module got an entry due at `due`: be active at the first edge at or after it.
    void wake_at(Picoseconds due);

    [[nodiscard]] const Clock& clock() const { return clock_; }

    /// Rethrows what a process of this module threw, if anything. The kernel would turn exceptions into reports and
    /// lose their type, so a module keeps its own and stops the simulation.
    void rethrow_failure() const {
        if (failure_) {
            std::rethrow_exception(failure_);
        }
    }

  protected:
    SelfTimedModule(const sc_core::sc_module_name& name, Clock clock, std::uint64_t shuffle_seed);

    /// Does everything due at edge `cycle`, which lies at `now`. Returns the next edge at which there is work (later
    /// than `cycle`), or `never_cycle`. That includes the due times of what already lies in this module's inboxes: an
    /// entry wakes the module only when it is pushed, and not when an earlier activation is pending at that time.
    virtual std::uint64_t activate(std::uint64_t cycle, Picoseconds now) = 0;

    /// The first activation: edge 0 unless called from the constructor.
    void start_at(std::uint64_t cycle) { next_cycle_ = cycle; }

  private:
    void run();
    void run_once();
    void start_of_simulation() override;
    void schedule(std::uint64_t cycle);
    bool put_off();

    Clock clock_;
    sc_core::sc_event wake_;
    std::uint64_t next_cycle_ = never_cycle;
    Picoseconds next_due_ = never;
    bool running_ = false;
    std::exception_ptr failure_;
    std::uint64_t shuffle_state_;
};

} // namespace intarsia
