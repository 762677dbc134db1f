// Files of text, line by line, whatever they really hold.
#pragma once

#include "config/errors.hpp"

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace intarsia::memory {

/// Reads a file of any size in pieces. Lines end at "\n" or "\r\n"; a longer line than `longest` is cut there and
/// reported by `too_long()`, so that a file without line breaks does no harm.
class TextLines {
  public:
    static constexpr std::size_t longest = 1024;

    /// Throws InputError where the file cannot be read.
    explicit TextLines(const std::string& path);

    /// The next line, valid until the next call; false at the end. Throws InputError when reading fails.
    bool next(std::string_view& line);
    [[nodiscard]] bool too_long() const { return too_long_; }
    /// Place of the line last read.
    [[nodiscard]] SourcePlace place() const { return {path_, line_, 1, ""}; }
    [[nodiscard]] std::uint32_t line() const { return line_; }

  private:
    bool fill();

    std::string path_;
    std::ifstream file_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint32_t line_ = 0;
    bool too_long_ = false;
};

/// The words of a line: what stands between spaces, tabs and commas. At most `words.size()` are kept; returns how many
/// there are.
std::size_t split_words(std::string_view line, std::vector<std::string_view>& words);

/// Reads all of `text` as a number, hexadecimal after "0x" (or without it, if `hexadecimal`).
[[nodiscard]] bool parse_number(std::string_view text, std::uint64_t& value, bool hexadecimal = false);

} // namespace intarsia::memory
