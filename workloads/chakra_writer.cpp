#include "workloads/chakra_writer.hpp"

#include "config/errors.hpp"
#include "workloads/chakra_attributes.hpp"
#include "workloads/rank_files.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace intarsia::workloads {

namespace {

namespace fs = std::filesystem;
using google::protobuf::io::CodedOutputStream;
using Number = NumberAttribute;
using Text = TextAttribute;

// Files under other names until all of them are complete; those that did not become final are removed.
class PendingFiles {
  public:
    PendingFiles() = default;
    PendingFiles(const PendingFiles&) = delete;
    PendingFiles& operator=(const PendingFiles&) = delete;
    ~PendingFiles() {
        for (const auto& [temporary, path] : files_) {
            std::error_code ignored;
            fs::remove(temporary, ignored);
        }
    }

    // The name to write to, for a file that shall become `path`.
    std::string add(const std::string& path) {
        files_.emplace_back(fmt::format("{}.{}.partial", path, ::getpid()), path);
        return files_.back().first;
    }

    // Gives all files their names; if one cannot have it, those before it are removed, too.
    void finish() {
        for (std::size_t i = 0; i < files_.size(); ++i) {
            const std::string& path = files_[i].second;
            std::error_code error;
            fs::rename(files_[i].first, path, error);
            if (error) {
                for (std::size_t done = 0; done < i; ++done) {
                    std::error_code ignored;
                    fs::remove(files_[done].second, ignored);
                }
                throw InputError({{path, 0, 0, ""},
                                  fmt::format("cannot be written: {}", error.message()),
                                  "check the folder given with --out"});
            }
        }
        files_.clear();
    }

  private:
    std::vector<std::pair<std::string, std::string>> files_;
};

void put_tensor(chakra::Node& message, const ExecutionGraph& graph, TensorIndex tensor, Text name, Number bytes) {
    if (tensor != no_tensor) {
        put(message, name, graph.tensors[tensor].name);
        put(message, bytes, graph.tensors[tensor].bytes);
    }
}

void put_gemm(chakra::Node& message, const ExecutionGraph& graph, const Gemm& gemm) {
    put(message, Number::m, gemm.m);
    put(message, Number::n, gemm.n);
    put(message, Number::k, gemm.k);
    put(message, Number::batch, gemm.batch);
    put(message, Number::element_bytes, gemm.element_bytes);
    put_tensor(message, graph, gemm.a, Text::a, Number::a_bytes);
    put_tensor(message, graph, gemm.b, Text::b, Number::b_bytes);
    put_tensor(message, graph, gemm.c, Text::c, Number::c_bytes);
}

void put_tensors(chakra::Node& message, const ExecutionGraph& graph, const Node& node) {
    put_tensor(message, graph, node.read_tensor, Text::read_tensor, Number::read_tensor_bytes);
    put_tensor(message, graph, node.write_tensor, Text::write_tensor, Number::write_tensor_bytes);
}

void put_compute(chakra::Node& message, const ExecutionGraph& graph, const Node& node) {
    put(message, Number::num_ops, node.flops);
    put(message, Number::tensor_size, node.tensor_bytes);
    put(message, Text::unit, node.unit == Unit::matrix ? "matrix" : "vector");
    if (node.has_gemm) {
        put_gemm(message, graph, graph.gemms[node.gemm]);
        return;
    }
    if (node.has_split) {
        put(message, Number::read_bytes, node.read_bytes);
        put(message, Number::write_bytes, node.write_bytes);
    }
    put_tensors(message, graph, node);
}

chakra::Node message_of(const ExecutionGraph& graph, const Node& node) {
    chakra::Node message;
    message.set_id(node.id);
    message.set_name(graph.name_of(node));
    message.set_type(static_cast<std::uint64_t>(node.type) + 1);
    message.set_duration_micros(node.duration_us);
    for (const std::uint32_t before : graph.dependencies_of(node)) {
        message.add_data_deps(graph.nodes[before].id);
    }
    put(message, Number::is_cpu_op, node.is_cpu_op ? 1 : 0);
    switch (node.type) {
    case NodeType::metadata:
        break;
    case NodeType::mem_load:
    case NodeType::mem_store:
        put(message, Number::tensor_size, node.tensor_bytes);
        put_tensors(message, graph, node);
        break;
    case NodeType::comp:
        put_compute(message, graph, node);
        break;
    case NodeType::comm_send:
    case NodeType::comm_recv:
        put(message, Number::comm_size, node.comm_bytes);
        put(message, node.type == NodeType::comm_send ? Number::comm_src : Number::comm_dst, graph.rank);
        put(message, node.type == NodeType::comm_send ? Number::comm_dst : Number::comm_src, node.peer);
        put(message, Number::comm_tag, node.tag);
        put_tensors(message, graph, node);
        break;
    case NodeType::comm_coll:
        put(message, Number::comm_type, static_cast<std::uint64_t>(node.collective));
        put(message, Number::comm_size, node.comm_bytes);
        put(message, Text::pg_name, std::to_string(node.group));
        put_tensors(message, graph, node);
        break;
    }
    return message;
}

chakra::GlobalMetadata metadata_of(const Workload& workload) {
    chakra::GlobalMetadata metadata;
    metadata.set_version("0.0.4");
    const auto put_text = [&](const char* name, const std::string& value) {
        chakra::AttributeProto& added = *metadata.add_attr();
        added.set_name(name);
        added.set_string_val(value);
    };
    put_text("schema", "intarsia-1-chakra.0.0.4");
    // The version of what is written, not of the program: it changes when the same input gives another trace.
    put_text("intarsia.generator", "1");
    put_text("intarsia.workload", workload.name);
    chakra::AttributeProto& tokens = *metadata.add_attr();
    tokens.set_name(std::string(name_of(Number::tokens)));
    tokens.set_uint64_val(workload.tokens);
    return metadata;
}

template <class Message>
void write_message(const Message& message, CodedOutputStream& output) {
    output.WriteVarint64(message.ByteSizeLong());
    message.SerializeToCodedStream(&output);
}

void write_rank(const Workload& workload, const ExecutionGraph& graph, const std::string& path) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    {
        google::protobuf::io::OstreamOutputStream stream(&file);
        CodedOutputStream output(&stream);
        output.SetSerializationDeterministic(true);
        write_message(metadata_of(workload), output);
        for (const Node& node : graph.nodes) {
            write_message(message_of(graph, node), output);
        }
    }
    file.close();
    if (!file) {
        throw InputError({{path, 0, 0, ""},
                          fmt::format("cannot be written: {}", std::strerror(errno)),
                          "check the folder given with --out, and its free space"});
    }
}

void check_target(std::size_t ranks, const std::string& prefix) {
    for (const std::uint32_t rank : existing_ranks(prefix)) {
        const std::string path = rank_path(prefix, rank);
        std::error_code ignored;
        const bool compressed = fs::exists(path + ".gz", ignored);
        if (rank >= ranks || compressed) {
            throw InputError(
                {{compressed ? path + ".gz" : path, 0, 0, ""},
                 fmt::format("this file of another trace would become part of the new one, of {} ranks", ranks),
                 "remove it, or choose another --out"});
        }
    }
}

} // namespace

void write_workload(const Workload& workload, const std::string& prefix) {
    check_target(workload.ranks.size(), prefix);
    PendingFiles pending;
    for (const ExecutionGraph& graph : workload.ranks) {
        write_rank(workload, graph, pending.add(rank_path(prefix, graph.rank)));
    }
    pending.finish();
}

} // namespace intarsia::workloads
