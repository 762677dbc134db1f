#include "metrics/statistics.hpp"

#include "config/errors.hpp"
#include "metrics/formula.hpp"

namespace intarsia::metrics {

namespace {

[[noreturn]] void fail(std::string_view what, std::string_view path, std::string_view name) {
    throw InvariantError("statistic '" + std::string(name) + "' of '" + std::string(path) + "' " + std::string(what));
}

double as_number(const Statistic& statistic) {
    if (const auto* count = std::get_if<std::uint64_t>(&statistic.value)) {
        return static_cast<double>(*count);
    }
    if (const auto* real = std::get_if<double>(&statistic.value)) {
        return *real;
    }
    fail("is text, not a number", statistic.path, statistic.name);
}

std::string key(std::string_view path, std::string_view name) {
    std::string text(path);
    text += '\n'; // in no path and in no name
    return text += name;
}

Statistic declared(std::string_view path, const StatisticKind& kind, StatisticValue value) {
    return {std::string(path),         std::string(kind.name), std::string(kind.unit), std::string(kind.description),
            std::string(kind.formula), std::move(value)};
}

} // namespace

void Statistics::add(std::string_view path, const StatisticKind& kind, StatisticValue value) {
    require(kind.formula.empty(), "a statistic with a formula is derived, not counted");
    insert(declared(path, kind, std::move(value)));
}

void Statistics::derive(std::string_view path, const StatisticKind& kind) {
    const auto value_of = [&](std::string_view name) {
        std::string_view place = path;
        const Statistic* found = find(place, name);
        while (found == nullptr && !place.empty()) {
            const std::size_t dot = place.rfind('.');
            place = dot == std::string_view::npos ? std::string_view() : place.substr(0, dot);
            found = find(place, name);
        }
        if (found == nullptr) {
            fail("is used by a formula and not registered", path, name);
        }
        return as_number(*found);
    };
    insert(declared(path, kind, evaluate_formula(kind.formula, value_of)));
}

void Statistics::append(const Statistics& others) {
    for (const Statistic& statistic : others.all_) {
        insert(statistic);
    }
}

const Statistic* Statistics::find(std::string_view path, std::string_view name) const {
    const auto found = index_.find(key(path, name));
    return found == index_.end() ? nullptr : &all_[found->second];
}

double Statistics::number(std::string_view path, std::string_view name) const {
    const Statistic* found = find(path, name);
    if (found == nullptr) {
        fail("is not registered", path, name);
    }
    return as_number(*found);
}

void Statistics::insert(Statistic statistic) {
    const bool is_new = index_.try_emplace(key(statistic.path, statistic.name), all_.size()).second;
    if (!is_new) {
        fail("is registered twice", statistic.path, statistic.name);
    }
    all_.push_back(std::move(statistic));
}

} // namespace intarsia::metrics
