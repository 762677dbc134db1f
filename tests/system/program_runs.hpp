// Runs of the program on a system and a workload that a test has made.
#pragma once

#include "harness.hpp"
#include "workloads/chakra_writer.hpp"

#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include <string>

namespace intarsia::tests {

/// A system, a trace and its groups as files, in a directory of their own.
class RunFiles {
  public:
    RunFiles(const std::string& toml, const workloads::Workload& workload) {
        scratch_.write("system.toml", toml);
        workloads::write_workload(workload, scratch_.path("trace"));
        nlohmann::json groups = nlohmann::json::object();
        for (const auto& [number, ranks] : workload.groups) {
            if (number != 0) {
                groups[std::to_string(number)] = ranks;
            }
        }
        scratch_.write("groups.json", groups.dump());
    }
    /// Runs them; results go to directory `out` of the scratch directory.
    [[nodiscard]] ProgramRun run(const std::string& out, const std::string& more_options = "",
                                 bool check_timing = true) const {
        return run_program(fmt::format("run {} --trace {} --groups {} --out {} {} {}", path("system.toml"),
                                       path("trace"), path("groups.json"), path(out),
                                       check_timing ? "--check-timing" : "", more_options));
    }
    [[nodiscard]] std::string path(const std::string& name) const { return scratch_.path(name); }
    [[nodiscard]] std::string read(const std::string& name) const { return scratch_.read(name); }
    [[nodiscard]] nlohmann::json summary(const std::string& out) const {
        return nlohmann::json::parse(read(out + "/summary.json"));
    }

  private:
    ScratchDirectory scratch_;
};

} // namespace intarsia::tests
