#include "tests/config/system_text.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using intarsia::tests::faults_of;
using intarsia::tests::two_dies;

TEST_CASE("A small system is valid") {
    CHECK(faults_of(two_dies()).empty());
}

TEST_CASE("All faults of a file are reported together, with place and remedy") {
    const std::string text = R"([netwrok]
columns = 4
[core]
clock = 1.8
sram = "4 GHz"
colums = 3
array_rows = "128"
dma_window = 0
launch_overhead_cycles = -4
vector_flops_per_cycle = 2.5
landing_buffer = "1.5 B"
operand_sharing = "per_dye"
stream_read_fraction = 1.5
[network]
clock = "2 GHZ"
columns = 1000000
[[die]]
name = "a"
position = ["1 mm"]
[[stack]]
name = "s"
die = "b"
routers = [[0, 0], [0]]
[stack.timing]
nCl = 3
[simulation]
seed = 2000-01-01
)";
    CHECK(
        faults_of(text) ==
        "s.toml:1:2: error: unknown key 'netwrok' at the top of the file; did you mean 'network'?\n"
        "s.toml:4:9: error: 'clock' has no unit; write a frequency such as \"1.8 GHz\"\n"
        "s.toml:5:8: error: 'sram' = '4 GHz' has the unit 'GHz', which is not a size; use one of B, kB, KiB, MB, MiB, "
        "GB, GiB, TB, TiB\n"
        "s.toml:6:1: error: unknown key 'colums' in [core]; did you mean 'columns'?\n"
        "s.toml:7:14: error: 'array_rows' must be a whole number, not text; write plain digits, without quotes, unit "
        "or "
        "fraction\n"
        "s.toml:8:14: error: 'dma_window' = 0 is too small; the smallest value is 1\n"
        "s.toml:9:26: error: 'launch_overhead_cycles' = -4 is negative; the smallest value is 0\n"
        "s.toml:10:26: error: 'vector_flops_per_cycle' must be a whole number, not a number with a fraction; write "
        "plain "
        "digits, without quotes, unit or fraction\n"
        "s.toml:11:18: error: 'landing_buffer' = '1.5 B' is not a whole number of B; round it to B, the finest step\n"
        "s.toml:12:19: error: 'operand_sharing' cannot be 'per_dye'; did you mean 'per_die'?\n"
        "s.toml:13:24: error: 'stream_read_fraction' = 1.5 is out of range; give a value from 0 to 1\n"
        "s.toml:15:9: error: 'clock' = '2 GHZ' has the unit 'GHZ', which is not a frequency; did you mean 'GHz'?\n"
        "s.toml:16:11: error: 'columns' = 1000000 is too large; the largest value is 64\n"
        "s.toml:19:12: error: 'position' has 1 elements; give 2\n"
        "s.toml:22:7: error: no [[die]] is named 'b'; the names are a\n"
        "s.toml:23:20: error: 'routers' has 1 elements; give 2\n"
        "s.toml:25:1: error: unknown key 'nCl' in 'timing'; did you mean 'nCL'?\n"
        "s.toml:27:8: error: 'seed' must be a whole number, not a date or time; write plain digits, without quotes, "
        "unit "
        "or fraction");
}

TEST_CASE("Wrong kinds of tables and missing keys") {
    CHECK(faults_of("core = 3\ndie = 4\n") ==
          "s.toml:1:8: error: 'core' must be a table, not a whole number; write its keys below a line [core]\n"
          "s.toml:2:7: error: 'die' must be an array of tables, not a whole number; write each element below a line "
          "[[die]]");
    CHECK(faults_of("[[die]]\nwidth = \"9 mm\"\n") == "s.toml:1:1: error: [die] has no 'name'; add name = ...");
    CHECK(faults_of("[[die]]\nname = \"a b\"\n") ==
          "s.toml:2:8: error: 'name' = 'a b' is no name; use 1 to 64 letters, digits, '_' and '-'");
    CHECK(faults_of("package = []\n[[die]]\nname = \"a\"\n").find("'package' must be a table, not a list") !=
          std::string::npos);
    CHECK(faults_of("die = [1, 2]\n").find("'die' must be a table, not a whole number") != std::string::npos);
    CHECK(faults_of("[[d2d]]\nname = \"x\"\n[[die]]\nname = \"a\"\n") ==
          "s.toml:1:1: error: [d2d] has no 'from_die'; add from_die = ...\n"
          "s.toml:1:1: error: [d2d] has no 'from_router'; add from_router = ...\n"
          "s.toml:1:1: error: [d2d] has no 'to_die'; add to_die = ...\n"
          "s.toml:1:1: error: [d2d] has no 'to_router'; add to_router = ...");
}

TEST_CASE("A fault in defaults counts once, however many dies inherit it") {
    CHECK(faults_of(two_dies(), {"core.sramm=1"}) ==
          "--set core.sramm: error: unknown key 'sramm' in [core]; did you mean 'sram'?");
}

TEST_CASE("Faults of overrides name the option") {
    CHECK(faults_of(two_dies(), {"core.clock=1.8", "die.b.core.sram=\"2 MB/s\"", "stack.sa.channels=x"}) ==
          "--set core.clock: error: 'clock' has no unit; write a frequency such as \"1.8 GHz\"\n"
          "--set die.b.core.sram: error: 'sram' = '2 MB/s' has the unit 'MB/s', which is not a size; use one of B, kB, "
          "KiB, MB, MiB, GB, GiB, TB, TiB\n"
          "--set stack.sa.channels: error: 'channels' must be a whole number, not text; write plain digits, without "
          "quotes, unit or fraction");
}

TEST_CASE("Faults of several files are all named") {
    const tests::ScratchFolder folder;
    const std::string ground = folder.write("ground.toml", two_dies() + "[simulation]\nsead = 1\n");
    const std::string top = folder.write("top.toml", "base = \"ground.toml\"\n[placement]\nhome = \"here\"\n");
    try {
        static_cast<void>(config::load_system(top));
        FAIL("did not throw");
    } catch (const InputError& error) {
        REQUIRE(error.faults().size() == 2);
        CHECK(error.faults()[0].text() ==
              top + ":3:8: error: 'home' cannot be 'here'; the choices are local, interleaved, replicated");
        CHECK(error.faults()[1].place.file == ground);
        CHECK(error.faults()[1].message == "unknown key 'sead' in [simulation]");
    }
}
