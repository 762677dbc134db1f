// Plain text in aligned columns and lines of bounded width. Widths count code points of UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace intarsia::report {

/// Code points of `text`.
[[nodiscard]] std::size_t text_width(std::string_view text);

/// `text`, or its beginning and end around "..." when it is wider than `width` (at least 5).
[[nodiscard]] std::string shorten(std::string_view text, std::size_t width);

/// `text` broken at spaces into lines of at most `width`, those after the first indented; each ends with a
/// newline.
[[nodiscard]] std::string wrap(std::string_view text, std::size_t width, std::size_t indent);

/// Rows of cells: the first column to the left, all others to the right, two spaces between.
class TextTable {
  public:
    void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

    /// The lines of the table, each ending with a newline. The first column is at least `first_width` wide
    /// where that fits; its cells are shortened, those of the others never, so that no line is wider than
    /// `width`.
    [[nodiscard]] std::vector<std::string> lines(std::size_t first_width, std::size_t width) const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

} // namespace intarsia::report
