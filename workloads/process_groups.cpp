#include "workloads/process_groups.hpp"

#include "config/faults.hpp"
#include "workloads/graph_check.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <utility>

namespace intarsia::workloads {

namespace {

using nlohmann::json;

constexpr const char* groups_remedy = R"(write {"1": [0, 1], "2": [2, 3]}: group numbers, each with its ranks)";

// Nothing (and a fault) unless `list` holds nothing but ranks.
std::optional<std::vector<std::uint32_t>> ranks_of(const json& list, const std::string& group, const SourcePlace& place,
                                                   FaultList& faults) {
    std::vector<std::uint32_t> ranks;
    bool sound = list.is_array();
    for (const json& rank : sound ? list : json::array()) {
        sound = sound && rank.is_number_unsigned() &&
                rank.get<std::uint64_t>() <= std::numeric_limits<std::uint32_t>::max();
        if (sound) {
            ranks.push_back(rank.get<std::uint32_t>());
        }
    }
    if (!sound) {
        faults.add(place, fmt::format("group {} is not given as a list of ranks", config::in_quotes(group)),
                   groups_remedy);
        return std::nullopt;
    }
    return ranks;
}

std::string text_of(const json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Whether the ranks exist and stand there once each; faults if not.
bool check_ranks(const GroupDefinition& group, std::size_t rank_count, FaultList& faults) {
    const std::uint64_t faults_before = faults.count();
    std::set<std::uint32_t> seen;
    for (const std::uint32_t rank : group.ranks) {
        if (rank >= rank_count) {
            faults.add(group.place,
                       fmt::format("group {} names rank {}, but the trace has {} rank{}", group.number, rank,
                                   rank_count, rank_count == 1 ? "" : "s"),
                       "give the traces of all ranks of the run, or correct the group");
        } else if (!seen.insert(rank).second) {
            faults.add(group.place, fmt::format("group {} names rank {} twice", group.number, rank),
                       "name each rank once");
        }
    }
    if (group.number == 0 && faults.count() == faults_before && group.ranks.size() != rank_count) {
        faults.add(group.place,
                   fmt::format("group 0 holds {} of {} ranks, but it means all ranks", group.ranks.size(), rank_count),
                   "give groups of some ranks a number from 1");
    }
    return faults.count() == faults_before;
}

// A use of a group by the collectives of one rank.
struct Use {
    std::uint32_t first_node = 0;
    std::uint64_t count = 0;
};

std::map<std::uint32_t, Use> uses_of(const ExecutionGraph& graph) {
    std::map<std::uint32_t, Use> uses;
    for (std::uint32_t i = 0; i < graph.nodes.size(); ++i) {
        if (graph.nodes[i].type == NodeType::comm_coll) {
            ++uses.try_emplace(graph.nodes[i].group, Use{i, 0}).first->second.count;
        }
    }
    return uses;
}

} // namespace

std::optional<std::uint32_t> group_number(std::string_view pg_name) {
    std::uint32_t number = 0;
    const char* const end = pg_name.data() + pg_name.size();
    const auto [stop, error] = std::from_chars(pg_name.data(), end, number);
    if (pg_name.empty()) {
        return 0;
    }
    return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

std::vector<GroupDefinition> read_groups_file(const std::string& path, FaultList& faults) {
    const SourcePlace place{path, 0, 0, ""};
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path)) {
        faults.add(place, "the groups file cannot be opened", "check the path and its permissions");
        return {};
    }
    std::set<std::string> keys;
    const auto watch_keys = [&](int depth, json::parse_event_t event, json& parsed) {
        if (depth == 1 && event == json::parse_event_t::key && !keys.insert(parsed.get<std::string>()).second) {
            faults.add(place, fmt::format("group {} is defined twice", config::in_quotes(parsed.get<std::string>())),
                       "define each group once");
        }
        return true;
    };
    json root;
    try {
        root = json::parse(file, watch_keys);
    } catch (const json::parse_error& error) {
        faults.add({path, 0, 0, fmt::format("byte {}", error.byte)}, "the groups file is not JSON", groups_remedy);
        return {};
    }
    if (!root.is_object()) {
        faults.add(place, "the groups file holds no JSON object", groups_remedy);
        return {};
    }
    std::vector<GroupDefinition> groups;
    for (const auto& [name, list] : root.items()) {
        const auto number = name.empty() ? std::nullopt : group_number(name);
        if (!number) {
            faults.add(place, fmt::format("group {} has no number for a name", config::in_quotes(name)), groups_remedy);
        } else if (auto ranks = ranks_of(list, name, place, faults)) {
            if (ranks->empty()) {
                faults.add(place, fmt::format("group {} has no ranks", config::in_quotes(name)), groups_remedy);
            } else {
                groups.push_back({*number, std::move(*ranks), place});
            }
        }
    }
    return groups;
}

std::vector<GroupDefinition> parse_process_groups(const std::string& values, const SourcePlace& place,
                                                  FaultList& faults) {
    constexpr const char* remedy = "record the trace again, or define the groups in a file given with --groups";
    const std::size_t first = values.find("[{");
    const std::size_t last = values.rfind("}]");
    if (first == std::string::npos || last == std::string::npos || last < first) {
        return {}; // an empty list: the run had no groups
    }
    const json list = json::parse(values.begin() + static_cast<std::ptrdiff_t>(first),
                                  values.begin() + static_cast<std::ptrdiff_t>(last + 2), nullptr, false);
    if (!list.is_array()) {
        faults.add(place, "the process groups are not JSON", remedy);
        return {};
    }
    std::vector<GroupDefinition> groups;
    for (const json& entry : list) {
        if (!entry.is_object() || !entry.contains("pg_name")) {
            faults.add(place, "a process group has no pg_name", remedy);
            continue;
        }
        const std::string name = text_of(entry["pg_name"]);
        const auto number = group_number(name);
        if (!number) {
            faults.add(place, fmt::format("process group {} has no number for a name", config::in_quotes(name)),
                       remedy);
        } else if (auto ranks = ranks_of(entry.value("ranks", json::array()), name, place, faults)) {
            groups.push_back({*number, std::move(*ranks), place});
        }
    }
    return groups;
}

void resolve_groups(Workload& workload, const std::vector<GroupDefinition>& from_file,
                    const std::vector<GroupDefinition>& from_traces, const std::vector<std::string>& files,
                    FaultList& faults) {
    const std::size_t rank_count = workload.ranks.size();
    std::vector<std::uint32_t> all(rank_count);
    std::iota(all.begin(), all.end(), 0U);

    std::vector<std::map<std::uint32_t, Use>> uses;
    std::set<std::uint32_t> used;
    for (const ExecutionGraph& graph : workload.ranks) {
        uses.push_back(uses_of(graph));
        for (const auto& [number, use] : uses.back()) {
            used.insert(number);
        }
    }

    std::set<std::uint32_t> refused;
    const auto define = [&](GroupDefinition group) {
        if (group.ranks.empty()) {
            group.ranks = all;
        }
        const auto known = workload.groups.find(group.number);
        if (known != workload.groups.end() && known->second != group.ranks) {
            faults.add(group.place,
                       fmt::format("group {} has other ranks here than where it was defined before", group.number),
                       "define it alike in all traces and in the groups file");
        } else if (known == workload.groups.end() && refused.count(group.number) == 0) {
            if (check_ranks(group, rank_count, faults)) {
                workload.groups.emplace(group.number, std::move(group.ranks));
            } else {
                refused.insert(group.number);
            }
        }
    };
    for (const GroupDefinition& group : from_file) {
        define(group);
    }
    for (const GroupDefinition& group : from_traces) {
        if (used.count(group.number) != 0) {
            define(group);
        }
    }
    workload.groups.insert_or_assign(0, all);

    for (std::size_t rank = 0; rank < rank_count; ++rank) {
        for (const auto& [number, use] : uses[rank]) {
            const SourcePlace place = place_of(files[rank], workload.ranks[rank], use.first_node);
            const auto group = workload.groups.find(number);
            if (group == workload.groups.end()) {
                if (refused.count(number) == 0) {
                    faults.add(place,
                               fmt::format("its group {} (pg_name) is not defined; {} collectives of this rank use it",
                                           number, use.count),
                               "define it in a groups file given with --groups");
                }
            } else if (std::find(group->second.begin(), group->second.end(), rank) == group->second.end()) {
                faults.add(place,
                           fmt::format("rank {} does not belong to its group {}; {} collectives of this rank use it",
                                       rank, number, use.count),
                           "add the rank to the group, or correct pg_name");
            }
        }
    }
}

} // namespace intarsia::workloads
