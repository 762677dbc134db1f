// How a transfer of any length, alignment, streaming width and byte enables falls into bursts.
#pragma once

#include <cstdint>

namespace intarsia::memory {

/// The attributes of a TLM-2.0 generic payload that say which bytes move (IEEE Std 1666-2011, clauses 14.6 to 14.13).
/// Byte i of the data is the byte at `address + i % width`; it moves if `enables` is null or
/// `enables[i % enable_length]` is 0xff.
struct TransferShape {
    std::uint64_t address = 0;
    std::uint32_t length = 0;
    std::uint32_t width = 0; ///< streaming width; at `length` or above: no streaming
    const unsigned char* enables = nullptr;
    std::uint32_t enable_length = 0;

    [[nodiscard]] std::uint32_t extent() const { return width < length ? width : length; }
    [[nodiscard]] std::uint64_t address_of(std::uint32_t byte) const { return address + byte % width; }
    [[nodiscard]] bool enabled(std::uint32_t byte) const {
        return enables == nullptr || enables[byte % enable_length] != 0;
    }
};

/// What a memory may have against a transfer.
enum class ShapeFault : std::uint8_t {
    none,
    burst,       ///< no bytes, or a streaming width of none
    address,     ///< a byte beyond the memory
    byte_enable, ///< an enable that is neither 0 nor 0xff, or an array of none
};

/// Checks a transfer against a memory of `bytes` bytes from address 0.
[[nodiscard]] ShapeFault check_shape(const TransferShape& shape, std::uint64_t bytes);

/// The bursts of a transfer, in the order of its data. A burst is met once for each run of consecutive data bytes in it
/// (streaming meets it again and again), and not at all where none of that run is enabled.
class PayloadWalk {
  public:
    PayloadWalk() = default;
    /// `shape` must be free of faults.
    PayloadWalk(const TransferShape& shape, std::uint32_t burst_bytes);

    [[nodiscard]] bool at_end() const { return byte_ == shape_.length; }
    /// The number of the burst, counted from address 0. Not at the end.
    [[nodiscard]] std::uint64_t burst() const { return shape_.address_of(byte_) / burst_bytes_; }
    void next();
    [[nodiscard]] const TransferShape& shape() const { return shape_; }

  private:
    [[nodiscard]] std::uint32_t end_of_run() const;
    [[nodiscard]] bool run_is_enabled() const;

    TransferShape shape_;
    std::uint32_t burst_bytes_ = 1;
    std::uint32_t byte_ = 0; ///< of the data, the first of the run
};

} // namespace intarsia::memory
