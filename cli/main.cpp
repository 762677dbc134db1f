// The `intarsia` program: subcommands, and the one place where errors become exit codes.
#include "cli/command.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <new>
#include <systemc>

using namespace intarsia;

namespace {

ExitCode fail(ExitCode code, const std::string& text) {
    fmt::print(stderr, "{}\n", text);
    return code;
}

// CLI11 explains wrong usage over several lines; ours is one.
std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

ExitCode run_program(int argc, char** argv) {
    CLI::App program("Cycle-level simulator of AI-accelerator packages", "intarsia");
    program.set_version_flag("--version", "intarsia " INTARSIA_VERSION);
    program.require_subcommand(1);
    ExitCode exit_code = ExitCode::done;
    cli::add_run(program, exit_code);
    cli::add_check(program, exit_code);
    cli::add_trace(program, exit_code);
    cli::add_link(program, exit_code);
    cli::add_memory(program, exit_code);
    cli::add_noc(program, exit_code);
    try {
        const auto names_it = [&](const CLI::App* command) { return argc > 1 && command->check_name(argv[1]); };
        const auto commands = program.get_subcommands([](const CLI::App*) { return true; });
        if (argc > 1 && argv[1][0] != '-' && std::none_of(commands.begin(), commands.end(), names_it)) {
            throw InputError({{"", 0, 0, argv[1]},
                              "there is no such command",
                              "the commands are run, check, trace, memory, noc and link"});
        }
        program.parse(argc, argv);
        return exit_code;
    } catch (const CLI::CallForHelp& help) {
        program.exit(help);
        return ExitCode::done;
    } catch (const CLI::CallForVersion& version) {
        program.exit(version);
        return ExitCode::done;
    } catch (const CLI::ParseError& error) {
        return fail(ExitCode::input,
                    fmt::format("error: {}; intarsia --help shows the usage", first_line(error.what())));
    } catch (const InputError& error) {
        return fail(ExitCode::input, error.what());
    } catch (const StarvationError& error) {
        return fail(ExitCode::starved, error.what());
    } catch (const StuckError& error) {
        return fail(ExitCode::stuck, error.what());
    } catch (const InvariantError& error) {
        return fail(ExitCode::bug, fmt::format("error: invariant broken: {}; this is a bug of intarsia", error.what()));
    } catch (const std::bad_alloc&) {
        return fail(ExitCode::bug, "error: out of memory; a smaller system or trace needs less");
    } catch (const std::exception& error) {
        return fail(ExitCode::bug, fmt::format("error: {}; this is a bug of intarsia", error.what()));
    }
}

} // namespace

int sc_main(int argc, char* argv[]) {
    sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_DO_NOTHING);
    sc_core::sc_report_handler::set_actions(sc_core::SC_FATAL, sc_core::SC_THROW);
    return static_cast<int>(run_program(argc, argv));
}

// In place of the library's own main(), which prints a banner first.
int main(int argc, char* argv[]) {
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    return sc_core::sc_elab_and_sim(argc, argv);
}
