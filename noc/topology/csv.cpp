#include "noc/topology/csv.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <string_view>

namespace intarsia::noc {

namespace {

constexpr std::size_t most_columns = 64;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const std::size_t first = text.find_first_not_of(blanks);
    return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Fields of a line; nothing if a quote is not closed.
std::optional<std::vector<std::string>> split(std::string_view line) {
    std::vector<std::string> fields;
    std::size_t at = 0;
    while (fields.size() <= most_columns) {
        at = std::min(line.find_first_not_of(" \t", at), line.size());
        std::string field;
        if (at < line.size() && line[at] == '"') {
            const std::size_t end = line.find('"', at + 1);
            if (end == std::string_view::npos) {
                return std::nullopt;
            }
            field = line.substr(at + 1, end - at - 1);
            at = end + 1;
        }
        const std::size_t comma = std::min(line.find(',', at), line.size());
        field += trimmed(line.substr(at, comma - at));
        fields.push_back(std::move(field));
        if (comma == line.size()) {
            break;
        }
        at = comma + 1;
    }
    return fields;
}

class Reader {
  public:
    Reader(const std::string& path, std::span<const CsvColumn> columns, config::Faults& faults)
        : path_(path), columns_(columns), faults_(faults) {}

    void read(const std::function<void(const CsvRow&)>& take) {
        std::error_code error;
        const std::uintmax_t bytes = std::filesystem::file_size(path_, error);
        std::ifstream file(path_, std::ios::binary);
        if (error || !file) {
            fault("cannot be read", "name a file that exists and may be read");
            return;
        }
        if (bytes > max_csv_bytes) {
            fault(fmt::format("has {} bytes", bytes), fmt::format("the largest is {} bytes", max_csv_bytes));
            return;
        }
        bool has_header = false;
        for (std::string text; std::getline(file, text);) {
            ++line_;
            if (text.find('\0') != std::string::npos) {
                fault("is no text", "give a table of comma-separated values");
                return;
            }
            const std::string_view line = trimmed(text);
            if (line.empty() || line.front() == '#') {
                continue;
            }
            const auto fields = split(line);
            if (!fields) {
                fault("a quote is not closed", "close it on the same line");
            } else if (!has_header) {
                if (!read_header(*fields)) {
                    return;
                }
                has_header = true;
            } else if (fields->size() != column_of_.size()) {
                fault(fmt::format("{} fields, where the first line has {}", fields->size(), column_of_.size()),
                      "give a field for each column");
            } else {
                take(row(*fields));
            }
            if (faults_.size() >= config::max_faults) {
                return;
            }
        }
        if (!has_header) {
            fault("has no first line with the names of columns", fmt::format("begin with {}", all_names()));
        }
    }

  private:
    [[nodiscard]] std::string all_names() const {
        std::string names;
        for (const CsvColumn& column : columns_) {
            names += (names.empty() ? "" : ",") + column.name;
        }
        return names;
    }

    void fault(std::string message, std::string remedy) {
        faults_.add({path_, line_, line_ == 0 ? 0U : 1U, ""}, std::move(message), std::move(remedy));
    }

    bool read_header(const std::vector<std::string>& fields) {
        std::vector<std::string> names;
        for (const CsvColumn& column : columns_) {
            names.push_back(column.name);
        }
        const std::size_t before = faults_.size();
        for (const std::string& field : fields) {
            const auto found = static_cast<std::size_t>(std::find(names.begin(), names.end(), field) - names.begin());
            if (found == names.size()) {
                fault(fmt::format("unknown column {}", config::in_quotes(field)),
                      config::suggestion(field, names, "the columns are"));
            } else if (std::find(column_of_.begin(), column_of_.end(), found) != column_of_.end()) {
                fault(fmt::format("column '{}' stands twice", field), "remove one");
            }
            column_of_.push_back(found);
        }
        for (std::size_t k = 0; k < columns_.size(); ++k) {
            if (columns_[k].mandatory && std::find(column_of_.begin(), column_of_.end(), k) == column_of_.end()) {
                fault(fmt::format("no column '{}'", names[k]), fmt::format("the columns are {}", all_names()));
            }
        }
        return faults_.size() == before;
    }

    [[nodiscard]] CsvRow row(const std::vector<std::string>& fields) const {
        CsvRow made{{path_, line_, 1, ""}, std::vector<std::string>(columns_.size())};
        for (std::size_t k = 0; k < fields.size(); ++k) {
            made.fields[column_of_[k]] = fields[k];
        }
        return made;
    }

    const std::string& path_;
    std::span<const CsvColumn> columns_;
    config::Faults& faults_;
    std::uint32_t line_ = 0;
    std::vector<std::size_t> column_of_; ///< by field of the file
};

} // namespace

void read_csv(const std::string& path, std::span<const CsvColumn> columns, config::Faults& faults,
              const std::function<void(const CsvRow&)>& take) {
    Reader(path, columns, faults).read(take);
}

} // namespace intarsia::noc
