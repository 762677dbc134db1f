// Transfers cut into bursts, and the bytes that a memory holds.
#include "memory/tlm/payload_walk.hpp"
#include "memory/tlm/sparse_bytes.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <numeric>
#include <vector>

using namespace intarsia::memory;

namespace {

std::vector<std::uint64_t> bursts(const TransferShape& shape, std::uint32_t burst_bytes = 32) {
    std::vector<std::uint64_t> result;
    for (PayloadWalk walk(shape, burst_bytes); !walk.at_end(); walk.next()) {
        result.push_back(walk.burst());
    }
    return result;
}

using Bursts = std::vector<std::uint64_t>;

} // namespace

TEST_CASE("a transfer meets each burst that it touches once") {
    CHECK(bursts({64, 32, 32}) == Bursts{2});
    CHECK(bursts({64, 1, 1}) == Bursts{2});
    CHECK(bursts({95, 1, 1}) == Bursts{2});
    CHECK(bursts({95, 2, 2}) == Bursts{2, 3});
    CHECK(bursts({1, 96, 96}) == Bursts{0, 1, 2, 3});
    CHECK(bursts({0, 96, 1000}) == Bursts{0, 1, 2});
    CHECK(bursts({0, 256, 256}, 64) == Bursts{0, 1, 2, 3});
}

TEST_CASE("a streaming transfer meets its bursts again with each beat") {
    CHECK(bursts({64, 12, 4}) == Bursts{2, 2, 2});
    CHECK(bursts({62, 10, 4}) == Bursts{1, 2, 1, 2, 1});
    CHECK(bursts({0, 128, 64}) == Bursts{0, 1, 0, 1});
}

TEST_CASE("bursts without an enabled byte are left out") {
    const std::array<unsigned char, 4> last_of_four{0, 0, 0, 0xff};
    CHECK(bursts({30, 4, 4, last_of_four.data(), 4}) == Bursts{1});
    CHECK(bursts({0, 64, 64, last_of_four.data(), 4}) == Bursts{0, 1});
    const std::array<unsigned char, 64> half = [] {
        std::array<unsigned char, 64> enables{};
        std::fill(enables.begin() + 32, enables.end(), static_cast<unsigned char>(0xff));
        return enables;
    }();
    CHECK(bursts({0, 256, 256, half.data(), 64}) == Bursts{1, 3, 5, 7});
    const unsigned char nothing = 0;
    CHECK(bursts({0, 256, 256, &nothing, 1}).empty());
}

TEST_CASE("faults of a transfer are told apart") {
    constexpr std::uint64_t size = 1024;
    CHECK(check_shape({0, 1024, 1024}, size) == ShapeFault::none);
    CHECK(check_shape({1023, 1, 1}, size) == ShapeFault::none);
    CHECK(check_shape({1020, 64, 4}, size) == ShapeFault::none);
    CHECK(check_shape({0, 0, 1}, size) == ShapeFault::burst);
    CHECK(check_shape({0, 1, 0}, size) == ShapeFault::burst);
    CHECK(check_shape({1024, 1, 1}, size) == ShapeFault::address);
    CHECK(check_shape({1021, 64, 4}, size) == ShapeFault::address);
    CHECK(check_shape({UINT64_MAX, UINT32_MAX, UINT32_MAX}, size) == ShapeFault::address);
    const std::array<unsigned char, 3> wrong{0xff, 1, 0};
    CHECK(check_shape({0, 3, 3, wrong.data(), 3}, size) == ShapeFault::byte_enable);
    CHECK(check_shape({0, 3, 3, wrong.data(), 1}, size) == ShapeFault::none);
    CHECK(check_shape({0, 3, 3, wrong.data(), 0}, size) == ShapeFault::byte_enable);
}

TEST_CASE("pages come into being when they are written") {
    SparseBytes memory;
    std::vector<unsigned char> data(10'000);
    std::iota(data.begin(), data.end(), static_cast<unsigned char>(1));
    const std::uint64_t far = (std::uint64_t{1} << 40U) - 5;
    memory.write(far, data.data(), data.size());
    CHECK(memory.pages() == 4);
    std::vector<unsigned char> back(10'010, 0xaa);
    memory.read(far - 5, back.data(), back.size());
    CHECK(memory.pages() == 4);
    CHECK(std::vector<unsigned char>(back.begin(), back.begin() + 5) == std::vector<unsigned char>(5, 0));
    CHECK(std::vector<unsigned char>(back.begin() + 5, back.end() - 5) == data);
    CHECK(std::vector<unsigned char>(back.end() - 5, back.end()) == std::vector<unsigned char>(5, 0));
}
