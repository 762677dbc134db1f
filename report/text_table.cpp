#include "report/text_table.hpp"

#include <algorithm>
#include <numeric>

namespace intarsia::report {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest = 5;

bool starts_code_point(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

// Position of code point number `index`, or the end.
std::size_t position_of(std::string_view text, std::size_t index) {
    std::size_t position = 0;
    for (; position < text.size(); ++position) {
        if (starts_code_point(text[position]) && index-- == 0) {
            break;
        }
    }
    return position;
}

} // namespace

std::size_t text_width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_code_point));
}

std::string shorten(std::string_view text, std::size_t width) {
    width = std::max(width, narrowest);
    const std::size_t all = text_width(text);
    if (all <= width) {
        return std::string(text);
    }
    // The end of a name tells more than its beginning: an odd code point goes there.
    const std::size_t head = (width - 3) / 2;
    const std::size_t tail = width - 3 - head;
    std::string result(text.substr(0, position_of(text, head)));
    result += "...";
    return result += text.substr(position_of(text, all - tail));
}

std::string wrap(std::string_view text, std::size_t width, std::size_t indent) {
    std::string lines;
    std::string line;
    bool fresh = true; // no word stands on the line; runs of spaces are empty words
    while (!text.empty()) {
        const std::size_t space = std::min(text.find(' '), text.size());
        const std::string word = shorten(text.substr(0, space), width - indent);
        text.remove_prefix(std::min(space + 1, text.size()));
        if (!fresh && text_width(line) + 1 + text_width(word) > width) {
            lines += line + "\n";
            line = std::string(indent, ' ') + word;
        } else {
            line += (fresh ? "" : " ") + word;
        }
        fresh = false;
    }
    return lines + line + "\n";
}

std::vector<std::string> TextTable::lines(std::size_t first_width, std::size_t width) const {
    std::vector<std::size_t> widths;
    for (const std::vector<std::string>& cells : rows_) {
        widths.resize(std::max(widths.size(), cells.size()), 0);
        for (std::size_t column = 0; column < cells.size(); ++column) {
            widths[column] = std::max(widths[column], text_width(cells[column]));
        }
    }
    std::vector<std::string> result;
    if (widths.empty()) {
        return result;
    }
    const std::size_t others = std::accumulate(widths.begin() + 1, widths.end(), gap * (widths.size() - 1));
    widths[0] = std::min(std::max(widths[0], first_width), std::max(width - std::min(others, width), narrowest));
    for (const std::vector<std::string>& cells : rows_) {
        std::string line;
        for (std::size_t column = 0; column < cells.size(); ++column) {
            const std::string cell = column == 0 ? shorten(cells[0], widths[0]) : cells[column];
            const std::size_t padding = widths[column] - text_width(cell);
            if (column == 0) {
                line += cell;
                line.append(padding, ' ');
            } else {
                line.append(gap + padding, ' ');
                line += cell;
            }
        }
        line.erase(line.find_last_not_of(' ') + 1);
        result.push_back(line + "\n");
    }
    return result;
}

} // namespace intarsia::report
