// Traces that make no sense are refused with the place and the reason.
#include "tests/workloads/trace_files.hpp"

#include <algorithm>

using namespace intarsia;
using namespace intarsia::tests;
using namespace intarsia::workloads;
using Catch::Contains;

TEST_CASE("Identifiers used twice are named") {
    const std::string faults = faults_of_ranks({trace({TestNode(4, 4), TestNode(5, 4), TestNode(4, 1)})});
    CHECK_THAT(faults,
               Contains("t.0.et: node 4 (n4): error: this identifier was already used") && Contains("number 3"));
}

TEST_CASE("A node that waits for itself is named") {
    CHECK_THAT(faults_of_ranks({trace({TestNode(4, 4, {4})})}),
               Contains("node 4 (n4): error: the node waits for itself"));
}

TEST_CASE("A cycle is named node by node, without the nodes that only wait for it") {
    const std::string faults = faults_of_ranks({trace(
        {TestNode(0, 4), TestNode(1, 4, {3, 0}), TestNode(2, 4, {1}), TestNode(3, 4, {2}), TestNode(9, 4, {3})})});
    CHECK_THAT(faults, Contains("3 nodes wait for each other in a cycle"));
    for (const char* step : {"1 (n1) -> 3 (n3)", "3 (n3) -> 2 (n2)"}) {
        CHECK_THAT(faults, Contains(step));
    }
    CHECK_THAT(faults, !Contains("n9"));
}

TEST_CASE("Control dependencies form cycles, too") {
    TestNode first(1, 4);
    first.message().add_ctrl_deps(2);
    CHECK_THAT(faults_of_ranks({trace({first, TestNode(2, 4, {1})})}), Contains("2 nodes wait for each other"));
}

TEST_CASE("Every separate cycle is reported") {
    const std::string faults = faults_of_ranks(
        {trace({TestNode(1, 4, {2}), TestNode(2, 4, {1}), TestNode(3, 4, {4}), TestNode(4, 4, {3, 1})})});
    CHECK(std::count(faults.begin(), faults.end(), '\n') == 1);
}

TEST_CASE("A long cycle is cut short in the message") {
    std::vector<TestNode> nodes;
    for (std::uint64_t id = 0; id < 1000; ++id) {
        nodes.emplace_back(id, 4, std::initializer_list<std::uint64_t>{(id + 1) % 1000});
    }
    const std::string faults = faults_of_ranks({trace(nodes)});
    CHECK_THAT(faults, Contains("1000 nodes wait") && Contains("992 more"));
    CHECK(faults.size() < 400);
}

TEST_CASE("Faults of all ranks come together, many of them counted") {
    std::vector<TestNode> nodes;
    for (std::uint64_t id = 0; id < 80; ++id) {
        nodes.emplace_back(id, 23);
    }
    const std::string faults = faults_of_ranks({trace({TestNode(1, 0)}), trace(nodes)});
    CHECK_THAT(faults, Contains("t.0.et: node 1 (n1): error: the node type 0 is missing"));
    CHECK_THAT(faults, Contains("t.1.et: node 0 (n0): error: the node type 23 is unknown"));
    CHECK_THAT(faults, Contains("31 more faults"));
    CHECK(std::count(faults.begin(), faults.end(), '\n') == 50);
}

TEST_CASE("Nodes without a meaning are refused") {
    TestNode node(6, 7);
    std::string expected;
    SECTION("device collective without a kind") {
        expected = "a collective of the device has no comm_type";
    }
    SECTION("unknown kind") {
        node.with("comm_type", 10);
        expected = "comm_type 10 is unknown";
    }
    SECTION("group without a number") {
        node.with("comm_type", 0).with("pg_name", "default_pg");
        expected = "pg_name 'default_pg' is no group number";
    }
    SECTION("negative size") {
        node.with("comm_type", 0).attribute("comm_size", [](auto& a) { a.set_int64_val(-5); });
        expected = "the attribute comm_size is negative";
    }
    SECTION("size of another type") {
        node.with("comm_type", 0).with("comm_size", "many");
        expected = "the attribute comm_size is not a whole number";
    }
    SECTION("only some dimensions") {
        node.with("comm_type", 0).attribute("involved_dim", [](auto& a) {
            a.mutable_bool_list()->add_values(true);
            a.mutable_bool_list()->add_values(false);
        });
        expected = "the attribute involved_dim leaves out network dimensions";
    }
    SECTION("send to nobody") {
        node = TestNode(6, 5);
        expected = "the node has no comm_dst";
    }
    SECTION("send beyond the ranks") {
        node = TestNode(6, 5).with("comm_dst", 3);
        expected = "the node sends to rank 3, but the trace has 1 rank";
    }
    SECTION("receive from itself") {
        node = TestNode(6, 6).with("comm_src", 0);
        expected = "the node receives from its own rank";
    }
    SECTION("a tensor of two sizes") {
        node = TestNode(6, 3).with("tensor_size", 10).with("intarsia.write_tensor", "x");
        CHECK_THAT(
            faults_of_ranks({trace({TestNode(1, 2).with("tensor_size", 20).with("intarsia.read_tensor", "x"), node})}),
            Contains("tensor 'x' has 10 bytes here"));
        return;
    }
    SECTION("a tensor without a size") {
        node = TestNode(6, 2).with("intarsia.read_tensor", "x");
        expected = "tensor 'x' has no size";
    }
    SECTION("an unknown unit") {
        node = TestNode(6, 4).with("intarsia.unit", "scalar");
        expected = "intarsia.unit = 'scalar' is unknown";
    }
    SECTION("a split that does not sum") {
        node = TestNode(6, 4).with("tensor_size", 10).with("intarsia.read_bytes", 4).with("intarsia.write_bytes", 5);
        expected = "intarsia.read_bytes + write_bytes = 9, but tensor_size is 10";
    }
    SECTION("a matrix product without k") {
        node = TestNode(6, 4).with("intarsia.m", 4).with("intarsia.n", 5);
        expected = "a matrix product has a dimension of 0";
    }
    SECTION("a matrix product with other operations") {
        node = TestNode(6, 4).with("intarsia.m", 4).with("intarsia.n", 5).with("intarsia.k", 6).with("num_ops", 120);
        expected = "num_ops says 120 operations, but 2 batch m n k is 240";
    }
    SECTION("a matrix product that overflows") {
        node = TestNode(6, 4).with("intarsia.m", 1ULL << 31U).with("intarsia.n", 1ULL << 31U).with("intarsia.k", 4);
        expected = "a matrix product has more operations or bytes than 64 bits hold";
    }
    SECTION("an operand larger than its tensor") {
        node = TestNode(6, 4).with("intarsia.m", 4).with("intarsia.n", 5).with("intarsia.k", 6);
        node.with("intarsia.a", "a").with("intarsia.a_bytes", 47);
        expected = "intarsia.a_bytes = 47 is less than the 48 bytes of the operand";
    }
    CHECK_THAT(faults_of_ranks({trace({node})}), Contains("t.0.et: node 6 (n6): error: " + expected));
}

TEST_CASE("Sums that do not fit are refused, over nodes and over ranks") {
    const std::uint64_t half = 1ULL << 63U;
    const auto node = [&](std::uint64_t id) { return TestNode(id, 4).with("num_ops", half); };
    const std::string faults =
        faults_of_ranks({trace({node(1), node(2)}), trace({TestNode(1, 4).with("tensor_size", half)}),
                         trace({TestNode(1, 4).with("tensor_size", half)})});
    CHECK_THAT(faults, Contains("t.0.et: node 2 (n2): error: up to this node the operations sum"));
    CHECK_THAT(faults, Contains("t.2.et: node 1 (n1): error: up to this node the tensor bytes sum"));
}

TEST_CASE("Missing ranks are named") {
    const TemporaryFolder folder;
    for (const char* rank : {"0", "1", "3", "7"}) {
        write_file(folder / ("t." + std::string(rank) + ".et"), trace({TestNode(1, 4)}));
    }
    write_file(folder / "t.02.et", "another file");
    const std::string faults = faults_of([&] { read_workload(folder / "t"); });
    CHECK_THAT(faults, Contains("the file of rank 2 is missing"));
    CHECK_THAT(faults, Contains("the files of ranks 4 to 6 are missing"));
}

TEST_CASE("A prefix without files is refused, also when it is a file name") {
    const TemporaryFolder folder;
    write_file(folder / "t.0.et", metadata());
    CHECK_THAT(faults_of([&] { read_workload(folder / "none"); }), Contains("there is no trace file"));
    CHECK_THAT(faults_of([&] { read_workload(folder / "t.0.et"); }),
               Contains("give the part of the name before .RANK.et"));
    CHECK_THAT(faults_of([&] { read_workload(folder / "no/such/folder"); }), Contains("there is no trace file"));
}

TEST_CASE("A rank with a plain and a compressed file is refused") {
    const TemporaryFolder folder;
    write_file(folder / "t.0.et", metadata());
    write_file(folder / "t.0.et.gz", metadata());
    CHECK_THAT(faults_of([&] { read_workload(folder / "t"); }), Contains("a plain and a compressed file"));
}
