// The hot loops of the virtual-channel engine: all routers of a network over flat blocks and bit masks.
#pragma once

#include "config/errors.hpp"
#include "noc/vc_accounts.hpp"
#include "noc/vc_block.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

// A visit to a router is one function, its sets in registers: calls in between would send them through memory.
#define INTARSIA_INLINE [[gnu::always_inline]] inline

namespace intarsia::noc {

/// The routers of a network: arrival, VC allocation, switch allocation, traversal and credits, each cycle only where
/// something can move. What happens at endpoints and borders is `Derived`'s (static polymorphism, no virtual call a
/// flit):
///   void eject(std::uint32_t endpoint, std::uint32_t vc, Flit flit, std::uint32_t delay)  won the switch towards one
///   void depart(std::uint32_t border, std::uint32_t vc, Flit flit)
///   void freed(PortUse use, std::uint32_t number, std::uint32_t vc, std::uint32_t delay)   a buffer slot of such a
///   port std::uint32_t narrow(std::uint32_t router, std::uint32_t port, std::uint32_t offered)  VCs that heads may
///   have void given(std::uint32_t router, std::uint32_t port, std::uint32_t vc)                 one of them is taken
///   random_of, id_of, priority_of, older: of the packets of flits
/// and where Derived::accounts_packets:
///   void waited(Flit flit, std::uint32_t allocation, std::uint32_t credit)  at the front of a buffer
///   void crossed(Flit flit, std::uint32_t arrival)                          on its way to the next router
///   std::uint32_t ready_since(Flit head)                                    arrival of a head that comes to the front
///   void asks(std::uint32_t router, std::uint32_t port, Flit head, std::uint32_t since)  it waits for a VC there
///   std::uint32_t gated(std::uint32_t router, std::uint32_t port, Flit head)  of that wait: cycles without a packet
///   credit bool closed(std::uint32_t router, std::uint32_t port)                   the port takes no head, whatever VC
///   is free
///
/// The pipeline (cycle by cycle in docs/models/network.md) is that of BookSim 2's `iq_router`: a flit received in u; VC
/// allocation in u + route_delay (heads); switch allocation vc_alloc_delay later; at the next router switch_alloc_delay
/// + traversal_delay + link latency after its grant. The buffer slot is usable for the sender's switch allocation
/// switch_alloc_delay + link latency + credit_delay after the grant. One iteration of each allocator a cycle (iSLIP:
/// McKeown, "The iSLIP scheduling algorithm for input-queued switches", 1999).
template <class Shape, class Derived>
class VcCore {
  public:
    using Mask = typename Shape::Mask;
    using Index = typename Shape::Index;
    using PortMask = typename Shape::PortMask;
    using Block = RouterBlock<Shape>;
    using Sets = RouterSets<Shape>;

    explicit VcCore(const NetworkPlan& plan);

  protected:
    using Due = DueSets<Mask>;
    /// What a general router receives besides.
    struct GeneralDue {
        Mask owners{}; ///< input VCs whose new output VC takes effect
        Mask routed{}; ///< input VCs whose head has its route
    };

    [[nodiscard]] std::uint32_t vc_bits() const {
        if constexpr (Shape::fixed_vc_bits >= 0) {
            return Shape::fixed_vc_bits;
        } else {
            return vc_bits_;
        }
    }
    [[nodiscard]] std::uint32_t vc_of(std::uint32_t local) const { return local & ((1U << vc_bits()) - 1); }
    /// Where the flits of an input VC lie.
    [[nodiscard]] std::size_t ring(std::uint32_t router, std::uint32_t local) const {
        return (std::size_t(router) * Shape::slots + local) << ring_bits_;
    }
    [[nodiscard]] Flit front(std::uint32_t router, std::uint32_t local) const {
        const InputVc& vc = blocks_[router].in[local];
        return vc.ring[vc.head];
    }

    /// Puts a flit at `place` of an input VC's ring, received in `cycle` (later than now, or before the routers run).
    void post_flit(std::uint32_t router, std::uint32_t local, std::uint32_t place, Flit flit, std::uint64_t cycle) {
        rings_[ring(router, local) + place] = flit;
        due(router, cycle).arrivals |= member<Mask>(local);
    }
    /// At most one a cycle and output VC.
    void post_credit(std::uint32_t router, std::uint32_t local_output, std::uint64_t cycle) {
        due(router, cycle).credits |= member<Mask>(local_output);
    }
    /// A credit that is usable now, before the routers run. (Of posted ones an output VC takes one a cycle.)
    void add_credit(std::uint32_t router, std::uint32_t local_output);
    /// Delays that the wheel must reach, before the first post.
    void extend_wheel(std::uint64_t delay);

    /// One cycle of all routers.
    void run_routers(std::uint64_t cycle);
    void wake(std::uint32_t router) { pending_[router >> 6U] |= 1ULL << (router & 63U); }
    [[nodiscard]] std::uint64_t next_router_cycle(std::uint64_t cycle) const;
    /// Outputs towards an endpoint work against this many credits a virtual channel.
    void count_credits(std::uint32_t router, std::uint32_t port, std::uint32_t credits);
    [[nodiscard]] std::uint64_t sent(std::uint32_t router, std::uint32_t output) const {
        return blocks_[router].out[output].sent;
    }
    [[nodiscard]] std::uint64_t sent_in_all() const;
    [[nodiscard]] StallCounters stalls(std::uint32_t router, std::uint32_t port) const {
        return stalls_[router * Shape::most_ports + port];
    }
    template <class PacketText>
    void describe_waits(std::size_t lines, const PacketText& packet_text, std::vector<std::string>& text) const;
    /// Throws InvariantError unless all buffers are empty and all credits home.
    void audit_routers(std::uint32_t endpoint_credits) const;

    const NetworkPlan& plan_;
    RouteTables routes_;
    std::vector<Block> blocks_;
    std::vector<GeneralBlock<Shape>> general_;
    std::vector<SlowChannel> slow_;     ///< [router * most_ports + port], only where channels are slow
    std::vector<StallCounters> stalls_; ///< [router * most_ports + port]
    std::vector<Flit> rings_;
    std::uint32_t ring_bits_ = 0;
    std::uint64_t now_ = 0;
    std::uint64_t last_progress_ = 0;
    std::vector<FlitHop>* hops_ = nullptr;

  private:
    /// What a cycle reads often and no store may seem to change.
    struct Cycle {
        std::uint64_t now = 0;
        std::uint32_t now32 = 0;
        std::uint32_t slot_mask = 0;
        bool slow = false;
        bool record = false;
        bool one_class = true;
        std::uint32_t class_vcs = 0; ///< with one class
    };
    Derived& derived() { return static_cast<Derived&>(*this); }
    [[nodiscard]] Due& due(std::uint32_t router, std::uint64_t cycle) {
        const std::size_t slot = cycle & wheel_mask_;
        busy_[(std::size_t(router >> 6U) << wheel_bits_) + slot] |= 1ULL << (router & 63U);
        return wheel_[(std::size_t(router) << wheel_bits_) + slot];
    }
    [[nodiscard]] GeneralDue& general_due(std::uint32_t router, std::uint64_t cycle) {
        const std::size_t slot = cycle & wheel_mask_;
        busy_[(std::size_t(router >> 6U) << wheel_bits_) + slot] |= 1ULL << (router & 63U);
        return general_wheel_[(std::size_t(router) << wheel_bits_) + slot];
    }
    void build();
    void build_channels(std::uint32_t router, std::uint32_t port);
    void place_wheel();
    bool visit(const Cycle& cycle, std::uint32_t router);
    void take_arrival(const Cycle& cycle, Block& block, Sets& sets, std::uint32_t router, std::uint32_t local);
    void take_credit(const Cycle& cycle, Block& block, Sets& sets, std::uint32_t output);
    void come_to_front(const Cycle& cycle, Block& block, Sets& sets, std::uint32_t router, std::uint32_t local,
                       std::uint32_t since);
    void ask_for_vc(const Cycle& cycle, Block& block, Sets& sets, std::uint32_t router, std::uint32_t local, Flit flit,
                    std::uint32_t since);
    RouteEntry choose_option(RouteEntry entry, Flit flit);

    // vc_core_allocation.hpp
    void allocate_vcs(const Cycle& cycle, Block& block, Sets& sets, std::uint32_t router);
    void allocate_contended(std::uint32_t router, std::uint32_t port, std::uint32_t offered);
    void give_vc(std::uint32_t now, Block& block, Sets& sets, std::uint32_t router, std::uint32_t local,
                 std::uint32_t output);
    void allocate_switch(const Cycle& cycle, Block& block, Sets& sets, std::uint32_t router, const Mask& ready);
    void waited_for_vc(std::uint32_t router, std::uint32_t local, std::uint32_t port, std::uint32_t cycles);
    void waited_for_switch(std::uint32_t router, std::uint32_t local, std::uint32_t port, Flit flit);
    void waited_for_credit(InputVc& vc);
    PortMask unblock(std::uint32_t router);

    // vc_core_traversal.hpp
    void send(const Cycle& cycle, Block& block, Sets& sets, std::uint32_t router, std::uint32_t local,
              std::uint32_t port);
    void record_hop(std::uint32_t router, std::uint32_t local, std::uint32_t port, Flit flit);

    // vc_core_general.hpp
    template <class Set, class FlitOf>
    std::uint32_t choose(Set asking, std::uint32_t pointer, const FlitOf& flit_of);
    [[nodiscard]] std::uint32_t empty_vcs(const Block& block, std::uint32_t port) const;
    void take_general(const Cycle& cycle, Block& block, Sets& sets, std::uint32_t router);
    void allocate_vcs_general(const Cycle& cycle, Block& block, Sets& sets, std::uint32_t router);
    void allocate_switch_general(const Cycle& cycle, Block& block, Sets& sets, std::uint32_t router, const Mask& ready,
                                 const Mask& heads);

    std::uint32_t vc_bits_ = 0;
    std::uint32_t vc_delay_ = 1;
    std::uint32_t route_delay_ = 0;
    std::size_t words_ = 1; ///< of a set of routers
    std::uint32_t wheel_bits_ = 0;
    std::uint64_t wheel_mask_ = 0;
    std::vector<Due> wheel_; ///< [router][cycle & mask]
    std::vector<GeneralDue> general_wheel_;
    std::vector<std::uint64_t> busy_;      ///< [word of routers][cycle & mask]: routers with something due
    std::vector<std::uint64_t> pending_;   ///< routers to be looked at in the next cycle
    std::vector<std::uint32_t> hop_index_; ///< with hops recorded, by input VC: flits of the present packet sent
};

} // namespace intarsia::noc

#include "noc/vc_core_allocation.hpp"
#include "noc/vc_core_build.hpp"
#include "noc/vc_core_cycle.hpp"
#include "noc/vc_core_general.hpp"
#include "noc/vc_core_traversal.hpp"
