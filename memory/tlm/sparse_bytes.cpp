#include "memory/tlm/sparse_bytes.hpp"

#include <algorithm>
#include <cstring>

namespace intarsia::memory {

namespace {

// Calls `part(page, offset in the page, offset in the data, bytes)` for each page that the range touches.
template <class Part>
void for_each_page(std::uint64_t address, std::uint64_t bytes, const Part& part) {
    for (std::uint64_t done = 0; done != bytes;) {
        const std::uint64_t offset = (address + done) % SparseBytes::page_bytes;
        const std::uint64_t count = std::min(SparseBytes::page_bytes - offset, bytes - done);
        part((address + done) / SparseBytes::page_bytes, offset, done, count);
        done += count;
    }
}

} // namespace

void SparseBytes::read(std::uint64_t address, unsigned char* data, std::uint64_t bytes) const {
    for_each_page(address, bytes, [&](std::uint64_t page, std::uint64_t offset, std::uint64_t at, std::uint64_t count) {
        const auto found = pages_.find(page);
        if (found == pages_.end()) {
            std::memset(data + at, 0, count);
        } else {
            std::memcpy(data + at, found->second->data() + offset, count);
        }
    });
}

void SparseBytes::write(std::uint64_t address, const unsigned char* data, std::uint64_t bytes) {
    for_each_page(address, bytes, [&](std::uint64_t page, std::uint64_t offset, std::uint64_t at, std::uint64_t count) {
        std::unique_ptr<Page>& held = pages_[page];
        if (!held) {
            held = std::make_unique<Page>();
        }
        std::memcpy(held->data() + offset, data + at, count);
    });
}

} // namespace intarsia::memory
