// What each subcommand gives to the program: its options, and a function that runs it.
#pragma once

#include "config/errors.hpp"

#include <CLI/CLI.hpp>

namespace intarsia::cli {

// Each adds its subcommand to the program; the subcommand's callback does the work, throws the errors of
// config/errors.hpp, and leaves its exit code in `exit_code`.
void add_check(CLI::App& program, ExitCode& exit_code);
void add_trace(CLI::App& program, ExitCode& exit_code);
void add_link(CLI::App& program, ExitCode& exit_code);
void add_run(CLI::App& program, ExitCode& exit_code);
void add_memory(CLI::App& program, ExitCode& exit_code);
void add_noc(CLI::App& program, ExitCode& exit_code);

} // namespace intarsia::cli
