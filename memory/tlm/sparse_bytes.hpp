// What a memory holds, as far as anybody wrote it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>

namespace intarsia::memory {

/// Bytes in pages that come into being when they are written; all others read as 0.
class SparseBytes {
  public:
    static constexpr std::uint64_t page_bytes = 4096;

    void read(std::uint64_t address, unsigned char* data, std::uint64_t bytes) const;
    void write(std::uint64_t address, const unsigned char* data, std::uint64_t bytes);
    [[nodiscard]] std::uint64_t pages() const { return pages_.size(); }

  private:
    using Page = std::array<unsigned char, page_bytes>;
    std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_; ///< by address / page_bytes
};

} // namespace intarsia::memory
