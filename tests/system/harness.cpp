#include "harness.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace intarsia::tests {

using workloads::Node;
using workloads::NodeType;

SystemRun::SystemRun(const std::string& toml, workloads::Workload work, const std::vector<std::string>& overrides)
    : system(config::parse_system(toml, "test.toml", overrides)), workload(std::move(work)) {
    models::check_fit(system.config, workload);
    package = std::make_unique<models::Package>("package", system.config, workload, events, true);
    models::Simulation simulation(*package);
    const std::atomic<bool> stop{false};
    outcome = simulation.run([](const models::Progress&) {}, stop);
    report = cli::collect_report(*package, workload, outcome);
    simulation.drain_and_audit();
    report::require_balanced(report);
}

std::string SystemRun::largest_leaf(std::size_t die) const {
    const metrics::StallCycles& stalls = report.chiplets[die].stalls;
    const auto largest = std::max_element(stalls.begin(), stalls.end());
    const metrics::LeafName& name = metrics::leaf_names[static_cast<std::size_t>(largest - stalls.begin())];
    return std::string(name.group) + "." + std::string(name.leaf);
}

std::uint64_t in_child(const std::function<std::uint64_t()>& work) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) {
        throw std::runtime_error("no pipe");
    }
    const pid_t child = fork();
    if (child == 0) {
        std::uint64_t number = UINT64_MAX;
        try {
            number = work();
        } catch (const std::exception& error) {
            std::cerr << error.what() << std::endl;
        }
        const bool written = write(ends[1], &number, sizeof number) == sizeof number;
        _exit(written ? 0 : 1);
    }
    close(ends[1]);
    std::uint64_t number = UINT64_MAX;
    if (read(ends[0], &number, sizeof number) != sizeof number) {
        number = UINT64_MAX;
    }
    close(ends[0]);
    waitpid(child, nullptr, 0);
    return number;
}

WorkloadBuilder::WorkloadBuilder(std::uint32_t ranks) {
    workload_.name = "test";
    workload_.ranks.resize(ranks);
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
        workload_.ranks[rank].rank = rank;
        workload_.ranks[rank].names = {"node"};
        workload_.groups[0].push_back(rank);
    }
}

std::uint32_t WorkloadBuilder::add(std::uint32_t rank, Node node, const std::vector<std::uint32_t>& after) {
    workloads::ExecutionGraph& graph = workload_.ranks[rank];
    node.id = graph.nodes.size();
    node.first_dependency = static_cast<std::uint32_t>(graph.dependencies.size());
    node.dependency_count = static_cast<std::uint32_t>(after.size());
    graph.dependencies.insert(graph.dependencies.end(), after.begin(), after.end());
    graph.nodes.push_back(node);
    return static_cast<std::uint32_t>(node.id);
}

std::uint32_t WorkloadBuilder::gemm(std::uint32_t rank, std::uint64_t m, std::uint64_t n, std::uint64_t k,
                                    const std::vector<std::uint32_t>& after) {
    workloads::Gemm gemm;
    gemm.m = m;
    gemm.n = n;
    gemm.k = k;
    Node node;
    node.type = NodeType::comp;
    node.has_gemm = true;
    node.gemm = static_cast<std::uint32_t>(workload_.ranks[rank].gemms.size());
    node.flops = 2 * m * n * k;
    node.tensor_bytes = 2 * (m * k + k * n + m * n);
    workload_.ranks[rank].gemms.push_back(gemm);
    return add(rank, node, after);
}

std::uint32_t WorkloadBuilder::stream(std::uint32_t rank, std::uint64_t read, std::uint64_t write, std::uint64_t flops,
                                      workloads::Unit unit, const std::vector<std::uint32_t>& after) {
    Node node;
    node.type = NodeType::comp;
    node.flops = flops;
    node.tensor_bytes = read + write;
    node.read_bytes = read;
    node.write_bytes = write;
    node.has_split = true;
    node.unit = unit;
    return add(rank, node, after);
}

std::uint32_t WorkloadBuilder::replay(std::uint32_t rank, std::uint64_t microseconds,
                                      const std::vector<std::uint32_t>& after) {
    Node node;
    node.type = NodeType::comp;
    node.duration_us = microseconds;
    return add(rank, node, after);
}

std::uint32_t WorkloadBuilder::host(std::uint32_t rank, std::uint64_t microseconds,
                                    const std::vector<std::uint32_t>& after) {
    Node node;
    node.type = NodeType::comp;
    node.is_cpu_op = true;
    node.duration_us = microseconds;
    return add(rank, node, after);
}

std::uint32_t WorkloadBuilder::load(std::uint32_t rank, std::uint64_t bytes, const std::vector<std::uint32_t>& after) {
    Node node;
    node.type = NodeType::mem_load;
    node.tensor_bytes = bytes;
    return add(rank, node, after);
}

std::uint32_t WorkloadBuilder::store(std::uint32_t rank, std::uint64_t bytes, const std::vector<std::uint32_t>& after) {
    Node node;
    node.type = NodeType::mem_store;
    node.tensor_bytes = bytes;
    return add(rank, node, after);
}

std::uint32_t WorkloadBuilder::collective(std::uint32_t rank, workloads::Collective kind, std::uint64_t bytes,
                                          const std::vector<std::uint32_t>& after) {
    Node node;
    node.type = NodeType::comm_coll;
    node.collective = kind;
    node.comm_bytes = bytes;
    return add(rank, node, after);
}

std::uint32_t WorkloadBuilder::send(std::uint32_t rank, std::uint32_t to, std::uint64_t bytes, std::uint32_t tag,
                                    const std::vector<std::uint32_t>& after) {
    Node node;
    node.type = NodeType::comm_send;
    node.peer = to;
    node.tag = tag;
    node.comm_bytes = bytes;
    return add(rank, node, after);
}

std::uint32_t WorkloadBuilder::receive(std::uint32_t rank, std::uint32_t from, std::uint64_t bytes, std::uint32_t tag,
                                       const std::vector<std::uint32_t>& after) {
    Node node;
    node.type = NodeType::comm_recv;
    node.peer = from;
    node.tag = tag;
    node.comm_bytes = bytes;
    return add(rank, node, after);
}

workloads::TensorIndex WorkloadBuilder::tensor(std::uint32_t rank, const std::string& name, std::uint64_t bytes) {
    workload_.ranks[rank].tensors.push_back({name, bytes});
    return static_cast<workloads::TensorIndex>(workload_.ranks[rank].tensors.size() - 1);
}

std::uint32_t WorkloadBuilder::load_tensor(std::uint32_t rank, workloads::TensorIndex tensor,
                                           const std::vector<std::uint32_t>& after) {
    Node node;
    node.type = NodeType::mem_load;
    node.tensor_bytes = workload_.ranks[rank].tensors[tensor].bytes;
    node.read_tensor = tensor;
    return add(rank, node, after);
}

ScratchDirectory::ScratchDirectory() {
    std::string pattern = std::filesystem::temp_directory_path().string() + "/intarsia-test-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("no scratch directory");
    }
    path_ = pattern;
}

ScratchDirectory::~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void ScratchDirectory::write(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
}

std::string ScratchDirectory::read(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
}

ProgramRun run_program(const std::string& arguments) {
    const ScratchDirectory scratch;
    const std::string command = std::string(INTARSIA_PROGRAM) + " " + arguments + " >" + scratch.path("out") + " 2>" +
                                scratch.path("err") + " </dev/null";
    const int status = std::system(command.c_str());
    ProgramRun run;
    run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    run.out = scratch.read("out");
    run.err = scratch.read("err");
    return run;
}

} // namespace intarsia::tests
