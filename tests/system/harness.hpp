// Whole systems in tests: a TOML, a workload, one run in this process, and the program itself as a child process.
#pragma once

#include "cli/collect_report.hpp"
#include "config/load.hpp"
#include "models/package_module.hpp"
#include "models/simulation.hpp"
#include "report/summary_json.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace intarsia::tests {

/// A package run to its end with the DRAM timing checker on. SystemC allows one such run a process.
struct SystemRun {
    SystemRun(const std::string& toml, workloads::Workload work, const std::vector<std::string>& overrides = {});

    config::LoadedSystem system;
    workloads::Workload workload;
    metrics::EventHook events;
    std::unique_ptr<models::Package> package;
    models::Outcome outcome;
    report::RunReport report;

    [[nodiscard]] double seconds() const { return static_cast<double>(outcome.end.count()) * 1e-12; }
    /// Cycles of a leaf, summed over the cores of a die.
    [[nodiscard]] std::uint64_t cycles(std::size_t die, metrics::Leaf leaf) const {
        return report.chiplets[die].stalls[static_cast<std::size_t>(leaf)];
    }
    /// The leaf with most cycles on a die, "group.leaf".
    [[nodiscard]] std::string largest_leaf(std::size_t die) const;
};

/// Runs `work` in a child process and returns its number: for tests that need several simulations. A child that fails
/// prints why and gives UINT64_MAX.
std::uint64_t in_child(const std::function<std::uint64_t()>& work);

/// Builders of small workloads. Nodes get ids 0, 1, 2, ... a rank; `after` are indices of nodes of that rank.
class WorkloadBuilder {
  public:
    explicit WorkloadBuilder(std::uint32_t ranks);
    std::uint32_t gemm(std::uint32_t rank, std::uint64_t m, std::uint64_t n, std::uint64_t k,
                       const std::vector<std::uint32_t>& after = {});
    /// A COMP node that reads and writes anonymous bytes.
    std::uint32_t stream(std::uint32_t rank, std::uint64_t read, std::uint64_t write, std::uint64_t flops,
                         workloads::Unit unit, const std::vector<std::uint32_t>& after = {});
    std::uint32_t replay(std::uint32_t rank, std::uint64_t microseconds, const std::vector<std::uint32_t>& after = {});
    std::uint32_t host(std::uint32_t rank, std::uint64_t microseconds, const std::vector<std::uint32_t>& after = {});
    std::uint32_t load(std::uint32_t rank, std::uint64_t bytes, const std::vector<std::uint32_t>& after = {});
    std::uint32_t store(std::uint32_t rank, std::uint64_t bytes, const std::vector<std::uint32_t>& after = {});
    std::uint32_t collective(std::uint32_t rank, workloads::Collective kind, std::uint64_t bytes,
                             const std::vector<std::uint32_t>& after = {});
    std::uint32_t send(std::uint32_t rank, std::uint32_t to, std::uint64_t bytes, std::uint32_t tag = 0,
                       const std::vector<std::uint32_t>& after = {});
    std::uint32_t receive(std::uint32_t rank, std::uint32_t from, std::uint64_t bytes, std::uint32_t tag = 0,
                          const std::vector<std::uint32_t>& after = {});
    /// A tensor of the rank, to be named by load_tensor.
    workloads::TensorIndex tensor(std::uint32_t rank, const std::string& name, std::uint64_t bytes);
    std::uint32_t load_tensor(std::uint32_t rank, workloads::TensorIndex tensor,
                              const std::vector<std::uint32_t>& after = {});
    [[nodiscard]] workloads::Workload build() const { return workload_; }

  private:
    std::uint32_t add(std::uint32_t rank, workloads::Node node, const std::vector<std::uint32_t>& after);
    workloads::Workload workload_;
};

/// The program as a user runs it.
struct ProgramRun {
    int exit_code = -1;
    std::string out;
    std::string err;
};
ProgramRun run_program(const std::string& arguments);
/// An empty directory of this test's own, removed with the object.
class ScratchDirectory {
  public:
    ScratchDirectory();
    ~ScratchDirectory();
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;
    [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }
    void write(const std::string& name, const std::string& content) const;
    [[nodiscard]] std::string read(const std::string& name) const;

  private:
    std::string path_;
};

} // namespace intarsia::tests
