// Small systems as text, and their faults.
#pragma once

#include "config/load.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace intarsia::tests {

/// A valid system of two dies; tests add to it or override it.
inline const std::string& two_dies() {
    static const std::string text = R"([network]
columns = 2
rows = 2
[core]
columns = 2
rows = 2
[[die]]
name = "a"
width = "10 mm"
height = "10 mm"
[[die]]
name = "b"
position = ["11 mm", "0 mm"]
width = "10 mm"
height = "10 mm"
[[d2d]]
name = "ab"
between = ["a", "b"]
links = "per_row"
[[stack]]
name = "sa"
die = "a"
routers = [[0, 0], [0, 1]]
[[stack]]
name = "sb"
die = "b"
routers = [[1, 0], [1, 1]]
)";
    return text;
}

/// All faults of a system as the user sees them; "" if there are none.
inline std::string faults_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
    try {
        static_cast<void>(config::parse_system(text, "s.toml", overrides));
        return "";
    } catch (const InputError& error) {
        return error.what();
    }
}

/// A folder that lives as long as the test.
class ScratchFolder {
  public:
    ScratchFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "intarsia-config-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    /// Writes a file and returns its path.
    [[nodiscard]] std::string write(const std::string& name, const std::string& content) const {
        const std::filesystem::path file = path_ / name;
        std::ofstream(file, std::ios::binary) << content;
        return file.string();
    }
    [[nodiscard]] std::string path() const { return path_.string(); }

  private:
    std::filesystem::path path_;
};

} // namespace intarsia::tests
