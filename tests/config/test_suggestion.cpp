#include "config/faults.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::config;

TEST_CASE("The nearest name is suggested, and only if it is near") {
    const std::vector<std::string> names{"columns", "rows", "clock", "flit_bytes", "header_bytes"};
    CHECK(nearest("colums", names) == "columns");
    CHECK(nearest("cloumns", names) == "columns");
    CHECK(nearest("COLUMNS", names) == "columns");
    CHECK(nearest("row", names) == "rows");
    CHECK(nearest("flitbytes", names) == "flit_bytes");
    CHECK(nearest("frequency", names).empty());
    CHECK(nearest("", names).empty());
    CHECK(nearest(std::string(1'000'000, 'x'), names).empty());
    CHECK(suggestion("colums", names, "the keys are") == "did you mean 'columns'?");
    CHECK(suggestion("x", std::vector<std::string>{"abc", "def"}, "the keys are") == "the keys are abc, def");
}

TEST_CASE("A short name is not taken for any other short name") {
    CHECK(nearest("x", std::vector<std::string>{"y"}).empty());
}

TEST_CASE("Faults are thrown together, by file and place, each once") {
    Faults faults;
    faults.throw_if_any();
    faults.add({"b.toml", 9, 1, ""}, "late", "mend");
    faults.add({"b.toml", 2, 5, ""}, "early", "mend");
    faults.add({"a.toml", 1, 1, ""}, "other file", "mend");
    faults.add({"b.toml", 2, 5, ""}, "early", "mend");
    try {
        faults.throw_if_any();
        FAIL("did not throw");
    } catch (const InputError& error) {
        CHECK(std::string(error.what()) == "b.toml:2:5: error: early; mend\n"
                                           "b.toml:9:1: error: late; mend\n"
                                           "a.toml:1:1: error: other file; mend");
    }
}

TEST_CASE("Text of the user is shown on one line") {
    CHECK(in_quotes("a\nb\x01") == "'a\\x0ab\\x01'");
    CHECK(in_quotes(std::string(100, 'y')) == "'" + std::string(60, 'y') + "...'");
}
