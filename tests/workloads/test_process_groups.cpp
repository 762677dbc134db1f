// Groups: from a file, from PyTorch's metadata nodes, and what nodes may do with them.
#include "tests/workloads/trace_files.hpp"

using namespace intarsia;
using namespace intarsia::tests;
using namespace intarsia::workloads;
using Catch::Contains;

namespace {

TestNode collective(std::uint64_t id, const char* group) {
    return TestNode(id, 7).with("comm_type", 0).with("comm_size", 8).with("pg_name", group);
}

TestNode group_init(std::uint64_t id, const std::string& json) {
    TestNode node(id, 1);
    node.message().set_name("## process_group:init ##");
    chakra::IOInfo inputs;
    inputs.set_values("['" + json + "']");
    node.message().set_inputs(inputs.SerializeAsString());
    return node;
}

} // namespace

TEST_CASE("Group 0, no group and an empty group are all ranks") {
    const std::string rank = trace({collective(1, "0"), collective(2, ""), TestNode(3, 7).with("comm_type", 9)});
    const Workload workload = read_ranks({rank, rank, rank});
    CHECK(workload.groups.at(0) == std::vector<std::uint32_t>{0, 1, 2});
    for (const Node& node : workload.ranks[1].nodes) {
        CHECK(node.group == 0);
    }
}

TEST_CASE("A groups file defines groups, in the order that it names the ranks") {
    const std::string rank = trace({collective(1, "7")});
    const std::string idle = metadata();
    const Workload workload = read_ranks({rank, idle, rank}, R"({"7": [2, 0], "8": [1]})");
    CHECK(workload.groups.at(7) == std::vector<std::uint32_t>{2, 0});
    CHECK(workload.groups.at(8) == std::vector<std::uint32_t>{1});
    CHECK(workload.ranks[0].nodes[0].group == 7);
    CHECK(workload.inputs.size() == 4);
}

TEST_CASE(
    "Metadata nodes define groups, where no ranks mean all and unused groups may name ranks of the original run") {
    const std::string init =
        R"([{"pg_name": "0", "pg_desc": "default_pg", "pg_size": 2, "ranks": []}, {"pg_name": "3", "ranks": [1, 0]}, {"pg_name": "4", "ranks": [62, 63]}, {"pg_name": "5", "ranks": []}])";
    const std::string rank = trace({group_init(1, init), collective(2, "3"), collective(3, "5")});
    const Workload workload = read_ranks({rank, rank});
    CHECK(workload.groups.at(3) == std::vector<std::uint32_t>{1, 0});
    CHECK(workload.groups.at(5) == std::vector<std::uint32_t>{0, 1});
    CHECK(workload.groups.count(4) == 0);
    CHECK(workload.ranks[0].nodes[0].type == NodeType::metadata);
}

TEST_CASE("Uses of groups that cannot work are refused with the node") {
    const std::string rank = trace({TestNode(1, 4), collective(2, "6"), collective(3, "6")});
    SECTION("undefined") {
        CHECK_THAT(faults_of_ranks({rank}),
                   Contains("t.0.et: node 2 (n2): error: its group 6 (pg_name) is not defined; 2 collectives"));
    }
    SECTION("of others") {
        CHECK_THAT(faults_of_ranks({metadata(), rank}, R"({"6": [0]})"),
                   Contains("t.1.et: node 2 (n2): error: rank 1 does not belong to its group 6"));
    }
    SECTION("with a rank that does not exist") {
        const std::string faults = faults_of_ranks({rank}, R"({"6": [0, 1]})");
        CHECK_THAT(faults, Contains("groups.json: error: group 6 names rank 1, but the trace has 1 rank"));
        CHECK_THAT(faults, !Contains("not defined"));
    }
    SECTION("of the traces with a rank that does not exist") {
        const std::string init = R"([{"pg_name": "6", "ranks": [0, 1]}])";
        CHECK_THAT(faults_of_ranks({trace({group_init(1, init), collective(2, "6")})}),
                   Contains("group 6 names rank 1"));
    }
    SECTION("defined differently") {
        const std::string init = R"([{"pg_name": "6", "ranks": [1, 0]}])";
        CHECK_THAT(faults_of_ranks({trace({group_init(1, init), collective(2, "6")}), metadata()}, R"({"6": [0, 1]})"),
                   Contains("group 6 has other ranks here"));
    }
}

TEST_CASE("Group 0 of some ranks only is refused") {
    const std::string rank = trace({collective(1, "0")});
    CHECK_THAT(faults_of_ranks({rank, rank}, R"({"0": [1]})"), Contains("group 0 holds 1 of 2 ranks"));
}

TEST_CASE("Damaged definitions of groups are refused") {
    const std::string rank = trace({TestNode(1, 4)});
    const auto [json, expected] = GENERATE(table<std::string, std::string>({
        {"{", "groups.json: byte 2: error: the groups file is not JSON"},
        {"[1]", "holds no JSON object"},
        {R"({"x": [0]})", "group 'x' has no number"},
        {R"({"-1": [0]})", "group '-1' has no number"},
        {R"({"": [0]})", "group '' has no number"},
        {R"({"1": 0})", "group '1' is not given as a list of ranks"},
        {R"({"1": [-1]})", "group '1' is not given as a list of ranks"},
        {R"({"1": [0.5]})", "group '1' is not given as a list of ranks"},
        {R"({"1": []})", "group '1' has no ranks"},
        {R"({"1": [0, 0]})", "group 1 names rank 0 twice"},
        {R"({"1": [0], "1": [0]})", "group '1' is defined twice"},
    }));
    CHECK_THAT(faults_of_ranks({rank}, json), Contains(expected));
    CHECK_THAT(faults_of_ranks({trace({group_init(1, "[{oops}]")})}),
               Contains("node 1 (## process_group:init ##): error: the process groups are not JSON"));
}

TEST_CASE("A groups file that does not exist is refused") {
    const TemporaryFolder folder;
    write_file(folder / "t.0.et", metadata());
    CHECK_THAT(faults_of([&] { read_workload(folder / "t", folder / "no.json"); }), Contains("cannot be opened"));
}
