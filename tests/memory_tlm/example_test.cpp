// The example, as a user would run it.
#include "tests/memory_standalone/support.hpp"

#include <catch2/catch.hpp>

using namespace intarsia::tests;

TEST_CASE("an ordinary TLM-2.0 platform reads back what it wrote") {
    const std::string sample = INTARSIA_SOURCE_DIR "/examples/memory_hbm3.toml";
    const Finished run = run_command(std::string(INTARSIA_TLM_EXAMPLE) + " " + sample);
    CHECK(run.exit_code == 0);
    CHECK_THAT(run.out, Catch::Contains("read back 65536 bytes: correct"));
    const Finished bad = run_command(std::string(INTARSIA_TLM_EXAMPLE) + " /none/such.toml");
    CHECK(bad.exit_code == 2);
    CHECK_THAT(bad.err, Catch::Contains("/none/such.toml"));
}
