#include "workloads/chakra_attributes.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace intarsia::workloads {

namespace {

using chakra::AttributeProto;

constexpr std::array<std::string_view, number_attribute_count> number_names{
    "is_cpu_op",
    "num_ops",
    "tensor_size",
    "comm_type",
    "comm_size",
    "comm_src",
    "comm_dst",
    "comm_tag",
    "intarsia.m",
    "intarsia.n",
    "intarsia.k",
    "intarsia.batch",
    "intarsia.element_bytes",
    "intarsia.a_bytes",
    "intarsia.b_bytes",
    "intarsia.c_bytes",
    "intarsia.read_bytes",
    "intarsia.write_bytes",
    "intarsia.read_tensor_bytes",
    "intarsia.write_tensor_bytes",
    "intarsia.tokens",
};

constexpr std::array<std::string_view, text_attribute_count> text_names{
    "pg_name",       "intarsia.a",           "intarsia.b",           "intarsia.c",
    "intarsia.unit", "intarsia.read_tensor", "intarsia.write_tensor"};

constexpr std::string_view involved_dim = "involved_dim";

struct Number {
    std::uint64_t magnitude = 0;
    bool negative = false;
};

Number signed_number(std::int64_t value) {
    return value < 0 ? Number{0, true} : Number{static_cast<std::uint64_t>(value), false};
}

// Nothing: the attribute holds another type.
std::optional<Number> integer_of(const AttributeProto& attribute) {
    switch (attribute.value_case()) {
    case AttributeProto::kInt32Val:
        return signed_number(attribute.int32_val());
    case AttributeProto::kInt64Val:
        return signed_number(attribute.int64_val());
    case AttributeProto::kUint32Val:
        return Number{attribute.uint32_val(), false};
    case AttributeProto::kUint64Val:
        return Number{attribute.uint64_val(), false};
    case AttributeProto::kSint32Val:
        return signed_number(attribute.sint32_val());
    case AttributeProto::kSint64Val:
        return signed_number(attribute.sint64_val());
    case AttributeProto::kFixed32Val:
        return Number{attribute.fixed32_val(), false};
    case AttributeProto::kFixed64Val:
        return Number{attribute.fixed64_val(), false};
    case AttributeProto::kSfixed32Val:
        return signed_number(attribute.sfixed32_val());
    case AttributeProto::kSfixed64Val:
        return signed_number(attribute.sfixed64_val());
    case AttributeProto::kBoolVal:
        return Number{attribute.bool_val() ? 1U : 0U, false};
    default:
        return std::nullopt;
    }
}

template <std::size_t count>
std::optional<std::size_t> slot_of(const std::array<std::string_view, count>& names, std::string_view name) {
    const auto* const found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? std::nullopt : std::optional<std::size_t>(found - names.begin());
}

} // namespace

std::string_view name_of(NumberAttribute attribute) {
    return number_names[static_cast<std::size_t>(attribute)];
}
std::string_view name_of(TextAttribute attribute) {
    return text_names[static_cast<std::size_t>(attribute)];
}

std::optional<AttributeFault> Attributes::collect(const google::protobuf::RepeatedPtrField<AttributeProto>& list) {
    std::optional<AttributeFault> fault;
    for (const AttributeProto& attribute : list) {
        if (attribute.value_case() == AttributeProto::VALUE_NOT_SET) {
            continue;
        }
        if (const auto number_slot = slot_of(number_names, attribute.name())) {
            const auto number = integer_of(attribute);
            if (number && !number->negative) {
                numbers_[*number_slot] = number->magnitude;
                numbers_present_ |= 1U << *number_slot;
            } else if (!fault) {
                fault = {attribute.name(), number ? "is negative" : "is not a whole number"};
            }
        } else if (const auto text_slot = slot_of(text_names, attribute.name())) {
            if (attribute.value_case() == AttributeProto::kStringVal) {
                texts_[*text_slot] = attribute.string_val();
            } else if (!fault) {
                fault = {attribute.name(), "is not text"};
            }
        } else if (attribute.name() == involved_dim && attribute.value_case() == AttributeProto::kBoolList) {
            const auto& flags = attribute.bool_list().values();
            if (!fault && std::find(flags.begin(), flags.end(), false) != flags.end()) {
                fault = {attribute.name(), "leaves out network dimensions, of which a package has no numbering"};
            }
        }
    }
    return fault;
}

void put(chakra::Node& node, NumberAttribute attribute, std::uint64_t value) {
    AttributeProto& added = *node.add_attr();
    added.set_name(std::string(name_of(attribute)));
    // The types that other readers expect of the standard attributes.
    switch (attribute) {
    case NumberAttribute::is_cpu_op:
        added.set_bool_val(value != 0);
        break;
    case NumberAttribute::comm_type:
        added.set_int64_val(static_cast<std::int64_t>(value));
        break;
    case NumberAttribute::comm_src:
    case NumberAttribute::comm_dst:
    case NumberAttribute::comm_tag:
        added.set_uint32_val(static_cast<std::uint32_t>(value));
        break;
    default:
        added.set_uint64_val(value);
        break;
    }
}

void put(chakra::Node& node, TextAttribute attribute, std::string_view value) {
    AttributeProto& added = *node.add_attr();
    added.set_name(std::string(name_of(attribute)));
    added.set_string_val(std::string(value));
}

} // namespace intarsia::workloads
