// Faults that the deadlock proof finds in a network's tables and wiring.
#pragma once

#include "config/errors.hpp"

#include <string>
#include <utility>
#include <vector>

namespace intarsia::noc {

/// Collects faults, so that all of them are shown at once; of hundreds, the first.
class ProofFaults {
  public:
    explicit ProofFaults(SourcePlace place) : place_(std::move(place)) {}

    void add(std::string message, std::string remedy) {
        if (list_.size() < most_shown) {
            list_.push_back({place_, std::move(message), std::move(remedy)});
        } else {
            ++hidden_;
        }
    }
    [[nodiscard]] bool empty() const { return list_.empty(); }
    void throw_if_any() {
        if (list_.empty()) {
            return;
        }
        if (hidden_ > 0) {
            list_.push_back(
                {place_, "and " + std::to_string(hidden_) + " more faults of this network", "mend those above first"});
        }
        throw InputError(std::move(list_));
    }

  private:
    static constexpr std::size_t most_shown = 20;
    SourcePlace place_;
    std::vector<Diagnostic> list_;
    std::size_t hidden_ = 0;
};

} // namespace intarsia::noc
