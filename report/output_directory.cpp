#include "report/output_directory.hpp"

#include "config/errors.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

namespace intarsia::report {

namespace {

// A file descriptor that closes itself.
class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] bool close() { return ::close(std::exchange(number_, -1)) == 0; }

  private:
    int number_;
};

// fsync before the rename, so that not even a crash of the machine leaves half a file under the final name.
bool write_all(const std::filesystem::path& file, std::string_view bytes) {
    Descriptor out(::open(file.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
    if (out.number() < 0) {
        return false;
    }
    while (!bytes.empty()) {
        const ssize_t written = ::write(out.number(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(out.number()) == 0 && out.close();
}

} // namespace

void throw_output_error(const std::filesystem::path& path, int system_error) {
    throw InputError({{"", 0, 0, "--out"},
                      fmt::format("cannot write '{}': {}", path.string(), std::strerror(system_error)),
                      "give a directory that can be written and has space"});
}

OutputDirectory::OutputDirectory(std::filesystem::path directory) : directory_(std::move(directory)) {
    std::error_code error;
    made_here_ = std::filesystem::create_directories(directory_, error);
    if (error) {
        throw_output_error(directory_, error.value());
    }
    const std::filesystem::path probe = directory_ / fmt::format(".intarsia.{}.partial", ::getpid());
    Descriptor made(::open(probe.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (made.number() < 0) {
        throw_output_error(directory_, errno);
    }
    ::unlink(probe.c_str());
}

OutputDirectory::~OutputDirectory() {
    for (const Staged& file : staged_) {
        ::unlink(file.temporary.c_str());
    }
    if (made_here_ && !committed_) {
        ::rmdir(directory_.c_str()); // which fails, rightly, if it is not empty
    }
}

std::filesystem::path OutputDirectory::stage(const std::string& name) {
    const std::filesystem::path final = directory_ / name;
    std::error_code error;
    if (std::filesystem::is_directory(final, error)) {
        throw_output_error(final, EISDIR);
    }
    std::filesystem::path temporary = directory_ / fmt::format(".{}.{}.partial", name, ::getpid());
    Descriptor made(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (made.number() < 0) {
        throw_output_error(temporary, errno);
    }
    staged_.push_back({temporary, final});
    return temporary;
}

void OutputDirectory::put(const std::string& name, std::string_view bytes) {
    const std::filesystem::path temporary = stage(name);
    if (!write_all(temporary, bytes)) {
        throw_output_error(directory_ / name, errno);
    }
}

void OutputDirectory::commit() {
    for (const Staged& file : staged_) {
        if (::rename(file.temporary.c_str(), file.final.c_str()) != 0) {
            throw_output_error(file.final, errno);
        }
    }
    staged_.clear();
    committed_ = true;
}

} // namespace intarsia::report
