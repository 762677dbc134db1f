// The bit-sliced virtual-channel engine: 64 routers in a machine word.
#pragma once

#include "config/errors.hpp"
#include "noc/vc_accounts.hpp"
#include "noc/vc_block.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace intarsia::noc {

/// The common router (plain iSLIP pipeline, see VcCore) for networks of many like routers, transposed: a *plane* is a
/// word with one bit a router, and there is one for each local input or output virtual channel and each thing that
/// switch allocation asks about it. Switch allocation, buffer counts and credit counts of 64 routers are so a fixed
/// number of word operations a cycle, whatever the load; only heads (routes, VC allocation) and moving flits cost by
/// event. The decisions are those of VcCore, bit for bit.
///
/// `Ports` and `VcBits` fix the shape at compile time; -1 leaves it to run time (at most 16 ports and 64 virtual
/// channels). `Derived` as for VcCore. Buffers have one depth in the whole network.
template <int Ports, int VcBits, std::uint32_t CountBits, class Derived>
class PlaneCore {
  public:
    explicit PlaneCore(const NetworkPlan& plan);
    static constexpr std::uint32_t most_ports = Ports > 0 ? Ports : 16;
    static constexpr std::uint32_t most_slots = VcBits >= 0 && Ports > 0 ? Ports << VcBits : 64;

  protected:
    using Plane = std::uint64_t;
    template <class T>
    using PerPort = std::array<T, most_ports>;
    template <class T>
    using PerSlot = std::array<T, most_slots>;

    // The face that VcEngine works with.
    [[nodiscard]] std::uint32_t vc_bits() const {
        if constexpr (VcBits >= 0) {
            return VcBits;
        } else {
            return vc_bits_;
        }
    }
    [[nodiscard]] std::uint32_t vc_of(std::uint32_t local) const { return local & ((1U << vc_bits()) - 1); }
    void post_flit(std::uint32_t router, std::uint32_t local, std::uint32_t place, Flit flit, std::uint64_t cycle) {
        rings_[(index(router, local) << ring_bits_) + place] = flit;
        const std::size_t slot = cycle & wheel_mask_;
        arrivals_[slot * plane_count_ + (router >> 6U) * slots() + local] |= 1ULL << (router & 63U);
        posted_[slot] = 1;
    }
    void post_credit(std::uint32_t router, std::uint32_t local_output, std::uint64_t cycle) {
        const std::size_t slot = cycle & wheel_mask_;
        credits_[slot * plane_count_ + (router >> 6U) * slots() + local_output] |= 1ULL << (router & 63U);
        posted_[slot] = 1;
    }
    void extend_wheel(std::uint64_t delay);
    void run_routers(std::uint64_t cycle);
    [[nodiscard]] std::uint64_t next_router_cycle(std::uint64_t cycle) const;
    /// Outputs towards an endpoint work against this many credits a virtual channel.
    void count_credits(std::uint32_t router, std::uint32_t port, std::uint32_t credits);
    [[nodiscard]] std::uint64_t sent(std::uint32_t router, std::uint32_t output) const {
        return outs_[index(router, output)].sent;
    }
    [[nodiscard]] std::uint64_t sent_in_all() const;
    [[nodiscard]] StallCounters stalls(std::uint32_t router, std::uint32_t port) const {
        return stalls_[std::size_t(router) * ports() + port];
    }
    template <class PacketText>
    void describe_waits(std::size_t lines, const PacketText& packet_text, std::vector<std::string>& text) const;
    /// Throws InvariantError unless all buffers are empty and all credits home.
    void audit_routers(std::uint32_t endpoint_credits) const;

    const NetworkPlan& plan_;
    std::uint64_t now_ = 0;
    std::uint64_t last_progress_ = 0;
    std::vector<FlitHop>* hops_ = nullptr;

  private:
    static constexpr std::uint32_t count_bits = CountBits;
    static constexpr std::uint32_t stall_bits = 4; ///< more spill into the counters

    // Narrow fields are 16 bits wide, not 8: a store of a character type might change anything in the compiler's eyes.

    /// An input virtual channel: where its credits go, and the packet in front.
    struct In {
        Plane credit_bit = 0;           ///< links: of the router that feeds it, in its plane
        std::uint32_t credit_plane = 0; ///< links: of the output VC that feeds it; else: endpoint
        std::uint32_t front_since = 0;  ///< of a waiting head: first cycle in VC allocation
        std::uint16_t delay = 0;        ///< switch grant to usable credit
        std::uint16_t is_link = 0;
        std::uint16_t head = 0;        ///< place of the front flit
        std::uint16_t out = 0;         ///< of an active one: its output VC
        std::uint16_t accept_from = 0; ///< VC allocation pointer over output VCs
        std::uint16_t allowed = 0;     ///< of a waiting head: the VCs it may have
    };
    /// An output virtual channel and where its flits go.
    struct Out {
        std::uint64_t sent = 0;
        Plane arrive_bit =
            0; ///< links: of the router at its end, in its plane; endpoints: 1 where the sink gives credits
        std::uint32_t ring = 0;         ///< links: of the input VC at its end; else: endpoint
        std::uint32_t arrive_plane = 0; ///< links: of that input VC
        std::uint16_t delay = 0;        ///< switch grant to arrival
        std::uint16_t is_link = 0;
        std::uint16_t place = 0;      ///< of the next flit in the ring
        std::uint16_t owner = 0;      ///< input VC, where not free
        std::uint16_t grant_from = 0; ///< VC allocation pointer over input VCs
    };
    /// Heads that wait for virtual channels at a router.
    struct Heads {
        std::uint64_t free = 0; ///< output VCs that no packet owns
        std::uint16_t want_ports = 0;
        std::uint16_t free_ports = 0;
        PerPort<std::uint64_t> wants{}; ///< input VCs whose head waits for a VC there
    };
    /// The state of 64 routers that switch allocation reads. Pointers are thermometers: bit r of plane k is set when k
    /// is at or after the pointer of router r; all clear means the first.
    struct Group {
        PerSlot<Plane> occupied{};
        PerSlot<Plane> active{};
        PerSlot<Plane> starved{};
        PerSlot<Plane> credit{}; ///< output VCs with a credit
        PerSlot<std::array<Plane, count_bits>> count{};
        PerSlot<std::array<Plane, count_bits>> credit_count{};
        PerPort<PerSlot<Plane>> to{};                   ///< [output port][input VC]: active and bound there
        PerPort<PerPort<Plane>> grant_from{};           ///< [output][input]
        PerPort<PerPort<Plane>> accept_from{};          ///< [input][output]
        PerSlot<Plane> first_vc{};                      ///< [input][VC]
        PerPort<Plane> blocked{};                       ///< outputs whose slow channel is occupied
        Plane trying = 0;                               ///< routers with heads that may get a virtual channel
        PerSlot<Plane> stalled{};                       ///< anything in `lost` or `unfed`
        PerSlot<std::array<Plane, stall_bits>> lost{};  ///< cycles of the packet in front that lost the switch
        PerSlot<std::array<Plane, stall_bits>> unfed{}; ///< ... without a credit
    };

    [[nodiscard]] std::uint32_t ports() const {
        if constexpr (Ports > 0) {
            return Ports;
        } else {
            return ports_;
        }
    }
    [[nodiscard]] std::uint32_t slots() const { return ports() << vc_bits(); }
    /// Routers are so far apart in the tables by virtual channel.
    [[nodiscard]] std::uint32_t slot_bits() const {
        if constexpr (VcBits >= 0 && Ports > 0) {
            return static_cast<std::uint32_t>(std::bit_width(static_cast<std::uint32_t>((Ports << VcBits) - 1)));
        } else {
            return slot_bits_;
        }
    }
    Derived& derived() { return static_cast<Derived&>(*this); }
    [[nodiscard]] std::size_t index(std::uint32_t router, std::uint32_t local) const {
        return std::size_t(router) << slot_bits() | local;
    }

    /// Where a cycle finds its tables, in registers whatever it calls.
    struct Tables {
        In* ins = nullptr;
        Out* outs = nullptr;
        Heads* heads = nullptr;
        Flit* rings = nullptr;
        Plane* arrivals = nullptr;
        Plane* credits = nullptr;
        std::uint32_t* posted = nullptr;
        Plane* next_arrivals = nullptr; ///< of the cycle in which what is sent now arrives, where all links are alike
        Plane* next_credits = nullptr;  ///< the same for credits
        std::size_t plane_count = 0;
        std::uint64_t wheel_mask = 0;
        std::uint64_t now = 0;
        std::uint32_t ring_bits = 0;
        std::uint32_t ring_mask = 0;
        bool record = false;
        bool slow = false;
    };
    [[nodiscard]] Tables tables();

    void build();
    void build_port(std::uint32_t router, std::uint32_t port);
    void run_group(Tables at, std::uint32_t group, bool blocked);
    void take_credits(Group& state, std::uint32_t group, Plane* due);
    void take_arrivals(const Tables& at, Group& state, std::uint32_t group, Plane* due);
    void come_to_front(const Tables& at, Group& state, std::uint32_t router, std::uint32_t local, std::uint64_t since);
    void allocate_vcs(const Tables& at, Group& state, std::uint32_t router);
    void allocate_contended(Group& state, std::uint32_t router, std::uint32_t port);
    void give_vc(const Tables& at, Group& state, std::uint32_t router, std::uint32_t local, std::uint32_t output);
    bool allocate_switch(Group& state, const PerSlot<Plane>& ready, PerSlot<Plane>& wins, bool blocked);
    void send(const Tables& at, Group& state, std::uint32_t router, std::uint32_t local, bool more,
              PerSlot<Plane>& used);
    void spend_credits(Group& state, std::uint32_t group, const PerSlot<Plane>& used);
    void count_stall(std::uint32_t group, std::uint32_t local, std::array<Plane, stall_bits>& counter, Plane lanes,
                     std::uint64_t StallCounters::*cause);
    void count_lost(Group& state, std::uint32_t group, const PerSlot<Plane>& ready, const PerSlot<Plane>& wins);
    void count_unfed(Group& state, std::uint32_t group, const PerSlot<Plane>& unfed);
    void settle_stalls(Group& state, std::uint32_t router, std::uint32_t local);
    void charge_skipped(std::uint32_t group, std::uint64_t cycles);
    void unblock();
    void record_hop(std::uint32_t router, std::uint32_t local, std::uint32_t port, Flit flit);
    void occupy(Group& state, std::uint32_t router, std::uint32_t port);

    RouteTables routes_;
    std::uint32_t ports_ = 0;
    std::uint32_t vc_bits_ = 0;
    std::uint32_t slot_bits_ = 0;
    std::uint32_t ring_bits_ = 0;
    std::uint32_t ring_mask_ = 0;
    std::size_t plane_count_ = 0; ///< groups x slots
    std::uint64_t wheel_mask_ = 0;
    std::uint32_t arrive_delay_ = 0; ///< of all links, or 0 where they differ
    std::uint32_t credit_delay_ = 0;
    std::uint64_t next_ = 0;            ///< the cycle after the last that was run
    bool active_ = false;               ///< something may happen in the next cycle of itself
    std::vector<Plane> arrivals_;       ///< [cycle & mask][group][input VC]
    std::vector<Plane> credits_;        ///< [cycle & mask][group][output VC]
    std::vector<std::uint32_t> posted_; ///< [cycle & mask]
    std::vector<Group> groups_;
    std::vector<Heads> heads_; ///< by router
    std::vector<In> ins_;
    std::vector<Out> outs_;
    std::vector<Flit> rings_;
    std::vector<StallCounters> stalls_;            ///< [router * ports + port]
    std::vector<SlowChannel> slow_;                ///< the same, only where channels are slow
    std::vector<std::uint32_t> occupied_channels_; ///< router * ports + port of slow channels in use
    std::vector<std::uint32_t> hop_index_;
};

} // namespace intarsia::noc

#include "noc/plane_core_build.hpp"
#include "noc/plane_core_cycle.hpp"
#include "noc/plane_core_heads.hpp"
#include "noc/plane_core_switch.hpp"
