#include "workloads/fault_list.hpp"

#include <fmt/format.h>
#include <utility>

namespace intarsia::workloads {

void FaultList::add(SourcePlace place, std::string message, std::string remedy) {
    if (kept_.size() < limit) {
        kept_.push_back({std::move(place), std::move(message), std::move(remedy)});
    }
    ++count_;
}

void FaultList::add(const InputError& error) {
    for (const Diagnostic& fault : error.faults()) {
        add(fault.place, fault.message, fault.remedy);
    }
}

void FaultList::throw_if_any() const {
    if (empty()) {
        return;
    }
    std::vector<Diagnostic> faults = kept_;
    if (count_ > kept_.size()) {
        faults.push_back({kept_.back().place, fmt::format("{} more faults follow this one", count_ - kept_.size()),
                          "mend those above first"});
    }
    throw InputError(std::move(faults));
}

} // namespace intarsia::workloads
