// What the tests of the stand-alone memory share: runs from a line of TOML, files of a test's own, the program itself.
#pragma once

#include "memory/standalone/standalone_report.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <vector>

namespace intarsia::tests {

inline const std::string hbm3 = "ramulator21_HBM3_6400Mbps_16Gb_8hi";
inline const std::string hbm3_one_stack_id = "ramulator21_HBM3_6400Mbps_4Gb";
inline const std::string hbm2 = "ramulator21_HBM2_2000Mbps_4Gb";

/// A memory of one timing set with overrides ("path=value").
inline memory::StandaloneConfig memory_of(const std::string& set, const std::vector<std::string>& overrides = {}) {
    return memory::parse_standalone("[memory]\ntiming_set = \"" + set +
                                        "\"\n[traffic]\nrequests = 20000\n"
                                        "warmup_requests = 2000\n",
                                    "test.toml", overrides);
}

/// Runs it with the timing checker watching.
inline memory::StandaloneResult run(const memory::StandaloneConfig& config, const memory::Trace* trace = nullptr) {
    memory::StandaloneInputs inputs;
    inputs.trace = trace;
    inputs.check_timing = true;
    return memory::run_standalone(config, inputs);
}

inline memory::StandaloneResult run(const std::string& set, const std::vector<std::string>& overrides = {}) {
    return run(memory_of(set, overrides));
}

/// An empty directory, removed with the object.
class Scratch {
  public:
    Scratch() {
        std::string pattern = (std::filesystem::temp_directory_path() / "intarsia-memory-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        directory_ = pattern;
    }
    ~Scratch() { std::filesystem::remove_all(directory_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    [[nodiscard]] std::string path(const std::string& name) const { return (directory_ / name).string(); }
    [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(path(name), std::ios::binary) << text;
        return path(name);
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(path(name), std::ios::binary).rdbuf();
        return text.str();
    }

  private:
    std::filesystem::path directory_;
};

/// A program as a user runs it.
struct Finished {
    int exit_code = -1;
    std::string out;
    std::string err;
};

inline Finished run_command(const std::string& command) {
    const Scratch scratch;
    const std::string line = command + " >" + scratch.path("out") + " 2>" + scratch.path("err");
    const int status = std::system(line.c_str()); // NOLINT(cert-env33-c): a shell is what users have
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, scratch.read("out"), scratch.read("err")};
}

inline Finished run_program(const std::string& arguments) {
    return run_command(std::string(INTARSIA_PROGRAM) + " " + arguments);
}

/// The faults that `act` throws, one a line; "" if it throws none.
template <class Act>
std::string faults_of(Act act) {
    try {
        act();
    } catch (const InputError& error) {
        std::string all;
        for (const Diagnostic& fault : error.faults()) {
            all += fault.text() + "\n";
        }
        return all;
    }
    return "";
}

} // namespace intarsia::tests
