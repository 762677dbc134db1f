#include "models/rank_program.hpp"

#include "config/clock.hpp"
#include "config/errors.hpp"
#include "memory/timing_set.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <tuple>

namespace intarsia::models {

using workloads::Collective;
using workloads::Node;
using workloads::NodeType;

namespace {

// A job's key: collectives and point-to-point messages never share one.
constexpr std::uint64_t point_to_point_bit = 1ULL << 63U;
constexpr std::uint64_t number_shift = 32;

// A read while many are under way: several times the unloaded latency of some 100 ns. Only the search for tiles uses
// it.
constexpr double loaded_read_s = 500e-9;

// A port carries a flit a cycle; a core's share of the memory is that of the die's stacks, or of the whole package's
// where the die has none.
TileTraffic tile_traffic(const config::SystemConfig& system, std::uint32_t die_index) {
    const config::DieConfig& die = system.dies[die_index];
    const auto core_hertz = static_cast<double>(die.core.clock.count());
    const auto payload = static_cast<double>(die.network.max_payload_bytes);
    const std::uint32_t flits = flits_of(PacketKind::read_reply, die.network.max_payload_bytes,
                                         die.network.header_bytes, die.network.flit_bytes);
    double local = 0;
    double all = 0;
    for (const config::HbmStackConfig& stack : system.stacks) {
        const memory::TimingSet timing = memory::timing_set(stack.timing_set, stack.timing, stack.name);
        const double peak = static_cast<double>(timing.channel_peak().count()) * stack.channels;
        all += peak;
        local += stack.die == die_index ? peak : 0;
    }
    const double memory = (local > 0 ? local : all) / (die.core.columns * die.core.rows);
    TileTraffic traffic;
    traffic.packet_bytes = die.network.max_payload_bytes;
    traffic.port_bytes_per_cycle = payload / flits * static_cast<double>(die.network.clock.count()) / core_hertz;
    traffic.memory_bytes_per_cycle = std::min(traffic.port_bytes_per_cycle, memory / core_hertz);
    traffic.latency_cycles = loaded_read_s * core_hertz;
    return traffic;
}

bool is_point_to_point(const Node& node) {
    return node.type == NodeType::comm_send || node.type == NodeType::comm_recv;
}

} // namespace

RankProgram::RankProgram(const config::SystemConfig& system, const workloads::Workload& workload, std::uint32_t rank,
                         const TensorSpace& tensors)
    : system_(&system), workload_(&workload), graph_(&workload.ranks[rank]), tensors_(&tensors),
      die_(&system.dies[system.rank_dies[rank]]), rank_(rank), waiting_for_(graph_->nodes.size()),
      first_dependent_(graph_->nodes.size() + 1), dependents_(graph_->dependencies.size()),
      node_done_(graph_->nodes.size()), turns_(graph_->nodes.size()) {
    // Dependents by counting sort over the dependencies.
    for (const std::uint32_t dependency : graph_->dependencies) {
        ++first_dependent_[dependency + 1];
    }
    for (std::size_t i = 1; i < first_dependent_.size(); ++i) {
        first_dependent_[i] += first_dependent_[i - 1];
    }
    std::vector<std::uint32_t> fill(first_dependent_.begin(), first_dependent_.end() - 1);
    for (std::uint32_t index = 0; index < graph_->nodes.size(); ++index) {
        waiting_for_[index] = graph_->nodes[index].dependency_count;
        for (const std::uint32_t dependency : graph_->dependencies_of(graph_->nodes[index])) {
            dependents_[fill[dependency]++] = index;
        }
    }
    traffic_ = tile_traffic(system, system.rank_dies[rank]);
    number_messages();
    for (std::uint32_t index = 0; index < graph_->nodes.size(); ++index) {
        if (waiting_for_[index] == 0) {
            make_ready(index);
        }
    }
}

void RankProgram::number_messages() {
    std::map<std::uint32_t, std::uint64_t> collectives;
    std::map<std::tuple<bool, std::uint32_t, std::uint32_t>, std::uint64_t> point_to_point;
    for (const std::uint32_t index : workloads::topological_order(*graph_)) {
        const Node& node = graph_->nodes[index];
        if (node.type == NodeType::comm_coll) {
            turns_[index].number = collectives[node.group]++;
        } else if (is_point_to_point(node)) {
            turns_[index].number = point_to_point[{node.type == NodeType::comm_send, node.peer, node.tag}]++;
        }
        if (node.type == NodeType::comm_recv) {
            receivers_[{node.peer, key_of(index)}] = index;
        }
    }
}

std::uint64_t RankProgram::key_of(std::uint32_t index) const {
    const Node& node = graph_->nodes[index];
    const std::uint64_t number = turns_[index].number << number_shift;
    return is_point_to_point(node) ? point_to_point_bit | number | node.tag : number | node.group;
}

std::optional<std::uint32_t> RankProgram::receiver_of(std::uint32_t source, std::uint64_t key) const {
    const auto found = receivers_.find({source, key});
    return found == receivers_.end() ? std::nullopt : std::optional(found->second);
}

void RankProgram::make_ready(std::uint32_t index) {
    const Node& node = graph_->nodes[index];
    if (node.type != NodeType::comm_coll) {
        ready_.push_back(index);
        return;
    }
    auto& group = out_of_turn_[node.group];
    group[turns_[index].number] = index;
    std::uint64_t& next = next_turn_[node.group];
    while (!group.empty() && group.begin()->first == next) {
        ready_.push_back(group.begin()->second);
        group.erase(group.begin());
        ++next;
    }
}

std::vector<std::uint32_t> RankProgram::take_ready() {
    std::vector<std::uint32_t> ready;
    ready.swap(ready_);
    std::sort(ready.begin(), ready.end());
    return ready;
}

void RankProgram::complete(std::uint32_t index) {
    require(!node_done_[index], "a node is done once");
    node_done_[index] = true;
    ++done_;
    for (std::uint32_t i = first_dependent_[index]; i < first_dependent_[index + 1]; ++i) {
        if (--waiting_for_[dependents_[i]] == 0) {
            make_ready(dependents_[i]);
        }
    }
}

std::size_t RankProgram::nodes_left() const {
    return static_cast<std::size_t>(std::count(node_done_.begin(), node_done_.end(), false));
}

NodeWork RankProgram::work_of(std::uint32_t index) const {
    const Node& node = graph_->nodes[index];
    if (node.type == NodeType::metadata) {
        return NodeWork::nothing;
    }
    if (node.is_cpu_op && (node.type == NodeType::comp)) {
        return node.duration_us > 0 ? NodeWork::host : NodeWork::nothing;
    }
    switch (node.type) {
    case NodeType::comp:
        return node.has_gemm || node.flops > 0 || node.tensor_bytes > 0 || node.duration_us > 0 ? NodeWork::tiles
                                                                                                : NodeWork::nothing;
    case NodeType::comm_coll: {
        const auto group = workload_->groups.find(node.group);
        const bool alone = group == workload_->groups.end() || group->second.size() < 2;
        const bool empty = node.comm_bytes == 0 && node.collective != Collective::barrier;
        return alone || empty ? NodeWork::nothing : NodeWork::messages;
    }
    case NodeType::mem_load:
    case NodeType::mem_store:
        return node.tensor_bytes > 0 ? NodeWork::messages : NodeWork::nothing;
    default:
        return NodeWork::messages;
    }
}

std::uint64_t RankProgram::duration_cycles(std::uint32_t index) const {
    const Clock clock(die_->core.clock);
    return clock.first_edge_at_or_after(Picoseconds(graph_->nodes[index].duration_us * 1'000'000));
}

NodePlan RankProgram::tile_plan(std::uint32_t index) const {
    const Node& node = graph_->nodes[index];
    if (node.has_gemm) {
        const workloads::Gemm& gemm = graph_->gemms[node.gemm];
        const std::uint64_t element = std::uint64_t{gemm.batch} * gemm.element_bytes;
        const std::uint64_t a_bytes = element * gemm.m * gemm.k;
        const std::uint64_t b_bytes = element * gemm.k * gemm.n;
        const std::uint64_t c_bytes = element * gemm.m * gemm.n;
        std::uint64_t scratch = 0;
        const auto place = [&](workloads::TensorIndex tensor, std::uint64_t bytes) {
            const AddressRange range = tensors_->range(rank_, tensor, bytes, scratch);
            scratch += tensor == workloads::no_tensor ? bytes : 0;
            return range.begin;
        };
        GemmPlaces places;
        places.a = place(gemm.a, a_bytes);
        places.b = place(gemm.b, b_bytes);
        places.c = place(gemm.c, c_bytes);
        return plan_gemm(gemm, places, die_->core, traffic_);
    }
    if (node.flops == 0 && node.tensor_bytes == 0) {
        return plan_replay(duration_cycles(index), node.unit, die_->core);
    }
    std::uint64_t read = node.read_bytes;
    std::uint64_t write = node.write_bytes;
    if (!node.has_split) {
        read = static_cast<std::uint64_t>(
            std::llround(static_cast<double>(node.tensor_bytes) * die_->core.stream_read_fraction));
        write = node.tensor_bytes - read;
    }
    const AddressRange in = tensors_->range(rank_, node.read_tensor, read);
    const AddressRange out =
        tensors_->range(rank_, node.write_tensor, write, node.read_tensor == workloads::no_tensor ? read : 0);
    return plan_stream(in, out, node.flops, node.unit, die_->core, die_->network.max_payload_bytes);
}

MessageJob RankProgram::message_job(std::uint32_t index) const {
    const Node& node = graph_->nodes[index];
    MessageJob job;
    job.node = index;
    job.cores = die_->core.columns * die_->core.rows;
    const auto largest_piece = [&](const config::CoreConfig& core) {
        return std::max<std::uint64_t>(die_->network.max_payload_bytes, core.landing_buffer.count() / 16);
    };
    job.piece_bytes = largest_piece(die_->core);
    const auto die_of = [&](std::uint32_t rank) { return system_->rank_dies[rank]; };
    const auto use_rank = [&](std::uint32_t rank) {
        const config::CoreConfig& core = system_->dies[die_of(rank)].core;
        job.cores = std::min(job.cores, core.columns * core.rows);
        job.piece_bytes = std::min(job.piece_bytes, largest_piece(core));
        job.peer_ranks.push_back(rank);
        job.peer_dies.push_back(die_of(rank));
    };
    switch (node.type) {
    case NodeType::mem_load:
    case NodeType::mem_store: {
        const bool load = node.type == NodeType::mem_load;
        job.kind = load ? MessageJob::Kind::memory_load : MessageJob::Kind::memory_store;
        job.buffer = tensors_->range(rank_, load ? node.read_tensor : node.write_tensor, node.tensor_bytes);
        break;
    }
    case NodeType::comm_coll: {
        const std::vector<std::uint32_t>& group = workload_->groups.at(node.group);
        const auto size = static_cast<std::uint32_t>(group.size());
        const auto position = static_cast<std::uint32_t>(std::find(group.begin(), group.end(), rank_) - group.begin());
        for (const std::uint32_t rank : group) {
            use_rank(rank);
        }
        job.buffer = tensors_->range(rank_, node.read_tensor,
                                     workloads::collective_buffer_bytes(node.collective, size, node.comm_bytes));
        job.steps = workloads::collective_schedule(node.collective, size, position, node.comm_bytes);
        job.key = key_of(index);
        job.always_first = job.buffer.bytes == 0;
        break;
    }
    default: {
        const bool send = node.type == NodeType::comm_send;
        use_rank(node.peer);
        job.buffer = tensors_->range(rank_, node.read_tensor, node.comm_bytes);
        workloads::CollectiveStep step;
        (send ? step.send_to : step.receive_from) = 0;
        (send ? step.send : step.receive) = {0, node.comm_bytes};
        job.steps.push_back(step);
        job.key = key_of(index);
        job.always_all = true;
    }
    }
    return job;
}

std::string RankProgram::describe(std::uint32_t index) const {
    const Node& node = graph_->nodes[index];
    std::string text = fmt::format("node {} '{}'", node.id, graph_->name_of(node));
    if (node.type == NodeType::comm_coll) {
        text += fmt::format(" ({}, number {} of group {})", workloads::name_of(node.collective), turns_[index].number,
                            node.group);
    } else if (is_point_to_point(node)) {
        text +=
            fmt::format(" ({} rank {}, tag {})", node.type == NodeType::comm_send ? "to" : "from", node.peer, node.tag);
    }
    return text;
}

} // namespace intarsia::models
