#include "workloads/chakra_node.hpp"

#include "config/faults.hpp"
#include "workloads/chakra_attributes.hpp"
#include "workloads/process_groups.hpp"

#include <fmt/format.h>
#include <limits>
#include <string_view>
#include <utility>

namespace intarsia::workloads {

namespace {

using Number = NumberAttribute;
using Text = TextAttribute;
__extension__ using Wide = unsigned __int128;

constexpr const char* correct_remedy = "correct the trace";

// Decodes the attributes of one message into one node.
class Decoder {
  public:
    Decoder(const chakra::Node& message, const TraceUnits& units, GraphBuilder& builder)
        : message_(message), units_(units), builder_(builder) {}

    std::vector<NodeFault> append();

  private:
    void decode_type();
    void decode_compute();
    void decode_gemm();
    void decode_stream();
    void decode_memory();
    void decode_collective();
    void decode_point_to_point();

    void fault(std::string message, std::string remedy = correct_remedy) {
        faults_.push_back({std::move(message), std::move(remedy)});
    }
    std::uint64_t scaled(Number attribute, std::uint64_t scale);
    std::uint32_t small(Number attribute);
    TensorIndex tensor(Text name, Number bytes, std::uint64_t touched);

    const chakra::Node& message_;
    const TraceUnits& units_;
    GraphBuilder& builder_;
    Attributes attributes_;
    Node node_;
    std::vector<NodeFault> faults_;
};

std::uint64_t Decoder::scaled(Number attribute, std::uint64_t scale) {
    std::uint64_t product = 0;
    if (__builtin_mul_overflow(attributes_.number(attribute), scale, &product)) {
        fault(fmt::format("{} = {} is too large", name_of(attribute), attributes_.number(attribute)));
    }
    return product;
}

std::uint32_t Decoder::small(Number attribute) {
    const std::uint64_t value = attributes_.number(attribute);
    if (value > std::numeric_limits<std::uint32_t>::max()) {
        fault(fmt::format("{} = {} is too large", name_of(attribute), value));
        return 0;
    }
    return static_cast<std::uint32_t>(value);
}

// The tensor that an attribute names, of at least the bytes that the node touches of it.
TensorIndex Decoder::tensor(Text name, Number bytes, std::uint64_t touched) {
    const std::string_view text = attributes_.text(name);
    if (text.empty()) {
        return no_tensor;
    }
    const std::uint64_t size = attributes_.find(bytes).value_or(touched);
    if (size == 0) {
        fault(fmt::format("tensor {} has no size", config::in_quotes(text)),
              fmt::format("give it with {}", name_of(bytes)));
        return no_tensor;
    }
    const auto index = builder_.tensor(text, size);
    if (!index) {
        fault(fmt::format("tensor {} has {} bytes here, but another size in an earlier node", config::in_quotes(text),
                          size),
              "give a tensor one size, or two tensors two names");
        return no_tensor;
    }
    return *index;
}

void Decoder::decode_type() {
    if (message_.type() == 0 || message_.type() > node_type_count) {
        fault(fmt::format("the node type {} is {}", message_.type(), message_.type() == 0 ? "missing" : "unknown"),
              "known types are 1 (METADATA) to 7 (COMM_COLL)");
        return;
    }
    node_.type = static_cast<NodeType>(message_.type() - 1);
    node_.is_cpu_op = attributes_.number(Number::is_cpu_op) != 0;
    switch (node_.type) {
    case NodeType::metadata:
        break;
    case NodeType::mem_load:
    case NodeType::mem_store:
        decode_memory();
        break;
    case NodeType::comp:
        decode_compute();
        break;
    case NodeType::comm_send:
    case NodeType::comm_recv:
        decode_point_to_point();
        break;
    case NodeType::comm_coll:
        decode_collective();
        break;
    }
}

void Decoder::decode_compute() {
    node_.flops = scaled(Number::num_ops, units_.flops_per_op);
    node_.tensor_bytes = scaled(Number::tensor_size, units_.bytes_per_size_unit);
    const std::string_view unit = attributes_.text(Text::unit);
    if (unit == "vector") {
        node_.unit = Unit::vector;
    } else if (!unit.empty() && unit != "matrix") {
        fault(fmt::format("intarsia.unit = {} is unknown", config::in_quotes(unit)), "write matrix or vector");
    }
    if (attributes_.find(Number::m) || attributes_.find(Number::n) || attributes_.find(Number::k)) {
        decode_gemm();
    } else {
        decode_stream();
    }
}

void Decoder::decode_gemm() {
    Gemm gemm;
    gemm.m = attributes_.number(Number::m);
    gemm.n = attributes_.number(Number::n);
    gemm.k = attributes_.number(Number::k);
    gemm.batch = attributes_.find(Number::batch) ? small(Number::batch) : 1;
    gemm.element_bytes = attributes_.find(Number::element_bytes) ? small(Number::element_bytes) : 2;
    constexpr std::uint64_t max_dimension = 1ULL << 40U; // its products fit 128 bits
    if (gemm.m == 0 || gemm.n == 0 || gemm.k == 0 || gemm.batch == 0 || gemm.element_bytes == 0) {
        return fault("a matrix product has a dimension of 0 or without a value",
                     "give intarsia.m, n and k, and batch and element_bytes other than 0");
    }
    if (gemm.m > max_dimension || gemm.n > max_dimension || gemm.k > max_dimension) {
        return fault(fmt::format("a matrix product has a dimension above {}", max_dimension));
    }
    const Wide element = gemm.element_bytes;
    const Wide a = element * gemm.batch * gemm.m * gemm.k;
    const Wide b = element * gemm.batch * gemm.k * gemm.n;
    const Wide c = element * gemm.batch * gemm.m * gemm.n;
    const Wide limit = std::numeric_limits<std::uint64_t>::max();
    // m n <= 2^80 and c includes the batch, so that the test before the product keeps it within 128 bits.
    if (a + b + c > limit || Wide(gemm.m) * gemm.n * gemm.batch > limit / gemm.k / 2) {
        return fault("a matrix product has more operations or bytes than 64 bits hold");
    }
    const std::uint64_t flops = 2 * gemm.batch * gemm.m * gemm.n * gemm.k;
    if (attributes_.find(Number::num_ops) && node_.flops != flops) {
        fault(fmt::format("num_ops says {} operations, but 2 batch m n k is {}", node_.flops, flops),
              "leave num_ops out, or make it agree");
    }
    node_.flops = flops;
    const auto operand = [&](Text name, Number bytes, Wide touched) {
        const auto size = static_cast<std::uint64_t>(touched);
        if (attributes_.find(bytes).value_or(size) < size) {
            fault(fmt::format("{} = {} is less than the {} bytes of the operand", name_of(bytes),
                              attributes_.number(bytes), size));
            return no_tensor;
        }
        return tensor(name, bytes, size);
    };
    gemm.a = operand(Text::a, Number::a_bytes, a);
    gemm.b = operand(Text::b, Number::b_bytes, b);
    gemm.c = operand(Text::c, Number::c_bytes, c);
    if (!attributes_.find(Number::tensor_size)) {
        node_.tensor_bytes = static_cast<std::uint64_t>(a + b + c);
    }
    node_.has_gemm = true;
    node_.gemm = builder_.gemm(gemm);
}

void Decoder::decode_stream() {
    node_.read_bytes = attributes_.number(Number::read_bytes);
    node_.write_bytes = attributes_.number(Number::write_bytes);
    node_.has_split = attributes_.find(Number::read_bytes) || attributes_.find(Number::write_bytes);
    if (node_.has_split) {
        std::uint64_t sum = 0;
        if (__builtin_add_overflow(node_.read_bytes, node_.write_bytes, &sum)) {
            fault("intarsia.read_bytes and write_bytes sum to more than 64 bits hold");
        } else if (attributes_.find(Number::tensor_size) && sum != node_.tensor_bytes) {
            fault(fmt::format("intarsia.read_bytes + write_bytes = {}, but tensor_size is {}", sum, node_.tensor_bytes),
                  "make them agree");
        }
        node_.tensor_bytes = sum;
    }
    node_.read_tensor =
        tensor(Text::read_tensor, Number::read_tensor_bytes, node_.has_split ? node_.read_bytes : node_.tensor_bytes);
    node_.write_tensor = tensor(Text::write_tensor, Number::write_tensor_bytes,
                                node_.has_split ? node_.write_bytes : node_.tensor_bytes);
}

void Decoder::decode_memory() {
    node_.tensor_bytes = scaled(Number::tensor_size, units_.bytes_per_size_unit);
    if (node_.type == NodeType::mem_load) {
        node_.read_tensor = tensor(Text::read_tensor, Number::read_tensor_bytes, node_.tensor_bytes);
    } else {
        node_.write_tensor = tensor(Text::write_tensor, Number::write_tensor_bytes, node_.tensor_bytes);
    }
}

void Decoder::decode_collective() {
    const auto kind = attributes_.find(Number::comm_type);
    if (!kind && node_.is_cpu_op) {
        // PyTorch records the host calls (c10d::, nccl:) that wrap a collective as collectives of their own.
        node_.type = NodeType::comp;
        ++builder_.graph().host_wrappers;
        return;
    }
    if (!kind) {
        fault("a collective of the device has no comm_type", "record which collective it is, or mark it is_cpu_op");
    } else if (*kind >= collective_count) {
        fault(fmt::format("comm_type {} is unknown", *kind), "known are 0 (ALL_REDUCE) to 9 (BARRIER)");
    } else {
        node_.collective = static_cast<Collective>(*kind);
    }
    node_.comm_bytes = scaled(Number::comm_size, units_.bytes_per_size_unit);
    const auto group = group_number(attributes_.text(Text::pg_name));
    if (!group) {
        fault(fmt::format("pg_name {} is no group number", config::in_quotes(attributes_.text(Text::pg_name))),
              "name groups by decimal numbers");
    }
    node_.group = group.value_or(0);
    node_.read_tensor = tensor(Text::read_tensor, Number::read_tensor_bytes, node_.comm_bytes);
}

void Decoder::decode_point_to_point() {
    const Number peer = node_.type == NodeType::comm_send ? Number::comm_dst : Number::comm_src;
    if (!attributes_.find(peer)) {
        fault(fmt::format("the node has no {}", name_of(peer)), "name the rank at the other end");
    }
    node_.peer = small(peer);
    node_.tag = small(Number::comm_tag);
    node_.comm_bytes = scaled(Number::comm_size, units_.bytes_per_size_unit);
    node_.read_tensor = tensor(Text::read_tensor, Number::read_tensor_bytes, node_.comm_bytes);
}

std::vector<NodeFault> Decoder::append() {
    node_.id = message_.id();
    node_.duration_us = message_.duration_micros();
    if (const auto unusable = attributes_.collect(message_.attr())) {
        fault(fmt::format("the attribute {} {}", unusable->name, unusable->message));
    }
    decode_type();
    builder_.add(node_, message_.name(), {});
    return std::move(faults_);
}

} // namespace

std::vector<NodeFault> append_node(const chakra::Node& message, const TraceUnits& units, GraphBuilder& builder) {
    return Decoder(message, units, builder).append();
}

} // namespace intarsia::workloads
