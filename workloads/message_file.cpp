#include "workloads/message_file.hpp"

#include "config/errors.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <utility>
#include <zlib.h>

namespace intarsia::workloads {

struct MessageFile::Handle {
    gzFile file = nullptr;
};

MessageFile::MessageFile(std::string path) : path_(std::move(path)), handle_(std::make_unique<Handle>()) {
    // A folder can be opened for reading, but not read; zlib would call that an empty file.
    std::error_code ignored;
    if (std::filesystem::is_directory(path_, ignored)) {
        throw InputError({{path_, 0, 0, ""}, "is a folder", "name a trace file"});
    }
    handle_->file = gzopen(path_.c_str(), "rb");
    if (handle_->file == nullptr) {
        throw InputError({{path_, 0, 0, ""},
                          fmt::format("cannot be opened: {}", std::strerror(errno)),
                          "check the path and its permissions"});
    }
    gzbuffer(handle_->file, 256U << 10U);
}

MessageFile::~MessageFile() {
    gzclose(handle_->file);
}

void MessageFile::refuse(std::uint64_t offset, std::string message) const {
    throw InputError({{path_, 0, 0, fmt::format("byte {}", offset)},
                      std::move(message),
                      "write or copy the trace again; it must be a Chakra execution trace (v0.0.4)"});
}

std::size_t MessageFile::read_bytes(char* target, std::size_t count) {
    const int got = gzread(handle_->file, target, static_cast<unsigned>(count));
    int error = Z_OK;
    const char* reason = gzerror(handle_->file, &error);
    if (got < 0 || (error != Z_OK && error != Z_STREAM_END)) {
        refuse(offset_ + static_cast<std::uint64_t>(std::max(got, 0)),
               error == Z_BUF_ERROR ? std::string("the compressed file is cut off")
                                    : fmt::format("the compressed file cannot be read: {}", reason));
    }
    offset_ += static_cast<std::uint64_t>(got);
    return static_cast<std::size_t>(got);
}

bool MessageFile::read_length(std::uint64_t& length) {
    constexpr unsigned bits_per_byte = 7;
    length = 0;
    for (unsigned shift = 0; shift < 64; shift += bits_per_byte) {
        char byte = 0;
        if (read_bytes(&byte, 1) == 0) {
            if (shift == 0) {
                return false;
            }
            refuse(message_offset_, "the file ends within the length of a message");
        }
        length |= static_cast<std::uint64_t>(static_cast<unsigned char>(byte) & 0x7FU) << shift;
        if ((static_cast<unsigned char>(byte) & 0x80U) == 0) {
            return true;
        }
    }
    refuse(message_offset_, "the length of a message has more than 10 bytes");
}

bool MessageFile::next(std::string& message) {
    constexpr std::size_t chunk_bytes = 1U << 20U;
    message_offset_ = offset_;
    message.clear();
    std::uint64_t length = 0;
    if (!read_length(length)) {
        return false;
    }
    if (length > max_message_bytes) {
        refuse(message_offset_,
               fmt::format("a message claims {} bytes, more than the {} that are accepted", length, max_message_bytes));
    }
    while (message.size() < length) {
        const std::size_t have = message.size();
        const std::size_t wanted = std::min<std::size_t>(length - have, chunk_bytes);
        message.resize(have + wanted);
        const std::size_t got = read_bytes(message.data() + have, wanted);
        if (got < wanted) {
            refuse(message_offset_, fmt::format("the message here has {} bytes, but the file ends after {} of them",
                                                length, have + got));
        }
    }
    return true;
}

} // namespace intarsia::workloads
