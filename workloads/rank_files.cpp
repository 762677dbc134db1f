#include "workloads/rank_files.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>

namespace intarsia::workloads {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view plain_suffix = ".et";
constexpr std::string_view compressed_suffix = ".et.gz";

} // namespace

std::string rank_path(const std::string& prefix, std::uint32_t rank) {
    return fmt::format("{}.{}{}", prefix, rank, plain_suffix);
}

std::optional<std::uint32_t> rank_of(std::string_view file_name, std::string_view stem) {
    if (!file_name.starts_with(stem)) {
        return std::nullopt;
    }
    std::string_view rest = file_name.substr(stem.size());
    if (rest.ends_with(compressed_suffix)) {
        rest.remove_suffix(compressed_suffix.size());
    } else if (rest.ends_with(plain_suffix)) {
        rest.remove_suffix(plain_suffix.size());
    } else {
        return std::nullopt;
    }
    if (rest.size() < 2 || rest[0] != '.' || (rest[1] == '0' && rest.size() > 2)) {
        return std::nullopt;
    }
    std::uint32_t rank = 0;
    const char* const end = rest.data() + rest.size();
    const auto [stop, error] = std::from_chars(rest.data() + 1, end, rank);
    return error == std::errc() && stop == end ? std::optional(rank) : std::nullopt;
}

std::vector<std::uint32_t> existing_ranks(const std::string& prefix) {
    const fs::path path(prefix);
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    const std::string stem = path.filename().string();
    std::vector<std::uint32_t> ranks;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        if (const auto rank = rank_of(entry->path().filename().string(), stem)) {
            ranks.push_back(*rank);
        }
    }
    std::sort(ranks.begin(), ranks.end());
    return ranks;
}

std::vector<std::string> find_rank_files(const std::string& prefix, FaultList& faults) {
    const std::vector<std::uint32_t> ranks = existing_ranks(prefix);
    if (ranks.empty()) {
        std::error_code ignored;
        faults.add({prefix, 0, 0, ""}, fmt::format("there is no trace file {}", rank_path(prefix, 0)),
                   fs::exists(prefix, ignored) ? "give the part of the name before .RANK.et" : "check the path");
    }
    std::vector<std::string> paths;
    std::uint64_t expected = 0;
    for (const std::uint32_t rank : ranks) {
        const std::string path = rank_path(prefix, rank);
        if (rank < expected) {
            faults.add({path, 0, 0, ""}, "the rank has a plain and a compressed file", "remove one of them");
            continue;
        }
        if (rank > expected) {
            faults.add({rank_path(prefix, static_cast<std::uint32_t>(expected)), 0, 0, ""},
                       rank == expected + 1
                           ? fmt::format("the file of rank {} is missing, but there is one of rank {}", expected, rank)
                           : fmt::format("the files of ranks {} to {} are missing, but there is one of rank {}",
                                         expected, rank - 1, rank),
                       "give the files of all ranks");
        }
        std::error_code ignored;
        paths.push_back(fs::exists(path, ignored) ? path : path + ".gz");
        expected = std::uint64_t{rank} + 1;
    }
    return paths;
}

} // namespace intarsia::workloads
