#include "report/input_hash.hpp"

#include "config/errors.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <xxhash.h>

namespace intarsia::report {

std::string xxh64_hex(std::string_view bytes) {
    return fmt::format("{:016x}", XXH64(bytes.data(), bytes.size(), 0));
}

InputFile hash_input(const std::string& file) {
    const auto refuse = [&] {
        throw InputError({{file, 0, 0, ""},
                          fmt::format("cannot be read: {}", std::strerror(errno)),
                          "check the path and its permissions"});
    };
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        refuse();
    }
    const std::unique_ptr<XXH64_state_t, XXH_errorcode (*)(XXH64_state_t*)> state(XXH64_createState(), XXH64_freeState);
    XXH64_reset(state.get(), 0);
    std::array<char, 1U << 16U> piece{};
    do {
        stream.read(piece.data(), piece.size());
        XXH64_update(state.get(), piece.data(), static_cast<std::size_t>(stream.gcount()));
    } while (stream);
    if (stream.bad() || !stream.eof()) {
        refuse();
    }
    return {file, fmt::format("{:016x}", XXH64_digest(state.get()))};
}

} // namespace intarsia::report
