// The tables of every topology and routing, put to the deadlock proof.
#include "noc/deadlock_proof.hpp"
#include "tests/noc_topology/rig.hpp"

using namespace intarsia;
using namespace intarsia::tests;

namespace {

std::string proof(const std::string& toml, bool request_reply = false) {
    const noc::NetworkPlan plan = network("[noc]\n" + toml);
    noc::ProofOptions options;
    options.request_reply = request_reply;
    try {
        noc::prove_deadlock_freedom(plan, options);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("routings that are free of deadlock pass the proof") {
    const std::string toml = GENERATE(
        as<std::string>{}, "dims = [4, 3]", "dims = [4, 3]\nrouting = \"yx\"",
        "dims = [3, 2, 3]\nrouting_order = [2, 0, 1]\nvirtual_channels = 1", "topology = \"torus\"\ndims = [4, 5]",
        "topology = \"torus\"\ndims = [6, 4]\nvirtual_channels = 2\nrouting = \"yx\"",
        "topology = \"torus\"\ndims = [4, 2, 3]\nvirtual_channels = 3",
        "topology = \"ring\"\ndims = [8]\nvirtual_channels = 5",
        "topology = \"ring\"\ndims = [3]\nvirtual_channels = 1", "topology = \"cmesh\"\ndims = [3, 3]",
        "topology = \"flattened_butterfly\"\ndims = [3, 4]\nvirtual_channels = 1",
        "topology = \"fully_connected\"\ndims = [5]\nvirtual_channels = 1",
        "topology = \"crossbar\"\ndims = [8]\nvirtual_channels = 1",
        "topology = \"tree\"\ndims = [2, 3, 2]\nvirtual_channels = 1",
        "topology = \"tiled\"\ndims = [3, 2]\ndies = [2, 3]\nempty_sites = [[1, 1]]",
        "dims = [4, 4]\nrouting = \"o1turn\"\nvirtual_channels = 2",
        "dims = [4, 3]\nrouting = \"min_adaptive\"\nvirtual_channels = 2",
        "dims = [3, 2, 3]\nrouting = \"min_adaptive\"",
        "topology = \"torus\"\ndims = [4, 5]\nrouting = \"min_adaptive\"\nvirtual_channels = 3",
        "topology = \"torus\"\ndims = [6]\nrouting = \"min_adaptive\"",
        "topology = \"flattened_butterfly\"\ndims = [3, 3]\nrouting = \"min_adaptive\"",
        "topology = \"torus\"\ndims = [4, 4]\nrouting = \"updown\"\nvirtual_channels = 1",
        "dims = [4, 4]\nrouting = \"updown\"\nmissing_link = [{from = \"5\", to = \"6\"}]");
    CAPTURE(toml);
    CHECK(proof(toml).empty());
}

TEST_CASE("requests and replies are free of deadlock on channels of their own") {
    const std::string toml =
        GENERATE(as<std::string>{}, "dims = [3, 3]\nmessage_classes = 2\nvirtual_channels = 2",
                 "topology = \"torus\"\ndims = [4, 4]\nmessage_classes = 2",
                 "dims = [3, 3]\nrouting = \"o1turn\"\nclass_virtual_channels = [2, 3]\nvirtual_channels = 5",
                 "dims = [3, 3]\nrouting = \"min_adaptive\"\nmessage_classes = 2");
    CAPTURE(toml);
    CHECK(proof(toml, true).empty());
}

TEST_CASE("known deadlocks are refused") {
    const auto [toml, request_reply] = GENERATE(table<std::string, bool>({
        {"topology = \"torus\"\ndims = [4, 4]\ndateline = false", false},
        {"topology = \"torus\"\ndims = [4, 4]\nvirtual_channels = 1", false},
        {"topology = \"ring\"\ndims = [4]\nvirtual_channels = 1", false},
        {"topology = \"torus\"\ndims = [4, 4]\nclass_virtual_channels = [3, 1]", false},
        {"topology = \"torus\"\ndims = [5, 5]\nrouting = \"table\"", false},
        {"topology = \"torus\"\ndims = [4, 4]\nrouting = \"min_adaptive\"\nvirtual_channels = 1", false},
        {"topology = \"torus\"\ndims = [4, 4]\nrouting = \"min_adaptive\"\ndateline = false", false},
        {"topology = \"custom\"\nrouters = 3\nvirtual_channels = 1\nlink = [{from = \"0\", to = \"1\", one_way = "
         "true}, {from "
         "= \"1\", to = \"2\", one_way = true}, {from = \"2\", to = \"0\", one_way = true}]",
         false},
        {"dims = [3, 3]\nmessage_classes = 2\nclasses_share_channels = true", true},
    }));
    CAPTURE(toml);
    CHECK_FALSE(proof(toml, request_reply).empty());
}
