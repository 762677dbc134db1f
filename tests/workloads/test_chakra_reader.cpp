// What the reader makes of sound traces, and of what real writers do differently.
#include "tests/workloads/trace_files.hpp"

#include <zlib.h>

using namespace intarsia;
using namespace intarsia::tests;
using namespace intarsia::workloads;

TEST_CASE("Integers of any type and bools do for integer attributes") {
    using Attribute = chakra::AttributeProto;
    const std::vector<void (*)(Attribute&)> setters{
        [](Attribute& a) { a.set_int32_val(1); },    [](Attribute& a) { a.set_int64_val(1); },
        [](Attribute& a) { a.set_uint32_val(1); },   [](Attribute& a) { a.set_uint64_val(1); },
        [](Attribute& a) { a.set_sint32_val(1); },   [](Attribute& a) { a.set_sint64_val(1); },
        [](Attribute& a) { a.set_fixed32_val(1); },  [](Attribute& a) { a.set_fixed64_val(1); },
        [](Attribute& a) { a.set_sfixed32_val(1); }, [](Attribute& a) { a.set_sfixed64_val(1); },
        [](Attribute& a) { a.set_bool_val(true); }};
    for (const auto& set : setters) {
        TestNode node(7, 4);
        node.attribute("is_cpu_op", set).attribute("num_ops", set).attribute("tensor_size", set);
        const Workload workload = read_ranks({trace({node})});
        const Node& read = workload.ranks[0].nodes[0];
        CHECK(read.is_cpu_op);
        CHECK(read.flops == 1);
        CHECK(read.tensor_bytes == 1);
    }
}

TEST_CASE("An attribute without a value counts as absent") {
    TestNode node(1, 7);
    node.with("comm_type", 0).attribute("comm_size", [](auto&) {}).attribute("is_cpu_op", [](auto&) {});
    const Workload workload = read_ranks({trace({node})});
    CHECK(workload.ranks[0].nodes[0].comm_bytes == 0);
    CHECK_FALSE(workload.ranks[0].nodes[0].is_cpu_op);
}

TEST_CASE("A comm_type of 0 that is set is ALL_REDUCE") {
    TestNode node(1, 7);
    node.attribute("comm_type", [](auto& a) { a.set_int64_val(0); }).with("comm_size", 64);
    const Workload workload = read_ranks({trace({node})});
    CHECK(workload.ranks[0].nodes[0].type == NodeType::comm_coll);
    CHECK(workload.ranks[0].nodes[0].collective == Collective::all_reduce);
}

TEST_CASE("Host collectives without comm_type become host nodes that communicate nothing") {
    TestNode wrapper(3, 7);
    wrapper.with("is_cpu_op", 1);
    const Workload workload = read_ranks({trace({wrapper, TestNode(4, 4, {3})})});
    const ExecutionGraph& graph = workload.ranks[0];
    CHECK(graph.host_wrappers == 1);
    CHECK(graph.nodes[0].type == NodeType::comp);
    CHECK(graph.nodes[0].is_cpu_op);
    CHECK(graph.nodes[0].flops == 0);
    CHECK(graph.dependencies_of(graph.nodes[1])[0] == 0);
}

TEST_CASE("Dependencies on nodes that are not in the file are counted and dropped") {
    const Workload workload = read_ranks({trace({TestNode(1, 4, {99}), TestNode(2, 4, {1, 98, 97, 99})})});
    const ExecutionGraph& graph = workload.ranks[0];
    CHECK(graph.dangling_dependencies == 3);
    CHECK(graph.dependencies_of(graph.nodes[0]).empty());
    REQUIRE(graph.dependencies_of(graph.nodes[1]).size() == 1);
}

TEST_CASE("Control and data dependencies count alike, each once, whatever the order of the nodes") {
    TestNode late(2, 4, {5, 5});
    late.message().add_ctrl_deps(5);
    late.message().add_ctrl_deps(9);
    const Workload workload = read_ranks({trace({late, TestNode(5, 4), TestNode(9, 4)})});
    const ExecutionGraph& graph = workload.ranks[0];
    const auto before = graph.dependencies_of(graph.nodes[0]);
    REQUIRE(before.size() == 2);
    CHECK(before[0] == 1);
    CHECK(before[1] == 2);
    const std::vector<std::uint32_t> order = topological_order(graph);
    CHECK(order == std::vector<std::uint32_t>{1, 2, 0});
}

TEST_CASE("Control dependencies of PyTorch runs are callers: not waited for, even where they form cycles") {
    chakra::GlobalMetadata of_pytorch;
    of_pytorch.set_version("0.0.4");
    of_pytorch.add_attr()->set_name("pid");
    TestNode first(1, 4);
    first.message().add_ctrl_deps(1);
    TestNode second(2, 4, {1});
    second.message().add_ctrl_deps(3);
    second.message().add_ctrl_deps(77);
    TestNode third(3, 4, {2});
    const std::string nodes = first.bytes() + second.bytes() + third.bytes();
    const Workload workload = read_ranks({delimited(of_pytorch.SerializeAsString()) + nodes});
    CHECK(workload.ranks[0].dependencies == std::vector<std::uint32_t>{0, 1});
    CHECK(workload.ranks[0].caller_links == 3);
    CHECK(workload.ranks[0].dangling_dependencies == 1);
    CHECK_THAT(faults_of_ranks({metadata() + nodes}), Catch::Contains("the node waits for itself"));
}

TEST_CASE("Unknown attributes, fields and names that are not UTF-8 are no faults") {
    TestNode node(1, 4);
    node.with("stream", 7).with("op_type", "E");
    node.message().set_name("bad \xff\xfe name");
    std::string bytes = node.message().SerializeAsString();
    bytes += "\x5a\x03zzz"; // field 11, not an attribute: the storage extension
    bytes += "\x62\x02hi";  // field 12, text
    const Workload workload = read_ranks({metadata() + delimited(bytes)});
    CHECK(workload.ranks[0].nodes.size() == 1);
    CHECK(workload.ranks[0].names[0] == "bad \xff\xfe name");
}

TEST_CASE("Dependencies may be written one by one instead of packed") {
    TestNode node(4, 4);
    std::string bytes = node.message().SerializeAsString();
    bytes += std::string("\x28\x01\x28\x02", 4); // field 5 as two varints
    const Workload workload =
        read_ranks({metadata() + TestNode(1, 4).bytes() + TestNode(2, 4).bytes() + delimited(bytes)});
    CHECK(workload.ranks[0].nodes[2].dependency_count == 2);
}

TEST_CASE("Traces may be compressed, under either name") {
    const TemporaryFolder folder;
    const std::string name = GENERATE(std::string("t.0.et.gz"), std::string("t.0.et"));
    gzFile file = gzopen((folder / name).c_str(), "wb");
    const std::string bytes = trace({TestNode(1, 4), TestNode(2, 4, {1})});
    REQUIRE(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())) == static_cast<int>(bytes.size()));
    gzclose(file);
    const Workload workload = read_workload(folder / "t");
    CHECK(workload.ranks[0].nodes.size() == 2);
    REQUIRE(workload.inputs.size() == 1);
    CHECK(workload.inputs[0].path == folder / name);
    CHECK(workload.inputs[0].bytes == std::filesystem::file_size(folder / name));
}

TEST_CASE("Units of the file scale operations and sizes") {
    const TemporaryFolder folder;
    TestNode comp(1, 4);
    comp.with("num_ops", 10).with("tensor_size", 100);
    TestNode coll(2, 7);
    coll.with("comm_type", 2).with("comm_size", 1000);
    write_file(folder / "t.0.et", trace({comp, coll}));
    const Workload workload = read_workload(folder / "t", "", {2, 4});
    CHECK(workload.ranks[0].nodes[0].flops == 20);
    CHECK(workload.ranks[0].nodes[0].tensor_bytes == 400);
    CHECK(workload.ranks[0].nodes[1].comm_bytes == 4000);
}

TEST_CASE("A matrix product needs only its dimensions, and the rest follows") {
    TestNode node(1, 4);
    node.with("intarsia.m", 4).with("intarsia.n", 5).with("intarsia.k", 6).with("intarsia.batch", 3);
    node.with("intarsia.a", "x").with("intarsia.b", "w").with("intarsia.b_bytes", 1000);
    const Workload workload = read_ranks({trace({node})});
    const ExecutionGraph& graph = workload.ranks[0];
    REQUIRE(graph.nodes[0].has_gemm);
    CHECK(graph.nodes[0].flops == 2 * 3 * 4 * 5 * 6);
    CHECK(graph.nodes[0].tensor_bytes == 2 * 3 * (4 * 6 + 6 * 5 + 4 * 5));
    const Gemm& gemm = graph.gemms[graph.nodes[0].gemm];
    CHECK(graph.tensors[gemm.a].name == "x");
    CHECK(graph.tensors[gemm.a].bytes == 2 * 3 * 4 * 6);
    CHECK(graph.tensors[gemm.b].bytes == 1000);
    CHECK(gemm.c == no_tensor);
}

TEST_CASE("Peers, tags and sizes of point-to-point nodes") {
    TestNode send(1, 5);
    send.with("comm_dst", 1).with("comm_size", 77).with("comm_tag", 9).with("comm_type", 5);
    TestNode receive(1, 6);
    receive.with("comm_src", 0).with("comm_size", 77);
    const Workload workload = read_ranks({trace({send}), trace({receive})});
    CHECK(workload.ranks[0].nodes[0].peer == 1);
    CHECK(workload.ranks[0].nodes[0].tag == 9);
    CHECK(workload.ranks[0].nodes[0].comm_bytes == 77);
    CHECK(workload.ranks[1].nodes[0].peer == 0);
    CHECK(workload.ranks[1].nodes[0].tag == 0);
    CHECK(workload.ranks[1].rank == 1);
}

TEST_CASE("Whether a workload can run is told with the numbers") {
    const Workload empty = read_ranks({metadata(), metadata()});
    CHECK(node_count(empty) == 0);
    const auto faults = unrunnable(empty, 1);
    REQUIRE(faults.size() == 2);
    CHECK(faults[0].text().find("2 ranks, but the system has 1") != std::string::npos);
    CHECK(unrunnable(read_ranks({trace({TestNode(1, 4)})}), 1).empty());
}

TEST_CASE("A long chain of nodes keeps its order, and nodes stay small") {
    constexpr std::uint64_t count = 10'000;
    std::string bytes = metadata();
    for (std::uint64_t id = 0; id < count; ++id) {
        TestNode node(id, 4);
        if (id > 0) {
            node.message().add_data_deps(id - 1);
        }
        bytes += node.bytes();
    }
    const Workload workload = read_ranks({bytes});
    CHECK(workload.ranks[0].nodes.size() == count);
    CHECK(workload.ranks[0].dependencies.size() == count - 1);
    CHECK(sizeof(Node) <= 112);
}
