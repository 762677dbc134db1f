// Fingerprints of the input files, so that results say what they were made from.
#pragma once

#include "report/run_report.hpp"

#include <string>
#include <string_view>

namespace intarsia::report {

/// XXH64 (seed 0) in 16 hexadecimal digits, as `xxhsum -H64` prints it.
[[nodiscard]] std::string xxh64_hex(std::string_view bytes);

/// Reads the file in pieces; `file` is recorded as given. Throws InputError when it cannot be read.
[[nodiscard]] InputFile hash_input(const std::string& file);

} // namespace intarsia::report
