// The attributes of Chakra nodes that Intarsia understands: reading them tolerantly, and writing them.
#pragma once

#include "chakra_et.pb.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace intarsia::workloads {

/// Attributes whose value is a whole number. Those with the prefix "intarsia." are ours; other readers skip
/// them.
enum class NumberAttribute : std::uint8_t {
    is_cpu_op,
    num_ops,
    tensor_size,
    comm_type,
    comm_size,
    comm_src,
    comm_dst,
    comm_tag,
    m,
    n,
    k,
    batch,
    element_bytes,
    a_bytes,
    b_bytes,
    c_bytes,
    read_bytes,
    write_bytes,
    read_tensor_bytes,
    write_tensor_bytes,
    tokens,
};
inline constexpr std::size_t number_attribute_count = 21;

/// Attributes whose value is text.
enum class TextAttribute : std::uint8_t { pg_name, a, b, c, unit, read_tensor, write_tensor };
inline constexpr std::size_t text_attribute_count = 7;

/// Their names in the file.
std::string_view name_of(NumberAttribute attribute);
std::string_view name_of(TextAttribute attribute);

/// An attribute whose value cannot be used, and why.
struct AttributeFault {
    std::string name;
    std::string message;
};

/// The known attributes of one node. Texts refer to the message that they were collected from.
class Attributes {
  public:
    /// Collects what is known of `list`. Any integer type, and bool, does for a number; an attribute without
    /// a value counts as absent. Returns the first fault: a negative number, another type, dimensions that
    /// take no part.
    std::optional<AttributeFault> collect(const google::protobuf::RepeatedPtrField<chakra::AttributeProto>& list);

    [[nodiscard]] std::optional<std::uint64_t> find(NumberAttribute attribute) const {
        const auto slot = static_cast<unsigned>(attribute);
        return (numbers_present_ >> slot & 1U) != 0 ? std::optional(numbers_[slot]) : std::nullopt;
    }
    [[nodiscard]] std::uint64_t number(NumberAttribute attribute) const { return find(attribute).value_or(0); }

    /// Empty if absent.
    [[nodiscard]] std::string_view text(TextAttribute attribute) const {
        return texts_[static_cast<std::size_t>(attribute)];
    }

  private:
    std::array<std::uint64_t, number_attribute_count> numbers_{};
    std::array<std::string_view, text_attribute_count> texts_{};
    std::uint32_t numbers_present_ = 0;
};

void put(chakra::Node& node, NumberAttribute attribute, std::uint64_t value);
void put(chakra::Node& node, TextAttribute attribute, std::string_view value);

} // namespace intarsia::workloads
