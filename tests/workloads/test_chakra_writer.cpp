// Traces that Intarsia writes: the same workload when read again, the same bytes each time, all files or
// none.
#include "tests/workloads/trace_files.hpp"
#include "workloads/chakra_writer.hpp"
#include "workloads/graph_builder.hpp"
#include "workloads/micro_traces.hpp"
#include "workloads/transformer.hpp"

#include <random>

using namespace intarsia;
using namespace intarsia::tests;
using namespace intarsia::workloads;
using Catch::Contains;

namespace {

std::string name_or_none(const ExecutionGraph& graph, TensorIndex tensor) {
    return tensor == no_tensor ? "none"
                               : graph.tensors[tensor].name + ":" + std::to_string(graph.tensors[tensor].bytes);
}

void check_same(const ExecutionGraph& a, const ExecutionGraph& b) {
    REQUIRE(a.nodes.size() == b.nodes.size());
    CHECK(a.rank == b.rank);
    CHECK(a.dependencies == b.dependencies);
    for (std::size_t i = 0; i < a.nodes.size(); ++i) {
        INFO("node " << i);
        const Node& x = a.nodes[i];
        const Node& y = b.nodes[i];
        CHECK(a.name_of(x) == b.name_of(y));
        CHECK(x.id == y.id);
        CHECK(x.type == y.type);
        CHECK(x.is_cpu_op == y.is_cpu_op);
        CHECK(x.first_dependency == y.first_dependency);
        CHECK(x.dependency_count == y.dependency_count);
        CHECK(x.flops == y.flops);
        CHECK(x.tensor_bytes == y.tensor_bytes);
        CHECK(x.duration_us == y.duration_us);
        CHECK(x.unit == y.unit);
        CHECK(x.has_split == y.has_split);
        CHECK(x.read_bytes == y.read_bytes);
        CHECK(x.write_bytes == y.write_bytes);
        CHECK(x.collective == y.collective);
        CHECK(x.comm_bytes == y.comm_bytes);
        CHECK(x.group == y.group);
        CHECK(x.peer == y.peer);
        CHECK(x.tag == y.tag);
        CHECK(name_or_none(a, x.read_tensor) == name_or_none(b, y.read_tensor));
        CHECK(name_or_none(a, x.write_tensor) == name_or_none(b, y.write_tensor));
        REQUIRE(x.has_gemm == y.has_gemm);
        if (x.has_gemm) {
            const Gemm& g = a.gemms[x.gemm];
            const Gemm& h = b.gemms[y.gemm];
            CHECK(std::tie(g.m, g.n, g.k, g.batch, g.element_bytes) ==
                  std::tie(h.m, h.n, h.k, h.batch, h.element_bytes));
            CHECK(name_or_none(a, g.a) == name_or_none(b, h.a));
            CHECK(name_or_none(a, g.b) == name_or_none(b, h.b));
            CHECK(name_or_none(a, g.c) == name_or_none(b, h.c));
        }
    }
}

// A graph of random nodes of every type, with random dependencies on earlier ones.
ExecutionGraph random_graph(std::uint32_t rank, std::mt19937_64& random) {
    GraphBuilder builder(rank);
    const auto below = [&](std::uint64_t limit) { return random() % limit; };
    const std::uint64_t first_id = below(1000);
    const auto some_tensor = [&]() -> TensorIndex {
        const std::uint64_t number = below(8);
        return number == 0 ? no_tensor : *builder.tensor("t" + std::to_string(number), number << 20U);
    };
    for (std::uint32_t i = 0; i < 60; ++i) {
        Node node;
        node.id = first_id + 3ULL * i;
        node.type = static_cast<NodeType>(below(node_type_count));
        node.is_cpu_op = below(2) == 1;
        node.duration_us = below(1000);
        switch (node.type) {
        case NodeType::metadata:
            break;
        case NodeType::mem_load:
        case NodeType::mem_store:
            node.tensor_bytes = below(1U << 20U);
            (node.type == NodeType::mem_load ? node.read_tensor : node.write_tensor) = some_tensor();
            break;
        case NodeType::comp:
            node.unit = static_cast<Unit>(below(2));
            node.has_gemm = below(2) == 1;
            if (node.has_gemm) {
                Gemm gemm{1 + below(64), 1 + below(64), 1 + below(64), static_cast<std::uint32_t>(1 + below(4)), 2};
                gemm.a = some_tensor();
                gemm.c = some_tensor();
                node.flops = 2 * gemm.m * gemm.n * gemm.k * gemm.batch;
                node.tensor_bytes = below(1000);
                node.gemm = builder.gemm(gemm);
            } else {
                node.flops = below(1ULL << 40U);
                node.has_split = below(2) == 1;
                node.read_bytes = node.has_split ? below(1000) : 0;
                node.write_bytes = node.has_split ? below(1000) : 0;
                node.tensor_bytes = node.has_split ? node.read_bytes + node.write_bytes : below(1000);
                node.read_tensor = some_tensor();
                node.write_tensor = some_tensor();
            }
            break;
        case NodeType::comm_send:
        case NodeType::comm_recv:
            node.peer = 1 - rank;
            node.tag = static_cast<std::uint32_t>(below(5));
            node.comm_bytes = below(1U << 20U);
            node.read_tensor = some_tensor();
            break;
        case NodeType::comm_coll:
            node.collective = static_cast<Collective>(below(collective_count));
            node.comm_bytes = below(1U << 20U);
            node.group = static_cast<std::uint32_t>(below(2)) * 5;
            node.read_tensor = some_tensor();
            break;
        }
        std::vector<std::uint32_t> before;
        for (std::uint32_t j = 0; j < i; ++j) {
            if (below(10) == 0) {
                before.push_back(j);
            }
        }
        builder.add(node, "node" + std::to_string(below(20)), before);
    }
    return std::move(builder.graph());
}

} // namespace

TEST_CASE("What is written reads back the same, for random graphs") {
    std::mt19937_64 random(7);
    for (int round = 0; round < 20; ++round) {
        const TemporaryFolder folder;
        Workload workload;
        workload.name = "random";
        workload.tokens = random() % 1000;
        workload.ranks = {random_graph(0, random), random_graph(1, random)};
        workload.groups = {{0, {0, 1}}, {5, {1, 0}}};
        write_file(folder / "groups.json", R"({"5": [1, 0]})");
        write_workload(workload, folder / "random");
        const Workload again = read_workload(folder / "random", folder / "groups.json");
        CHECK(again.name == "random");
        CHECK(again.tokens == workload.tokens);
        CHECK(again.groups == workload.groups);
        REQUIRE(again.ranks.size() == 2);
        check_same(workload.ranks[0], again.ranks[0]);
        check_same(workload.ranks[1], again.ranks[1]);
    }
}

TEST_CASE("The same workload gives the same bytes") {
    const TemporaryFolder folder;
    const Workload workload = gemm_workload(64, 32, 16, 3);
    write_workload(workload, folder / "a");
    write_workload(workload, folder / "b");
    write_workload(workload, folder / "a"); // over the first
    for (const char* rank : {"0", "1", "2"}) {
        CHECK(read_file(folder / ("a." + std::string(rank) + ".et")) ==
              read_file(folder / ("b." + std::string(rank) + ".et")));
    }
}

TEST_CASE("Standard attributes are written as other Chakra readers expect them") {
    const TemporaryFolder folder;
    write_workload(collective_workload(Collective::reduce_scatter, 4096, 2), folder / "c");
    const std::string bytes = read_file(folder / "c.1.et");
    google::protobuf::io::CodedInputStream input(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                 static_cast<int>(bytes.size()));
    std::uint32_t length = 0;
    REQUIRE(input.ReadVarint32(&length));
    std::string message;
    REQUIRE(input.ReadString(&message, static_cast<int>(length)));
    chakra::GlobalMetadata metadata;
    REQUIRE(metadata.ParseFromString(message));
    CHECK(metadata.version() == "0.0.4");
    REQUIRE(input.ReadVarint32(&length));
    REQUIRE(input.ReadString(&message, static_cast<int>(length)));
    chakra::Node node;
    REQUIRE(node.ParseFromString(message));
    CHECK(node.type() == 7);
    const auto attribute = [&](const std::string& name) {
        for (const auto& it : node.attr()) {
            if (it.name() == name) {
                return it;
            }
        }
        return chakra::AttributeProto();
    };
    CHECK(attribute("comm_type").int64_val() == 7);
    CHECK(attribute("comm_size").uint64_val() == 4096);
    CHECK(attribute("pg_name").string_val() == "0");
    CHECK(attribute("is_cpu_op").value_case() == chakra::AttributeProto::kBoolVal);
}

TEST_CASE("Nothing is written, and nothing left behind, where the files would mix or cannot be made") {
    const TemporaryFolder folder;
    const Workload workload = gemm_workload(8, 8, 8, 2);
    SECTION("ranks of another trace") {
        write_file(folder / "t.2.et", "older");
        CHECK_THAT(faults_of([&] { write_workload(workload, folder / "t"); }),
                   Contains("t.2.et: error: this file of another trace"));
        CHECK_FALSE(std::filesystem::exists(folder / "t.0.et"));
    }
    SECTION("compressed files") {
        write_file(folder / "t.1.et.gz", "older");
        CHECK_THAT(faults_of([&] { write_workload(workload, folder / "t"); }), Contains("t.1.et.gz"));
    }
    SECTION("no folder") {
        CHECK_THAT(faults_of([&] { write_workload(workload, folder / "none/t"); }), Contains("cannot be written"));
    }
    SECTION("a folder in the way of the last file") {
        std::filesystem::create_directories(folder / "t.1.et/x");
        CHECK_THAT(faults_of([&] { write_workload(workload, folder / "t"); }),
                   Contains("t.1.et: error: cannot be written"));
        for (const auto& entry : std::filesystem::directory_iterator(folder / "")) {
            CHECK(entry.path() == folder / "t.1.et");
        }
    }
}
