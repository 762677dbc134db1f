#include "workloads/chakra_reader.hpp"

#include "workloads/chakra_attributes.hpp"
#include "workloads/chakra_schema.hpp"
#include "workloads/graph_check.hpp"
#include "workloads/message_file.hpp"
#include "workloads/process_groups.hpp"
#include "workloads/rank_files.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <google/protobuf/unknown_field_set.h>
#include <limits>
#include <utility>

namespace intarsia::workloads {

namespace {

constexpr const char* format_remedy = "give a Chakra execution trace in protobuf form, schema v0.0.4";
constexpr const char* schema_remedy = "convert it to schema v0.0.4 with the Chakra tools, or record it again";

// Reads the file of one rank; what it found stays readable after faults.
class RankReader {
  public:
    RankReader(std::uint32_t rank, std::string path, const TraceUnits& units, FaultList& faults)
        : path_(std::move(path)), units_(units), faults_(faults), builder_(rank) {}

    void read();

    ExecutionGraph& graph() { return builder_.graph(); }
    [[nodiscard]] const std::vector<GroupDefinition>& groups() const { return groups_; }
    [[nodiscard]] std::uint64_t tokens() const { return tokens_; }

  private:
    bool read_metadata(MessageFile& file);
    bool read_node(const std::string& bytes, std::uint64_t offset);
    void fault_at(std::uint64_t offset, std::string message, const char* remedy) {
        faults_.add({path_, 0, 0, fmt::format("byte {}", offset)}, std::move(message), remedy);
    }

    std::string path_;
    const TraceUnits& units_;
    FaultList& faults_;
    GraphBuilder builder_;
    chakra::Node message_;
    std::vector<std::uint64_t> identifiers_; // that the nodes wait for
    std::vector<std::uint64_t> callers_;     // that the nodes were called by
    // The file was converted from a PyTorch run: the process id is one of the run's own attributes, which the converter
    // hands on. Its ctrl_deps are the call stack; what a node waits for has all been put into data_deps.
    bool from_pytorch_ = false;
    std::vector<GroupDefinition> groups_;
    std::uint64_t tokens_ = 0;
};

void RankReader::read() {
    const std::uint64_t faults_before = faults_.count();
    try {
        MessageFile file(path_);
        if (read_metadata(file)) {
            std::string bytes;
            while (file.next(bytes) && read_node(bytes, file.message_offset())) {
            }
        }
    } catch (const InputError& error) {
        faults_.add(error);
    }
    // The dependencies of half a file would only look dangling.
    if (faults_.count() == faults_before) {
        resolve_dependencies(graph(), identifiers_, callers_, path_, faults_);
    }
}

bool RankReader::read_metadata(MessageFile& file) {
    std::string bytes;
    if (!file.next(bytes)) {
        fault_at(0, "the file is empty", format_remedy);
        return false;
    }
    if (starts_like_a_node(bytes)) {
        const std::string schema = older_schema(bytes);
        fault_at(0,
                 fmt::format("the file starts with a node instead of metadata, as files of Chakra schemas older than "
                             "v0.0.4 do{}",
                             schema.empty() ? std::string() : fmt::format(" (this one is {})", schema)),
                 schema_remedy);
        return false;
    }
    chakra::GlobalMetadata metadata;
    if (!metadata.ParseFromString(bytes)) {
        fault_at(0, "the file does not start with the metadata of a Chakra trace", format_remedy);
        return false;
    }
    Attributes attributes;
    if (const auto unusable = attributes.collect(metadata.attr())) {
        fault_at(0, fmt::format("the attribute {} {}", unusable->name, unusable->message), "correct the trace");
    }
    tokens_ = attributes.number(NumberAttribute::tokens);
    from_pytorch_ = std::any_of(metadata.attr().begin(), metadata.attr().end(),
                                [](const chakra::AttributeProto& it) { return it.name() == "pid"; });
    return true;
}

bool RankReader::read_node(const std::string& bytes, std::uint64_t offset) {
    const bool parsed = message_.ParseFromString(bytes);
    if (!parsed || !message_.GetReflection()->GetUnknownFields(message_).empty()) {
        if (const std::string schema = older_schema(bytes); !schema.empty()) {
            fault_at(offset, fmt::format("the node is written in Chakra schema {}, which is not read", schema),
                     schema_remedy);
            return false;
        }
    }
    if (!parsed) {
        fault_at(offset, "the message here is no Chakra node", format_remedy);
        return false;
    }
    const std::vector<NodeFault> found = append_node(message_, units_, builder_);
    const auto index = static_cast<std::uint32_t>(graph().nodes.size() - 1);
    if (!found.empty()) {
        const SourcePlace place = place_of(path_, graph(), index);
        for (const NodeFault& fault : found) {
            faults_.add(place, fault.message, fault.remedy);
        }
    }
    Node& node = graph().nodes[index];
    node.first_dependency = static_cast<std::uint32_t>(identifiers_.size());
    std::vector<std::uint64_t>& controlled_by = from_pytorch_ ? callers_ : identifiers_;
    controlled_by.insert(controlled_by.end(), message_.ctrl_deps().begin(), message_.ctrl_deps().end());
    identifiers_.insert(identifiers_.end(), message_.data_deps().begin(), message_.data_deps().end());
    node.dependency_count = static_cast<std::uint32_t>(identifiers_.size()) - node.first_dependency;
    if (identifiers_.size() > std::numeric_limits<std::uint32_t>::max()) {
        fault_at(offset, "the file has more than 2^32 dependencies", "split the workload into shorter steps");
        return false;
    }
    if (node.type == NodeType::metadata && message_.name().find("process_group:init") != std::string::npos) {
        const SourcePlace place = place_of(path_, graph(), index);
        chakra::IOInfo inputs;
        if (inputs.ParseFromString(message_.inputs())) {
            auto groups = parse_process_groups(inputs.values(), place, faults_);
            groups_.insert(groups_.end(), groups.begin(), groups.end());
        } else {
            faults_.add(place, "the inputs of the node cannot be decoded", "record the trace again");
        }
    }
    return true;
}

void check_peers(const ExecutionGraph& graph, const std::string& path, std::size_t rank_count, FaultList& faults) {
    for (std::uint32_t i = 0; i < graph.nodes.size(); ++i) {
        const Node& node = graph.nodes[i];
        if (node.type != NodeType::comm_send && node.type != NodeType::comm_recv) {
            continue;
        }
        const char* const verb = node.type == NodeType::comm_send ? "sends to" : "receives from";
        if (node.peer >= rank_count) {
            faults.add(place_of(path, graph, i),
                       fmt::format("the node {} rank {}, but the trace has {} rank{}", verb, node.peer, rank_count,
                                   rank_count == 1 ? "" : "s"),
                       "give the traces of all ranks of the run");
        } else if (node.peer == graph.rank) {
            faults.add(place_of(path, graph, i), fmt::format("the node {} its own rank", verb),
                       "write a copy within a rank as a memory or compute node");
        }
    }
}

} // namespace

Workload read_workload(const std::string& prefix, const std::string& groups_file, const TraceUnits& units) {
    FaultList faults;
    Workload workload;
    workload.name = std::filesystem::path(prefix).filename().string();
    const std::vector<std::string> paths = find_rank_files(prefix, faults);
    std::vector<GroupDefinition> from_traces;
    Sums sums;
    for (std::uint32_t rank = 0; rank < paths.size(); ++rank) {
        RankReader reader(rank, paths[rank], units, faults);
        reader.read();
        check_peers(reader.graph(), paths[rank], paths.size(), faults);
        check_sums(reader.graph(), paths[rank], sums, faults);
        from_traces.insert(from_traces.end(), reader.groups().begin(), reader.groups().end());
        if (workload.tokens == 0) {
            workload.tokens = reader.tokens();
        }
        std::error_code ignored;
        workload.inputs.push_back({paths[rank], std::filesystem::file_size(paths[rank], ignored)});
        workload.ranks.push_back(std::move(reader.graph()));
    }
    std::vector<GroupDefinition> from_file;
    if (!groups_file.empty()) {
        from_file = read_groups_file(groups_file, faults);
        std::error_code ignored;
        workload.inputs.push_back({groups_file, std::filesystem::file_size(groups_file, ignored)});
    }
    if (!paths.empty()) {
        resolve_groups(workload, from_file, from_traces, paths, faults);
    }
    faults.throw_if_any();
    return workload;
}

std::uint64_t node_count(const Workload& workload) {
    std::uint64_t count = 0;
    for (const ExecutionGraph& graph : workload.ranks) {
        count += graph.nodes.size();
    }
    return count;
}

std::vector<Diagnostic> unrunnable(const Workload& workload, std::uint32_t ranks) {
    std::vector<Diagnostic> faults;
    if (workload.ranks.size() > ranks) {
        faults.push_back({{workload.name, 0, 0, ""},
                          fmt::format("the trace has {} ranks, but the system has {}", workload.ranks.size(), ranks),
                          "give a system with more ranks, or a trace of fewer"});
    }
    if (node_count(workload) == 0) {
        faults.push_back({{workload.name, 0, 0, ""}, "the trace holds no nodes", "give a trace with work in it"});
    }
    return faults;
}

} // namespace intarsia::workloads
