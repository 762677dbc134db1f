// VC and switch allocation: separable, round robin, one iSLIP iteration each (McKeown, "The iSLIP scheduling algorithm
// for input-queued switches", 1999).
#include "noc/bit_scan.hpp"
#include "noc/fabric_core.hpp"

namespace intarsia::noc {

void FabricCore::allocate_vcs(std::uint32_t router) {
    const RouterState& state = routers_[router];
    for (std::uint32_t pending = state.want & state.free; pending != 0; pending &= pending - 1) {
        const std::uint32_t bit = lowest(pending);
        allocate_vcs_at(router, bit % max_router_ports, bit / max_router_ports);
    }
}

// One iSLIP iteration: each free output VC grants one of the heads that ask, each head accepts one of its
// grants, both round robin from pointers that move past what was accepted.
void FabricCore::allocate_vcs_at(std::uint32_t router, std::uint32_t out_port, std::uint32_t message_class) {
    const std::uint32_t index = port_index(router, out_port);
    const OutputPort& out = out_ports_[index];
    std::uint32_t offered = out.free & class_vcs_[message_class];
    if (out.kind == PortKind::endpoint && message_class == 0 && interfaces_[out.target].gated) {
        while (static_cast<std::uint32_t>(std::popcount(offered)) > interfaces_[out.target].request_credits) {
            offered &= offered - 1;
        }
    }
    const std::uint64_t* asking = wanted_by(index, message_class);
    std::uint32_t winners = 0; // output VCs, each with the head it grants
    std::array<std::uint16_t, max_virtual_channels> granted{};
    const auto accept = [&](std::uint32_t local, std::uint32_t grants) {
        // The pointer runs over all output VCs of the router: within this port it counts, elsewhere it means
        // the first.
        const std::uint32_t pointer = in_vcs_[router << (port_bits_ + vc_bits_) | local].accept_from;
        const std::uint32_t from = pointer >> vc_bits_ == out_port ? pointer & ((1U << vc_bits_) - 1) : 0;
        give_vc(router, out_port, first_from(grants, from), local);
    };
    if (words_ == 1 && (asking[0] & (asking[0] - 1)) == 0) {
        accept(static_cast<std::uint32_t>(std::countr_zero(asking[0])), offered);
        return;
    }
    for (std::uint32_t rest = offered; rest != 0; rest &= rest - 1) {
        const std::uint32_t vc = lowest(rest);
        granted[vc] =
            static_cast<std::uint16_t>(first_from(asking, words_, out_vcs_[index << vc_bits_ | vc].grant_from));
        winners |= 1U << vc;
    }
    while (winners != 0) {
        const std::uint16_t local = granted[lowest(winners)];
        std::uint32_t grants = 0;
        for (std::uint32_t rest = winners; rest != 0; rest &= rest - 1) {
            const std::uint32_t vc = lowest(rest);
            grants |= granted[vc] == local ? 1U << vc : 0U;
        }
        winners &= ~grants;
        accept(local, grants);
    }
}

void FabricCore::give_vc(std::uint32_t router, std::uint32_t out_port, std::uint32_t vc, std::uint32_t local) {
    const std::uint32_t index = port_index(router, out_port);
    OutputPort& out = out_ports_[index];
    OutputVc& output = out_vcs_[index << vc_bits_ | vc];
    InputVc& head = in_vcs_[router << (port_bits_ + vc_bits_) | local];
    RouterState& state = routers_[router];
    const std::uint32_t message_class = class_of_vc(vc);
    output.owner = static_cast<std::uint16_t>(local);
    output.grant_from = static_cast<std::uint16_t>(local + 1);
    head.out_vc = static_cast<std::uint8_t>(vc);
    head.accept_from = static_cast<std::uint16_t>((out_port << vc_bits_ | vc) + 1);
    out.free &= static_cast<std::uint16_t>(~(1U << vc));
    if ((out.free & class_vcs_[message_class]) == 0) {
        state.free &= ~RouterState::bit(message_class, out_port);
    }
    if (out.kind == PortKind::endpoint && message_class == 0 && interfaces_[out.target].gated) {
        Interface& interface = interfaces_[out.target];
        head.credit_wait = interface.starved - head.credit_since;
        if (--interface.request_credits == 0) {
            interface.starved_since = static_cast<std::uint32_t>(now_) + 1;
            state.free &= ~RouterState::bit(message_class, out_port);
        }
    }
    std::uint64_t* asking = wanted_by(index, message_class);
    asking[local >> 6U] &= ~(1ULL << (local & 63U));
    std::uint64_t others = 0;
    for (std::uint32_t word = 0; word < words_; ++word) {
        others |= asking[word];
    }
    if (others == 0) {
        state.want &= ~RouterState::bit(message_class, out_port);
    }
    winners_[winner_count_++] = static_cast<std::uint16_t>(local);
}

void FabricCore::activate_winners(std::uint32_t router) {
    const std::uint32_t first_vc = router << (port_bits_ + vc_bits_);
    for (std::uint32_t i = 0; i < winner_count_; ++i) {
        const std::uint32_t local = winners_[i];
        InputVc& head = in_vcs_[first_vc | local];
        head.state = VcState::active;
        head.credit_since = static_cast<std::uint32_t>(now_) + 1;
        if (out_vcs_[first_vc | std::uint32_t(head.out_port) << vc_bits_ | head.out_vc].credits > 0) {
            make_ready(router, first_vc | local);
        }
    }
    winner_count_ = 0;
}

// Each input puts forward one VC an output (round robin), then one iSLIP iteration over input and output
// ports.
void FabricCore::allocate_switch(std::uint32_t router) {
    const std::uint32_t ready_ports = routers_[router].ready_ports;
    if ((ready_ports & (ready_ports - 1)) == 0) {
        const std::uint32_t in_port = lowest(ready_ports);
        const std::uint32_t ready = in_ports_[port_index(router, in_port)].ready;
        if ((ready & (ready - 1)) == 0) {
            const std::uint32_t vc = lowest(ready);
            grant_switch(router, in_port, vc, in_vcs_[port_index(router, in_port) << vc_bits_ | vc].out_port);
            return;
        }
    }
    arbitrate_switch(router);
}

void FabricCore::grant_switch(std::uint32_t router, std::uint32_t in_port, std::uint32_t vc, std::uint32_t out_port) {
    InputPort& in = in_ports_[port_index(router, in_port)];
    in.accept_from = static_cast<std::uint8_t>(out_port + 1);
    in.first_vc = static_cast<std::uint8_t>(vc + 1);
    out_ports_[port_index(router, out_port)].grant_from = static_cast<std::uint8_t>(in_port + 1);
    send(router, in_port, vc, out_port);
}

void FabricCore::arbitrate_switch(std::uint32_t router) {
    std::array<std::uint16_t, max_router_ports> asked_by{};
    std::array<std::uint16_t, max_router_ports> granted{};
    std::array<std::uint8_t, max_router_ports * max_router_ports> forward; // [input][output], where asked_by says so
    std::uint32_t outputs = 0;
    const std::uint32_t first_port = port_index(router, 0);
    for (std::uint32_t ports = routers_[router].ready_ports; ports != 0; ports &= ports - 1) {
        const std::uint32_t in_port = lowest(ports);
        const InputPort& in = in_ports_[first_port + in_port];
        const InputVc* vcs = &in_vcs_[(first_port + in_port) << vc_bits_];
        std::uint32_t seen = 0;
        const auto put_forward = [&](std::uint32_t set) {
            for (; set != 0; set &= set - 1) {
                const std::uint32_t vc = lowest(set);
                const std::uint32_t out_port = vcs[vc].out_port;
                if ((seen >> out_port & 1U) == 0) {
                    seen |= 1U << out_port;
                    asked_by[out_port] |= static_cast<std::uint16_t>(1U << in_port);
                    forward[in_port * max_router_ports + out_port] = static_cast<std::uint8_t>(vc);
                }
            }
        };
        const std::uint32_t from_first = ~0U << in.first_vc;
        put_forward(in.ready & from_first);
        put_forward(in.ready & ~from_first);
        outputs |= seen;
    }
    std::uint32_t inputs = 0;
    for (; outputs != 0; outputs &= outputs - 1) {
        const std::uint32_t out_port = lowest(outputs);
        const std::uint32_t in_port = first_from(asked_by[out_port], out_ports_[first_port + out_port].grant_from);
        granted[in_port] |= static_cast<std::uint16_t>(1U << out_port);
        inputs |= 1U << in_port;
    }
    for (; inputs != 0; inputs &= inputs - 1) {
        const std::uint32_t in_port = lowest(inputs);
        const std::uint32_t out_port = first_from(granted[in_port], in_ports_[first_port + in_port].accept_from);
        grant_switch(router, in_port, forward[in_port * max_router_ports + out_port], out_port);
    }
}

} // namespace intarsia::noc
