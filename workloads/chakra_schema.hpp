// Tells traces of older Chakra schemas, which share the file form but not the meaning of the fields, from
// today's.
#pragma once

#include <string>
#include <string_view>

namespace intarsia::workloads {

/// The schema that `message` (a node, as bytes) was evidently written with: "v0.0.1", "v0.0.3", or "" if
/// nothing speaks for either. Judged by the wire: v0.0.1 keeps run time, operations and communication in
/// numbered fields (varints in 8 to 20); v0.0.3 has attributes in field 11, with their type as a varint in
/// field 2. Field 11 in another form is one of later extensions and no sign of age.
std::string older_schema(std::string_view message);

/// Whether `message` starts like a node (field 1 is a number) and not like metadata (text). Files older than
/// v0.0.4 have no metadata.
bool starts_like_a_node(std::string_view message);

} // namespace intarsia::workloads
