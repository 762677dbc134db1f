// Arbiters of the wormhole router: one class a policy, a template parameter of the engine.
#pragma once

#include "noc/router_options.hpp"

#include <bit>
#include <cstdint>

namespace intarsia::noc {

/// An arbiter policy is a class with
///
///     struct State;                                        // of one output
///     static State reset(const WormholeArbiter&, std::uint64_t allowed);
///     template <class Fronts>
///     static std::uint32_t choose(const State&, std::uint64_t candidates, const Fronts&);
///     static void advance(State&, std::uint32_t input);
///
/// `allowed` and `candidates` are sets of inputs (bit i: input i); `candidates` is never empty and the choice is one of
/// it. `fronts.packet(i)` is the TrafficPacket at the front of candidate i, for policies that look at packets. The
/// engine calls `choose` in every cycle in which the output is asked for, and `advance` as WormholeArbiter::advance
/// says. What holding, packet lock, space and flow control have to do with it is the engine's business
/// (docs/models/wormhole.md).

/// The lowest input that asks.
struct FixedPriority {
    struct State {};
    static State reset(const WormholeArbiter& /*options*/, std::uint64_t /*allowed*/) { return {}; }
    template <class Fronts>
    static std::uint32_t choose(const State& /*state*/, std::uint64_t candidates, const Fronts& /*fronts*/) {
        return static_cast<std::uint32_t>(std::countr_zero(candidates));
    }
    static void advance(State& /*state*/, std::uint32_t /*input*/) {}
};

/// Round robin towards higher inputs, cyclic.
struct IncreasingRoundRobin {
    struct State {
        std::uint32_t first = 0; ///< the input that has priority, 0 to 63
    };
    static State reset(const WormholeArbiter& options, std::uint64_t allowed) {
        const auto lowest = static_cast<std::uint32_t>(std::countr_zero(allowed | 1ULL << 63U));
        switch (options.reset) {
        case WormholeArbiter::Reset::lowest:
            return {lowest};
        case WormholeArbiter::Reset::highest:
            return {static_cast<std::uint32_t>(std::bit_width(allowed | 1U)) - 1};
        case WormholeArbiter::Reset::after_lowest:
            break;
        }
        return {(lowest + 1) & 63U};
    }
    template <class Fronts>
    static std::uint32_t choose(const State& state, std::uint64_t candidates, const Fronts& /*fronts*/) {
        const std::uint64_t later = candidates & (~0ULL << state.first);
        return static_cast<std::uint32_t>(std::countr_zero(later != 0 ? later : candidates));
    }
    static void advance(State& state, std::uint32_t input) { state.first = (input + 1) & 63U; }
};

/// Round robin towards lower inputs, cyclic.
struct DecreasingRoundRobin {
    using State = IncreasingRoundRobin::State;
    static State reset(const WormholeArbiter& options, std::uint64_t allowed) {
        State state = IncreasingRoundRobin::reset(options, allowed);
        if (options.reset == WormholeArbiter::Reset::after_lowest) {
            state.first = (state.first + 62) & 63U; // one below the lowest, not one above
        }
        return state;
    }
    template <class Fronts>
    static std::uint32_t choose(const State& state, std::uint64_t candidates, const Fronts& /*fronts*/) {
        const std::uint64_t later = candidates & (~0ULL >> (63U - state.first));
        return static_cast<std::uint32_t>(std::bit_width(later != 0 ? later : candidates)) - 1;
    }
    static void advance(State& state, std::uint32_t input) { state.first = (input + 63) & 63U; }
};

} // namespace intarsia::noc
