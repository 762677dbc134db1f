#include "memory/standalone/text_lines.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

namespace intarsia::memory {

namespace {

constexpr std::size_t piece = 1U << 18U;

[[noreturn]] void unreadable(const std::string& path, const char* reason) {
    throw InputError({{path, 0, 0, ""}, std::string("cannot be read: ") + reason, "give the path of a readable file"});
}

} // namespace

TextLines::TextLines(const std::string& path) : path_(path), buffer_(piece) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
        unreadable(path, "it is a directory");
    }
    file_.open(path, std::ios::binary);
    if (!file_) {
        unreadable(path, std::strerror(errno));
    }
}

bool TextLines::fill() {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    file_.read(buffer_.data() + end_, static_cast<std::streamsize>(buffer_.size() - end_));
    if (file_.bad()) {
        unreadable(path_, "the system reports an error");
    }
    const auto got = static_cast<std::size_t>(file_.gcount());
    end_ += got;
    return got != 0;
}

bool TextLines::next(std::string_view& line) {
    too_long_ = false;
    ++line_;
    std::size_t seen = 0;
    while (true) {
        const char* const first = buffer_.data() + begin_;
        const void* const found = std::memchr(first + seen, '\n', end_ - begin_ - seen);
        if (found != nullptr || end_ - begin_ > longest) {
            const std::size_t length =
                found != nullptr ? static_cast<std::size_t>(static_cast<const char*>(found) - first) : end_ - begin_;
            too_long_ = length > longest;
            line = {first, std::min(length, longest)};
            begin_ += length + (found != nullptr ? 1 : 0);
            break;
        }
        seen = end_ - begin_;
        if (!fill()) {
            if (begin_ == end_) {
                return false;
            }
            line = {buffer_.data() + begin_, end_ - begin_};
            begin_ = end_;
            break;
        }
    }
    if (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
    }
    return true;
}

std::size_t split_words(std::string_view line, std::vector<std::string_view>& words) {
    constexpr std::string_view separators = " \t,";
    std::size_t count = 0;
    for (std::size_t at = line.find_first_not_of(separators); at != std::string_view::npos;) {
        const std::size_t end = std::min(line.find_first_of(separators, at), line.size());
        if (count < words.size()) {
            words[count] = line.substr(at, end - at);
        }
        ++count;
        at = line.find_first_not_of(separators, end);
    }
    return count;
}

bool parse_number(std::string_view text, std::uint64_t& value, bool hexadecimal) {
    int base = hexadecimal ? 16 : 10;
    if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        text.remove_prefix(2);
        base = 16;
    }
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value, base);
    return parsed.ec == std::errc() && parsed.ptr == end;
}

} // namespace intarsia::memory
