// Access to the folder of reference data that some tests read whole; such tests are skipped, visibly, without it.
#pragma once

#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

namespace intarsia::tests {

/// Path of a file in the reference folder, or nothing (and a line that makes CTest report the test as skipped).
inline std::optional<std::string> reference_path(const std::string& relative) {
    const char* folder = std::getenv("INTARSIA_REFERENCE_DIR");
    if (folder == nullptr) {
        std::cout << "SKIPPED: INTARSIA_REFERENCE_DIR is not set\n";
        return std::nullopt;
    }
    return std::string(folder) + "/" + relative;
}

} // namespace intarsia::tests
