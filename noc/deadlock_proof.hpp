// The proof, before a run, that a network cannot deadlock.
#pragma once

#include "config/errors.hpp"
#include "noc/network_plan.hpp"
#include "noc/package_plan.hpp"

#include <cstdint>
#include <vector>

namespace intarsia::noc {

/// Who sends packets of a message class, and to whom: one flag an endpoint. Empty: all.
struct ClassTraffic {
    std::vector<std::uint8_t> sources;
    std::vector<std::uint8_t> destinations;
};

struct ProofOptions {
    /// Endpoints answer packets of class 0 with packets of class 1, and take no more of class 0 while the answers wait.
    /// They always take class 1.
    bool request_reply = false;
    /// A head is given a virtual channel that is no escape for it only when that channel's buffer is empty or has room
    /// for the whole packet. Without this a packet can stand behind another in an adaptive channel, or own one that is
    /// full, and then no escape helps either (Duato 1993, assumption 5; Ma, Enright Jerger and Wang, "Whole packet
    /// forwarding", HPCA 2012): escape channels are then not looked at, and every option counts as waited for. Wormhole
    /// routers have first-in first-out buffers that packets share, so for them it is never assumed.
    bool exclusive_adaptive_buffers = true;
    /// By message class; classes beyond the end: all to all.
    std::vector<ClassTraffic> traffic;
    /// Where faults are reported; without a file: the plan's name, "network".
    SourcePlace place;
};

/// Builds the channel dependency graph of the routing tables that the engines execute and refuses it if it allows a
/// deadlock.
///
/// A channel is a virtual channel of a router's output, or of an endpoint's way into its router. A depends on b when
/// some packet that a source really sends can arrive on a and be given b: packets are followed from all sources through
/// RouteTables::lookup, class by class, and nothing is assumed about inputs that no packet reaches.
///
///  - Tables without choice, and random lists (the packet waits for the one option drawn): no cycle (Dally and Seitz,
///    "Deadlock-free message routing in multiprocessor interconnection networks", 1987).
///  - Adaptive lists with options marked as escape: the packet *waits* for the escapes, the other options are steps
///  that it
///    *may* take. Refused is a closed walk with at least one waiting step, for that is a cycle of the extended
///    dependency graph of the escape subfunction, with direct, indirect and cross dependencies (Duato, "A new theory of
///    deadlock-free adaptive routing in wormhole networks", 1993, and "A necessary and sufficient condition for
///    deadlock-free adaptive routing in wormhole networks", 1995). Steps between two waits belong to one packet, so an
///    adaptive channel is there once for each destination; first they are merged, which finds all that is free of
///    deadlock without need to look at destinations, and only what that leaves in doubt is looked at destination by
///    destination.
///  - Adaptive lists without an escape: every option is waited for, which lets turn models pass.
///
/// What makes it fast is exact:
///  - Virtual channels that all rows, lists and classes treat alike are one vertex: each edge of the one is an edge of
///  the
///    other, so a cycle through the group is a cycle through a member and the other way round.
///  - Packets are followed in sets of destinations. In dense tables these are bit masks. In tables by coordinates they
///  are
///    products of one set of coordinates a level, because each entry constrains one level; a union that is no product
///    is kept as several. A product that contains no endpoint carries no packet.
///
/// Throws InputError with all faults: an option on a port or virtual channel that does not exist or is not the class's,
/// a packet that a table gives no way or leads to a foreign endpoint; and, when there is none, the shortest cycle by
/// the names of its channels, with the remedy that fits it. So what passes also reaches every destination from every
/// source. Ports to the border of the network end the proof: what lies beyond is not known.
void prove_deadlock_freedom(const NetworkPlan& plan, const ProofOptions& options = {});

/// The same over a whole package: the routers of all dies, joined by their D2D links. Requests go from every core to
/// every endpoint, replies from every endpoint to every core; with reply_vcs = 0 they share the requests' virtual
/// channels. `replies` = false: traffic of requests alone, from every endpoint, nobody answers.
void prove_deadlock_freedom(const PackagePlan& plan, bool replies = true, const SourcePlace& place = {});

} // namespace intarsia::noc
