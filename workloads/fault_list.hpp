// Collects the faults of a whole trace, so that the user sees all of them at once, but not a million of them.
#pragma once

#include "config/errors.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace intarsia::workloads {

/// Faults of one input. The first `limit` are kept; later ones are counted.
class FaultList {
  public:
    static constexpr std::size_t limit = 50;

    void add(SourcePlace place, std::string message, std::string remedy);
    void add(const InputError& error);

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] bool empty() const { return count_ == 0; }

    /// Throws InputError with the faults, and a last one that says how many were left out; nothing if there
    /// are none.
    void throw_if_any() const;

  private:
    std::vector<Diagnostic> kept_;
    std::uint64_t count_ = 0;
};

} // namespace intarsia::workloads
