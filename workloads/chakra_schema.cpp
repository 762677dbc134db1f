#include "workloads/chakra_schema.hpp"

#include <cstdint>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

namespace intarsia::workloads {

namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// Calls visit(field number, wire type, content of a length-delimited field) for the fields of a message,
// until it is over or no longer makes sense.
template <class Visit>
void for_each_field(std::string_view message, Visit visit) {
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(message.data());
    CodedInputStream input(bytes, static_cast<int>(message.size()));
    while (const std::uint32_t tag = input.ReadTag()) {
        const auto type = WireFormatLite::GetTagWireType(tag);
        const int number = WireFormatLite::GetTagFieldNumber(tag);
        std::string_view content;
        if (type == WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
            std::uint32_t length = 0;
            if (!input.ReadVarint32(&length)) {
                return;
            }
            const auto position = static_cast<std::size_t>(input.CurrentPosition());
            if (length > message.size() - position || !input.Skip(static_cast<int>(length))) {
                return;
            }
            content = message.substr(position, length);
        } else if (!WireFormatLite::SkipField(&input, tag)) {
            return;
        }
        visit(number, type, content);
    }
}

bool is_older_attribute(std::string_view message) {
    bool has_name = false;
    bool has_type = false;
    for_each_field(message, [&](int number, WireFormatLite::WireType type, std::string_view) {
        has_name |= number == 1 && type == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
        has_type |= number == 2 && type == WireFormatLite::WIRETYPE_VARINT;
    });
    return has_name && has_type;
}

} // namespace

std::string older_schema(std::string_view message) {
    constexpr int first_fixed_field = 8;
    constexpr int last_fixed_field = 20;
    constexpr int older_attribute_field = 11;
    std::string schema;
    for_each_field(message, [&](int number, WireFormatLite::WireType type, std::string_view content) {
        if (type == WireFormatLite::WIRETYPE_VARINT && number >= first_fixed_field && number <= last_fixed_field) {
            schema = "v0.0.1";
        } else if (number == older_attribute_field && type == WireFormatLite::WIRETYPE_LENGTH_DELIMITED &&
                   schema.empty() && is_older_attribute(content)) {
            schema = "v0.0.3";
        }
    });
    return schema;
}

bool starts_like_a_node(std::string_view message) {
    bool number_first = false;
    for_each_field(message, [&](int number, WireFormatLite::WireType type, std::string_view) {
        number_first |= number == 1 && type == WireFormatLite::WIRETYPE_VARINT;
    });
    return number_first;
}

} // namespace intarsia::workloads
