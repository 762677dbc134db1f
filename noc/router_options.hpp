// What a router does with its flits, apart from topology and routing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace intarsia::noc {

enum class RouterModel : std::uint8_t {
    vc,       ///< input-queued virtual-channel router with a pipeline and credits (BookSim 2's `iq_router`)
    wormhole, ///< single-cycle router without virtual channels, ready/valid or credits, as RTL teams build
};

/// How requests and resources are matched in VC and in switch allocation, one iteration a cycle.
enum class Allocator : std::uint8_t {
    islip,                  ///< outputs grant, inputs accept; pointers move past accepted grants only
    separable_input_first,  ///< inputs choose one request each, outputs choose among them
    separable_output_first, ///< outputs choose one request each, inputs choose among their grants
};

enum class Arbiter : std::uint8_t {
    round_robin,
    oldest_first, ///< by creation cycle of the packet, then by packet id
};

struct VcRouterOptions {
    std::uint32_t route_delay = 0;        ///< cycles of a head before it may ask for a VC (0: look-ahead routing)
    std::uint32_t vc_alloc_delay = 1;     ///< request to ownership of a VC, at least 1
    std::uint32_t switch_alloc_delay = 1; ///< request to crossbar, at least 1
    std::uint32_t traversal_delay = 1;    ///< crossbar to output link, at least 1
    std::uint32_t credit_delay_cycles = 1;
    bool speculative = false; ///< heads ask for the switch together with the VC, behind all others
    bool priorities = false;  ///< allocators serve the highest packet priority first
    Allocator allocator = Allocator::islip;
    Arbiter arbiter = Arbiter::round_robin;
};

/// The arbiter of a wormhole router's output over the inputs that can reach it (in port order).
struct WormholeArbiter {
    enum class Order : std::uint8_t { increasing, decreasing, fixed };
    /// Which input has priority after reset: the lowest index, the highest, or the one after the lowest (a pointer
    /// "last granted = index 0").
    enum class Reset : std::uint8_t { lowest, highest, after_lowest };
    /// When the pointer moves past the granted input.
    enum class Advance : std::uint8_t { on_transfer, on_grant };
    Order order = Order::increasing;
    Reset reset = Reset::lowest;
    Advance advance = Advance::on_transfer;
    bool hold = false; ///< a grant that was not accepted stays until it is
};

struct WormholeRouterOptions {
    enum class FlowControl : std::uint8_t { ready_valid, credit };
    std::uint32_t input_fifo_flits = 2;
    std::uint32_t output_fifo_flits = 0; ///< 0: no output register
    FlowControl flow_control = FlowControl::ready_valid;
    std::uint32_t credit_delay_cycles = 1;
    WormholeArbiter arbiter;
    bool packet_lock = true; ///< an output stays with an input from head to tail
};

struct RouterOptions {
    RouterModel model = RouterModel::vc;
    VcRouterOptions vc;
    WormholeRouterOptions wormhole;
};

/// A destination takes no flit in cycle t at node n iff (t + phase * n) mod period < stall. Nodes of the `vc` model
/// then have a buffer of `buffer_flits` a virtual channel, against credits; with stall = 0 they take whatever comes.
struct SinkOptions {
    std::uint64_t period = 8;
    std::uint64_t stall = 0;
    std::uint64_t phase = 3;
    std::uint32_t buffer_flits = 8;
    [[nodiscard]] bool ready(std::uint64_t cycle, std::uint64_t node) const {
        return stall == 0 || (cycle + phase * node) % period >= stall;
    }
};

} // namespace intarsia::noc
