// Reads a file of messages that are each preceded by their length, plain or gzip-compressed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace intarsia::workloads {

/// A stream of length-delimited messages: base-128 varint, then that many bytes. Memory use is bounded by the
/// bytes that the file really holds, whatever lengths it claims. Offsets count uncompressed bytes.
///
/// A compressed file is recognised by its content. zlib's file interface is used instead of protobuf's
/// GzipInputStream because that takes a file cut off at any point for a complete one.
class MessageFile {
  public:
    /// Longest message accepted. Real nodes hold a few hundred bytes; metadata may embed a whole input file.
    static constexpr std::uint64_t max_message_bytes = 256ULL << 20U;

    /// Throws InputError if the file cannot be opened.
    explicit MessageFile(std::string path);
    ~MessageFile();
    MessageFile(const MessageFile&) = delete;
    MessageFile& operator=(const MessageFile&) = delete;

    /// Reads the next message; false at the end of the file. Throws InputError with the byte offset where the
    /// file is cut off, its compression is damaged, or a length makes no sense.
    bool next(std::string& message);

    /// Offset of the length prefix of the message read last.
    [[nodiscard]] std::uint64_t message_offset() const { return message_offset_; }
    /// Offset of the next byte to read.
    [[nodiscard]] std::uint64_t offset() const { return offset_; }

  private:
    struct Handle;

    bool read_length(std::uint64_t& length);
    std::size_t read_bytes(char* target, std::size_t count);
    [[noreturn]] void refuse(std::uint64_t offset, std::string message) const;

    std::string path_;
    std::unique_ptr<Handle> handle_;
    std::uint64_t offset_ = 0;
    std::uint64_t message_offset_ = 0;
};

} // namespace intarsia::workloads
