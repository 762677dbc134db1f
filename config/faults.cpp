#include "config/faults.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <numeric>
#include <tuple>

namespace intarsia::config {

namespace {

bool same(const Diagnostic& a, const Diagnostic& b) {
    return a.place.file == b.place.file && a.place.line == b.place.line && a.place.column == b.place.column &&
           a.place.where == b.place.where && a.message == b.message;
}

char lower(char letter) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
}

/// Optimal string alignment distance (Levenshtein with swaps of neighbours), letter case ignored.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1])) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
        std::swap(before_last, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

} // namespace

void Faults::add(SourcePlace place, std::string message, std::string remedy) {
    Diagnostic fault{std::move(place), std::move(message), std::move(remedy)};
    const bool known =
        std::any_of(faults_.begin(), faults_.end(), [&](const Diagnostic& other) { return same(fault, other); });
    if (!known && faults_.size() < max_faults) {
        faults_.push_back(std::move(fault));
    }
}

void Faults::throw_if_any() const {
    if (faults_.empty()) {
        return;
    }
    std::vector<std::string> files;
    for (const Diagnostic& fault : faults_) {
        if (std::find(files.begin(), files.end(), fault.place.file) == files.end()) {
            files.push_back(fault.place.file);
        }
    }
    std::vector<Diagnostic> sorted = faults_;
    const auto key = [&](const Diagnostic& fault) {
        return std::tuple(std::find(files.begin(), files.end(), fault.place.file), fault.place.line,
                          fault.place.column);
    };
    std::stable_sort(sorted.begin(), sorted.end(),
                     [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
    throw InputError(std::move(sorted));
}

std::string in_quotes(std::string_view text) {
    constexpr std::size_t longest = 60;
    std::string result = "'";
    for (const char letter : text.substr(0, longest)) {
        const auto code = static_cast<unsigned char>(letter);
        if (code < 0x20U || code == 0x7FU) {
            result += fmt::format("\\x{:02x}", code);
        } else {
            result += letter;
        }
    }
    return result + (text.size() > longest ? "...'" : "'");
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
    std::string best;
    std::size_t best_distance = 0;
    for (const std::string& candidate : candidates) {
        const std::size_t limit = std::max<std::size_t>(1, candidate.size() / 3);
        const std::size_t difference =
            std::max(word.size(), candidate.size()) - std::min(word.size(), candidate.size());
        if (difference > limit) {
            continue;
        }
        const std::size_t edits = distance(word, candidate);
        // All letters replaced is no likeness, however short the word.
        if (edits <= limit && edits < candidate.size() && (best.empty() || edits < best_distance)) {
            best = candidate;
            best_distance = edits;
        }
    }
    return best;
}

std::string suggestion(std::string_view word, std::span<const std::string> candidates, std::string_view subject) {
    const std::string near = nearest(word, candidates);
    if (!near.empty()) {
        return fmt::format("did you mean '{}'?", near);
    }
    return candidates.empty() ? std::string("there are none")
                              : fmt::format("{} {}", subject, fmt::join(candidates, ", "));
}

} // namespace intarsia::config
