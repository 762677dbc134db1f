// Files that are cut off, garbled, hostile, or of another format never crash the reader or pass for sound
// ones.
#include "tests/workloads/trace_files.hpp"

#include <random>
#include <zlib.h>

using namespace intarsia;
using namespace intarsia::tests;
using namespace intarsia::workloads;
using Catch::Contains;

namespace {

std::string compressed(const TemporaryFolder& folder, const std::string& bytes) {
    const std::string path = folder / "whole.gz";
    gzFile file = gzopen(path.c_str(), "wb");
    REQUIRE(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())) == static_cast<int>(bytes.size()));
    gzclose(file);
    return read_file(path);
}

// A field of a message: key and value as varints.
std::string number_field(unsigned field, unsigned value) {
    std::string bytes;
    for (unsigned number : {field << 3U, value}) {
        for (; number > 0x7F; number >>= 7U) {
            bytes += static_cast<char>((number & 0x7FU) | 0x80U);
        }
        bytes += static_cast<char>(number);
    }
    return bytes;
}

std::string text_field(unsigned field, const std::string& text) {
    return static_cast<char>(field << 3U | 2U) + delimited(text);
}

} // namespace

TEST_CASE("A file cut off anywhere is refused with the byte, except between messages") {
    const TestNode first = TestNode(300, 4).with("num_ops", 1'000'000);
    const TestNode second(301, 4, {300});
    const std::string whole = trace({first, second});
    const std::size_t first_ends = metadata().size() + first.bytes().size();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        INFO("first " << size << " bytes");
        const std::string faults = faults_of_ranks({whole.substr(0, size)});
        if (size == metadata().size() || size == first_ends) {
            CHECK(faults.empty());
        } else {
            const std::size_t message = size < metadata().size() ? 0
                                        : size < first_ends      ? metadata().size()
                                                                 : first_ends;
            CHECK_THAT(faults, Contains("t.0.et: byte " + std::to_string(message) + ": error: "));
        }
    }
    CHECK(faults_of_ranks({whole}).empty());
}

TEST_CASE("A compressed file cut off anywhere is refused") {
    const TemporaryFolder folder;
    const std::string whole = compressed(folder, trace({TestNode(1, 4), TestNode(2, 4, {1})}));
    for (std::size_t size = 1; size < whole.size(); ++size) {
        INFO("first " << size << " of " << whole.size() << " bytes");
        write_file(folder / "t.0.et.gz", whole.substr(0, size));
        CHECK_FALSE(faults_of([&] { read_workload(folder / "t"); }).empty());
    }
    std::string garbled = whole;
    garbled[whole.size() - 6] = static_cast<char>(garbled[whole.size() - 6] ^ 1); // the checksum
    write_file(folder / "t.0.et.gz", garbled);
    CHECK_THAT(faults_of([&] { read_workload(folder / "t"); }), Contains("compressed file"));
}

TEST_CASE("An empty file is refused") {
    CHECK_THAT(faults_of_ranks({""}), Contains("byte 0: error: the file is empty"));
}

TEST_CASE("Absurd lengths are refused without allocating them") {
    const std::string huge("\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 9);
    CHECK_THAT(faults_of_ranks({huge + "abc"}), Contains("byte 0: error: a message claims 9223372036854775807 bytes"));
    CHECK_THAT(faults_of_ranks({metadata() + huge}), Contains("byte " + std::to_string(metadata().size())));
    CHECK_THAT(faults_of_ranks({metadata() + std::string(11, '\xff')}), Contains("more than 10 bytes"));
    const std::string large("\x80\x80\x80\x40", 4); // 128 MiB
    CHECK_THAT(faults_of_ranks({metadata() + large + "abc"}), Contains("but the file ends after 3 of them"));
}

TEST_CASE("Random bytes, and sound traces with random bytes changed, never get past the checks with a crash") {
    std::mt19937_64 random(20'240'601);
    const std::string sound =
        trace({TestNode(1, 4).with("num_ops", 99), TestNode(2, 7, {1}).with("comm_type", 0),
               TestNode(3, 4, {2, 1}).with("intarsia.m", 4).with("intarsia.n", 4).with("intarsia.k", 4)});
    int refused = 0;
    for (int round = 0; round < 2000; ++round) {
        std::string bytes(1 + random() % 200, '\0');
        if (round % 2 == 0) {
            for (char& byte : bytes) {
                byte = static_cast<char>(random());
            }
        } else {
            bytes = sound;
            for (std::size_t change = random() % 4 + 1; change > 0; --change) {
                bytes[random() % bytes.size()] = static_cast<char>(random());
            }
        }
        refused += faults_of_ranks({bytes}).empty() ? 0 : 1;
    }
    CHECK(refused > 1000); // of the random half nearly all
}

TEST_CASE("Other kinds of file are refused as such") {
    CHECK_THAT(faults_of_ranks({R"([{"Id": 1, "Name": "x", "NodeType": "COMP_NODE"}])"}), Contains("byte 0"));
    CHECK_THAT(faults_of_ranks({std::string(4096, '\n')}), Contains("byte 0: error: "));
}

TEST_CASE("Traces of schema v0.0.1 are refused by name") {
    // Nodes from the first byte, with fixed fields: 7 run time, 12 operations, 13 kind of collective.
    const std::string comp = delimited(number_field(1, 1) + text_field(2, "layer") + number_field(3, 3) +
                                       number_field(7, 5) + number_field(12, 1000));
    CHECK_THAT(faults_of_ranks({comp}), Contains("v0.0.4") && Contains("(this one is v0.0.1)"));
    const std::string plain = delimited(number_field(1, 1) + text_field(2, "layer") + number_field(3, 3));
    CHECK_THAT(faults_of_ranks({plain + comp}), Contains("older than v0.0.4"));
    CHECK_THAT(faults_of_ranks({metadata() + comp}), Contains("schema v0.0.1, which is not read"));
}

TEST_CASE("Traces of schema v0.0.3 are refused by name") {
    // Attributes in field 11, their type in field 2, an int in field 7; inputs and outputs as texts in 5
    // to 10.
    const std::string attribute = text_field(1, "comm_size") + number_field(2, 2) + number_field(7, 64);
    const std::string bare = number_field(1, 1) + text_field(2, "op") + number_field(3, 4) + number_field(4, 0);
    const std::string node = bare + text_field(11, attribute);
    CHECK_THAT(faults_of_ranks({delimited(node)}), Contains("(this one is v0.0.3)"));
    CHECK_THAT(faults_of_ranks({metadata() + delimited(node)}), Contains("schema v0.0.3, which is not read"));
    const std::string with_inputs =
        bare + text_field(8, "[[1,2,3]]") + text_field(10, "[Tensor]") + text_field(11, attribute);
    CHECK_THAT(faults_of_ranks({metadata() + delimited(with_inputs)}), Contains("schema v0.0.3, which is not read"));
}
