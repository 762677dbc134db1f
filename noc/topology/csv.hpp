// Tables of comma-separated values, read line by line.
#pragma once

#include "config/faults.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace intarsia::noc {

inline constexpr std::size_t max_csv_bytes = 64U << 20U;

struct CsvColumn {
    std::string name;
    bool mandatory = false;
};

/// One line: its fields in the order of the columns asked for, "" for columns that the file leaves out.
struct CsvRow {
    SourcePlace place;
    std::vector<std::string> fields;
};

/// Reads the file: a first line with the names of the columns in any order, then a row a line. Fields may stand in
/// double quotes; blanks round them, empty lines and lines that begin with # are skipped. Adds a fault for a file that
/// cannot be read or is too large or binary, for unknown, missing and repeated columns, and for lines with a wrong
/// number of fields.
void read_csv(const std::string& path, std::span<const CsvColumn> columns, config::Faults& faults,
              const std::function<void(const CsvRow&)>& take);

} // namespace intarsia::noc
