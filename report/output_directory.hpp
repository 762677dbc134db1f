// The directory of a run's results: files appear whole and together, or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace intarsia::report {

/// Throws the InputError of a result that cannot be written; it names --out, the path and the system's
/// reason.
[[noreturn]] void throw_output_error(const std::filesystem::path& path, int system_error);

/// Results are written into temporary files inside the directory and renamed by commit(). Until then, and
/// whenever writing fails, the files of an earlier run stay as they were; temporary files of a set that is
/// not committed are removed, as is a directory that was made for it.
class OutputDirectory {
  public:
    /// Makes the directory and its parents, and tries to write there, so that a run need not finish to find
    /// out. Throws InputError naming --out.
    explicit OutputDirectory(std::filesystem::path directory);
    ~OutputDirectory();
    OutputDirectory(const OutputDirectory&) = delete;
    OutputDirectory& operator=(const OutputDirectory&) = delete;

    /// The temporary file that becomes `name`; it exists, is empty, and is for the caller to write and close
    /// before commit(). Throws InputError when it cannot be made or `name` is a directory.
    std::filesystem::path stage(const std::string& name);

    /// Stages `name` with these bytes, on disk. Throws InputError when they cannot be written.
    void put(const std::string& name, std::string_view bytes);

    /// Renames all staged files, in the order in which they were staged. Throws InputError when one cannot be
    /// renamed.
    void commit();

    [[nodiscard]] const std::filesystem::path& path() const { return directory_; }

  private:
    struct Staged {
        std::filesystem::path temporary;
        std::filesystem::path final;
    };
    std::filesystem::path directory_;
    std::vector<Staged> staged_;
    bool made_here_ = false; // the directory was not there before
    bool committed_ = false;
};

} // namespace intarsia::report
