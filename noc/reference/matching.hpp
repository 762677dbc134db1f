// The arbiters and allocators of the reference vc router: rules 3, 4 and 8 of its specification share them.
#pragma once

#include "noc/network_engine.hpp"
#include "noc/router_options.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace intarsia::noc::reference {

/// One input asks for one output.
struct Request {
    std::uint32_t input = 0;
    std::uint32_t output = 0;
    std::uint32_t vc = 0;                  ///< switch allocation: which virtual channel of the input asks
    const TrafficPacket* packet = nullptr; ///< by which arbiters decide that look at age or priority
};

/// An arbiter: which of several requests is served. `place` is the number that its pointer counts (the input, the
/// output, the virtual channel), cyclic over `places`.
class ArbiterRule {
  public:
    explicit ArbiterRule(const VcRouterOptions& options)
        : oldest_first_(options.arbiter == Arbiter::oldest_first), priorities_(options.priorities) {}

    /// Among inputs or virtual channels, whose packets may have age and priority. `requests` must not be empty.
    [[nodiscard]] const Request& among_inputs(const std::vector<Request>& requests, std::uint32_t Request::*place,
                                              std::uint32_t pointer, std::uint32_t places) const;
    /// Among outputs: always round robin.
    [[nodiscard]] static const Request& round_robin(const std::vector<Request>& requests, std::uint32_t Request::*place,
                                                    std::uint32_t pointer, std::uint32_t places);

  private:
    bool oldest_first_;
    bool priorities_;
};

/// One iteration of matching a cycle between inputs and outputs, and the round-robin pointers that it works with.
class Allocation {
  public:
    Allocation(const VcRouterOptions& options, std::uint32_t inputs, std::uint32_t outputs);

    /// A set of requests that have no input and no output in common.
    [[nodiscard]] std::vector<Request> match(const std::vector<Request>& requests) const;
    /// Moves the pointers past a request that was served.
    void served(const Request& request);

  private:
    [[nodiscard]] std::vector<Request> outputs_grant(const std::vector<Request>& requests) const;
    [[nodiscard]] std::vector<Request> inputs_choose(const std::vector<Request>& requests) const;

    ArbiterRule arbiter_;
    Allocator allocator_;
    std::uint32_t inputs_;
    std::uint32_t outputs_;
    std::vector<std::uint32_t> grant_pointer_;  ///< by output
    std::vector<std::uint32_t> accept_pointer_; ///< by input
};

/// The requests by the value of one of their numbers, in its rising order.
std::map<std::uint32_t, std::vector<Request>> group_by(const std::vector<Request>& requests,
                                                       std::uint32_t Request::*number);

} // namespace intarsia::noc::reference
