// Public traces of other writers load with the contents that are known of them.
#include "tests/reference.hpp"
#include "tests/workloads/trace_files.hpp"
#include "workloads/summary.hpp"

using namespace intarsia;
using namespace intarsia::tests;
using namespace intarsia::workloads;

namespace {

std::uint64_t nodes_of(const Summary& summary, NodeType type) {
    return summary.nodes[static_cast<std::size_t>(type)];
}

} // namespace

TEST_CASE("ASTRA-sim's collective micro-benchmarks") {
    const auto folder = reference_path("traces/chakra-et-microbench/");
    if (!folder) {
        return;
    }
    const auto check = [&](const std::string& prefix, Collective kind, std::uint64_t ranks) {
        INFO(prefix);
        const Workload workload = read_workload(*folder + prefix);
        const Summary total = summarise(workload);
        CHECK(workload.ranks.size() == ranks);
        CHECK(total.node_count() == ranks);
        CHECK(total.collectives.at({kind, 0}) == Traffic{ranks, ranks * 1'048'576});
    };
    check("all_reduce/8npus_1MB/all_reduce", Collective::all_reduce, 8);
    check("all_gather/4npus_1MB/all_gather", Collective::all_gather, 4);
    check("reduce_scatter/4npus_1MB/reduce_scatter", Collective::reduce_scatter, 4);
    check("all_to_all/8npus_1MB/all_to_all", Collective::all_to_all, 8);
}

TEST_CASE("A ring all-reduce written out as point-to-point nodes") {
    const auto folder = reference_path("traces/chakra-et-custom-ring-allreduce-8/");
    if (!folder) {
        return;
    }
    const Workload workload = read_workload(*folder + "custom_allreduce");
    const Summary total = summarise(workload);
    CHECK(workload.ranks.size() == 8);
    CHECK(total.sends == Traffic{112, 14'680'064});
    CHECK(total.receives.count == 112);
    CHECK(nodes_of(total, NodeType::comp) == 56);
    CHECK(total.duration_us == 392);
    CHECK(total.host_nodes == 0);
}

TEST_CASE("Traces converted from layer texts") {
    const auto folder = reference_path("traces/chakra-et-from-text/");
    if (!folder) {
        return;
    }
    const Workload mlp = read_workload(*folder + "MLP_ModelParallel_32/MLP_ModelParallel");
    Summary total = summarise(mlp);
    CHECK(mlp.ranks.size() == 32);
    CHECK(nodes_of(total, NodeType::comp) == 576);
    CHECK(total.collectives.at({Collective::all_gather, 0}) == Traffic{192, 14'311'424});
    CHECK(total.collectives.at({Collective::all_reduce, 0}) == Traffic{160, 13'107'200});
    CHECK(total.duration_us == 6'246'592);

    const Workload resnet = read_workload(*folder + "Resnet50_DataParallel_8/Resnet50_DataParallel");
    total = summarise(resnet);
    CHECK(resnet.ranks.size() == 8);
    CHECK(nodes_of(total, NodeType::comp) == 1288);
    CHECK(total.collectives.at({Collective::all_reduce, 0}) == Traffic{432, 816'093'184});
    CHECK(total.duration_us == 8'659'600);
}

TEST_CASE("A real PyTorch run with wrappers around its collectives and dependencies on dropped nodes") {
    const auto folder = reference_path("traces/chakra-et-pytorch-resnet-ddp/");
    if (!folder) {
        return;
    }
    const Workload workload = read_workload(*folder + "chakra");
    const Summary total = summarise(workload);
    CHECK(total.node_count() == 3664);
    CHECK(nodes_of(total, NodeType::comm_coll) == 7);
    CHECK(total.host_wrappers == 14);
    CHECK(nodes_of(total, NodeType::comp) == 3643 + 14);
    CHECK(total.collectives.at({Collective::all_reduce, 0}) == Traffic{5, 102'228'128});
    CHECK(total.collectives.at({Collective::broadcast, 0}) == Traffic{2, 212'904});
    CHECK(total.duration_us == 381'795);
    CHECK(total.dangling_dependencies == 210);
    CHECK(topological_order(workload.ranks[0]).size() == 3664);
}

TEST_CASE("Traces of the Symbolic Tensor Graph generator, with their groups and units") {
    const auto folder = reference_path("traces/stg-generated/");
    if (!folder) {
        return;
    }
    const auto sums = [](const Summary& summary, Collective kind) {
        std::uint64_t count = 0;
        for (const auto& [key, traffic] : summary.collectives) {
            count += key.first == kind ? traffic.count : 0;
        }
        return count;
    };
    const std::string gpt = *folder + "gpt175b_l4_tp8/gpt175b_l4_tp8";
    Workload workload = read_workload(gpt, gpt + ".json");
    Summary total = summarise(workload);
    CHECK(workload.ranks.size() == 8);
    CHECK(workload.groups.at(9).size() == 8);
    CHECK(nodes_of(total, NodeType::comp) == 1088);
    CHECK(sums(total, Collective::all_gather) == 192);
    CHECK(sums(total, Collective::reduce_scatter) == 128);
    CHECK(sums(total, Collective::all_reduce) == 16);
    CHECK(static_cast<double>(total.flops()) == Approx(5.230e13).epsilon(0.0005));
    const Summary scaled = summarise(read_workload(gpt, gpt + ".json", {2, 2}));
    CHECK(scaled.flops() == 2 * total.flops());
    CHECK(scaled.compute_bytes == 2 * total.compute_bytes);

    const std::string llama = *folder + "llama8b_l8_fsdp8/llama8b_l8_fsdp8";
    workload = read_workload(llama, llama + ".json");
    total = summarise(workload);
    CHECK(nodes_of(total, NodeType::comp) == 2080);
    CHECK(sums(total, Collective::all_gather) == 128);
    CHECK(sums(total, Collective::reduce_scatter) == 64);
    CHECK(sums(total, Collective::all_reduce) == 16);
    CHECK(static_cast<double>(total.flops()) == Approx(4.970e14).epsilon(0.0005));

    // Without the communicator file the groups are not defined.
    CHECK_THAT(faults_of([&] { read_workload(gpt); }), Catch::Contains("is not defined"));
}
