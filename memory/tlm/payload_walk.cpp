#include "memory/tlm/payload_walk.hpp"

#include <algorithm>

namespace intarsia::memory {

ShapeFault check_shape(const TransferShape& shape, std::uint64_t bytes) {
    if (shape.length == 0 || shape.width == 0) {
        return ShapeFault::burst;
    }
    if (shape.address >= bytes || shape.extent() > bytes - shape.address) {
        return ShapeFault::address;
    }
    if (shape.enables != nullptr) {
        const unsigned char* end = shape.enables + shape.enable_length;
        const auto valid = [](unsigned char enable) { return enable == 0 || enable == 0xff; };
        if (shape.enable_length == 0 || !std::all_of(shape.enables, end, valid)) {
            return ShapeFault::byte_enable;
        }
    }
    return ShapeFault::none;
}

PayloadWalk::PayloadWalk(const TransferShape& shape, std::uint32_t burst_bytes)
    : shape_(shape), burst_bytes_(burst_bytes) {
    if (!run_is_enabled()) {
        next();
    }
}

void PayloadWalk::next() {
    do {
        byte_ = end_of_run();
    } while (!at_end() && !run_is_enabled());
}

std::uint32_t PayloadWalk::end_of_run() const {
    const std::uint32_t in_beat = byte_ % shape_.width;
    const auto in_burst = static_cast<std::uint32_t>(shape_.address_of(byte_) % burst_bytes_);
    return byte_ + std::min({burst_bytes_ - in_burst, shape_.width - in_beat, shape_.length - byte_});
}

bool PayloadWalk::run_is_enabled() const {
    if (shape_.enables == nullptr) {
        return true;
    }
    const std::uint32_t end = end_of_run();
    for (std::uint32_t byte = byte_; byte != end; ++byte) {
        if (shape_.enabled(byte)) {
            return true;
        }
    }
    return false;
}

} // namespace intarsia::memory
