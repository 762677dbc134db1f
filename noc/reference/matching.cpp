#include "noc/reference/matching.hpp"

#include "config/errors.hpp"

#include <algorithm>
#include <tuple>

namespace intarsia::noc::reference {

const Request& ArbiterRule::round_robin(const std::vector<Request>& requests, std::uint32_t Request::*place,
                                        std::uint32_t pointer, std::uint32_t places) {
    require(!requests.empty(), "an arbiter has something to choose from");
    const auto distance = [&](const Request& request) { return (request.*place + places - pointer) % places; };
    return *std::min_element(requests.begin(), requests.end(),
                             [&](const Request& a, const Request& b) { return distance(a) < distance(b); });
}

const Request& ArbiterRule::among_inputs(const std::vector<Request>& requests, std::uint32_t Request::*place,
                                         std::uint32_t pointer, std::uint32_t places) const {
    require(!requests.empty(), "an arbiter has something to choose from");
    const auto distance = [&](const Request& request) { return (request.*place + places - pointer) % places; };
    return *std::min_element(requests.begin(), requests.end(), [&](const Request& a, const Request& b) {
        if (priorities_ && a.packet->priority != b.packet->priority) {
            return a.packet->priority > b.packet->priority;
        }
        if (oldest_first_) {
            return std::tie(a.packet->created, a.packet->id) < std::tie(b.packet->created, b.packet->id);
        }
        return distance(a) < distance(b);
    });
}

std::map<std::uint32_t, std::vector<Request>> group_by(const std::vector<Request>& requests,
                                                       std::uint32_t Request::*number) {
    std::map<std::uint32_t, std::vector<Request>> groups;
    for (const Request& request : requests) {
        groups[request.*number].push_back(request);
    }
    return groups;
}

Allocation::Allocation(const VcRouterOptions& options, std::uint32_t inputs, std::uint32_t outputs)
    : arbiter_(options), allocator_(options.allocator), inputs_(inputs), outputs_(outputs), grant_pointer_(outputs, 0),
      accept_pointer_(inputs, 0) {}

std::vector<Request> Allocation::match(const std::vector<Request>& requests) const {
    if (allocator_ == Allocator::separable_input_first) {
        return outputs_grant(inputs_choose(requests));
    }
    // iSLIP and separable output first are the same with one iteration.
    return inputs_choose(outputs_grant(requests));
}

void Allocation::served(const Request& request) {
    grant_pointer_[request.output] = request.input + 1;
    accept_pointer_[request.input] = request.output + 1;
}

std::vector<Request> Allocation::outputs_grant(const std::vector<Request>& requests) const {
    std::vector<Request> grants;
    for (const auto& [output, asking] : group_by(requests, &Request::output)) {
        grants.push_back(arbiter_.among_inputs(asking, &Request::input, grant_pointer_[output], inputs_));
    }
    return grants;
}

std::vector<Request> Allocation::inputs_choose(const std::vector<Request>& requests) const {
    std::vector<Request> chosen;
    for (const auto& [input, offered] : group_by(requests, &Request::input)) {
        chosen.push_back(ArbiterRule::round_robin(offered, &Request::output, accept_pointer_[input], outputs_));
    }
    return chosen;
}

} // namespace intarsia::noc::reference
