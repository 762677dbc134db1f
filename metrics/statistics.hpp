// The finished figures of a run, each with its unit and meaning; printers and stores read them and know no
// model.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace intarsia::metrics {

/// The one declaration of a statistic, usually a constexpr beside the counter. The name carries the unit
/// where that is not obvious ("read_bytes"); `formula` (metrics/formula.hpp) is empty for what is counted and
/// not derived.
struct StatisticKind {
    std::string_view name;
    std::string_view unit;
    std::string_view description;
    std::string_view formula = {};
};

using StatisticValue = std::variant<std::uint64_t, double, std::string>;

/// A finished figure: `path` is the place in the package ("die0.noc", "hbm0.channel3"), empty for the whole
/// run.
struct Statistic {
    std::string path;
    std::string name;
    std::string unit;
    std::string description;
    std::string formula;
    StatisticValue value;
};

/// The registry. Its order is that of registration, so equal runs give equal outputs.
class Statistics {
  public:
    /// Registers a counted value. Path and name together are unique.
    void add(std::string_view path, const StatisticKind& kind, StatisticValue value);

    /// Registers a derived value, computed now. Names in the formula are statistics of the same path, else of
    /// the nearest enclosing one ("hbm0.channel3", "hbm0", the whole run), registered before.
    void derive(std::string_view path, const StatisticKind& kind);

    /// Appends all of `others`.
    void append(const Statistics& others);

    [[nodiscard]] const std::vector<Statistic>& all() const { return all_; }
    /// The statistic of exactly this path, or nullptr.
    [[nodiscard]] const Statistic* find(std::string_view path, std::string_view name) const;
    /// The value of a statistic that exists and is a number.
    [[nodiscard]] double number(std::string_view path, std::string_view name) const;

  private:
    void insert(Statistic statistic);

    std::vector<Statistic> all_;
    std::map<std::string, std::size_t> index_; // key() to place in all_
};

} // namespace intarsia::metrics
