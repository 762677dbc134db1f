#include "models/package_module.hpp"

#include "noc/deadlock_proof.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <string>

namespace intarsia::models {

namespace {

// Half of what 64 bits of picoseconds hold, which leaves room for everything that a trace does not record.
constexpr std::uint64_t longest_run_us = std::numeric_limits<std::uint64_t>::max() / 2 / 1'000'000;

// Each link draws its bit errors from a seed of its own.
constexpr std::uint64_t max_seeded_links = 1'000'000;

std::string module_name(std::string name) {
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
}

const noc::PackagePlan& proved(const noc::PackagePlan& plan) {
    noc::prove_deadlock_freedom(plan);
    return plan;
}

Clock stack_clock(const config::HbmStackConfig& stack) {
    return memory::timing_set(stack.timing_set, stack.timing, stack.name).tick_clock();
}

std::uint32_t synchroniser(const config::NetworkConfig& network, const Clock& a, const Clock& b) {
    return a == b ? 0 : network.synchroniser_cycles;
}

} // namespace

Package::Package(const sc_core::sc_module_name& name, const config::SystemConfig& system,
                 const workloads::Workload& workload, metrics::EventHook& events, bool check_timing)
    : sc_core::sc_module(name), system_(system), plan_(system), addresses_(system),
      directory_(system, addresses_, proved(plan_)), tensors_(system, addresses_, workload) {
    build_dies(workload, events);
    build_stacks(events, check_timing);
    build_links();
}

void Package::build_dies(const workloads::Workload& workload, metrics::EventHook& events) {
    std::vector<std::unique_ptr<RankProgram>> programs(system_.dies.size());
    for (std::uint32_t rank = 0; rank < workload.ranks.size(); ++rank) {
        programs[system_.rank_dies[rank]] = std::make_unique<RankProgram>(system_, workload, rank, tensors_);
    }
    for (std::uint32_t index = 0; index < system_.dies.size(); ++index) {
        dies_.push_back(std::make_unique<Die>(module_name(system_.dies[index].name).c_str(), *this, index,
                                              std::move(programs[index]), events));
    }
}

// The children are built here, while the die is the innermost module of the hierarchy.
Package::Die::Die(const sc_core::sc_module_name& name, const Package& package, std::uint32_t index,
                  std::unique_ptr<RankProgram> program, metrics::EventHook& events)
    : sc_core::sc_module(name) {
    const config::SystemConfig& system = package.system_;
    const config::DieConfig& description = system.dies[index];
    const noc::DiePlan& die_plan = package.plan_.die(index);
    const Clock network_clock(description.network.clock);
    noc::FabricSynchronisers synchronisers;
    for (const noc::ClientPlan& client : die_plan.clients) {
        const Clock other = client.stack ? stack_clock(system.stacks[*client.stack]) : Clock(description.core.clock);
        synchronisers.clients.push_back(synchroniser(description.network, network_clock, other));
    }
    for (const noc::LinkPortPlan& port : die_plan.link_ports) {
        const Clock other = flit_slot_clock(system.links[port.link], description.network.flit_bytes);
        synchronisers.link_ports.push_back(synchroniser(description.network, network_clock, other));
    }
    network =
        std::make_unique<noc::FabricModule>("noc", package.plan_, index, synchronisers, system.simulation.shuffle_seed);
    network->attach(events);
    compute = std::make_unique<ComputeChipletModule>("compute", system, index, package.directory_, package.plan_,
                                                     std::move(program), events, synchronisers.clients[0]);
    noc::FabricModule::Client& client = network->clients[0];
    compute->packets_out.bind(client.packets_in);
    client.packets_out.bind(compute->packets_in);
    client.credit_out.bind(compute->credits_in);
}

void Package::build_stacks(metrics::EventHook& events, bool check_timing) {
    for (std::uint32_t index = 0; index < system_.stacks.size(); ++index) {
        const config::HbmStackConfig& description = system_.stacks[index];
        const config::DieConfig& die = system_.dies[description.die];
        std::vector<EndpointId> interfaces;
        for (std::uint32_t i = 0; i < description.routers.size(); ++i) {
            interfaces.push_back(plan_.stack_endpoint(index, i));
        }
        const std::uint32_t edges = synchroniser(die.network, Clock(die.network.clock), stack_clock(description));
        const memory::StackNetwork network_side{static_cast<std::uint32_t>(interfaces.size()), die.network.header_bytes,
                                                die.network.flit_bytes, die.network.interface_queue_packets};
        auto stack = std::make_unique<memory::HbmStackModule>(module_name(description.name).c_str(), description,
                                                              interfaces, network_side, addresses_, index, edges,
                                                              system_.simulation.shuffle_seed, check_timing, &events);
        noc::FabricModule& network = *dies_[description.die]->network;
        const auto& clients = plan_.die(description.die).clients;
        const auto place = std::find_if(clients.begin(), clients.end(),
                                        [&](const noc::ClientPlan& client) { return client.stack == index; });
        noc::FabricModule::Client& client = network.clients[static_cast<std::size_t>(place - clients.begin())];
        client.packets_out.bind(stack->requests_in);
        stack->request_credit_out.bind(client.credit_in);
        stack->replies_out.bind(client.packets_in);
        client.credit_out.bind(stack->reply_credit_in);
        stacks_.push_back(std::move(stack));
    }
}

void Package::build_links() {
    for (std::uint32_t index = 0; index < system_.links.size(); ++index) {
        const config::D2dLinkConfig& description = system_.links[index];
        const config::NetworkConfig& network = system_.dies[description.from_die].network;
        const auto edges = [&](std::uint32_t die) {
            const config::NetworkConfig& side = system_.dies[die].network;
            return synchroniser(side, Clock(side.clock), flit_slot_clock(description, network.flit_bytes));
        };
        auto link = std::make_unique<D2dLinkModule>(
            module_name(description.name).c_str(), description, network.flit_bytes,
            network.request_vcs + network.reply_vcs,
            std::array<std::uint32_t, 2>{edges(description.from_die), edges(description.to_die)},
            system_.simulation.shuffle_seed, system_.simulation.seed * max_seeded_links + index);
        for (std::uint32_t end = 0; end < 2; ++end) {
            const std::uint32_t die = end == 0 ? description.from_die : description.to_die;
            noc::FabricModule::LinkPort& port = dies_[die]->network->link_ports[plan_.link_port(index, end)];
            port.flits_out.bind(link->flits_in[end]);
            link->flits_out[end].bind(port.flits_in);
            port.link_credit_out.bind(link->credits_in[end]);
            link->credits_out[end].bind(port.link_credit_in);
        }
        links_.push_back(std::move(link));
    }
}

Picoseconds Package::advance(Picoseconds until) {
    const Picoseconds now(sc_core::sc_time_stamp().value());
    sc_core::sc_start(sc_core::sc_time::from_value((until - now).count()), sc_core::SC_RUN_TO_TIME);
    rethrow_failure();
    return Picoseconds(sc_core::sc_time_stamp().value());
}

void Package::rethrow_failure() const {
    for (const auto& die : dies_) {
        die->network->rethrow_failure();
        die->compute->rethrow_failure();
    }
    for (const auto& stack : stacks_) {
        stack->rethrow_failure();
    }
    for (const auto& link : links_) {
        link->rethrow_failure();
    }
}

// Packets and flits in the channels between modules show as differences of what both sides have counted.
bool Package::busy() const {
    std::uint64_t handed_in = 0;
    std::uint64_t injected = 0;
    std::uint64_t ejected = 0;
    std::uint64_t taken = 0;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    for (const auto& die : dies_) {
        const ComputeChipletCore& chiplet = die->compute->core();
        const noc::FabricCounters network = die->network->core().counters();
        if (die->network->core().busy() || !chiplet.quiet() || chiplet.outstanding() > 0) {
            return true;
        }
        handed_in += chiplet.counters().packets_out;
        taken += chiplet.counters().packets_in;
        for (std::size_t c = 0; c < message_classes; ++c) {
            injected += network.injected.packets[c];
            ejected += network.ejected.packets[c];
            sent += network.sent.flits[c];
            received += network.received.flits[c];
        }
    }
    for (const auto& stack : stacks_) {
        handed_in += stack->core().sent_replies();
        taken += stack->core().accepted_requests();
    }
    const bool links_settled =
        std::all_of(links_.begin(), links_.end(), [](const auto& link) { return link->settled(); });
    return handed_in != injected || ejected != taken || sent != received || !links_settled;
}

bool Package::waits_for_network() const {
    return std::all_of(dies_.begin(), dies_.end(), [](const auto& die) { return die->compute->core().quiet(); });
}

std::uint64_t Package::progress() const {
    std::uint64_t progress = 0;
    for (const auto& die : dies_) {
        progress += die->network->core().counters().flit_hops + die->compute->core().counters().nodes_done;
        for (std::size_t core = 0; core < die->compute->core().core_count(); ++core) {
            const DmaCounters& dma = die->compute->core().dma_counters(core);
            progress += dma.read_requests + dma.write_requests + dma.bytes_delivered + dma.pushes;
        }
    }
    for (const auto& link : links_) {
        progress += link->counters(0).flits + link->counters(1).flits;
    }
    return progress;
}

void Package::audit() const {
    std::uint64_t pushed = 0;
    std::uint64_t requests = 0;
    for (const auto& die : dies_) {
        die->network->audit();
        const ComputeChipletCore& chiplet = die->compute->core();
        chiplet.audit();
        for (std::size_t core = 0; core < chiplet.core_count(); ++core) {
            pushed += chiplet.dma_counters(core).bytes_pushed;
            requests += chiplet.dma_counters(core).read_requests + chiplet.dma_counters(core).write_requests;
        }
        pushed -= chiplet.counters().bytes_landed;
    }
    require(pushed == 0, "every byte pushed to a core landed once");
    for (const auto& stack : stacks_) {
        stack->core().audit();
        require(stack->core().idle(), "every request that a stack accepted was answered");
        requests -= stack->core().accepted_requests();
    }
    require(requests == 0, "every request issued was accepted by a stack");
    for (const auto& link : links_) {
        link->audit();
    }
}

void check_fit(const config::SystemConfig& system, const workloads::Workload& workload) {
    std::vector<Diagnostic> faults;
    const auto fault = [&](std::string message, std::string remedy) {
        faults.push_back({{workload.name, 0, 0, {}}, std::move(message), std::move(remedy)});
    };
    if (workload.ranks.size() > system.rank_dies.size()) {
        fault(fmt::format("the trace has {} ranks and the system places {}", workload.ranks.size(),
                          system.rank_dies.size()),
              "use a system with as many dies, or a trace with fewer ranks");
    }
    bool any_work = false;
    for (const workloads::ExecutionGraph& graph : workload.ranks) {
        std::uint64_t duration_us = 0;
        for (const workloads::Node& node : graph.nodes) {
            any_work =
                any_work || node.flops > 0 || node.tensor_bytes > 0 || node.comm_bytes > 0 || node.duration_us > 0 ||
                node.has_gemm ||
                (node.type == workloads::NodeType::comm_coll && node.collective == workloads::Collective::barrier);
            duration_us += node.duration_us;
            const bool point_to_point =
                node.type == workloads::NodeType::comm_send || node.type == workloads::NodeType::comm_recv;
            if (point_to_point && (node.peer >= workload.ranks.size() || node.peer == graph.rank)) {
                faults.push_back({{workload.name, 0, 0, fmt::format("rank {} node {}", graph.rank, node.id)},
                                  fmt::format("its peer is rank {}, and the trace has ranks 0 to {}", node.peer,
                                              workload.ranks.size() - 1),
                                  "a message goes to another rank of the trace"});
            }
        }
        if (duration_us > longest_run_us) {
            fault(fmt::format("the recorded durations of rank {} sum to {} us", graph.rank, duration_us),
                  fmt::format("correct them: a run counts picoseconds in 64 bits and lasts at most {} us",
                              longest_run_us));
        }
    }
    if (!any_work && faults.empty()) {
        fault("the trace has no work: no FLOPs, bytes or durations in any node", "a run needs something to do");
    }
    if (!faults.empty()) {
        throw InputError(std::move(faults));
    }
}

} // namespace intarsia::models
