#include "config/document.hpp"
#include "tests/config/system_text.hpp"

#include <catch2/catch.hpp>

using namespace intarsia;
using namespace intarsia::config;
using tests::ScratchFolder;

namespace {

std::string fault_of(const std::string& path, const std::vector<std::string>& overrides = {}) {
    try {
        static_cast<void>(load_document(path, overrides));
        return "";
    } catch (const InputError& error) {
        return error.what();
    }
}

std::int64_t integer_at(const Document& document, const char* table, const char* key) {
    const Node* node = document.root.find(table);
    REQUIRE(node != nullptr);
    const Node* value = node->find(key);
    REQUIRE(value != nullptr);
    return value->integer;
}

} // namespace

TEST_CASE("A document is laid upon its base, table by table") {
    const ScratchFolder folder;
    static_cast<void>(folder.write("ground.toml", "[t]\na = 1\nb = 2\nc = 3\n[t.u]\nx = 1\n[only]\nz = 9\n"));
    static_cast<void>(folder.write("middle.toml", "base = \"ground.toml\"\n[t]\nb = 20\nc = 30\n"));
    const std::string top = folder.write("top.toml", "base = \"middle.toml\"\n[t]\nc = 300\n[t.u]\ny = 2\n");
    const Document document = load_document(top, {"t.d=4000"});
    CHECK(integer_at(document, "t", "a") == 1);
    CHECK(integer_at(document, "t", "b") == 20);
    CHECK(integer_at(document, "t", "c") == 300);
    CHECK(integer_at(document, "t", "d") == 4000);
    CHECK(integer_at(document, "only", "z") == 9);
    const Node& below = *document.root.find("t")->find("u");
    CHECK(below.find("x")->integer == 1);
    CHECK(below.find("y")->integer == 2);
    CHECK(document.root.find("base") == nullptr);
    CHECK(document.name == "top");
    REQUIRE(document.inputs.size() == 3);
    CHECK(document.inputs[0]->path == top);
    CHECK(document.inputs[2]->content.substr(0, 3) == "[t]");

    // Every value knows where it was written.
    CHECK(document.root.find("t")->find("a")->origin() == folder.path() + "/ground.toml:2");
    CHECK(document.root.find("t")->find("b")->origin() == folder.path() + "/middle.toml:3");
    CHECK(document.root.find("t")->find("c")->origin() == top + ":3");
    CHECK(document.root.find("t")->find("d")->origin() == "--set t.d");
}

TEST_CASE("Elements of arrays of tables merge by name") {
    const ScratchFolder folder;
    static_cast<void>(folder.write(
        "ground.toml", "[[e]]\nname = \"one\"\na = 1\n[[e]]\nname = \"two\"\na = 2\n[[e]]\nname = \"three\"\na = 3\n"
                       "[[anonymous]]\na = 1\n"));
    const std::string top =
        folder.write("top.toml", "base = \"ground.toml\"\n[[e]]\nname = \"two\"\nb = 20\n[[e]]\nname = \"four\"\n"
                                 "[[e]]\nname = \"one\"\nremove = true\n[[anonymous]]\nb = 2\n");
    const Document document = load_document(top);
    const std::vector<Node>& elements = document.root.find("e")->elements;
    REQUIRE(elements.size() == 3);
    CHECK(elements[0].name() == "two");
    CHECK(elements[0].find("a")->integer == 2);
    CHECK(elements[0].find("b")->integer == 20);
    CHECK(elements[1].name() == "three");
    CHECK(elements[2].name() == "four");
    // Without names the array as a whole replaces.
    const Node& anonymous = *document.root.find("anonymous");
    REQUIRE(anonymous.elements.size() == 1);
    CHECK(anonymous.elements[0].find("a") == nullptr);

    const std::string wrong =
        folder.write("wrong.toml", "base = \"ground.toml\"\n[[e]]\nname = \"nine\"\nremove = true\n");
    CHECK(fault_of(wrong) ==
          wrong + ":2:1: error: nothing named 'nine' to remove; delete this element, or name one of the base");
}

TEST_CASE("A name twice in one file is left for the reader to refuse") {
    const ScratchFolder folder;
    static_cast<void>(folder.write("ground.toml", "[[e]]\nname = \"one\"\n"));
    const std::string top =
        folder.write("top.toml", "base = \"ground.toml\"\n[[e]]\nname = \"new\"\n[[e]]\nname = \"new\"\n");
    CHECK(load_document(top).root.find("e")->elements.size() == 3);
}

TEST_CASE("Bases that cannot be followed are refused at the place that names them") {
    const ScratchFolder folder;
    const std::string self = folder.write("self.toml", "\nbase = \"self.toml\"\n");
    CHECK(fault_of(self) == self + ":2:8: error: 'self.toml' is based on itself; remove a 'base' of the cycle");
    static_cast<void>(folder.write("a.toml", "base = \"b.toml\"\n"));
    const std::string b = folder.write("b.toml", "base = \"./a.toml\"\n");
    CHECK(fault_of(folder.path() + "/a.toml") ==
          b + ":1:8: error: './a.toml' is based on itself; remove a 'base' of the cycle");
    const std::string missing = folder.write("missing.toml", "base = \"nowhere.toml\"\n");
    CHECK(fault_of(missing).find(missing + ":1:8: error: there is no file '") == 0);
    const std::string number = folder.write("number.toml", "base = 3\n");
    CHECK(fault_of(number) == number +
                                  ":1:8: error: 'base' must be text, not a whole number; give the name of a preset or "
                                  "the path of a file, in quotes");
    const std::string unknown = folder.write("unknown.toml", "base = \"dual_die_cowoz\"\n");
    CHECK(fault_of(unknown) ==
          unknown + ":1:8: error: there is no preset 'dual_die_cowoz'; did you mean 'dual_die_cowos'?");
    std::string chain = folder.write("link0.toml", "x = 1\n");
    for (int i = 1; i <= 17; ++i) {
        chain =
            folder.write("link" + std::to_string(i) + ".toml", "base = \"link" + std::to_string(i - 1) + ".toml\"\n");
    }
    CHECK(fault_of(chain).find("more than 16 bases upon each other") != std::string::npos);
}

TEST_CASE("A preset is found by name, in the folder of the environment if it names one") {
    CHECK(load_document("dual_die_cowos").name == "dual_die_cowos");
    const ScratchFolder folder;
    static_cast<void>(folder.write("mine.toml", "x = 1\n"));
    REQUIRE(::setenv("INTARSIA_PRESETS", folder.path().c_str(), 1) == 0);
    CHECK(preset_names() == std::vector<std::string>{"mine"});
    CHECK(load_document("mine").root.find("x")->origin() == "preset mine:1");
    CHECK(fault_of("dual_die_cowos") ==
          "dual_die_cowos: error: there is no preset 'dual_die_cowos'; the presets are mine");
    ::unsetenv("INTARSIA_PRESETS");
}

TEST_CASE("Overrides address keys, indices and names") {
    const std::string text = "[t]\na = 1\n[[e]]\nname = \"one\"\na = 1\n[[e]]\nname = \"one.two\"\nlist = [1, 2]\n";
    const Document document =
        parse_document(text, "t.toml",
                       {"t.a=2", "t.new.deep = 5", "e.one.a=10", "e.one.two.a=20", "e.1.list.0=7", "word=plain text",
                        "clock=1.9 GHz", "quoted=\"1.9 GHz\"", "flag=true", "list=[1, 2, 3]", "t.a=3"});
    const Node& root = document.root;
    CHECK(root.find("t")->find("a")->integer == 3); // the last one counts
    CHECK(root.find("t")->find("new")->find("deep")->integer == 5);
    CHECK(root.find("e")->elements[0].find("a")->integer == 10);
    CHECK(root.find("e")->elements[1].find("a")->integer == 20);
    CHECK(root.find("e")->elements[1].find("list")->elements[0].integer == 7);
    CHECK(root.find("word")->text == "plain text");
    CHECK(root.find("clock")->text == "1.9 GHz");
    CHECK(root.find("quoted")->text == "1.9 GHz");
    CHECK(root.find("flag")->is(Node::Kind::flag));
    CHECK(root.find("list")->elements.size() == 3);
}

TEST_CASE("Overrides that lead nowhere name their option, all together") {
    const std::string text = "x = 1\n[[e]]\nname = \"one\"\n[[f]]\na = 1\n";
    try {
        static_cast<void>(parse_document(text, "t.toml",
                                         {"e.two.a=1", "x.y=1", "noequals", "a..b=1", "=1", "f.3.a=1", "none.0.a=1"}));
        FAIL("did not throw");
    } catch (const InputError& error) {
        CHECK(std::string(error.what()) ==
              "--set e.two.a: error: 'e' has no element 'two'; the elements are one\n"
              "--set x.y: error: 'x' is a whole number, with nothing below it; shorten the path\n"
              "--set noequals: error: has no '='; write --set path=value\n"
              "--set a..b: error: is no path; write 1 to 16 names with dots between them\n"
              "--set : error: is no path; write 1 to 16 names with dots between them\n"
              "--set f.3.a: error: 'f' has no element '3'; give an index from 0 to 0");
    }
}

TEST_CASE("Syntax errors are reported with line and column") {
    const ScratchFolder folder;
    const std::string path = folder.write("s.toml", "[core]\nclock = \n");
    const std::string fault = fault_of(path);
    CHECK(fault.substr(0, path.size() + 4) == path + ":2:9");
    CHECK(fault.find("no valid TOML") != std::string::npos);
}
