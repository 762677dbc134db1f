#include "tests/config/system_text.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <fmt/format.h>
#include <fstream>
#include <random>
#include <sstream>

using namespace intarsia;
using namespace intarsia::config;
using intarsia::tests::faults_of;
using intarsia::tests::ScratchFolder;

namespace {

std::string preset_text() {
    std::ifstream file(presets_folder() / "dual_die_cowos.toml");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Succeeds or throws InputError; whatever else escapes fails the test.
bool is_survived(const std::string& text) {
    try {
        static_cast<void>(parse_system(text, "fuzz.toml"));
    } catch (const InputError& error) {
        return !error.faults().empty();
    }
    return true;
}

std::string repeat(const std::string& part, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) {
        text += part;
    }
    return text;
}

} // namespace

TEST_CASE("Random bytes are refused or read, never more") {
    std::mt19937_64 random(11);
    const std::string alphabet = "[]{}=.,\"'\\#\n\r\t azAZ09_-+:\x01\xc3\xff";
    for (int i = 0; i < 4'000; ++i) {
        std::string text;
        for (std::uint64_t length = random() % 200; length > 0; --length) {
            text += random() % 3 == 0 ? static_cast<char>(random()) : alphabet[random() % alphabet.size()];
        }
        REQUIRE(is_survived(text));
    }
}

TEST_CASE("Truncated and damaged systems are refused or read, never more") {
    const std::string whole = preset_text();
    REQUIRE(whole.size() > 1'000);
    std::mt19937_64 random(12);
    for (int i = 0; i < 250; ++i) {
        REQUIRE(is_survived(whole.substr(0, random() % whole.size())));
    }
    for (int i = 0; i < 250; ++i) {
        std::string damaged = whole;
        for (std::uint64_t hits = 1 + random() % 4; hits > 0; --hits) {
            const std::size_t at = random() % damaged.size();
            switch (random() % 3) {
            case 0:
                damaged[at] = static_cast<char>(random());
                break;
            case 1:
                damaged.erase(at, random() % 20);
                break;
            default:
                damaged.insert(at, damaged.substr(random() % damaged.size(), random() % 40));
                break;
            }
        }
        REQUIRE(is_survived(damaged));
    }
}

TEST_CASE("Values of the wrong kind at any key are refused") {
    std::mt19937_64 random(13);
    const std::vector<std::string> values{"0",
                                          "-1",
                                          "9223372036854775807",
                                          "1e400",
                                          "nan",
                                          "inf",
                                          "true",
                                          "\"\"",
                                          "\"x\"",
                                          "[]",
                                          "[[]]",
                                          "{}",
                                          "[1, \"\"]",
                                          "1979-05-27",
                                          "{ a = 1 }",
                                          "\"999999999999 THz\"",
                                          "[{}]"};
    const std::vector<std::string> paths{"name",
                                         "package",
                                         "package.width",
                                         "network",
                                         "network.columns",
                                         "network.clock",
                                         "core",
                                         "core.sram",
                                         "die",
                                         "die.die0",
                                         "die.0",
                                         "die.die0.name",
                                         "die.die0.position",
                                         "die.die0.network",
                                         "die.die1.core.rows",
                                         "d2d",
                                         "d2d.d2d",
                                         "d2d.d2d.between",
                                         "d2d.d2d.links",
                                         "d2d.d2d.lanes",
                                         "d2d.d2d.name",
                                         "hbm",
                                         "hbm.timing",
                                         "hbm.timing.nCL",
                                         "hbm.controller",
                                         "stack",
                                         "stack.hbm0",
                                         "stack.hbm0.die",
                                         "stack.hbm0.routers",
                                         "stack.hbm0.routers.0",
                                         "ranks",
                                         "ranks.dies",
                                         "placement.tensor",
                                         "placement.home",
                                         "simulation",
                                         "base"};
    const std::string whole = preset_text();
    for (const std::string& path : paths) {
        for (const std::string& value : values) {
            const std::string option = fmt::format("{}={}", path, value);
            INFO(option);
            try {
                static_cast<void>(parse_system(whole, "fuzz.toml", {option}));
            } catch (const InputError& error) {
                REQUIRE_FALSE(error.faults().empty());
                for (const Diagnostic& fault : error.faults()) {
                    REQUIRE_FALSE(fault.message.empty());
                    REQUIRE_FALSE(fault.remedy.empty());
                }
            }
        }
    }
}

TEST_CASE("Deep nesting is refused before it is parsed") {
    const auto is_refused = [](const std::string& text, const std::string& why) {
        const std::string faults = faults_of(text);
        INFO(faults);
        return faults.find(why) != std::string::npos && faults.find('\n') == std::string::npos;
    };
    CHECK(is_refused("a = " + repeat("[", 100'000), "more than 32 brackets within each other"));
    CHECK(is_refused("a = " + repeat("[", 200) + repeat("]", 200) + "\n", "more than 32 brackets within each other"));
    CHECK(is_refused("a = " + repeat("{ b = ", 1'000), "more than 32 brackets within each other"));
    CHECK(is_refused("[" + repeat("a.", 100'000) + "a]\n", "a key of more than 16 parts"));
    CHECK(is_refused(repeat("a.", 100'000) + "a = 1\n", "a key of more than 16 parts"));
    CHECK(is_refused(repeat("\"a\".", 100'000) + "a = 1\n", "a key of more than 16 parts"));
    // What stands in strings and comments does not count.
    CHECK(faults_of("name = \"" + repeat("[", 100) + "\" # " + repeat("{.", 100) + "\n" + tests::two_dies()).empty());
    CHECK(faults_of("name = '''\n" + repeat("[.", 50) + "'''\n" + tests::two_dies()).empty());
    CHECK(faults_of("name = \"\"\"\\\"\"\"\"\n" + tests::two_dies()).empty());
}

TEST_CASE("Large files are refused or read in reasonable time") {
    const ScratchFolder folder;
    const auto start = std::chrono::steady_clock::now();
    const std::string huge = folder.write("huge.toml", std::string(3U << 20U, '#'));
    CHECK_THROWS_WITH(load_system(huge), Catch::Contains("larger than 1048576 bytes"));
    CHECK_THROWS_WITH(load_system("/dev/zero"), Catch::Contains("larger than 1048576 bytes"));
    CHECK_THROWS_WITH(load_system(folder.path()), Catch::Contains("is a folder"));
    CHECK_THROWS_AS(load_system(std::string("a\0b", 3)), InputError);
    CHECK(faults_of("base = \"a\\u0000b\"\n").find("s.toml:1:8: error: 'a\\x00b' is no file name") == 0);
    CHECK_THROWS_AS(load_system(""), InputError);

    std::string keys;
    for (int i = 0; i < 100'000; ++i) {
        keys += fmt::format("k{}=1\n", i);
    }
    try {
        static_cast<void>(parse_system("base = \"dual_die_cowos\"\n" + keys, "keys.toml"));
        FAIL("did not throw");
    } catch (const InputError& error) {
        CHECK(error.faults().size() == 200); // and no more
    }
    CHECK(faults_of(repeat("[[die]]\n", 100'000)).find("100000 elements of [[die]] are too many") != std::string::npos);
    const std::string base = "base = \"dual_die_cowos\"\n";
    CHECK_FALSE(faults_of(base + repeat("[[d2d]]\nname='d2d'\nbetween=['die0','die1']\n", 3'000)).empty());
    CHECK_FALSE(faults_of(base + "[network]\ncolumns = [" + repeat("1,", 400'000) + "1]\n").empty());
    // Far above what it takes; a quadratic algorithm takes minutes.
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
}
