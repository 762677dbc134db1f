// The three kinds of failure and their exit codes: the user's input, the simulated system, the program
// itself.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace intarsia {

/// Exit codes of the program (docs/user_guide.md lists them for users).
enum class ExitCode : int {
    done = 0,
    different = 1,
    input = 2,
    starved = 3,
    stuck = 4,
    bug = 70,
    interrupted = 130,
};

/// Where in the user's input something is wrong. `line` and `column` count from 1; 0 means unknown. `where`
/// replaces line and column for input without lines: "node 17", "byte 4096", or for the command line the
/// option.
struct SourcePlace {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::string where;
};

/// One fault of the input: what is wrong, and what to do about it.
struct Diagnostic {
    SourcePlace place;
    std::string message;
    std::string remedy;

    /// `file:line:col: error: message; remedy` (or `file: where: error: ...`), without a newline.
    [[nodiscard]] std::string text(const char* severity = "error") const;
};

/// Input refused before simulation (exit 2). Carries every fault found, so that the user mends them in one
/// go.
class InputError : public std::runtime_error {
  public:
    explicit InputError(std::vector<Diagnostic> faults);
    explicit InputError(Diagnostic fault) : InputError(std::vector<Diagnostic>{std::move(fault)}) {}
    [[nodiscard]] const std::vector<Diagnostic>& faults() const { return faults_; }

  private:
    std::vector<Diagnostic> faults_;
};

/// The workload waits for something that cannot come (exit 3): a missing peer, tag or group.
class StarvationError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The network makes no progress (exit 4); the text says who waits for whom.
class StuckError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// An invariant of the program broke (exit 70): a bug, never the user's fault.
class InvariantError : public std::logic_error {
  public:
    using std::logic_error::logic_error;
};

/// Checks an invariant in every build, unlike assert(): results that break one must not be published.
inline void require(bool holds, const char* invariant) {
    if (!holds) [[unlikely]] {
        throw InvariantError(invariant);
    }
}

} // namespace intarsia
