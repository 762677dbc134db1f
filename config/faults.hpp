// Collects every fault of an input, so that they are reported together.
#pragma once

#include "config/errors.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace intarsia::config {

/// More faults than this are not kept: nobody reads them, and a hostile file could have millions.
inline constexpr std::size_t max_faults = 200;

/// The faults found so far. The same fault at the same place counts once (a default that many elements
/// inherit is read many times).
class Faults {
  public:
    void add(SourcePlace place, std::string message, std::string remedy);
    [[nodiscard]] bool empty() const { return faults_.empty(); }
    [[nodiscard]] std::size_t size() const { return faults_.size(); }
    /// Throws InputError with all faults, by file (in order of first mention), line and column; returns if
    /// none.
    void throw_if_any() const;

  private:
    std::vector<Diagnostic> faults_;
};

/// User text for a message of one line: in single quotes, control characters escaped, cut to 60 bytes.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// The candidate that differs least from `word` (insertions, deletions, replacements and swaps of neighbours,
/// letter case ignored), if it is near enough to be meant: at most one edit for each three letters. Otherwise
/// "".
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// `did you mean 'x'?` if a candidate is near, else `subject` and the list of all candidates.
[[nodiscard]] std::string suggestion(std::string_view word, std::span<const std::string> candidates,
                                     std::string_view subject);

} // namespace intarsia::config
