#include "models/tensor_space.hpp"

#include "config/errors.hpp"
#include "workloads/collective_schedule.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fnmatch.h>
#include <string>

namespace intarsia::models {

namespace {

// A range of memory that is given out from the beginning, and how much was asked of it.
struct Region {
    memory::AddressWindow window;
    std::uint64_t used = 0;
    std::string name;
};

bool is_interleaved(const config::PlacementConfig& placement, const std::string& tensor) {
    for (const config::TensorPlacement& rule : placement.tensors) {
        if (fnmatch(rule.pattern.c_str(), tensor.c_str(), 0) == 0) {
            return rule.home == "interleaved";
        }
    }
    return placement.home == "interleaved";
}

// What a rank's nodes need of each tensor, and of scratch space for operands without a name.
struct Needs {
    std::vector<std::uint64_t> tensors;
    std::uint64_t scratch = 0;
};

Needs needs_of(const workloads::Workload& workload, const workloads::ExecutionGraph& graph) {
    Needs needs;
    for (const workloads::Tensor& tensor : graph.tensors) {
        needs.tensors.push_back(tensor.bytes);
    }
    for (const workloads::Node& node : graph.nodes) {
        std::uint64_t scratch = 0;
        const auto use = [&](workloads::TensorIndex tensor, std::uint64_t bytes) {
            if (tensor == workloads::no_tensor) {
                scratch += bytes;
            } else {
                needs.tensors[tensor] = std::max(needs.tensors[tensor], bytes);
            }
        };
        if (node.type == workloads::NodeType::comp && node.has_gemm) {
            const workloads::Gemm& gemm = graph.gemms[node.gemm];
            const std::uint64_t products = std::uint64_t{gemm.batch} * gemm.element_bytes;
            use(gemm.a, products * gemm.m * gemm.k);
            use(gemm.b, products * gemm.k * gemm.n);
            use(gemm.c, products * gemm.m * gemm.n);
        } else if (node.type == workloads::NodeType::comm_coll) {
            const auto group = workload.groups.find(node.group);
            const auto ranks = group == workload.groups.end() ? 1 : static_cast<std::uint32_t>(group->second.size());
            use(node.read_tensor, workloads::collective_buffer_bytes(node.collective, ranks, node.comm_bytes));
        } else if (node.type == workloads::NodeType::comm_send || node.type == workloads::NodeType::comm_recv) {
            use(node.read_tensor, node.comm_bytes);
        } else if (node.type == workloads::NodeType::mem_load) {
            use(node.read_tensor, node.tensor_bytes);
        } else if (node.type == workloads::NodeType::mem_store) {
            use(node.write_tensor, node.tensor_bytes);
        } else {
            // Whichever split a stream has, each side is at most all of it.
            use(node.read_tensor, node.has_split ? node.read_bytes : node.tensor_bytes);
            use(node.write_tensor, node.has_split ? node.write_bytes : node.tensor_bytes);
        }
        needs.scratch = std::max(needs.scratch, scratch);
    }
    return needs;
}

} // namespace

TensorSpace::TensorSpace(const config::SystemConfig& system, const memory::AddressMap& addresses,
                         const workloads::Workload& workload) {
    const std::uint64_t block = system.placement.interleave.count();
    std::vector<Region> local;
    for (std::uint32_t die = 0; die < system.dies.size(); ++die) {
        local.push_back({addresses.local_window(die), 0, "the stacks of " + system.dies[die].name});
    }
    Region interleaved{addresses.interleaved_window(), 0, "the package-interleaved part of all stacks"};
    const auto give = [&](Region& region, std::uint64_t bytes) {
        const std::uint64_t begin = region.used;
        region.used += (bytes + block - 1) / block * block;
        return AddressRange{region.window.begin + begin, bytes};
    };
    for (const workloads::ExecutionGraph& graph : workload.ranks) {
        RankSpace space;
        const Needs needs = needs_of(workload, graph);
        Region& home = local[system.rank_dies[graph.rank]];
        for (std::size_t tensor = 0; tensor < needs.tensors.size(); ++tensor) {
            Region& region = is_interleaved(system.placement, graph.tensors[tensor].name) ? interleaved : home;
            space.tensors.push_back(give(region, needs.tensors[tensor]));
        }
        space.scratch = give(system.placement.home == "interleaved" ? interleaved : home, needs.scratch);
        ranks_.push_back(std::move(space));
    }
    std::vector<Diagnostic> faults;
    local.push_back(interleaved);
    for (const Region& region : local) {
        used_bytes_ += region.used;
        if (region.used > region.window.bytes) {
            faults.push_back({{workload.name, 0, 0, "tensors"},
                              fmt::format("{} bytes of tensors do not fit {}, which hold {} bytes", region.used,
                                          region.name, region.window.bytes),
                              "add stacks or capacity, or place tensors elsewhere ([placement] home)"});
        }
    }
    if (!faults.empty()) {
        throw InputError(std::move(faults));
    }
}

AddressRange TensorSpace::range(std::uint32_t rank, workloads::TensorIndex tensor, std::uint64_t bytes,
                                std::uint64_t scratch_offset) const {
    const RankSpace& space = ranks_[rank];
    if (tensor == workloads::no_tensor) {
        require(scratch_offset + bytes <= space.scratch.bytes, "scratch space holds every node's anonymous operands");
        return {space.scratch.begin + scratch_offset, bytes};
    }
    require(bytes <= space.tensors[tensor].bytes, "a tensor holds what its nodes touch");
    return {space.tensors[tensor].begin, bytes};
}

} // namespace intarsia::models
