// Traces for tests: built message by message, in a folder that vanishes with the test.
#pragma once

#include "chakra_et.pb.h"

#include "config/errors.hpp"
#include "workloads/chakra_reader.hpp"

#include <catch2/catch.hpp>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace intarsia::tests {

class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "intarsia_test_XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

inline void write_file(const std::string& path, const std::string& bytes) {
    std::ofstream file(path, std::ios::binary);
    file << bytes;
    REQUIRE(file.good());
}

inline std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    INFO(path);
    REQUIRE(file.good());
    return {std::istreambuf_iterator<char>(file), {}};
}

/// A message with its length before it.
inline std::string delimited(const std::string& message) {
    std::string bytes;
    {
        google::protobuf::io::StringOutputStream stream(&bytes);
        google::protobuf::io::CodedOutputStream output(&stream);
        output.WriteVarint64(message.size());
        output.WriteString(message);
    }
    return bytes;
}

/// A node of a test's trace. Types are Chakra's numbers: 1 METADATA ... 4 COMP, 5 SEND, 6 RECV, 7 COLL.
class TestNode {
  public:
    TestNode(std::uint64_t id, std::uint64_t type, std::initializer_list<std::uint64_t> waits_for = {}) {
        message_.set_id(id);
        message_.set_name("n" + std::to_string(id));
        message_.set_type(type);
        for (const std::uint64_t before : waits_for) {
            message_.add_data_deps(before);
        }
    }
    template <std::integral Value>
    TestNode& with(const std::string& name, Value value) {
        return attribute(name, [&](auto& added) { added.set_uint64_val(static_cast<std::uint64_t>(value)); });
    }
    TestNode& with(const std::string& name, const char* value) {
        return attribute(name, [&](auto& added) { added.set_string_val(value); });
    }
    template <class Set>
    TestNode& attribute(const std::string& name, Set set) {
        auto& added = *message_.add_attr();
        added.set_name(name);
        set(added);
        return *this;
    }
    workloads::chakra::Node& message() { return message_; }
    [[nodiscard]] std::string bytes() const { return delimited(message_.SerializeAsString()); }

  private:
    workloads::chakra::Node message_;
};

inline std::string metadata() {
    workloads::chakra::GlobalMetadata message;
    message.set_version("0.0.4");
    return delimited(message.SerializeAsString());
}

inline std::string trace(const std::vector<TestNode>& nodes) {
    std::string bytes = metadata();
    for (const TestNode& node : nodes) {
        bytes += node.bytes();
    }
    return bytes;
}

/// The workload of ranks with these contents.
inline workloads::Workload read_ranks(const std::vector<std::string>& ranks, const std::string& groups_json = "") {
    const TemporaryFolder folder;
    for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
        write_file(folder / ("t." + std::to_string(rank) + ".et"), ranks[rank]);
    }
    if (!groups_json.empty()) {
        write_file(folder / "groups.json", groups_json);
    }
    return workloads::read_workload(folder / "t", groups_json.empty() ? "" : folder / "groups.json");
}

/// The faults of reading, one a line; "" if it succeeds.
template <class Read>
std::string faults_of(Read read) {
    try {
        read();
        return "";
    } catch (const InputError& error) {
        for (const Diagnostic& fault : error.faults()) {
            CHECK_FALSE(fault.message.empty());
            CHECK_FALSE(fault.remedy.empty());
        }
        return error.what();
    }
}

inline std::string faults_of_ranks(const std::vector<std::string>& ranks, const std::string& groups_json = "") {
    return faults_of([&] { read_ranks(ranks, groups_json); });
}

} // namespace intarsia::tests
