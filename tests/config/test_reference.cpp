#include "config/reference.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

using namespace intarsia::config;

TEST_CASE("docs/parameters.md is what `intarsia check --parameters` prints") {
    std::ifstream file(INTARSIA_SOURCE_DIR "/docs/parameters.md");
    REQUIRE(file.good());
    std::ostringstream text;
    text << file.rdbuf();
    // Regenerate: build/intarsia check --parameters > docs/parameters.md
    CHECK((text.str() == parameters_markdown()));
}

TEST_CASE("The reference tells unit, range, default and meaning of each key") {
    const std::string text = parameters_markdown();
    const auto has = [&](const std::string& line) { return text.find(line) != std::string::npos; };
    CHECK(has("| `clock` | frequency | 1 MHz to 20 GHz | `\"1.8 GHz\"` | Clock of the cores. |"));
    CHECK(has("| `operand_sharing` | text | `per_die`, `per_core` | `\"per_die\"` |"));
    CHECK(has("| `die` | name | name of a `[[die]]` | must be given |"));
    CHECK(has("| `dies` | list of name | name of a `[[die]]` | rank i on die i |"));
    CHECK(has("## `[[stack]]`"));
    CHECK(has("## `[die.network]`\n\nThe keys of `[network]`."));
}
